//! What a newcomer does wrong, or at the edge of what numbers can say: each has a defined result, which is documented at
//! the item and pinned here. Nothing is lost in silence, nothing hangs that could have said so.

#[path = "../common/mod.rs"]
mod common;

mod capacities;
mod finished;
mod misuse;
mod payloads;
mod recursion;
mod selects;
mod times;
