//! Prints the key table of README.md: `cargo run --quiet --example keys`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(orch_tui::ui::keys::markdown().as_bytes())
}
