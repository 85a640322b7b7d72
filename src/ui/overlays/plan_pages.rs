//! What lies over the plan's table: the dry run, an agent's environment, the targets, and the prompt in an editor.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::plan_prompt::PromptEditor;
use super::sheet::{Scroll, cut, draw_lines};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::Plan;
use crate::domain::printable::Printable;
use crate::ui::keys::{self, Action, Scope};
use crate::ui::look::{ColourRole, Glyphs, Look};
use crate::ui::markdown::wrap::wrap;

/// A page over the plan's table.
#[derive(Clone, Debug)]
pub(super) enum Page {
    /// What starting would do.
    DryRun(Scroll),
    /// The variables the agent of a phase gets.
    Environment(PhaseId, Scroll),
    /// What is not offered, and why.
    Refused(Scroll),
    /// What the agent of a phase is told.
    Prompt(Box<PromptEditor>),
}

/// What becomes of a page after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It stays.
    Stay,
    /// It closes.
    Close,
}

impl Page {
    /// Where its keys stand in the key table.
    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::DryRun(_) | Self::Environment(..) => Scope::Page,
            Self::Refused(_) => Scope::Page,
            Self::Prompt(_) => Scope::Prompt,
        }
    }

    /// Its title.
    pub(super) fn title(&self) -> String {
        match self {
            Self::DryRun(_) => "Dry run: nothing starts, nothing is written".to_owned(),
            Self::Environment(phase, _) => format!("Environment of the agent of {phase}"),
            Self::Refused(_) => "Not offered, and why".to_owned(),
            Self::Prompt(editor) => format!("Prompt of {}", editor.phase),
        }
    }

    /// A key for a page that is only read.
    pub(super) fn key(&mut self, key: &KeyEvent) -> Turn {
        let scroll = match self {
            Self::DryRun(scroll) | Self::Environment(_, scroll) => scroll,
            Self::Refused(scroll) => scroll,
            Self::Prompt(_) => return Turn::Stay,
        };
        match keys::find(Scope::Page, key) {
            Some(Action::Go(step)) => scroll.go(step),
            Some(Action::Back) => return Turn::Close,
            Some(_) | None => {}
        }
        Turn::Stay
    }

    /// Draws it into the sheet.
    pub(super) fn draw(
        &self,
        frame: &mut Frame<'_>,
        body: Rect,
        scene: (&Plan, &Orchestrator, &Look),
    ) {
        let (plan, o, look) = scene;
        let (scroll, texts) = match self {
            Self::DryRun(scroll) => (scroll, dry_run(plan, o)),
            Self::Environment(phase, scroll) => (scroll, environment(plan, phase)),
            Self::Refused(scroll) => (scroll, refused(plan, o)),
            Self::Prompt(editor) => {
                editor.draw(frame, body, scene);
                return;
            }
        };
        let width = usize::from(body.width);
        let lines: Vec<Line<'static>> =
            texts.iter().flat_map(|text| shown(text, width, look)).collect();
        let page = usize::from(body.height).saturating_sub(1);
        let top = scroll.settle(lines.len(), page);
        let text = Rect { height: body.height.saturating_sub(1), ..body };
        draw_lines(frame, text, lines.get(top..).unwrap_or_default());
        let foot = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
        let below = match scroll.below() {
            0 => "Esc goes back to the plan".to_owned(),
            below => format!("Esc goes back to the plan; {below} lines below"),
        };
        let below = Line::styled(cut(&below, width, look), look.style(ColourRole::Muted));
        draw_lines(frame, foot, &[below]);
    }
}

/// A text in as many lines as it takes, in what this look can draw.
fn shown(text: &str, width: usize, look: &Look) -> Vec<Line<'static>> {
    let text = drawable(Printable::new(text).as_str(), look);
    let indent = text.len() - text.trim_start().len();
    let role = if indent == 0 { ColourRole::Accent } else { ColourRole::Plain };
    let blank = " ".repeat(indent);
    let styled = Span::styled(text.trim_start().to_owned(), look.style(role));
    let lines =
        wrap(&[styled], width.saturating_sub(indent).max(10), if indent == 0 { 0 } else { 11 });
    lines
        .into_iter()
        .map(|mut line| {
            line.spans.insert(0, Span::raw(blank.clone()));
            line
        })
        .collect()
}

/// Text without what plain ASCII can't say.
fn drawable(text: &str, look: &Look) -> String {
    match look.glyphs {
        Glyphs::Unicode => text.to_owned(),
        Glyphs::Ascii => text.chars().filter(char::is_ascii).collect(),
    }
}

/// What starting would do, an agent after the other.
fn dry_run(plan: &Plan, o: &Orchestrator) -> Vec<String> {
    let phases = plan.approved().phases;
    if phases.is_empty() {
        return vec!["Nothing is ticked: nothing would start.".to_owned()];
    }
    let mut lines = Vec::new();
    for phase in &phases {
        let Some(preview) = plan.preview(phase) else {
            lines.push(format!("{phase}: looking up what would happen"));
            continue;
        };
        let name = o.roadmap().and_then(|roadmap| roadmap.phase(phase));
        let name = name.map(|phase| phase.name.as_str()).unwrap_or_default();
        lines.extend(preview.lines(name, &o.claim_edits(phase)));
    }
    lines
}

/// Names that stand for secrets: that they are set is all that is shown.
const SECRET: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"];

/// The variables of one agent.
fn environment(plan: &Plan, phase: &PhaseId) -> Vec<String> {
    let Some(preview) = plan.preview(phase) else {
        return vec!["looking up what its agent would get".to_owned()];
    };
    if let Some(problem) = &preview.problem {
        return vec![problem.to_string()];
    }
    let secret = |name: &str| SECRET.iter().any(|word| name.contains(word));
    let line = |(name, value): (&String, &String)| match secret(name) {
        true => format!(" {name} is set, and not shown"),
        false => format!(" {name}={value}"),
    };
    let count = preview.env.len();
    let head = format!("{count} variables; no other of yours is passed on");
    std::iter::once(head).chain(preview.env.iter().map(line)).collect()
}

/// What is not offered, each with its whole reason.
fn refused(plan: &Plan, o: &Orchestrator) -> Vec<String> {
    let refused = &plan.interpretation.not_offered;
    if refused.is_empty() {
        return vec!["Everything the goal means is offered.".to_owned()];
    }
    let name = |id: &PhaseId| o.roadmap().and_then(|roadmap| roadmap.phase(id));
    let lines = refused.iter().flat_map(|one| {
        let name = name(&one.id).map(|phase| format!(" {}", phase.name)).unwrap_or_default();
        [format!("{}{name}", one.id), format!(" {}", one.reason)]
    });
    lines.collect()
}
