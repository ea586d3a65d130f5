//! Which runtime is the current one.

mod runtime_support;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::thread;

use millstream::runtime::{current, enter, spawn, try_current, Handle, Manual, Runtime, Timer};
use runtime_support::*;

#[test]
fn the_runtime_entered_last_counts_until_its_guard_is_dropped() {
    let outer = enter(Marked::new(1).handle());
    assert_eq!(current_mark(), 1);
    {
        let _inner = enter(Marked::new(2).handle());
        assert_eq!(current_mark(), 2);
        {
            let _innermost = Marked::new(3).handle().enter();
            assert_eq!(current_mark(), 3);
        }
        assert_eq!(current_mark(), 2);
    }
    assert_eq!(current_mark(), 1);
    let before = outside();
    drop(outer);
    assert_eq!(outside(), before);
}

/// How the current runtime looks on a thread that has entered none.
fn outside() -> String {
    thread::spawn(|| format!("{:?}", try_current()))
        .join()
        .unwrap()
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let first = enter(Marked::new(1).handle());
    let second = enter(Marked::new(2).handle());
    let third = enter(Marked::new(3).handle());
    drop(second);
    assert_eq!(current_mark(), 3, "the one in the middle was not current");
    drop(third);
    assert_eq!(current_mark(), 1, "the second does not come back");
    let fourth = enter(Marked::new(4).handle());
    drop(first);
    assert_eq!(current_mark(), 4);
    drop(fourth);
    assert_eq!(format!("{:?}", try_current()), outside());
}

#[test]
fn one_runtime_can_be_entered_twice() {
    let runtime = Marked::new(1).handle();
    let first = enter(&runtime);
    let second = enter(&runtime);
    drop(first);
    assert_eq!(current_mark(), 1);
    drop(second);
    assert_eq!(format!("{:?}", try_current()), outside());
}

#[test]
fn unwinding_leaves_the_runtime() {
    let _outer = enter(Marked::new(1).handle());
    let panic = catch_unwind(|| {
        let _inner = enter(Marked::new(2).handle());
        panic_quietly(current_mark())
    });
    let seen: Box<u64> = panic.unwrap_err().downcast().unwrap();
    assert_eq!(*seen, 2);
    assert_eq!(current_mark(), 1);
}

#[test]
fn threads_do_not_see_each_others_runtimes() {
    let nothing_entered = outside();
    let _here = enter(Marked::new(1).handle());
    assert_eq!(outside(), nothing_entered);
    let there = thread::spawn(|| {
        let _there = enter(Marked::new(2).handle());
        current_mark()
    });
    assert_eq!(there.join().unwrap(), 2);
    assert_eq!(current_mark(), 1);
}

#[test]
fn a_handle_is_made_of_whatever_is_a_runtime() {
    let shared: Arc<Marked> = Arc::new(Marked::new(1));
    let dynamic: Arc<dyn Runtime> = shared.clone();
    assert_eq!(Handle::from(shared.clone()).now(), mark(1));
    assert_eq!(Handle::from(dynamic.clone()).now(), mark(1));
    assert_eq!(Handle::new(dynamic).now(), mark(1));
    let manual = Manual::new();
    assert_eq!(Handle::from(&manual).now(), manual.now());
    assert_eq!(
        Arc::strong_count(&shared),
        1,
        "the handles have let go of it"
    );
}

#[test]
fn a_task_sees_its_own_runtime_in_polls_and_in_its_destructor() {
    let runtime = Marked::new(1);
    let (to, told) = channel();
    {
        let _other = enter(Marked::new(2).handle());
        runtime.handle().spawn(TellMarks { to, polls: 1 });
        assert_eq!(current_mark(), 2);
    }
    let _third = enter(Marked::new(3).handle());
    runtime.run();
    assert_eq!(current_mark(), 3);
    runtime.run();
    let told: Vec<_> = told.iter().collect();
    assert_eq!(told, [("poll", 1), ("poll", 1), ("drop", 1)]);
    assert_eq!(current_mark(), 3);
}

#[test]
fn a_task_that_is_dropped_unfinished_sees_its_own_runtime() {
    let runtime = Marked::new(1);
    let (to, told) = channel();
    runtime.handle().spawn(TellMarks { to, polls: 5 });
    runtime.run();
    thread::spawn(move || runtime.tasks.lock().unwrap().clear())
        .join()
        .unwrap();
    let told: Vec<_> = told.iter().collect();
    assert_eq!(told, [("poll", 1), ("drop", 1)]);
}

#[test]
fn a_task_that_panics_leaves_its_runtime() {
    let runtime = Marked::new(1);
    runtime.handle().spawn(async { panic_quietly(()) });
    let _other = enter(Marked::new(2).handle());
    let ran = catch_unwind(AssertUnwindSafe(|| runtime.run()));
    assert!(ran.is_err());
    assert_eq!(current_mark(), 2);
}

#[test]
fn spawn_takes_the_current_runtime() {
    let outer = Marked::new(1);
    let inner = Marked::new(2);
    let _outer = enter(outer.handle());
    {
        let _inner = enter(inner.handle());
        spawn(async {
            assert_eq!(current_mark(), 2);
            spawn(async { assert_eq!(current_mark(), 2) });
        });
    }
    assert_eq!(outer.tasks.lock().unwrap().len(), 0);
    assert_eq!(inner.tasks.lock().unwrap().len(), 1);
    inner.run();
    assert_eq!(outer.tasks.lock().unwrap().len(), 0);
    assert_eq!(
        inner.tasks.lock().unwrap().len(),
        1,
        "the task spawned another"
    );
    inner.run();
    assert_eq!(inner.tasks.lock().unwrap().len(), 0);
}

#[test]
fn a_runtime_whose_last_handle_is_its_guards_may_use_the_stack_when_it_is_dropped() {
    struct LooksAround(Marked, std::sync::mpsc::Sender<u64>);
    impl millstream::runtime::Spawn for LooksAround {
        fn spawn(&self, task: millstream::runtime::BoxFuture<'static, ()>) {
            self.0.spawn(task);
        }
    }
    impl Timer for LooksAround {
        fn now(&self) -> std::time::Instant {
            self.0.now()
        }
        fn sleep_until(
            &self,
            deadline: std::time::Instant,
        ) -> millstream::runtime::BoxFuture<'static, ()> {
            self.0.sleep_until(deadline)
        }
    }
    impl Drop for LooksAround {
        fn drop(&mut self) {
            let _again = enter(Marked::new(3).handle());
            self.1.send(current_mark()).unwrap();
        }
    }

    let (to, told) = channel();
    let _outer = enter(Marked::new(1).handle());
    let guard = enter(Handle::new(LooksAround(Marked::new(2), to)));
    assert_eq!(current_mark(), 2);
    drop(guard);
    assert_eq!(told.try_recv(), Ok(3));
    assert_eq!(current_mark(), 1);
}

#[test]
fn handles_can_be_kept_and_sent_anywhere() {
    fn any_thread<T: Send + Sync + Clone + 'static>() {}
    any_thread::<Handle>();
    fn sendable<T: Send + Sync>() {}
    sendable::<Manual>();
}

#[cfg(not(any(feature = "runtime", feature = "smol")))]
#[test]
fn without_a_runtime_it_says_what_to_do() {
    assert!(try_current().is_none());
    for attempt in [|| drop(current()), || spawn(async {})] {
        let panic = catch_unwind(attempt).unwrap_err();
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap();
        assert!(
            message.contains("enable the `runtime` feature"),
            "{message}"
        );
        assert!(message.contains("runtime::enter"), "{message}");
    }
}

#[cfg(all(feature = "runtime", not(feature = "smol")))]
#[test]
fn where_nothing_was_entered_the_built_in_runtime_counts() {
    assert_eq!(format!("{:?}", current()), "Handle(built-in)");
}

#[cfg(feature = "smol")]
#[test]
fn where_nothing_was_entered_smol_counts() {
    assert_eq!(format!("{:?}", current()), "Handle(smol)");
}
