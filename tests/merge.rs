//! Worktrees and merges with the real program and a real git: what is complete is merged, what is merged is proven, and
//! nothing that was done is lost, whatever is killed.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use support::command::Invocation;
use support::crew::{Crew, Dice, pass, wait_until};
use support::home::Home;
use support::repository::Repository;

fn git(at: &Path, home: &Home, args: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(args)
        .current_dir(at)
        .env_clear()
        .envs(home.environment())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// The merge commit of every phase, and that its gates had passed on it.
fn proven_merges(journal: &[Value], gates: &[&str]) -> BTreeMap<String, String> {
    let mut phases = BTreeMap::new();
    let mut green: BTreeSet<(String, String)> = BTreeSet::new();
    let mut landed = BTreeMap::new();
    for entry in journal {
        let agent = entry["agent"].to_string();
        match entry["event"].as_str().unwrap_or_default() {
            "agent_spawned" => {
                phases.insert(agent, entry["phase"].as_str().unwrap().to_owned());
            }
            "gate_judged" if entry["receipt"]["tree"] == "merged" => {
                let receipt = &entry["receipt"];
                if receipt["result"] == "passed" {
                    let commit = receipt["commit"].as_str().unwrap().to_owned();
                    green.insert((commit, receipt["gate"].as_str().unwrap().to_owned()));
                }
            }
            "merge_landed" => {
                let commit = entry["commit"].as_str().unwrap().to_owned();
                for gate in gates {
                    let proof = (commit.clone(), (*gate).to_owned());
                    assert!(green.contains(&proof), "{commit} landed without a green {gate}");
                }
                landed.insert(phases[&agent].clone(), commit);
            }
            "agent_completed" => {
                let phase = &phases[&agent];
                assert!(landed.contains_key(phase), "{phase} is complete and not merged");
            }
            _ => {}
        }
    }
    landed
}

/// The landed merges on which a gate, run in a fresh clone, is not green, by phase.
fn red_where_it_landed(
    (home, repository): (&Home, &Repository),
    landed: &BTreeMap<String, String>,
    gate: &str,
) -> Vec<String> {
    let clone = home.join("fresh");
    let is_red = |(phase, commit): &(&String, &String)| {
        let from = repository.path().to_string_lossy().into_owned();
        let to = clone.to_string_lossy().into_owned();
        git(home.path(), home, &["clone", "--quiet", "--no-checkout", &from, &to]).unwrap();
        git(&clone, home, &["checkout", "--quiet", "--detach", commit]).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", gate]).current_dir(&clone).env_clear().envs(home.environment());
        let green = shell.env("WORK_STREAM_ID", phase).status().unwrap().success();
        std::fs::remove_dir_all(&clone).unwrap();
        !green
    };
    landed.iter().filter(is_red).map(|(phase, _)| phase.clone()).collect()
}

/// A demo with four agents at once and merges by themselves: the whole roadmap, in the right order, on one line of merges.
#[test]
fn a_batch_of_the_demo_is_a_line_of_proven_merges() {
    let home = Home::new();
    let folder = home.join("tide");
    let words = folder.to_string_lossy().into_owned();
    let goal = "run everything until it is done";
    let demo = ["demo", "--speed", "0", "--dir", words.as_str(), "--goal", goal];
    let outcome = Invocation::orch_tui(&home, demo).deadline(Duration::from_secs(180)).run();
    assert_eq!(outcome.code, Some(0), "{}\n{}", outcome.stdout, outcome.stderr);
    let run = |args: &[&str]| git(&folder, &home, args).unwrap();
    let merges = proven_merges(&home.journal(), &["syntax", "tests"]);
    assert_eq!(merges.len(), 14);
    // One line of merges, each on the one before, from the first commit on.
    let line = run(&["log", "--first-parent", "--format=%H", "main"]);
    let line: Vec<&str> = line.lines().collect();
    let landed: BTreeSet<&str> = merges.values().map(String::as_str).collect();
    assert_eq!(line.len(), 15);
    assert!(line[..14].iter().all(|commit| landed.contains(commit)), "{line:?} {landed:?}");
    // What a phase depends on is in the tree it began in.
    let status = Invocation::orch_tui(&home, ["status", "--json"]).folder(&folder).run();
    let status: Value = serde_json::from_str(&status.expect_success()).unwrap();
    let mut checked = 0;
    for phase in status["phases"].as_array().unwrap() {
        assert_eq!(phase["status"], "complete", "{phase}");
        let Some(merge) = merges.get(phase["id"].as_str().unwrap()) else { continue };
        let own = run(&["rev-list", "--first-parent", &format!("{merge}^1..{merge}^2")]);
        let first = own.lines().last().unwrap().to_owned();
        for on in phase["depends_on"].as_array().unwrap() {
            let Some(before) = merges.get(on["id"].as_str().unwrap()) else { continue };
            let held =
                git(&folder, &home, &["merge-base", "--is-ancestor", before, &format!("{first}^")]);
            assert!(held.is_ok(), "{} began without {}", phase["id"], on["id"]);
            checked += 1;
        }
    }
    assert!(checked >= 8, "{checked} dependencies between merges");
    let suite = Command::new("sh").arg("tests/run.sh").current_dir(&folder).output().unwrap();
    assert!(suite.status.success(), "{}", String::from_utf8_lossy(&suite.stdout));
    // Of the roadmap only status, assignee, date and ticks are other than they were; nothing else is left.
    assert_eq!(run(&["status", "--porcelain"]), " M plans/roadmap.md");
    for changed in run(&["diff", "-U0"]).lines().skip(4) {
        let ours = ["Status:**", "Assigned To:**", "Completed:**", "- [ ]", "- [x]"];
        let known = changed.starts_with("@@") || ours.iter().any(|part| changed.contains(part));
        assert!(known, "{changed}");
    }
    assert_eq!(run(&["branch", "--list", "orch/*"]), "");
    assert_eq!(run(&["worktree", "list"]).lines().count(), 1);
}

/// Six phases, three deep.
fn roadmap() -> String {
    let mut text = "# Roadmap\n\n## Batch 1\n".to_owned();
    for (id, on) in [("1", ""), ("2", ""), ("3", "1"), ("4", "2"), ("5", "3, 4"), ("6", "1")] {
        let (status, depends) = match on {
            "" => ("⚪ Not Started", "None".to_owned()),
            on => (
                "🔴 Blocked",
                on.split(", ").map(|id| format!("Phase {id}")).collect::<Vec<_>>().join(", "),
            ),
        };
        write!(
            text,
            "\n### Phase {id}: Part {id}\n\n- **Status:** {status}\n- **Depends On:** {depends}\n"
        )
        .unwrap();
    }
    text
}

/// Notes its start and its commits; two at once on one phase would show.
const SCRIPT: &str = r#"#!/bin/sh
phase=$WORK_STREAM_ID
exec 9> "$1/lock-$phase"
flock -n 9
# Any other status: flock itself was killed.
[ $? -eq 1 ] && echo "TWICE $phase" >> "$1/log"
echo "start $phase" >> "$1/log"
sleep 0.1 9>&-
date +%N >> "part-$phase" && git add "part-$phase" 9>&- && git commit -q -m "part $phase" 9>&- || exit 1
echo "commit $phase $(git rev-parse HEAD 9>&-)" >> "$1/log"
sleep 0.1 9>&-
"#;

struct Bench {
    home: Home,
    repository: Repository,
    crew: Crew,
}

const RETRIES: usize = 2;
const GATE: &str = "test -s part-$WORK_STREAM_ID && sleep 0.05";

impl Bench {
    fn new() -> Self {
        let home = Home::new();
        let repository = Repository::with_roadmap(&home, "storm", &roadmap());
        let here = repository.path().display();
        let targets = format!(
            "default_target: storm\ntargets:\n  storm:\n    path: {here}\n    roadmap: roadmap.md\n    \
             agent: crew\n    max_agents: 3\n    merge: auto\n    retries: {RETRIES}\n    gates:\n      \
             - {{name: part, run: '{GATE}'}}\n"
        );
        let crew = Crew::hire_for((&home, &repository), &targets, SCRIPT);
        Self { home, repository, crew }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.crew.join("log")).unwrap_or_default()
    }

    fn is_complete(&self) -> bool {
        self.repository.roadmap().matches("✅ Complete").count() == 6
    }

    fn run(&self) -> Invocation {
        Invocation::orch_tui(&self.home, ["run", "--yes", "--mode", "batch", "all phases"])
            .folder(self.repository.path())
            .deadline(Duration::from_secs(120))
    }

    /// Something of ours that runs, by chance: the app itself, a host, or an agent.
    fn victim(&self, dice: &mut Dice, app: u32) -> i32 {
        let all = self.home.residents();
        let others: Vec<i32> = all
            .iter()
            .filter(|one| one.command.contains("host --spec") || one.command.contains("agent.sh"))
            .map(|one| one.pid)
            .collect();
        match dice.below(3) {
            0 | 1 if !others.is_empty() => others[dice.below(others.len() as u64) as usize],
            _ => i32::try_from(app).unwrap(),
        }
    }

    fn state(&self) -> String {
        let branches = self.repository.git(["branch", "--all", "--verbose"]);
        format!(
            "{}\n{}\n{branches}\n{:#?}",
            self.repository.roadmap(),
            self.log(),
            self.home.journal()
        )
    }

    fn check(&self) {
        let log = self.log();
        assert!(!log.contains("TWICE"), "two agents on one phase\n{}", self.state());
        let merges = proven_merges(&self.home.journal(), &["part"]);
        for (phase, commit) in &merges {
            let on_main = self.is_in(commit, "main");
            assert!(on_main, "the merge of {phase} is lost\n{}", self.state());
        }
        // Every commit an agent made is on main, or on a branch or reference that is still there.
        for line in log.lines().filter(|line| line.starts_with("commit ")) {
            // It may have been killed before it could tell which.
            let Some(commit) = line.rsplit(' ').next().filter(|text| text.len() == 40) else {
                continue;
            };
            let held =
                self.repository.git(["for-each-ref", "--format=%(refname)", "--contains", commit]);
            assert!(!held.is_empty(), "{line} is in no branch\n{}", self.state());
        }
        for entry in self.home.journal() {
            let attempt = entry["attempt"].as_u64().unwrap_or_default();
            assert!(attempt <= 1 + RETRIES as u64, "more tries than allowed: {entry}");
        }
        let roadmap = self.repository.roadmap();
        for (number, section) in roadmap.split("### Phase ").skip(1).enumerate() {
            let phase = (number + 1).to_string();
            let complete = section.contains("✅ Complete");
            assert!(
                !complete || merges.contains_key(&phase),
                "{phase} is not merged\n{}",
                self.state()
            );
        }
    }

    fn is_in(&self, commit: &str, branch: &str) -> bool {
        git(self.repository.path(), &self.home, &["merge-base", "--is-ancestor", commit, branch])
            .is_ok()
    }

    /// Runs without disturbance until all is done; what was given up is approved anew.
    fn finish(&self) {
        for _ in 0..6 {
            if !self.is_complete() {
                let _ = self.run().run();
            }
        }
        assert!(self.is_complete(), "it does not come to an end\n{}", self.state());
        // Once more with nothing to do: what the last app could not tidy up is tidied up.
        let _ = self.run().run();
        wait_until(
            || self.home.residents().is_empty(),
            "all processes to go",
            || format!("{:?}", self.home.residents()),
        );
        let status = Invocation::orch_tui(&self.home, ["status", "--json"])
            .folder(self.repository.path())
            .run();
        let status: Value = serde_json::from_str(&status.expect_success()).unwrap();
        let held = |claim: &&Value| claim["held"] == true;
        let leaked = status["claims"].as_array().unwrap().iter().filter(held).count();
        assert_eq!(leaked, 0, "{status}");
        let landed = proven_merges(&self.home.journal(), &["part"]);
        let bed = (&self.home, &self.repository);
        assert_eq!(red_where_it_landed(bed, &landed, GATE), [""; 0], "{}", self.state());
        assert_eq!(red_where_it_landed(bed, &landed, "test $WORK_STREAM_ID != 4"), ["4"]);
    }
}

/// Agents, hosts and the app are killed at random moments. `ORCH_TUI_MERGE_ROUNDS` makes it longer.
#[test]
fn whatever_is_killed_nothing_that_was_done_is_lost() {
    let rounds = std::env::var("ORCH_TUI_MERGE_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: usize = rounds.unwrap_or(3);
    let mut dice =
        Dice::new(Instant::now().elapsed().as_nanos() as u64 ^ u64::from(std::process::id()));
    let (mut kills, mut starts) = (0, 0);
    for _ in 0..rounds {
        let bench = Bench::new();
        let mut own = 0;
        for _ in 0..4 {
            if bench.is_complete() {
                break;
            }
            let app = bench.run().start();
            pass(Duration::from_millis(dice.below(1_500)));
            for _ in 0..=dice.below(2) {
                let victim = bench.victim(&mut dice, app.pid());
                if kill_process(Pid::from_raw(victim).unwrap(), Signal::KILL).is_ok() {
                    own += 1;
                }
                pass(Duration::from_millis(dice.below(400)));
            }
            let _ = kill_process(
                Pid::from_raw(i32::try_from(app.pid()).unwrap()).unwrap(),
                Signal::KILL,
            );
            let _ = app.wait();
            bench.check();
        }
        bench.finish();
        bench.check();
        kills += own;
        starts += bench.log().matches("start ").count();
    }
    writeln!(
        std::io::stderr(),
        "merge-kill9 rounds={rounds} kills={kills} starts={starts} lost=0 twice=0 unproven=0 leaked=0"
    )
    .unwrap();
}

/// The merge of phase 1 fails and leaves a file that git ignores, which the gate of phase 2 would take for its own.
#[test]
fn what_the_gates_of_a_failed_merge_left_behind_proves_nothing() {
    let home = Home::new();
    let section = |id| format!("\n### Phase {id}: Part {id}\n\n- **Status:** ⚪ Not Started\n");
    let roadmap = format!("# Roadmap\n{}{}{}", section(1), section(2), section(3));
    let repository = Repository::with_roadmap(&home, "storm", &roadmap);
    let judged = home.join("judged");
    let gate = format!(
        "test -e part-1 && {{ touch made.cache {}; exit 1; }}; test $WORK_STREAM_ID = 3 || test -e made.cache",
        judged.display()
    );
    let here = repository.path().display();
    let targets = format!(
        "default_target: storm\ntargets:\n  storm:\n    path: {here}\n    roadmap: roadmap.md\n    \
         agent: crew\n    max_agents: 3\n    merge: auto\n    retries: 0\n    gates:\n      \
         - {{name: made, when: merge, run: '{gate}'}}\n"
    );
    let script = format!(
        "#!/bin/sh\nwhile [ $WORK_STREAM_ID = 2 ] && [ ! -e {} ]; do sleep 0.05; done\n\
         echo done > part-$WORK_STREAM_ID\ngit add . && git commit -q -m part\n",
        judged.display()
    );
    repository.commit_file(".gitignore", "*.cache\n");
    Crew::hire_for((&home, &repository), &targets, &script);
    let run = ["run", "--yes", "--mode", "batch", "all phases"];
    let run = Invocation::orch_tui(&home, run).folder(repository.path());
    let outcome = run.deadline(Duration::from_secs(60)).run();
    let landed = proven_merges(&home.journal(), &["made"]);
    let red = red_where_it_landed((&home, &repository), &landed, &gate);
    assert_eq!(red, [""; 0], "{}\n{}", outcome.stdout, outcome.stderr);
    assert_eq!(landed.keys().collect::<Vec<_>>(), ["3"], "{}\n{}", outcome.stdout, outcome.stderr);
}

/// Another process changes branches of the repository for long: nobody waits for it who is to end.
#[test]
fn the_end_waits_for_nobody_else_s_turn() {
    let home = Home::new();
    let section = |id| format!("\n### Phase {id}: Part {id}\n\n- **Status:** ⚪ Not Started\n");
    let repository = Repository::with_roadmap(
        &home,
        "storm",
        &format!("# Roadmap\n{}{}", section(1), section(2)),
    );
    let here = repository.path().display();
    let targets = format!(
        "default_target: storm\ntargets:\n  storm:\n    path: {here}\n    roadmap: roadmap.md\n    \
         agent: crew\n    merge: auto\n    gates: []\n"
    );
    let script =
        "#!/bin/sh\necho done > part-$WORK_STREAM_ID && git add . && git commit -q -m part\n";
    Crew::hire_for((&home, &repository), &targets, script);
    let run = |goal| {
        let run = Invocation::orch_tui(&home, ["run", "--yes", goal]).folder(repository.path());
        run.deadline(Duration::from_secs(60))
    };
    run("phase 1").run().expect_success();
    let mut states = std::fs::read_dir(home.join(".local/state/orch-tui"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let lock =
        states.find(|path| path.extension().is_some_and(|end| end == "lock")).expect("a lock");
    let turn = std::fs::File::open(&lock).unwrap();
    turn.lock().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let app = run("phase 2").deadline(Duration::from_secs(15)).start();
        let waits = || {
            let open = std::fs::read_dir(format!("/proc/{}/fd", app.pid())).into_iter().flatten();
            let mut open = open.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
            open.any(|file| file == lock)
        };
        wait_until(waits, "the app to wait for its turn", || format!("{:#?}", home.journal()));
        app.signal(signal);
        assert_eq!(app.wait().code, Some(130), "{signal:?}");
    }
    turn.unlock().unwrap();
    run("phase 2").run().expect_success();
}

/// All files of a large build on a slow disk are looked through for those a worktree needs.
#[test]
fn a_disk_may_take_its_time_to_find_what_a_worktree_needs() {
    let home = Home::new();
    let roadmap = "# Roadmap\n\n### Phase 1: Part 1\n\n- **Status:** ⚪ Not Started\n";
    let repository = Repository::with_roadmap(&home, "storm", roadmap);
    let here = repository.path().display();
    let targets = format!(
        "default_target: storm\ntargets:\n  storm:\n    path: {here}\n    roadmap: roadmap.md\n    \
         agent: crew\n    merge: auto\n    gates: []\n"
    );
    let script = "#!/bin/sh\ncp local.env part && git add part && git commit -q -m part\n";
    Crew::hire_for((&home, &repository), &targets, script);
    repository.commit_file(".gitignore", "*.env\n");
    repository.commit_file(".worktreeinclude", "*.env\n");
    repository.write("local.env", "KEY=1\n");
    // Longer than a question may take, the first time.
    let variables = home.environment();
    let path = &variables.iter().find(|(name, _)| name == "PATH").unwrap().1;
    let slow = home.join("slow");
    std::fs::create_dir(&slow).unwrap();
    let wrapper = format!(
        "#!/bin/sh\nexport PATH='{path}'\ncase \"$*\" in *--others*) mkdir '{}/once' 2> /dev/null && sleep 11;; esac\n\
         exec git \"$@\"\n",
        slow.display()
    );
    std::fs::write(slow.join("git"), wrapper).unwrap();
    std::fs::set_permissions(slow.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    Invocation::orch_tui(&home, ["run", "--yes", "phase 1"])
        .folder(repository.path())
        .variable("PATH", format!("{}:{path}", slow.display()))
        .deadline(Duration::from_secs(60))
        .run()
        .expect_success();
    assert!(slow.join("once").exists(), "nobody asked");
    assert_eq!(repository.git(["show", "main:part"]), "KEY=1");
}
