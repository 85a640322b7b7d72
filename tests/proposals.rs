//! Proposals on the command line: listed, approved, refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::project::{AGENT, Project, TWO_PHASES};

/// Where the project's roadmap has its proposals: beside it.
const SPEED: &str = "proposals/speed.md";

const PROPOSED: &str = "\
# Faster answers

Nobody likes to wait.

### Phase 1.3: Measure

- **Status:** Not Started
- **Depends On:** 1.2, 9.9
- **Effort:** S
- **Tasks:**
  - [ ] a benchmark
";

fn project() -> Project {
    let project = Project::new(AGENT);
    project.repository.write(SPEED, PROPOSED);
    project
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_empty_folder_says_where_it_would_be() {
    let project = Project::new(AGENT);
    let told = project.orch_tui(["proposals"]).expect_success();
    assert!(told.starts_with("no proposal waits: a Markdown file with new phases in /"), "{told}");
    assert!(told.trim_end().ends_with("/proposals would be one"), "{told}");
    let listed = parsed(&project.orch_tui(["proposals", "--json"]).expect_success());
    assert_eq!(listed["proposals"], json!([]));
    assert!(!project.has("proposals"), "nothing is made by looking");
}

#[test]
fn proposals_are_listed_with_what_is_odd_about_them() {
    let project = project();
    project.repository.write("proposals/broken.md", "only \u{1b}[2Jwords\n");
    project.repository.write("proposals/clash.md", "### Phase 1.1: x\n- **Status:** Ready\n");
    let listed = project.orch_tui(["proposals"]).expect_success();
    let expected = [
        "broken.md  broken.md",
        "  can't be added: There is no phase in the text",
        "clash.md  x: 1.1",
        "  can't be added: The roadmap has a phase 1.1 already, on line ",
        "speed.md  Faster answers: 1.3",
        "  note: Phase 1.3 depends on 9.9",
        "  note: 1.3 becomes part of batch 1.",
    ];
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{listed}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{start}: {listed}");
    }
    let listed = parsed(&project.orch_tui(["proposals", "--json"]).expect_success());
    assert_eq!(keys(&listed), ["folder", "more", "proposals", "schema"].into());
    let standings: Vec<_> =
        listed["proposals"].as_array().unwrap().iter().map(|p| &p["standing"]).collect();
    assert_eq!(standings, ["unusable", "unusable", "ready"]);
    let speed = &listed["proposals"][2];
    let names = "file title standing obstacle remarks phases";
    assert_eq!(keys(speed), names.split(' ').collect());
    let phase = json!({
        "id": "1.3", "name": "Measure", "batch": null, "effort": "S",
        "depends_on": ["1.2", "9.9"], "tasks": 1,
    });
    assert_eq!((&speed["phases"], &speed["obstacle"]), (&json!([phase]), &Value::Null));
}

#[test]
fn a_long_title_is_cut_to_the_line_and_whole_in_json() {
    let project = Project::new(AGENT);
    let title = "Faster ".repeat(40);
    project.repository.write(SPEED, &PROPOSED.replace("# Faster answers", &format!("# {title}")));
    let listed = project.orch_tui(["proposals"]).expect_success();
    let line = listed.lines().next().unwrap();
    assert!(line.starts_with("speed.md  Faster Faster ") && line.ends_with(": 1.3"), "{line}");
    assert_eq!(line.chars().count(), 80, "{line}");
    let json = parsed(&project.orch_tui(["proposals", "--json"]).expect_success());
    assert_eq!(json["proposals"][0]["title"], title.trim());
}

#[test]
fn approving_adds_the_phases_and_puts_the_file_away() {
    let project = project();
    let rehearsed = project.orch_tui(["proposals", "approve", "speed.md", "--dry-run"]);
    assert!(rehearsed.expect_success().starts_with("would add 1.3\n"));
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    assert!(project.has(SPEED));
    let approved = project.orch_tui(["proposals", "approve", "speed.md"]);
    assert!(approved.stderr.contains("depends on 9.9"), "{}", approved.stderr);
    assert!(approved.stderr.contains("proposals/accepted/speed.md now"), "{}", approved.stderr);
    let printed = approved.expect_success();
    assert!(printed.contains("+ ### Phase 1.3: Measure\n"), "{printed}");
    let text = project.repository.roadmap();
    let added = text.find("### Phase 1.3").unwrap();
    let rest = text.find("## Notes").unwrap();
    let without = format!("{}{}", &text[..added], &text[rest..]);
    assert_eq!(without, TWO_PHASES, "nothing else is touched");
    assert!(text.contains("- **Status:** ⚪ Not Started\n- **Depends On:** 1.2, 9.9\n"), "{text}");
    assert!(!text.contains("Nobody likes"), "{text}");
    assert!(!project.has(SPEED));
    assert_eq!(project.repository.read("proposals/accepted/speed.md"), PROPOSED);
    // It can be taken back like everything else.
    project.orch_tui(["undo"]).expect_success();
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
}

#[test]
fn refusing_leaves_the_roadmap_and_overwrites_nothing() {
    let project = project();
    project.repository.write("proposals/rejected/speed.md", "an earlier one\n");
    let path = "/proposals/rejected/speed-2.md";
    let refused =
        parsed(&project.orch_tui(["proposals", "refuse", SPEED, "--json"]).expect_success());
    assert_eq!(refused["refused"], "speed.md");
    assert!(refused["path"].as_str().unwrap().ends_with(path), "{refused}");
    assert_eq!(project.repository.read("proposals/rejected/speed.md"), "an earlier one\n");
    assert_eq!(project.repository.read("proposals/rejected/speed-2.md"), PROPOSED);
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
    project.repository.write(SPEED, PROPOSED);
    let told = project.orch_tui(["proposals", "refuse", "speed.md"]).expect_success();
    assert!(told.trim_end().ends_with("/proposals/rejected/speed-3.md"), "{told}");
}

#[test]
fn what_can_t_be_decided_is_refused_with_why() {
    let project = project();
    project.repository.write("proposals/broken.md", "only words\n");
    project.repository.write("other/speed.md", PROPOSED);
    let missing = project.orch_tui(["proposals", "approve", "sped.md"]);
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert!(missing.stderr.contains("there is: broken.md, speed.md"), "{missing:?}");
    let elsewhere = project.orch_tui(["proposals", "approve", "other/speed.md"]);
    assert_eq!(elsewhere.code, Some(3), "{elsewhere:?}");
    let broken = project.orch_tui(["proposals", "approve", "broken.md"]);
    assert_eq!(broken.code, Some(1), "{broken:?}");
    assert!(broken.stderr.contains("broken.md can't be added: There is no phase"), "{broken:?}");
    project.repository.write("proposals/odd.md", &PROPOSED.replace("Measure", "Mea\u{9b}2Jsure"));
    let why = "Line 5 of odd.md has the unprintable character U+009B: take it out there.";
    let odd = project.orch_tui(["proposals", "approve", "odd.md"]);
    assert_eq!(odd.code, Some(1), "{odd:?}");
    assert!(odd.stderr.contains(why), "{odd:?}");
    assert!(project.orch_tui(["proposals"]).expect_success().contains(why));
    assert!(project.has("proposals/broken.md") && project.has(SPEED));
    assert_eq!(project.repository.roadmap(), TWO_PHASES);
}

#[test]
fn a_folder_of_the_configuration_is_used_and_agents_are_told_it() {
    let project = project();
    project.repository.write("who.md", "We map tides for sailors.\n");
    let more = "    roadmap: roadmap.md\n    proposals_dir: ideas/new\n    identity_context: who.md\n    description: Tide tables\n    checks: []\n";
    let gate = "    gates:\n      - {name: knows, run: 'test \"$AGENT_ADAPTER $WORK_STREAM_NAME $TARGET_AGENT\" = \"agent of tide Store agent of tide\"'}\n";
    project.retarget("    gates:\n", gate);
    project.retarget("    roadmap: roadmap.md\n", more);
    project.repository.write("ideas/new/a.md", PROPOSED);
    let listed = project.orch_tui(["proposals"]).expect_success();
    assert!(listed.starts_with("a.md  Faster answers: 1.3\n"), "{listed}");
    let told = project.orch_tui(["doctor"]);
    let line =
        |start: &str| told.stdout.lines().find(|line| line.contains(start)).map(str::to_owned);
    let doctor = line("proposals").unwrap_or_else(|| panic!("{told:?}"));
    assert!(doctor.contains("1 proposal waits in ") && doctor.contains("/ideas/new."), "{doctor}");
    assert!(line("repository").unwrap().contains("Tide tables"), "{told:?}");
    project.orch_tui(["run", "--yes", "--phase", "1.1"]).expect_success();
    let env = project.repository.read("seen/env.1.1.1");
    let has = |wanted: &str| env.lines().any(|line| line == wanted);
    let root = project.repository.path().canonicalize().unwrap();
    let root = root.display();
    assert!(has(&format!("TARGET_PROPOSALS_DIR={root}/ideas/new")), "{env}");
    assert!(has(&format!("TARGET_IDENTITY_CONTEXT={root}/who.md")), "{env}");
    assert!(has("TARGET_DESCRIPTION=Tide tables") && has("AGENT_ADAPTER=agent of tide"), "{env}");
    assert!(!env.contains("AGENT_BRANCH="), "the checkout is shared: {env}");
    let prompt = project.repository.read("seen/prompt.1.1.1");
    assert!(prompt.contains("## Background\n") && prompt.contains("\nWe map tides for sailors.\n"));
}
