//! The commands that look: shapes of their JSON, what goes to which stream, where they work.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "cli/streams.rs"]
mod streams;

use std::collections::BTreeSet;

use serde_json::Value;
use support::project::{AGENT, PATIENT_AGENT, Project, TWO_PHASES};

const SCHEMA: &str = "orch-tui/1";

/// A roadmap with something for every field of the output.
const RICH: &str = "\
# Roadmap

## Batch 1

### Phase 1.1: Store ⭐ BOOTSTRAP

- **Status:** ✅ Complete

### Phase 1.2: Router

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1

### Phase 1.3: Pages

- **Status:** ⚪ Not Started
- **Depends On:** Phase 1.2, vendor approval, All previous phases, Batch 7
- **Tasks:**
  - [x] draw
  - [ ] link
- **Effort:** M
";

fn parsed(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "one object on one line: {text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Asserts that an object has exactly these keys.
fn keys(value: &Value, expected: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let found: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    assert_eq!(found, expected.split(' ').collect(), "{value}");
}

fn json<const N: usize>(project: &Project, arguments: [&str; N]) -> Value {
    let outcome = project.orch_tui(arguments);
    assert_eq!(outcome.stderr, "", "{arguments:?}");
    let value = parsed(&outcome.stdout);
    assert_eq!(value["schema"], SCHEMA);
    value
}

#[test]
fn status_and_agents_have_the_agreed_shape() {
    let project = Project::with_roadmap(RICH, AGENT);
    project.orch_tui(["run", "phase 1.2", "--yes"]).expect_success();
    let status = json(&project, ["status", "--json"]);
    keys(&status, "schema target roadmap totals phases agents claims");
    keys(&status["roadmap"], "path hash dialect");
    let totals = "phases complete in_progress not_started blocked deferred unknown ready";
    keys(&status["totals"], totals);
    assert_eq!(
        (&status["totals"]["phases"], &status["totals"]["complete"]),
        (&3.into(), &2.into())
    );
    for phase in status["phases"].as_array().unwrap() {
        let names = "id occurrence name batch tags status status_source ready not_ready_because depends_on \
                     opaque assigned_to effort tasks line";
        keys(phase, names);
        keys(&phase["tasks"], "done total");
        for dependency in phase["depends_on"].as_array().unwrap() {
            keys(dependency, "id satisfied ticked");
        }
    }
    let pages = &status["phases"][2];
    assert_eq!(pages["opaque"], serde_json::json!(["vendor approval"]));
    let satisfied: Vec<_> =
        pages["depends_on"].as_array().unwrap().iter().map(|d| &d["satisfied"]).collect();
    assert_eq!(satisfied, [true, true, false], "1.2, all previous, a batch that is not there");
    assert_eq!((&pages["tasks"]["done"], &pages["tasks"]["total"]), (&1.into(), &2.into()));
    keys(&status["claims"][0], "stream agent pid machine fence held");

    let agents = json(&project, ["agents", "--json"]);
    keys(&agents, "schema agents");
    assert_eq!(agents["agents"], status["agents"]);
    let agent = &agents["agents"][0];
    let names = "id life name role document phase target adapter state doing waiting pid started_at ended_at exit_code \
                 outcome next workspace branch usage gates host";
    keys(agent, names);
    keys(&agent["host"], "pid socket");
    keys(&agent["usage"], "input_tokens output_tokens cost_millicents turns");
    keys(&agent["gates"][0], "gate required result took commit tail tree");
    assert_eq!((&agent["state"], &agent["exit_code"]), (&"succeeded".into(), &0.into()));
}

#[test]
fn who_merges_is_told_and_can_be_chosen_for_one_run() {
    let project = Project::new(AGENT);
    let dry = ["run", "--dry-run", "--json", "phase 1.1"];
    let rehearsed = parsed(&project.orch_tui(dry).stdout);
    assert_eq!(
        (&rehearsed["isolation"], &rehearsed["merge"]),
        (&"shared".into(), &"review".into())
    );
    let told = project.orch_tui(["plan", "phase 1.1"]).stdout;
    assert!(told.contains("shared checkout, nothing to merge"), "{told}");
    project.retarget("isolation: shared", "isolation: worktree");
    let told = project.orch_tui(["plan", "phase 1.1"]).stdout;
    assert!(told.contains("a worktree for each agent, merged after your review"), "{told}");
    let auto = ["run", "--dry-run", "--merge", "auto", "--json", "phase 1.1"];
    let rehearsed = parsed(&project.orch_tui(auto).stdout);
    assert_eq!(
        (&rehearsed["isolation"], &rehearsed["merge"]),
        (&"worktree".into(), &"auto".into())
    );
    let auto = project.orch_tui(["run", "--dry-run", "--merge", "auto", "phase 1.1"]).stdout;
    assert!(auto.contains("merged as soon as its gates passed"), "{auto}");
}

#[test]
fn plans_have_the_agreed_shape_and_exit_codes() {
    let project = Project::new(AGENT);
    let names = "schema goal kind confidence explanation matched not_offered isolation merge mode slots waves \
                 critical_path collisions roadmap_hash refusal";
    let plan = json(&project, ["plan", "phases 1.1 and 1.2", "--json"]);
    keys(&plan, names);
    keys(&plan["matched"][0], "id score selected evidence wave agent");
    keys(&plan["matched"][0]["agent"], "name why");
    keys(&plan["matched"][0]["evidence"][0], "field words");
    assert_eq!(plan["waves"], serde_json::json!([["1.1"], ["1.2"]]));
    let same = project.orch_tui(["plan", "phases 1.1 and 1.2", "--format", "json"]);
    assert_eq!(parsed(&same.stdout), plan);
    let chart = project.orch_tui(["plan", "phases 1.1 and 1.2", "--format", "mermaid"]);
    assert!(chart.stdout.starts_with("flowchart LR\n  subgraph w1"), "{}", chart.stdout);
    assert!(chart.stdout.contains("\n  p0 ==> p1\n"), "{}", chart.stdout);
    let none = project.orch_tui(["plan", "stop all", "--format", "mermaid"]);
    assert_eq!(none.stdout, "flowchart LR\n");
    let nothing = project.orch_tui(["plan", "phase 9.9", "--json"]);
    assert_eq!(nothing.code, Some(3));
    keys(&parsed(&nothing.stdout)["not_offered"][0], "id reason");
    // A command is no plan, and its object says so in the same words less the slots.
    let stop = json(&project, ["plan", "stop all", "--json"]);
    keys(&stop, &names.replace(" slots", ""));
    assert_eq!((&stop["kind"], &stop["mode"]), (&"stop".into(), &Value::Null));
    assert_eq!(project.repository.roadmap(), TWO_PHASES);

    // What gardening unblocks is on offer, though a plan writes nothing.
    let project = Project::with_roadmap(RICH, AGENT);
    assert_eq!(
        json(&project, ["plan", "phase 1.2", "--json"])["waves"],
        serde_json::json!([["1.2"]])
    );
    assert_eq!(project.repository.roadmap(), RICH);
}

#[test]
fn the_graph_has_the_agreed_shape() {
    let project = Project::new(AGENT);
    let graph = json(&project, ["graph", "--json"]);
    keys(&graph, "schema phases edges cycle_edges duplicates critical_path cycles");
    keys(&graph["phases"][0], "id wave waits_for unblocks critical in_cycle");
    assert_eq!(graph["edges"], serde_json::json!([["1.1", "1.2"]]));
    assert_eq!(graph["critical_path"], serde_json::json!(["1.1", "1.2"]));
    let text = project.orch_tui(["graph"]);
    assert!(text.stdout.contains(" => 1.2\n"), "{}", text.stdout);
    let chart = project.orch_tui(["graph", "--all", "--format", "mermaid"]);
    assert!(chart.stdout.starts_with("flowchart LR\n"), "{}", chart.stdout);
}

#[test]
fn gardening_writes_once_and_a_rehearsal_never() {
    let project = Project::with_roadmap(RICH, AGENT);
    let written =
        || std::fs::metadata(project.repository.join("roadmap.md")).unwrap().modified().unwrap();
    let names =
        "schema written unblocked still_blocked needs_human completed_since_last edits findings";
    let before = written();
    let rehearsal = json(&project, ["garden", "--dry-run", "--json"]);
    keys(&rehearsal, names);
    assert_eq!((&rehearsal["written"], &rehearsal["unblocked"][0]), (&false.into(), &"1.2".into()));
    keys(&rehearsal["edits"][0], "phase line old new");
    assert_eq!((written(), project.repository.roadmap()), (before, RICH.to_string()));

    let garden = json(&project, ["garden", "--json"]);
    keys(&garden, names);
    assert_eq!((&garden["written"], &garden["edits"]), (&true.into(), &rehearsal["edits"]));
    let after = project.repository.roadmap();
    assert_eq!(after, RICH.replace("🔴 Blocked", "⚪ Not Started"));

    let before = written();
    let again = json(&project, ["garden", "--json"]);
    assert_eq!((&again["written"], &again["edits"]), (&false.into(), &serde_json::json!([])));
    assert_eq!((written(), project.repository.roadmap()), (before, after));
}

#[test]
fn health_doctor_init_and_kill_have_a_shape_too() {
    let project = Project::with_roadmap(RICH, AGENT);
    let outcome = project.orch_tui(["health", "--json"]);
    let health = parsed(&outcome.stdout);
    keys(&health, "schema edits findings");
    for finding in health["findings"].as_array().unwrap() {
        keys(finding, "kind severity phase line message fix change safe");
    }
    assert!(!health["findings"].as_array().unwrap().is_empty());
    let failed = health["findings"].as_array().unwrap().iter().any(|f| f["severity"] == "error");
    assert_eq!(outcome.code, Some(i32::from(failed)));
    let doctor = parsed(&project.orch_tui(["doctor", "--json"]).stdout);
    keys(&doctor, "schema checks");
    keys(&doctor["checks"][0], "name state sentence");
    let init = parsed(&project.orch_tui(["init", "--dry-run", "--json"]).stdout);
    keys(&init, "schema files");
    keys(&init["files"][0], "path state");
    assert!(!project.has(".claude"));
    let killed = project.orch_tui(["kill", "--all", "--yes", "--json"]);
    assert_eq!((killed.code, &parsed(&killed.stdout)["ended"]), (Some(3), &serde_json::json!([])));
}

#[test]
fn killing_all_tells_who_ended() {
    let project = Project::new(PATIENT_AGENT);
    let mut run = project.start(["run", "phase 1.1", "--yes"]);
    run.wait_for_line(|line| line.contains("patient on 1.1"), "the agent");
    let killed = json(&project, ["kill", "--all", "--yes", "--now", "--json"]);
    assert_eq!(killed["ended"], serde_json::json!([{"id": "a-1.1", "life": 1, "survivors": 0}]));
    assert_eq!(run.wait().code, Some(1));
}

#[test]
fn init_writes_what_is_missing_and_overwrites_nothing() {
    let project = Project::new(AGENT);
    let targets = project.repository.read("config/targets.yaml");
    assert_eq!(project.orch_tui(["init"]).code, Some(4), "nobody is there to ask");
    assert!(!project.has("plans"));
    project.orch_tui(["init", "--yes"]).expect_success();
    assert!(project.has("plans/roadmap.md") && project.has(".claude/agents/coder_agent.md"));
    assert_eq!(project.repository.read("config/targets.yaml"), targets);
    let again = project.orch_tui(["init", "--yes"]).expect_success();
    assert!(again.contains("everything is there already"), "{again}");
}

#[test]
fn the_demo_runs_a_goal_without_a_screen() {
    let project = Project::new(AGENT);
    let folder = project.home.join("demo").to_string_lossy().into_owned();
    let demo = ["demo", "--speed", "0", "--dir", &folder, "--goal", "phase 2.1", "--json"];
    let outcome = project.orch_tui(demo);
    assert!(outcome.stderr.contains("the demo is in "), "{}", outcome.stderr);
    let last = outcome.stdout.lines().last().unwrap_or_default();
    assert!(last.contains("\"event\":\"plan_finished\""), "{last}\n{}", outcome.stderr);
}

#[test]
fn every_command_believes_the_archive() {
    let waiting =
        "### Phase 2.1: Roof\n- **Status:** 🔴 Blocked\n- **Depends On:** Phase 1.1, Batch 1\n";
    let project = Project::with_roadmap(waiting, AGENT);
    let ids = |value: &Value| value.to_string();
    assert_eq!(ids(&json(&project, ["garden", "--dry-run", "--json"])["unblocked"]), "[]");
    let unknown = parsed(&project.orch_tui(["health", "--json"]).stdout);
    assert_eq!(unknown["findings"].as_array().unwrap().len(), 2, "{unknown}");

    let done = "## Batch 1\n### Phase 1.1: Walls\n- **Status:** ✅ Complete\n";
    for place in ["completed/roadmap-archive.md", "docs/done.md"] {
        project.repository.write(place, done);
        let status = &json(&project, ["status", "--json"])["phases"][0];
        for dependency in status["depends_on"].as_array().unwrap() {
            assert_eq!(dependency["satisfied"], true, "{place}: {status}");
        }
        let health = &json(&project, ["health", "--json"])["findings"];
        assert_eq!(ids(&health[0]["kind"]), "\"blocked-ready\"", "{health}");
        assert_eq!(ids(&json(&project, ["plan", "phase 2.1", "--json"])["waves"]), "[[\"2.1\"]]");
        assert_eq!(ids(&json(&project, ["garden", "--json"])["unblocked"]), "[\"2.1\"]");
        assert_eq!(project.repository.roadmap(), waiting.replace("🔴 Blocked", "⚪ Not Started"));
        assert_eq!(json(&project, ["status", "--json"])["phases"][0]["ready"], true);
        // Then from the place the configuration names.
        project.repository.write("roadmap.md", waiting);
        project.repository.write("completed/roadmap-archive.md", "");
        project.retarget("    retries: 1\n", "    retries: 1\n    archive: docs/done.md\n");
    }
}

#[test]
fn what_other_places_tell_of_a_phase_is_marked() {
    let told = "- [x] Phase 1.1: Walls\n### Phase 1.1: Walls\n### Phase 1.2: Roof (in progress)\n";
    let project = Project::with_roadmap(told, AGENT);
    let status = json(&project, ["status", "--json"]);
    let phases = status["phases"].as_array().unwrap();
    let shown: Vec<_> = phases.iter().map(|p| (&p["status"], &p["status_source"])).collect();
    let expected = [("complete", "checklist"), ("in_progress", "heading")];
    assert_eq!(
        shown,
        expected
            .map(|(state, source)| (Value::from(state), Value::from(source)))
            .each_ref()
            .map(|(a, b)| (a, b))
    );
    assert_eq!((&status["totals"]["complete"], &status["totals"]["ready"]), (&0.into(), &0.into()));
    let text = project.orch_tui(["status"]).expect_success();
    assert!(text.contains("(complete by a check list; it has no Status field)"), "{text}");
}

/// Asks for a person, and works on once there is a file `go`.
const ASKING_AGENT: &str = r#"#!/bin/sh
printf 'keep the old cookies?\a'
while [ ! -e go ]; do sleep 0.05; done
echo made > "made.$WORK_STREAM_ID"
"#;

#[test]
fn an_agent_that_waits_for_a_person_is_told_while_another_process_drives() {
    let project = Project::new(ASKING_AGENT);
    let mut run = project.start(["run", "phase 1.1", "--yes"]);
    run.wait_for_line(|line| line.contains("keep the old cookies?"), "the question");
    let agents = json(&project, ["agents", "--json"]);
    let agent = &agents["agents"][0];
    assert_eq!((&agent["id"], &agent["state"]), (&"a-1.1".into(), &"waiting".into()));
    assert_eq!(agent["waiting"], "asks for attention");
    let status = json(&project, ["status", "--json"]);
    assert_eq!(status["agents"][0]["state"], "waiting");
    for command in ["agents", "status"] {
        let table = project.orch_tui([command]).expect_success();
        let row = table.lines().find(|line| line.contains("a-1.1 ")).unwrap();
        let told = row.contains("waiting") && row.contains("asks: asks for attention");
        assert!(told, "{command}: {table}");
    }
    project.repository.write("go", "");
    assert_eq!(run.wait().code, Some(0));
}
