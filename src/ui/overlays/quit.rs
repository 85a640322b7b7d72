//! The question before the screen is left while agents work.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;

use super::Answer;
use super::dialog::{Question, confirmed, draw_dialog, grace};
use super::sheet::Guard;
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
    /// Agents at work in other targets.
    pub working: usize,
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
        let live = o.busy_agents() + self.behind.working;
        let grace = grace(o, &o.target().agent);
        let stop = format!("stop all and quit (SIGTERM, {grace}, SIGKILL)");
        let (text, detach) = match live {
            0 if o.wakes_at(look.now).is_some() || self.behind.later => (
                "No agent is working, but one waits to begin again.".to_owned(),
                "quit: it begins once orch-tui is open again",
            ),
            0 if self.behind.comments > 0 => {
                ("Leave what you wrote?".to_owned(), "quit without it")
            }
            0 => ("No agent is working any more.".to_owned(), "quit"),
            1 => (
                format!(
                    "1 agent is still working{}.",
                    if self.behind.working == 1 { ", in another target" } else { "" }
                ),
                "detach: it keeps running, orch-tui shows it again",
            ),
            n => (
                format!("{n} agents are still working{}.", self.others()),
                "detach: they keep running, orch-tui shows them again",
            ),
        };
        let mut choices = vec![("d", detach.to_owned())];
        if live > 0 {
            choices.push(("s", stop));
        }
        choices.push(("Esc / Enter", "stay".into()));
        let question = Question { text, names: self.unsent(), choices };
        draw_dialog(frame, "Quit", &question, look);
    }

    fn unsent(&self) -> Vec<String> {
        match self.behind.comments {
            0 => Vec::new(),
            n => vec![format!("{} in diffs not sent: R in the diff sends", counted(n, "comment"))],
        }
    }

    fn others(&self) -> String {
        match self.behind.working {
            0 => String::new(),
            n => format!(", {n} of them in other targets"),
        }
    }
}
