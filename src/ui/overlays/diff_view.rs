//! How a diff is drawn: files and gates to the left, hunks to the right; one of both where there is no room for two.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::comments::{number, sign};
use super::diff::{DiffSheet, Row, Side};
use super::review::{gate_lines, outlook};
use super::sheet::{cut, draw_lines, fit, select, sheet, whole};
use crate::domain::diff::{Content, Diff, DiffLine, FileDiff, LineKind};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::{Printable, counted};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap::wrap;
use crate::ui::text::columns;

/// From this inner width on files and hunks stand beside each other.
const BESIDE: u16 = 106;

/// Columns of the list of files where it stands beside the hunks.
const LIST: u16 = 36;

/// Rows that the line under the cursor may take.
const MOST_ROWS: usize = 6;

/// Rows of the editor for remarks, its label included.
const EDITOR: u16 = 3;

impl DiffSheet {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let area = whole(frame.area());
        let title = self.title(o);
        let body = sheet(frame, area, (&title, None), look);
        let width = usize::from(body.width);
        let foot = Rect { y: body.bottom().saturating_sub(1), height: body.height.min(1), ..body };
        draw_lines(frame, foot, &[self.foot(o, width, look)]);
        let body = Rect { height: body.height.saturating_sub(1), ..body };
        let diff = match &self.diff {
            Some(Ok(diff)) => diff,
            Some(Err(why)) => {
                let text = Span::styled(why.to_string(), look.style(ColourRole::Fail));
                return draw_lines(frame, body, &wrap(&[text], width, 0));
            }
            None => return draw_lines(frame, body, &[Line::raw("Reading what it changes.")]),
        };
        if body.width < BESIDE {
            match self.side {
                Side::Files => self.draw_files(frame, body, (diff, o, look)),
                Side::Lines => self.draw_hunks(frame, body, look),
            }
            return;
        }
        let left = Rect { width: LIST, ..body };
        let rule = Rect { x: left.right() + 1, width: 1, ..body };
        let x = rule.right() + 1;
        let right = Rect { x, width: body.right().saturating_sub(x), ..body };
        let line = Line::styled(look.pick("│", "|"), look.style(ColourRole::Muted));
        draw_lines(frame, rule, &vec![line; usize::from(body.height)]);
        self.draw_files(frame, left, (diff, o, look));
        self.draw_hunks(frame, right, look);
    }

    /// `a-3.1  3.1 Error envelope  orch/3.1-1 into main`
    fn title(&self, o: &Orchestrator) -> String {
        let agent = o.agent(&self.agent.id);
        let phase = agent.map(|agent| agent.phase());
        let name = phase.and_then(|id| Some(o.roadmap()?.phase(id)?.name.to_string()));
        let phase = phase.map(ToString::to_string).unwrap_or_default();
        let branch = match &self.diff {
            Some(Ok(diff)) => format!("  {} into {}", diff.branch, diff.onto),
            Some(Err(_)) | None => String::new(),
        };
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        Printable::new(&format!("{}  {phase}{name}{branch}", self.agent.id)).to_string()
    }

    /// What the last key did not do and why; else how the merge would go, and what was said.
    fn foot(&self, o: &Orchestrator, width: usize, look: &Look) -> Line<'static> {
        if let Some(note) = &self.note {
            return Line::styled(cut(note, width, look), look.style(ColourRole::Fail));
        }
        let Some(Ok(diff)) = &self.diff else { return Line::default() };
        let mut parts = vec![counted(diff.commits, "commit"), outlook(&diff.merge, look)];
        if !self.comments.is_empty() {
            parts.push(format!("{}: R sends", counted(self.comments.len(), "comment")));
        }
        parts.extend(diff.cut.iter().map(ToString::to_string));
        let waits = o.agent(&self.agent.id).map(|agent| o.state_of(agent, look.now));
        if let Some(state) = waits {
            let (glyph, word, _) = look.state(state);
            parts.insert(0, format!("{glyph} {word}"));
        }
        Line::styled(cut(&parts.join("   "), width, look), look.style(ColourRole::Muted))
    }

    fn draw_files(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        (diff, o, look): (&Diff, &Orchestrator, &Look),
    ) {
        let width = usize::from(area.width);
        let muted = look.style(ColourRole::Muted);
        let mut below = vec![Line::default()];
        below.extend(o.agent(&self.agent.id).into_iter().flat_map(|a| gate_lines(a, width, look)));
        below.extend(uncommitted(diff, width, look));
        let room = usize::from(area.height);
        below.truncate(room / 2);
        let list = room.saturating_sub(below.len());
        let first = crate::ui::layout::window(self.file, diff.files.len(), list);
        if diff.files.is_empty() {
            let none = format!("{} has nothing that {} has not", diff.branch, diff.onto);
            draw_lines(frame, area, &wrap(&[Span::styled(none, muted)], width, 0));
        }
        let rows = diff.files.iter().enumerate().skip(first).take(list);
        let lines: Vec<Line<'static>> =
            rows.map(|(n, file)| file_line(file, (n == self.file, width), look)).collect();
        draw_lines(frame, area, &lines);
        if self.side == Side::Files && !diff.files.is_empty() {
            let y = area.y + u16::try_from(self.file - first).unwrap_or(0);
            select(frame, Rect { y, height: 1, ..area }, look);
        }
        let used = lines.len().max(usize::from(diff.files.is_empty()) * 2);
        let used = u16::try_from(used).unwrap_or(area.height).min(area.height);
        let rest = Rect { y: area.y + used, height: area.height - used, ..area };
        draw_lines(frame, rest, &below);
    }

    fn draw_hunks(&self, frame: &mut Frame<'_>, area: Rect, look: &Look) {
        let Some(file) = self.current() else {
            let none = Line::styled("Nothing to show.", look.style(ColourRole::Muted));
            return draw_lines(frame, area, &[none]);
        };
        let width = usize::from(area.width);
        draw_lines(frame, area, &[self.file_head(file, width, look)]);
        let editor = if self.writing.is_some() { EDITOR.min(area.height / 2) } else { 0 };
        let rows = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + editor), ..area };
        self.draw_rows(frame, rows, (file, look));
        if let Some((comment, text)) = &self.writing {
            let at = Rect { y: rows.bottom(), height: editor, ..area };
            let label = format!("Comment on {}:{}", comment.path, comment.line);
            let bold = look.style(ColourRole::Accent).add_modifier(Modifier::BOLD);
            draw_lines(frame, at, &[Line::styled(cut(&label, width, look), bold)]);
            let text_at = Rect { y: at.y + 1, height: at.height.saturating_sub(1), ..at };
            frame.render_widget(text, text_at.intersection(frame.area()));
        }
    }

    /// Name and place of the file among all, above its hunks.
    fn file_head(&self, file: &FileDiff, width: usize, look: &Look) -> Line<'static> {
        let mut text = format!("{}/{} {}", self.file + 1, self.files().len(), file.path);
        if let Some(old) = &file.old_path {
            text.push_str(&format!("  from {old}"));
        }
        text.push_str(&format!("  +{} -{}", file.added, file.removed));
        if let Some(modes) = &file.modes {
            text.push_str(&format!("  mode {modes}"));
        }
        Line::styled(cut(&text, width, look), Style::new().add_modifier(Modifier::BOLD))
    }

    fn draw_rows(&self, frame: &mut Frame<'_>, area: Rect, (file, look): (&FileDiff, &Look)) {
        let rows = self.rows();
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        self.page.set(height);
        if let Some(why) = why_empty(file) {
            let muted = look.style(ColourRole::Muted);
            return draw_lines(frame, area, &wrap(&[Span::styled(why, muted)], width, 0));
        }
        let digits = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter_map(number).max();
        let digits = digits.unwrap_or(0).to_string().len().max(3);
        let shape = Shape { width, digits, look };
        let here = rows.get(self.cursor).map(|row| self.whole_row(file, *row, &shape));
        let here = here.unwrap_or_default();
        let tall = here.len().saturating_sub(1);
        self.scroll.settle(rows.len() + tall, height);
        self.scroll.reveal(self.cursor + tall);
        self.scroll.reveal(self.cursor);
        let top = self.scroll.top().min(self.cursor);
        let mut lines: Vec<Line<'static>> = Vec::new();
        for (n, row) in rows.iter().enumerate().skip(top).take(height) {
            match n == self.cursor {
                true => lines.extend(here.iter().cloned()),
                false => lines.extend(self.row(file, *row, &shape)),
            }
        }
        draw_lines(frame, area, &lines);
        let y = area.y + u16::try_from(self.cursor - top).unwrap_or(0);
        if self.side == Side::Lines && y < area.bottom() {
            select(frame, Rect { y, height: 1, ..area }, look);
        }
        self.say_rest(frame, area, (rows.len(), look));
    }

    /// The end of a file that was cut says so.
    fn say_rest(&self, frame: &mut Frame<'_>, area: Rect, (rows, look): (usize, &Look)) {
        let cut_short = self.current().is_some_and(|file| file.content == Content::Cut);
        if cut_short && self.scroll.below() == 0 && rows < usize::from(area.height) {
            let y = area.y + u16::try_from(rows).unwrap_or(0);
            let rest = Line::styled(REST, look.style(ColourRole::Muted));
            draw_lines(frame, Rect { y, height: 1, ..area }, &[rest]);
        }
    }

    fn row(&self, file: &FileDiff, row: Row, shape: &Shape<'_>) -> Option<Line<'static>> {
        let Shape { width, look, .. } = *shape;
        Some(match row {
            Row::Heading(h) => {
                let heading = &file.hunks.get(h)?.heading;
                let text = format!("@@ {heading}");
                Line::styled(cut(&text, width, look), look.style(ColourRole::Accent))
            }
            Row::Line(h, l) => shape.line(file.hunks.get(h)?.lines.get(l)?),
            Row::Comment(n) => {
                let text = self.comments.get(n).map(|c| c.text.as_str()).unwrap_or_default();
                let text = format!("{}{} you: {text}", shape.indent(), look.pick("╰", "`-"));
                let bold = look.style(ColourRole::Verify).add_modifier(Modifier::BOLD);
                Line::styled(cut(&Printable::new(&text).to_string(), width, look), bold)
            }
        })
    }

    /// A row with all that stands in it.
    fn whole_row(&self, file: &FileDiff, row: Row, shape: &Shape<'_>) -> Vec<Line<'static>> {
        let whole = Shape { width: usize::MAX, ..*shape };
        let Some(line) = self.row(file, row, &whole) else { return Vec::new() };
        let style = line.style;
        let spans: Vec<Span<'_>> =
            line.spans.into_iter().map(|span| span.patch_style(style)).collect();
        let mut lines = wrap(&spans, shape.width, shape.digits + 2);
        lines.truncate(MOST_ROWS);
        lines
    }
}

/// What a file says below its last line when more of it was not read.
const REST: &str = "More lines are left out here: e opens the file.";

/// Why a file has no lines to show.
fn why_empty(file: &FileDiff) -> Option<String> {
    match (file.content, file.hunks.is_empty()) {
        (Content::Binary, _) => Some("Binary: no lines to show.".to_owned()),
        (Content::Cut, true) => Some(REST.to_owned()),
        (Content::Whole, true) if file.modes.is_some() || file.old_path.is_some() => {
            Some("Its content is as it was.".to_owned())
        }
        (Content::Whole, true) => Some("It is empty.".to_owned()),
        (Content::Whole | Content::Cut, false) => None,
    }
}

/// How lines are laid out.
struct Shape<'a> {
    width: usize,
    digits: usize,
    look: &'a Look,
}

impl Shape<'_> {
    fn indent(&self) -> String {
        " ".repeat(self.digits + 2)
    }

    /// Sign, number, text.
    fn line(&self, line: &DiffLine) -> Line<'static> {
        let Self { width, digits, look } = *self;
        let number = number(line).map(|n| n.to_string()).unwrap_or_default();
        let text = format!("{}{number:>digits$} {}", sign(line.kind), line.text);
        let role = match line.kind {
            LineKind::Added => ColourRole::Ok,
            LineKind::Removed => ColourRole::Fail,
            LineKind::Same => ColourRole::Plain,
            LineKind::Remark => ColourRole::Muted,
        };
        let style = look.style(role).remove_modifier(Modifier::BOLD);
        Line::styled(cut(&text, width, look), style)
    }
}

/// `› M src/error.rs  +121 -14`
fn file_line(file: &FileDiff, (here, width): (bool, usize), look: &Look) -> Line<'static> {
    let counts = match file.content {
        Content::Binary => "binary".to_owned(),
        Content::Whole | Content::Cut => match (file.added, file.removed) {
            (0, 0) => "no lines".to_owned(),
            (added, 0) => format!("+{added}"),
            (0, removed) => format!("-{removed}"),
            (added, removed) => format!("+{added} -{removed}"),
        },
    };
    let pointer = if here { look.pick("›", ">") } else { " " };
    let letter = file.kind.letter();
    let room = width.saturating_sub(5 + columns(&counts));
    let name = from_its_end(file.path.as_str(), room, look);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    Line::from(vec![
        Span::styled(format!("{pointer}{letter} "), if here { bold } else { Style::new() }),
        Span::styled(fit(&name, room, look), if here { bold } else { Style::new() }),
        Span::styled(format!("  {counts}"), look.style(ColourRole::Muted)),
    ])
}

/// A path in at most `width` columns: what is cut is its begin, for its end says more.
fn from_its_end(path: &str, width: usize, look: &Look) -> String {
    if columns(path) <= width {
        return path.to_owned();
    }
    let mark = look.pick("⋯", "~");
    let mut kept = path;
    while columns(kept) + 1 > width {
        let mut rest = kept.chars();
        if rest.next().is_none() {
            break;
        }
        kept = rest.as_str();
    }
    format!("{mark}{kept}")
}

/// Files that were changed and not committed.
fn uncommitted(diff: &Diff, width: usize, look: &Look) -> Vec<Line<'static>> {
    if diff.uncommitted.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = diff.uncommitted.iter().map(Printable::as_str).collect();
    let text = format!("Not committed, stays behind: {}", names.join(", "));
    let mut lines = wrap(&[Span::styled(text, look.style(ColourRole::Fail))], width, 2);
    lines.insert(0, Line::default());
    lines
}
