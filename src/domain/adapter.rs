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

/// Arguments that stand or fall together.
pub type Group = Vec<String>;

/// Who names a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionId {
    /// We do, before the start.
    Chosen,
    /// The CLI does, and tells it in its output.
    #[default]
    Reported,
}

/// How a session is begun, gone on with and branched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who names it.
    pub id: SessionId,
    /// Arguments for a fresh one.
    pub new: Group,
    /// Arguments for going on with one; empty when it can't be done.
    pub resume: Group,
    /// Arguments for a new one that begins with all of another; empty when it can't be done.
    pub fork: Group,
    /// Whether `resume` and `fork` stand in place of the adapter's `args`, not behind them.
    pub resume_replaces_args: bool,
}

/// How a life begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// With a session of its own.
    Fresh {
        /// The id chosen for it, for CLIs that let us choose.
        session: String,
    },
    /// By going on with a session.
    Resume {
        /// Its id.
        session: String,
    },
    /// With a new session that begins with all of another.
    Fork {
        /// The other's id.
        session: String,
        /// The id chosen for the new one.
        new: String,
    },
}

impl Default for Start {
    /// A life whose session is not known.
    fn default() -> Self {
        Self::Fresh { session: String::new() }
    }
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
    /// How a session is begun, gone on with and branched.
    pub session: Session,
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
    /// Whether a session can be gone on with.
    pub fn can_resume(&self) -> bool {
        !self.session.resume.is_empty()
    }

    /// The argument vector with its placeholders filled in. Values are never split or interpreted.
    pub fn argv(&self, start: &Start, prompt_file: &str) -> Vec<String> {
        let (group, session, new, alone) = match start {
            Start::Fresh { session } => (&self.session.new, session, session, false),
            Start::Resume { session } => {
                (&self.session.resume, session, session, self.session.resume_replaces_args)
            }
            Start::Fork { session, new } => {
                (&self.session.fork, session, new, self.session.resume_replaces_args)
            }
        };
        let fill = |arg: &String| {
            let arg = arg.replace("{session}", session).replace("{new_session}", new);
            arg.replace("{prompt_file}", prompt_file)
        };
        let args = self.args.iter().filter(|_| !alone).chain(group);
        std::iter::once(self.command.clone()).chain(args.map(fill)).collect()
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
            args: vec!["--file={prompt_file}".into()],
            session: Session {
                new: vec!["--session-id".into(), "{session}".into()],
                resume: vec!["--resume={session}".into()],
                ..Session::default()
            },
            env: BTreeMap::new(),
            pass_env: vec![],
            root_env: BTreeMap::new(),
            limits: Limits::default(),
        };
        let session = "s 1".to_owned();
        let fresh = adapter.argv(&Start::Fresh { session: session.clone() }, "/p q");
        assert_eq!(fresh, ["claude", "--file=/p q", "--session-id", "s 1"]);
        let resumed = adapter.argv(&Start::Resume { session: session.clone() }, "/p q");
        assert_eq!(resumed, ["claude", "--file=/p q", "--resume=s 1"]);
        let mut alone = adapter;
        alone.session.resume_replaces_args = true;
        assert_eq!(alone.argv(&Start::Resume { session }, "/p q"), ["claude", "--resume=s 1"]);
    }
}
