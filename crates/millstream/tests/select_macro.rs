//! The `select!` macro: its forms, and bodies that run in the function around it.

mod common;

use common::{ignore, now, within, Bell};
use millstream::runtime::Manual;
use millstream::{select, Receiver, RecvError, SendError, Sender};
use std::cell::Cell;
use std::future::Future;
use std::pin::{pin, Pin};
use std::task::{Context, Waker};
use std::time::Duration;

type Channel<T> = (Sender<T>, Receiver<T>);

const HOUR: Duration = Duration::from_secs(3600);

fn ready(values: impl IntoIterator<Item = u32>) -> Channel<u32> {
    let (tx, rx) = millstream::unbounded();
    for value in values {
        tx.try_send(value).unwrap();
    }
    (tx, rx)
}

fn is_pending<F: Future>(future: Pin<&mut F>) -> bool {
    future
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_pending()
}

#[test]
fn each_kind_of_arm_gets_what_its_operation_returns() {
    now(async {
        let (tx, rx) = ready([1]);
        let got: Result<u32, RecvError> = select! { value = rx.recv() => value };
        assert_eq!(got, Ok(1));
        let sent: Result<(), SendError<u32>> = select! { sent = tx.send(2) => sent };
        assert_eq!(sent, Ok(()));
        select! { permit = tx.reserve() => permit.unwrap().send(3).unwrap() }
        select! { claim = rx.claim() => assert_eq!(claim.unwrap().take(), 2) }
        select! { default => assert_eq!(rx.try_recv(), Ok(3)) }
        select! { after(Duration::ZERO) => {} }
        tx.close();
        select! { _ = tx.closed() => {} }
        select! { () = rx.drained() => {} }
    });
}

#[test]
fn arms_end_with_a_comma_a_block_or_the_macro() {
    let (_tx, rx) = ready(0..10);
    let (_idle, idle) = millstream::bounded::<u32>(1);
    now(async {
        // Expressions with commas, the last one with and without.
        let first = select! { v = rx.recv() => v.unwrap(), _ = idle.recv() => 100, };
        let second = select! { v = rx.recv() => v.unwrap(), _ = idle.recv() => 100 };
        // Blocks, with commas and without.
        let third = select! { v = rx.recv() => { v.unwrap() }, _ = idle.recv() => { 100 }, };
        let fourth = select! { v = rx.recv() => { v.unwrap() } _ = idle.recv() => { 100 } };
        // Every kind without a comma before the next.
        let fifth = select! {
            _ = idle.recv(), if false => { 100 }
            after(HOUR), if false => { 101 }
            after(HOUR) => { 102 }
            default, if false => { 103 }
            v = rx.recv() => { v.unwrap() }
        };
        let sixth = select! {
            v = rx.recv() => v.unwrap(),
            after(HOUR) => 100,
            default => 101,
        };
        assert_eq!(
            [first, second, third, fourth, fifth, sixth],
            [0, 1, 2, 3, 4, 5]
        );
    });
}

#[test]
fn biased_and_blocking_in_any_order() {
    let (_a, a) = ready(0..100);
    let (_b, b) = ready(100..200);
    now(async {
        for n in 0..50 {
            let got = select! { biased; v = a.recv() => v, v = b.recv() => v };
            assert_eq!(got, Ok(n));
        }
    });
    for n in 50..98 {
        let got = select! { biased; blocking; v = a.recv() => v, v = b.recv() => v };
        assert_eq!(got, Ok(n));
    }
    let got = select! { blocking; biased; v = a.recv() => v, v = b.recv() => v };
    assert_eq!(got, Ok(98));
    let got = select! { blocking; v = a.recv() => v, _ = b.recv(), if false => unreachable!() };
    assert_eq!(got, Ok(99));
    drop(_a);
    let ended = select! { blocking; v = a.recv() => v };
    assert_eq!(ended, Err(RecvError));
}

#[test]
fn it_is_fair_unless_biased() {
    let (_a, a) = ready(0..200);
    let (_b, b) = ready(0..200);
    let mut wins = [0, 0];
    for _ in 0..200 {
        now(async {
            select! {
                _ = a.recv() => wins[0] += 1,
                _ = b.recv() => wins[1] += 1,
            }
        });
    }
    assert!(wins[0] > 20 && wins[1] > 20, "{wins:?}");
}

#[test]
fn a_question_mark_leaves_the_function() {
    async fn sum(rx: &Receiver<u32>, stop: &Receiver<()>) -> Result<u32, RecvError> {
        let mut sum = 0;
        loop {
            select! {
                biased;
                value = rx.recv() => sum += value?,
                stopped = stop.recv() => return stopped.map(|()| sum),
            }
        }
    }
    let (tx, rx) = ready([1, 2, 3]);
    let (stop, stopped) = millstream::bounded(1);
    stop.try_send(()).unwrap();
    assert_eq!(now(sum(&rx, &stopped)), Ok(6));
    drop(tx);
    assert_eq!(now(sum(&rx, &stopped)), Err(RecvError));
}

#[test]
fn break_and_continue_belong_to_the_loop_around() {
    let (tx, rx) = ready(0..10);
    drop(tx);
    let odd = now(async {
        let mut odd = Vec::new();
        let last = 'outer: loop {
            loop {
                select! {
                    value = rx.recv() => match value {
                        Ok(n) if n % 2 == 0 => continue,
                        Ok(9) => break 'outer 9,
                        Ok(n) => odd.push(n),
                        Err(_) => break,
                    },
                }
                continue 'outer;
            }
        };
        assert_eq!(last, 9);
        odd
    });
    assert_eq!(odd, [1, 3, 5, 7]);
}

#[test]
fn bodies_await() {
    let (tx, rx) = ready([5]);
    let (out, from_out) = millstream::bounded(1);
    now(async {
        select! {
            value = rx.recv() => {
                out.send(value.unwrap()).await.unwrap();
                tx.send(6).await.unwrap();
            }
            after(HOUR) => out.send(0).await.unwrap(),
        }
        assert_eq!(from_out.recv().await, Ok(5));
    });
    assert_eq!(rx.try_recv(), Ok(6));
}

#[test]
fn bodies_share_variables_mutably() {
    let (_a, a) = ready([1, 2]);
    let (_b, b) = ready([10, 20]);
    let mut seen = Vec::new();
    let mut rest = 4;
    now(async {
        while rest > 0 {
            select! {
                value = a.recv(), if !a.is_empty() => {
                    seen.push(value.unwrap());
                    rest -= 1;
                }
                value = b.recv(), if !b.is_empty() => {
                    seen.push(value.unwrap());
                    rest -= 1;
                }
            }
        }
    });
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 10, 20]);
}

#[test]
fn bodies_may_replace_what_the_arms_were_made_of() {
    let (_first, mut rx) = ready([1]);
    let mut value = String::from("text");
    let (out, from_out) = millstream::bounded(1);
    let (_second, second) = ready([2]);
    now(async {
        select! {
            biased;
            got = rx.recv() => {
                assert_eq!(got, Ok(1));
                rx = second;
                value.push('!');
            }
            _ = out.send(value.clone()) => value.clear(),
        }
        select! { got = rx.recv() => assert_eq!(got, Ok(2)) }
    });
    assert_eq!(value, "text!");
    assert!(from_out.try_recv().is_err());
}

#[test]
fn an_arm_whose_condition_is_false_is_not_even_built() {
    let (tx, rx) = ready([1]);
    let built = Cell::new(0);
    let count = |value| {
        built.set(built.get() + 1);
        value
    };
    let none: Option<Receiver<u32>> = None;
    now(async {
        let got = select! {
            _ = tx.send(count(2)), if false => 0,
            _ = none.as_ref().unwrap().recv(), if none.is_some() => 0,
            after(Duration::from_secs(count(0).into())), if false => 0,
            default, if count(1) == 2 => 0,
            got = rx.recv(), if count(1) == 1 => got.unwrap(),
        };
        assert_eq!(got, 1);
    });
    assert_eq!(built.get(), 2, "the two conditions that call it, once each");
    assert!(rx.is_empty());
}

#[test]
fn a_loop_does_not_spin_on_a_channel_that_has_ended() {
    let (numbers, from_numbers) = ready([1, 2]);
    let (words, from_words) = millstream::bounded(1);
    drop(numbers);
    let rounds = Cell::new(0);
    let mut looping = pin!(async {
        let (mut numbers_end, mut sum) = (false, 0);
        loop {
            rounds.set(rounds.get() + 1);
            select! {
                number = from_numbers.recv(), if !numbers_end => match number {
                    Ok(number) => sum += number,
                    Err(_) => numbers_end = true,
                },
                word = from_words.recv() => {
                    let _: &str = word.unwrap();
                    break sum;
                }
            }
        }
    });
    assert!(is_pending(looping.as_mut()));
    assert!(is_pending(looping.as_mut()));
    assert_eq!(rounds.get(), 4, "two values, the end, and then it waits");
    words.try_send("stop").unwrap();
    assert_eq!(now(looping), 3);
}

#[test]
fn selects_nest() {
    let (_a, a) = ready([1]);
    let (_b, b) = ready([2]);
    let sum = now(async {
        select! {
            outer = a.recv() => {
                let inner = select! {
                    inner = b.recv() => inner.unwrap(),
                    default => 100,
                };
                outer.unwrap() + select! { default => inner }
            }
            after(select! { default => HOUR }) => 1000,
        }
    });
    assert_eq!(sum, 3);
}

#[test]
fn patterns_take_values_apart() {
    let (tx, rx) = millstream::bounded(2);
    tx.try_send((1, "one")).unwrap();
    now(async {
        select! {
            mut got = rx.recv() => {
                got = got.map(|(n, word)| (n + 1, word));
                assert_eq!(got, Ok((2, "one")));
            }
        }
        select! { Ok(()) | Err(SendError(_)) = tx.send((2, "two")) => {} }
        select! { got = operation(&rx) => assert_eq!(got, Ok((2, "two"))) }
    });
}

/// An operation is an expression like any other.
fn operation<T>(rx: &Receiver<T>) -> millstream::RecvFuture<'_, T> {
    rx.recv()
}

#[test]
fn many_arms() {
    let (_tx, rx) = ready([7]);
    let (_idle, idle) = millstream::bounded::<u32>(1);
    now(async {
        let got = select! {
            _ = idle.recv() => 1, _ = idle.recv() => 2, _ = idle.recv() => 3, _ = idle.recv() => 4,
            _ = idle.recv() => 5, _ = idle.recv() => 6, _ = idle.recv() => 7, _ = idle.recv() => 8,
            _ = idle.recv() => 9, _ = idle.recv() => 10, _ = idle.recv() => 11, _ = idle.recv() => 12,
            _ = idle.recv() => 13, _ = idle.recv() => 14, _ = idle.recv() => 15, _ = idle.recv() => 16,
            _ = idle.recv() => 17, _ = idle.recv() => 18, _ = idle.recv() => 19, _ = idle.recv() => 20,
            _ = idle.recv() => 21, _ = idle.recv() => 22, _ = idle.recv() => 23,
            got = rx.recv() => got.unwrap() + 17,
        };
        assert_eq!(got, 24);
    });
}

#[test]
fn a_time_limit_by_the_runtimes_clock() {
    let mut manual = Manual::new();
    let (_tx, rx) = millstream::bounded::<u32>(1);
    let late = manual.block_on(async {
        select! {
            _ = rx.recv() => false,
            after(HOUR) => true,
        }
    });
    assert!(late);
    assert_eq!(manual.elapsed(), HOUR);
}

#[test]
fn a_blocking_select_waits_on_its_thread() {
    within(|| {
        let (tx, rx) = millstream::rendezvous();
        let (out, from_out) = millstream::rendezvous();
        let thread = std::thread::spawn(move || {
            let mut sum = 0;
            for _ in 0..100 {
                select! {
                    blocking;
                    value = rx.recv() => sum += value.unwrap_or(0),
                    sent = out.send(1000) => sent.unwrap(),
                    after(HOUR) => panic!("nobody came"),
                }
            }
            sum
        });
        let mut sum = 0;
        for n in 0..50 {
            tx.send_blocking(n).unwrap();
            sum += from_out.recv_blocking().unwrap();
        }
        assert_eq!((thread.join().unwrap(), sum), ((0..50).sum(), 50_000));
    });
}

#[test]
fn a_select_that_is_dropped_inside_its_task_loses_nothing() {
    let (tx, rx) = millstream::rendezvous();
    let (out, from_out) = millstream::rendezvous();
    let bell = Bell::new();
    let mut task = Box::pin(async {
        select! {
            value = rx.recv() => ignore(value),
            sent = out.send("out") => ignore(sent),
        }
    });
    bell.waits(&mut task);
    tx.try_send("in").unwrap();
    assert!(from_out.try_recv().is_err());
    drop(task);
    assert_eq!(rx.try_recv(), Ok("in"));
}
