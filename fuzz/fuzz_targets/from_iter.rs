//! Programs over a channel that draws from an iterator.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millstream_fuzz::{run, Policy, Program};

fuzz_target!(|program: Program| run(&[Policy::Iterator(program.count())], &program.steps));
