//! A repository with a target whose agent is a shell script.

use std::path::Path;

use super::command::{Invocation, Outcome, Running};
use super::home::Home;
use super::repository::Repository;

/// Two phases, the second blocked by the first.
pub const TWO_PHASES: &str = "\
# Roadmap

Status of the words below is for people: Status, In Progress.

## Batch 1

### Phase 1.1: Store

- **Status:** ⚪ Not Started
- **Depends On:** None
- **Tasks:**
  - [ ] keep things
- **Effort:** S
- **Done When:** the store keeps things

### Phase 1.2: Router

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

## Notes

Nothing here is a phase.\t
";

/// Leaves what it was given in the repository, and does its work.
pub const AGENT: &str = r#"#!/bin/sh
echo "working on $WORK_STREAM_ID"
mkdir -p seen
env > "seen/env.$WORK_STREAM_ID.$AGENT_LIFE"
pwd > "seen/pwd.$WORK_STREAM_ID"
printf '%s\n' "$@" > "seen/args.$WORK_STREAM_ID"
cat "$ORCH_TUI_PROMPT_FILE" > "seen/prompt.$WORK_STREAM_ID.$AGENT_LIFE"
echo made > "made.$WORK_STREAM_ID"
"#;

/// Says that it works, then works until there is a file `go`.
pub const PATIENT_AGENT: &str = r#"#!/bin/sh
echo "patient on $WORK_STREAM_ID"
while [ ! -e go ]; do sleep 0.05; done
echo made > "made.$WORK_STREAM_ID"
"#;

/// A target with a scripted agent and one gate.
pub const TARGETS: &str = "\
targets:
  tide:
    name: Tide
    path: .
    roadmap: roadmap.md
    isolation: shared
    retries: 1
    retry_wait: 0s
    agent:
      command: ./agent.sh
      args: [--prompt, \"{prompt_file}\"]
    gates:
      - {name: made, run: \"cat made.$WORK_STREAM_ID\"}
";

/// A home, a repository in it, a target, a scripted agent.
#[derive(Debug)]
pub struct Project {
    /// Where everything lives.
    pub home: Home,
    /// The target.
    pub repository: Repository,
}

impl Project {
    /// The repository with [`TWO_PHASES`], [`TARGETS`] and an agent.
    pub fn new(agent: &str) -> Self {
        Self::with_roadmap(TWO_PHASES, agent)
    }

    /// The same with another roadmap.
    pub fn with_roadmap(roadmap: &str, agent: &str) -> Self {
        let home = Home::new();
        let repository = Repository::with_roadmap(&home, "tide", roadmap);
        let project = Self { home, repository };
        project.repository.write("config/targets.yaml", TARGETS);
        project.agent(agent);
        project
    }

    /// Replaces the agent.
    pub fn agent(&self, script: &str) {
        self.repository.write("agent.sh", script);
        let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(self.repository.join("agent.sh"), may_run).unwrap();
    }

    /// Changes a part of the targets file.
    pub fn retarget(&self, old: &str, new: &str) {
        let text = self.repository.read("config/targets.yaml");
        assert!(text.contains(old), "{text}");
        self.repository.write("config/targets.yaml", &text.replace(old, new));
    }

    /// `orch-tui` with these arguments in the repository.
    pub fn invocation<const N: usize>(&self, arguments: [&str; N]) -> Invocation {
        Invocation::orch_tui(&self.home, arguments).folder(self.repository.path())
    }

    /// Runs it to its end.
    pub fn orch_tui<const N: usize>(&self, arguments: [&str; N]) -> Outcome {
        self.invocation(arguments).run()
    }

    /// Starts it.
    pub fn start<const N: usize>(&self, arguments: [&str; N]) -> Running {
        self.invocation(arguments).start()
    }

    /// Whether a file exists in the repository.
    pub fn has(&self, name: impl AsRef<Path>) -> bool {
        self.repository.join(name).exists()
    }
}
