//! Programs over a channel with a buffer of the user's own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Custom(program.small())], &program.steps));
