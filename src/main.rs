//! The `orch-tui` binary.

fn main() {}
