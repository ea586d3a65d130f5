//! Programs over a channel that keeps every value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Unbounded], &program.steps));
