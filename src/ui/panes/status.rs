//! The last line: where keys go, agents by state, what was said last, keys. What is too long for it stands above it.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::agent::AgentState;
use crate::domain::orchestrator::Level;
use crate::ui::canvas::{Canvas, Piece};
use crate::ui::dashboard::Mode;
use crate::ui::draw::Scene;
use crate::ui::keys::{
    Action, AgentAction, Direction, Question, ReadAction, Reading, ReviewAction, Scope, Sheet,
    Shown, essential, hints_where,
};
use crate::ui::look::{ColourRole, Look};
use crate::ui::reading::{Reader, Search, Seen};
use crate::ui::text::{clean, columns, cut, fit, wrap};

/// Rows that a long sentence may take above the line.
const MOST_ROWS: u16 = 4;

/// Draws the status bar. Gives the place of the cursor in a text that is typed there.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) -> Option<(u16, u16)> {
    let area = scene.at.status;
    if area.is_empty() {
        return None;
    }
    let look = canvas.look;
    let (left, cursor) = left(scene, look);
    canvas.line(area, &left);
    let room = room(area, &left);
    let right = Rect { x: area.x, width: area.width.saturating_sub(1), ..area };
    let scope = scene.d.scope(scene.o);
    match said(scene, look).filter(|(text, _)| fits(text, room, scope)) {
        Some((text, style)) => {
            let help = (format!("  {}", essential(scope)), Style::new());
            canvas.line_right(right, &[(text, style), help]);
        }
        None => {
            let selects = reader(scene).is_some_and(|(reader, _)| reader.mark.is_some());
            let hinted = |action: Action| match selects {
                true => !begins(action),
                false => works(action, scene),
            };
            let hints = hints_where(scope, u16::try_from(room).unwrap_or(u16::MAX), hinted);
            canvas.line_right(right, &[(hints, look.style(ColourRole::Plain))]);
        }
    }
    cursor.map(|x| (x.min(area.width.saturating_sub(1)), area.y))
}

/// Draws what was said last over what stands above the status bar, where it is too long for one line: nobody acts on
/// half a sentence.
pub fn draw_long(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let (bar, look) = (scene.at.status, canvas.look);
    let Some((text, style)) = said(scene, look).filter(|_| !bar.is_empty()) else { return };
    if fits(&text, room(bar, &left(scene, look).0), scene.d.scope(scene.o)) {
        return;
    }
    let width = usize::from(bar.width);
    let mut lines = wrap(&text, width.saturating_sub(2));
    let most = usize::from(MOST_ROWS);
    if let Some(rest) = lines.get(most - 1..).filter(|_| lines.len() > most) {
        let last = rest.join(" ");
        lines.truncate(most - 1);
        lines.push(last);
    }
    let rows = u16::try_from(lines.len()).unwrap_or(MOST_ROWS).min(bar.y);
    for (y, line) in (bar.y - rows..bar.y).zip(lines) {
        let line = cut(&line, width.saturating_sub(2), look.glyphs);
        let line = fit(&format!(" {line}"), width, look.glyphs);
        canvas.put((bar.x, y), bar.width, &line, style);
    }
}

/// The place, and what is searched for or agents by state; and the column of the cursor in a search that is typed.
fn left(scene: &Scene<'_>, look: &Look) -> (Vec<Piece>, Option<u16>) {
    let bold = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
    let mut left: Vec<Piece> =
        vec![(" ".into(), Style::new()), (place(scene).into(), bold), ("  ".into(), Style::new())];
    let reader = reader(scene);
    let mut cursor = None;
    let before = left.len();
    if let Some(search) = reader.and_then(|(reader, _)| reader.search.as_ref()) {
        left.push((sought(search), Style::new().add_modifier(Modifier::BOLD)));
        let end: usize = left.iter().map(|(text, _)| columns(text)).sum();
        let typed = reader.filter(|(reader, _)| reader.is_searching());
        cursor = typed.map(|_| u16::try_from(end).unwrap_or(u16::MAX));
    }
    left.extend(reader.and_then(|reader| begun(reader, look)));
    if left.len() == before {
        left.extend(counts(scene, look));
    }
    (left, cursor)
}

/// Columns that the left end leaves.
fn room(bar: Rect, left: &[Piece]) -> usize {
    let used: usize = left.iter().map(|(text, _)| columns(text)).sum();
    usize::from(bar.width).saturating_sub(used + 1)
}

/// What was said last, and how it looks.
fn said(scene: &Scene<'_>, look: &Look) -> Option<Piece> {
    let said = scene.d.toast(scene.o, look.now)?;
    let (sign, role) = match said.level {
        Level::Info => ("", ColourRole::Accent),
        Level::Error => ("! ", ColourRole::Fail),
    };
    Some((format!("{sign}{}", said.text), look.style(role)))
}

/// Whether a sentence fits beside the way to the help.
fn fits(text: &str, room: usize, scope: Scope) -> bool {
    columns(&clean(text)) + 2 + columns(&essential(scope)) <= room
}

/// Where keys go: the screen over the dashboard, or the mode.
fn place(scene: &Scene<'_>) -> &'static str {
    match scene.d.scope(scene.o) {
        Scope::Plan | Scope::Page => "PLAN",
        Scope::Prompt => "PROMPT",
        Scope::Help => "HELP",
        Scope::Ask(Question::Stop) => "STOP",
        Scope::Ask(Question::Restart) => "RESTART",
        Scope::Ask(Question::Init) => "STARTER",
        Scope::Ask(Question::Quit) => "QUIT",
        Scope::Ask(Question::Words | Question::Send) => "SEND",
        Scope::Ask(Question::Merge) => "MERGE",
        Scope::Ask(Question::Discard) => "DISCARD",
        Scope::Ask(Question::Errand) => "ON DEMAND",
        Scope::Reading(Reading::Changes) => "REVIEW",
        Scope::Reading(Reading::Comment) => "COMMENT",
        Scope::Grid => "GRID",
        Scope::Reading(Reading::Hits) => "SEARCH",
        Scope::Reading(Reading::Report) => "REPORT",
        Scope::Reading(Reading::Lines | Reading::Needle) => Mode::Scroll.word(),
        Scope::Sheet(Sheet::Events) => "EVENTS",
        Scope::Sheet(Sheet::Phase) => "PHASE",
        Scope::Sheet(Sheet::Health) => "HEALTH",
        Scope::Sheet(Sheet::Graph) => "GRAPH",
        Scope::Sheet(Sheet::Document) => "DOCUMENT",
        Scope::Sheet(Sheet::Targets) => "TARGETS",
        Scope::Sheet(Sheet::Proposals) => "PROPOSALS",
        Scope::Browse | Scope::List | Scope::Roadmap | Scope::Streams => Mode::Browse.word(),
        Scope::Agent | Scope::Welcome => Mode::Browse.word(),
        Scope::Goal => Mode::Goal.word(),
        Scope::Filter => Mode::Filter.word(),
        Scope::Type => Mode::Type.word(),
    }
}

/// The reader whose keys these are.
fn reader<'a>(scene: &Scene<'a>) -> Option<(&'a Reader, &'a Seen)> {
    let reads = matches!(scene.d.scope(scene.o), Scope::Reading(Reading::Lines | Reading::Needle));
    let agent = scene.d.agent_in_view(scene.o).filter(|_| reads)?;
    scene.d.reader(agent.me())
}

/// What is searched for.
fn sought(search: &Search) -> String {
    let sign = match search.way {
        Direction::On => '/',
        Direction::Back => '?',
    };
    format!("{sign}{}", search.needle)
}

/// Which match this is, what is selected, the number before a motion.
fn begun((reader, seen): (&Reader, &Seen), look: &Look) -> Option<Piece> {
    let search = reader.search.as_ref().filter(|search| !search.needle.is_empty());
    let matches = search.map(|search| match search.found.is_empty() && !seen.back.reaches(0) {
        true => "searching".to_owned(),
        false => search.count(reader.at),
    });
    let number = reader.count.map(|count| count.to_string());
    let all: Vec<String> = [matches, reader.selected(seen), number].into_iter().flatten().collect();
    let gap = if reader.search.is_some() { "  " } else { "" };
    (!all.is_empty()).then(|| (format!("{gap}{} ", all.join("  ")), look.style(ColourRole::Accent)))
}

/// Whether an action begins what comes before one has selected something.
fn begins(action: Action) -> bool {
    matches!(action, Action::Read(ReadAction::Search(_) | ReadAction::Select(_)))
}

/// Whether an action does something now; without agents there is nothing to stop, restart, type to or hold.
fn works(action: Action, scene: &Scene<'_>) -> bool {
    if let Action::Agent(action) = action {
        if let Some(overlay) = scene.d.overlay(scene.o) {
            return overlay.works(action, scene.o);
        }
        // The row of an agent that left a document says what the key shows.
        let diff = action != AgentAction::Review(ReviewAction::Look)
            || scene.d.meant(scene.o).iter().any(|agent| agent.document.is_none());
        return diff && scene.d.works(action, scene.o);
    }
    let of_agents = [Action::Hold, Action::Show(Shown::Grid), Action::Read(ReadAction::Enter)]
        .contains(&action);
    !of_agents || !scene.o.has_no_agents()
}

/// Agents by state, those that need a person first.
fn counts(scene: &Scene<'_>, look: &Look) -> Vec<Piece> {
    let mut counts: BTreeMap<AgentState, usize> = BTreeMap::new();
    for agent in scene.o.run().everyone() {
        *counts.entry(scene.o.state_of(agent, look.now)).or_default() += 1;
    }
    let mut pieces = Vec::new();
    for (state, count) in counts {
        let (glyph, _, role) = look.state(state);
        pieces.push((format!("{glyph}{count}"), look.style(role)));
        pieces.push((" ".into(), Style::new()));
    }
    pieces
}
