//! Programs over a channel that drops the newest when it is full.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Dropping(program.small())], &program.steps));
