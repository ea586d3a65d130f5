//! The kinds of topologies. Each builds one, lets it run to its end, and checks what must hold of it.

mod bridges;
mod crowd;
mod exchange;
mod pipes;
mod scopes;
mod sets;
mod shares;
mod sockets;
mod sources;
mod stopped;
mod tees;
mod times;
mod topics;

use crate::run::Run;

/// A kind of topology.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub run: fn(&mut Run) -> Result<(), String>,
    /// How often it is drawn, beside the others.
    pub weight: usize,
}

pub const ALL: &[Kind] = &[
    Kind {
        name: "crowd",
        run: crowd::run,
        weight: 8,
    },
    Kind {
        name: "exchange",
        run: exchange::run,
        weight: 4,
    },
    Kind {
        name: "sets",
        run: sets::run,
        weight: 4,
    },
    Kind {
        name: "tees",
        run: tees::run,
        weight: 4,
    },
    Kind {
        name: "topics",
        run: topics::run,
        weight: 4,
    },
    Kind {
        name: "shares",
        run: shares::run,
        weight: 4,
    },
    Kind {
        name: "pipes",
        run: pipes::run,
        weight: 6,
    },
    Kind {
        name: "scopes",
        run: scopes::run,
        weight: 4,
    },
    Kind {
        name: "sources",
        run: sources::run,
        weight: 4,
    },
    Kind {
        name: "times",
        run: times::run,
        weight: 2,
    },
    Kind {
        name: "bridges",
        run: bridges::run,
        weight: 3,
    },
    Kind {
        name: "sockets",
        run: sockets::run,
        weight: 1,
    },
    Kind {
        name: "stopped",
        run: stopped::run,
        weight: 2,
    },
];
