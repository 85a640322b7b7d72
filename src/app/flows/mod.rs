//! The whole app without a world: keys in, screen out, effects answered by values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agents;
mod crowd;
mod edits;
mod goals;
mod review;
mod roadmap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::app::model::{Act, Leave, Model, Msg, Sight};
use crate::app::update::update;
use crate::domain::branch::MergePolicy;
use crate::domain::effect::Effect;
use crate::domain::frame::{CellStyle, Frame, InputModes, Row, Run};
use crate::domain::id::AgentRef;
use crate::domain::journal::Entry;
use crate::domain::orchestrator::fake_world::{FakeWorld, Luck};
use crate::domain::orchestrator::tests::setup;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::report::Report;
use crate::domain::scrollback::Past;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Isolation;
use crate::ui::dashboard::{Dashboard, Settings};
use crate::ui::draw::draw;
use crate::ui::look::{Glyphs, Theme};

const SIZE: (u16, u16) = (120, 36);

pub(super) const ROADMAP: &str = "\
# Roadmap

## Batch 1: Ground

### Phase 1.1: Store

- **Status:** ⚪ Not Started

### Phase 1.2: Router

- **Status:** ⚪ Not Started

## Batch 2: Surface

### Phase 2.1: Pages

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1, Phase 1.2
";

/// The app, a person in front of it, and a world of values behind it.
pub(super) struct App {
    model: Model,
    pub(super) world: FakeWorld,
    terminal: Terminal<TestBackend>,
    pub(super) left: Option<Leave>,
    pub(super) effects: Vec<Effect>,
}

impl App {
    /// Started on a roadmap, with so many slots.
    pub(super) fn start(roadmap: &str, slots: u16) -> Self {
        let setup = setup(slots);
        let world = FakeWorld::new(setup.target.id.clone(), roadmap, setup.target.gates.clone());
        Self::open(Orchestrator::new(setup, Role::Driver), world)
    }

    /// Started on a roadmap, with a worktree for every agent and a person who merges.
    pub(super) fn start_apart(roadmap: &str, slots: u16) -> Self {
        let mut setup = setup(slots);
        setup.target.workspaces.isolation = Isolation::Worktree;
        setup.target.workspaces.merge = MergePolicy::Review;
        let gates = setup.target.gates.clone();
        let mut world = FakeWorld::new(setup.target.id.clone(), roadmap, gates);
        world.repository.isolation = Isolation::Worktree;
        Self::open(Orchestrator::new(setup, Role::Driver), world)
    }

    /// Started again on what is left of an earlier time.
    pub(super) fn start_on(mut world: FakeWorld, role: Role) -> Self {
        world.crash(|_| true);
        let mut o = Orchestrator::new(setup(2), role);
        o.restore(&world.journal);
        Self::open(o, world)
    }

    fn open(orchestrator: Orchestrator, world: FakeWorld) -> Self {
        let settings = Settings { theme: Theme::Dark, glyphs: Glyphs::Unicode };
        let mut dashboard = Dashboard::new(settings);
        dashboard.resize(SIZE.0, SIZE.1);
        let now = Timestamp(10_000_000);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        let model =
            Model { orchestrator, dashboard, now, watched: Vec::new(), sight: Sight::Shown };
        let mut app = Self { model, world, terminal, left: None, effects: vec![] };
        app.report(app.world.read());
        let effects = app.model.orchestrator.resume(app.model.now);
        app.world.take(effects);
        app
    }

    /// Takes in a message the way the loop does.
    pub(super) fn tell(&mut self, msg: Msg) {
        let mut effects = Vec::new();
        for act in update(&mut self.model, msg) {
            match act {
                Act::Effect(effect) => effects.push(effect),
                Act::Leave(leave) => self.left = Some(leave),
                Act::Redraw | Act::Mouse(_) | Act::Copy(_) | Act::Edit(_) | Act::Init => {}
                Act::EditPrompt(..) | Act::Open(..) | Act::Read(..) | Act::WriteStarter => {}
                Act::Survey | Act::Switch(..) | Act::Close(_) => {}
            }
        }
        self.effects.extend(effects.iter().cloned());
        self.world.take(effects);
    }

    pub(super) fn report(&mut self, report: Report) {
        self.tell(Msg::Report(report));
    }

    /// Presses a key, long enough after the last one that it can't be a slip.
    pub(super) fn press(&mut self, code: KeyCode) -> &mut Self {
        self.press_with(code, KeyModifiers::NONE)
    }

    pub(super) fn press_with(&mut self, code: KeyCode, modifiers: KeyModifiers) -> &mut Self {
        // A question counts from its first drawing.
        if self.model.dashboard.overlay(&self.model.orchestrator).is_some() {
            self.draw();
        }
        self.model.now = Timestamp(self.model.now.0 + 300);
        self.effects.clear();
        self.tell(Msg::Key(KeyEvent::new(code, modifiers)));
        self
    }

    /// Presses the keys of a text, one after another.
    pub(super) fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.press(KeyCode::Char(c));
        }
        self
    }

    /// Types a goal and hands it in.
    pub(super) fn goal(&mut self, text: &str) -> &mut Self {
        self.type_text("n").type_text(text).press(KeyCode::Enter)
    }

    pub(super) fn paste(&mut self, text: &str) -> &mut Self {
        self.effects.clear();
        self.tell(Msg::Paste(text.to_owned()));
        self
    }

    fn draw(&mut self) {
        let Model { orchestrator, dashboard, now, .. } = &self.model;
        let look = dashboard.look(*now);
        self.terminal.draw(|frame| draw(frame, orchestrator, dashboard, &look)).unwrap();
    }

    /// The screen as a person sees it.
    pub(super) fn screen(&mut self) -> String {
        self.draw();
        let buffer = self.terminal.backend().buffer();
        let line = |cells: &[ratatui::buffer::Cell]| {
            let text: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
            format!("{}\n", text.trim_end())
        };
        buffer.content().chunks(usize::from(SIZE.0)).map(line).collect()
    }

    /// Asserts that the screen shows each of these.
    #[track_caller]
    pub(super) fn sees(&mut self, texts: &[&str]) -> &mut Self {
        let screen = self.screen();
        for text in texts {
            assert!(screen.contains(text), "no “{text}” on this screen:\n{screen}");
        }
        self
    }

    /// Asserts that the screen shows none of these.
    #[track_caller]
    pub(super) fn sees_no(&mut self, texts: &[&str]) -> &mut Self {
        let screen = self.screen();
        for text in texts {
            assert!(!screen.contains(text), "“{text}” is on this screen:\n{screen}");
        }
        self
    }

    /// The world answers everything well until only agents are at work.
    pub(super) fn answer(&mut self) -> &mut Self {
        self.answer_with(Luck::Good)
    }

    /// The same, but gates turn out like this.
    pub(super) fn answer_with(&mut self, gates: Luck) -> &mut Self {
        for _ in 0..200 {
            if !self.world.desk.is_empty() {
                for report in self.world.serve(Luck::Good) {
                    self.report(report);
                }
            } else if !self.world.tasks.is_empty() {
                let gate = matches!(self.world.tasks[0], Effect::RunGate { .. });
                let report = self.world.answer(0, if gate { gates } else { Luck::Good });
                self.report(report);
            } else {
                return self;
            }
        }
        panic!("the world is asked without end: {:?}", self.world.tasks);
    }

    /// The world answers everything it is asked now, and all of it badly.
    pub(super) fn answer_all_badly(&mut self) -> &mut Self {
        while !self.world.tasks.is_empty() {
            let report = self.world.answer(0, Luck::Bad(0));
            self.report(report);
        }
        self
    }

    /// The process of an agent ends.
    pub(super) fn end(&mut self, agent: &AgentRef, luck: Luck) -> &mut Self {
        let report = self.world.end(agent, luck).expect("the app listens to its host");
        self.report(report);
        self
    }

    /// A person or another program changed the file, and the watcher told.
    pub(super) fn edit(&mut self, edit: impl Fn(&mut FakeWorld)) -> &mut Self {
        edit(&mut self.world);
        self.report(self.world.read());
        self
    }

    /// An agent shows this line on its terminal.
    pub(super) fn frame(&mut self, agent: &AgentRef, text: &str, input: InputModes) -> &mut Self {
        let run = Run { text: text.to_owned(), style: CellStyle::default() };
        let size = self.model.orchestrator.terminal_size();
        let frame = Frame {
            size,
            rows: vec![(0, Row(vec![run]))],
            cursor: Some((0, 1)),
            input,
            past: Past::default(),
        };
        self.report(Report::Frame { agent: agent.clone(), frame });
        self
    }

    pub(super) fn orchestrator(&self) -> &Orchestrator {
        &self.model.orchestrator
    }

    /// Claims asked for since the last key.
    pub(super) fn claimed(&self) -> Vec<String> {
        let claim = |effect: &Effect| match effect {
            Effect::Claim { agent, .. } => Some(agent.to_string()),
            _ => None,
        };
        self.effects.iter().filter_map(claim).collect()
    }

    pub(super) fn finished(&self) -> bool {
        self.orchestrator().run().plan.as_ref().is_some_and(|plan| plan.finished)
    }

    /// The driver wrote to the journal, and this viewer reads it.
    pub(super) fn follow(&mut self, entries: &[Entry]) {
        self.report(Report::Journal(entries.to_vec()));
    }
}
