//! `ordered-map`: a function that computes for 1 µs or 10 µs, on two threads, with the results in the order of the items.
//!
//! The `-unbatched` cells are for what takes every item alone: millstream is told to, and the peers that need chunks to be fast go without.

use crate::cell::{Cells, Peer, Run, Spec, Unit};
use crate::peers::{millstream::Millstream, Channel, Standing};

mod busy;
mod chunked;
mod single;

use busy::Busy;

/// How many threads every peer may use.
const THREADS: usize = 2;

const HALVES: Peer = Peer::of("std", "halves").standing(Standing::Floor(
    "two threads that are given half of the items each beforehand, and keep the results to the end",
));
const PAR_ITER: Peer = Peer::of("rayon", "rayon-par-iter").standing(Standing::Floor(
    "rayon's parallel iterator, which needs all items beforehand, and keeps the results to the end",
));

pub fn enter_all(cells: &mut Cells) {
    let batched = "ordered-map";
    enter(
        cells,
        batched,
        <Millstream as Channel>::PEER,
        chunked::millstream,
    );
    enter(
        cells,
        batched,
        Peer::of("pariter", "pariter-chunks"),
        chunked::pariter,
    );
    enter(
        cells,
        batched,
        Peer::of("rayon", "rayon-chunks"),
        chunked::rayon,
    );
    enter(cells, batched, PAR_ITER, chunked::par_iter);
    let unbatched = "ordered-map-unbatched";
    enter(
        cells,
        unbatched,
        <Millstream as Channel>::PEER,
        single::millstream,
    );
    for name in [batched, unbatched] {
        enter(cells, name, Peer::sound("pariter"), single::pariter);
        let spawn = Peer::of("tokio", "tokio-spawn-buffered");
        enter(cells, name, spawn, single::tokio_spawn);
        let spawn_blocking = Peer::of("tokio", "tokio-spawn-blocking-buffered");
        enter(cells, name, spawn_blocking, single::spawn_blocking);
        let plain = Peer::of("std", "plain-loop");
        enter(cells, name, plain, single::plain_loop);
        enter(cells, name, HALVES, chunked::halves);
    }
}

fn enter(cells: &mut Cells, name: &str, peer: Peer, run: fn(usize, Busy) -> Run) {
    for (microseconds, messages) in [(1, 40_000), (10, 4_000)] {
        let spec = Spec {
            name: format!("{name}/{microseconds}us"),
            unit: Unit::Item,
            messages,
        };
        // Whole also in a quick run: the threads that some peers start for a map weigh more in a fifth of it.
        cells.enter_whole(spec, peer, move |items| {
            run(items, Busy::microseconds(microseconds))
        });
    }
}
