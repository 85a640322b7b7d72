//! Reading what an agent said: its lines, a cursor in them, search and selection.

mod lines;
mod motion;
mod paint;
mod reader;
mod search;
#[cfg(test)]
mod tests;

pub use lines::{Place, Seen};
pub use paint::{draw, note, place_of};
pub use reader::{Began, Extent, Reader, amount};
pub use search::{Match, Search, find};
