//! What happened: the journal in sentences, newest last.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Answer;
use super::sheet::{Scroll, draw_lines, fit, sheet, whole};
use crate::domain::agent::{AgentState, Outcome};
use crate::domain::branch::BranchFact;
use crate::domain::journal::{Entry, Fact};
use crate::domain::journal_text::{about, sentence};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::keys::{self, Action, Scope, Sheet, Step};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap::wrap;

/// Columns of the subject.
const SUBJECT: usize = 10;

/// The events overlay.
#[derive(Clone, Debug)]
pub struct EventList {
    scroll: Scroll,
    follows: bool,
}

impl Default for EventList {
    fn default() -> Self {
        Self { scroll: Scroll::default(), follows: true }
    }
}

impl EventList {
    pub(super) fn key(&mut self, key: KeyEvent) -> Answer {
        match keys::find(Scope::Sheet(Sheet::Events), &key) {
            Some(Action::Go(step)) => {
                self.scroll.go(step);
                self.follows = self.scroll.below() == 0;
                Answer::Stay
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let area = whole(frame.area());
        let title = if self.follows { "Events  follow" } else { "Events" };
        let body = sheet(frame, area, (title, Some(Scope::Sheet(Sheet::Events))), look);
        let width = usize::from(body.width);
        let lines = lines(o, width, look);
        let list = Rect { height: body.height.saturating_sub(1), ..body };
        self.scroll.settle(lines.len(), usize::from(list.height));
        if self.follows {
            self.scroll.go(Step::Bottom);
        }
        draw_lines(frame, list, lines.get(self.scroll.top()..).unwrap_or_default());
        let foot = match self.scroll.below() {
            0 => String::new(),
            1 => "1 line below, G shows the newest".into(),
            n => format!("{n} lines below, G shows the newest"),
        };
        let line = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        let foot = Line::styled(fit(&foot, width, look), look.style(ColourRole::Muted));
        draw_lines(frame, line, &[foot]);
    }
}

fn lines(o: &Orchestrator, width: usize, look: &Look) -> Vec<Line<'static>> {
    let log = &o.run().log;
    if log.is_empty() {
        return vec![Line::raw("Nothing has happened yet.")];
    }
    let offset = o.setup().utc_offset;
    log.iter().flat_map(|entry| entry_lines(entry, (width, offset), look)).collect()
}

fn entry_lines(entry: &Entry, (width, offset): (usize, i32), look: &Look) -> Vec<Line<'static>> {
    let muted = look.style(ColourRole::Muted);
    let (glyph, role) = mark(&entry.fact, look);
    let spans = [
        Span::styled(format!("{}  ", clock(entry.at, offset)), muted),
        Span::styled(glyph, look.style(role)),
        Span::raw(format!(" {}  ", fit(&about(&entry.fact), SUBJECT, look))),
        Span::raw(sentence(&entry.fact)),
    ];
    wrap(&spans, width, 8 + 2 + 1 + 1 + SUBJECT + 2)
}

/// `HH:MM:SS` of a moment at an offset from UTC in seconds.
pub(super) fn clock(at: Timestamp, utc_offset: i32) -> String {
    let seconds = i64::try_from(at.0 / 1000).unwrap_or(0).saturating_add(i64::from(utc_offset));
    let seconds = seconds.rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Glyph and colour of an event.
fn mark(fact: &Fact, look: &Look) -> (&'static str, ColourRole) {
    let of_state = |state: AgentState| {
        let (glyph, _, role) = look.state(state);
        (glyph, role)
    };
    match fact {
        Fact::AgentSpawned(_) => of_state(AgentState::Pending),
        Fact::SpawningAgent { .. } => of_state(AgentState::Starting),
        Fact::AgentRunning { .. } => of_state(AgentState::Running),
        Fact::AgentCompleted { .. } => of_state(AgentState::Succeeded),
        Fact::Stopping { .. } => of_state(AgentState::Stopping),
        Fact::SpawnFailed { .. } | Fact::ClaimLost { .. } => of_state(AgentState::Failed),
        Fact::AgentFailed { outcome, .. } => of_state(Outcome::state(outcome)),
        Fact::GateJudged { receipt, .. } if receipt.passed() => of_state(AgentState::Verifying),
        Fact::GateJudged { .. } => of_state(AgentState::Failed),
        Fact::VerificationComplete { failed, .. } if failed.is_empty() => {
            of_state(AgentState::Verifying)
        }
        Fact::VerificationComplete { .. } => of_state(AgentState::Failed),
        Fact::Branch(fact) => of_branch(fact, look),
        Fact::PlanApproved(_)
        | Fact::ClaimWon { .. }
        | Fact::WorkspaceReady { .. }
        | Fact::RestartAsked { .. }
        | Fact::Stopped { .. }
        | Fact::Released { .. }
        | Fact::RoadmapEdited(_)
        | Fact::Queue(_)
        | Fact::PlanFinished { .. } => ("-", ColourRole::Muted),
    }
}

fn of_branch(fact: &BranchFact, look: &Look) -> (&'static str, ColourRole) {
    let state = match fact {
        BranchFact::ReviewAsked { .. } => AgentState::Review,
        BranchFact::MergeProven { failed, .. } if !failed.is_empty() => AgentState::Failed,
        BranchFact::MergeAsked { .. }
        | BranchFact::MergePrepared { .. }
        | BranchFact::MergeProven { .. } => AgentState::Merging,
        BranchFact::MergeLanded { .. } => AgentState::Succeeded,
        BranchFact::SentBack { .. }
        | BranchFact::WorkspaceLeft { .. }
        | BranchFact::WorkspaceGone { .. } => return ("-", ColourRole::Muted),
    };
    let (glyph, _, role) = look.state(state);
    (glyph, role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_follow_the_offset() {
        let late = Timestamp(1_795_388_400_000);
        assert_eq!(clock(late, 0), "23:00:00");
        assert_eq!(clock(late, 5_400), "00:30:00");
        assert_eq!(clock(Timestamp(0), -60), "23:59:00");
    }
}
