//! The command line: what the user asks for, or why it cannot be done.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

/// What `--help` prints.
pub const HELP: &str = "\
Count files, lines, words, bytes and identifiers in directory trees, per file type.

Usage: treestat [OPTIONS] [PATH]...

Each PATH is a file or a directory; without any, the current directory is counted. A file that several PATHs lead to is
counted once.

Options:
  -a, --hidden        Count files and directories whose names begin with a dot, too; those given as PATH always count
  -L, --follow        Follow symbolic links, each file still being counted once; otherwise only a PATH may be a link
  -t, --threads <N>   Count on N threads (default: as many as the machine runs at once)
  -g, --graph <FILE>  Draw the pipeline with its figures; the name ends in .svg, .mmd (Mermaid) or .dot (Graphviz)
  -h, --help          Print this help
  -V, --version       Print the version

What is counted:
  type         the ending of the file's name; (none) for a name without one; (binary) for a file with a NUL byte in its
               first 8 KiB, of which words and identifiers are not counted
  lines        newline bytes, as `wc -l` counts them
  words        what stands between ASCII white space
  identifiers  letters, digits and underscores of any script in UTF-8, not beginning with a digit, up to 255 bytes long

Exit code: 0 if everything was counted, 1 if something could not be read, 2 for wrong usage, 130 after Ctrl-C (what was
counted so far is printed; a second Ctrl-C kills at once), 141 if nobody reads the output.";

/// What the user asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// Where to begin; never empty.
    pub paths: Vec<PathBuf>,
    /// Whether names that begin with a dot count.
    pub hidden: bool,
    /// Whether symbolic links are followed.
    pub follow: bool,
    /// How many threads count.
    pub threads: usize,
    /// Where the picture goes, if one is wanted.
    pub picture: Option<Picture>,
}

/// A picture to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub file: PathBuf,
    pub format: Format,
}

/// The language of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Svg,
    Mermaid,
    Dot,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Count(Args),
    Help,
    Version,
}

/// Reads the arguments, the program's name not among them.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Request, lexopt::Error> {
    let mut args = lexopt::Parser::from_args(args);
    let mut wanted = Args {
        paths: Vec::new(),
        hidden: false,
        follow: false,
        threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
        picture: None,
    };
    while let Some(argument) = args.next()? {
        match argument {
            Short('a') | Long("hidden") => wanted.hidden = true,
            Short('L') | Long("follow") => wanted.follow = true,
            Short('t') | Long("threads") => wanted.threads = args.value()?.parse_with(threads)?,
            Short('g') | Long("graph") => wanted.picture = Some(picture(args.value()?.into())?),
            Short('h') | Long("help") => return Ok(Request::Help),
            Short('V') | Long("version") => return Ok(Request::Version),
            Value(path) => wanted.paths.push(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    if wanted.paths.is_empty() {
        wanted.paths.push(PathBuf::from("."));
    }
    Ok(Request::Count(wanted))
}

fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1024) => Ok(number),
        _ => Err("a number from 1 to 1024 is needed".to_string()),
    }
}

fn picture(file: PathBuf) -> Result<Picture, String> {
    let ending = Path::new(&file)
        .extension()
        .and_then(|ending| ending.to_str());
    let format = match ending {
        Some("svg") => Format::Svg,
        Some("mmd") => Format::Mermaid,
        Some("dot") => Format::Dot,
        _ => {
            let file = file.display();
            return Err(format!(
                "cannot draw {file}: its name must end in .svg, .mmd or .dot"
            ));
        }
    };
    Ok(Picture { file, format })
}
