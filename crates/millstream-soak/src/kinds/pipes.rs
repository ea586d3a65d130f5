//! Pipelines of stages on threads and tasks, with and without order, whose functions panic and fail.

use crate::book::Loss;
use crate::channels::Policy;
use crate::cut::cut;
use crate::hand::{Got, Hand, Order, Sent};
use crate::message::Message;
use crate::panics::{calm, calmly, deliberately};
use crate::run::Run;
use crate::waker::Counted;
use millstream::{pipe, Receiver};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;

/// When the function of a stage goes wrong.
struct Fuse {
    number: Option<u32>,
    has_blown: AtomicBool,
    /// Counted as long as the stage has its function.
    _counted: Counted,
}

impl Fuse {
    fn burn(&self, message: Message) -> Message {
        if self.number == Some(message.number) {
            self.has_blown.store(true, SeqCst);
            message.book.counts.panicked();
            deliberately();
        }
        message
    }
}

pub fn run(run: &mut Run) -> Result<(), String> {
    let (senders, stages) = (run.dice.between(1, 3), run.dice.between(1, 3));
    let each = run.dice.between(1, 200);
    let book = run.book(senders * each * 4);
    let is_panicking = run.dice.once_in(4);
    let is_leaving = run.dice.once_in(4);
    let is_hostile = run.dice.once_in(5);
    let (tx, mut rx) = Policy::keeping(&mut run.dice).open(&mut run.dice, &run.board, "piped");
    for _ in 0..senders {
        let tx = tx.clone();
        run.start("sender", &book, |mut hand| async move {
            hand.has_hostile = is_hostile;
            for _ in 0..each {
                if hand.send(&tx).await == Sent::Closed {
                    break;
                }
            }
        });
    }
    drop(tx);
    let runtime = run.any_runtime();
    let _entered = runtime.enter();
    let mut fuses = Vec::new();
    let mut is_ordered = true;
    let mut fails = false;
    for _ in 0..stages {
        let is_fused = is_panicking && run.dice.once_in(stages);
        let fuse = Arc::new(Fuse {
            number: is_fused.then(|| run.dice.below(each) as u32),
            has_blown: AtomicBool::new(false),
            _counted: run.wakers.count(),
        });
        fuses.push(Arc::downgrade(&fuse));
        let stage = Stage {
            fuse,
            workers: run.dice.between(1, 4),
            is_ordered: run.dice.once_in(2),
            capacity: run.dice.once_in(2).then(|| run.dice.below(20)),
            way: run.dice.below(7),
            failing: run.dice.once_in(4).then(|| run.dice.below(each) as u32),
        };
        run.board.note(format_args!(
            "stage {} of {} workers, ordered {}, room {:?}, panics at {:?}, fails at {:?}",
            stage.way,
            stage.workers,
            stage.is_ordered,
            stage.capacity,
            stage.fuse.number,
            stage.failing
        ));
        is_ordered &= stage.is_ordered || stage.workers == 1;
        fails |= stage.way == 6 && stage.failing.is_some();
        rx = stage.start(rx);
    }
    run.board.note(format_args!(
        "{senders} senders of {each}, leaving {is_leaving}, hostile {is_hostile}"
    ));
    let saw_panic = Arc::new(AtomicBool::new(false));
    let saw = saw_panic.clone();
    run.start("consumer", &book, |mut hand| async move {
        let mut order = if is_ordered {
            Order::default()
        } else {
            Order::none()
        };
        if is_leaving {
            let mut rx = rx;
            for _ in 0..hand.dice.below(each) {
                if hand.receive(&mut rx, &mut order).await == Got::Ended {
                    break;
                }
            }
            let _ = calmly(|| drop(rx));
        } else if is_panicking || is_hostile {
            saw.store(consume(&mut hand, &rx, &mut order).await, SeqCst);
        } else {
            hand.receive_all(rx, &mut order).await;
        }
    });
    run.join()?;
    // A function lives until its stage is over, and this one said what came of it before.
    let blown = fuses
        .iter()
        .filter_map(|fuse| fuse.upgrade())
        .any(|fuse| fuse.has_blown.load(SeqCst));
    if blown && !is_leaving && !is_hostile && !fails && !saw_panic.load(SeqCst) {
        return Err("a panic of a stage was taken for its end".to_string());
    }
    let is_lossy = is_panicking || is_leaving || is_hostile || fails;
    let loss = if is_lossy { Loss::Left } else { Loss::None };
    run.settle(&book, loss).map(drop)
}

struct Stage {
    fuse: Arc<Fuse>,
    workers: usize,
    is_ordered: bool,
    capacity: Option<usize>,
    way: usize,
    failing: Option<u32>,
}

impl Stage {
    fn start(self, rx: Receiver<Message>) -> Receiver<Message> {
        let Stage { fuse, failing, .. } = self;
        let mut threads = pipe::threads(self.workers);
        let mut tasks = pipe::tasks(self.workers);
        if self.is_ordered {
            (threads, tasks) = (threads.ordered(), tasks.ordered());
        }
        if let Some(capacity) = self.capacity {
            (threads, tasks) = (threads.capacity(capacity), tasks.capacity(capacity));
        }
        match self.way {
            0 => threads.map(rx, move |message| fuse.burn(message)),
            1 => threads.flat_map(rx, move |message| Some(fuse.burn(message))),
            2 => threads
                .batch(1)
                .init(|| 0u32)
                .map(rx, move |seen, message| {
                    *seen += 1;
                    fuse.burn(message)
                }),
            3 => tasks.flat_map(rx, move |message| {
                let fuse = fuse.clone();
                async move { Some(fuse.burn(message)) }
            }),
            6 => {
                let tried = threads.try_map(rx, move |message| {
                    let message = fuse.burn(message);
                    match Some(message.number) == failing {
                        true => Err(message),
                        false => Ok(message),
                    }
                });
                pipe::tasks(1).map(tried, async |tried| match tried {
                    Ok(message) | Err(message) => message,
                })
            }
            _ => tasks.map(rx, move |message| {
                let fuse = fuse.clone();
                async move {
                    if message.number % 3 == 0 {
                        millstream::runtime::yield_now().await;
                    }
                    fuse.burn(message)
                }
            }),
        }
    }
}

/// Receives to the end, and says whether that was a panic.
async fn consume(hand: &mut Hand, rx: &Receiver<Message>, order: &mut Order) -> bool {
    loop {
        let polls = hand.dice.below(20);
        let recv = hand.watched(rx.recv());
        match calm(cut(polls, recv)).await {
            Ok(Some(Ok(message))) => hand.took(message, order),
            Ok(Some(Err(_))) => return false,
            Ok(None) => hand.cancelled(),
            Err(_) => return true,
        }
    }
}
