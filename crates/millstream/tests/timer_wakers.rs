//! Wakers that come back to the timer when a sleep lets go of them.

#![cfg(feature = "runtime")]

mod common;

use common::{within, Bell, Hooks};
use millstream::runtime::{Handle, Manual, Timer};
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

/// Longer than the test.
const LONG: Duration = Duration::from_secs(3600);

fn drops_a_waker_that_comes_back(runtime: Handle) {
    let (waker, hooks) = Hooks::on_drop(Box::new({
        let runtime = runtime.clone();
        move || Bell::new().waits(&mut runtime.sleep(LONG))
    }))
    .waker();
    let mut sleep = runtime.sleep(LONG);
    let mut poll = |context: &mut Context<'_>| {
        assert!(Pin::new(&mut sleep).poll(context).is_pending());
    };
    poll(&mut Context::from_waker(&waker));
    hooks.arm();
    poll(&mut Context::from_waker(&Bell::new().waker()));
    let replaced = hooks.runs();
    assert!(replaced > 0, "it was replaced by another");
    poll(&mut Context::from_waker(&waker));
    drop(sleep);
    assert!(hooks.runs() > replaced, "it was dropped with the sleep");
    hooks.disarm();
}

#[test]
fn a_waker_that_is_dropped_with_its_sleep_finds_the_timer_unlocked() {
    within(|| drops_a_waker_that_comes_back(Manual::new().handle()));
    within(|| drops_a_waker_that_comes_back(Handle::built_in()));
}
