//! How the health screen is drawn: the list, what would mend the finding under the cursor, and what was asked.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::health::{HealthSheet, KINDS, Listed, listed, words};
use super::sheet::{cut, draw_lines, fit, outside, sheet, whole};
use crate::domain::health::Risk;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::roadmap::FileLine;
use crate::domain::roadmap::diff::Hunk;
use crate::domain::roadmap::finding::Severity;
use crate::ui::keys::{Scope, Sheet};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap::wrap;

/// Fewer lines of the file around a finding are not shown, nor more.
const LEAST_LINES: usize = 3;
const MOST_LINES: usize = 24;

/// Most columns of an id.
const LONGEST_ID: usize = 8;

impl HealthSheet {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let area = whole(frame.area());
        let rows = listed(o);
        let file = o.target().roadmap.file_name().unwrap_or_default().to_string_lossy();
        let count = match rows.len() {
            1 => "1 finding".into(),
            n => format!("{n} findings"),
        };
        let title = Printable::new(&format!("Health  {file}  {count}"));
        let body = sheet(frame, area, (title.as_str(), Some(Scope::Sheet(Sheet::Health))), look);
        let width = usize::from(body.width);
        let at = self.selected(rows.len());
        let (mut lines, current) = list(&rows, at, width, look);
        if o.roadmap().is_none() {
            let problem =
                o.view().problem.as_ref().map_or("There is no roadmap.", Printable::as_str);
            lines = wrap(&[Span::raw(problem.to_owned())], width, 0);
        }
        let detail = self.detail(rows.get(at).copied(), o, (width, look));
        let most = usize::from(body.height.saturating_sub(2) / 2);
        let below = u16::try_from(detail.len().min(most)).unwrap_or(0);
        let longest = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        // What is said of a finding stands right below a list that is shorter than its place.
        let list_height = body.height.saturating_sub(below + 2).min(longest);
        let list = Rect { height: list_height, ..body };
        self.scroll.settle(lines.len(), usize::from(list.height));
        self.scroll.reveal(current);
        self.scroll.reveal(if at == 0 { 0 } else { current });
        draw_lines(frame, list, lines.get(self.scroll.top()..).unwrap_or_default());
        let rule = Rect { y: list.bottom(), height: body.height.min(1), ..body };
        draw_lines(frame, rule, &[self.rule(width, look)]);
        let under = Rect { y: rule.bottom(), height: below, ..body };
        draw_lines(frame, under, &detail);
        let spare = Rect { y: under.bottom(), height: body.bottom() - under.bottom(), ..body };
        let row = rows.get(at).copied().filter(|_| self.asked.is_none());
        excerpt(frame, spare, (row, o), look);
        let foot = Rect { y: body.bottom().saturating_sub(1), height: 1, ..body };
        draw_lines(frame, foot.intersection(body), &[self.foot(o, (width, look))]);
    }

    /// The line below the list; it tells how much of the list is hidden.
    fn rule(&self, width: usize, look: &Look) -> Line<'static> {
        let dash = look.pick("─", "-");
        let hidden = outside(self.scroll.top(), self.scroll.below());
        let hidden = if hidden.is_empty() { hidden } else { format!(" {hidden} ") };
        let hidden = cut(&hidden, width.saturating_sub(4), look);
        let rest = width.saturating_sub(2 + hidden.width());
        let text = format!("{}{hidden}{}", dash.repeat(2.min(width)), dash.repeat(rest));
        Line::styled(text, look.style(ColourRole::Muted))
    }

    /// The finding under the cursor in full, and the lines its fix changes.
    fn detail(
        &self,
        row: Option<Listed<'_>>,
        o: &Orchestrator,
        (width, look): (usize, &Look),
    ) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        if let Some(row) = row.filter(|_| self.asked.is_none()) {
            let finding = row.finding;
            let advice = finding.fix.as_ref().map(|fix| format!(" {fix}")).unwrap_or_default();
            let text = plain(&format!("{}{advice}", finding.message), look);
            lines.extend(wrap(&[Span::raw(text)], width, 0));
            let who = match row.fix.map(|fix| fix.risk) {
                Some(Risk::Safe) => "f mends it, F mends all that need no judgement:",
                Some(Risk::Judged) => "f does this, if you judge it right; F leaves it alone:",
                None => "Only you can mend it: Enter shows the phase, e opens the editor.",
            };
            lines.push(Line::styled(fit(who, width, look), look.style(ColourRole::Muted)));
        }
        match self.shown(row).map(|change| self.preview(change, o)) {
            Some(Ok(hunks)) => lines.extend(diff(&hunks, width, look)),
            Some(Err(why)) => lines.extend(wrap(&[Span::raw(why.to_string())], width, 0)),
            None => {}
        }
        lines
    }

    /// The question, why the last key did nothing, or who may act.
    fn foot(&self, o: &Orchestrator, (width, look): (usize, &Look)) -> Line<'static> {
        if let Some(asked) = &self.asked {
            let text = format!(" {} lines change: y does it, Esc leaves them ", asked.lines);
            return Line::styled(cut(&text, width, look), look.style(ColourRole::Wait));
        }
        let (text, role) = match (&self.note, o.role()) {
            (Some(note), _) => (note.to_string(), ColourRole::Accent),
            (None, Role::Viewer { driver }) => {
                (format!("only looking: process {driver} drives"), ColourRole::Muted)
            }
            (None, Role::Driver) => (String::new(), ColourRole::Muted),
        };
        Line::styled(fit(&text, width, look), look.style(role))
    }
}

/// The lines of the file around a finding, in what the rest leaves but its last row.
fn excerpt(
    frame: &mut Frame<'_>,
    area: Rect,
    (row, o): (Option<Listed<'_>>, &Orchestrator),
    look: &Look,
) {
    let (Some(row), Some(roadmap)) = (row, o.roadmap()) else { return };
    let room = usize::from(area.height.saturating_sub(2));
    if room < LEAST_LINES {
        return;
    }
    let (here, width) = (row.finding.line, usize::from(area.width));
    let shown = roadmap.lines_around(here, room.min(MOST_LINES) / 3, room.min(MOST_LINES));
    let digits = shown.last().map_or(1, |line| line.number.to_string().len());
    let line = |line: &FileLine| {
        let is_here = line.number == here;
        let pointer = if is_here { look.pick("› ", "> ") } else { "  " };
        let text = format!("{pointer}{:>digits$}  {}", line.number, line.text);
        let role = if is_here { ColourRole::Accent } else { ColourRole::Muted };
        Line::styled(cut(&text, width, look), look.style(role))
    };
    let lines: Vec<Line<'static>> = shown.iter().map(line).collect();
    draw_lines(frame, Rect { y: area.y + 1, height: area.height - 2, ..area }, &lines);
}

/// The findings below the headings of their kinds, and the line of the one under the cursor.
fn list(rows: &[Listed<'_>], at: usize, width: usize, look: &Look) -> (Vec<Line<'static>>, usize) {
    if rows.is_empty() {
        return (vec![Line::raw("Nothing odd was found: the roadmap is in order.")], 0);
    }
    let (mut lines, mut current) = (Vec::new(), 0);
    let columns = rows.iter().fold((1, 1), |widest: (usize, usize), row| {
        (widest.0.max(id(row).width()), widest.1.max(row.finding.line.to_string().len()))
    });
    let mut last = None;
    for (index, row) in rows.iter().enumerate() {
        if last != Some(row.finding.kind) {
            last = Some(row.finding.kind);
            let count = rows.iter().filter(|other| other.finding.kind == row.finding.kind).count();
            lines.push(heading(row, count, look));
        }
        if index == at {
            current = lines.len();
        }
        let is_current = index == at;
        let text = line(row, columns, (width, look));
        lines.push(if is_current { current_line(&text, width, look) } else { text });
    }
    let absent = KINDS.iter().filter(|kind| rows.iter().all(|row| row.finding.kind != **kind));
    let absent: Vec<&str> = absent.map(|kind| words(*kind)).collect();
    lines.push(Line::default());
    let text = format!("None of: {}", absent.join(", "));
    lines.extend(wrap(&[Span::styled(text, look.style(ColourRole::Muted))], width, 9));
    (lines, current)
}

/// `✗ 2  cycle`
fn heading(row: &Listed<'_>, count: usize, look: &Look) -> Line<'static> {
    let (glyph, role) = match row.finding.severity {
        Severity::Error => (look.pick("✗", "x"), ColourRole::Fail),
        Severity::Warning => ("!", ColourRole::Accent),
        Severity::Info => (look.pick("◦", "."), ColourRole::Muted),
    };
    let bold = look.style(role).add_modifier(Modifier::BOLD);
    Line::from(vec![
        Span::styled(format!("{glyph} {count}  "), bold),
        Span::styled(words(row.finding.kind), bold),
    ])
}

/// `› 2.1  line 12  F  sentence`, the id and the number of the line in so many columns.
fn line(
    row: &Listed<'_>,
    (ids, numbers): (usize, usize),
    (width, look): (usize, &Look),
) -> Line<'static> {
    let key = match row.fix.map(|fix| fix.risk) {
        Some(Risk::Safe) => "F",
        Some(Risk::Judged) => "f",
        None => " ",
    };
    let id = fit(&id(row), ids.min(LONGEST_ID), look);
    let place = format!("line {:<numbers$}", row.finding.line);
    let text = format!("  {id}  {place}  {key}  {}", row.finding.message);
    Line::raw(cut(&plain(&text, look), width, look))
}

/// The phase a finding is about.
fn id(row: &Listed<'_>) -> String {
    let id = row.finding.phase.as_ref().map_or("-", |phase| phase.as_str());
    Printable::new(id).to_string()
}

/// A sentence of ours without arrows where only ASCII may be drawn.
fn plain(text: &str, look: &Look) -> String {
    look.pick(text.to_owned(), text.replace('→', "->").replace('…', "..."))
}

/// A line with the cursor on it.
fn current_line(line: &Line<'_>, width: usize, look: &Look) -> Line<'static> {
    let text = line.to_string().replacen("  ", look.pick("› ", "> "), 1);
    let style = look.style(ColourRole::Plain).add_modifier(Modifier::REVERSED);
    Line::styled(fit(&text, width, look), style)
}

/// Changed lines as in a diff.
fn diff(hunks: &[Hunk], width: usize, look: &Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut push = |text: String, role| {
        lines.push(Line::styled(cut(&text, width, look), look.style(role)));
    };
    for hunk in hunks {
        push(hunk.head().to_string(), ColourRole::Accent);
        hunk.old.iter().for_each(|old| push(format!("- {old}"), ColourRole::Fail));
        hunk.new.iter().for_each(|new| push(format!("+ {new}"), ColourRole::Ok));
    }
    lines
}
