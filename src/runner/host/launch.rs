//! Starting the agent in a terminal of its own.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::domain::adapter::Via;
use crate::domain::frame::Size;
use crate::runner::environment;

use super::HostError;
use super::spec::HostSpec;
use super::{bound, priority};

/// Runs the agent with the prompt file as its standard input; the terminal stays its output.
const WITH_PROMPT: &str = r#"exec "$0" "$@" < "$ORCH_TUI_PROMPT_FILE""#;

/// Tells an agent where its prompt lies. No two lives of any agents have the same.
pub const PROMPT_VARIABLE: &str = "ORCH_TUI_PROMPT_FILE";

/// `NAME=value` in the environment of all processes of the life with this prompt: it finds them when their host, which
/// knows better, is gone.
pub fn agent_marker(prompt_file: &Path) -> String {
    format!("{PROMPT_VARIABLE}={}", prompt_file.display())
}

/// A started agent and its terminal.
pub(super) struct Launched {
    /// The agent's pid.
    pub(super) pid: u32,
    /// The host's side of the terminal.
    pub(super) master: Box<dyn MasterPty + Send>,
    /// What the agent prints.
    pub(super) output: Box<dyn Read + Send>,
    /// What is typed to it.
    pub(super) input: Box<dyn Write + Send>,
}

/// Opens a terminal of the right size and starts the agent in it. `marker` is `NAME=value` and
/// tells the agent's processes from all others.
pub(super) fn launch(spec: &HostSpec, marker: &str) -> Result<Launched, HostError> {
    check(spec)?;
    let failed = |error: &dyn std::fmt::Display| HostError::Start {
        command: spec.argv.join(" "),
        cause: error.to_string(),
    };
    let pair = native_pty_system().openpty(pty_size(spec.size)).map_err(|e| failed(&e))?;
    let child = pair.slave.spawn_command(command(spec, marker)).map_err(|e| failed(&e))?;
    let pid = child.process_id().ok_or_else(|| failed(&"it has no process id"))?;
    priority::lower(pid, spec.limits.nice);
    // The host waits for all its children itself, and portable-pty's kill reaches only one process.
    drop(child);
    drop(pair.slave);
    let output = pair.master.try_clone_reader().map_err(|e| failed(&e))?;
    let input = pair.master.take_writer().map_err(|e| failed(&e))?;
    Ok(Launched { pid, master: pair.master, output, input })
}

/// The terminal's size for the system.
pub(super) fn pty_size(size: Size) -> PtySize {
    PtySize { rows: size.rows, cols: size.cols, pixel_width: 0, pixel_height: 0 }
}

/// Finds out what would otherwise only show as a strange exit status.
fn check(spec: &HostSpec) -> Result<(), HostError> {
    let program = spec.argv.first().ok_or(HostError::NoCommand)?;
    if !spec.cwd.is_dir() {
        return Err(HostError::NoDirectory(spec.cwd.clone()));
    }
    let read = OpenOptions::new().read(true).open(&spec.prompt_file);
    if let Err(cause) = read {
        return Err(HostError::Prompt { path: spec.prompt_file.clone(), cause });
    }
    environment::program(program, &spec.env, &spec.cwd)?;
    Ok(())
}

fn command(spec: &HostSpec, marker: &str) -> CommandBuilder {
    let mut argv: Vec<OsString> = Vec::new();
    if let Some(program) = bound::program() {
        let host = std::process::id().to_string();
        argv.push(program.into());
        argv.extend(["bound", "--host", &host, "--"].map(Into::into));
    }
    match spec.via() {
        Via::Stdin => argv.extend(["/bin/sh", "-c", WITH_PROMPT].map(Into::into)),
        Via::Arg | Via::File => {}
    }
    argv.extend(spec.argv.iter().map(Into::into));
    let mut command = CommandBuilder::from_argv(argv);
    command.cwd(&spec.cwd);
    command.env_clear();
    for (name, value) in &spec.env {
        command.env(name, value);
    }
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command.env("ORCH_TUI_AGENT", spec.agent.to_string());
    command.env(PROMPT_VARIABLE, &spec.prompt_file);
    if let Some((name, value)) = marker.split_once('=') {
        command.env(name, value);
    }
    command
}
