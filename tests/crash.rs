//! Programs that are killed without warning: no agent is lost, no phase is done twice, nothing is left behind.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;
#[path = "crash/ten.rs"]
mod ten;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use support::command::Invocation;
use support::crew::{Crew, Dice, pass, wait_until};
use support::home::Home;
use support::key::Key;
use support::pty::{Launch, Session};
use support::repository::Repository;

const SLOTS: usize = 3;

fn rounds() -> usize {
    std::env::var("ORCH_TUI_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(15)
}

fn roadmap(phases: usize) -> String {
    let mut text = "# Roadmap\n\n## Batch 1\n".to_owned();
    for number in 1..=phases {
        write!(
            text,
            "\n### Phase 1.{number}: Part {number}\n\n- **Status:** ⚪ Not Started\n- **Assigned To:** TBD\n\
             - **Done When:** part {number} is done\n"
        )
        .unwrap();
    }
    text
}

/// The roadmap but for what orch-tui may write: a torn or lost line shows.
fn skeleton(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let ours = [
            "- **Status:** ⚪ Not Started\n",
            "- **Status:** 🔄 In Progress\n",
            "- **Status:** ✅ Complete\n",
        ];
        if ours.contains(&line) {
            out.push_str("STATUS\n");
        } else if line == "- **Assigned To:** TBD\n" || line.starts_with("- **Assigned To:** a-1.")
        {
            out.push_str("ASSIGNED\n");
        } else if !line.starts_with("- **Completed:** 20") {
            out.push_str(line);
        }
    }
    out
}

fn is_alive(pid: i32) -> bool {
    test_kill_process(Pid::from_raw(pid).unwrap()).is_ok()
}

fn journal(home: &Home) -> String {
    let found = std::fs::read_dir(home.join(".local/state/orch-tui")).into_iter().flatten();
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(entry.ok()?.path().join("journal.jsonl")).ok()
    };
    found.filter_map(read).collect()
}

struct Bench {
    home: Home,
    repository: Repository,
    crew: Crew,
    original: String,
}

impl Bench {
    fn new(phases: usize) -> Self {
        let home = Home::new();
        let original = roadmap(phases);
        let repository = Repository::with_roadmap(&home, "storm", &original);
        let crew = Crew::hire(&home, &repository, SLOTS);
        Self { home, repository, crew, original }
    }

    fn open(&self) -> Session {
        Launch::orch_tui(&self.home).folder(self.repository.path()).start()
    }

    fn run(&self) -> Session {
        let words = ["run", "--yes", "--max", "3", "batch", "1"];
        Launch::orch_tui(&self.home).folder(self.repository.path()).arguments(words).start()
    }

    fn complete(&self) -> usize {
        self.repository.roadmap().matches("✅ Complete").count()
    }

    /// Nothing that was there is gone, and every agent that has not ended lives.
    fn check(&self, round: usize) {
        let text = self.repository.roadmap();
        assert_eq!(
            skeleton(&text),
            skeleton(&self.original),
            "round {round}: the roadmap is damaged\n{text}"
        );
        let log = self.crew.log();
        for (phase, pid) in log.working() {
            // It may have ended between two looks.
            let lives = is_alive(pid) || self.crew.log().ended.contains_key(&phase);
            assert!(lives, "round {round}: the agent of {phase} is lost\n{}", self.journal());
        }
        for (phase, pids) in &log.started {
            assert_eq!(pids.len(), 1, "round {round}: {phase} was begun again\n{}", self.journal());
        }
        assert!(log.working().len() <= SLOTS, "round {round}: {:?}", log.working());
    }

    fn journal(&self) -> String {
        journal(&self.home)
    }

    /// The last start: whatever is left is done, and the outcomes are told.
    fn finish(&self) {
        self.crew.let_all_go();
        self.run().wait_for_exit();
        let screen = self.open();
        let phases = self.original.matches("### Phase").count();
        let state = || format!("{}\n{}", self.repository.roadmap(), screen.screen());
        wait_until(|| self.complete() == phases, "all phases to be complete", state);
        screen.wait_for_text(&format!("{phases}/{phases}"));
        screen.wait_for_text("0/3 slots");
        screen.press(&Key::Char('q'));
        screen.wait_for_exit();
        wait_until(
            || self.home.residents().is_empty(),
            "all processes to go",
            || format!("{:?}", self.home.residents()),
        );
    }

    fn outcomes(&self) -> Vec<(String, String)> {
        let agents = Invocation::orch_tui(&self.home, ["agents", "--json"])
            .folder(self.repository.path())
            .run()
            .expect_success();
        let agents: Value = serde_json::from_str(&agents).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let agents = agents["agents"].as_array().unwrap();
        agents.iter().map(|agent| (text(&agent["phase"]), agent["outcome"].to_string())).collect()
    }
}

/// Kills `orch-tui run` and the full screen by turns, at random moments. `ORCH_TUI_CRASH_ROUNDS` makes it longer.
#[test]
fn killing_the_app_loses_no_agent() {
    let rounds = rounds();
    let bench = Bench::new(rounds / 2 + 2 * SLOTS);
    let mut dice =
        Dice::new(Instant::now().elapsed().as_nanos() as u64 ^ u64::from(std::process::id()));
    let mut adopted = 0;
    for round in 0..rounds {
        let app = if round % 2 == 0 { bench.run() } else { bench.open() };
        if round % 4 == 3 {
            let working = bench.crew.log().working();
            let shown = |lines: &[String], phase: &String| {
                let name = format!("a-{phase} ");
                lines.iter().any(|line| line.contains(&name) && line.contains("▸ RUN"))
            };
            app.wait_for(
                |screen| working.iter().all(|(phase, _)| shown(&screen.lines(), phase)),
                &format!("the agents of {working:?} to be adopted"),
            );
            if !working.is_empty() {
                // What the one in view printed before this start.
                app.wait_for_text("working on 1.");
            }
            adopted += working.len();
        }
        pass(Duration::from_millis(dice.below(700)));
        let working = bench.crew.log().working();
        if !working.is_empty() && dice.below(2) == 0 {
            let (phase, _) = &working[dice.below(working.len() as u64) as usize];
            bench.crew.let_go(phase);
            pass(Duration::from_millis(dice.below(300)));
        }
        app.kill9();
        app.wait_for_exit();
        bench.check(round);
    }
    bench.finish();
    bench.check(rounds);
    let log = bench.crew.log();
    let phases = bench.original.matches("### Phase").count();
    assert_eq!((log.started.len(), log.ended.len()), (phases, phases));
    let outcomes = bench.outcomes();
    let well = outcomes.iter().filter(|(_, outcome)| outcome.contains("succeeded")).count();
    let journal = bench.journal();
    let again = journal.matches("\"restart_asked\"").count();
    writeln!(
        std::io::stderr(),
        "crash-app rounds={rounds} phases={phases} lost=0 twice=0 adopted_on_screen={adopted} begun_again={again}"
    )
    .unwrap();
    assert_eq!((outcomes.len(), well), (phases, phases), "{outcomes:?}\n{journal}");
}

/// Notes, then leaves processes behind that neither a hang-up nor a request ends.
const STUBBORN: &str = r#"trap '' HUP TERM
setsid sh -c 'trap "" HUP TERM; sleep 901 & wait' &
(setsid nohup sleep 902 >/dev/null 2>&1 &)
echo "start $WORK_STREAM_ID $$" >> "$1/log"
while :; do sleep 903; done
"#;

#[test]
fn a_killed_host_is_reported_and_its_agent_goes_with_it() {
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "storm", &roadmap(2));
    let crew = Crew::hire_with(&home, &repository, 1, STUBBORN);
    let start = |words: &[&str]| {
        Launch::orch_tui(&home).folder(repository.path()).arguments(words.iter().copied()).start()
    };
    let of_agents = || {
        let all = home.residents().into_iter();
        all.filter(|one| !one.command.contains("orch-tui"))
            .map(|one| one.command)
            .collect::<Vec<_>>()
    };
    let host = || {
        let all = home.residents().into_iter();
        all.filter(|one| one.command.contains(" host --spec")).map(|one| one.pid).next()
    };
    let state = || format!("{:?}\n{}", home.residents(), repository.roadmap());
    let known = || journal(&home).matches("\"agent_running\"").count();
    // Once while the app looks on, once while nobody does.
    for (life, watched) in [(1, true), (2, false)] {
        let app = start(&["run", "--yes", "phase", "1.1"]);
        app.wait_for_text("hosted by process");
        wait_until(
            || crew.log().started.get("1.1").is_some_and(|all| all.len() == life),
            "the agent",
            state,
        );
        wait_until(|| known() == life, "the journal to know it", state);
        wait_until(|| of_agents().len() >= 5, "all its processes", state);
        if !watched {
            app.kill9();
            app.wait_for_exit();
        }
        let host = Pid::from_raw(host().unwrap()).unwrap();
        kill_process(host, Signal::KILL).unwrap();
        let app = if watched { app } else { start(&[]) };
        let told = if watched { "lost: its host disappeared" } else { "its host disappeared" };
        let began = Instant::now();
        app.wait_for_text(told);
        wait_until(|| of_agents().is_empty(), "its processes to go", state);
        writeln!(
            std::io::stderr(),
            "crash-host watched={watched} told_and_swept={:?}",
            began.elapsed()
        )
        .unwrap();
        let free =
            |text: String| text.matches("⚪ Not Started").count() == 2 && !text.contains("a-1.1");
        wait_until(|| free(repository.roadmap()), "the phase to be put back", state);
        if watched {
            app.wait_for_exit();
        } else {
            app.wait_for_text("0/1 slots");
            app.press(&Key::Char('q'));
            app.wait_for_exit();
        }
        assert_eq!(host_count(&home), 0);
    }
}

fn host_count(home: &Home) -> usize {
    home.residents().iter().filter(|one| one.command.contains(" host --spec")).count()
}
