//! All keys, from the key table alone: those of the place the person came from first.

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Answer;
use super::sheet::{Scroll, centred, draw_lines, fit, sheet};
use crate::domain::printable::Printable;
use crate::ui::keys::{self, Action, KeyRow, Scope};
use crate::ui::look::{ColourRole, Look};

/// Width of the overlay where the screen is large enough.
const WIDTH: u16 = 100;

/// Columns of the keys.
const KEYS: usize = 16;

/// The help overlay.
#[derive(Clone, Debug)]
pub struct HelpSheet {
    from: Scope,
    filter: String,
    searches: bool,
    scroll: Scroll,
}

impl HelpSheet {
    pub(super) fn new(from: Scope) -> Self {
        Self { from, filter: String::new(), searches: false, scroll: Scroll::default() }
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Answer {
        let typed = match key.code {
            KeyCode::Char(c)
                if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                Some(c)
            }
            _ => None,
        };
        match (typed, keys::find(Scope::Help, &key)) {
            (Some(c), _) if self.searches => self.refine(|filter| filter.push(c)),
            (_, Some(Action::Go(step))) => self.scroll.go(step),
            (_, Some(Action::Back)) if self.searches => {
                self.searches = false;
                self.refine(String::clear);
            }
            (_, Some(Action::Back)) => return Answer::Close,
            (Some('/'), _) => self.searches = true,
            (Some(c), _) => {
                self.searches = true;
                self.refine(|filter| filter.push(c));
            }
            (None, _) if key.code == KeyCode::Backspace => self.refine(|filter| {
                filter.pop();
            }),
            (None, _) if key.code == KeyCode::F(1) => return Answer::Close,
            (None, Some(_) | None) => {}
        }
        Answer::Stay
    }

    /// Searches for something else, from the top.
    fn refine(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.filter);
        self.scroll = Scroll::default();
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, look: &Look) {
        let screen = frame.area();
        let area = centred(screen, WIDTH, screen.height.saturating_sub(2).max(6));
        let body = sheet(frame, area, ("Help", Some(Scope::Help)), look);
        let width = usize::from(body.width);
        let lines = self.lines(width, look);
        let list = Rect { height: body.height.saturating_sub(1), ..body };
        let top = self.scroll.settle(lines.len(), usize::from(list.height));
        draw_lines(frame, list, lines.get(top..).unwrap_or_default());
        let line = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        let (text, role) = if self.searches {
            let found: usize = self.shown().iter().map(|(_, rows)| rows.len()).sum();
            let keys = if found == 1 { "key" } else { "keys" };
            let text = format!("Search: {}_   {found} {keys}", Printable::new(&self.filter));
            (text, ColourRole::Accent)
        } else {
            let more = match self.scroll.below() {
                0 => String::new(),
                n => format!("   {n} more lines below"),
            };
            (format!("/ or a letter searches, Esc closes.{more}"), ColourRole::Muted)
        };
        let foot = Line::styled(fit(&text, width, look), look.style(role));
        draw_lines(frame, line, &[foot]);
    }

    /// Scopes in the order they are shown: here, what holds here too, the others.
    fn scopes(&self) -> Vec<Scope> {
        let mut scopes = self.from.chain().to_vec();
        for row in keys::table() {
            if !scopes.contains(&row.scope) {
                scopes.push(row.scope);
            }
        }
        scopes
    }

    fn shows(&self, row: &KeyRow) -> bool {
        let hay = format!("{} {} {} {}", row.keys(), row.help, row.name, row.scope.title())
            .to_lowercase();
        self.filter.to_lowercase().split_whitespace().all(|word| hay.contains(word))
    }

    /// The rows of each scope that are shown. What holds in a narrower scope and in its wider one is told once.
    fn shown(&self) -> Vec<(Scope, Vec<&'static KeyRow>)> {
        let mut all: Vec<(Scope, Vec<&KeyRow>)> = Vec::new();
        for scope in self.scopes() {
            let known = |row: &&KeyRow| {
                all.iter().flat_map(|(_, rows)| rows).any(|other| tells(other, row))
            };
            let rows = keys::rows(scope).filter(|row| self.shows(row) && !known(row)).collect();
            all.push((scope, rows));
        }
        all.retain(|(_, rows)| !rows.is_empty());
        all
    }

    fn lines(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for (scope, rows) in self.shown() {
            let here = if scope == self.from { "Here: " } else { "" };
            let style = look.style(ColourRole::Accent).add_modifier(Modifier::BOLD);
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(format!("{here}{}", scope.title()), style));
            lines.extend(rows.into_iter().map(|row| row_line(row, width, look)));
        }
        if lines.is_empty() {
            lines.push(Line::raw("No key does that. Backspace, or Esc for all keys."));
        }
        lines
    }
}

/// Whether the first row tells all that the second does, in a place that holds where the second does or the other way.
fn tells(first: &KeyRow, second: &KeyRow) -> bool {
    let related =
        first.scope.chain().contains(&second.scope) || second.scope.chain().contains(&first.scope);
    let same = first.name == second.name && first.help == second.help;
    related && same && second.chords.iter().all(|chord| first.chords.contains(chord))
}

fn row_line(row: &KeyRow, width: usize, look: &Look) -> Line<'static> {
    let keys = Span::styled(
        fit(&row.keys(), KEYS, look),
        look.style(ColourRole::Plain).add_modifier(Modifier::BOLD),
    );
    // Where both don't fit, what a key does is worth more than its action's name.
    let name_room = if width >= 90 { 18 } else { 0 };
    let room = width.saturating_sub(KEYS + 4 + name_room);
    let help = Span::raw(format!("  {}  ", fit(row.help, room, look)));
    let name = Span::styled(fit(row.name, name_room, look), look.style(ColourRole::Muted));
    Line::from(vec![keys, help, name])
}
