//! Tests of the whole screen: scenes, snapshots, keys.

mod actions;
mod broadcast;
mod crowd;
mod graph;
mod scene;
mod screens;
mod status;
mod table;
