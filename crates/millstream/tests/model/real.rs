//! The real channels, and the operations on them as futures that own their handles.

use crate::common::Bell;
use crate::fifo::Fifo;
use crate::spec::{Outcome, Policy, Reply, Wish};
use crate::step::{Call, Choice, Side};
use crate::token::{Alive, Token};
use futures_core::Stream;
use futures_sink::Sink;
use millstream::{Claim, Permit, Receiver, Select, Sender, WeakReceiver, WeakSender};
use std::cell::Cell;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// One unit of the model's time.
pub const UNIT: Duration = Duration::from_millis(1);

/// The handles of one channel that belong to nobody in particular.
pub struct Handles {
    pub senders: Vec<Sender<Token>>,
    pub receivers: Vec<Receiver<Token>>,
    /// A channel over an iterator has no sender and never had one.
    pub weak_sender: Option<WeakSender<Token>>,
    pub weak_receiver: WeakReceiver<Token>,
}

impl Handles {
    pub fn new(policy: Policy, items: &[u32], alive: &Alive) -> Self {
        let (tx, rx) = match policy {
            Policy::Waits(0) => millstream::rendezvous(),
            Policy::Waits(usize::MAX) => millstream::unbounded(),
            Policy::Waits(places) => millstream::bounded(places),
            Policy::DropsNewest(places) => millstream::dropping(places),
            Policy::DropsOldest(places) => millstream::sliding(places),
            Policy::Promise => millstream::promise(),
            Policy::Custom(places) => millstream::with_buffer(Fifo::new(places)),
            Policy::Iterator => {
                let items: Vec<_> = items.iter().map(|number| alive.token(*number)).collect();
                let rx = millstream::from_iter(items);
                return Handles {
                    senders: Vec::new(),
                    weak_receiver: rx.downgrade(),
                    weak_sender: None,
                    receivers: vec![rx],
                };
            }
        };
        Handles {
            weak_sender: Some(tx.downgrade()),
            weak_receiver: rx.downgrade(),
            senders: vec![tx],
            receivers: vec![rx],
        }
    }

    /// Whether there is a handle of this side to begin something with.
    pub fn has(&self, side: Side) -> bool {
        match side {
            Side::Sender => !self.senders.is_empty(),
            Side::Receiver => !self.receivers.is_empty(),
        }
    }
}

/// What the holder of a right is told to do with it.
pub enum Order {
    Use(Token),
    Peek,
}

/// What passes between an operation and whoever drives it.
#[derive(Default)]
struct Talk {
    order: Cell<Option<Order>>,
    reply: Cell<Option<Reply>>,
}

/// One operation that is under way.
pub struct Running {
    future: Pin<Box<dyn Future<Output = Outcome>>>,
    pub bell: Bell,
    talk: Rc<Talk>,
}

impl Running {
    pub fn poll(&mut self) -> Reply {
        match self.bell.poll(&mut self.future) {
            Poll::Ready(outcome) => Reply::Done(outcome),
            Poll::Pending => self.talk.reply.take().unwrap_or(Reply::Waiting),
        }
    }

    /// Tells the holder of a right what to do, and lets it.
    pub fn tell(&mut self, order: Order) -> Reply {
        self.talk.order.set(Some(order));
        let reply = self.poll();
        drop(self.talk.order.take());
        reply
    }

    /// Begins `call` on handles of its own; `values` are what it may send, in the order of the arms.
    pub fn begin(call: &Call, handles: &[Handles], values: Vec<Token>) -> Self {
        let talk = Rc::new(Talk::default());
        let future: Pin<Box<dyn Future<Output = Outcome>>> = match call {
            Call::One(channel, wish) if wish.is_senders() => Box::pin(one_of_senders(
                handles[*channel].senders[0].clone(),
                *wish,
                values,
                talk.clone(),
            )),
            Call::One(channel, wish) => Box::pin(one_of_receivers(
                handles[*channel].receivers[0].clone(),
                *wish,
                talk.clone(),
            )),
            Call::Stream(channel) => Box::pin(stream(handles[*channel].receivers[0].clone())),
            Call::Sink(channel) => Box::pin(sink(handles[*channel].senders[0].clone(), values)),
            Call::SendMany(channel, _) => {
                Box::pin(send_many(handles[*channel].senders[0].clone(), values))
            }
            Call::RecvMany(channel, limit) => {
                Box::pin(recv_many(handles[*channel].receivers[0].clone(), *limit))
            }
            Call::Select(choice) => Box::pin(select(
                choice.clone(),
                Ends::of(choice, handles),
                values,
                talk.clone(),
            )),
        };
        Running {
            future,
            bell: Bell::new(),
            talk,
        }
    }
}

async fn one_of_senders(
    tx: Sender<Token>,
    wish: Wish,
    values: Vec<Token>,
    talk: Rc<Talk>,
) -> Outcome {
    match wish {
        Wish::Send => {
            let value = values.into_iter().next().expect("a send has its value");
            sent(tx.send(value).await)
        }
        Wish::Reserve => match tx.reserve().await {
            Ok(permit) => talk.hold_permit(0, permit).await,
            Err(_) => Outcome::Refused(None),
        },
        _ => {
            tx.closed().await;
            Outcome::Happened
        }
    }
}

async fn one_of_receivers(rx: Receiver<Token>, wish: Wish, talk: Rc<Talk>) -> Outcome {
    match wish {
        Wish::Recv => received(rx.recv().await),
        Wish::Claim => match rx.claim().await {
            Ok(claim) => talk.hold_claim(0, claim).await,
            Err(_) => Outcome::Ended,
        },
        _ => {
            rx.drained().await;
            Outcome::Happened
        }
    }
}

async fn stream(mut rx: Receiver<Token>) -> Outcome {
    match poll_fn(|context| Pin::new(&mut rx).poll_next(context)).await {
        Some(value) => Outcome::Received(value.number),
        None => Outcome::Ended,
    }
}

async fn sink(tx: Sender<Token>, values: Vec<Token>) -> Outcome {
    let value = values.into_iter().next().expect("a sink has its value");
    let mut sink = tx.sink();
    drop(tx);
    let ready = poll_fn(|context| Pin::new(&mut sink).poll_ready(context)).await;
    let number = value.number;
    match ready.and_then(|()| Pin::new(&mut sink).start_send(value)) {
        Ok(()) => Outcome::SentMany(1, None),
        Err(_) => Outcome::SentMany(0, Some(number)),
    }
}

async fn send_many(tx: Sender<Token>, values: Vec<Token>) -> Outcome {
    let count = values.len();
    let mut items = values.into_iter();
    match tx.send_many(&mut items).await {
        Ok(sent) => Outcome::SentMany(sent, None),
        Err(error) => {
            let refused = error.into_inner();
            let sent = count - items.len() - refused.len();
            let first = refused.first().map(|value| value.number);
            Outcome::SentMany(sent, first)
        }
    }
}

async fn recv_many(rx: Receiver<Token>, limit: usize) -> Outcome {
    let mut values = Vec::new();
    let count = rx.recv_many(&mut values, limit).await;
    assert_eq!(count, values.len());
    Outcome::ReceivedMany(values.iter().map(|value| value.number).collect())
}

pub fn sent(result: Result<(), millstream::SendError<Token>>) -> Outcome {
    match result {
        Ok(()) => Outcome::Sent,
        Err(error) => Outcome::Refused(Some(error.into_inner().number)),
    }
}

pub fn received(result: Result<Token, millstream::RecvError>) -> Outcome {
    match result {
        Ok(value) => Outcome::Received(value.number),
        Err(_) => Outcome::Ended,
    }
}

impl Talk {
    /// Reports that a right is held, and waits for what to do with it.
    async fn order(&self, reply: Reply) -> Order {
        self.reply.set(Some(reply));
        poll_fn(|_| match self.order.take() {
            Some(order) => Poll::Ready(order),
            None => Poll::Pending,
        })
        .await
    }

    async fn hold_permit(&self, arm: usize, permit: Permit<'_, Token>) -> Outcome {
        let mut reply = Reply::Holding(arm);
        loop {
            match self.order(reply).await {
                Order::Use(value) => return sent(permit.send(value)),
                Order::Peek => reply = Reply::Waiting,
            }
        }
    }

    async fn hold_claim(&self, arm: usize, mut claim: Claim<'_, Token>) -> Outcome {
        let mut reply = Reply::Holding(arm);
        loop {
            match self.order(reply).await {
                Order::Use(_) => return Outcome::Received(claim.take().number),
                Order::Peek => reply = Reply::Peeked(claim.peek().number),
            }
        }
    }
}

/// The handles of a select, one an arm.
struct Ends {
    recv: [Option<Receiver<Token>>; 2],
    claim: Option<Receiver<Token>>,
    send: [Option<Sender<Token>>; 2],
    send_from: Option<Sender<Token>>,
    reserve: [Option<Sender<Token>>; 2],
    closed: Option<Sender<Token>>,
    drained: Option<Receiver<Token>>,
}

impl Ends {
    fn of(choice: &Choice, handles: &[Handles]) -> Self {
        let tx = |channel: Option<usize>| Some(handles[channel?].senders[0].clone());
        let rx = |channel: Option<usize>| Some(handles[channel?].receivers[0].clone());
        Ends {
            recv: choice.recv.map(rx),
            claim: rx(choice.claim),
            send: choice.send.map(tx),
            send_from: tx(choice.send_from),
            reserve: choice.reserve.map(tx),
            closed: tx(choice.closed),
            drained: rx(choice.drained),
        }
    }
}

/// What the winning arm of a select came by.
enum Picked<'a> {
    Outcome(Outcome),
    Permit(Permit<'a, Token>),
    Claim(Claim<'a, Token>),
    Default,
    After,
}

/// What an arm that reserves came by.
fn permit<'a>(
    slot: usize,
) -> impl FnOnce(Result<Permit<'a, Token>, millstream::SendError<()>>) -> (usize, Picked<'a>) {
    move |granted| match granted {
        Ok(permit) => (slot, Picked::Permit(permit)),
        Err(_) => (slot, Picked::Outcome(Outcome::Refused(None))),
    }
}

async fn select(choice: Choice, ends: Ends, values: Vec<Token>, talk: Rc<Talk>) -> Outcome {
    let mut values = values.into_iter();
    let mut value_for = |channel: &Option<usize>| channel.and_then(|_| values.next());
    let to_send = [value_for(&choice.send[0]), value_for(&choice.send[1])];
    let mut slot = value_for(&choice.send_from);
    let sends = ends.send.iter().zip(to_send);
    let mut sends = sends.map(|(tx, value)| tx.as_ref().and_then(|tx| Some(tx.send(value?))));
    // Arms that are off do not count in the specification.
    let numbers = Numbers::of(&choice);
    let number = |slot: usize| numbers.0[slot];
    let arms = Select::new()
        .recv(ends.recv[0].as_ref(), |got| {
            (0, Picked::Outcome(received(got)))
        })
        .recv(ends.recv[1].as_ref(), |got| {
            (1, Picked::Outcome(received(got)))
        })
        .arm(ends.claim.as_ref().map(Receiver::claim), |got| match got {
            Ok(claim) => (2, Picked::Claim(claim)),
            Err(_) => (2, Picked::Outcome(Outcome::Ended)),
        })
        .arm(sends.next().flatten(), |done| {
            (3, Picked::Outcome(sent(done)))
        })
        .arm(sends.next().flatten(), |done| {
            (4, Picked::Outcome(sent(done)))
        })
        .send_from(ends.send_from.as_ref(), &mut slot, |done| {
            (5, Picked::Outcome(sent(done)))
        })
        .arm(ends.reserve[0].as_ref().map(Sender::reserve), permit(6))
        .arm(ends.reserve[1].as_ref().map(Sender::reserve), permit(7))
        .arm(ends.closed.as_ref().map(Sender::closed), |()| {
            (8, Picked::Outcome(Outcome::Happened))
        })
        .arm(ends.drained.as_ref().map(Receiver::drained), |()| {
            (9, Picked::Outcome(Outcome::Happened))
        })
        .after(choice.after.map(|delay| UNIT * delay as u32), || {
            (10, Picked::After)
        })
        .default_if(choice.default, || (10, Picked::Default));
    let (arm, picked) = match (choice.biased, choice.on_thread) {
        (true, false) => arms.biased().await,
        (false, false) => arms.await,
        (true, true) => arms.biased().wait(),
        (false, true) => arms.wait(),
    };
    let has_lost = choice.send_from.is_some() && arm != 5;
    assert_eq!(
        slot.is_some(),
        has_lost,
        "a send that loses gives its value back, and only then"
    );
    drop(slot);
    match picked {
        Picked::Outcome(outcome) => Outcome::Won(number(arm), Box::new(outcome)),
        Picked::Permit(permit) => talk.hold_permit(number(arm), permit).await,
        Picked::Claim(claim) => talk.hold_claim(number(arm), claim).await,
        Picked::Default => Outcome::Default,
        Picked::After => Outcome::After,
    }
}

/// Which number an arm has among those that are on.
struct Numbers([usize; 10]);

impl Numbers {
    fn of(choice: &Choice) -> Self {
        let on = [
            choice.recv[0].is_some(),
            choice.recv[1].is_some(),
            choice.claim.is_some(),
            choice.send[0].is_some(),
            choice.send[1].is_some(),
            choice.send_from.is_some(),
            choice.reserve[0].is_some(),
            choice.reserve[1].is_some(),
            choice.closed.is_some(),
            choice.drained.is_some(),
        ];
        let mut next = 0;
        Numbers(on.map(|is_on| {
            let number = next;
            next += usize::from(is_on);
            number
        }))
    }
}
