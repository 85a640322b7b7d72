//! Agents that work for no plan, with real processes: qa, proposals, summaries; what they leave, and that they leave
//! nothing else.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::command::{Invocation, Outcome};
use support::crew::wait_until;
use support::home::Home;
use support::key::Key;
use support::project::Project;
use support::pty::{Exit, Launch, Session};

/// Works until there is a file `go` in the repository, whichever directory it is started in.
const PATIENT: &str = r#"#!/bin/sh
echo "patient as $AGENT_ID"
while [ ! -e "$GO" ]; do sleep 0.05; done
[ -z "$ORCH_TUI_DOCUMENT" ] || [ -n "$SILENT" ] || printf '# Found\n\nnothing \033[2J\n' > "$ORCH_TUI_DOCUMENT"
echo "these are my last words"
"#;

/// The demo's repository with phase 2.1 complete.
struct Demo {
    home: Home,
    path: PathBuf,
}

impl Demo {
    fn played() -> Self {
        let home = Home::new();
        let path = home.join("d");
        let folder = path.to_string_lossy().into_owned();
        let words = ["demo", "--speed", "0", "--dir", &folder, "--goal", "phase 2.1"];
        Invocation::orch_tui(&home, words).deadline(3 * support::DEADLINE).run().expect_success();
        Self { home, path }
    }

    fn run<const N: usize>(&self, words: [&str; N]) -> Outcome {
        Invocation::orch_tui(&self.home, words)
            .folder(&self.path)
            .deadline(2 * support::DEADLINE)
            .run()
    }

    fn roadmap(&self) -> String {
        std::fs::read_to_string(self.path.join("plans/roadmap.md")).unwrap()
    }

    fn git<const N: usize>(&self, words: [&str; N]) -> String {
        Invocation::program(&self.home, "git", words).folder(&self.path).run().expect_success()
    }

    /// Nothing lives, no worktree and no branch is left, nothing is uncommitted but what is expected to be.
    fn assert_left_alone(&self, uncommitted: &str) {
        wait_until_empty(&self.home);
        let worktrees = self.git(["worktree", "list"]);
        assert!(!worktrees.contains("/qa-") && !worktrees.contains("/pm-"), "{worktrees}");
        assert_eq!(self.git(["branch", "--list", "orch/*"]), "");
        assert_eq!(self.git(["status", "--porcelain"]), uncommitted);
    }
}

fn wait_until_empty(home: &Home) {
    wait_until(
        || home.residents().is_empty(),
        "an empty home",
        || format!("{:?}", home.residents()),
    );
}

/// The folder of the state of the only target.
fn state(home: &Home) -> PathBuf {
    let mut all = std::fs::read_dir(home.join(".local/state/orch-tui")).unwrap().flatten();
    let is_target = |path: &Path| path.join("journal.jsonl").is_file();
    all.find_map(|entry| Some(entry.path()).filter(|path| is_target(path))).unwrap()
}

/// What is kept of agents whose document begins so.
fn kept(home: &Home, start: &str) -> Vec<String> {
    let reports = std::fs::read_dir(state(home).join("reports")).into_iter().flatten().flatten();
    let named = reports.filter(|file| file.file_name().to_string_lossy().starts_with(start));
    named.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
}

fn spawned(home: &Home) -> Vec<String> {
    let events = home.journal();
    let born = events.iter().filter(|event| event["event"] == "agent_spawned");
    born.map(|event| event["agent"]["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn qa_looks_at_a_phase_and_leaves_a_document_and_nothing_else() {
    let demo = Demo::played();
    let (roadmap, status) = (demo.roadmap(), demo.git(["status", "--porcelain"]));
    let outcome = demo.run(["qa", "2.1"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("add --yes"), "{}", outcome.stderr);
    assert_eq!(spawned(&demo.home), ["a-2.1"], "nothing starts before it is approved");

    let said = demo.run(["qa", "2.1", "--yes"]).expect_success();
    for part in ["is asked for: QA of 2.1", "# QA of phase 2.1", "## Note: an empty name is taken"]
    {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
    let written = kept(&demo.home, "qa-2.1-20");
    assert!(written.len() == 1 && written[0].starts_with("# QA of phase 2.1\n"), "{written:?}");
    let prompt = std::fs::read_to_string(state(&demo.home).join("agents/qa-2.1.1/prompt.md"));
    let prompt = prompt.unwrap();
    for part in ["# Quality assurance", "### Phase 2.1: ", "merged as ", "tests: `", "document.md`"]
    {
        assert!(prompt.contains(part), "{part:?} is not in:\n{prompt}");
    }
    assert_eq!(demo.roadmap(), roadmap, "it holds no phase");
    demo.assert_left_alone(&status);

    let again: Vec<Value> = demo
        .run(["qa", "2.1", "--yes", "--json"])
        .expect_success()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = again.last().unwrap();
    assert_eq!(last["event"], "document");
    assert!(last["markdown"].as_str().unwrap().starts_with("# QA of phase 2.1"));
    let born = again.iter().find(|event| event["event"] == "agent_spawned").unwrap();
    assert_eq!((&born["role"], &born["agent"]["life"]), (&"qa".into(), &2.into()));
    let agents: Value = serde_json::from_str(&demo.run(["agents", "--json"]).stdout).unwrap();
    let all = agents["agents"].as_array().unwrap();
    let qa = all.iter().find(|agent| agent["id"] == "qa-2.1").unwrap();
    assert_eq!(
        (&qa["role"], &qa["phase"], &qa["state"]),
        (&"qa".into(), &"2.1".into(), &"succeeded".into())
    );
    let nowhere = demo.run(["qa", "9.9", "--yes"]);
    assert_eq!(nowhere.code, Some(3), "{nowhere:?}");
    assert!(nowhere.stderr.contains("there is no phase 9.9 in the roadmap"), "{nowhere:?}");
}

#[test]
fn a_wish_becomes_a_proposal_that_the_roadmap_can_take() {
    let demo = Demo::played();
    let (roadmap, status) = (demo.roadmap(), demo.git(["status", "--porcelain"]));
    let said = demo.run(["pm", "--yes", "Faster", "search"]).expect_success();
    assert!(said.contains("# Proposals") && said.contains("`faster-search.md`"), "{said}");
    let proposal = demo.path.join("plans/proposals/faster-search.md");
    let text = std::fs::read_to_string(&proposal).unwrap();
    assert!(text.starts_with("### Phase 5.1: Faster search\n"), "{text}");
    assert_eq!(demo.roadmap(), roadmap, "a proposal is no change of the roadmap");
    demo.assert_left_alone(&format!("{status}?? plans/proposals/\n"));
    let file = proposal.to_string_lossy().into_owned();
    let added = demo.run(["add", &file, "--dry-run"]).expect_success();
    assert!(added.contains("Phase 5.1: Faster search"), "{added}");
    let listed = demo.run(["proposals"]).expect_success();
    assert!(listed.contains("faster-search.md") && listed.contains("5.1"), "{listed}");
    demo.run(["proposals", "approve", "faster-search.md"]).expect_success();
    assert!(demo.roadmap().contains("### Phase 5.1: Faster search\n"), "{}", demo.roadmap());
    assert!(!proposal.exists());
}

#[test]
fn a_plan_is_summed_up_once_and_shown_above_its_report() {
    let demo = Demo::played();
    assert_eq!(demo.run(["report", "--summary"]).code, Some(4));
    let said = demo.run(["report", "--summary", "--yes"]).expect_success();
    let (summary, report) = (said.find("# Summary\n"), said.find("# Report: phase 2.1\n"));
    assert!(summary.is_some() && summary < report, "{said}");
    for part in
        ["**Achieved:** 1 phases", "## Conflicts: 0", "## Open questions: 0", "| on demand | 1 |"]
    {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
    // What is there already is not asked for again.
    let again = demo.run(["report", "--summary"]).expect_success();
    assert!(again.starts_with("# Summary\n") && again.contains("# Report: "), "{again}");
    let shown: Value = serde_json::from_str(&demo.run(["report", "--json"]).stdout).unwrap();
    assert!(shown["summary"]["markdown"].as_str().unwrap().starts_with("# Summary"), "{shown}");
    assert!(shown["path"].as_str().unwrap().contains("phase-2-1"), "{shown}");
    assert_eq!(spawned(&demo.home), ["a-2.1", "sum-1"]);
    wait_until_empty(&demo.home);
}

#[test]
fn a_target_that_wants_it_sums_its_plans_up_by_itself() {
    let demo = Demo::played();
    let path = demo.path.join("config/targets.yaml");
    let targets = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        targets.replace("    agent: demo\n", "    agent: demo\n    summary: true\n"),
    )
    .unwrap();
    let said = demo.run(["run", "phase 2.4", "--yes"]).expect_success();
    let (report, done) =
        (said.find("the report is kept in"), said.find("is done; what it wrote is kept"));
    assert!(done.is_some() && report < done, "{said}");
    assert_eq!(kept(&demo.home, "summary-20").len(), 1);
    wait_until_empty(&demo.home);
}

/// A project with an agent that waits, in the shared checkout or in worktrees.
fn patient(isolation: &str) -> Project {
    let project = Project::new(PATIENT);
    let go = project.repository.join("go");
    project.retarget("isolation: shared", &format!("isolation: {isolation}"));
    let env = format!("      command: ./agent.sh\n      env: {{GO: \"{}\"}}\n", go.display());
    project.retarget("      command: ./agent.sh\n", &env);
    project.repository.git(["add", "--all"]);
    project.repository.git(["commit", "--quiet", "-m", "targets and agent"]);
    project
}

#[test]
fn an_interrupted_errand_leaves_nothing() {
    for isolation in ["shared", "worktree"] {
        let project = patient(isolation);
        let before = project.repository.roadmap();
        let mut running = project.start(["qa", "1.1", "--yes"]);
        running.wait_for_line(|line| line.contains("runs as process"), "the agent");
        running.signal(Signal::INT);
        let outcome = running.wait();
        assert_eq!(outcome.code, Some(130), "{}{}", outcome.stdout, outcome.stderr);
        wait_until_empty(&project.home);
        assert_eq!(project.repository.roadmap(), before);
        assert_eq!(project.repository.git(["worktree", "list"]).lines().count(), 1);
        assert_eq!(project.repository.git(["status", "--porcelain"]), "");
        assert_eq!(kept(&project.home, "qa-").len(), 0, "it was killed: nothing is kept");
        let status = project.orch_tui(["status", "--json"]);
        let status: Value = serde_json::from_str(&status.stdout).unwrap();
        let claims = status["claims"].as_array().unwrap();
        assert!(claims.iter().all(|claim| claim["held"] == false), "{claims:?}");
        assert!(claims.iter().all(|claim| claim["stream"]["phase"] == "qa-1.1"), "{claims:?}");
    }
}

#[test]
fn an_errand_outlives_its_app_and_is_taken_up_again() {
    let project = patient("worktree");
    let mut running = project.start(["qa", "1.1", "--yes"]);
    running.wait_for_line(|line| line.contains("runs as process"), "the agent");
    running.signal(Signal::KILL);
    assert_eq!(running.wait().code, None);
    assert!(!project.home.residents().is_empty(), "its host goes on");
    let running = project.start(["qa", "1.1", "--yes"]);
    project.repository.write("go", "");
    let outcome = running.wait();
    assert!(outcome.stderr.contains("qa-1.1 is at work on that already"), "{}", outcome.stderr);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    // What it wrote is text on the way out, whatever it was.
    assert!(outcome.stdout.contains("# Found\n\nnothing ␛[2J\n"), "{}", outcome.stdout);
    assert_eq!(spawned(&project.home), ["qa-1.1"], "one life");
    wait_until_empty(&project.home);
    assert_eq!(project.repository.git(["worktree", "list"]).lines().count(), 1);
}

#[test]
fn an_errand_whose_app_and_host_are_gone_begins_anew_when_it_is_asked_for_again() {
    let project = patient("worktree");
    let mut running = project.start(["qa", "1.1", "--yes"]);
    running.wait_for_line(|line| line.contains("patient as qa-1.1"), "the agent");
    // What is told may not be on disk yet.
    let agents = || project.orch_tui(["agents", "--json"]).stdout;
    wait_until(|| agents().contains("\"state\":\"running\""), "it to run", agents);
    running.signal(Signal::KILL);
    running.wait();
    for resident in project.home.residents() {
        let pid = Pid::from_raw(resident.pid).unwrap();
        // Its children may be gone with it.
        let _ = kill_process(pid, Signal::KILL);
    }
    wait_until_empty(&project.home);
    project.repository.write("go", "");
    let outcome = project.orch_tui(["qa", "1.1", "--yes"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("qa-1.1 was lost: it begins anew"), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("# Found"), "{}", outcome.stdout);
    wait_until_empty(&project.home);
}

#[test]
fn the_doctor_names_the_worktree_that_is_left_of_an_errand() {
    let project = patient("worktree");
    let doctor = || project.orch_tui(["doctor"]).stdout;
    assert!(!doctor().contains("worktree"), "{}", doctor());
    let mut running = project.start(["qa", "1.1", "--yes"]);
    running.wait_for_line(|line| line.contains("patient as qa-1.1"), "the agent");
    assert!(!doctor().contains("is left of"), "it is at work: {}", doctor());
    running.signal(Signal::KILL);
    running.wait();
    assert!(!doctor().contains("is left of"), "its host goes on: {}", doctor());
    for resident in project.home.residents() {
        // Its children may be gone with it.
        let _ = kill_process(Pid::from_raw(resident.pid).unwrap(), Signal::KILL);
    }
    wait_until_empty(&project.home);
    let state = std::fs::read_dir(project.home.join(".local/state/orch-tui")).unwrap();
    let mut folders = state.flatten().map(|entry| entry.path().join("worktrees"));
    let worktrees = folders.find(|path| path.is_dir()).unwrap();
    std::fs::create_dir(worktrees.join("nobody-1")).unwrap();
    let told = doctor();
    let line =
        |text: &str| told.lines().any(|line| line.starts_with("warn") && line.contains(text));
    assert!(line("is left of qa-1.1, which works no more. `orch-tui` takes it away"), "{told}");
    assert!(line("nobody-1 is in no journal"), "{told}");
    // And that is what happens.
    let session = open(&project);
    wait_until(|| !doctor().contains("is left of"), "it to go", doctor);
    session.wait_for_text("1.1 Store");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    assert_eq!(project.repository.git(["branch", "--list", "orch/*"]), "");
}

#[test]
fn stopping_all_and_leaving_takes_the_worktree_of_an_errand_away() {
    let project = patient("worktree");
    let session = open(&project);
    session.wait_for_text("1.1 Store");
    session.press(&Key::Char('Q'));
    session.wait_for_text("Start qa-1.1 with");
    press_y_until(&session, "patient as qa-1.1");
    session.press(&Key::Char('q'));
    session.wait_for_text("still working");
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while session.exit_status().is_none() {
        assert!(std::time::Instant::now() < deadline, "{}", session.screen().text());
        session.press(&Key::Char('s'));
        support::crew::pass(std::time::Duration::from_millis(300));
    }
    wait_until_empty(&project.home);
    assert_eq!(project.repository.git(["worktree", "list"]).lines().count(), 1);
    assert_eq!(project.repository.git(["branch", "--list", "orch/*"]), "");
}

#[test]
fn an_errand_beside_agents_of_a_plan_whose_app_is_gone_names_them() {
    let project = patient("worktree");
    let mut plan = project.start(["run", "phase 1.1", "--yes"]);
    plan.wait_for_line(|line| line.contains("patient as a-1.1"), "the agent");
    let agents = || project.orch_tui(["agents", "--json"]).stdout;
    wait_until(|| agents().contains("\"state\":\"running\""), "it to run", agents);
    plan.signal(Signal::KILL);
    plan.wait();
    let mut qa = project.start(["qa", "1.1", "--yes"]);
    qa.wait_for_line(|line| line.contains("patient as qa-1.1"), "the errand");
    project.repository.write("go", "");
    let outcome = qa.wait();
    let named = "a-1.1 is still at work for a plan: it is looked after meanwhile";
    assert!(outcome.stderr.contains(named), "{}{}", outcome.stdout, outcome.stderr);
    project.orch_tui(["run", "phase 1.1", "--yes"]);
    wait_until_empty(&project.home);
}

#[test]
fn last_words_are_taken_where_no_document_was_written() {
    let project = patient("shared");
    project.retarget("env: {GO:", "env: {SILENT: \"1\", GO:");
    project.repository.write("go", "");
    let outcome = project.orch_tui(["pm", "--yes", "more"]);
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.trim_end().ends_with("these are my last words"), "{}", outcome.stdout);
    assert_eq!(kept(&project.home, "pm-1-20").len(), 1);
}

/// Leaves a clone that orch-tui can't bring elsewhere.
const LITTERER: &str = r#"#!/bin/sh
[ -e dep ] || {
    git clone --quiet --depth 1 "file://$PWD" dep
    git -C dep -c user.name=n -c user.email=e commit --quiet --allow-empty -m own
}
echo '# Found' > "$ORCH_TUI_DOCUMENT"
"#;

#[test]
fn what_can_t_be_taken_away_after_an_errand_is_told_and_is_in_nobody_s_way() {
    let project = Project::new(LITTERER);
    project.retarget("isolation: shared", "isolation: worktree");
    project.repository.git(["add", "--all"]);
    project.repository.git(["commit", "--quiet", "-m", "targets and agent"]);
    for life in 1..=2 {
        let outcome = project.orch_tui(["qa", "1.1", "--yes"]);
        assert_eq!(outcome.code, Some(0), "{life}: {}{}", outcome.stdout, outcome.stderr);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(said.contains("is a shallow clone with commits of its own"), "{life}: {said}");
        assert!(outcome.stdout.contains("# Found"), "{life}: {said}");
    }
    assert_eq!(spawned(&project.home), ["qa-1.1", "qa-1.1"]);
    wait_until_empty(&project.home);
}

#[test]
fn an_errand_that_fails_fails_the_command_and_keeps_nothing() {
    let project = Project::new("#!/bin/sh\necho broken\nexit 3\n");
    let outcome = project.orch_tui(["qa", "1.1", "--yes"]);
    assert_eq!(outcome.code, Some(1), "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(kept(&project.home, "qa-").len(), 0);
}

fn open(project: &Project) -> Session {
    Launch::orch_tui(&project.home).folder(project.repository.path()).size(120, 36).start()
}

#[test]
fn q_starts_one_on_the_screen_it_is_adopted_stopped_restarted_and_read() {
    let project = patient("shared");
    let before = project.repository.roadmap();
    let session = open(&project);
    session.wait_for_text("1.1 Store");
    session.press(&Key::Char('Q'));
    session.wait_for_text("Start qa-1.1 with");
    assert_eq!(spawned(&project.home), Vec::<String>::new());
    session.wait_for(|screen| screen.contains("start it"), "the choices");
    press_y_until(&session, "patient as qa-1.1");
    session.kill9();
    session.wait_for_exit();
    let session = open(&project);
    session.wait_for_text("patient as qa-1.1");
    session.press(&Key::Char('2'));
    session.press(&Key::Char('x'));
    session.wait_for_text("Stop qa-1.1");
    press_y_until(&session, "by you");
    session.press(&Key::Char('r'));
    session.wait_for_text("life 2");
    project.repository.write("go", "");
    session.wait_for_text("DONE");
    session.press(&Key::Char('d'));
    let screen = session.wait_for_text("Found");
    assert!(screen.contains("nothing ␛[2J"), "{}", screen.text());
    session.press(&Key::Esc);
    session.wait_for(|screen| !screen.contains("DOCUMENT"), "the document to close");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    wait_until_empty(&project.home);
    assert_eq!(project.repository.roadmap(), before);
}

/// Confirms once the dialog takes it.
fn press_y_until(session: &Session, text: &str) {
    let deadline = std::time::Instant::now() + support::DEADLINE;
    while !session.screen().contains(text) {
        assert!(std::time::Instant::now() < deadline, "no {text:?}:\n{}", session.screen().text());
        if session.screen().contains("Esc / Enter / n") {
            session.press(&Key::Char('y'));
        }
        support::crew::pass(std::time::Duration::from_millis(300));
    }
}
