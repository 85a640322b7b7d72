//! A world without processes and files: it answers every effect of the orchestrator on a clock of its own, and every
//! choice in it comes from one seed. The same seed gives the same run.
//!
//! Never in here: a real clock, a real file, a process, randomness from outside.

mod branches;
mod desk;
mod dice;
pub mod generated;
pub mod person;
pub mod referee;
mod script;
pub mod world;

#[cfg(test)]
mod referee_tests;
#[cfg(test)]
mod world_tests;
