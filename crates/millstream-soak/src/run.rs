//! One run of one topology: its choices, its members, and what must be over when it is.

use crate::board::Board;
use crate::book::{Book, Loss, Sums};
use crate::counts::Counts;
use crate::dice::Dice;
use crate::hand::Hand;
use crate::left;
use crate::panics::{is_deliberate, text_of};
use crate::place::Place;
use crate::waker::Census;
use millstream::runtime::Handle;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

/// See the [module](self).
pub struct Run {
    pub dice: Dice,
    pub counts: Arc<Counts>,
    pub board: Arc<Board>,
    /// Tasks that exist.
    pub tasks: Arc<Census>,
    /// Wakers, and whatever else is counted, that exist.
    pub wakers: Arc<Census>,
    muster: Arc<Muster>,
    threads: Vec<JoinHandle<()>>,
    members: u32,
}

/// Who is still at work.
#[derive(Default)]
struct Muster {
    state: Mutex<Roll>,
    changed: Condvar,
}

#[derive(Default)]
struct Roll {
    at_work: usize,
    failures: Vec<String>,
}

impl Run {
    pub fn new(seed: u64, counts: Arc<Counts>, board: Arc<Board>) -> Self {
        Run {
            dice: Dice::new(seed),
            counts,
            board,
            tasks: Arc::default(),
            wakers: Arc::default(),
            muster: Arc::default(),
            threads: Vec::new(),
            members: 0,
        }
    }

    /// A book for up to `values` values that each are received once.
    pub fn book(&self, values: usize) -> Arc<Book> {
        self.entered(Book::new(values, false, self.counts.clone()))
    }

    /// A book for values that are cloned.
    pub fn shared_book(&self, values: usize) -> Arc<Book> {
        self.entered(Book::new(values, true, self.counts.clone()))
    }

    fn entered(&self, book: Arc<Book>) -> Arc<Book> {
        self.board.book(book.clone());
        book
    }

    /// A runtime for what the engine spawns.
    pub fn any_runtime(&mut self) -> Handle {
        let place = *self.dice.pick(&Place::ALL);
        self.board.note(format_args!("spawns on {place:?}"));
        place.runtime(&self.tasks)
    }

    /// Has a member work somewhere.
    pub fn start<F>(&mut self, name: &str, book: &Arc<Book>, work: impl FnOnce(Hand) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let place = *self.dice.pick(&Place::ALL);
        self.start_at(place, name, book, work);
    }

    /// Has a member work at this place.
    pub fn start_at<F>(
        &mut self,
        place: Place,
        name: &str,
        book: &Arc<Book>,
        work: impl FnOnce(Hand) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let number = self.members;
        self.members += 1;
        let name = format!("{name} {number} ({place:?})");
        let hand = Hand {
            dice: self.dice.fork(),
            book: book.clone(),
            place,
            post: self.board.post(name.clone()),
            wakers: self.wakers.clone(),
            producer: number,
            messages: 0,
            has_hostile: false,
            may_reorder: false,
        };
        let future = Member {
            future: Some(Box::pin(work(hand))),
            muster: self.muster.clone(),
            name,
        };
        self.muster.with(|roll| roll.at_work += 1);
        let runtime = place.runtime(&self.tasks);
        if place == Place::Thread {
            let thread = thread::Builder::new().spawn(move || {
                let _entered = runtime.enter();
                millstream::block_on(future);
            });
            self.threads.push(thread.expect("a thread for a member"));
        } else {
            runtime.spawn(future);
        }
    }

    /// Waits until nothing is inside any more, and closes the book.
    pub fn settle(&self, book: &Book, loss: Loss) -> Result<Sums, String> {
        left::nobody(self)?;
        left::no_values(book)?;
        book.settle(loss)
    }

    /// Waits until all members are done.
    pub fn join(&mut self) -> Result<(), String> {
        let mut roll = self
            .muster
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while roll.at_work > 0 {
            roll = self
                .muster
                .changed
                .wait(roll)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let failures = std::mem::take(&mut roll.failures);
        drop(roll);
        for thread in self.threads.drain(..) {
            thread.join().map_err(|panic| text_of(&*panic))?;
        }
        match failures.is_empty() {
            true => Ok(()),
            false => Err(failures.join("\n")),
        }
    }
}

impl Muster {
    fn with(&self, change: impl FnOnce(&mut Roll)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

/// What a member does, until it is done, or dropped by its runtime.
struct Member<F> {
    future: Option<Pin<Box<F>>>,
    muster: Arc<Muster>,
    name: String,
}

impl<F: Future<Output = ()>> Future for Member<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Ready(());
        };
        let mut failures = Vec::new();
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(())) => {}
            Err(panic) => failures.push(panic),
        }
        let future = this.future.take();
        failures.extend(catch_unwind(AssertUnwindSafe(|| drop(future))).err());
        let name = &this.name;
        this.muster.with(|roll| {
            for panic in failures.iter().filter(|panic| !is_deliberate(&***panic)) {
                roll.failures.push(format!("{name}: {}", text_of(&**panic)));
            }
            roll.at_work -= 1;
        });
        Poll::Ready(())
    }
}

impl<F> Drop for Member<F> {
    fn drop(&mut self) {
        if self.future.is_some() {
            let name = &self.name;
            self.muster.with(|roll| {
                roll.failures
                    .push(format!("{name} was dropped by its runtime"));
                roll.at_work -= 1;
            });
        }
    }
}
