//! Trouble with git, gates and disks, with the real program: what is wrong is told in one sentence, nothing that was done is
//! lost, and once it is mended the next run completes the work.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "trouble/disk.rs"]
mod disk;
#[path = "trouble/places.rs"]
mod places;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use support::command::{Invocation, Outcome};
use support::crew::wait_until;
use support::home::Home;
use support::repository::Repository;

const ONE: &str = "# Roadmap\n\n### Phase 1: One\n\n- **Status:** ⚪ Not Started\n";

const TWO: &str = "# Roadmap\n\n### Phase 1: One\n\n- **Status:** ⚪ Not Started\n\n\
    ### Phase 2: Two\n\n- **Status:** ⚪ Not Started\n";

/// Commits a file of its own.
const WORKER: &str =
    "echo made > made-$WORK_STREAM_ID\ngit add . && git commit -qm \"Make $WORK_STREAM_ID\"\n";

/// A repository, and elsewhere a folder with the configuration and the agent.
struct Bench {
    home: Home,
    repository: Repository,
    desk: PathBuf,
    roadmap: String,
}

impl Bench {
    fn new(roadmap: &str, agent: &str, keys: &str) -> Self {
        let home = Home::new();
        let repository = Repository::with_roadmap(&home, "work", roadmap);
        let desk = home.join("desk");
        std::fs::create_dir_all(desk.join("config")).unwrap();
        let bench = Self { home, repository, desk, roadmap: roadmap.to_owned() };
        bench.agent(agent);
        bench.target(&bench.repository.path().display().to_string(), keys);
        bench
    }

    /// Says what the agent does; `$desk` is the folder of the configuration.
    fn agent(&self, script: &str) {
        let at = self.desk.display();
        let script = format!(
            "desk={at}\ncp \"$ORCH_TUI_PROMPT_FILE\" $desk/prompt-$WORK_STREAM_ID-$AGENT_LIFE\n{script}"
        );
        std::fs::write(self.desk.join("agent.sh"), script).unwrap();
        let agents = format!(
            "version: 1\ndefault: hand\nagents:\n  hand:\n    kind: text\n    command: /bin/sh\n    \
             args: [{at}/agent.sh]\n"
        );
        std::fs::write(self.desk.join("config/agents.yaml"), agents).unwrap();
    }

    fn target(&self, path: &str, keys: &str) {
        let targets = format!(
            "default_target: work\ntargets:\n  work:\n    path: {path}\n    roadmap: roadmap.md\n    \
             agent: hand\n    merge: auto\n    retry_wait: 0s\n{keys}"
        );
        std::fs::write(self.desk.join("config/targets.yaml"), targets).unwrap();
    }

    fn run(&self) -> Outcome {
        Invocation::orch_tui(&self.home, ["run", "--yes", "--mode", "batch", "all phases"])
            .folder(&self.desk)
            .deadline(Duration::from_secs(120))
            .run()
    }

    /// Runs, wants this exit code and these words, and the world at rest.
    fn fails(&self, code: i32, words: &[&str]) -> String {
        let outcome = self.run();
        let told = told(&outcome);
        assert_eq!(outcome.code, Some(code), "{told}");
        for word in words {
            assert!(told.contains(word), "no {word:?} in\n{told}");
        }
        // What waits for a person keeps its claim, and the process that holds it.
        if code != 4 {
            self.is_at_rest();
        }
        told
    }

    /// What was wrong is mended: the next run completes everything.
    fn completes(&self) {
        let outcome = self.run();
        assert_eq!(outcome.code, Some(0), "{}\n{:#?}", told(&outcome), self.home.journal());
        let phases = self.roadmap.matches("### Phase").count();
        let roadmap = self.repository.roadmap();
        assert_eq!(roadmap.matches("✅ Complete").count(), phases, "{roadmap}");
        assert_eq!(self.branches(), "");
        self.is_at_rest();
    }

    /// No process stays, and no claim.
    fn is_at_rest(&self) {
        wait_until(
            || self.home.residents().is_empty(),
            "all processes to go",
            || format!("{:?}", self.home.residents()),
        );
        let status =
            Invocation::orch_tui(&self.home, ["status", "--json"]).folder(&self.desk).run();
        // Without a repository there is no status.
        let status: Value = serde_json::from_str(&status.stdout).unwrap_or_default();
        let none = Vec::new();
        let claims = status["claims"].as_array().unwrap_or(&none);
        assert!(claims.iter().all(|claim| claim["held"] != true), "{status}");
    }

    fn is_as_before(&self) {
        assert_eq!(self.repository.roadmap(), self.roadmap);
    }

    fn branches(&self) -> String {
        self.repository.git(["branch", "--list", "--format=%(refname:short)", "orch/*"])
    }

    fn show(&self, what: &str) -> String {
        self.repository.git(["show", what])
    }

    fn prompt(&self, name: &str) -> String {
        std::fs::read_to_string(self.desk.join(format!("prompt-{name}"))).unwrap()
    }
}

fn told(outcome: &Outcome) -> String {
    format!("{}{}", outcome.stdout, outcome.stderr)
}

/// Both begin on the same commit and change the same line.
const RIVALS: &str = r#"
if [ "$AGENT_LIFE" = 1 ]; then
  touch $desk/here-$WORK_STREAM_ID
  while [ ! -e $desk/here-1 ] || [ ! -e $desk/here-2 ]; do sleep 0.05; done
  echo "$WORK_STREAM_ID" > line
  git commit -qam "Line of $WORK_STREAM_ID"
else
  git merge -q main && exit 7
  printf '1\n2\n' > line
  git add line && git commit -qm "Both lines"
fi
"#;

#[test]
fn who_comes_second_merges_what_both_changed() {
    let bench = Bench::new(
        TWO,
        RIVALS,
        "    retries: 1\n    gates:\n      - {name: line, run: test -s line}\n",
    );
    bench.repository.commit_file("line", "none\n");
    bench.completes();
    assert_eq!(bench.show("main:line"), "1\n2");
    let second =
        ["1-2", "2-2"].into_iter().find(|name| bench.desk.join(format!("prompt-{name}")).exists());
    let prompt = bench.prompt(second.expect("a second life"));
    for part in ["its work conflicts with main in line", "git merge main"] {
        assert!(prompt.contains(part), "{prompt}");
    }
}

#[test]
fn a_conflict_without_a_further_try_keeps_the_branch() {
    let bench = Bench::new(
        TWO,
        RIVALS,
        "    retries: 0\n    gates:\n      - {name: line, run: test -s line}\n",
    );
    bench.repository.commit_file("line", "none\n");
    bench.fails(1, &["its work conflicts with main in line"]);
    let branch = bench.branches();
    let loser = branch.strip_prefix("orch/").and_then(|name| name.strip_suffix("-1")).unwrap();
    assert_eq!(bench.show(&format!("{branch}:line")), loser);
    let roadmap = bench.repository.roadmap();
    let counts = ["✅ Complete", "⚪ Not Started"].map(|status| roadmap.matches(status).count());
    assert_eq!(counts, [1, 1], "{roadmap}");
    // A person's word begins another life, which is told.
    bench.completes();
    assert_eq!(bench.show("main:line"), "1\n2");
    assert!(bench.prompt(&format!("{loser}-2")).contains("git merge main"));
}

#[test]
fn a_gate_that_fails_on_the_merge_alone_keeps_it_off_the_branch() {
    let both = "    retries: 0\n    gates:\n      - {name: apart, run: 'test ! -e made-1 || test ! -e made-2'}\n";
    let meet = format!(
        "touch $desk/here-$WORK_STREAM_ID\nwhile [ ! -e $desk/here-1 ] || [ ! -e $desk/here-2 ]; do sleep 0.05; done\n{WORKER}"
    );
    let bench = Bench::new(TWO, &meet, both);
    bench.fails(1, &["gate apart failed on the merge"]);
    let branch = bench.branches();
    let [loser, winner] = if branch == "orch/1-1" { ["1", "2"] } else { ["2", "1"] };
    assert_eq!(bench.show(&format!("{branch}:made-{loser}")), "made");
    assert_eq!(bench.show(&format!("main:made-{winner}")), "made");
    assert_eq!(
        bench.repository.git(["ls-tree", "--name-only", "main", &format!("made-{loser}")]),
        ""
    );
    assert_eq!(bench.repository.roadmap().matches("⚪ Not Started").count(), 1);
}

#[test]
fn a_gate_that_takes_too_long_is_told_and_ended() {
    let keys = |time: &str| {
        format!(
            "    retries: 0\n    gates:\n      - {{name: slow, timeout: {time}, run: sleep 300}}\n"
        )
    };
    let bench = Bench::new(ONE, WORKER, &keys("1s"));
    bench.fails(1, &["gate slow ran out of time", "gate slow failed"]);
    bench.is_as_before();
    assert_eq!(bench.show("orch/1-1:made-1"), "made");
    bench.target(&bench.repository.path().display().to_string(), "    retries: 0\n");
    bench.agent("test -e made-1\n");
    bench.completes();
    assert_eq!(bench.show("main:made-1"), "made");
}

#[test]
fn nobody_s_name_on_commits_is_told_first() {
    let bench = Bench::new(ONE, WORKER, "");
    let settings = bench.home.join(".gitconfig");
    let known = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, "[user]\n\tuseConfigOnly = true\n").unwrap();
    bench.fails(5, &["git does not know who commits in", "user.name"]);
    bench.is_as_before();
    std::fs::write(&settings, known).unwrap();
    bench.completes();
}

#[test]
fn work_goes_to_a_branch() {
    let bench = Bench::new(ONE, WORKER, "");
    bench.repository.git(["switch", "--quiet", "--detach"]);
    bench.fails(5, &["is on no branch (detached HEAD)", "git switch"]);
    bench.is_as_before();
    bench.repository.git(["switch", "--quiet", "main"]);
    bench.completes();
}

/// Twenty lines, of which the agent changes the first.
const LONG: &str = "sed -i 1s/.*/theirs/ long && git commit -qam First\n";

fn in_the_way() -> Bench {
    let bench = Bench::new(ONE, LONG, "");
    let lines: String = (1..=20).map(|n| format!("line {n}\n")).collect();
    bench.repository.commit_file("long", &lines);
    let mine = lines.replace("line 20", "mine");
    bench.repository.write("long", &mine);
    let told = bench
        .fails(4, &["uncommitted changes in long", "commit, stash or move them away", "run again"]);
    assert!(!told.contains("--merge auto"), "{told}");
    assert_eq!(bench.repository.read("long"), mine);
    assert_eq!(bench.show("orch/1-1:long").lines().next(), Some("theirs"));
    // Nothing has changed: it is tried, and told again.
    bench.fails(4, &["uncommitted changes in long"]);
    assert_eq!(bench.repository.read("long"), mine);
    bench
}

#[test]
fn uncommitted_changes_in_the_way_are_safe_and_the_next_run_merges_once_they_are_stashed() {
    let bench = in_the_way();
    bench.repository.git(["stash", "push", "--quiet", "--", "long"]);
    bench.completes();
    bench.repository.git(["stash", "pop", "--quiet"]);
    let long = bench.repository.read("long");
    assert!(long.starts_with("theirs\n") && long.ends_with("mine\n"), "{long}");
}

#[test]
fn uncommitted_changes_in_the_way_are_merged_once_they_are_committed() {
    let bench = in_the_way();
    bench.repository.git(["commit", "--quiet", "-m", "Mine", "--", "long"]);
    bench.completes();
    let long = bench.show("main:long");
    assert!(long.starts_with("theirs\n") && long.ends_with("mine"), "{long}");
}

/// Goes to another branch in the checkout it shares, in phase 1.
const STRAYING: &str = "if [ $WORK_STREAM_ID = 1 ] && [ ! -e $desk/strayed ]; then\n  touch $desk/strayed\n  \
    git checkout -q -b elsewhere\nfi\necho made > made-$WORK_STREAM_ID\ngit add made-$WORK_STREAM_ID && \
    git commit -qm \"Make $WORK_STREAM_ID\"\n";

#[test]
fn an_agent_that_leaves_a_shared_checkout_on_another_branch_holds_the_queue() {
    let bench = Bench::new(TWO, STRAYING, "    isolation: shared\n    gates: []\n");
    let told = bench.fails(
        4,
        &[
            "a-1: the checkout was on `main` when it began and is on `elsewhere` now",
            "nothing new starts: put the checkout right first, p goes on with it as it is then",
        ],
    );
    assert!(!told.contains("a-2 "), "the next one began on the wrong branch:\n{told}");
    assert!(!bench.repository.roadmap().contains("✅ Complete"), "{told}");
    // Before that is mended nothing begins on the wrong branch.
    let told = bench.fails(5, &["is on `elsewhere` now", "put the checkout right"]);
    assert!(!told.contains("takes phase"), "{told}");
    let asked = Invocation::orch_tui(&bench.home, ["qa", "2", "--yes"]).folder(&bench.desk).run();
    let told = self::told(&asked);
    assert_eq!(asked.code, Some(5), "{told}");
    assert!(told.contains("is on `elsewhere` now: put the checkout right, or go on"), "{told}");
    assert!(!told.contains("is asked for"), "{told}");
    bench.repository.git(["checkout", "--quiet", "main"]);
    let told = bench.run().expect_success();
    assert_eq!(bench.repository.roadmap().matches("✅ Complete").count(), 2, "{told}");
    let subjects = bench.repository.git(["log", "--format=%s", "-2"]);
    assert_eq!(subjects, "Make 2\nMake 1");
}

#[test]
fn an_errand_that_leaves_a_shared_checkout_on_another_branch_says_what_to_do() {
    let strays = "git checkout -q -b elsewhere\n";
    let bench = Bench::new(ONE, strays, "    isolation: shared\n    gates: []\n");
    let asked = Invocation::orch_tui(&bench.home, ["qa", "1", "--yes"]).folder(&bench.desk).run();
    let told = self::told(&asked);
    assert_eq!(asked.code, Some(1), "{told}");
    let mend = "was on `main` when it began and is on `elsewhere` now: put the checkout right, or go on as it is with p in the dashboard";
    assert!(asked.stderr.contains(mend), "{told}");
}

#[test]
fn an_agent_that_takes_commits_from_a_shared_checkout_holds_the_queue() {
    let bench =
        Bench::new(ONE, "git reset -q --hard HEAD~1\n", "    isolation: shared\n    gates: []\n");
    bench.repository.commit_file("kept.txt", "work of somebody");
    bench.fails(1, &["`main` no longer holds commit", "held: nothing new is started"]);
}

/// A commit that somebody else makes while the agent works.
const SOMEBODY: &str = "echo made > kept.txt\ngit add kept.txt\ngit commit -qm kept\n";

#[test]
fn an_agent_that_takes_what_somebody_committed_meanwhile_holds_the_queue() {
    let takes = format!("{SOMEBODY}git reset -q --hard HEAD~1\n{WORKER}");
    let bench = Bench::new(ONE, &takes, "    isolation: shared\n    gates: []\n");
    let told = bench.fails(1, &["`main` no longer holds commit", "made while it worked"]);
    assert!(told.contains("held: nothing new is started"), "{told}");
    bench.repository.git(["cherry-pick", "main@{2}"]);
    bench.agent(WORKER);
    let told = bench.run().expect_success();
    assert!(bench.repository.roadmap().contains("✅ Complete"), "{told}");
}

#[test]
fn a_commit_that_is_amended_in_a_shared_checkout_costs_nobody_its_life() {
    let amends = "git commit -q --amend -m better\n".to_owned() + WORKER;
    let bench = Bench::new(ONE, &amends, "    isolation: shared\n    gates: []\n");
    let told = bench.run().expect_success();
    assert!(bench.repository.roadmap().contains("✅ Complete"), "{told}");
}

#[test]
fn a_shared_checkout_is_looked_at_whatever_ends_the_agent() {
    let strays = "git checkout -q --orphan fresh\nsleep 60\n";
    let bench = Bench::new(TWO, strays, "    isolation: shared\n    gates: []\n");
    let agents = bench.desk.join("config/agents.yaml");
    let text = std::fs::read_to_string(&agents).unwrap();
    std::fs::write(&agents, text + "    limits: {total_s: 2, grace_s: 1}\n").unwrap();
    let told = bench.fails(4, &["is on a branch without a commit now", "nothing new starts"]);
    assert!(
        told.contains("timed out") && !told.contains("life 2") && !told.contains("a-2 "),
        "{told}"
    );
}

/// A pipe where the devlog was, which nobody writes to.
const PIPED: &str = "rm -f docs/devlog.md; mkdir -p docs .claude/agents; mkfifo docs/devlog.md .claude/agents/coder_agent.md\nexit 1\n";

#[test]
fn a_pipe_in_a_worktree_holds_nobody_up() {
    let bench = Bench::new(ONE, PIPED, "    retries: 1\n    gates: []\n");
    bench.repository.commit_file("docs/devlog.md", "# Log\n");
    let told = bench.fails(1, &["life 2", "failed: exit code 1"]);
    assert!(told.contains("finished: nothing completed"), "{told}");
}
