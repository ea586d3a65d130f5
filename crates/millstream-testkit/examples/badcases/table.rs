//! Writes the verdicts as a table, a legend, and one line for each failure.

use std::collections::BTreeMap;

use millstream_testkit::verdict::Verdict;

/// Prints everything on the standard output.
pub fn print(rows: &[(&str, &str)], columns: &[&str], verdicts: &[Vec<Verdict>]) {
    let first = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
    let width = |name: &str| name.len().max(4) + 2;
    print!("{:first$}", "");
    for name in columns {
        print!("{name:>width$}", width = width(name));
    }
    println!();
    for ((name, _), row) in rows.iter().zip(verdicts) {
        print!("{name:first$}");
        for (column, verdict) in columns.iter().zip(row) {
            print!("{:>width$}", cell(verdict), width = width(column));
        }
        println!();
    }
    print!("{:first$}", "failed / applicable");
    for (index, name) in columns.iter().enumerate() {
        let of = |wanted: fn(&Verdict) -> bool| {
            verdicts.iter().filter(|row| wanted(&row[index])).count()
        };
        let failed = of(|verdict| matches!(verdict, Verdict::Failed(_)));
        let applicable = of(|verdict| !matches!(verdict, Verdict::NotApplicable(_)));
        print!(
            "{:>width$}",
            format!("{failed}/{applicable}"),
            width = width(name)
        );
    }
    println!("\n\nWhat each case asks:\n");
    for (name, about) in rows {
        println!("{name:first$}  {about}");
    }
    println!("\nWhat failed:\n");
    for ((name, _), row) in rows.iter().zip(verdicts) {
        for (column, verdict) in columns.iter().zip(row) {
            if let Verdict::Failed(what) = verdict {
                println!("{name}, {column}: {what}");
            }
        }
    }
    println!("\nWhat n.a. stands for:\n");
    for (index, name) in columns.iter().enumerate() {
        let mut lacks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for ((case, _), row) in rows.iter().zip(verdicts) {
            if let Verdict::NotApplicable(what) = &row[index] {
                lacks.entry(what).or_default().push(case);
            }
        }
        for (what, cases) in lacks {
            println!("{name} does not offer {what}: {}", cases.join(", "));
        }
    }
}

fn cell(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "ok",
        Verdict::Failed(_) => "FAIL",
        Verdict::NotApplicable(_) => "n.a.",
    }
}
