//! Every overlay over one small run, at the sizes people have, and at any other size.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dialogs;
mod diff;
mod health;
mod phase;
mod proposals;
mod targets;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::text::Line;

use super::*;
use crate::domain::adapter::{Adapter, AdapterKind, Limits};
use crate::domain::agent::{Outcome, Processes};
use crate::domain::branch::MergePolicy;
use crate::domain::claim::Fence;
use crate::domain::command::{Command, PlanEdit};
use crate::domain::effect::StopKind;
use crate::domain::gate::{Check, Gate, GateResult, Receipt, Tree, When};
use crate::domain::id::{AgentRef, Life, TargetId};
use crate::domain::journal::{Birth, Entry, Fact, RoadmapRecord};
use crate::domain::orchestrator::{Role, Setup};
use crate::domain::plan::{ApprovedPlan, Mode};
use crate::domain::printable::is_hidden;
use crate::domain::report::Report;
use crate::domain::retry::RetryRules;
use crate::domain::roadmap::Roadmap;
use crate::domain::target::{Documents, Target, Workspaces};
use crate::domain::workspace::{Isolation, Workspace};
use crate::ui::look::{Glyphs, Theme};

#[path = "tests/plan.rs"]
mod plan;

const NOW: Timestamp = Timestamp(1_795_388_400_000);

const ROADMAP: &str = "\
# Tide

## Batch 2: Storage

### Phase 2.4: Migration runner
- **Status:** 🔄 In Progress
- **Assigned To:** a-2.4
- **Effort:** M

## Batch 3: API

### Phase 3.1: Error envelope
- **Status:** ✅ Complete
- **Effort:** S

### Phase 3.2: Config endpoint
- **Status:** ⚪ Not Started
- **Depends On:** 3.1 ✅
- **Effort:** S
- **Tasks:**
  - [ ] Serve `src/api/config.rs`

### Phase 3.3: HTTP router
- **Status:** ⚪ Not Started
- **Depends On:** 3.1 ✅
- **Effort:** L
- **Tasks:**
  - [x] Path trie
  - [ ] 405 with **Allow**, as [the specification](https://example.org/405) says
    1. *first* in `src/api/router.rs`
    2. then everywhere else that answers a request, which is a long list of places to look at
- **Done When:** every route answers

> Kept small on purpose.

```rust
fn route(path: &str) -> Option<Handler> { None }
```

| Method | Answer |
|---|---|
| GET | 200 |
| POST | 405 完了 |

### Phase 3.4: Auth tokens ⭐ BOOTSTRAP
- **Status:** ⚪ Not Started
- **Depends On:** 3.1 ✅
- **Effort:** M

## Batch 4: Surface

### Phase 4.1: OpenAPI docs
- **Status:** 🔴 Blocked
- **Depends On:** 3.3, Batch 2
- **Effort:** S
";

fn setup() -> Setup {
    let adapter = Adapter {
        kind: AdapterKind::Stream,
        args: vec!["-p".into(), "--output-format".into(), "stream-json".into()],
        limits: Limits {
            total: Duration::from_secs(1_800),
            idle: Duration::from_secs(600),
            grace: Duration::from_secs(10),
            ..Limits::default()
        },
        ..Adapter::text("claude", "claude")
    };
    let target = Target {
        id: TargetId::new("tide"),
        name: "tide".into(),
        path: PathBuf::from("/src/tide"),
        roadmap: PathBuf::from("/src/tide/plans/roadmap.md"),
        documents: Documents::default(),
        agent: "claude".into(),
        workspaces: Workspaces {
            isolation: Isolation::Shared,
            most: 4,
            setup: vec![],
            merge: MergePolicy::Review,
            reuse: Default::default(),
        },
        gates: vec![Gate {
            name: "tests".into(),
            check: Check::Command(vec!["cargo".into(), "test".into()]),
            when: When::Always,
            timeout: Duration::from_secs(60),
            required: true,
        }],
        retry: RetryRules { retries: 1, ..RetryRules::default() },
        budget: Default::default(),
        surroundings: Default::default(),
        description: None,
    };
    let adapters = BTreeMap::from([(adapter.name.clone(), adapter)]);
    Setup {
        drives: crate::domain::orchestrator::Drives::Everything,
        target,
        adapters,
        slots: 4,
        auto_garden: true,
        refusal: None,
        utc_offset: 3_600,
    }
}

fn me() -> AgentRef {
    AgentRef { id: AgentId::new("a-2.4"), life: Life(1) }
}

fn journal() -> Vec<Entry> {
    let phases = vec![PhaseId::new("2.4")];
    let target = TargetId::new("tide");
    let goal = "run 2.4".to_string();
    let plan = ApprovedPlan {
        target: target.clone(),
        goal,
        mode: Mode::Parallel,
        slots: 4,
        phases,
        without: std::collections::BTreeSet::new(),
        prompts: BTreeMap::new(),
        merge: None,
    };
    let birth = Birth::first(me(), PhaseId::new("2.4"), target.clone(), "claude");
    let record = RoadmapRecord {
        target,
        why: "claim".into(),
        phases: vec![PhaseId::new("2.4")],
        edits: vec![(6, "⚪ Not Started".into(), "🔄 In Progress".into())],
        proposal: None,
        undo: None,
    };
    let started = Timestamp(NOW.0 - 761_000);
    let workspace = Workspace::Checkout { path: PathBuf::from("/src/tide") };
    let processes = Processes { agent: 42, host: 41 };
    let facts = [
        Fact::PlanApproved(plan),
        Fact::AgentSpawned(birth),
        Fact::ClaimWon { agent: me(), fence: Fence(7) },
        Fact::WorkspaceReady { agent: me(), workspace, assigned_before: None },
        Fact::RoadmapEdited(record),
        Fact::SpawningAgent { agent: me() },
        Fact::AgentRunning { agent: me(), processes, started },
    ];
    let at = |index: usize| Timestamp(started.0 + 1_000 * index as u64);
    facts.into_iter().enumerate().map(|(index, fact)| Entry { at: at(index), fact }).collect()
}

fn orchestrator_of(roadmap: &str, role: Role) -> Orchestrator {
    let mut o = Orchestrator::new(setup(), role);
    o.restore(&journal());
    give_roadmap(&mut o, roadmap);
    o
}

fn orchestrator() -> Orchestrator {
    orchestrator_of(ROADMAP, Role::Driver)
}

fn give_roadmap(o: &mut Orchestrator, roadmap: &str) {
    let read = Ok(Arc::new(Roadmap::parse(roadmap.as_bytes().to_vec())));
    o.observe(NOW, Report::Roadmap { target: TargetId::new("tide"), read });
}

fn planning(goal: &str) -> Orchestrator {
    let mut o = orchestrator();
    o.command(NOW, Command::Interpret(goal.into()));
    assert!(o.draft().is_some(), "{goal:?} gives no plan");
    o
}

fn look(glyphs: Glyphs) -> Look {
    Look { theme: Theme::Mono, glyphs, now: NOW }
}

fn drawn(overlay: &Overlay, o: &Orchestrator, (width, height): (u16, u16)) -> String {
    drawn_with(overlay, o, (width, height), Glyphs::Unicode)
}

fn drawn_with(
    overlay: &Overlay,
    o: &Orchestrator,
    (width, height): (u16, u16),
    glyphs: Glyphs,
) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| overlay.draw(frame, o, &look(glyphs))).unwrap();
    terminal.backend().to_string()
}

fn key(c: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)
}

fn code(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn after(millis: u64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

/// An overlay that was on the screen at `NOW`.
fn seen(overlay: Overlay, o: &Orchestrator) -> Overlay {
    drawn(&overlay, o, (120, 36));
    overlay
}

fn run(command: Command) -> Vec<Intent> {
    vec![Intent::Run(command)]
}

#[test]
fn plans_are_drawn() {
    let o = planning("finish batch 3");
    insta::assert_snapshot!("plan-120x36", drawn(&Overlay::plan(&o), &o, (120, 36)));
    insta::assert_snapshot!("plan-80x24", drawn(&Overlay::plan(&o), &o, (80, 24)));
    let ascii = drawn_with(&Overlay::plan(&o), &o, (80, 24), Glyphs::Ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("plan-ascii-80x24", ascii);
}

#[test]
fn plans_with_several_waves_show_what_they_wait_for() {
    let o = planning("3.3 and 4.1");
    insta::assert_snapshot!("plan-waves-120x36", drawn(&Overlay::plan(&o), &o, (120, 36)));
}

#[test]
fn an_unsure_plan_ticks_nothing_and_says_so() {
    let o = planning("make the endpoint faster");
    let mut plan = seen(Overlay::plan(&o), &o);
    let screen = drawn(&plan, &o, (120, 36));
    if o.draft().unwrap().rows.iter().any(|row| row.ticked) {
        panic!("the goal is meant to be unclear:\n{screen}");
    }
    assert!(screen.contains("[ y nothing is ticked ]"), "{screen}");
    assert_eq!(plan.key(key('y'), &o, after(1_000)), Answer::Stay);
    insta::assert_snapshot!("plan-unsure-120x36", screen);
}

#[test]
fn only_y_alone_starts_a_plan() {
    let o = planning("finish batch 3");
    let mut plan = seen(Overlay::plan(&o), &o);
    assert_eq!(plan.key(key('y'), &o, after(200)), Answer::Stay, "right after opening");
    assert!(drawn(&plan, &o, (120, 36)).contains("was ignored"));
    assert_eq!(plan.key(code(KeyCode::Enter), &o, after(1_000)), Answer::Stay);
    assert!(drawn(&plan, &o, (120, 36)).contains("Enter starts nothing"));
    assert_eq!(plan.key(key('y'), &o, after(1_100)), Answer::Stay, "right after Enter");
    assert_eq!(plan.key(key('y'), &o, after(1_350)), Answer::CloseAnd(run(Command::ApprovePlan)));
}

#[test]
fn keys_edit_the_plan() {
    let o = planning("finish batch 3");
    let rows = &o.draft().unwrap().rows;
    let mut plan = Overlay::plan(&o);
    let edit = |edit| Answer::Do(run(Command::EditPlan(edit)));
    let toggle = |index: usize| edit(PlanEdit::Toggle(rows[index].id.clone()));
    assert_eq!(plan.key(key(' '), &o, NOW), toggle(0));
    plan.key(key('j'), &o, NOW);
    assert_eq!(plan.key(key(' '), &o, NOW), toggle(1));
    plan.key(code(KeyCode::Up), &o, NOW);
    assert_eq!(plan.key(key(' '), &o, NOW), toggle(0));
    assert_eq!(plan.key(key('m'), &o, NOW), edit(PlanEdit::Mode(Mode::Batch)));
    assert_eq!(plan.key(key('+'), &o, NOW), edit(PlanEdit::Slots(5)));
    assert_eq!(plan.key(key('-'), &o, NOW), edit(PlanEdit::Slots(3)));
    assert_eq!(plan.key(code(KeyCode::Esc), &o, NOW), Answer::CloseAnd(run(Command::DropPlan)));
}

#[test]
fn a_plan_of_a_changed_roadmap_stays_open_to_ask_again() {
    let mut o = planning("finish batch 3");
    let mut plan = seen(Overlay::plan(&o), &o);
    give_roadmap(&mut o, &ROADMAP.replace("Kept small", "Kept tiny"));
    assert!(drawn(&plan, &o, (120, 36)).contains("The roadmap changed"));
    assert_eq!(plan.key(key('y'), &o, after(500)), Answer::Do(run(Command::ApprovePlan)));
    assert!(!plan.is_over(&o));
    o.command(after(500), Command::DropPlan);
    assert!(plan.is_over(&o));
    assert_eq!(plan.key(key('j'), &o, after(900)), Answer::Close);
}

#[test]
fn a_viewer_starts_nothing() {
    let mut o = orchestrator_of(ROADMAP, Role::Viewer { driver: 77 });
    o.command(NOW, Command::Interpret("finish batch 3".into()));
    let mut plan = seen(Overlay::plan(&o), &o);
    assert_eq!(plan.key(key('y'), &o, after(500)), Answer::Stay);
    assert!(drawn(&plan, &o, (80, 24)).contains("process 77 drives"));
}

#[test]
fn a_wide_character_under_the_border_is_taken_away() {
    let o = orchestrator();
    let mut terminal = Terminal::new(TestBackend::new(100, 10)).unwrap();
    let dialog = Overlay::quit(Behind::default());
    let below = |frame: &mut Frame<'_>| {
        for row in frame.area().rows() {
            frame.render_widget(Line::raw(format!(" {}", "完".repeat(49))), row);
        }
    };
    terminal
        .draw(|frame| {
            below(frame);
            dialog.draw(frame, &o, &look(Glyphs::Unicode));
        })
        .unwrap();
    let buffer = terminal.backend().buffer();
    let corner = (0..100).find(|x| buffer[(*x, 2)].symbol() == "┌").expect("a border");
    assert_eq!(buffer[(corner - 1, 2)].symbol(), " ", "half a wide character is left");
}

/// Every overlay, over a run with a draft.
fn all(o: &Orchestrator) -> [Overlay; 10] {
    [
        Overlay::plan(o),
        Overlay::help(Scope::Agent),
        Overlay::stop(AgentId::new("a-2.4"), o),
        Overlay::restart(vec![AgentId::new("a-2.4")]),
        Overlay::quit(Behind::default()),
        Overlay::events(),
        Overlay::phase(PhaseId::new("3.3")),
        Overlay::health(),
        Overlay::graph(None),
        Overlay::proposals(),
    ]
}

#[test]
fn no_overlay_paints_a_background() {
    let o = planning("3.3 and 4.1");
    for overlay in all(&o) {
        for theme in [Theme::Dark, Theme::Light, Theme::Ansi, Theme::Mono] {
            let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
            let look = Look { theme, glyphs: Glyphs::Unicode, now: NOW };
            terminal.draw(|frame| overlay.draw(frame, &o, &look)).unwrap();
            let cells = &terminal.backend().buffer().content;
            let painted = cells.iter().find(|cell| cell.bg != ratatui::style::Color::Reset);
            assert_eq!(painted, None, "{:?} in {theme:?}", overlay.scope());
        }
    }
}

#[test]
fn the_cursor_stays_in_view_in_a_long_plan() {
    let mut roadmap = String::from("# Long\n\n## Batch 1: All\n\n");
    for index in 1..=40 {
        roadmap.push_str(&format!(
            "### Phase 1.{index}: Part {index} 完了\n- **Status:** ⚪ Not Started\n- **Effort:** S\n\n"
        ));
    }
    let mut o = orchestrator_of(&roadmap, Role::Driver);
    o.command(NOW, Command::Interpret("batch 1".into()));
    let mut plan = Overlay::plan(&o);
    for index in 1..=40 {
        let screen = drawn(&plan, &o, (80, 24));
        let current = screen.lines().find(|line| line.contains('›')).expect("a cursor");
        assert!(current.contains(&format!("1.{index} ")), "row {index}:\n{screen}");
        assert!(screen.contains("[ y Start 40 phases, 4 at once ]"), "{screen}");
        plan.key(key('j'), &o, NOW);
    }
    assert!(drawn(&plan, &o, (80, 24)).contains("lines above"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_size_is_too_small(width in 1_u16..300, height in 1_u16..100, ascii: bool) {
        let o = planning("3.3 and 4.1");
        let glyphs = if ascii { Glyphs::Ascii } else { Glyphs::Unicode };
        for overlay in all(&o) {
            drawn_with(&overlay, &o, (width, height), glyphs);
        }
    }

    #[test]
    fn any_text_can_be_a_section(text in "(\\PC|[\n#>*`\\-| \\[\\]()~]){0,200}", width in 0_u16..60) {
        for line in crate::ui::markdown::render(&text, width, &look(Glyphs::Unicode)) {
            let line_width = line.width();
            prop_assert!(line_width <= usize::from(width.max(4)), "{line_width} of {width}: {line:?}");
            let hidden = line.to_string().chars().any(|c| c.is_control() || is_hidden(c));
            prop_assert!(!hidden, "{line:?}");
        }
    }
}
