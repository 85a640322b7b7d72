//! The question before an agent is started that works for no plan: what runs, with what.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::dialog::{Question, confirmed, draw_dialog};
use super::sheet::{Guard, cut};
use crate::domain::command::{Command, ErrandWish};
use crate::domain::errand::Errand;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::roadmap::phase::Status;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Isolation;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::Look;
use crate::ui::text::clean;

/// Columns of what is wanted.
const WISH: usize = 56;

/// That a phase is not complete yet: there may be little to look at.
fn unfinished(o: &Orchestrator, phase: &PhaseId) -> Option<String> {
    let found = o.roadmap()?.phase(phase)?;
    (found.status.state != Status::Complete).then(|| format!("{phase} is not complete yet"))
}

/// Asks before an agent is started for an errand.
#[derive(Clone, Debug)]
pub struct ErrandDialog {
    errand: Errand,
    guard: Guard,
}

impl ErrandDialog {
    /// For this errand.
    pub(super) fn new(errand: Errand) -> Self {
        Self { errand, guard: Guard::default() }
    }

    /// It can't be begun any more: the phase is gone, or somebody is at it.
    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        o.can_run(&self.errand).is_err()
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        if self.is_over(o) {
            return Answer::Close;
        }
        match keys::find(Scope::Ask(keys::Question::Errand), &key) {
            Some(Action::Choose(Choice::Yes)) => {
                let begin = Command::Errand(ErrandWish::Begin(self.errand.clone()));
                confirmed(pace, vec![Intent::Run(begin)])
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let id = clean(o.errand_agent(&self.errand).as_str());
        let agent = clean(&o.target().agent);
        let question = Question {
            text: format!("Start {id} with {agent}?"),
            names: self.about(o).iter().map(|line| cut(&clean(line), WISH, look)).collect(),
            choices: vec![
                ("y", "start it: it holds no phase and leaves a document".to_owned()),
                ("Esc / Enter / n", "start nothing".to_owned()),
            ],
        };
        draw_dialog(frame, "Agent on demand", &question, look);
    }

    /// What it does, and where.
    fn about(&self, o: &Orchestrator) -> Vec<String> {
        let what = match &self.errand {
            Errand::Qa(phase) => {
                let found = o.roadmap().and_then(|roadmap| roadmap.phase(phase));
                let name = found.map(|phase| format!(" {}", phase.name)).unwrap_or_default();
                format!("looks for what is wrong with {phase}{name}")
            }
            Errand::Pm(wish) if wish.trim().is_empty() => {
                "proposes the phases that are missing most".to_owned()
            }
            Errand::Pm(wish) => format!("proposes phases: {}", wish.trim()),
            Errand::Summary => "sums up the report of the last plan".to_owned(),
        };
        let place = match o.target().workspaces.isolation {
            Isolation::Worktree => "in a worktree of its own that goes with it",
            Isolation::Shared => "in the shared checkout, told to change nothing",
        };
        let mut about = vec![what, place.to_owned()];
        if let Errand::Qa(phase) = &self.errand {
            about.extend(unfinished(o, phase));
        }
        about
    }
}
