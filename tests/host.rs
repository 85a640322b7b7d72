//! Hosts with real agents in real terminals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "host/bench.rs"]
mod bench;
#[path = "host/end.rs"]
mod end;
#[path = "host/last_output.rs"]
mod last_output;
#[path = "host/lines.rs"]
mod lines;
#[path = "host/question.rs"]
mod question;
#[path = "host/stream.rs"]
mod stream;
#[path = "host/viewer.rs"]
mod viewer;
