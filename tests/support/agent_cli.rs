//! A real agent CLI at work on a phase, against a loopback stub.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::project::{AGENT, Project};

/// A CLI needs some seconds to start, more on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(180);

/// The real binary, if the variable names one; otherwise says why the test is skipped.
pub fn binary(variable: &str) -> Option<PathBuf> {
    let binary = std::env::var_os(variable).map(PathBuf::from);
    if binary.is_none() {
        // Written directly: the test harness hides what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: set {variable} to run the real CLI");
    }
    binary
}

/// What an agent does and how: the keys of its adapter, a line each, and a scenario of the stub.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// Its adapter's name.
    pub agent: &'a str,
    /// Keys of the adapter, each line `key: value`.
    pub keys: &'a [&'a str],
    /// The scenario.
    pub scenario: &'a str,
}

/// A project with one phase that this agent works on once, and a gate that looks for `made.txt`.
pub fn project(work: &Work<'_>) -> Project {
    let roadmap = format!(
        "# Roadmap\n\n### Phase 1.1: Store\n\n- **Status:** ⚪ Not Started\n- **Done When:** {}\n",
        work.scenario
    );
    let project = Project::with_roadmap(&roadmap, AGENT);
    let scripted = "\n      command: ./agent.sh\n      args: [--prompt, \"{prompt_file}\"]";
    project.retarget(scripted, &format!(" {}", work.agent));
    // In the checkout itself: the model's script commits nothing.
    // A limit of the service is not waited for here.
    project.retarget("retries: 1", "retries: 0\n    most_wait: 1s\n    shared_agents: 1");
    project.retarget("cat made.$WORK_STREAM_ID", "grep stub made.txt");
    let keys: String = work.keys.iter().map(|key| format!("    {key}\n")).collect();
    project.repository.write("config/agents.yaml", &format!("agents:\n  {}:\n{keys}", work.agent));
    project
}

/// What came of a run.
#[derive(Debug)]
pub struct Ran {
    /// The exit code of orch-tui.
    pub code: Option<i32>,
    /// What it told, an object a line.
    pub told: Vec<Value>,
    /// All it printed.
    pub text: String,
}

impl Ran {
    /// How the agent's process ended, as it was told.
    pub fn exit(&self) -> &Value {
        let stopped = self.told.iter().rfind(|event| event["event"] == "stopped");
        &stopped.unwrap_or_else(|| panic!("no agent ended: {}", self.text))["exit"]
    }
}

/// Runs the only phase on pipes.
pub fn run(project: &Project, environment: Vec<(String, String)>) -> Ran {
    let run = project.invocation(["run", "phase 1.1", "--yes", "--json"]);
    let outcome = run.variables(environment).deadline(DEADLINE).run();
    let told = outcome.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ran { code: outcome.code, told, text: format!("{}{}", outcome.stdout, outcome.stderr) }
}
