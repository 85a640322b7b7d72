//! What the last plan came to, as its report tells it, and documents that agents left.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Answer;
use super::sheet::{PROSE, Scroll, draw_lines, sheet, whole};
use crate::domain::command::{Command, ErrandWish};
use crate::domain::errand::Errand;
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::Printable;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Reading, Scope, Sheet, Shown, label};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown;

/// The report overlay.
#[derive(Clone, Debug)]
pub struct ReportSheet {
    scroll: Scroll,
    subject: Subject,
    /// What an agent left, if one is waited for: its text once it was read, or why there is none.
    left: Option<(AgentRef, Option<Result<String, Printable>>)>,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// The report of the last plan, below what an agent wrote of it.
    Plan,
    /// What an agent left.
    Document,
}

impl ReportSheet {
    /// The report of the last plan.
    pub(super) fn of_the_plan(o: &Orchestrator) -> Self {
        let left = o.summary().map(|agent| (agent.me().clone(), None));
        Self { scroll: Scroll::default(), subject: Subject::Plan, left }
    }

    /// What an agent left.
    pub(super) fn left_by(agent: AgentRef) -> Self {
        Self { scroll: Scroll::default(), subject: Subject::Document, left: Some((agent, None)) }
    }

    pub(super) fn scope(&self) -> Scope {
        match self.subject {
            Subject::Plan => Scope::Reading(Reading::Report),
            Subject::Document => Scope::Sheet(Sheet::Document),
        }
    }

    /// What an agent left was read.
    pub(super) fn opened(&mut self, agent: &AgentRef, outcome: &Result<String, Printable>) {
        if let Some((waited, text)) = &mut self.left
            && waited == agent
        {
            *text = Some(outcome.clone());
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        match keys::find(self.scope(), &key) {
            Some(Action::Go(step)) => {
                self.scroll.go(step);
                Answer::Stay
            }
            Some(Action::Show(Shown::Summary)) => self.sum_up(o),
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    /// Shows what an agent wrote of the plan; where none did, asks whether one shall.
    fn sum_up(&mut self, o: &Orchestrator) -> Answer {
        let Some(agent) = o.summary() else { return Answer::Errand(Errand::Summary) };
        self.left = Some((agent.me().clone(), None));
        self.scroll = Scroll::default();
        let open = Command::Errand(ErrandWish::Open(agent.me().id.clone()));
        Answer::Do(vec![Intent::Run(open)])
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let title = match (&self.subject, &self.left) {
            (Subject::Document, Some((agent, _))) => {
                let about = o.agent(&agent.id).map(|agent| o.about(agent)).unwrap_or_default();
                Printable::new(&format!("{}  {about}", agent.id)).to_string()
            }
            (Subject::Document, None) | (Subject::Plan, _) => "Report".to_owned(),
        };
        let body = sheet(frame, whole(frame.area()), (&title, Some(self.scope())), look);
        let list = Rect { height: body.height.saturating_sub(1), ..body };
        let lines = self.lines(o, list.width.min(PROSE), look);
        let top = self.scroll.settle(lines.len(), usize::from(list.height));
        draw_lines(frame, list, lines.get(top..).unwrap_or_default());
        let line = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        draw_lines(frame, line, &[Line::styled(self.foot(o), look.style(ColourRole::Muted))]);
    }

    /// How much is below, and who writes a summary.
    fn foot(&self, o: &Orchestrator) -> String {
        let below = match self.scroll.below() {
            0 => String::new(),
            1 => "1 more line below".to_owned(),
            n => format!("{n} more lines below"),
        };
        let news = match (self.subject, o.summing_up(), o.summary(), &self.left) {
            (Subject::Document, ..) => String::new(),
            (Subject::Plan, Some(agent), ..) => format!("{} sums it up", agent.me().id),
            (Subject::Plan, None, Some(agent), None) => {
                format!(
                    "{} has summed it up: {} shows that",
                    agent.me().id,
                    label("report.summary")
                )
            }
            (Subject::Plan, None, ..) => String::new(),
        };
        [below, news].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
    }

    fn lines(&self, o: &Orchestrator, width: u16, look: &Look) -> Vec<Line<'static>> {
        let mut lines = match &self.left {
            Some((_, Some(Ok(text)))) => markdown::render(text, width, look),
            Some((_, Some(Err(why)))) => vec![Line::raw(why.to_string())],
            Some((_, None)) => vec![Line::styled("being read", look.style(ColourRole::Muted))],
            None => Vec::new(),
        };
        if self.subject == Subject::Plan {
            if !lines.is_empty() {
                lines.push(Line::raw(""));
            }
            lines.extend(report(o, width, look));
        }
        lines
    }
}

fn report(o: &Orchestrator, width: u16, look: &Look) -> Vec<Line<'static>> {
    // What runs is told as of the last decision.
    let now = o.run().log.back().map(|entry| entry.at).unwrap_or_default();
    match o.report(now) {
        Some(text) => markdown::render(&text, width, look),
        None => vec![Line::raw("No plan was approved yet: n types a goal.")],
    }
}
