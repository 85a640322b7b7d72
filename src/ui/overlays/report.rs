//! What the last plan came to, as its report tells it.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::Answer;
use super::sheet::{PROSE, Scroll, draw_lines, sheet, whole};
use crate::domain::orchestrator::Orchestrator;
use crate::ui::keys::{self, Action, Reading, Scope};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown;

const SCOPE: Scope = Scope::Reading(Reading::Report);

/// The report overlay.
#[derive(Clone, Debug, Default)]
pub struct ReportSheet {
    scroll: Scroll,
}

impl ReportSheet {
    pub(super) fn key(&mut self, key: KeyEvent) -> Answer {
        match keys::find(SCOPE, &key) {
            Some(Action::Go(step)) => {
                self.scroll.go(step);
                Answer::Stay
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let body = sheet(frame, whole(frame.area()), ("Report", Some(SCOPE)), look);
        let list = Rect { height: body.height.saturating_sub(1), ..body };
        let lines = lines(o, list.width.min(PROSE), look);
        let top = self.scroll.settle(lines.len(), usize::from(list.height));
        draw_lines(frame, list, lines.get(top..).unwrap_or_default());
        let more = match self.scroll.below() {
            0 => String::new(),
            1 => "1 more line below".to_owned(),
            n => format!("{n} more lines below"),
        };
        let line = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        draw_lines(frame, line, &[Line::styled(more, look.style(ColourRole::Muted))]);
    }
}

fn lines(o: &Orchestrator, width: u16, look: &Look) -> Vec<Line<'static>> {
    // What runs is told as of the last decision.
    let now = o.run().log.back().map(|entry| entry.at).unwrap_or_default();
    match o.report(now) {
        Some(text) => markdown::render(&text, width, look),
        None => vec![Line::raw("No plan was approved yet: n types a goal.")],
    }
}
