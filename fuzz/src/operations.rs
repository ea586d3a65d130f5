//! The operations of a program as tasks: what each waits for, and what it enters in the log.

use crate::log::{Log, Offered};
use crate::program::Operation;
use crate::task::{Hold, Side, Task};
use crate::value::{Mint, Value};
use millstream::{Receiver, Select, SelectSet, SendError, Sender};
use std::cell::RefCell;

/// The handles of one channel that an operation may use; it owns them.
#[derive(Clone)]
pub struct Ends {
    pub channel: usize,
    pub tx: Option<Sender<Value>>,
    pub rx: Option<Receiver<Value>>,
    /// Whether a claim on it has its value in hand, so that others may pass it.
    pub claims_take_out: bool,
}

/// What every operation has at hand.
#[derive(Clone)]
pub struct Desk {
    pub mint: Mint,
    pub log: Log,
}

impl Desk {
    /// A value that is about to be offered.
    pub fn value(&self, channel: usize, offered: Offered) -> Value {
        let value = self.mint.make();
        self.log.offers(channel, value.number, offered);
        value
    }

    fn ended(&self, channel: usize, number: u32, result: Result<(), SendError<Value>>) {
        self.log
            .ends(channel, number, result.map_err(SendError::into_inner));
    }
}

/// Makes the task of an operation; `None` if the handles that it needs are gone.
pub fn task(
    operation: Operation,
    ends: Ends,
    others: impl Fn(u8) -> Ends,
    desk: Desk,
) -> Option<Task> {
    let channel = ends.channel;
    let sending = vec![(channel, Side::Sending)];
    let reserving = vec![(channel, Side::Reserving)];
    let receiving = vec![(channel, Side::Receiving)];
    let hold = Hold::default();
    let task = match operation {
        Operation::Send => {
            let tx = ends.tx?;
            Task::new(hold, sending, async move {
                let value = desk.value(channel, Offered::InLine);
                let number = value.number;
                let result = tx.send(value).await;
                desk.ended(channel, number, result);
            })
        }
        Operation::Recv => {
            let rx = ends.rx?;
            Task::new(hold, receiving, async move {
                if let Ok(value) = rx.recv().await {
                    desk.log.gets(channel, value);
                }
            })
        }
        Operation::SendMany { count } => {
            let tx = ends.tx?;
            Task::new(hold, reserving, async move {
                let numbers = RefCell::new(Vec::new());
                let made = (0..count % 8).map(|_| {
                    let value = desk.value(channel, Offered::Through);
                    numbers.borrow_mut().push(value.number);
                    value
                });
                let result = tx.send_many(made).await;
                let back = result.err().map_or(Vec::new(), |SendError(back)| back);
                let mut numbers = numbers.into_inner();
                let refused = numbers.split_off(numbers.len() - back.len());
                for number in numbers {
                    desk.log.ends(channel, number, Ok(()));
                }
                for (number, back) in refused.into_iter().zip(back) {
                    desk.log.ends(channel, number, Err(back));
                }
            })
        }
        Operation::RecvMany { limit } => {
            let rx = ends.rx?;
            let limit = usize::from(limit % 4);
            Task::new(hold, receiving, async move {
                let mut values = Vec::new();
                let count = rx.recv_many(&mut values, limit).await;
                assert_eq!(values.len(), count);
                assert!(count <= limit);
                for value in values {
                    desk.log.gets(channel, value);
                }
            })
        }
        Operation::Reserve => {
            let tx = ends.tx?;
            Task::new(hold.clone(), reserving, async move {
                if let Ok(permit) = tx.reserve().await {
                    hold.wait().await;
                    let value = desk.value(channel, Offered::Through);
                    let number = value.number;
                    desk.ended(channel, number, permit.send(value));
                }
            })
        }
        Operation::Claim { peeks } => {
            let rx = ends.rx?;
            Task::new(hold.clone(), receiving, async move {
                if let Ok(mut claim) = rx.claim().await {
                    if peeks || ends.claims_take_out {
                        desk.log.mixes(channel);
                    }
                    if peeks {
                        claim.peek();
                    }
                    hold.wait().await;
                    desk.log.gets(channel, claim.take());
                }
            })
        }
        Operation::Closed => {
            let tx = ends.tx?;
            Task::new(hold, Vec::new(), async move {
                tx.closed().await;
                assert!(tx.is_closed());
            })
        }
        Operation::Drained => {
            let rx = ends.rx?;
            Task::new(hold, Vec::new(), async move {
                rx.drained().await;
                assert!(rx.is_closed());
            })
        }
        Operation::Select {
            recv,
            send,
            biased,
            default,
        } => {
            let recv = recv.map(|number| number.map(&others));
            let send = send.map(|number| number.map(&others));
            select(recv, send, biased, default, desk)
        }
        Operation::SelectRights { claim, biased } => {
            let (tx, from) = (ends.tx?, others(claim));
            let rx = from.rx?;
            let waits = vec![(channel, Side::Reserving), (from.channel, Side::Receiving)];
            Task::new(hold.clone(), waits, async move {
                let select = Select::new();
                let select = if biased { select.biased() } else { select };
                let (permit, claim) = select
                    .reserve(&tx, |permit| (permit.ok(), None))
                    .arm(rx.claim(), |claim| (None, claim.ok()))
                    .await;
                assert!(permit.is_none() || claim.is_none());
                if claim.is_some() && from.claims_take_out {
                    desk.log.mixes(from.channel);
                }
                hold.wait().await;
                if let Some(permit) = permit {
                    let value = desk.value(channel, Offered::Through);
                    let number = value.number;
                    desk.ended(channel, number, permit.send(value));
                }
                if let Some(claim) = claim {
                    desk.log.gets(from.channel, claim.take());
                }
            })
        }
        Operation::Set { recv, send, rounds } => {
            let (from, to) = (others(recv), others(send));
            // Between its rounds it is in no line, or may be.
            let ends = vec![(from.channel, Side::Receiving), (to.channel, Side::Sending)];
            Task::new(hold, Vec::new(), async move {
                let mut set = SelectSet::new();
                if let Some(rx) = from.rx {
                    set.recv(rx, |value| (value.ok(), None));
                }
                let mut number = None;
                if let Some(tx) = to.tx {
                    // Between two rounds this arm may leave its line, and others pass it.
                    desk.log.mixes(to.channel);
                    let value = desk.value(to.channel, Offered::Through);
                    number = Some(value.number);
                    set.send(tx, value, |sent| (None, Some(sent)));
                }
                for _ in 0..rounds % 4 + 1 {
                    let Some((value, sent)) = set.next().await else {
                        break;
                    };
                    if let Some(value) = value {
                        desk.log.gets(from.channel, value);
                    }
                    if let Some(sent) = sent {
                        desk.ended(to.channel, number.expect("it offered a value"), sent);
                    }
                }
            })
            .that_may_wait_for(ends)
        }
    };
    Some(task)
}

/// A select over up to two receives and two sends, of any channels, the same one twice and both ends of one included.
fn select(
    [one, two]: [Option<Ends>; 2],
    [three, four]: [Option<Ends>; 2],
    biased: bool,
    default: bool,
    desk: Desk,
) -> Task {
    let number = |ends: &Option<Ends>| ends.as_ref().map_or(0, |ends| ends.channel);
    let channels = [&one, &two, &three, &four].map(number);
    let [one, two] = [one, two].map(|ends| ends.and_then(|ends| ends.rx));
    let [three, four] = [three, four].map(|ends| ends.and_then(|ends| ends.tx));
    let mut waits = Vec::new();
    for (rx, channel) in [&one, &two].into_iter().zip(channels) {
        waits.extend(rx.as_ref().map(|_| (channel, Side::Receiving)));
    }
    for (tx, channel) in [&three, &four].into_iter().zip(&channels[2..]) {
        waits.extend(tx.as_ref().map(|_| (*channel, Side::Sending)));
    }
    // A select that nothing could ever end is refused, which is another test's subject.
    let default = default || waits.is_empty();
    Task::new(Hold::default(), waits, async move {
        let mut slots = [(&three, channels[2]), (&four, channels[3])]
            .map(|(tx, channel)| tx.as_ref().map(|_| desk.value(channel, Offered::InLine)));
        let numbers = slots
            .each_ref()
            .map(|slot| slot.as_ref().map(|value| value.number));
        let [third, fourth] = &mut slots;
        let select = Select::new();
        let select = if biased { select.biased() } else { select };
        let (arm, value, sent) = select
            .recv(&one, |value| (0, value.ok(), None))
            .recv(&two, |value| (1, value.ok(), None))
            .send_from(&three, third, |sent| (2, None, Some(sent)))
            .send_from(&four, fourth, |sent| (3, None, Some(sent)))
            .default_if(default, || (4, None, None))
            .await;
        if let Some(value) = value {
            desk.log.gets(channels[arm], value);
        }
        // Exactly the winner's value is gone.
        for (place, number) in numbers.into_iter().enumerate() {
            assert_eq!(slots[place].is_none(), number.is_none() || arm == place + 2);
        }
        if let Some(sent) = sent {
            let number = numbers[arm - 2].expect("it offered a value");
            desk.ended(channels[arm], number, sent);
        }
    })
}
