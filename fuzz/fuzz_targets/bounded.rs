//! Programs over a channel that keeps a few values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Bounded(program.small())], &program.steps));
