//! A buffer of the user's own, and the shape in which a channel keeps code that is not its own.

/// How a channel keeps its values, for a policy that millstream does not have.
///
/// Given to [`with_buffer`](crate::with_buffer). The channel calls one method at a time and never under its
/// lock: an operation checks the buffer out, calls it, and puts it back. Whoever comes meanwhile waits and
/// looks again. So the methods may be slow, may allocate and may panic; they must not use the channel they
/// serve (that is a panic with a message that says so), and a panic closes the channel, wakes everyone and
/// comes out of the operation that caused it.
///
/// The rules a buffer keeps: after `push`, [`len`](Buffer::len) tells how often [`pop`](Buffer::pop) would
/// give a value; `push` is called only while [`is_full`](Buffer::is_full) is `false`, and must then accept.
///
/// The idea is aiochan's, where any object with `add`, `take`, `can_add` and `can_take` is a buffer.
///
/// # Examples
///
/// A buffer that hands out the largest value first:
///
/// ```
/// use millstream::Buffer;
/// use std::collections::BinaryHeap;
///
/// struct Largest { heap: BinaryHeap<u32>, capacity: usize }
///
/// impl Buffer<u32> for Largest {
///     fn len(&self) -> usize { self.heap.len() }
///     fn is_full(&self) -> bool { self.heap.len() >= self.capacity }
///     fn push(&mut self, value: u32) -> Option<u32> { self.heap.push(value); None }
///     fn pop(&mut self) -> Option<u32> { self.heap.pop() }
///     fn capacity(&self) -> Option<usize> { Some(self.capacity) }
/// }
///
/// let (tx, rx) = millstream::with_buffer(Largest { heap: BinaryHeap::new(), capacity: 8 });
/// for value in [3, 9, 5] {
///     tx.try_send(value).unwrap();
/// }
/// assert_eq!(rx.try_iter().collect::<Vec<_>>(), [9, 5, 3]);
/// ```
pub trait Buffer<T>: Send {
    /// How many values can be popped now.
    fn len(&self) -> usize;

    /// Whether no value can be popped now.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether senders have to wait. A buffer that drops values to make room is never full.
    fn is_full(&self) -> bool;

    /// Takes a value in. Returns the value that was dropped for it, if the policy drops one: perhaps an
    /// older one, perhaps this one.
    fn push(&mut self, value: T) -> Option<T>;

    /// Hands the next value out.
    fn pop(&mut self) -> Option<T>;

    /// How many values fit, if there is such a number. It only appears in
    /// [`capacity`](crate::Sender::capacity), in `Debug` and in statistics.
    fn capacity(&self) -> Option<usize> {
        None
    }
}

/// What a channel needs to know of a store while it is checked out or at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How many values it has for certain.
    pub(crate) len: usize,
    /// Whether popping may give a value.
    pub(crate) ready: bool,
    /// Whether it takes a value now.
    pub(crate) room: bool,
    /// How many values fit, if there is such a number.
    pub(crate) capacity: Option<usize>,
}

/// User code as the place where values lie: a custom buffer, or an iterator.
pub(crate) trait Store<T>: Send {
    /// Takes a value in; `Some` is a value that was dropped for it.
    fn push(&mut self, value: T) -> Option<T>;
    /// Hands the next value out.
    fn pop(&mut self) -> Option<T>;
    /// What it looks like now.
    fn shape(&self) -> Shape;
}

/// A user's [`Buffer`] as a [`Store`].
pub(crate) struct CustomStore<B>(pub(crate) B);

impl<T, B: Buffer<T>> Store<T> for CustomStore<B> {
    fn push(&mut self, value: T) -> Option<T> {
        self.0.push(value)
    }

    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    fn shape(&self) -> Shape {
        let len = self.0.len();
        Shape {
            len,
            ready: len > 0,
            room: !self.0.is_full(),
            capacity: self.0.capacity(),
        }
    }
}
