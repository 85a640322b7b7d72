//! The reading grammar as a whole: known faults, changes that mean nothing, roadmaps that know their answers, CommonMark.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "grammar/beside.rs"]
mod beside;
#[path = "grammar/commonmark.rs"]
mod commonmark;
#[path = "grammar/containers.rs"]
mod containers;
#[path = "grammar/decisions.rs"]
mod decisions;
#[path = "grammar/dependencies.rs"]
mod dependencies;
#[path = "grammar/dice.rs"]
mod dice;
#[path = "grammar/faults.rs"]
mod faults;
#[path = "grammar/generated.rs"]
mod generated;
#[path = "grammar/generator.rs"]
mod generator;
#[path = "grammar/holds.rs"]
mod holds;
#[path = "grammar/long_lines.rs"]
mod long_lines;
#[path = "grammar/mutations.rs"]
mod mutations;
#[path = "grammar/names.rs"]
mod names;
#[path = "grammar/one_line.rs"]
mod one_line;
#[path = "grammar/statuses.rs"]
mod statuses;
#[path = "grammar/waiting.rs"]
mod waiting;
#[path = "grammar/wording.rs"]
mod wording;
