//! The direction of dependencies, read from the imports: a layer names only those below it.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with those it may name. Whoever adds a layer says here where it stands.
const LAYERS: &[(&str, &[&str])] = &[
    ("sync", &[]),
    ("buffer", &["sync"]),
    ("wait", &["sync"]),
    ("channel", &["buffer", "wait", "sync"]),
    ("runtime", &["sync"]),
    ("select", &["channel", "wait", "runtime", "sync"]),
    ("time", &["channel", "select", "runtime"]),
    ("stream", &["channel", "select", "time", "runtime", "sync"]),
    ("hub", &["channel", "select", "stream", "runtime", "sync"]),
    ("pipe", &["channel", "select", "stream", "runtime", "sync"]),
    ("duplex", &["channel", "select", "runtime", "sync"]),
    ("scope", &["channel", "select", "time", "runtime", "sync"]),
    (
        "bridge",
        &["channel", "select", "stream", "runtime", "sync"],
    ),
    ("observe", &["channel", "sync"]),
];

/// What must not be named outside `sync`, so that a model sees every lock and every parked thread.
const ONLY_IN_SYNC: &[&str] = &["std::sync", "std::thread", "core::sync"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its layer, its path for messages, and its code without comments.
fn files() -> Vec<(String, String, String)> {
    let mut paths = Vec::new();
    files_below(&source(), &mut paths);
    let mut files = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(source()).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let layer = first.trim_end_matches(".rs").to_string();
        let code: Vec<String> = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(str::to_string)
            .collect();
        files.push((layer, relative.display().to_string(), code.join("\n")));
    }
    assert!(files.len() > 40, "the sources were found");
    files
}

/// The layers that a file names by `crate::…`, one by one or in braces.
fn named_layers(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (position, _) in code.match_indices("crate::") {
        let rest = &code[position + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = &group[..group.find("};").unwrap_or(group.len())];
            named.extend(group.split(',').map(first_word));
        } else {
            named.push(first_word(rest));
        }
    }
    named
}

fn first_word(text: &str) -> String {
    text.trim()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn every_layer_names_only_those_below_it() {
    let layers: Vec<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let mut wrong = Vec::new();
    for (layer, path, code) in files() {
        if layer == "lib" || layer == "prelude" {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!(
                "{path}: layer `{layer}` has no place in the order yet"
            ));
            continue;
        };
        for named in named_layers(&code) {
            let is_layer = layers.contains(&named.as_str());
            if is_layer && named != layer && !allowed.contains(&named.as_str()) {
                wrong.push(format!("{path}: `{layer}` must not know of `{named}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn synchronisation_comes_through_sync() {
    let mut wrong = Vec::new();
    for (layer, path, code) in files() {
        // Unit tests inside the sources may start threads of their own.
        let code = code.split("#[cfg(test)]").next().unwrap();
        if layer == "sync" || path.ends_with("tests.rs") {
            continue;
        }
        for forbidden in ONLY_IN_SYNC {
            if code.contains(forbidden) {
                wrong.push(format!(
                    "{path} names `{forbidden}`: take it from `crate::sync`"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_stays_in_its_module() {
    // The second is built in only where a bug is seeded on purpose.
    let allowed = ["sync/lock.rs", "sync/seeded.rs"];
    for (_, path, code) in files() {
        let has_unsafe = code
            .lines()
            .any(|line| line.contains("unsafe {") || line.contains("unsafe impl"));
        assert_eq!(has_unsafe, allowed.contains(&path.as_str()), "{path}");
    }
}

#[test]
fn a_file_says_in_its_first_line_what_it_is() {
    for (_, path, _) in files() {
        let text = fs::read_to_string(source().join(&path)).unwrap();
        assert!(text.starts_with("//! "), "{path} opens with a sentence");
    }
}

#[test]
fn the_reader_of_imports_sees_what_it_should() {
    let code = "use crate::buffer::Limits;\nuse crate::{wait, sync::{Lock, Arc}};\nlet x = crate::observe::snapshot();";
    assert_eq!(
        named_layers(code),
        ["buffer", "wait", "sync", "Arc", "observe"]
    );
}
