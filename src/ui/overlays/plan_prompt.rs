//! What the agent of a phase is told, in an editor.

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use tui_textarea::{TextArea, WrapMode};

use super::sheet::{PROSE, cut, draw_lines};
use crate::domain::command::{Command, PlanEdit};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::Plan;
use crate::domain::printable::is_hidden;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, PlanAction, Scope};
use crate::ui::line_keys;
use crate::ui::look::{ColourRole, Look};

/// The prompt of one phase. Until the world has told it there is nothing to edit.
#[derive(Clone, Debug)]
pub(super) struct PromptEditor {
    /// Whose.
    pub(super) phase: PhaseId,
    text: Option<TextArea<'static>>,
}

/// What is done with a prompt that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Go on editing.
    Edit,
    /// Close it, and do this.
    Close(Vec<Intent>),
}

impl PromptEditor {
    pub(super) fn new(phase: PhaseId) -> Self {
        Self { phase, text: None }
    }

    pub(super) fn key(&mut self, key: KeyEvent, plan: &Plan) -> Wish {
        self.fill(plan);
        match keys::find(Scope::Prompt, &key) {
            Some(Action::Back) => Wish::Close(self.kept(plan)),
            Some(Action::Plan(PlanAction::PromptReset)) => Wish::Close(vec![self.edit(None)]),
            Some(Action::Plan(PlanAction::PromptEditor)) => match self.content() {
                Some(text) => {
                    Wish::Close(vec![Intent::EditPrompt { phase: self.phase.clone(), text }])
                }
                None => Wish::Edit,
            },
            Some(Action::Text(action)) => {
                self.text.iter_mut().for_each(|text| line_keys::edit(text, action));
                Wish::Edit
            }
            Some(_) | None => {
                let hidden = matches!(key.code, KeyCode::Char(c) if c.is_control() || is_hidden(c));
                if let (Some(text), false) = (&mut self.text, hidden) {
                    text.input(key);
                }
                Wish::Edit
            }
        }
    }

    /// Puts text in at the cursor.
    pub(super) fn paste(&mut self, text: &str, plan: &Plan) {
        self.fill(plan);
        if let Some(area) = &mut self.text {
            area.insert_str(harmless(text));
        }
    }

    fn fill(&mut self, plan: &Plan) {
        if self.text.is_none() {
            self.text = plan.preview(&self.phase).map(|preview| area(preview.below_head()));
        }
    }

    fn content(&self) -> Option<String> {
        self.text.as_ref().map(|text| text.lines().join("\n"))
    }

    /// Keeps the text if it is another than before.
    fn kept(&self, plan: &Plan) -> Vec<Intent> {
        let before = plan.preview(&self.phase);
        let before = before.map(|preview| harmless(preview.below_head()));
        match self.content() {
            Some(text) if before.as_deref().map(str::trim_end) != Some(text.trim_end()) => {
                vec![self.edit(Some(text))]
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn edit(&self, prompt: Option<String>) -> Intent {
        Intent::Run(Command::EditPlan(PlanEdit::Prompt(self.phase.clone(), prompt)))
    }

    pub(super) fn draw(
        &self,
        frame: &mut Frame<'_>,
        body: Rect,
        (plan, o, look): (&Plan, &Orchestrator, &Look),
    ) {
        let (height, width) = (body.height.saturating_sub(1), body.width.min(PROSE));
        let text = Rect { height, width, ..body };
        match (&self.text, plan.preview(&self.phase)) {
            (Some(area), _) => frame.render_widget(area, text),
            (None, Some(preview)) => {
                frame.render_widget(&area(preview.below_head()), text);
            }
            (None, None) => {
                let wait = Line::raw("looking up what its agent would be told");
                draw_lines(frame, text, &[wait]);
            }
        }
        let foot = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
        let (said, role) = self.said(plan, o);
        let said = cut(&said, usize::from(body.width), look);
        draw_lines(frame, foot, &[Line::styled(said, look.style(role))]);
    }

    /// What stands around the text, or that it was written for what is no longer so.
    fn said(&self, plan: &Plan, o: &Orchestrator) -> (String, ColourRole) {
        if o.roadmap().is_some_and(|roadmap| plan.is_stale(&self.phase, roadmap)) {
            let reset = keys::label("prompt.reset");
            let said =
                format!("The phase changed since this was written: {reset} takes the new text.");
            return (said, ColourRole::Fail);
        }
        let failed = plan.preview(&self.phase).is_some_and(|preview| !preview.retry.is_empty());
        let more = if failed { "; what failed last time is added below" } else { "" };
        let said =
            format!("Above it stands who is told it, and the task{more}. Esc keeps the text.");
        (said, ColourRole::Muted)
    }
}

/// A text in an editor, its cursor at the top.
fn area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(harmless(text).split('\n').map(str::to_owned).collect());
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.set_cursor_line_style(Style::new());
    area.set_cursor_style(Style::new().add_modifier(Modifier::REVERSED));
    area
}

/// Text that a terminal can be given: the roadmap's section is in it word for word.
fn harmless(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || is_hidden(*c))).collect()
}
