//! What the documents show is what the program does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use orch_tui::runner::config::{Config, Places};
use serde_json::Value;
use support::command::Invocation;
use support::home::Home;
use support::repository::Repository;

const JSON: &str = include_str!("../docs/json.md");
const ROADMAP: &str = include_str!("../docs/roadmap-format.md");
const CONFIGURATION: &str = include_str!("../docs/configuration.md");
const README: &str = include_str!("../README.md");

/// The text of every fenced block with this info string.
fn blocks<'t>(document: &'t str, info: &str) -> Vec<&'t str> {
    let fence = format!("\n```{info}\n");
    let begin = document.match_indices(&fence).map(|(at, _)| &document[at + fence.len()..]);
    begin.map(|rest| &rest[..rest.find("\n```").unwrap() + 1]).collect()
}

/// Where keys stand: `.phases[].id`.
fn keys(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let at = format!("{at}.{key}");
                keys(inner, &at, found);
                found.insert(at);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, &format!("{at}[]"), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn all_keys(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.for_each(|value| keys(&value.unwrap(), "", &mut found));
    found
}

/// Events differ by kind, so their keys are gathered by kind.
fn event_keys(lines: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let kind = event["event"].as_str().unwrap();
        keys(&event, kind, &mut found);
    }
    found
}

#[test]
fn the_json_that_is_shown_has_the_shape_that_is_printed() {
    let home = Home::new();
    let folder = home.join("tide").to_string_lossy().into_owned();
    let print = |arguments: &[&str]| {
        let deadline = Duration::from_secs(120);
        Invocation::orch_tui(&home, arguments.iter().copied())
            .deadline(deadline)
            .run()
            .expect_success()
    };
    let demo = ["demo", "--json", "--speed", "30", "--dir", &folder, "--goal", "run 2.3"];
    let events = print(&demo);
    let (mut shown, printed) = (event_keys(blocks(JSON, "json run")[0]), event_keys(&events));
    if !events.contains("agent_activity") {
        // A slow machine may hear an agent only when it has ended.
        shown.retain(|key| !key.starts_with("agent_activity"));
    }
    assert_eq!(shown, printed);
    let printed = print(&["--json", "-C", &folder, "agents", "--history"]);
    assert_eq!(all_keys(blocks(JSON, "json history")[0]), all_keys(&printed));
    for command in [&["status"][..], &["plan", "3.5 and 4.1"], &["health"], &["report"]] {
        let printed = print(&[&["--json", "-C", &folder], command].concat());
        let shown = blocks(JSON, &format!("json {}", command[0]));
        assert_eq!(all_keys(shown[0]), all_keys(&printed), "{command:?}");
    }
}

#[test]
fn the_proposals_that_are_shown_have_the_shape_that_is_printed() {
    let home = Home::new();
    let house = Repository::with_roadmap(&home, "house", blocks(ROADMAP, "markdown")[0]);
    let phase =
        "### Phase 9.9: Shed\n- **Status:** Not Started\n- **Depends On:** 7.7\n- **Effort:** S\n";
    house.write("proposals/shed.md", phase);
    let listed = Invocation::orch_tui(&home, ["proposals", "--json"]).folder(house.path()).run();
    assert_eq!(all_keys(blocks(JSON, "json proposals")[0]), all_keys(&listed.expect_success()));
}

#[test]
fn the_summary_of_a_simulation_has_the_shape_that_is_printed() {
    let arguments = ["run", "--simulate", "7", "--phases", "4", "--json"];
    let printed = Invocation::orch_tui(&Home::new(), arguments).run().expect_success();
    let last = printed.lines().last().unwrap();
    assert_eq!(all_keys(blocks(JSON, "json simulate")[0]), all_keys(last));
}

#[test]
fn the_dry_run_that_is_shown_has_the_shape_that_is_printed() {
    let home = Home::new();
    let folder = home.join("tide").to_string_lossy().into_owned();
    let demo = ["demo", "--json", "--speed", "0", "--dir", &folder, "--goal", "run 2.3"];
    Invocation::orch_tui(&home, demo).deadline(Duration::from_secs(120)).run().expect_success();
    let dry = ["--json", "-C", &folder, "run", "2.1 and 2.4", "--dry-run"];
    let printed = Invocation::orch_tui(&home, dry).run().expect_success();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert_eq!(all_keys(blocks(JSON, "json dry_run")[0]), all_keys(&printed));
}

#[test]
fn the_roadmap_that_is_shown_has_the_status_that_is_shown() {
    let home = Home::new();
    let house = Repository::with_roadmap(&home, "house", blocks(ROADMAP, "markdown")[0]);
    let status = Invocation::orch_tui(&home, ["status"]).folder(house.path()).run();
    let shown = blocks(ROADMAP, "console")[0].lines().skip(2);
    let printed = status.expect_success();
    assert_eq!(shown.collect::<Vec<_>>(), printed.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn the_configuration_that_is_shown_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("config")).unwrap();
    let examples = blocks(CONFIGURATION, "yaml");
    std::fs::write(root.join("config/targets.yaml"), examples[0]).unwrap();
    std::fs::write(root.join("config/agents.yaml"), examples[1]).unwrap();
    let places = Places { root: root.into(), user: None, home: None, program: "/bin/x".into() };
    let config = Config::load(&places).unwrap();
    assert_eq!(config.warnings, []);
    let tide = config.target("tide").unwrap();
    assert_eq!((tide.gates.len(), tide.surroundings.env.len(), tide.retry.retries), (5, 2, 1));
    assert_eq!(config.adapters["claude"].limits.total, Duration::from_secs(7200));
    assert!(config.adapters.contains_key("mine"));
}

#[test]
fn links_of_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = [("", README), ("docs", CONFIGURATION), ("docs", ROADMAP), ("docs", JSON)];
    let mut seen = 0;
    for (folder, text) in documents {
        let inline = text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap());
        let inline = inline.filter(|link| !link.is_empty());
        let pictures = text.split("docs/dashboard-").skip(1).map(|rest| rest.split('"').next());
        let pictures = pictures.map(|name| format!("docs/dashboard-{}", name.unwrap()));
        for link in inline.map(str::to_owned).chain(pictures) {
            assert!(root.join(folder).join(&link).exists(), "{link}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} links were found");
}

#[test]
fn every_agent_and_level_that_is_built_in_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places { user: None, ..Places::discover(folder.path()) };
    let config = Config::load(&places).unwrap();
    for (name, adapter) in &config.adapters {
        assert!(CONFIGURATION.contains(&format!("\n| `{name}` | ")), "{name} has no row");
        let is_there = |row: &str, level: bool| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let header = CONFIGURATION.lines().find(|line| line.starts_with("| level |")).unwrap();
            let column = header.split('|').position(|cell| cell.trim() == format!("`{name}`"));
            column.is_none_or(|column| cells[column].is_empty() != level)
        };
        for (level, has) in
            [("tools", adapter.autonomy.tools.is_some()), ("plan", adapter.autonomy.plan.is_some())]
        {
            let start = format!("| `{level}` | ");
            let row = CONFIGURATION.lines().find(|line| line.starts_with(&start)).unwrap();
            assert!(is_there(row, has), "{name} {level}: {row}");
        }
    }
}
