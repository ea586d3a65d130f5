//! What the peers' channels have in common: they differ in the names of their types and of their operations alone.

/// A type that stands for a peer's channels, told how they are made (see [`Channel::new`](super::Channel::new)).
macro_rules! channel {
    ($channel:ident, $peer:expr, $sender:ty, $receiver:ty, |$capacity:ident| $new:expr) => {
        pub struct $channel;

        impl<T: $crate::payload::Payload> $crate::peers::Channel<T> for $channel {
            const PEER: $crate::cell::Peer = $peer;

            type Sender = $sender;
            type Receiver = $receiver;

            fn new($capacity: Option<usize>) -> Option<(Self::Sender, Self::Receiver)> {
                $new
            }
        }
    };
}

/// How tasks send and receive; `ready(send)` where sending never waits, so that the peer has no future for it.
macro_rules! tasks {
    (@ $channel:ident, |$sender:ident, $value:ident| $send:expr, $recv:ident) => {
        impl<T: $crate::payload::Payload> $crate::peers::AsyncChannel<T> for $channel {
            fn send(
                $sender: &mut Self::Sender,
                $value: T,
            ) -> impl std::future::Future<Output = impl $crate::peers::IntoOption<()>> + Send {
                $send
            }

            fn recv(
                receiver: &mut Self::Receiver,
            ) -> impl std::future::Future<Output = impl $crate::peers::IntoOption<T>> + Send {
                receiver.$recv()
            }
        }
    };
    ($channel:ident, ready($send:ident), $recv:ident) => {
        $crate::peers::define::tasks!(
            @ $channel,
            |sender, value| {
                std::future::ready($crate::peers::IntoOption::into_option(sender.$send(value)))
            },
            $recv
        );
    };
    ($channel:ident, $send:ident, $recv:ident) => {
        $crate::peers::define::tasks!(@ $channel, |sender, value| sender.$send(value), $recv);
    };
}

/// How threads send and receive.
macro_rules! threads {
    ($channel:ident, $send:ident, $recv:ident) => {
        impl<T: $crate::payload::Payload> $crate::peers::BlockingChannel<T> for $channel {
            fn send_blocking(
                sender: &mut Self::Sender,
                value: T,
            ) -> impl $crate::peers::IntoOption<()> {
                sender.$send(value)
            }

            fn recv_blocking(receiver: &mut Self::Receiver) -> impl $crate::peers::IntoOption<T> {
                receiver.$recv()
            }
        }
    };
}

/// How anybody sends and receives without waiting.
macro_rules! tries {
    ($channel:ident, $try_send:ident, $try_recv:ident) => {
        impl<T: $crate::payload::Payload> $crate::peers::TryChannel<T> for $channel {
            fn try_send(sender: &mut Self::Sender, value: T) -> impl $crate::peers::IntoOption<()> {
                sender.$try_send(value)
            }

            fn try_recv(receiver: &mut Self::Receiver) -> impl $crate::peers::IntoOption<T> {
                receiver.$try_recv()
            }
        }
    };
}

pub(super) use {channel, tasks, threads, tries};
