//! The question before the screen is left while agents work.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::dialog::{Question, confirmed, draw_dialog, grace};
use super::sheet::Guard;
use crate::domain::glance::LeftBehind;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::counted;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Choice, Scope};
use crate::ui::look::Look;

/// Asks what becomes of agents at work, and of what was not sent.
#[derive(Clone, Debug)]
pub struct QuitDialog {
    behind: Behind,
    guard: Guard,
}

/// What would be left behind, besides the agents of the target on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Agents that run in other targets.
    pub working: usize,
    /// Agents there of which nothing runs: they are being started, judged or merged.
    pub unjudged: usize,
    /// Something begins there by itself later.
    pub later: bool,
    /// Comments in diffs that were not sent.
    pub comments: usize,
}

impl QuitDialog {
    /// With what would be left behind.
    pub(super) fn new(behind: Behind) -> Self {
        Self { behind, guard: Guard::default() }
    }

    pub(super) fn key(&mut self, key: KeyEvent, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        match keys::find(Scope::Ask(keys::Question::Quit), &key) {
            Some(Action::Choose(Choice::Detach)) => confirmed(pace, vec![Intent::Detach]),
            Some(Action::Choose(Choice::StopAll)) => confirmed(pace, vec![Intent::StopAndQuit]),
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let here = LeftBehind::of(o);
        let left = LeftBehind {
            running: here.running + self.behind.working,
            unjudged: here.unjudged + self.behind.unjudged,
        };
        let (text, detach) = self.asked(left, (o, look.now));
        let mut choices = vec![("d", detach.to_owned())];
        if !left.is_nothing() {
            let grace = grace(o, &o.target().agent);
            choices.push(("s", format!("stop all and quit (SIGTERM, {grace}, SIGKILL)")));
        }
        choices.push(("Esc / Enter", "stay".into()));
        let question = Question { text, names: self.names(left), choices };
        draw_dialog(frame, "Quit", &question, look);
    }

    /// The question, and what leaving does.
    fn asked(
        &self,
        left: LeftBehind,
        (o, now): (&Orchestrator, Timestamp),
    ) -> (String, &'static str) {
        match (left.running, left.unjudged) {
            (0, 0) if o.wakes_at(now).is_some() || self.behind.later => (
                "No agent is working, but one waits to begin again.".to_owned(),
                "quit: it begins once orch-tui is open again",
            ),
            (0, 0) if self.behind.comments > 0 => {
                ("Leave what you wrote?".to_owned(), "quit without it")
            }
            (0, 0) => ("No agent is working any more.".to_owned(), "quit"),
            (0, 1) => (
                "No agent runs, but the work of 1 is still being judged.".to_owned(),
                "quit: it is judged once orch-tui is open again",
            ),
            (0, n) => (
                format!("No agent runs, but the work of {n} is still being judged."),
                "quit: they are judged once orch-tui is open again",
            ),
            (1, _) => (
                format!(
                    "1 agent is still working{}.",
                    if self.behind.working == 1 { ", in another target" } else { "" }
                ),
                "detach: it keeps running, orch-tui shows it again",
            ),
            (n, _) => (
                format!("{n} agents are still working{}.", self.others()),
                "detach: they keep running, orch-tui shows them again",
            ),
        }
    }

    /// What does not go on, and what was not sent.
    fn names(&self, left: LeftBehind) -> Vec<String> {
        let rest = (left.running > 0 && left.unjudged > 0).then(|| match left.unjudged {
            1 => "1 more is judged once orch-tui is open again".to_owned(),
            n => format!("{n} more are judged once orch-tui is open again"),
        });
        let unsent = match self.behind.comments {
            0 => None,
            n => Some(format!("{} in diffs not sent: R in the diff sends", counted(n, "comment"))),
        };
        rest.into_iter().chain(unsent).collect()
    }

    fn others(&self) -> String {
        match self.behind.working {
            0 => String::new(),
            n => format!(", {n} of them in other targets"),
        }
    }
}
