//! An ordered parallel hash of files: read and hashed on worker threads, printed in the order in which they were named.
//!
//! `cargo run --release --example parallel_hash FILE…`; without files it hashes its own source.

use millstream::{from_iter, pipe};
use std::hash::{DefaultHasher, Hasher};
use std::path::PathBuf;
use std::{env, fs, io, thread};

fn hash(path: &PathBuf) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    hasher.write(&fs::read(path)?);
    Ok(hasher.finish())
}

fn main() {
    let mut files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
        let entries = fs::read_dir(folder).expect("the folder of this program");
        files.extend(
            entries
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| path.is_file()),
        );
        files.sort();
    }
    let expected = files.clone();
    let workers = thread::available_parallelism().map_or(2, |count| count.get());

    // Files are named one by one as the workers get to them; at most a few are in memory at once.
    let hashes = pipe::threads(workers)
        .ordered()
        .map(from_iter(files), |path| {
            let hash = hash(&path);
            (path, hash)
        });

    let mut seen = Vec::new();
    for (path, hash) in hashes {
        match hash {
            Ok(hash) => println!("{hash:016x}  {}", path.display()),
            Err(error) => eprintln!("{}: {error}", path.display()),
        }
        seen.push(path);
    }
    assert_eq!(seen, expected, "in the order in which they were named");
}
