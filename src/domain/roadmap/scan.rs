//! Lines of a roadmap: endings, code fences, HTML comments, front matter, byte order mark.

use std::borrow::Cow;
use std::ops::Range;

use super::token;

/// One line. All positions are bytes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where its text begins (behind a byte order mark).
    pub start: usize,
    /// Where its text ends.
    pub end: usize,
    /// Where the next line begins.
    pub next: usize,
    /// Part of a fence, a comment or the front matter.
    pub hidden: bool,
}

impl Line {
    /// Bytes of its text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// Something that was opened and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclosed {
    /// A code fence, by the index of its line.
    Fence(usize),
    /// An HTML comment, by the index of its line.
    Comment(usize),
    /// Raw HTML, by the index of its line.
    Raw(usize),
}

impl Unclosed {
    /// Index of the line that opens it.
    pub fn line(self) -> usize {
        match self {
            Self::Fence(line) | Self::Comment(line) | Self::Raw(line) => line,
        }
    }
}

/// A file as lines over a text with the same byte positions as the file.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The file with invalid bytes replaced and inline comments blanked, byte for byte.
    pub text: Cow<'a, str>,
    /// What never ends.
    pub unclosed: Option<Unclosed>,
    /// Bytes of the lines that are hidden, from the start of a line to that of another.
    hidden: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    /// Classifies the lines of the file in one pass.
    pub fn new(bytes: &'a [u8]) -> Self {
        let text = std::str::from_utf8(bytes)
            .map_or_else(|_| Cow::Owned(same_length_text(bytes)), Cow::Borrowed);
        let comments = memchr::memmem::find(bytes, b"<!--").unwrap_or(bytes.len());
        let mut scan = Scan { text: &text, comments, blanks: Vec::new(), state: State::Text };
        let mut hidden: Vec<Range<usize>> = Vec::new();
        let first = front_matter(&text);
        for (index, line) in split(&text).enumerate() {
            if index < first || scan.hides(&line, index) {
                match hidden.last_mut().filter(|run| run.end == line.start) {
                    Some(run) => run.end = line.next,
                    None => hidden.push(line.start..line.next),
                }
            }
        }
        let unclosed = match scan.state {
            State::Text => None,
            State::Fence { opened, .. } => Some(Unclosed::Fence(opened)),
            State::Comment { opened } => Some(Unclosed::Comment(opened)),
            State::Raw { opened, .. } => Some(Unclosed::Raw(opened)),
        };
        let blanks = scan.blanks;
        Self { text: blanked(text, &blanks), unclosed, hidden }
    }

    /// Its lines, from first to last.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let mut runs = self.hidden.iter().peekable();
        split(&self.text).map(move |line| {
            while runs.next_if(|run| run.end <= line.start).is_some() {}
            let hidden = runs.peek().is_some_and(|run| run.start <= line.start);
            Line { hidden, ..line }
        })
    }

    /// The text of a line.
    pub fn line(&self, line: &Line) -> &str {
        &self.text[line.span()]
    }
}

/// The bytes as text of the same length: each invalid byte becomes a substitute of one byte.
fn same_length_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    text
}

/// `text` with the ranges (of whole characters) overwritten by spaces.
fn blanked<'a>(text: Cow<'a, str>, blanks: &[Range<usize>]) -> Cow<'a, str> {
    if blanks.is_empty() {
        return text;
    }
    let mut bytes = text.into_owned().into_bytes();
    for range in blanks {
        bytes[range.clone()].fill(b' ');
    }
    Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
}

/// Lines ended by LF, CRLF or a lone CR.
fn split(text: &str) -> impl Iterator<Item = Line> {
    let bytes = text.as_bytes();
    let mut next = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    std::iter::from_fn(move || {
        let start = next;
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let end = start + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        next = match bytes.get(end) {
            None => end,
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') => end + 2,
            Some(_) => end + 1,
        };
        Some(Line { start, end, next, hidden: false })
    })
}

/// How many lines the YAML front matter takes. A rule before the first heading is none.
fn front_matter(text: &str) -> usize {
    let mut lines = split(text).map(|line| &text[line.span()]);
    let opens = lines.next().is_some_and(|line| line.trim_end() == "---");
    if !opens {
        return 0;
    }
    for (index, line) in lines.enumerate() {
        if line.starts_with("##") || (index == 0 && line.trim_end().is_empty()) {
            return 0;
        }
        if matches!(line.trim_end(), "---" | "...") {
            return index + 2;
        }
    }
    0
}

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug)]
enum State {
    Text,
    Fence {
        mark: char,
        length: usize,
        opened: usize,
    },
    Comment {
        opened: usize,
    },
    /// Raw HTML, by its name in [`RAW`].
    Raw {
        name: &'static str,
        opened: usize,
    },
}

/// What begins raw HTML, up to the closing tag of any of these names.
const RAW: [&str; 4] = ["pre", "script", "style", "textarea"];

/// The pass that finds fences and comments.
struct Scan<'t> {
    text: &'t str,
    /// Where the first comment begins.
    comments: usize,
    blanks: Vec<Range<usize>>,
    state: State,
}

impl Scan<'_> {
    /// Whether the line is no roadmap text; moves the state on.
    fn hides(&mut self, line: &Line, index: usize) -> bool {
        let text = &self.text[line.span()];
        match self.state {
            State::Fence { mark, length, .. } => {
                if closes_fence(text, mark, length) {
                    self.state = State::Text;
                }
                true
            }
            State::Comment { .. } => {
                if text.contains("-->") {
                    self.state = State::Text;
                }
                true
            }
            State::Raw { name, .. } => {
                if closes_raw(text, name) {
                    self.state = State::Text;
                }
                true
            }
            State::Text => self.opens(text, line.start, index),
        }
    }

    /// The same for a line outside of any block.
    fn opens(&mut self, text: &str, start: usize, index: usize) -> bool {
        let content = strip_bullets(text);
        if let Some((mark, length)) = fence(content) {
            self.state = State::Fence { mark, length, opened: index };
            return true;
        }
        if let Some(name) = raw(content) {
            if !closes_raw(content, name) {
                self.state = State::Raw { name, opened: index };
            }
            return true;
        }
        if let Some(comment) = content.strip_prefix("<!--") {
            if let Some(end) = comment_end(comment) {
                // A comment and then something else: the rest of the line is kept.
                if !comment[end..].trim().is_empty() {
                    self.blank_comments(text, start);
                    return false;
                }
            } else {
                self.state = State::Comment { opened: index };
            }
            return true;
        }
        self.blank_comments(text, start);
        false
    }

    /// Notes the comments that begin and end on this line, outside of inline code.
    fn blank_comments(&mut self, text: &str, start: usize) {
        if start + text.len() <= self.comments {
            return;
        }
        let (mut from, mut close) = (0, 0);
        while let Some(at) = text[from..].find("<!--").map(|at| from + at) {
            if close < at + 5 {
                // Looked for once per closing mark, so that a line of openings stays linear.
                let Some(next) = comment_end(&text[at + 4..]) else { return };
                close = at + 4 + next;
            }
            let in_code = text[from..at].matches('`').count() % 2 == 1;
            if in_code {
                from = at + 4;
            } else {
                self.blanks.push(start + at..start + close);
                from = close;
            }
        }
    }
}

/// Where a comment ends, behind its `<!--`: `<!-->` and `<!--->` are whole.
fn comment_end(comment: &str) -> Option<usize> {
    let short = [">", "->"].into_iter().find(|end| comment.starts_with(end)).map(str::len);
    short.or_else(|| comment.find("-->").map(|at| at + 3))
}

/// The name of the raw HTML a line begins.
fn raw(content: &str) -> Option<&'static str> {
    let tag = content.strip_prefix('<')?;
    RAW.into_iter().find(|name| {
        token::starts_with_word(tag, name)
            && tag[name.len()..].chars().next().is_none_or(|c| c == '>' || c.is_whitespace())
    })
}

/// Whether a line has the closing tag.
fn closes_raw(text: &str, name: &str) -> bool {
    let tags = text.match_indices("</").map(|(at, _)| &text[at + 2..]);
    let mut closing = tags.filter(|tag| token::starts_with_word(tag, name));
    closing.any(|tag| tag[name.len()..].starts_with('>'))
}

/// The line without indent and list markers.
fn strip_bullets(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(inner) = rest.strip_prefix(['-', '*', '+']) {
        if !inner.starts_with([' ', '\t']) {
            break;
        }
        rest = inner.trim_start();
    }
    rest
}

/// The mark and length of an opening fence.
fn fence(content: &str) -> Option<(char, usize)> {
    let mark = content.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = content.trim_start_matches(mark);
    let length = content.len() - info.len();
    let inline = mark == '`' && info.contains('`');
    (length >= 3 && !inline).then_some((mark, length))
}

/// Whether the line closes a fence opened with `length` marks.
fn closes_fence(text: &str, mark: char, length: usize) -> bool {
    let run = text.trim();
    run.len() >= length && run.chars().all(|c| c == mark)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn visible(text: &str) -> Vec<String> {
        let source = Source::new(text.as_bytes());
        let shown = source.lines().filter(|line| !line.hidden);
        shown.map(|line| source.line(&line).trim_end().to_owned()).collect()
    }

    #[test]
    fn every_line_ending_is_known() {
        let source = Source::new(b"\xef\xbb\xbfa\r\nb\rc\n\nd");
        let spans: Vec<_> = source.lines().map(|l| (l.start, l.end, l.next)).collect();
        assert_eq!(spans, [(3, 4, 6), (6, 7, 8), (8, 9, 10), (10, 10, 11), (11, 12, 12)]);
    }

    #[test]
    fn fences_need_a_run_as_long() {
        assert_eq!(visible("a\n````text\n```\nx\n````\nb\n"), ["a", "b"]);
        assert_eq!(visible("a\n~~~\n```\n~~~~\nb"), ["a", "b"]);
        assert_eq!(visible("- ```\n  x\n  ```\nb"), ["b"]);
        assert_eq!(visible("```not a fence```\nb"), ["```not a fence```", "b"]);
        assert_eq!(Source::new(b"a\n```\nb").unclosed, Some(Unclosed::Fence(1)));
    }

    #[test]
    fn comments_are_hidden_or_blanked() {
        assert_eq!(visible("a\n<!--\nx\n-->\nb"), ["a", "b"]);
        assert_eq!(visible("a <!-- x --> b"), ["a            b"]);
        assert_eq!(visible("a `<!--` b\nc -->"), ["a `<!--` b", "c -->"]);
        assert_eq!(visible("<!-- x --> b"), ["           b"]);
        assert_eq!(Source::new(b"<!-- x\nb").unclosed, Some(Unclosed::Comment(0)));
    }

    #[test]
    fn raw_html_is_hidden_up_to_its_closing_tag() {
        for name in ["pre", "SCRIPT", "style", "textarea"] {
            let text = format!("a\n<{name} class=x>\nx\n\n<!-- y\n</{name}>\nb\n<{name}er>");
            assert_eq!(visible(&text), ["a", "b", &format!("<{name}er>")], "{name}");
        }
        assert_eq!(visible("<pre>x</pre>\nb"), ["b"]);
        assert_eq!(visible("a <pre>\nb"), ["a <pre>", "b"]);
        assert_eq!(Source::new(b"a\n<pre>\nb").unclosed, Some(Unclosed::Raw(1)));
        assert_eq!(visible("<!-->\nb\n<!---> c"), ["b", "       c"]);
    }

    #[test]
    fn front_matter_is_not_a_rule() {
        assert_eq!(visible("---\ntitle: x\n---\nb"), ["b"]);
        assert_eq!(visible("---\n\nb\n\n---\n"), ["---", "", "b", "", "---"]);
        assert_eq!(visible("---\n## b\n---\n"), ["---", "## b", "---"]);
    }

    #[test]
    fn invalid_bytes_keep_every_position() {
        let source = Source::new(b"a\xff\xc3(\nb");
        assert_eq!(source.text, "a\u{1a}\u{1a}(\nb");
    }
}
