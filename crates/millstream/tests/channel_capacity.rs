//! How much each kind of channel keeps, and what happens to one value too many, whatever the size of a value.

mod common;

use common::{now, Bell, Ledger};
use millstream::{Buffer, Receiver, Select, Sender, TryRecvError, TrySendError};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sends until the channel says `Full`, at most `limit` times, and says how many it took.
fn fill(tx: &Sender<usize>, limit: usize) -> usize {
    (0..limit).take_while(|n| tx.try_send(*n).is_ok()).count()
}

fn contents<T>(rx: &Receiver<T>) -> Vec<T> {
    rx.try_iter().collect()
}

struct Fifo {
    values: VecDeque<usize>,
    capacity: usize,
}

impl Buffer<usize> for Fifo {
    fn len(&self) -> usize {
        self.values.len()
    }
    fn is_full(&self) -> bool {
        self.values.len() >= self.capacity
    }
    fn push(&mut self, value: usize) -> Option<usize> {
        self.values.push_back(value);
        None
    }
    fn pop(&mut self) -> Option<usize> {
        self.values.pop_front()
    }
    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }
}

fn fifo(capacity: usize) -> Fifo {
    Fifo {
        values: VecDeque::new(),
        capacity,
    }
}

#[test]
fn a_rendezvous_keeps_nothing() {
    for (tx, rx) in [millstream::rendezvous(), millstream::bounded(0)] {
        assert_eq!(tx.capacity(), Some(0));
        assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert!(tx.is_full() && tx.is_empty());
    }
}

#[test]
fn a_rendezvous_takes_a_value_for_each_receiver_that_waits() {
    let (tx, rx) = millstream::rendezvous();
    let bell = Bell::new();
    let (mut first, mut second) = (rx.recv(), rx.recv());
    bell.waits(&mut first);
    bell.waits(&mut second);
    assert_eq!(fill(&tx, 9), 2);
    assert_eq!(bell.gets(&mut first), Ok(0));
    assert_eq!(bell.gets(&mut second), Ok(1));
}

#[test]
fn a_bounded_channel_takes_its_capacity_and_no_more() {
    for capacity in [1, 2, 3, 64, 1000] {
        let (tx, rx) = millstream::bounded(capacity);
        assert_eq!(tx.capacity(), Some(capacity));
        assert_eq!(fill(&tx, capacity + 5), capacity);
        assert!(tx.is_full());
        assert_eq!(rx.try_recv(), Ok(0));
        assert!(!tx.is_full());
        assert_eq!(fill(&tx, 5), 1);
    }
}

#[test]
fn the_largest_capacities_cost_nothing_until_they_are_used() {
    let (tx, rx) = millstream::bounded(usize::MAX - 1);
    assert_eq!(tx.capacity(), Some(usize::MAX - 1));
    assert_eq!(fill(&tx, 3), 3);
    assert_eq!(contents(&rx), [0, 1, 2]);

    let (tx, rx) = millstream::bounded(usize::MAX);
    assert_eq!(tx.capacity(), None, "no memory could ever reach this limit");
    assert_eq!(fill(&tx, 3), 3);
    assert_eq!(contents(&rx), [0, 1, 2]);

    for (tx, rx) in [
        millstream::dropping(usize::MAX),
        millstream::sliding(usize::MAX),
        millstream::with_buffer(fifo(usize::MAX)),
    ] {
        assert_eq!(fill(&tx, 3), 3);
        assert_eq!(contents(&rx), [0, 1, 2]);
    }
}

#[test]
fn an_unbounded_channel_never_says_full() {
    let (tx, rx) = millstream::unbounded();
    assert_eq!(tx.capacity(), None);
    assert_eq!(fill(&tx, 10_000), 10_000);
    assert!(!tx.is_full());
    assert_eq!(rx.len(), 10_000);
    assert_eq!(contents(&rx), (0..10_000).collect::<Vec<_>>());
}

#[test]
fn a_dropping_channel_keeps_the_first_values() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::dropping(2);
    for number in 1..=4 {
        assert!(tx.try_send(ledger.make(number)).is_ok());
        assert!(!tx.is_full(), "its senders never wait");
    }
    assert_eq!(ledger.dropped(), [3, 4]);
    assert_eq!(tx.stats().dropped, 2);
    assert_eq!(contents(&rx), [1, 2]);
    assert_eq!(tx.capacity(), Some(2));
}

#[test]
fn a_sliding_channel_keeps_the_last_values() {
    let ledger = Ledger::new();
    let (tx, rx) = millstream::sliding(2);
    for number in 1..=4 {
        assert!(tx.try_send(ledger.make(number)).is_ok());
        assert!(!tx.is_full(), "its senders never wait");
    }
    assert_eq!(ledger.dropped(), [1, 2]);
    assert_eq!(tx.stats().dropped, 2);
    assert_eq!(contents(&rx), [3, 4]);
    assert_eq!(tx.capacity(), Some(2));
}

#[test]
fn dropping_and_sliding_of_nothing_still_serve_receivers_that_wait() {
    for (tx, rx) in [millstream::dropping(0), millstream::sliding(0)] {
        let bell = Bell::new();
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let mut recv = rx.recv();
        bell.waits(&mut recv);
        assert_eq!(tx.try_send(2), Ok(()));
        assert_eq!(tx.try_send(3), Ok(()));
        assert_eq!(bell.gets(&mut recv), Ok(2));
        assert_eq!(tx.stats().dropped, 2);
    }
}

#[test]
fn a_value_that_a_receiver_is_committed_to_is_never_evicted() {
    let (tx, rx) = millstream::sliding(1);
    let bell = Bell::new();
    let (mut first, mut second) = (rx.recv(), rx.recv());
    bell.waits(&mut first);
    bell.waits(&mut second);
    for n in 1..=5 {
        tx.try_send(n).unwrap();
    }
    assert_eq!(bell.gets(&mut second), Ok(1));
    assert_eq!(bell.gets(&mut first), Ok(2));
    assert_eq!(rx.try_recv(), Ok(5));
    assert_eq!(tx.stats().dropped, 2);

    let (tx, rx) = millstream::sliding(0);
    let mut recv = rx.recv();
    bell.waits(&mut recv);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert_eq!(bell.gets(&mut recv), Ok(1));
}

#[test]
fn a_receive_from_a_channel_that_holds_more_than_its_capacity_lets_nobody_in() {
    let (tx, rx) = millstream::bounded(1);
    let (receiving, sending) = (Bell::new(), Bell::new());
    let mut given_up = rx.recv();
    receiving.waits(&mut given_up);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let mut send = tx.send(3);
    sending.waits(&mut send);
    // The value that was on its way to the receiver lies there for anyone now, beside the one that fills the channel.
    drop(given_up);
    assert_eq!(receiving.gets(&mut rx.recv()), Ok(1));
    assert_eq!(sending.rings(), 0, "there is no room for it yet");
    assert_eq!(receiving.gets(&mut rx.recv()), Ok(2));
    assert_eq!(sending.rings(), 1);
    assert_eq!(sending.gets(&mut send), Ok(()));
    assert_eq!(rx.try_recv(), Ok(3));
}

#[test]
fn memory_is_bounded_by_the_capacity_and_the_committed_receivers() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = millstream::bounded(capacity);
        let bell = Bell::new();
        let mut waiting: Vec<_> = (0..4).map(|_| rx.recv()).collect();
        for recv in &mut waiting {
            bell.waits(recv);
        }
        assert_eq!(fill(&tx, 100), capacity + 4);
        assert_eq!(tx.stats().high_water, capacity);
        for (n, recv) in waiting.iter_mut().enumerate() {
            assert_eq!(bell.gets(recv), Ok(n));
        }
        assert_eq!(
            fill(&tx, 100),
            0,
            "a value that was taken has freed no place twice"
        );
    }
}

#[test]
fn a_promise_takes_every_value_and_keeps_the_first() {
    let (tx, rx) = millstream::promise();
    assert_eq!(tx.capacity(), Some(1));
    for n in 0..3 {
        tx.try_send(n).unwrap();
        assert!(!tx.is_full());
    }
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(rx.try_recv(), Ok(0));
    assert_eq!(tx.stats().dropped, 2);
}

#[test]
fn a_buffer_of_ones_own_decides_how_much_fits() {
    let (tx, rx) = millstream::with_buffer(fifo(3));
    assert_eq!(tx.capacity(), Some(3));
    assert_eq!(fill(&tx, 9), 3);
    assert!(tx.is_full());
    assert_eq!(contents(&rx), [0, 1, 2]);
}

#[test]
fn the_builder_makes_the_same_channels() {
    let name = || millstream::named("capacity");
    assert_eq!(fill(&name().rendezvous().0, 9), 0);
    let (tx, _rx) = name().bounded(2);
    assert_eq!((tx.capacity(), fill(&tx, 9)), (Some(2), 2));
    let (tx, _rx) = name().unbounded();
    assert_eq!((tx.capacity(), fill(&tx, 9)), (None, 9));
    let (tx, rx) = name().dropping(2);
    assert_eq!((fill(&tx, 4), contents(&rx)), (4, vec![0, 1]));
    let (tx, rx) = name().sliding(2);
    assert_eq!((fill(&tx, 4), contents(&rx)), (4, vec![2, 3]));
    let (tx, rx) = name().promise();
    assert_eq!((fill(&tx, 4), rx.try_recv()), (4, Ok(0)));
    let (tx, rx) = name().with_buffer(fifo(2));
    assert_eq!((fill(&tx, 4), contents(&rx)), (2, vec![0, 1]));
    let rx = name().from_iter(0..3);
    assert_eq!(contents(&rx), [0, 1, 2]);
    assert_eq!(rx.stats().name.as_deref(), Some("capacity"));
}

static EMPTY_DROPS: AtomicUsize = AtomicUsize::new(0);

/// A payload without size that still has to be dropped once.
#[derive(Clone)]
struct Empty;

impl Drop for Empty {
    fn drop(&mut self) {
        EMPTY_DROPS.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn payloads_without_size_are_counted_and_dropped_like_others() {
    let dropped = || EMPTY_DROPS.swap(0, Ordering::SeqCst);
    let (tx, rx) = millstream::bounded(2);
    tx.try_send(Empty).unwrap();
    tx.try_send(Empty).unwrap();
    drop(tx.try_send(Empty).unwrap_err());
    assert_eq!((rx.len(), dropped()), (2, 1));
    let mut waiting = tx.send(Empty);
    Bell::new().waits(&mut waiting);
    assert_eq!(rx.len(), 3);
    drop(rx.try_recv());
    assert_eq!((rx.len(), dropped()), (2, 1));
    now(&mut waiting).unwrap();
    drop(rx);
    assert_eq!(dropped(), 2);

    for (tx, rx) in [millstream::dropping(1), millstream::sliding(1)] {
        tx.try_send(Empty).unwrap();
        tx.try_send(Empty).unwrap();
        assert_eq!((rx.len(), dropped()), (1, 1));
        drop(rx);
        assert_eq!(dropped(), 1);
    }

    let (tx, rx) = millstream::unbounded();
    for _ in 0..1000 {
        tx.try_send(Empty).unwrap();
    }
    assert_eq!(rx.drain().count(), 1000);
    assert_eq!(dropped(), 1000);
}

/// So large that a channel which kept a few dozen of them on the stack would overflow a test's 2 MiB.
type Large = [u8; 32 * 1024];

/// A full channel of capacity 1.
fn full() -> (Sender<Large>, Receiver<Large>) {
    let (tx, rx) = millstream::bounded(1);
    now(tx.send([1; 32 * 1024])).unwrap();
    (tx, rx)
}

#[test]
fn large_payloads_fit_on_an_ordinary_stack() {
    // Each way a value can go has a stack frame of its own here.
    let ways: [fn(); 8] = [
        || assert_eq!(now(full().1.recv()).unwrap()[9], 1),
        || assert_eq!(full().1.try_recv().unwrap()[9], 1),
        || assert_eq!(full().1.recv_blocking().unwrap()[9], 1),
        || assert_eq!(full().1.drain().next().unwrap()[9], 1),
        || {
            let (tx, rx) = full();
            let mut waiting = tx.send([2; 32 * 1024]);
            Bell::new().waits(&mut waiting);
            assert_eq!(rx.try_recv().unwrap()[9], 1);
            assert_eq!(rx.try_recv().unwrap()[9], 2);
        },
        || {
            let (tx, rx) = full();
            assert_eq!(rx.try_recv().unwrap()[9], 1);
            let mut recv = rx.recv();
            Bell::new().waits(&mut recv);
            tx.send_blocking([2; 32 * 1024]).unwrap();
            assert_eq!(now(&mut recv).unwrap()[9], 2);
        },
        || {
            let (_tx, rx) = full();
            let got = Select::new().recv(&rx, |value| value.unwrap()[9]).wait();
            assert_eq!(got, 1);
        },
        || {
            let (tx, rx) = full();
            let mut select = Select::new().send(&tx, [2; 32 * 1024], |sent| sent.is_ok());
            Bell::new().waits(&mut select);
            drop(rx);
            assert!(!now(&mut select));
        },
    ];
    for way in ways {
        way();
    }
}

#[test]
fn payloads_may_borrow() {
    let text = String::from("one two");
    let (tx, rx) = millstream::bounded(2);
    for word in text.split(' ') {
        tx.try_send(word).unwrap();
    }
    let got = std::thread::scope(|scope| {
        scope
            .spawn(|| [rx.recv_blocking().unwrap(), rx.recv_blocking().unwrap()])
            .join()
            .unwrap()
    });
    assert_eq!(got, ["one", "two"]);
}
