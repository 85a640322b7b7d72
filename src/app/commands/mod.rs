//! One file a command.

pub mod agents;
pub mod change;
pub mod errand;
pub mod garden;
pub mod graph;
pub mod history;
pub mod kill;
pub mod logs;
pub mod orphans;
pub mod plan;
pub mod proposals;
pub mod report;
pub mod run;
pub mod setup;
pub mod simulate;
pub mod solo;
pub mod status;
pub mod undo;
