//! Receiving in one of the ways there are, some of which do not end.

use crate::cut::cut;
use crate::hand::{Got, Hand, Order, MANY};
use crate::message::Message;
use crate::panics::{calm, deliberately};
use crate::place::Place;
use futures_core::Stream;
use millstream::{Claim, Receiver, RecvError, RecvTimeoutError, Select, TryRecvError};
use std::future::poll_fn;
use std::pin::Pin;

impl Hand {
    /// Receives, if all goes well.
    pub async fn receive(&mut self, rx: &mut Receiver<Message>, order: &mut Order) -> Got {
        calm(self.receive_somehow(rx, order))
            .await
            .unwrap_or(Got::Values(0))
    }

    /// Receives until the end.
    pub async fn receive_all(&mut self, mut rx: Receiver<Message>, order: &mut Order) {
        while self.receive(&mut rx, order).await != Got::Ended {}
        // Its last value may panic.
        let _ = crate::panics::calmly(|| drop(rx));
    }

    fn one(&self, got: Result<Message, RecvError>, order: &mut Order) -> Got {
        match got {
            Ok(message) => {
                self.took(message, order);
                Got::Values(1)
            }
            Err(RecvError) => Got::Ended,
        }
    }

    fn perhaps(&self, got: Option<Result<Message, RecvError>>, order: &mut Order) -> Got {
        match got {
            Some(got) => self.one(got, order),
            None => {
                self.cancelled();
                Got::Values(0)
            }
        }
    }

    async fn receive_somehow(&mut self, rx: &mut Receiver<Message>, order: &mut Order) -> Got {
        match self.dice.below(18) {
            0 => {
                self.post.says("try_recv");
                match rx.try_recv() {
                    Ok(message) => self.one(Ok(message), order),
                    Err(TryRecvError::Closed) => Got::Ended,
                    Err(TryRecvError::Empty) => {
                        // Who only looks would keep the others from their work.
                        millstream::runtime::yield_now().await;
                        Got::Values(0)
                    }
                }
            }
            1 | 2 => {
                self.post.says("recv that is dropped");
                let polls = self.polls();
                let recv = self.watched(rx.recv());
                let got = cut(polls, recv).await;
                self.perhaps(got, order)
            }
            3 => {
                self.post.says("claim");
                let claim = self.watched(rx.claim()).await;
                self.use_claim(Some(claim), order)
            }
            4 => {
                self.post.says("claim that is dropped");
                let polls = self.polls();
                let claim = self.watched(rx.claim());
                let claim = cut(polls, claim).await;
                self.use_claim(claim, order)
            }
            5 | 6 => {
                let is_cut = self.dice.once_in(2);
                self.post.says(if is_cut {
                    "recv_many that is dropped"
                } else {
                    "recv_many"
                });
                let mut many = Vec::new();
                let (limit, polls) = (self.dice.between(1, MANY), self.polls());
                let recv = self.watched(rx.recv_many(&mut many, limit));
                let count = match is_cut {
                    true => cut(polls, recv).await,
                    false => Some(recv.await),
                };
                if count.unwrap_or_default() != many.len() {
                    self.book
                        .wrong(format!("recv_many said {count:?} and gave {}", many.len()));
                }
                let values = many.len();
                many.into_iter()
                    .for_each(|message| self.took(message, order));
                match count {
                    Some(0) => Got::Ended,
                    _ => Got::Values(values),
                }
            }
            7 => {
                self.post.says("select with a time");
                let moment = self.dice.moment();
                let never = millstream::rendezvous();
                let select = Select::new()
                    .recv(&*rx, Some)
                    .recv(&never.1, Some)
                    .after(moment, || None);
                let got = self.watched_calmly(select).await;
                self.perhaps(got, order)
            }
            8 => {
                self.post.says("select with a default");
                let got = Select::new().recv(&*rx, Some).default(|| None).await;
                self.perhaps(got, order)
            }
            9 => {
                self.post.says("select that is dropped");
                let polls = self.polls();
                let other = rx.clone();
                let select = Select::new().recv(&*rx, Some).recv(&other, Some);
                let select = self.watched(select);
                let got = cut(polls, select).await.flatten();
                self.perhaps(got, order)
            }
            10 => {
                self.post.says("select whose closure panics");
                let (hand, order) = (&*self, &mut *order);
                let select = Select::new().recv(&*rx, |got| match hand.one(got, order) {
                    Got::Ended => Got::Ended,
                    Got::Values(_) => {
                        hand.book.counts.panicked();
                        deliberately()
                    }
                });
                calm(select).await.unwrap_or(Got::Values(1))
            }
            11 => {
                self.post.says("stream");
                let got = poll_fn(|context| Pin::new(&mut *rx).poll_next(context)).await;
                self.one(got.ok_or(RecvError), order)
            }
            12 => {
                self.post.says("stream that is left alone");
                let polls = self.polls();
                let next = poll_fn(|context| Pin::new(&mut *rx).poll_next(context));
                let next = self.watched(next);
                let got = cut(polls, next).await;
                self.perhaps(got.map(|got| got.ok_or(RecvError)), order)
            }
            13 if self.place == Place::Thread => {
                self.post.says("recv_timeout");
                let moment = self.dice.moment();
                match rx.recv_timeout(moment) {
                    Ok(message) => self.one(Ok(message), order),
                    Err(RecvTimeoutError::Closed) => Got::Ended,
                    Err(RecvTimeoutError::Timeout) => self.perhaps(None, order),
                }
            }
            14 if self.place == Place::Thread => {
                self.post.says("recv_blocking");
                self.one(rx.recv_blocking(), order)
            }
            15 => {
                self.post.says("drain");
                let all = rx.drain();
                let values = all.map(|message| self.took(message, order)).count();
                Got::Values(values)
            }
            16 => {
                self.post.says("a clone of the receiver");
                let polls = self.polls();
                let other = rx.clone();
                let recv = self.watched(other.recv());
                let got = cut(polls, recv).await;
                self.perhaps(got, order)
            }
            _ => {
                self.post.says("recv");
                let got = self.watched(rx.recv()).await;
                self.one(got, order)
            }
        }
    }

    /// Takes what was claimed, or leaves it.
    fn use_claim(
        &mut self,
        claim: Option<Result<Claim<'_, Message>, RecvError>>,
        order: &mut Order,
    ) -> Got {
        let mut claim = match claim {
            Some(Ok(claim)) => claim,
            Some(Err(RecvError)) => return Got::Ended,
            None => return self.perhaps(None, order),
        };
        if self.may_reorder && self.dice.once_in(3) {
            // The value is taken out to be looked at, and perhaps put back.
            let id = claim.peek().id;
            if self.dice.once_in(2) {
                let message = claim.take();
                if message.id != id {
                    self.book
                        .wrong(format!("a look at {id} became {}", message.id));
                }
                return self.one(Ok(message), order);
            }
        } else if self.dice.once_in(2) {
            return self.one(Ok(claim.take()), order);
        }
        drop(claim);
        self.perhaps(None, order)
    }
}
