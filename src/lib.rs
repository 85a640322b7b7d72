//! orch-tui: many coding agents, one terminal, one roadmap.
//!
//! Four rooms, one direction: see `ARCHITECTURE.md`.

pub mod app;
pub mod domain;
pub mod runner;
pub mod ui;
