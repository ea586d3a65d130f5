//! Every public type, and which of `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe` it is, for a payload that is
//! all of them, for one that may go to another thread and must not be shared, and for one that must stay on its thread.
//!
//! `table.txt` is what users can rely on: a line that changes is a change of the interface. With
//! `MILLSTREAM_OVERWRITE=1` the test writes the table anew, for whoever changes it to read the difference.

use futures_core::Stream;
use std::cell::Cell;
use std::fs;
use std::future::Ready;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Whether a type has a trait, as a constant: the inherent one is found first, if its bound holds.
macro_rules! letter {
    ($type:ty, $bound:path, $letter:literal) => {{
        #[allow(dead_code)]
        trait Otherwise {
            const LETTER: char = '-';
        }
        struct Of<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized> Otherwise for Of<T> {}
        #[allow(dead_code)]
        impl<T: ?Sized + $bound> Of<T> {
            const LETTER: char = $letter;
        }
        <Of<$type>>::LETTER
    }};
}

macro_rules! letters {
    ($type:ty) => {
        String::from_iter([
            letter!($type, Send, 'S'),
            letter!($type, Sync, 'Y'),
            letter!($type, Unpin, 'U'),
            letter!($type, std::panic::UnwindSafe, 'W'),
            letter!($type, std::panic::RefUnwindSafe, 'R'),
        ])
    };
}

/// One line a type; `P` stands for the payload.
macro_rules! table {
    (plain: $($plain:ty),* $(,)? ; of a payload: $($type:ty),* $(,)?) => {
        vec![
            $(Line {
                name: spaced(stringify!($plain)),
                letters: vec![letters!($plain)],
            },)*
            $({
                type Row<P> = $type;
                Line {
                    name: spaced(stringify!($type)),
                    letters: vec![
                        letters!(Row<u32>),
                        letters!(Row<Cell<u32>>),
                        letters!(Row<Rc<u32>>),
                    ],
                }
            }),*
        ]
    };
}

struct Line {
    name: String,
    letters: Vec<String>,
}

/// A type's name on one line, whatever the compiler makes of its spaces.
fn spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A stream that is what its items are.
struct Of<T>(PhantomData<T>);

impl<T> Stream for Of<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(None)
    }
}

type Map<T> = fn(T) -> T;
type Results<T> = Of<Result<T, T>>;

fn lines() -> Vec<Line> {
    use millstream::{duplex, hub, observe, pipe, runtime, scope, stream, time, *};
    table! {
        plain:
        Builder, ChannelState, Stats, RecvError, RecvTimeoutError, TryRecvError,
        duplex::Ended, hub::Bound,
        observe::Graph, observe::Probe, observe::Snapshot, observe::Table,
        pipe::Tasks, pipe::Threads,
        runtime::EnterGuard, runtime::Handle, runtime::Manual, runtime::YieldNow,
        scope::Cancelled, stream::AtEnd, stream::GateKeeper, stream::Stopper,
        time::Late, time::Tick, time::Ticker;
        of a payload:
        Sender<P>, Receiver<P>, WeakSender<P>, WeakReceiver<P>, SendSink<P>,
        SendFuture<'static, P>, RecvFuture<'static, P>, ReserveFuture<'static, P>, ClaimFuture<'static, P>,
        ClosedFuture<'static, P>, DrainedFuture<'static, P>, RecvManyFuture<'static, P>,
        SendManyFuture<'static, P, std::vec::IntoIter<P>>, Permit<'static, P>, Claim<'static, P>,
        Iter<'static, P>, TryIter<'static, P>, IntoIter<P>, Drain<P>,
        SendError<P>, TrySendError<P>, SendTimeoutError<P>,
        Select<P>, SelectSet<'static, P>, NextFuture<'static, 'static, P>,
        duplex::End<P, P>, duplex::SendFuture<'static, P, P>, duplex::RecvFuture<'static, P, P>,
        duplex::SendFailure<P>, hub::Tee<P>, hub::Topics<P, P>, pipe::StatefulThreads<Map<P>>,
        scope::Scope<'static, P>, scope::Spawner<P>, scope::Task<P>,
        stream::FromRange<std::vec::IntoIter<P>>, stream::Batch<Of<P>>, stream::Preflight<Of<P>, Map<P>>,
        stream::TryPreflight<Results<P>, Map<P>>, stream::Chunks<Of<P>>, stream::Values<Results<P>, P>,
        stream::TryPipe<Of<P>, P>, stream::Stoppable<Of<P>>, stream::Fork<Of<P>>, stream::BufferAhead<Of<P>>,
        stream::MergeAll<Of<Of<P>>>, stream::CombineLatest<Of<P>>, stream::CombineLatestPartial<Of<P>>,
        stream::CombineTuple<(Of<P>, Of<P>), (Option<P>, Option<P>)>,
        stream::RecvRow<'static, P>, stream::Merge<Of<P>>, stream::Distinct<Of<P>>, stream::Gate<Of<P>>,
        stream::TryMap<Results<P>, Map<P>>, stream::TryFilter<Results<P>, Map<P>>,
        stream::DistinctByKey<Of<P>, P, Map<P>>, stream::TryDistinctByKey<Results<P>, P, Map<P>>,
        stream::Share<Of<P>>, stream::Emitter<P>, stream::Emit<'static, P>, stream::Generate<P, Ready<()>>,
        stream::Peekable<Of<P>>, stream::CollectN<'static, Of<P>>, stream::CollectNInto<'static, Of<P>>,
        stream::ZipAll<Of<P>>, stream::ZipLongest<Of<P>>, stream::PushStream<P>, stream::UntilErr<Results<P>>,
        stream::FlattenIter<Of<Vec<P>>, Vec<P>>, stream::Cooperate<Of<P>>, stream::GroupBy<Of<P>, P, Map<P>>,
        stream::TryGroupBy<Results<P>, P, P, P, Map<P>>, stream::Debounce<Of<P>>,
        stream::MapFilter<Of<P>, Vec<P>, Map<P>>, stream::TryMapFilter<Results<P>, Vec<P>, Map<P>>,
        stream::BufferUnordered<Of<Ready<P>>>, stream::Buffered<Of<Ready<P>>>, stream::ForwardError<P>,
        stream::TryForwardError<P, P>, stream::Throttle<Of<P>>,
    }
}

/// Public in a private module: parts of a `Select`'s type, and what the engine's layers show each other.
const UNREACHABLE: [&str; 15] = [
    "Status",
    "Record",
    "Own",
    "ReserveCore",
    "Either",
    "Each",
    "TimerCore",
    "DefaultCore",
    "Nil",
    "Cons",
    "One",
    "Registered",
    "RecvCore",
    "ClaimCore",
    "SendCore",
];
/// Those whose type has parameters that only the compiler can name, or which are looked at elsewhere: `WatchCore` is as
/// `RecvCore`; an `EitherArm` is what its arms are; a `ScopeFuture` contains the blocks that it is made of.
const ELSEWHERE: [&str; 3] = ["WatchCore", "EitherArm", "ScopeFuture"];

#[test]
fn every_public_type_is_what_the_table_says() {
    let legend = "S: Send, Y: Sync, U: Unpin, W: UnwindSafe, R: RefUnwindSafe";
    let mut table = format!("{legend}\nP =  {:66} u32   Cell  Rc\n", "");
    for line in lines() {
        table += &format!("{:71} {}\n", line.name, line.letters.join(" "));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public_types/table.txt");
    if std::env::var_os("MILLSTREAM_OVERWRITE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (line, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(table, expected);
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let nested = paths.map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    nested.flatten().collect()
}

#[test]
fn no_public_type_is_missing_from_the_table() {
    let lines: Vec<_> = lines().into_iter().map(|line| line.name).collect();
    let is_listed = |name: &str| {
        let starts_so = |line: &String| {
            let path = line.split('<').next().unwrap_or(line);
            path.rsplit("::").next() == Some(name)
        };
        lines.iter().any(starts_so) || UNREACHABLE.contains(&name) || ELSEWHERE.contains(&name)
    };
    let mut found = 0;
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let rest = line
                .strip_prefix("pub struct ")
                .or(line.strip_prefix("pub enum "));
            let Some(rest) = rest else { continue };
            let end = rest
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let name = &rest[..end];
            assert!(
                is_listed(name),
                "{name} of {} is not in the table",
                path.display()
            );
            found += 1;
        }
    }
    assert!(found > 90, "only {found} types were found");
}
