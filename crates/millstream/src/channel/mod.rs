//! Channels: buffer and line composed under one lock; handles, futures, blocking forms, errors, statistics.

mod builder;
mod calm;
mod cancel;
mod claim;
mod closing;
mod debug;
mod ending;
mod error;
mod forecast;
mod granting;
mod inspect;
mod iter;
mod many;
mod permit;
mod receiver;
mod receiving;
mod recv;
mod registry;
mod send;
mod sender;
mod sending;
mod shared;
mod signal;
mod sink;
mod state;
mod stats;
mod store;
mod stream;
mod weak;

pub use builder::{
    bounded, dropping, from_iter, named, promise, rendezvous, sliding, unbounded, with_buffer,
    Builder,
};
pub use claim::{Claim, ClaimFuture};
pub use closing::{ClosedFuture, DrainedFuture};
pub use error::{
    RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};
pub use iter::{Drain, IntoIter, Iter, TryIter};
pub use many::{RecvManyFuture, SendManyFuture};
pub use permit::{Permit, ReserveFuture};
pub use receiver::Receiver;
pub use recv::RecvFuture;
pub use send::SendFuture;
pub use sender::Sender;
pub use sink::SendSink;
pub use stats::{ChannelState, Stats};
pub use weak::{WeakReceiver, WeakSender};

pub(crate) use cancel::LeftLine;
pub(crate) use claim::ClaimStep;
pub(crate) use closing::Watched;
pub(crate) use receiving::{RecvOutcome, RecvStep};
pub(crate) use registry::{named_channels, Observed};
pub(crate) use sending::{Request, SendStep};
pub(crate) use signal::{Signal, SignalWatch};
pub(crate) use state::{Acquire, Offer, State, Way};
