//! Programs over a channel of one value for everybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Promise], &program.steps));
