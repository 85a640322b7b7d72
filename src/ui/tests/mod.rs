//! Tests of the whole screen: scenes, snapshots, keys.

mod actions;
mod scene;
mod screens;
mod table;
