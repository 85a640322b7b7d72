//! Agents that print as much as they can: keys are answered, nothing is lost, the terminal is given back.
//!
//! `ORCH_TUI_FLOOD_AGENTS` and `ORCH_TUI_FLOOD_SECONDS` make the flood larger.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orch_tui::domain::adapter::{AdapterKind, Limits};
use orch_tui::domain::agent::Exit as AgentExit;
use orch_tui::domain::effect::StopKind;
use orch_tui::domain::frame::{Screen, Size};
use orch_tui::domain::id::{AgentId, AgentRef, Life};
use orch_tui::runner::host::HostSpec;
use orch_tui::runner::host::client::{HostLink, connect_to, spawn_host};
use orch_tui::runner::host::protocol::{FromHost, ToHost};
use orch_tui::runner::log::{AgentLog, LogForm};
use support::key::Key;
use support::project::Project;
use support::pty::{Exit, Launch, Session};

const LINE: &str = "a line of output as long as many are, with a number at its end ";
/// Longest the whole flood may take.
const PATIENCE: Duration = Duration::from_secs(900);

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn spec(folder: &Path, number: usize, script: &str) -> HostSpec {
    let prompt_file = folder.join("prompt.md");
    std::fs::write(&prompt_file, "flood\n").unwrap();
    let times = Limits { grace: Duration::from_secs(1), ..Limits::default() };
    HostSpec {
        agent: AgentRef { id: AgentId::new(format!("a-{number}")), life: Life(1) },
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        cwd: folder.to_owned(),
        env: BTreeMap::from([("PATH".to_owned(), std::env::var("PATH").unwrap())]),
        kind: AdapterKind::Text,
        parser: None,
        via: None,
        limits: times,
        size: Size { cols: 120, rows: 40 },
        prompt_file,
        folder: folder.join(format!("life{number}")),
        socket: folder.join(format!("{number}.sock")),
    }
}

async fn start(spec: &HostSpec) -> HostLink {
    let exe = Path::new(env!("CARGO_BIN_EXE_orch-tui"));
    spawn_host(exe, spec, None).await.unwrap();
    connect_to(&spec.agent, &spec.socket).await.unwrap()
}

async fn exit_of(mut link: HostLink) -> (HostLink, AgentExit) {
    loop {
        if let FromHost::Exited(exit) = link.events.recv().await.expect("the host went") {
            return (link, exit);
        }
    }
}

/// Private memory of a process in kilobytes.
fn private(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let field = |line: &str| line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok();
    text.lines().filter(|line| line.starts_with("Private_")).filter_map(field).sum()
}

/// An agent that answers each line, and how long it takes until the answer is seen.
struct Echo {
    link: HostLink,
    screen: Screen,
    took: Vec<Duration>,
}

impl Echo {
    async fn answer(&mut self) {
        let wanted = format!("got {}", self.took.len());
        let began = Instant::now();
        let keys = format!("{}\r", self.took.len());
        assert!(self.link.sender.send(ToHost::Keys(keys.into_bytes())).await);
        while !self.screen.rows.iter().any(|row| row.text().trim_end() == wanted) {
            if let FromHost::Frame(frame) = self.link.events.recv().await.expect("the echo went") {
                self.screen.apply(frame);
            }
        }
        self.took.push(began.elapsed());
    }
}

fn bytes_recorded(folder: &Path) -> usize {
    let mut log = AgentLog::open(folder, LogForm::Raw).unwrap();
    let mut count = 0;
    while let Some(bytes) = log.read_new().unwrap() {
        count += bytes.len();
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_loses_nothing_and_keys_are_answered() {
    let agents = setting("ORCH_TUI_FLOOD_AGENTS", 3);
    let seconds = setting("ORCH_TUI_FLOOD_SECONDS", 2);
    let folder = tempfile::tempdir().unwrap();
    let lines = 1_000_000 / (LINE.len() + 8);
    let chunk: String = (0..lines).map(|number| format!("{LINE}{number:07}\n")).collect();
    std::fs::write(folder.path().join("chunk"), &chunk).unwrap();
    let script =
        format!("i=0; while [ $i -lt {seconds} ]; do cat chunk; sleep 1; i=$((i+1)); done");
    let echo = "while read -r line; do echo \"got $line\"; done";
    let echo = spec(folder.path(), 0, echo);
    let link = start(&echo).await;
    assert!(link.sender.send(ToHost::Watch).await);
    let mut echo = Echo { screen: Screen::new(link.hello.size), link, took: Vec::new() };
    echo.answer().await;
    let began = Instant::now();
    let specs: Vec<HostSpec> = (1..=agents).map(|n| spec(folder.path(), n, &script)).collect();
    let mut ends = tokio::task::JoinSet::new();
    let mut hosts = Vec::new();
    for (number, spec) in specs.iter().enumerate() {
        let link = start(spec).await;
        hosts.push(link.hello.processes.host);
        if number < 4 {
            assert!(link.sender.send(ToHost::Watch).await);
        }
        ends.spawn(exit_of(link));
    }
    let (mut done, mut most) = (Vec::new(), 0);
    let flood = async {
        while done.len() < agents {
            tokio::select! {
                biased;
                end = ends.join_next() => done.push(end.unwrap().unwrap()),
                () = echo.answer() => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, flood).await.expect("the flood does not end");
    let took = began.elapsed();
    let memory: Vec<u64> = hosts.iter().map(|pid| private(*pid)).collect();
    most = most.max(memory.iter().copied().max().unwrap_or(0));
    let expected = seconds * (chunk.len() + lines);
    let lost = specs.iter().filter(|spec| bytes_recorded(&spec.folder) != expected).count();
    let mut answered = echo.took.clone();
    answered.sort_unstable();
    let at = |share: usize| answered[(answered.len() - 1) * share / 100];
    writeln!(
        std::io::stderr(),
        "flood agents={agents} bytes_each={expected} took={took:.1?} lost={lost} keys={} p50={:?} p99={:?} max={:?} \
         host_private_kb_most={most} all={}",
        answered.len(), at(50), at(99), at(100), memory.iter().sum::<u64>(),
    )
    .unwrap();
    assert_eq!(lost, 0);
    for (link, exit) in done {
        assert_eq!(exit.code, Some(0));
        assert!(link.sender.send(ToHost::Collect).await);
    }
    assert!(echo.link.sender.send(ToHost::Stop(StopKind::Kill)).await);
    let (echo, _) = exit_of(echo.link).await;
    assert!(echo.sender.send(ToHost::Collect).await);
}

const FLOOD: &str = "#!/bin/sh\nexec yes 'flooding the terminal with a line of some length'\n";

fn open(project: &Project, words: &[&str]) -> Session {
    let launch = Launch::orch_tui(&project.home).folder(project.repository.path());
    launch.arguments(words.iter().copied()).start()
}

fn assert_left(session: &Session) {
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    session.terminal_modes_restored().unwrap();
    assert!(!session.screen().is_alternate, "{}", session.screen());
}

#[test]
fn the_terminal_is_given_back_while_an_agent_floods() {
    let project = Project::new(FLOOD);
    let mut run = project.start(["run", "--yes", "phase", "1.1"]);
    run.wait_for_line(|line| line.contains("hosted by process"), "the agent");
    let attached = open(&project, &["attach", "a-1.1"]);
    attached.wait_for_text("flooding the terminal");
    attached.press(&Key::Ctrl('z'));
    assert_left(&attached);
    run.signal(rustix::process::Signal::KILL);
    run.wait();
    for by_signal in [false, true] {
        let screen = open(&project, &[]);
        screen.wait_for_text("flooding the terminal");
        screen.press(&Key::Char('E'));
        screen.wait_for_text("hosted by process");
        press_until(&screen, &Key::Esc, |screen| !screen.contains("hosted by process"));
        if by_signal {
            screen.signal(rustix::process::Signal::TERM);
        } else {
            screen.press(&Key::Char('q'));
            screen.wait_for_text("it keeps running");
            press_until(&screen, &Key::Char('d'), |screen| !screen.is_alternate);
        }
        assert_left(&screen);
    }
    let recording = find(&project.home.join(".local/state/orch-tui"), "recording.cast");
    let parts = std::fs::read_dir(recording.parent().unwrap()).unwrap();
    let parts = parts
        .map(Result::unwrap)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".cast"));
    let size: u64 = parts.map(|entry| entry.metadata().unwrap().len()).sum();
    assert!(size < 66 * 1024 * 1024, "the recording has {size} bytes");
}

/// Overlays ignore keys for a moment after they opened and after other keys.
fn press_until(session: &Session, key: &Key, done: impl Fn(&support::screen::Screen) -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !done(&session.screen()) && session.exit_status().is_none() {
        assert!(Instant::now() < until, "{}", session.screen());
        session.press(key);
        support::crew::pass(Duration::from_millis(500));
    }
}

fn find(folder: &Path, name: &str) -> PathBuf {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.ends_with(name) {
                return path;
            }
        }
    }
    panic!("no {name}")
}
