//! One async function between a receiver and a sender.

mod common;

use common::{panic_text, within};
use millstream::runtime::Manual;
use millstream::{bounded, from_iter, pipe, Receiver, Sender, TryRecvError};
use std::future::pending;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Sends every value twice.
async fn twice(input: Receiver<u32>, output: Sender<u32>) {
    while let Ok(value) = input.recv().await {
        if output.send_many([value, value]).await.is_err() {
            return;
        }
    }
}

/// Applies a function on a runtime that runs when told to, with an output of one place.
fn applied<T, R, F>(
    input: Receiver<T>,
    function: impl FnOnce(Receiver<T>, Sender<R>) -> F + Send + 'static,
) -> (Manual, Receiver<R>)
where
    T: Send + 'static,
    R: Send + 'static,
    F: std::future::Future<Output = ()> + Send,
{
    let manual = Manual::new();
    let (tx, rx) = bounded(1);
    let entered = manual.enter();
    pipe::apply(input, tx, function);
    drop(entered);
    (manual, rx)
}

fn text_of_panic<T>(rx: &Receiver<T>) -> String {
    let ended = catch_unwind(AssertUnwindSafe(|| rx.recv_blocking().is_ok()));
    panic_text(ended.expect_err("a panic"))
}

#[test]
fn it_sends_what_the_function_sends_and_closes_when_it_ends() {
    let (mut manual, rx) = applied(from_iter(0..3), twice);
    let mut all = Vec::new();
    while manual.tasks() > 0 {
        manual.run_until_stalled();
        all.extend(rx.try_iter());
    }
    assert_eq!(all, [0, 0, 1, 1, 2, 2]);
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
}

#[test]
fn a_panic_comes_out_behind_what_was_sent_though_unwinding_drops_the_sender() {
    within(|| {
        let (mut manual, rx) = applied(from_iter([1]), |input, output: Sender<u32>| async move {
            let value = input.recv().await.unwrap();
            output.send(value).await.unwrap();
            panic!("on purpose");
        });
        manual.run_until_stalled();
        assert_eq!(manual.tasks(), 0);
        assert_eq!(rx.recv_blocking(), Ok(1));
        assert_eq!(text_of_panic(&rx), "on purpose");
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_panic_in_the_call_itself_comes_out_too() {
    within(|| {
        let (mut manual, rx) = applied(from_iter([1]), |_input, _output: Sender<u32>| {
            assert!(std::hint::black_box(false), "at once");
            pending()
        });
        manual.run_until_stalled();
        assert_eq!(text_of_panic(&rx), "at once");
    });
}

#[test]
fn it_stops_when_nobody_receives_wherever_it_waits() {
    let (tx, input) = bounded::<u32>(1);
    let (mut manual, rx) = applied(input, twice);
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 1);
    drop(rx);
    manual.run_until_stalled();
    assert_eq!(manual.tasks(), 0);
    assert!(tx.is_closed());
}

#[test]
fn a_close_is_for_the_function_to_see() {
    let (said, heard) = bounded(1);
    let (mut manual, rx) = applied(from_iter(0..), |input: Receiver<u32>, output| async move {
        while output.send(input.recv().await.unwrap()).await.is_ok() {}
        millstream::runtime::yield_now().await;
        said.send("finished").await.unwrap();
    });
    manual.run_until_stalled();
    rx.close();
    assert_eq!(
        rx.try_iter().count(),
        2,
        "what was on its way is still good"
    );
    manual.run_until_stalled();
    assert_eq!(heard.try_recv(), Ok("finished"));
    assert_eq!(manual.tasks(), 0);
}

#[test]
fn a_runtime_that_goes_before_the_function_is_done_is_no_clean_end() {
    within(|| {
        let (manual, rx) = applied(from_iter([1]), |_input, output: Sender<u32>| async move {
            let _output = output;
            pending().await
        });
        drop(manual);
        assert!(text_of_panic(&rx).contains("runtime"));
    });
}

#[test]
fn a_function_that_leaves_its_input_lets_go_of_it() {
    let (tx, input) = bounded(4);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let (mut manual, rx) = applied(input, |input, output: Sender<u32>| async move {
        let first = input.recv().await.unwrap();
        drop(input);
        output.send(first).await.unwrap();
    });
    manual.run_until_stalled();
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(tx.is_closed());
    assert_eq!(manual.tasks(), 0);
}
