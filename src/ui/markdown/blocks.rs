//! Blocks: headings, paragraphs, nested lists, quotes, code, tables, rules.

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::code::Painter;
use super::html;
use super::inline::{Inline, heading_style};
use super::table::Table;
use super::wrap::{cut, cut_short, fit, wrap};
use crate::domain::printable::Printable;
use crate::ui::look::{ColourRole, Look};

/// Something that indents the blocks inside it.
#[derive(Debug)]
enum Level {
    /// A block quote.
    Quote,
    /// A list; the number of its next item if it counts.
    List(Option<u64>),
    /// An item: what stands before its first line, until that is drawn.
    Item(Option<String>),
    /// A code block.
    Code(Painter),
}

/// What stands before the next line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// The beginning of the page or of a quote.
    Start,
    /// An empty line.
    Blank,
    /// Text.
    Text,
}

/// Lines of the text read so far.
#[derive(Debug)]
pub(super) struct Page<'a> {
    lines: Vec<Line<'static>>,
    inline: Inline,
    levels: Vec<Level>,
    before: Before,
    table: Option<Table>,
    code: String,
    width: usize,
    look: &'a Look,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(width: usize, look: &'a Look) -> Self {
        Self {
            lines: Vec::new(),
            inline: Inline::default(),
            levels: Vec::new(),
            before: Before::Start,
            table: None,
            code: String::new(),
            width: width.max(1),
            look,
        }
    }

    /// Takes the next event.
    pub(super) fn take(&mut self, event: Event<'_>) {
        let muted = self.look.style(ColourRole::Muted);
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code() => self.code.push_str(&text),
            Event::Text(text) => self.inline.text(&text),
            Event::Code(code) => self.inline.code(&code, self.look),
            Event::Html(html) => self.html(&html),
            Event::InlineHtml(html) => match html::tag(&html) {
                Some(html::Tag::Break) => self.line_break(),
                Some(html::Tag::Fold) => {}
                None => self.inline.styled(&html, muted),
            },
            Event::SoftBreak => self.inline.text(" "),
            Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.gap();
                let rule = self.look.pick("─", "-").repeat(self.room());
                self.push(vec![Span::styled(rule, muted)]);
            }
            Event::TaskListMarker(done) => {
                let (mark, role) =
                    if done { ("[x] ", ColourRole::Ok) } else { ("[ ] ", ColourRole::Plain) };
                self.inline.styled(mark, self.look.style(role));
            }
            Event::FootnoteReference(name) => self.inline.styled(&format!("[^{name}]"), muted),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline.text(&text),
        }
    }

    /// A line of HTML: tags that mean something here are obeyed, others shown.
    fn html(&mut self, line: &str) {
        let muted = self.look.style(ColourRole::Muted);
        for piece in html::pieces(line.trim_end()) {
            match piece {
                html::Piece::Tag(html::Tag::Break) => self.flush(),
                html::Piece::Tag(html::Tag::Fold) => {}
                html::Piece::Text(text) if text.contains('<') => self.inline.styled(text, muted),
                html::Piece::Text(text) => self.inline.text(text),
            }
        }
        self.flush();
    }

    /// The next line of the same block; a cell of a table has one line.
    fn line_break(&mut self) {
        match self.table {
            Some(_) => self.inline.text(" "),
            None => self.flush(),
        }
    }

    /// The lines, with the targets of the links at the end.
    pub(super) fn finish(mut self) -> Vec<Line<'static>> {
        self.flush();
        self.levels.clear();
        let targets = self.inline.targets().to_vec();
        if !targets.is_empty() {
            self.gap();
        }
        for (index, target) in targets.iter().enumerate() {
            let text = format!("[{}] {target}", index + 1);
            let muted = self.look.style(ColourRole::Muted);
            self.lines.extend(wrap(&[Span::styled(text, muted)], self.width, 4));
        }
        self.lines
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.gap_unless_tight(),
            Tag::Heading { level, .. } => {
                self.gap();
                self.inline.open(heading_style(*level));
            }
            Tag::BlockQuote(_) => self.enter(Level::Quote),
            Tag::CodeBlock(kind) => self.start_code(kind),
            Tag::List(first) => {
                self.flush();
                if !self.in_item() {
                    self.gap();
                }
                self.levels.push(Level::List(*first));
            }
            Tag::Item => self.start_item(),
            Tag::Table(sides) => {
                self.gap();
                self.table = Some(Table::new(sides));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.row();
                }
            }
            Tag::Emphasis => self.inline.open(Modifier::ITALIC),
            Tag::Strong => self.inline.open(Modifier::BOLD),
            Tag::Strikethrough => self.inline.open(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } => self.inline.open_link(dest_url),
            Tag::Image { dest_url, .. } => {
                self.inline.styled("image: ", self.look.style(ColourRole::Muted));
                self.inline.open_link(dest_url);
            }
            Tag::FootnoteDefinition(name) => {
                self.gap();
                self.levels
                    .push(Level::Item(Some(Printable::new(&format!("[^{name}] ")).to_string())));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(_) => {
                self.inline.close();
                self.flush();
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.flush_item();
                self.levels.pop();
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::TableCell => {
                let cell = self.inline.take();
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    for line in table.lines(self.room(), self.look) {
                        self.push(line.spans);
                    }
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.inline.close(),
            TagEnd::Link | TagEnd::Image => self.inline.close_link(self.look),
            _ => {}
        }
    }

    fn start_item(&mut self) {
        self.flush();
        let marker = match self.levels.last_mut() {
            Some(Level::List(Some(number))) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(Level::List(None) | Level::Quote | Level::Item(_) | Level::Code(_)) | None => {
                self.look.pick("▪ ", "- ").to_owned()
            }
        };
        self.levels.push(Level::Item(Some(marker)));
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.flush();
        self.gap_unless_tight();
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.as_ref(),
            CodeBlockKind::Indented => "",
        };
        self.levels.push(Level::Code(Painter::new(language)));
        if !language.is_empty() {
            let label = Printable::new(language).to_string();
            let label = cut(&label, self.room(), self.look.pick("⋯", "~"));
            self.push(vec![Span::styled(label, self.look.style(ColourRole::Muted))]);
        }
    }

    /// Code is cut, not wrapped: its lines mean something.
    fn end_code(&mut self) {
        let code = std::mem::take(&mut self.code);
        let (room, mark) = (self.room(), self.look.pick("⋯", "~"));
        for line in code.lines() {
            let line = line.replace('\t', "    ");
            let look = self.look;
            let spans = match self.levels.last_mut() {
                Some(Level::Code(painter)) => painter.line(&line, look),
                Some(Level::Quote | Level::List(_) | Level::Item(_)) | None => Vec::new(),
            };
            let mut left = room;
            let mut shown = Vec::new();
            let whole = spans.iter().map(Span::width).sum::<usize>() <= room;
            for span in spans {
                let wide = span.width();
                // The mark takes the last column of a line that is cut.
                let fits = wide < left || (whole && wide <= left);
                let text = if fits {
                    span.content.into_owned()
                } else {
                    cut_short(&span.content, left, mark)
                };
                shown.push(Span::styled(text, span.style));
                if !fits {
                    break;
                }
                left -= wide;
            }
            self.push(shown);
        }
        self.levels.pop();
    }

    fn enter(&mut self, level: Level) {
        self.flush();
        self.gap_unless_tight();
        self.levels.push(level);
        self.before = Before::Start;
    }

    fn in_code(&self) -> bool {
        self.levels.last().is_some_and(|level| match level {
            Level::Code(_) => true,
            Level::Quote | Level::List(_) | Level::Item(_) => false,
        })
    }

    fn in_item(&self) -> bool {
        self.levels.last().is_some_and(|level| match level {
            Level::Item(_) => true,
            Level::Quote | Level::List(_) | Level::Code(_) => false,
        })
    }

    /// Columns left for the text of a block.
    fn room(&self) -> usize {
        self.width.saturating_sub(self.indent()).max(1)
    }

    /// Columns the open levels take, at most half of the width.
    fn indent(&self) -> usize {
        let wide = |level: &Level| match level {
            Level::Quote | Level::Item(_) => 2,
            Level::Code(_) => 4,
            Level::List(_) => 0,
        };
        self.levels.iter().map(wide).sum::<usize>().min(self.width / 2)
    }

    /// What stands before a line: bars of quotes, blanks, and once the marker of an item.
    fn prefix(&mut self) -> Span<'static> {
        let bar = self.look.pick("│ ", "| ");
        let mut prefix = String::new();
        for level in &mut self.levels {
            match level {
                Level::Quote => prefix.push_str(bar),
                Level::List(_) => {}
                Level::Code(_) => prefix.push_str("    "),
                Level::Item(marker) => match marker.take() {
                    Some(marker) => prefix.push_str(&marker),
                    None => prefix.push_str("  "),
                },
            }
        }
        let prefix = fit(&prefix, self.indent().max(prefix.width().min(self.width / 2)), "");
        Span::styled(prefix, self.look.style(ColourRole::Muted))
    }

    fn push(&mut self, spans: Vec<Span<'static>>) {
        let prefix = self.prefix();
        self.before = Before::Text;
        self.lines.push(Line::from_iter(std::iter::once(prefix).chain(spans)));
    }

    /// Ends the block that is being read.
    fn flush(&mut self) {
        if self.inline.is_empty() {
            return;
        }
        let runs = self.inline.take();
        let room = self.room().saturating_sub(self.marker_surplus()).max(1);
        for line in wrap(&runs, room, 0) {
            self.push(line.spans);
        }
    }

    /// Columns that a marker such as `10. ` takes beyond the usual two.
    fn marker_surplus(&self) -> usize {
        let surplus = |level: &Level| match level {
            Level::Item(Some(marker)) => marker.width().saturating_sub(2),
            Level::Item(None) | Level::Quote | Level::List(_) | Level::Code(_) => 0,
        };
        self.levels.iter().map(surplus).sum()
    }

    /// Ends a level; an item without text still shows its marker.
    fn flush_item(&mut self) {
        self.flush();
        if let Some(Level::Item(Some(_))) = self.levels.last() {
            self.push(Vec::new());
        }
    }

    /// An empty line, unless there is one or nothing stands before it; in a quote with its bar.
    fn gap(&mut self) {
        self.flush();
        if self.before != Before::Text {
            return;
        }
        let quoted = self.levels.iter().any(|level| match level {
            Level::Quote => true,
            Level::List(_) | Level::Item(_) | Level::Code(_) => false,
        });
        let waits = self.levels.iter().any(|level| match level {
            Level::Item(marker) => marker.is_some(),
            Level::Quote | Level::List(_) | Level::Code(_) => false,
        });
        if quoted && !waits {
            self.push(Vec::new());
        } else {
            self.lines.push(Line::default());
        }
        self.before = Before::Blank;
    }

    /// An empty line, except at the beginning of an item.
    fn gap_unless_tight(&mut self) {
        if !self.in_item() {
            self.gap();
        }
    }
}
