//! Gates and set-up commands whose app is killed: the next start ends them before it begins them anew, and the doctor
//! names them meanwhile.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use rustix::process::Signal;
use support::command::Running;
use support::crew::wait_until;
use support::project::{AGENT, Project};

/// Says whether one that began before it still runs, then waits until it may end. `$1` is a folder for its notes.
const CHECK: &str = r#"
for pid in $(cat "$1/pids" 2>/dev/null); do
    case "$(cut -d' ' -f3 "/proc/$pid/stat" 2>/dev/null)" in
        ''|Z) ;;
        *) echo "$$ runs beside $pid" >> "$1/beside" ;;
    esac
done
setsid sleep 921 >/dev/null 2>&1 &
echo $! >> "$1/pids"
echo $$ >> "$1/pids"
echo "in $(pwd)" >> "$1/begun"
while [ ! -e "$1/go" ]; do sleep 0.05; done
"#;

/// Leaves a commit.
const COMMITTING_AGENT: &str =
    "#!/bin/sh\necho made > made.txt\ngit add made.txt\ngit commit -qm made\n";

/// A project in which something runs [`CHECK`].
struct Bench {
    project: Project,
}

impl Bench {
    fn new(agent: &str, target: impl Fn(&str) -> String) -> Self {
        let project = Project::new(agent);
        let script = project.home.join("check.sh");
        std::fs::write(&script, CHECK).unwrap();
        let notes = project.home.join("notes");
        std::fs::create_dir(&notes).unwrap();
        let check = format!("sh {} {}", script.display(), notes.display());
        let text = project.repository.read("config/targets.yaml");
        let kept = text.split("    isolation").next().unwrap();
        let how = "    retry_wait: 0s\n    agent: {command: ./agent.sh}\n";
        let text = format!("{kept}{how}{}", target(&check));
        project.repository.commit_file("config/targets.yaml", &text);
        project.repository.commit_file("agent.sh", agent);
        Self { project }
    }

    fn notes(&self, name: &str) -> String {
        std::fs::read_to_string(self.project.home.join("notes").join(name)).unwrap_or_default()
    }

    fn begun(&self) -> usize {
        self.notes("begun").lines().count()
    }

    /// Runs a phase until the check has begun this often.
    fn run(&self, times: usize) -> Running {
        let run = self.project.start(["run", "--yes", "--merge", "auto", "phase", "1.1"]);
        wait_until(|| self.begun() == times, "the check", || self.state());
        run
    }

    fn state(&self) -> String {
        let project = &self.project;
        let journal: Vec<String> = project.home.journal().iter().map(ToString::to_string).collect();
        format!("{:?}\n{:?}\n{}", self.notes("begun"), project.home.residents(), journal.join("\n"))
    }

    fn doctor<const N: usize>(&self, words: [&str; N]) -> String {
        let outcome = self.project.orch_tui(words);
        outcome.stdout + &outcome.stderr
    }

    fn kill(run: Running) {
        run.signal(Signal::KILL);
        run.wait();
    }

    /// Kills the app while the check runs, starts it again, lets it come to its end.
    fn is_begun_anew_and_never_twice_at_once(&self) {
        Self::kill(self.run(1));
        let run = self.run(2);
        assert_eq!(self.notes("beside"), "", "{}", self.state());
        std::fs::write(self.project.home.join("notes/go"), "").unwrap();
        let outcome = run.wait();
        assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
        assert_eq!(self.notes("beside"), "", "{}", self.state());
        let left = || self.project.home.residents();
        wait_until(|| left().is_empty(), "everything to go", || format!("{:?}", left()));
    }
}

#[test]
fn a_gate_whose_app_was_killed_is_ended_before_it_runs_again() {
    let bench = Bench::new(AGENT, |check| {
        format!("    isolation: shared\n    gates:\n      - {{name: slow, run: \"{check}\"}}\n")
    });
    bench.is_begun_anew_and_never_twice_at_once();
}

#[test]
fn a_gate_on_a_merge_is_ended_before_it_runs_again() {
    let bench = Bench::new(COMMITTING_AGENT, |check| {
        format!(
            "    isolation: worktree\n    gates:\n      - {{name: slow, run: \"{check}\", when: merge}}\n"
        )
    });
    bench.is_begun_anew_and_never_twice_at_once();
}

#[test]
fn a_set_up_command_whose_app_was_killed_is_ended_before_it_runs_again() {
    let bench = Bench::new(COMMITTING_AGENT, |check| {
        format!("    isolation: worktree\n    setup: [\"{check}\"]\n    gates: []\n")
    });
    bench.is_begun_anew_and_never_twice_at_once();
}

#[test]
fn the_doctor_names_a_gate_whose_app_was_killed_and_ends_it() {
    let bench = Bench::new(AGENT, |check| {
        format!("    isolation: shared\n    gates:\n      - {{name: slow, run: \"{check}\"}}\n")
    });
    let run = bench.run(1);
    let text = bench.doctor(["doctor", "--clean", "--yes"]);
    assert!(text.contains("nothing runs that belongs to nobody"), "its app runs: {text}");
    Bench::kill(run);
    let told = "a gate or set-up command of a-1.1.1 outlived the app that started it: ";
    let text = bench.doctor(["doctor"]);
    assert!(text.contains(told) && text.contains("`orch-tui doctor --clean` ends it"), "{text}");
    let text = bench.doctor(["doctor", "--clean", "--yes"]);
    assert!(text.contains(told) && text.contains("a-1.1.1: ended, 0 processes left"), "{text}");
    let ours = || bench.project.home.residents();
    let checks = || ours().iter().filter(|one| !one.command.contains(" host --spec")).count();
    wait_until(|| checks() == 0, "the gate to go", || format!("{:?}", ours()));
}
