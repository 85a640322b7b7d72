//! Scenes to test on: a roadmap, a journal replayed over it, and screens of agents.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::agent::{Exit, ExitCause, Outcome, Processes, Usage};
use crate::domain::branch::MergePolicy;
use crate::domain::claim::Fence;
use crate::domain::frame::{CellStyle, Frame, InputModes, Row, Run, Size};
use crate::domain::gate::{Check, Gate, GateResult, Receipt, Tree, When};
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId, TargetId};
use crate::domain::identity::{Choice, Ground};
use crate::domain::journal::{Birth, Entry, Fact};
use crate::domain::orchestrator::{Orchestrator, Role, Setup};
use crate::domain::plan::{ApprovedPlan, Mode};
use crate::domain::printable::Printable;
use crate::domain::report::{Pulse, Report};
use crate::domain::retry::RetryRules;
use crate::domain::roadmap::Roadmap;
use crate::domain::scrollback::Past;
use crate::domain::target::{Documents, Target, Workspaces};
use crate::domain::time::Timestamp;
use crate::domain::workspace::{Isolation, Workspace};
use crate::ui::dashboard::{Dashboard, Settings};
use crate::ui::draw::draw;
use crate::ui::intent::Intent;
use crate::ui::look::{Glyphs, Theme};

/// The present of all scenes.
pub const NOW: Timestamp = Timestamp(10_000_000);

/// `seconds` before [`NOW`].
pub fn ago(seconds: u64) -> Timestamp {
    Timestamp(NOW.0 - seconds * 1_000)
}

/// One phase in Markdown.
fn phase(text: &mut String, (id, name): (&str, &str), status: &str, rest: &str) {
    text.push_str(&format!("### Phase {id}: {name}\n- **Status:** {status}\n{rest}\n"));
}

/// A roadmap of 18 phases.
pub fn roadmap() -> String {
    let mut text = String::from("# Roadmap\n\n## Batch 1: Foundation\n\n");
    let done = "✅ Complete";
    let open = "⚪ Not Started";
    let blocked = "🔴 Blocked";
    for (id, name) in
        [("1.1", "Workspace"), ("1.2", "Error types"), ("1.3", "Config"), ("1.4", "Logging")]
    {
        phase(&mut text, (id, name), done, "- **Effort:** S\n");
    }
    text.push_str("## Batch 2: Storage\n\n");
    phase(&mut text, ("2.1", "SQLite store"), done, "- **Effort:** M\n");
    phase(&mut text, ("2.2", "Snapshot export"), done, "- **Effort:** S\n");
    phase(&mut text, ("2.3", "Query planner"), done, "- **Effort:** L\n");
    phase(&mut text, ("2.4", "Migration runner"), open, "- **Effort:** M\n- **Depends On:** 2.1\n");
    phase(
        &mut text,
        ("2.5", "Metrics schema"),
        "🔄 In Progress",
        "- **Effort:** S\n- **Assigned To:** lab2\n",
    );
    text.push_str("## Batch 3: API\n\n");
    phase(&mut text, ("3.1", "Error envelope"), done, "- **Effort:** S\n");
    phase(&mut text, ("3.2", "Config endpoint"), open, "- **Effort:** S\n- **Depends On:** 1.3\n");
    phase(
        &mut text,
        ("3.3", "HTTP router"),
        open,
        "- **Effort:** L\n- **Depends On:** 3.1\n- **Tasks:**\n  - [x] Trie\n  - [ ] Docs\n",
    );
    phase(
        &mut text,
        ("3.4", "Auth tokens ⭐ BOOTSTRAP"),
        open,
        "- **Effort:** M\n- **Depends On:** 2.1\n",
    );
    phase(&mut text, ("3.5", "Rate limiter"), open, "- **Effort:** S\n- **Depends On:** 3.1\n");
    text.push_str("## Batch 4: Surface\n\n");
    phase(&mut text, ("4.1", "OpenAPI docs"), blocked, "- **Effort:** S\n- **Depends On:** 3.3\n");
    phase(
        &mut text,
        ("4.2", "Admin console with a rather long name"),
        blocked,
        "- **Effort:** L\n- **Depends On:** 3.3, 3.4\n",
    );
    phase(
        &mut text,
        ("4.3", "Audit log"),
        blocked,
        "- **Effort:** M\n- **Depends On:** 2.4, 3.4\n",
    );
    phase(&mut text, ("4.4", "Load harness"), blocked, "- **Effort:** M\n- **Depends On:** 3.5\n");
    text
}

fn gate(name: &str) -> Gate {
    Gate {
        name: name.into(),
        check: Check::Command(vec![name.into()]),
        when: When::Always,
        timeout: Duration::from_secs(60),
        required: true,
    }
}

fn target() -> Target {
    Target {
        id: TargetId::new("tide"),
        name: "tide".into(),
        path: PathBuf::from("/src/tide"),
        roadmap: PathBuf::from("/src/tide/plans/roadmap.md"),
        documents: Documents::default(),
        agent: "claude-stream".into(),
        workspaces: Workspaces {
            isolation: Isolation::Shared,
            most: 4,
            setup: vec![],
            merge: MergePolicy::Review,
            reuse: Default::default(),
        },
        gates: vec![gate("build"), gate("tests")],
        retry: RetryRules { retries: 0, ..RetryRules::default() },
        budget: Default::default(),
        surroundings: Default::default(),
        description: None,
    }
}

/// An orchestrator that has not read its roadmap yet.
pub fn unread(role: Role) -> Orchestrator {
    let setup = Setup {
        drives: crate::domain::orchestrator::Drives::Everything,
        target: target(),
        adapters: BTreeMap::new(),
        slots: 4,
        auto_garden: false,
        refusal: None,
        utc_offset: 0,
    };
    Orchestrator::new(setup, role)
}

/// An orchestrator that has read this roadmap.
pub fn reading(markdown: &str) -> Orchestrator {
    let mut o = unread(Role::Driver);
    read(&mut o, markdown);
    o
}

/// There is no roadmap file.
pub fn no_roadmap() -> Report {
    let why = "No roadmap at /src/tide/plans/roadmap.md.".into();
    Report::Roadmap { target: TargetId::new("tide"), read: Err(why) }
}

/// The roadmap file changed to this.
pub fn read(o: &mut Orchestrator, markdown: &str) {
    let roadmap = Arc::new(Roadmap::parse(markdown.as_bytes()));
    o.observe(ago(60), Report::Roadmap { target: TargetId::new("tide"), read: Ok(roadmap) });
}

/// The first life of the agent of a phase.
pub fn agent(phase: &str) -> AgentRef {
    AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(1) }
}

/// Who works on a phase; in the crowds of other tests nobody has a name, as in journals of earlier versions.
fn name_of(phase: &str) -> Option<&'static str> {
    let named = [("3.4", "Ada"), ("3.2", "Ben"), ("3.3", "Cleo"), ("2.4", "Dora"), ("3.1", "Eli")];
    named.iter().find(|(id, _)| *id == phase).map(|(_, name)| *name)
}

/// A journal in the making.
pub struct Journal(pub Vec<Entry>);

impl Journal {
    fn add(&mut self, seconds: u64, fact: Fact) {
        self.0.push(Entry { at: ago(seconds), fact });
    }

    /// An agent is born.
    pub fn claiming(&mut self, phase: &str, seconds: u64) {
        let (agent, target) = (agent(phase), TargetId::new("tide"));
        let birth = Birth::first(agent, PhaseId::new(phase), target, "claude-stream");
        let name = name_of(phase).map(str::to_owned);
        let choice = Choice { why: Ground::New, batch: None, tags: vec![] };
        let chosen = name.as_ref().map(|_| Box::new(choice));
        self.add(seconds, Fact::AgentSpawned(Birth { name, chosen, ..birth }));
    }

    /// Its process is being started.
    pub fn starting(&mut self, phase: &str, seconds: u64) {
        self.claiming(phase, seconds);
        self.add(seconds, Fact::ClaimWon { agent: agent(phase), fence: Fence(1) });
        let workspace = Workspace::Checkout { path: PathBuf::from("/src/tide") };
        self.add(
            seconds,
            Fact::WorkspaceReady { agent: agent(phase), workspace, assigned_before: None },
        );
        self.add(seconds, Fact::SpawningAgent { agent: agent(phase) });
    }

    /// It runs.
    pub fn running(&mut self, phase: &str, seconds: u64) {
        self.starting(phase, seconds);
        let processes = Processes { agent: 4_711, host: 4_710 };
        self.add(
            seconds,
            Fact::AgentRunning { agent: agent(phase), processes, started: ago(seconds) },
        );
    }

    /// It ended well, gates follow.
    pub fn verifying(&mut self, phase: &str, seconds: u64) {
        self.running(phase, seconds);
        let exit = Exit {
            cause: ExitCause::Own,
            code: Some(0),
            signal: None,
            said: None,
            survivors: 0,
            usage: Usage::default(),
            session: None,
            at: ago(20),
        };
        self.add(20, Fact::Stopped { agent: agent(phase), exit, unanswered: None });
        self.judged(phase, "build", GateResult::Passed);
    }

    /// A gate was judged.
    pub fn judged(&mut self, phase: &str, gate: &str, result: GateResult) {
        let tail = vec![Printable::new("assertion failed: left == right")];
        let took = Duration::from_secs(12);
        let receipt = Receipt {
            gate: gate.into(),
            required: true,
            result,
            took,
            commit: None,
            tree: Tree::Work,
            tail,
        };
        self.add(10, Fact::GateJudged { agent: agent(phase), receipt });
    }

    /// It ended otherwise.
    pub fn failed(&mut self, phase: &str, seconds: u64, outcome: Outcome) {
        self.verifying(phase, seconds);
        self.judged(phase, "tests", GateResult::Failed(Some(101)));
        self.add(5, Fact::AgentFailed { agent: agent(phase), outcome });
        self.add(5, Fact::Released { agent: agent(phase) });
    }

    /// Its phase is complete.
    pub fn succeeded(&mut self, phase: &str, seconds: u64) {
        self.verifying(phase, seconds);
        self.judged(phase, "tests", GateResult::Passed);
        self.add(5, Fact::VerificationComplete { agent: agent(phase), failed: vec![] });
        self.add(5, Fact::AgentCompleted { agent: agent(phase), document: None });
    }

    /// A plan was approved.
    pub fn approved(&mut self, phases: &[&str]) {
        let approved = ApprovedPlan {
            target: TargetId::new("tide"),
            goal: "the API batch".into(),
            mode: Mode::Parallel,
            slots: 4,
            phases: phases.iter().map(|id| PhaseId::new(*id)).collect(),
            without: std::collections::BTreeSet::new(),
            prompts: std::collections::BTreeMap::new(),
            merge: None,
        };
        self.add(4_000, Fact::PlanApproved(approved));
    }
}

/// What the host of an agent tells.
pub fn pulse(o: &mut Orchestrator, phase: &str, doing: &str, waiting: Option<&str>) {
    for (n, seconds) in [200, 150, 100, 60, 4].into_iter().enumerate() {
        let pulse = Pulse {
            last_output: ago(seconds),
            events: u32::try_from(n * 3 + 1).unwrap(),
            waiting: waiting.map(Into::into),
            doing: doing.into(),
            usage: Usage::default(),
        };
        o.observe(ago(seconds), Report::Activity { agent: agent(phase), pulse });
    }
}

/// An agent asked for a person so many seconds ago.
pub fn pulse_at(o: &mut Orchestrator, phase: &str, seconds: u64) {
    let (waiting, doing) = (Some("which of both?".into()), "question".into());
    let last_output = ago(seconds);
    let pulse = Pulse { last_output, events: 1, waiting, doing, usage: Usage::default() };
    o.observe(ago(seconds), Report::Activity { agent: agent(phase), pulse });
}

/// The busy afternoon: six agents in six states.
pub fn busy() -> Orchestrator {
    let mut o = reading(&roadmap());
    let mut journal = Journal(Vec::new());
    journal.approved(&["2.4", "3.1", "3.2", "3.3", "3.4", "3.5"]);
    journal.succeeded("3.1", 1_135);
    journal.failed("3.2", 362, Outcome::Failed("gate tests: exit code 101".into()));
    journal.running("3.3", 761);
    journal.running("3.4", 130);
    journal.verifying("2.4", 1_867);
    o.restore(&journal.0);
    pulse(&mut o, "3.3", "cargo test -p tide-api", None);
    pulse(&mut o, "3.4", "question", Some("keep v1 cookies?"));
    o
}

/// A screen of one of its agents.
pub fn transcript(lines: &[&str]) -> Frame {
    let row =
        |text: &&str| Row(vec![Run { text: (*text).to_owned(), style: CellStyle::default() }]);
    let rows: Vec<(u16, Row)> = (0..).zip(lines.iter().map(row)).collect();
    let input = InputModes { bracketed_paste: true, ..InputModes::NONE };
    Frame {
        size: Size { cols: 80, rows: 29 },
        cursor: Some((2, u16::try_from(lines.len()).unwrap())),
        rows,
        input,
        past: Past::default(),
    }
}

/// A dashboard of this size with the screen of `a-3.3`.
pub fn dashboard(cols: u16, rows: u16) -> Dashboard {
    let mut d = Dashboard::new(Settings { theme: Theme::Dark, glyphs: Glyphs::Unicode });
    d.resize(cols, rows);
    d.tick(NOW);
    d.frame(
        agent("3.3"),
        transcript(&[
            "▪ Read src/router.rs (312 lines)",
            "▪ Edit src/router.rs  +41 -6",
            "▪ Bash cargo test -p tide-api router::",
            "  running 14 tests",
            "  test router::nested_scopes ... ok",
        ]),
    );
    d
}

/// The screen as cells.
pub fn buffer(
    o: &Orchestrator,
    d: &Dashboard,
    settings: Settings,
    (cols, rows): (u16, u16),
) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(cols, rows)).unwrap();
    let look = Dashboard::new(settings).look(NOW);
    terminal.draw(|frame| draw(frame, o, d, &look)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as text, without blanks at line ends.
pub fn screen_text(o: &Orchestrator, d: &Dashboard, size: (u16, u16)) -> String {
    text_of(&buffer(o, d, Settings { theme: Theme::Dark, glyphs: Glyphs::Unicode }, size))
}

/// A buffer as text; the second column of a wide character is left out.
pub fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol).max(1)).unwrap();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Presses a key.
pub fn press(d: &mut Dashboard, o: &Orchestrator, code: KeyCode) -> Vec<Intent> {
    d.key(KeyEvent::new(code, KeyModifiers::NONE), o, NOW)
}

/// Presses a key with Control.
pub fn ctrl(d: &mut Dashboard, o: &Orchestrator, c: char) -> Vec<Intent> {
    d.key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL), o, NOW)
}

/// Types characters.
pub fn keys(d: &mut Dashboard, o: &Orchestrator, text: &str) -> Vec<Intent> {
    text.chars().flat_map(|c| press(d, o, KeyCode::Char(c))).collect()
}
