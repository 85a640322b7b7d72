//! Text agents that a test can watch and let go: each notes its start and end, and works until it may end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::home::Home;
use super::repository::Repository;

/// Notes, then works until a file says that it may end. `$1` is the crew's folder.
const SCRIPT: &str = r#"#!/bin/sh
echo "start $WORK_STREAM_ID $$" >> "$1/log"
echo "working on $WORK_STREAM_ID"
while [ ! -e "$1/go-$WORK_STREAM_ID" ] && [ ! -e "$1/go-all" ]; do sleep 0.1; done
echo "end $WORK_STREAM_ID $$" >> "$1/log"
"#;

/// The agents of one repository.
#[derive(Clone, Debug)]
pub struct Crew {
    folder: PathBuf,
}

/// What the agents noted: process ids by phase, one for each start and each end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Those that started.
    pub started: BTreeMap<String, Vec<i32>>,
    /// Those that ended by themselves.
    pub ended: BTreeMap<String, Vec<i32>>,
}

impl Crew {
    /// Configures `repository` for such agents, `slots` at once.
    pub fn hire(home: &Home, repository: &Repository, slots: usize) -> Self {
        Self::hire_with(home, repository, slots, SCRIPT)
    }

    /// The same with a script of the test's own.
    pub fn hire_with(home: &Home, repository: &Repository, slots: usize, script: &str) -> Self {
        let here = repository.path().display();
        let targets = format!(
            "default_target: storm\ntargets:\n  storm:\n    name: Storm\n    path: {here}\n    \
             roadmap: roadmap.md\n    agent: crew\n    shared_agents: {slots}\n    retries: 0\n    gates: []\n"
        );
        Self::hire_for((home, repository), &targets, script)
    }

    /// Configures `repository` for these targets, whose agent `crew` is a script.
    pub fn hire_for((home, repository): (&Home, &Repository), targets: &str, script: &str) -> Self {
        let folder = home.join("crew");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("agent.sh"), script).unwrap();
        let at = folder.display();
        let agents = format!(
            "version: 1\ndefault: crew\nagents:\n  crew:\n    kind: text\n    command: /bin/sh\n    \
             args: [{at}/agent.sh, {at}]\n    limits: {{total_s: 3600, idle_s: 3600, grace_s: 1}}\n"
        );
        repository.commit_file("config/agents.yaml", &agents);
        repository.commit_file("config/targets.yaml", targets);
        Self { folder }
    }

    /// A file in its folder, which its script has as `$1`.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Lets the agent of a phase end.
    pub fn let_go(&self, phase: &str) {
        std::fs::write(self.folder.join(format!("go-{phase}")), "").unwrap();
    }

    /// Lets all end, those to come too.
    pub fn let_all_go(&self) {
        self.let_go("all");
    }

    /// What they noted so far.
    pub fn log(&self) -> Log {
        let text = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let mut log = Log::default();
        for line in text.lines() {
            let [what, phase, pid] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("a strange line: {line}")
            };
            let list = if what == "start" { &mut log.started } else { &mut log.ended };
            list.entry(phase.into()).or_default().push(pid.parse().unwrap());
        }
        log
    }
}

impl Log {
    /// Phases whose agent has started and not ended, with its process id.
    pub fn working(&self) -> Vec<(String, i32)> {
        let open = |(phase, _): &(&String, &Vec<i32>)| !self.ended.contains_key(*phase);
        let last = |(phase, pids): (&String, &Vec<i32>)| Some((phase.clone(), *pids.last()?));
        self.started.iter().filter(open).filter_map(last).collect()
    }
}

/// Waits until the world fulfils a condition. Panics at the deadline with what `state` says then.
pub fn wait_until(condition: impl Fn() -> bool, what: &str, state: impl Fn() -> String) {
    let deadline = Instant::now() + 3 * super::DEADLINE;
    while !condition() {
        assert!(
            Instant::now() < deadline,
            "waited for {what}, but the deadline passed\n{}",
            state()
        );
        pass(Duration::from_millis(20));
    }
}

/// Lets time pass: between two looks, or up to a random moment.
pub fn pass(time: Duration) {
    let (_sender, receiver) = channel::<()>();
    let _ = receiver.recv_timeout(time);
}

/// Numbers that look random and are the same for the same seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}
