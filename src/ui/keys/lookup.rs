//! Questions to the key table: what a key does, what to hint, what the README says.

use ratatui::crossterm::event::KeyEvent;
use unicode_width::UnicodeWidthStr;

use super::{Action, KeyRow, Scope, table};

/// What a key does in a scope.
pub fn find(scope: Scope, key: &KeyEvent) -> Option<Action> {
    let row = |scope: &Scope| {
        table().iter().find(|row| row.scope == *scope && row.chords.iter().any(|c| c.matches(key)))
    };
    scope.chain().iter().find_map(row).map(|row| row.action)
}

/// Hints for a scope, at most `width` columns: `Enter open  n goal  ? help`. The essential one is never cut;
/// the way to the help comes last.
pub fn hints(scope: Scope, width: u16) -> String {
    hints_where(scope, width, |_| true)
}

/// Hints for a scope as [`hints`] gives them, of the actions that do something now.
pub fn hints_where(scope: Scope, width: u16, works: impl Fn(Action) -> bool) -> String {
    let kept = essential_row(scope);
    let line = kept.map(hint).unwrap_or_default();
    let mut room = usize::from(width).saturating_sub(line.width());
    let mut seen: Vec<&str> = kept.iter().map(|row| row.name).collect();
    let mut hinted = Vec::new();
    for row in hinted_rows(scope) {
        if seen.contains(&row.name) || !works(row.action) {
            continue;
        }
        seen.push(row.name);
        let Some(left) = room.checked_sub(hint(row).width() + 2) else { break };
        room = left;
        hinted.push(hint(row));
    }
    match kept {
        Some(row) if row.action == Action::Help => hinted.push(line),
        Some(_) | None => hinted.insert(0, line),
    }
    hinted.join("  ")
}

/// The one hint of a scope that stays when there is no room for more: the way to the help, or out of TYPE.
pub fn essential(scope: Scope) -> String {
    essential_row(scope).map(hint).unwrap_or_default()
}

fn essential_row(scope: Scope) -> Option<&'static KeyRow> {
    let help = hinted_rows(scope).find(|row| row.action == Action::Help);
    help.or_else(|| hinted_rows(scope).next())
}

/// Rows of a scope and its wider ones that have a hint and whose key no narrower scope takes.
fn hinted_rows(scope: Scope) -> impl Iterator<Item = &'static KeyRow> {
    let heard = move |row: &&KeyRow| {
        let first = scope.chain().iter().flat_map(|scope| rows(*scope));
        let mut first = first.filter(|other| other.chords.contains(&row.chords[0]));
        first.next().map(|other| other.scope) == Some(row.scope)
    };
    let all = scope.chain().iter().flat_map(|scope| rows(*scope));
    all.filter(|row| !row.hint.is_empty()).filter(heard)
}

/// Hints of one kind of action, by the first part of its name, at most `width` columns: `i type  z zoom`.
pub fn hints_of(kind: &str, width: u16) -> String {
    let mut line = String::new();
    let mut seen: Vec<&str> = Vec::new();
    let of_kind = |row: &&KeyRow| row.name.split('.').next() == Some(kind) && !row.hint.is_empty();
    for row in table().iter().filter(of_kind) {
        let gap = if line.is_empty() { "" } else { "  " };
        let more = format!("{gap}{}", hint(row));
        if line.width() + more.width() > usize::from(width) {
            break;
        }
        if !seen.contains(&row.hint) {
            seen.push(row.hint);
            line.push_str(&more);
        }
    }
    line
}

/// The first key of an action, for sentences that name it.
pub fn label(name: &str) -> String {
    let row = table().iter().find(|row| row.name == name);
    row.map(|row| row.chords[0].label()).unwrap_or_default()
}

fn hint(row: &KeyRow) -> String {
    format!("{} {}", row.chords[0].label(), row.hint)
}

/// The rows of one scope, without its wider scopes.
pub fn rows(scope: Scope) -> impl Iterator<Item = &'static KeyRow> {
    table().iter().filter(move |row| row.scope == scope)
}

/// The whole table in Markdown.
pub fn markdown() -> String {
    let mut text = String::from("| Keys | Where | Does | Action |\n|---|---|---|---|\n");
    for row in table() {
        let keys: Vec<String> = row.chords.iter().map(|c| format!("`{}`", c.label())).collect();
        let keys = keys.join(" ").replace('|', "\\|");
        text.push_str(&format!(
            "| {keys} | {} | {} | `{}` |\n",
            row.scope.title(),
            row.help,
            row.name
        ));
    }
    text
}
