//! What is true: roadmap, goals, plans, agents, gates, claims, and the orchestrator that decides.
//!
//! No I/O, no clock, no thread, no randomness, no terminal. Imports nothing of the other rooms.

pub mod activity;
pub mod adapter;
pub mod agent;
pub mod branch;
pub mod budget;
pub mod claim;
pub mod command;
pub mod cost;
pub mod diff;
pub mod effect;
pub mod estimate;
pub mod frame;
pub mod gardener;
pub mod gate;
pub mod glance;
pub mod goal;
pub mod graph;
pub mod health;
pub mod id;
pub mod identity;
pub mod journal;
pub mod journal_text;
pub mod limits;
pub mod older;
pub mod orchestrator;
pub mod outcome;
pub mod plan;
pub mod preview;
pub mod printable;
pub mod reason;
pub mod report;
pub mod retry;
pub mod roadmap;
pub mod scrollback;
pub mod session_id;
pub mod stage;
pub mod stream;
pub mod synthesis;
pub mod target;
pub mod time;
pub mod timeline;
pub mod undo;
pub mod version;
pub mod workspace;
