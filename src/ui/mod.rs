//! What is drawn and what keys mean: model to frame, key to intent. Pure.

pub mod canvas;
pub mod dashboard;
pub mod draw;
pub mod encode;
pub mod encode_mouse;
pub mod intent;
pub mod keys;
pub mod layout;
pub mod line_keys;
pub mod look;
pub mod markdown;
pub mod overlays;
pub mod panes;
pub mod player;
pub mod reading;
pub mod roadmap_rows;
pub mod solo;
pub mod terminal;
pub mod text;
pub mod tiles;

#[cfg(test)]
pub(crate) mod tests;
