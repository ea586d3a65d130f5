//! Stages that run beside their neighbours: between a receiver and a sender, on worker threads.

mod threads;

pub use threads::{threads, Threads};
