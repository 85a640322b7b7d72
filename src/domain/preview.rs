//! What starting an agent would do, told without doing it.

use std::collections::BTreeMap;

use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::printable::Printable;
use crate::domain::roadmap::Edit;
use crate::domain::workspace::Workspace;

/// One agent as it would be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The life that would begin.
    pub agent: AgentRef,
    /// The name of its identity.
    pub name: Option<String>,
    /// The phase it would work on.
    pub phase: PhaseId,
    /// The adapter it would run with.
    pub adapter: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Where it would work.
    pub workspace: Workspace,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
    /// What it would be told, without what failed before.
    pub prompt: String,
    /// What failed in the life before, as it would be told; empty when nothing did.
    pub retry: String,
    /// Why it could not be started, in one sentence.
    pub problem: Option<Printable>,
}

/// Stands in command lines for a session id that is chosen only when an agent starts.
pub const SESSION: &str = "<session>";

/// Stands in command lines for a prompt that is one of the arguments.
pub const PROMPT: &str = "<prompt>";

/// Stands in environments for a host that is known only when an agent starts.
pub const HOST: &str = "<host>";

impl Preview {
    /// The command line as a person would type it.
    pub fn command_line(&self) -> String {
        self.argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// What it would be told below the lines that name the task and who is told it: they are not to be changed.
    pub fn below_head(&self) -> &str {
        let line = |text: &'_ str| text.find('\n').map_or(text.len(), |at| at + 1);
        let mut rest = &self.prompt[line(&self.prompt)..];
        if let Some(name) = &self.name
            && rest.starts_with(&format!("You are {name}."))
        {
            rest = &rest[line(rest)..];
        }
        rest.trim_start_matches(['\r', '\n'])
    }

    /// Whose directory it works in, in one clause.
    fn place(&self) -> String {
        match &self.workspace {
            Workspace::Checkout { .. } => "the target's own checkout".to_owned(),
            Workspace::Worktree(worktree) => {
                format!(
                    "a worktree on branch {}, to be merged into {}",
                    worktree.branch, worktree.onto
                )
            }
        }
    }

    /// `a-2.1 Ada`
    fn who(&self) -> String {
        let name = self.name.iter().map(|name| format!(" {name}"));
        std::iter::once(self.agent.id.to_string()).chain(name).collect()
    }

    /// What would happen, a line each, below a line that names the agent.
    pub fn lines(&self, name: &str, edits: &Result<Vec<Edit>, Printable>) -> Vec<String> {
        let names: Vec<&str> = self.env.keys().map(String::as_str).collect();
        let words = self.prompt.split_whitespace().count();
        let retry = if self.retry.is_empty() { "" } else { ", and what failed last time" };
        let mut lines = vec![
            format!("{}  life {}  phase {} {name}", self.who(), self.agent.life.0, self.phase),
            format!("  command    {}", self.command_line()),
            format!("  directory  {}", self.workspace.path().display()),
            format!("  workspace  {}", self.place()),
            format!("  prompt     {words} words{retry}"),
        ];
        // One that can't start gets nothing.
        if self.problem.is_none() {
            lines.insert(4, format!("  env        {}", names.join(" ")));
        }
        match edits {
            Ok(edits) => lines.extend(edits.iter().map(edit_line)),
            Err(why) => lines.push(format!("  roadmap    {why}")),
        }
        lines.extend(self.problem.iter().map(|why| format!("  refused    {why}")));
        lines.iter().map(|line| Printable::new(line).to_string()).collect()
    }
}

fn edit_line(edit: &Edit) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (old, new) = (text(&edit.old), text(&edit.new));
    match old.as_str() {
        "" => format!("  roadmap    line {}: add {new}", edit.line),
        _ => format!("  roadmap    line {}: {old} becomes {new}", edit.line),
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+<>".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::id::{AgentId, Life};

    fn preview() -> Preview {
        Preview {
            agent: AgentRef { id: AgentId::new("a-1.1"), life: Life(2) },
            name: Some("Ada".into()),
            phase: PhaseId::new("1.1"),
            adapter: "claude".into(),
            argv: ["claude", "-p", "it's here", ""].map(String::from).to_vec(),
            workspace: Workspace::Checkout { path: "/src/tide".into() },
            env: [("PATH", "/bin"), ("TOKEN", "secret")].map(|(n, v)| (n.into(), v.into())).into(),
            prompt: "Task: do it".into(),
            retry: String::new(),
            problem: None,
        }
    }

    #[test]
    fn a_command_line_can_be_pasted() {
        assert_eq!(preview().command_line(), r"claude -p 'it'\''s here' ''");
    }

    #[test]
    fn names_of_variables_are_told_and_no_value() {
        let edit = Edit {
            phase: PhaseId::new("1.1"),
            line: 4,
            span: 0..2,
            old: "⚪ Not Started".into(),
            new: "🔄 In Progress".into(),
        };
        let added = Edit {
            line: 5,
            old: vec![],
            new: b"- **Assigned To:** a-1.1\n".to_vec(),
            ..edit.clone()
        };
        let lines = preview().lines("Store\u{1b}[31m", &Ok(vec![edit, added])).join("\n");
        assert!(lines.contains("a-1.1 Ada  life 2  phase 1.1 Store"), "{lines}");
        assert!(lines.contains("env        PATH TOKEN\n") && !lines.contains("secret"), "{lines}");
        assert!(lines.contains("line 4: ⚪ Not Started becomes 🔄 In Progress"), "{lines}");
        assert!(lines.ends_with("line 5: add - **Assigned To:** a-1.1"), "{lines}");
        assert!(!lines.contains('\u{1b}'), "{lines}");
        let refused = preview().lines("Store", &Err("Phase 1.1 stands twice.".into())).join("\n");
        assert!(refused.ends_with("roadmap    Phase 1.1 stands twice."), "{refused}");
    }

    #[test]
    fn what_names_the_task_and_who_is_told_it_is_not_to_be_changed() {
        let told = |prompt: &str, name: Option<&str>| {
            let name = name.map(str::to_owned);
            let preview = Preview { prompt: prompt.into(), name, ..preview() };
            preview.below_head().to_owned()
        };
        assert_eq!(told("Task: x\nYou are Ada.\n\nYou are one.\n", Some("Ada")), "You are one.\n");
        assert_eq!(told("Task: x\n\nYou are one.\n", Some("Ada")), "You are one.\n");
        assert_eq!(told("Task: x\r\n\r\nAll\n", None), "All\n");
        assert_eq!(told("Task: x", Some("Ada")), "");
    }

    #[test]
    fn an_agent_that_can_t_start_has_no_environment() {
        let refused = Preview { problem: Some("not as root".into()), ..preview() };
        let lines = refused.lines("x", &Ok(Vec::new()));
        assert!(lines.iter().any(|line| line == "  refused    not as root"), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("  env")), "{lines:?}");
    }
}
