//! Programs over three channels of different policies, for the selects among their steps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| {
    let policies = program.mixture(&[
        Policy::Bounded(0),
        Policy::Bounded(1),
        Policy::Bounded(2),
        Policy::Sliding(1),
        Policy::Promise,
        Policy::Custom(1),
        Policy::Iterator(2),
    ]);
    run(&policies, &program.steps);
});
