//! Agents that work for no plan on the screen: asked for, listed, and what they left.

use super::scene::*;
use crate::domain::agent::Outcome;
use crate::domain::command::{Command, ErrandWish};
use crate::domain::document::DocumentOrder;
use crate::domain::effect::Effect;
use crate::domain::errand::Errand;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::journal::{Birth, Entry, Fact, QueueFact};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::Intent;
use crate::ui::keys::{Question, Scope, Sheet};
use crate::ui::roadmap_rows::RowKey;
use ratatui::crossterm::event::KeyCode;

const FOUND: &str = "# QA of phase 3.3\n\nIt holds what it says.\n\n## Note: an empty name is taken\n\n- **Where:** `src/a.rs:7`\n- **Shows it:** `run \u{1b}[2J`\n";
const SUMMARY: &str = "# Summary: the API batch\n\n- **Achieved:** requests are limited.\n- **Needs a person:** merge 3.3.\n";

fn life(id: &str) -> AgentRef {
    AgentRef { id: AgentId::new(id), life: Life(1) }
}

fn entry(seconds: u64, fact: Fact) -> Entry {
    Entry { at: ago(seconds), fact }
}

fn born(id: &str, errand: Errand) -> Fact {
    let first = Birth::first(life(id), PhaseId::new(id), o_target(), "claude-stream");
    Fact::AgentSpawned(Birth { role: errand.role(), errand: Some(errand), ..first })
}

fn o_target() -> crate::domain::id::TargetId {
    crate::domain::id::TargetId::new("tide")
}

fn done(id: &str) -> Fact {
    Fact::AgentCompleted {
        agent: life(id),
        document: Some(format!("/state/reports/{id}.md").into()),
    }
}

/// Two agents of a plan; one has looked at a phase, one writes proposals, one has summed up.
fn served() -> Orchestrator {
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["3.3"]);
    journal.succeeded("3.3", 900);
    let mut entries = journal.0;
    entries.push(entry(600, born("qa-3.3", Errand::Qa(PhaseId::new("3.3")))));
    entries.push(entry(500, done("qa-3.3")));
    entries.push(entry(400, born("pm-1", Errand::Pm("faster search".into()))));
    entries.push(entry(300, born("sum-1", Errand::Summary)));
    entries.push(entry(200, done("sum-1")));
    o.restore(&entries);
    o
}

fn opens(intents: &[Intent], id: &str) {
    let open = Command::Errand(ErrandWish::Open(AgentId::new(id)));
    assert_eq!(intents, [Intent::Run(open)]);
}

fn at_phase(cols: u16, rows: u16) -> Dashboard {
    let mut d = dashboard(cols, rows);
    d.roadmap.cursor = Some(RowKey::Phase(PhaseId::new("3.3"), 1));
    d
}

#[test]
fn qa_asks_first_and_says_what_runs() {
    let o = reading(&roadmap());
    for (cols, rows) in [(80, 24), (120, 36)] {
        let mut d = at_phase(cols, rows);
        assert_eq!(keys(&mut d, &o, "Q"), []);
        assert_eq!(d.scope(&o), Scope::Ask(Question::Errand));
        insta::assert_snapshot!(
            format!("qa_asks_{cols}x{rows}"),
            screen_text(&o, &d, (cols, rows))
        );
    }
    let mut d = at_phase(80, 24);
    keys(&mut d, &o, "Q");
    press(&mut d, &o, KeyCode::Enter);
    assert_eq!(d.scope(&o), Scope::Roadmap, "Enter starts nothing");
}

#[test]
fn a_goal_that_begins_with_pm_is_a_wish_for_proposals() {
    let o = reading(&roadmap());
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "nPM: faster search");
    assert_eq!(press(&mut d, &o, KeyCode::Enter), [], "no goal is planned");
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("Start pm-1 with"), "{screen}");
    assert!(screen.contains("proposes phases: faster search"), "{screen}");
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "npmore");
    let goal = Intent::Run(Command::Interpret("pmore".into()));
    assert_eq!(press(&mut d, &o, KeyCode::Enter), [goal]);
}

#[test]
fn a_viewer_is_refused_a_wish_at_once() {
    let mut viewer = unread(Role::Viewer { driver: 4242 });
    read(&mut viewer, &roadmap());
    let mut d = dashboard(120, 36);
    keys(&mut d, &viewer, "npm: faster search");
    assert_eq!(press(&mut d, &viewer, KeyCode::Enter), []);
    assert_eq!(d.scope(&viewer), Scope::Roadmap, "nothing is asked");
    let said = d.toast(&viewer, NOW).unwrap().text.to_string();
    assert!(said.contains("process 4242 drives"), "{said}");
}

#[test]
fn nobody_begins_in_a_shared_checkout_that_stands_elsewhere() {
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["3.3"]);
    let how = "the checkout was on `main` and is on `x` now";
    journal.failed("3.3", 900, Outcome::Astray(how.into()));
    let mut entries = journal.0;
    entries.push(entry(1, Fact::Queue(QueueFact::Held)));
    o.restore(&entries);
    let mut d = at_phase(120, 36);
    assert_eq!(keys(&mut d, &o, "Q"), []);
    assert_eq!(d.scope(&o), Scope::Roadmap, "nothing is asked");
    let said = d.toast(&o, NOW).unwrap().text.to_string();
    assert!(said.contains("is on `x` now, as a-3.3 left it"), "{said}");
    entries.push(entry(0, Fact::Queue(QueueFact::Resumed)));
    o.restore(&entries);
    keys(&mut d, &o, "Q");
    assert_eq!(d.scope(&o), Scope::Ask(Question::Errand), "a person took it as it is");
}

#[test]
fn a_document_is_not_called_a_diff() {
    let o = served();
    let foot = |id| {
        let mut d = dashboard(120, 36);
        d.agent.shown = Some(AgentId::new(id));
        keys(&mut d, &o, "2");
        screen_text(&o, &d, (120, 36)).trim_end().lines().last().unwrap().to_owned()
    };
    for id in ["qa-3.3", "pm-1"] {
        assert!(foot(id).contains("r restart") && !foot(id).contains("d diff"), "{}", foot(id));
    }
}

#[test]
fn what_an_agent_left_is_opened_from_its_row() {
    let mut o = served();
    for (cols, rows) in [(80, 24), (120, 36)] {
        let mut d = dashboard(cols, rows);
        d.agent.shown = Some(AgentId::new("qa-3.3"));
        keys(&mut d, &o, "2");
        opens(&keys(&mut d, &o, "d"), "qa-3.3");
        assert_eq!(d.scope(&o), Scope::Sheet(Sheet::Document));
        d.opened(&life("pm-1"), &Ok("another".into()));
        d.opened(&life("qa-3.3"), &Ok(FOUND.into()));
        let screen = screen_text(&o, &d, (cols, rows));
        assert!(!screen.contains('\u{1b}') && !screen.contains("another"), "{screen}");
        insta::assert_snapshot!(format!("document_{cols}x{rows}"), screen);
        keys(&mut d, &o, "d");
        opens(&press(&mut d, &o, KeyCode::Enter), "qa-3.3");
    }
    let effects = o.command(NOW, Command::Errand(ErrandWish::Open(AgentId::new("qa-3.3"))));
    let open =
        DocumentOrder::Open { agent: life("qa-3.3"), path: "/state/reports/qa-3.3.md".into() };
    assert_eq!(effects, [Effect::Document(open)]);
}

#[test]
fn agents_on_demand_stand_among_the_others_and_take_no_place() {
    let o = served();
    let mut d = dashboard(120, 36);
    keys(&mut d, &o, "2");
    let screen = screen_text(&o, &d, (120, 36));
    for text in ["a-3.3", "qa-3.3", "pm-1", "sum-1", "0/4 slots"] {
        assert!(screen.contains(text), "{text:?} is not in:\n{screen}");
    }
    let mut d = dashboard(120, 36);
    d.agent.shown = Some(AgentId::new("pm-1"));
    let screen = screen_text(&o, &d, (120, 36));
    assert!(screen.contains("3 pm-1  Proposals: faster search"), "{screen}");
}

#[test]
fn a_summary_stands_above_its_report() {
    let o = served();
    for (cols, rows) in [(80, 24), (120, 36)] {
        let mut d = dashboard(cols, rows);
        opens(&keys(&mut d, &o, "W"), "sum-1");
        d.opened(&life("sum-1"), &Ok(SUMMARY.into()));
        insta::assert_snapshot!(
            format!("summary_{cols}x{rows}"),
            screen_text(&o, &d, (cols, rows))
        );
    }
    // Without one it is asked for, and the report comes back behind the question.
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["3.3"]);
    o.restore(&journal.0);
    let mut d = dashboard(120, 36);
    assert_eq!(keys(&mut d, &o, "Ws"), []);
    assert_eq!(d.scope(&o), Scope::Ask(Question::Errand));
    press(&mut d, &o, KeyCode::Esc);
    assert!(screen_text(&o, &d, (120, 36)).contains("Report: the API batch"));
}

#[test]
fn a_document_that_is_gone_says_so() {
    let o = served();
    let mut d = dashboard(80, 24);
    d.agent.shown = Some(AgentId::new("qa-3.3"));
    keys(&mut d, &o, "2d");
    let why = "/state/reports/qa-3.3.md can't be read: gone";
    d.opened(&life("qa-3.3"), &Err(why.into()));
    assert!(screen_text(&o, &d, (80, 24)).contains(why));
}
