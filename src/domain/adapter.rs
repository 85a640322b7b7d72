//! Adapters: how an agent CLI is started, read and judged. Data, not code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::version::Version;

pub use crate::domain::limits::Limits;

/// How the output of an agent CLI is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// JSON lines, read by a [`Parser`] and rendered as a transcript.
    Stream,
    /// Any program: its terminal output is shown as it is.
    Text,
    /// The scripted agent inside this binary; emits Claude Code's `stream-json`.
    Demo,
}

/// Whose JSON lines an agent CLI prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parser {
    /// Claude Code's `--output-format stream-json`.
    Claude,
    /// Codex' `exec --json`.
    Codex,
    /// Gemini CLI's `--output-format stream-json`.
    Gemini,
    /// opencode's `run --format json`.
    Opencode,
    /// Nobody's: the terminal is shown as it is.
    None,
}

impl Parser {
    /// The one for an adapter of this kind that names none.
    pub fn of(kind: AdapterKind) -> Self {
        match kind {
            AdapterKind::Stream | AdapterKind::Demo => Self::Claude,
            AdapterKind::Text => Self::None,
        }
    }
}

/// Arguments that stand or fall together.
pub type Group = Vec<String>;

/// An agent CLI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    /// Its key in `agents.yaml`.
    pub name: String,
    /// How its output is shown.
    pub kind: AdapterKind,
    /// How its output is read.
    pub parser: Parser,
    /// Program to start.
    pub command: String,
    /// Its arguments, before all groups. Placeholders: see [`Adapter::argv`].
    pub args: Group,
    /// How much it may do without asking.
    pub autonomy: Autonomy,
    /// How a session is begun, gone on with and branched.
    pub session: Session,
    /// Settings with a value.
    pub options: Options,
    /// How it gets its prompt.
    pub prompt: Prompt,
    /// Its environment.
    pub env: Environment,
    /// Limits of a life.
    pub limits: Limits,
    /// How to ask the program for its version and its log-in.
    pub probe: Probe,
}

/// How much an agent may do without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Everything.
    #[default]
    Full,
    /// What an allow-list of tools permits.
    Tools,
    /// Nothing: it reads and plans.
    Plan,
}

impl Level {
    /// `full`, `tools` or `plan`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Tools => "tools",
            Self::Plan => "plan",
        }
    }
}

/// The level an agent runs at, and the arguments that ask for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Autonomy {
    /// The chosen one.
    pub level: Level,
    /// Arguments for [`Level::Full`]; a program that asks nobody needs none.
    pub full: Group,
    /// Arguments for [`Level::Tools`], if it has that level.
    pub tools: Option<Group>,
    /// Arguments for [`Level::Plan`], if it has that level.
    pub plan: Option<Group>,
}

impl Autonomy {
    /// The arguments for the chosen level; `None` when there is no way to ask for it.
    pub fn group(&self) -> Option<&Group> {
        match self.level {
            Level::Full => Some(&self.full),
            Level::Tools => self.tools.as_ref(),
            Level::Plan => self.plan.as_ref(),
        }
    }
}

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

/// A setting with a value, and the arguments that carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The arguments; empty when the CLI has no such setting.
    pub args: Group,
    /// The value; without one the arguments are left out.
    pub value: Option<String>,
}

/// Settings with a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Which model answers.
    pub model: Setting,
    /// Most turns of a life.
    pub max_turns: Setting,
    /// Most money a life may cost, in US dollars.
    pub budget_usd: Setting,
}

/// The way of a prompt to its agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The prompt's file is its standard input.
    Stdin,
    /// The prompt's text is one of its arguments.
    Arg,
    /// It reads the file itself; its standard input is its terminal.
    File,
}

impl Via {
    /// The one for an adapter of this kind that names none.
    pub fn of(kind: AdapterKind) -> Self {
        match kind {
            AdapterKind::Stream => Self::Stdin,
            AdapterKind::Text | AdapterKind::Demo => Self::File,
        }
    }
}

/// How an agent gets its prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The way.
    pub via: Via,
    /// The last arguments of all.
    pub args: Group,
}

/// A prompt on its way.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Path of its file.
    pub file: &'a str,
    /// The prompt itself.
    pub text: &'a str,
}

/// What an agent's environment is made of, beside what all agents get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Variables to set.
    pub set: BTreeMap<String, String>,
    /// Variables to pass on from the app's own environment, beyond the common ones. A trailing `*` is a prefix.
    pub pass: Vec<String>,
    /// Variables that are never passed on, whatever else says so. A trailing `*` is a prefix.
    pub unset: Vec<String>,
    /// Variables set only when the app runs as root and the target allows it (`allow_root: true`).
    pub root: BTreeMap<String, String>,
}

/// How to ask the program for its version and its log-in, each by its exit status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Arguments that make it tell its version; empty when it can't be asked.
    pub args: Group,
    /// The oldest version known to work.
    pub min: Option<Version>,
    /// Arguments that make it tell whether somebody is logged in; empty when it can't be asked.
    pub auth: Group,
    /// Arguments a person logs in with.
    pub login: Group,
}

impl Adapter {
    /// An adapter for any program: its terminal is shown, nothing is known of its arguments.
    pub fn text(name: &str, command: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: AdapterKind::Text,
            parser: Parser::of(AdapterKind::Text),
            command: command.to_owned(),
            args: Group::new(),
            autonomy: Autonomy::default(),
            session: Session::default(),
            options: Options::default(),
            prompt: Prompt { via: Via::of(AdapterKind::Text), args: Group::new() },
            env: Environment::default(),
            limits: Limits::default(),
            probe: Probe::default(),
        }
    }

    /// Whether a session can be gone on with.
    pub fn can_resume(&self) -> bool {
        !self.session.resume.is_empty()
    }

    /// Whether a session can be branched.
    pub fn can_fork(&self) -> bool {
        !self.session.fork.is_empty()
    }

    /// The variables it needs to work as root at its level; none when it works so.
    pub fn root_needs(&self) -> Option<&BTreeMap<String, String>> {
        let is_full = match self.autonomy.level {
            Level::Full => true,
            Level::Tools | Level::Plan => false,
        };
        (is_full && !self.env.root.is_empty()).then_some(&self.env.root)
    }

    /// The argument vector: command, arguments, then the groups for autonomy, session, options and prompt.
    ///
    /// `{session}`, `{new_session}`, `{prompt_file}`, `{prompt}`, `{model}`, `{max_turns}` and `{budget_usd}` are filled in.
    /// Values are never split or interpreted. An adapter that can't resume or fork starts afresh.
    pub fn argv(&self, start: &Start, told: &Told<'_>) -> Vec<String> {
        let (session, new) = match start {
            Start::Fresh { session } | Start::Resume { session } => (session, session),
            Start::Fork { session, new } => (session, new),
        };
        let options = &self.options;
        let value = |setting: &'_ Setting| setting.value.clone().unwrap_or_default();
        let values = [
            ("{session}", session.clone()),
            ("{new_session}", new.clone()),
            ("{prompt_file}", told.file.to_owned()),
            ("{prompt}", told.text.to_owned()),
            ("{model}", value(&options.model)),
            ("{max_turns}", value(&options.max_turns)),
            ("{budget_usd}", value(&options.budget_usd)),
        ];
        let settings = [&options.model, &options.max_turns, &options.budget_usd];
        let valued = settings.into_iter().filter(|setting| setting.value.is_some());
        std::iter::once(&self.command)
            .chain(self.beginning(start))
            .chain(valued.flat_map(|setting| &setting.args))
            .chain(&self.prompt.args)
            .map(|arg| filled(arg, &values))
            .collect()
    }

    /// The arguments that stand before the options.
    fn beginning(&self, start: &Start) -> Vec<&String> {
        let session = &self.session;
        let (group, goes_on) = match start {
            Start::Resume { .. } if self.can_resume() => (&session.resume, true),
            Start::Fork { .. } if self.can_fork() => (&session.fork, true),
            Start::Fresh { .. } | Start::Resume { .. } | Start::Fork { .. } => {
                (&session.new, false)
            }
        };
        let autonomy = self.autonomy.group().into_iter().flatten();
        match goes_on && session.resume_replaces_args {
            true => group.iter().chain(autonomy).collect(),
            false => self.args.iter().chain(autonomy).chain(group).collect(),
        }
    }
}

/// An argument with its placeholders filled in. What is filled in is not looked at again.
fn filled(arg: &str, values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(arg.len());
    let mut rest = arg;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match values.iter().find(|(name, _)| from.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value);
                rest = &from[name.len()..];
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: Told<'_> = Told { file: "/p q", text: "do {session}" };

    fn group(text: &str) -> Group {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn adapter() -> Adapter {
        Adapter {
            args: group("-p {x} --file={prompt_file}"),
            autonomy: Autonomy {
                full: group("--all"),
                plan: Some(group("--mode plan")),
                ..Autonomy::default()
            },
            session: Session {
                id: SessionId::Chosen,
                new: group("--session-id {session}"),
                resume: group("--resume {session}"),
                fork: group("--resume {session} --fork {new_session}"),
                resume_replaces_args: false,
            },
            options: Options {
                model: Setting { args: group("--model {model}"), value: Some("m 1".into()) },
                max_turns: Setting { args: group("--max-turns {max_turns}"), value: None },
                budget_usd: Setting::default(),
            },
            ..Adapter::text("claude", "claude")
        }
    }

    fn fresh() -> Start {
        Start::Fresh { session: "s 1".into() }
    }

    #[test]
    fn placeholders_are_filled_inside_one_argument_and_only_once() {
        let mut adapter = adapter();
        let expected = [
            "claude",
            "-p",
            "{x}",
            "--file=/p q",
            "--all",
            "--session-id",
            "s 1",
            "--model",
            "m 1",
        ];
        assert_eq!(adapter.argv(&fresh(), &TOLD), expected);
        adapter.prompt.args = group("-- {prompt}");
        assert_eq!(adapter.argv(&fresh(), &TOLD)[9..], ["--", "do {session}"]);
    }

    #[test]
    fn a_session_is_gone_on_with_or_branched() {
        let mut adapter = adapter();
        let resume = Start::Resume { session: "old".into() };
        let fork = Start::Fork { session: "old".into(), new: "new".into() };
        let line = |adapter: &Adapter, start| adapter.argv(start, &TOLD)[4..].join(" ");
        assert_eq!(line(&adapter, &resume), "--all --resume old --model m 1");
        assert_eq!(line(&adapter, &fork), "--all --resume old --fork new --model m 1");
        adapter.session.resume = group("exec resume {session}");
        adapter.session.resume_replaces_args = true;
        let whole = adapter.argv(&resume, &TOLD).join(" ");
        assert_eq!(whole, "claude exec resume old --all --model m 1");
        adapter.session.resume.clear();
        assert!(!adapter.can_resume());
        assert_eq!(line(&adapter, &resume), "--all --session-id old --model m 1");
    }

    #[test]
    fn a_level_chooses_its_arguments() {
        let mut adapter = adapter();
        adapter.env.root = BTreeMap::from([("IS_SANDBOX".into(), "1".into())]);
        assert!(adapter.root_needs().is_some());
        adapter.autonomy.level = Level::Plan;
        assert_eq!(adapter.argv(&fresh(), &TOLD)[4..6], ["--mode", "plan"]);
        assert_eq!(adapter.root_needs(), None, "only full autonomy is refused to root");
        adapter.autonomy.level = Level::Tools;
        assert_eq!(adapter.autonomy.group(), None, "it has no such level");
    }
}
