//! Batches by size or by time into a slow sink: rows are written when there are enough, or when they have waited enough.

use millstream::runtime::{Manual, Timer};
use millstream::{bounded, runtime, select, Receiver};
use std::time::Duration;

const BATCH: usize = 4;
const PATIENCE: Duration = Duration::from_millis(50);

/// Collects rows and hands them to the sink; returns the sizes of the batches.
async fn write_in_batches(rows: Receiver<u32>) -> Vec<usize> {
    let mut sizes = Vec::new();
    while let Ok(first) = rows.recv().await {
        let mut batch = vec![first];
        // One clock for the batch, which starts with its first row.
        let patience = millstream::after(PATIENCE);
        let mut open = true;
        while open && batch.len() < BATCH {
            select! {
                row = rows.recv() => match row {
                    Ok(row) => batch.push(row),
                    Err(_) => open = false,
                },
                _ = patience.recv() => open = false,
            }
        }
        sizes.push(batch.len());
        sink(batch).await;
    }
    sizes
}

/// A sink that takes a while, whatever the size of the batch.
async fn sink(batch: Vec<u32>) {
    runtime::current().sleep(Duration::from_millis(30)).await;
    println!("wrote {batch:?}");
}

fn main() {
    // A test clock: the program takes no time, and does the same every time.
    let mut clock = Manual::new();
    let _entered = clock.enter();
    let (tx, rows) = bounded(16);
    clock.spawn(async move {
        for row in 0..6 {
            tx.send(row).await.expect("someone writes");
        }
        // A pause longer than anyone's patience.
        runtime::current().sleep(Duration::from_secs(1)).await;
        tx.send(6).await.expect("someone writes");
    });
    let sizes = clock.block_on(write_in_batches(rows));
    println!("batches of {sizes:?}");
    assert_eq!(sizes, [4, 2, 1], "full, out of patience, the end");
}
