//! Sending one message in one of the ways there are, some of which do not end.

use crate::cut::cut;
use crate::hand::{Hand, Sent};
use crate::message::Message;
use crate::panics::{calm, deliberately};
use crate::place::Place;
use millstream::{Permit, Select, SendError, SendTimeoutError, Sender};

type Reserved<'a> = Option<Result<Permit<'a, Message>, SendError<()>>>;

impl Hand {
    /// Sends a message, if all goes well.
    pub async fn send(&mut self, tx: &Sender<Message>) -> Sent {
        match calm(self.send_somehow(tx)).await {
            Ok(sent) => sent,
            // A value inside that was dropped for this one has panicked.
            Err(_) => Sent::No,
        }
    }

    async fn send_somehow(&mut self, tx: &Sender<Message>) -> Sent {
        match self.dice.below(16) {
            0 => {
                self.post.says("try_send");
                let message = self.message();
                let id = message.id;
                match tx.try_send(message) {
                    Ok(()) => self.sent(id),
                    Err(error) => {
                        let is_closed = error.is_closed();
                        self.back(error.into_inner(), is_closed)
                    }
                }
            }
            1 | 2 => {
                self.post.says("send that is dropped");
                let message = self.message();
                let id = message.id;
                let send = tx.send(message);
                let (send, polls) = (self.watched(send), self.polls());
                match cut(polls, send).await {
                    Some(Ok(())) => self.sent(id),
                    Some(Err(SendError(back))) => self.back(back, true),
                    None => {
                        self.cancelled();
                        Sent::No
                    }
                }
            }
            3 => {
                self.post.says("reserve");
                let reserve = self.watched(tx.reserve());
                let permit = reserve.await;
                self.use_permit(Some(permit))
            }
            4 => {
                self.post.says("reserve that is dropped");
                let polls = self.polls();
                let reserve = self.watched(tx.reserve());
                let permit = cut(polls, reserve).await;
                self.use_permit(permit)
            }
            5 => {
                self.post.says("try_reserve");
                let permit = tx.try_reserve().ok().map(Ok);
                self.use_permit(permit)
            }
            6 => {
                self.post.says("select of a reservation, with a time");
                let moment = self.dice.moment();
                let select = Select::new().reserve(tx, Some).after(moment, || None);
                let permit = self.watched_calmly(select).await;
                self.use_permit(permit)
            }
            7 => {
                self.post.says("select of a send, with a time");
                let (message, moment) = (self.message(), self.dice.moment());
                let id = message.id;
                let never = millstream::rendezvous::<()>();
                let select = Select::new()
                    .send(tx, message, Some)
                    .recv(&never.1, |_| None)
                    .after(moment, || None);
                match self.watched_calmly(select).await {
                    Some(Ok(())) => self.sent(id),
                    Some(Err(SendError(back))) => self.back(back, true),
                    // The arm that lost has dropped it.
                    None => {
                        self.cancelled();
                        Sent::No
                    }
                }
            }
            8 => {
                self.post
                    .says("select of a send from a slot, with a default");
                let mut slot = Some(self.message());
                let id = slot.as_ref().map_or(0, |message| message.id);
                let outcome = Select::new()
                    .send_from(tx, &mut slot, Some)
                    .default(|| None)
                    .await;
                self.slot_after(id, slot, outcome)
            }
            9 | 10 => {
                self.post.says("select of a send from a slot, dropped");
                let mut slot = Some(self.message());
                let id = slot.as_ref().map_or(0, |message| message.id);
                let polls = self.polls();
                let select = Select::new().send_from(tx, &mut slot, Some);
                let select = self.watched(select);
                match cut(polls, select).await.flatten() {
                    // It was dropped after a peer had taken the value.
                    None if slot.is_none() => self.sent(id),
                    outcome => self.slot_after(id, slot, outcome),
                }
            }
            11 => {
                self.post.says("select whose closure panics");
                let message = self.message();
                let id = message.id;
                let hand = &*self;
                let select = Select::new().send(tx, message, |sent| match sent {
                    Ok(()) => {
                        hand.sent(id);
                        hand.book.counts.panicked();
                        deliberately()
                    }
                    Err(SendError(back)) => hand.back(back, true),
                });
                calm(select).await.unwrap_or(Sent::Yes)
            }
            12 => {
                self.post.says("send_many");
                let mut many: Vec<_> = (0..self.dice.below(4)).map(|_| self.message()).collect();
                // What the iterator still has is dropped by the compiler behind the result of the await, and if that
                // panics the compiler forgets the result.
                many.iter_mut().for_each(Message::disarm);
                let ids: Vec<_> = many.iter().map(|message| message.id).collect();
                match tx.send_many(many).await {
                    Ok(count) => {
                        ids[..count].iter().for_each(|id| self.book.sent(*id));
                        Sent::Yes
                    }
                    Err(SendError(back)) => {
                        for message in back {
                            self.back(message, true);
                        }
                        Sent::Closed
                    }
                }
            }
            13 if self.place == Place::Thread => {
                self.post.says("send_timeout");
                let (message, moment) = (self.message(), self.dice.moment());
                let id = message.id;
                match tx.send_timeout(message, moment) {
                    Ok(()) => self.sent(id),
                    Err(SendTimeoutError::Timeout(back)) => {
                        self.cancelled();
                        self.back(back, false)
                    }
                    Err(SendTimeoutError::Closed(back)) => self.back(back, true),
                }
            }
            14 if self.place == Place::Thread => {
                self.post.says("send_blocking");
                let message = self.message();
                let id = message.id;
                match tx.send_blocking(message) {
                    Ok(()) => self.sent(id),
                    Err(SendError(back)) => self.back(back, true),
                }
            }
            _ => {
                self.post.says("send");
                let message = self.message();
                let id = message.id;
                let send = self.watched(tx.send(message));
                match send.await {
                    Ok(()) => self.sent(id),
                    Err(SendError(back)) => self.back(back, true),
                }
            }
        }
    }

    /// Sends through a permit, or gives it up.
    fn use_permit(&mut self, permit: Reserved<'_>) -> Sent {
        match permit {
            Some(Ok(permit)) if !self.dice.once_in(4) => {
                let message = self.message();
                let id = message.id;
                match permit.send(message) {
                    Ok(()) => self.sent(id),
                    Err(SendError(back)) => self.back(back, true),
                }
            }
            Some(Err(_)) => Sent::Closed,
            Some(Ok(_)) | None => {
                self.cancelled();
                Sent::No
            }
        }
    }

    /// What became of a message that was sent from a slot.
    fn slot_after(
        &self,
        id: u32,
        slot: Option<Message>,
        outcome: Option<Result<(), SendError<Message>>>,
    ) -> Sent {
        match (outcome, slot) {
            (Some(Ok(())), None) => self.sent(id),
            (Some(Err(SendError(back))), None) => self.back(back, true),
            (None, Some(back)) => self.back(back, false),
            (outcome, slot) => {
                self.book
                    .wrong(format!("{outcome:?}, and the slot has {slot:?}"));
                Sent::No
            }
        }
    }
}
