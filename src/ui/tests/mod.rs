//! Tests of the whole screen: scenes, snapshots, keys.

mod actions;
mod again;
mod broadcast;
pub(crate) mod crowd;
mod graph;
mod others;
mod reading;
pub(crate) mod scene;
mod screens;
mod status;
mod table;
