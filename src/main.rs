//! The `orch-tui` binary.

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    Ok(orch_tui::app::main()?.into())
}
