//! Adapters: how an agent CLI is started, read and judged. Data, not code.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the output of an agent CLI is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// JSON lines in Claude Code's `stream-json` format, rendered as a transcript.
    Stream,
    /// Any program: its terminal output is shown as it is.
    Text,
    /// The scripted agent inside this binary; emits `stream-json`.
    Demo,
}

/// An agent CLI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// Its key in `agents.yaml`.
    pub name: String,
    /// How its output is shown.
    pub kind: AdapterKind,
    /// Program to start.
    pub command: String,
    /// Its arguments. `{session}` stands for the session id chosen for the run, `{prompt_file}` for the prompt's path.
    pub args: Vec<String>,
    /// Environment variables to set.
    pub env: BTreeMap<String, String>,
    /// Environment variables to pass on from the app's own environment, beyond the common ones. A trailing `*` is a prefix.
    pub pass_env: Vec<String>,
    /// Variables set only when the app runs as root and the target allows it (`allow_root: true`).
    pub root_env: BTreeMap<String, String>,
    /// Limits of a life.
    pub limits: Limits,
}

/// Limits of one life. A time of zero is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// From start to the first byte of output.
    pub start: Duration,
    /// From start to the end.
    pub total: Duration,
    /// Without a byte of output.
    pub idle: Duration,
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
    /// How long the host keeps the claim after the end while nobody collects the result.
    pub linger: Duration,
    /// Most bytes of the recording on disk; beyond them its oldest part goes.
    pub recording: u64,
    /// Steps by which its processes stand back for others when the processor is busy, up to 19 (nice(1)).
    pub nice: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::ZERO,
            total: Duration::from_secs(4 * 3600),
            idle: Duration::from_secs(900),
            grace: Duration::from_secs(5),
            linger: Duration::from_secs(7 * 24 * 3600),
            recording: 64 * 1024 * 1024,
            nice: 5,
        }
    }
}

impl Adapter {
    /// The argument vector with its placeholders filled in. Values are never split or interpreted.
    pub fn argv(&self, session: &str, prompt_file: &str) -> Vec<String> {
        let fill =
            |arg: &String| arg.replace("{session}", session).replace("{prompt_file}", prompt_file);
        std::iter::once(self.command.clone()).chain(self.args.iter().map(fill)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_inside_one_argument() {
        let adapter = Adapter {
            name: "claude".into(),
            kind: AdapterKind::Stream,
            command: "claude".into(),
            args: vec!["--session-id".into(), "{session}".into(), "--file={prompt_file}".into()],
            env: BTreeMap::new(),
            pass_env: vec![],
            root_env: BTreeMap::new(),
            limits: Limits::default(),
        };
        assert_eq!(adapter.argv("s 1", "/p q"), ["claude", "--session-id", "s 1", "--file=/p q"]);
    }
}
