//! What file systems have beside plain files: links, loops, pipes, odd names, and what may not be read.

#![cfg(unix)]

use crate::run::{finish, treestat};
use crate::tree::Tree;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

#[test]
fn names_need_not_be_utf8() {
    let tree = Tree::new();
    tree.file(OsStr::from_bytes(b"odd-\xff\xfe.txt"), "one two\n");
    tree.file(OsStr::from_bytes(b"folder-\xc3/x.\xe9"), "three\n");
    tree.file("new\nline.a\nb", "four\n");
    let run = treestat([tree.path()]);
    let rows = run.ends_with(0).rows();
    assert_eq!(rows[".txt"], [1, 1, 2, 8]);
    assert_eq!(rows[".\u{fffd}"], [1, 1, 1, 6]);
    assert_eq!(rows[".a\\nb"], [1, 1, 1, 5]);
    let missing = tree
        .path()
        .join(OsStr::from_bytes(b"missing-\xff\n\x1b[31m"));
    let run = treestat([missing]);
    run.ends_with(1);
    assert!(
        run.stderr.contains("missing-\u{fffd}\\n\\u{1b}[31m: "),
        "{run:#?}"
    );
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
}

#[test]
fn links_are_passed_over_unless_followed() {
    let tree = Tree::new();
    let file = tree.file("folder/file.txt", "one\n");
    let outside = Tree::new();
    let other = outside.file("other.txt", "two words\n");
    symlink(&file, tree.join("again.txt")).unwrap();
    symlink(tree.join("folder"), tree.join("same-folder")).unwrap();
    symlink(&other, tree.join("elsewhere.txt")).unwrap();
    symlink(outside.path(), tree.join("elsewhere")).unwrap();
    assert_eq!(
        treestat([tree.path()]).ends_with(0).rows()["all"],
        [1, 1, 1, 4]
    );
    let follow = Path::new("--follow");
    assert_eq!(
        treestat([follow, tree.path()]).ends_with(0).rows()["all"],
        [2, 2, 3, 14]
    );
    // One that is given as PATH is meant.
    let link = tree.join("same-folder");
    assert_eq!(treestat([&link]).ends_with(0).rows()["all"], [1, 1, 1, 4]);
}

#[test]
fn loops_of_links_are_told_when_links_are_followed() {
    let tree = Tree::new();
    tree.file("a/b/file.txt", "one\n");
    symlink(tree.join("a"), tree.join("a/b/back")).unwrap();
    symlink("nowhere", tree.join("dangling")).unwrap();
    symlink("itself", tree.join("itself")).unwrap();
    treestat([tree.path()]).ends_with(0);
    let run = treestat([Path::new("-L"), tree.path()]);
    run.ends_with(1);
    let back = tree.join("a/b/back");
    let a = tree.join("a");
    let told = format!(
        "treestat: {}: a loop of symbolic links: it leads back to {}\n",
        back.display(),
        a.display()
    );
    assert!(run.stderr.contains(&told), "{run:#?}");
    assert!(run.stderr.contains("/dangling: "), "{run:#?}");
    assert!(run.stderr.contains("/itself: "), "{run:#?}");
    assert_eq!(run.stderr.lines().count(), 3, "{run:#?}");
    assert_eq!(run.rows()["all"], [1, 1, 1, 4]);
    assert!(run.stdout.contains("3 could not be read"), "{run:#?}");
}

#[test]
fn pipes_are_never_opened() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    let pipe = tree.join("pipe.txt");
    assert!(Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap()
        .success());
    assert_eq!(
        treestat([tree.path()]).ends_with(0).rows()["all"],
        [1, 1, 1, 4]
    );
    let run = treestat([&pipe]);
    run.ends_with(1);
    assert!(
        run.stderr
            .contains("pipe.txt: neither a file nor a directory"),
        "{run:#?}"
    );
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_counted() {
    let tree = Tree::new();
    tree.file("a.txt", "one\n");
    let run = treestat([
        tree.join("missing"),
        tree.path().to_path_buf(),
        tree.join("a.txt/below"),
    ]);
    run.ends_with(1);
    assert_eq!(run.rows()["all"], [1, 1, 1, 4]);
    // Two readers may pass them on in either order.
    let mut told: Vec<&str> = run.stderr.lines().collect();
    told.sort_unstable();
    assert_eq!(told.len(), 2, "{run:#?}");
    assert!(
        told[1].contains("/missing: No such file or directory"),
        "{run:#?}"
    );
    assert!(
        told[0].contains("/a.txt/below: Not a directory"),
        "{run:#?}"
    );
    assert!(run.stdout.contains("2 could not be read"), "{run:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read_is_told() {
    // The memory of a process is a file of which nobody can read the first page.
    let memory = Path::new("/proc/self/mem");
    let run = treestat([memory]);
    run.ends_with(1);
    assert!(
        run.stderr.contains("/proc/self/mem: Input/output error"),
        "{run:#?}"
    );
    assert_eq!(run.rows()["all"], [0; 4]);
}

#[test]
fn what_may_not_be_read_is_told_and_the_rest_is_counted() {
    let tree = Tree::new();
    tree.file("open.txt", "one\n");
    let locked = tree.file("locked.txt", "two\n");
    let folder = tree.folder("locked");
    tree.file("locked/in.txt", "three\n");
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(tree.path(), 0o755);
    mode(&locked, 0o000);

    let mut command = if fs::metadata(tree.path()).unwrap().uid() == 0 {
        // Root may read everything, so it is somebody else who counts, with a copy of the program that he can reach.
        let program = tree.join(".program");
        fs::copy(crate::run::program(), &program).unwrap();
        mode(&program, 0o755);
        let mut command = Command::new(program);
        command.uid(65_534).gid(65_534);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.arg(tree.path());
        command
    } else {
        crate::run::command([tree.path()])
    };
    mode(&folder, 0o000);
    let run = finish(command.spawn().unwrap());
    mode(&folder, 0o755);

    run.ends_with(1);
    assert_eq!(run.rows()["all"], [1, 1, 1, 4]);
    let mut told: Vec<&str> = run.stderr.lines().collect();
    told.sort_unstable();
    assert_eq!(told.len(), 2, "{run:#?}");
    let (file, folder) = (locked.display(), folder.display());
    assert!(
        told[1].starts_with(&format!("treestat: {folder}: Permission denied")),
        "{run:#?}"
    );
    assert!(
        told[0].starts_with(&format!("treestat: {file}: Permission denied")),
        "{run:#?}"
    );
}
