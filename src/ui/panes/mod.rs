//! The panes of the dashboard, each drawn from the same scene.

pub mod agent;
pub mod goal;
pub mod grid;
pub mod header;
pub mod names;
pub mod roadmap;
mod roadmap_columns;
pub mod status;
pub mod streams;
