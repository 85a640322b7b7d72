//! The whole program in a real terminal, as a person sees it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "screen/again.rs"]
mod again;
#[path = "screen/archive.rs"]
mod archive;
#[path = "screen/crash.rs"]
mod crash;
#[path = "screen/demo.rs"]
mod demo;
#[path = "screen/grid.rs"]
mod grid;
#[path = "screen/hostile.rs"]
mod hostile;
#[path = "screen/hostile_bytes.rs"]
mod hostile_bytes;
#[path = "screen/keyboard.rs"]
mod keyboard;
#[path = "screen/main_path.rs"]
mod main_path;
#[path = "screen/outer.rs"]
mod outer;
#[path = "screen/proposals.rs"]
mod proposals;
#[path = "screen/reading.rs"]
mod reading;
#[path = "screen/restore.rs"]
mod restore;
#[path = "screen/review.rs"]
mod review;
#[path = "screen/targets.rs"]
mod targets;
#[path = "screen/viewer.rs"]
mod viewer;
