//! Fields and tasks: `- **Key:** value`, with its variants, and `- [ ] task`.

use std::ops::Range;

use super::spoken;

/// A field orch-tui knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// State of the phase.
    Status,
    /// Who holds it.
    AssignedTo,
    /// What it waits for.
    DependsOn,
    /// What it needs: what it waits for where it names phases.
    Requires,
    /// Its check list.
    Tasks,
    /// Its size.
    Effort,
    /// What it is measured by.
    DoneWhen,
    /// Commands that must pass.
    QualityGates,
    /// The day it was completed.
    Completed,
    /// The page that says more.
    Plan,
    /// The repository it belongs to.
    Target,
    /// Words that hold the phase, in a line that is no field.
    Hold,
    /// Kept and shown.
    Unknown,
}

impl Key {
    /// Whether its value may name phases to wait for.
    pub fn names_phases(self) -> bool {
        match self {
            Self::DependsOn | Self::Requires => true,
            Self::Status | Self::AssignedTo | Self::Tasks | Self::Effort | Self::DoneWhen => false,
            Self::QualityGates | Self::Completed | Self::Plan | Self::Target => false,
            Self::Hold | Self::Unknown => false,
        }
    }

    /// The key that a written one stands for.
    pub fn of(written: &str) -> Self {
        if written.len() > LONGEST_KEY {
            return Self::Unknown;
        }
        let mut plain = [0; LONGEST_KEY];
        let mut length = 0;
        for c in written.chars().filter(|c| !matches!(c, '*' | '_' | '`')) {
            let blank = c.is_whitespace();
            if !blank && !c.is_ascii() {
                return spoken::key(written);
            }
            if !blank || !(length == 0 || plain[length - 1] == b' ') {
                plain[length] = if blank { b' ' } else { (c as u8).to_ascii_lowercase() };
                length += 1;
            }
        }
        match std::str::from_utf8(&plain[..length]).unwrap_or_default().trim_end() {
            "status" => Self::Status,
            "assigned to" | "assigned" | "agent" | "owner" | "assignee" | "claimed"
            | "claimed by" | "completed by" => Self::AssignedTo,
            "depends on" | "depends" | "dependencies" | "dependency" | "blocked by"
            | "prerequisite" | "prerequisites" | "waits for" | "waits on" | "waiting for"
            | "waiting on" => Self::DependsOn,
            "requires" => Self::Requires,
            "tasks" | "task" => Self::Tasks,
            "effort" => Self::Effort,
            "done when" => Self::DoneWhen,
            "quality gates" | "quality gate" => Self::QualityGates,
            "completed" | "completed on" => Self::Completed,
            "plan" => Self::Plan,
            "target" => Self::Target,
            _ => spoken::key(written),
        }
    }
}

/// How a field is written. Ranges are in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Column of its first mark.
    pub indent: usize,
    /// A list item, not a bold line.
    pub bullet: bool,
    /// The key, without colon and emphasis.
    pub key: Range<usize>,
    /// The value, trimmed.
    pub value: Range<usize>,
}

/// Longest key in bytes; anything longer is a sentence.
pub(super) const LONGEST_KEY: usize = 80;

/// The field in a line.
pub(super) fn shape(line: &str) -> Option<Shape> {
    let (indent, mark) = indent(line);
    let (bullet, at) = match bullet_length(&line[mark..]) {
        Some(length) => (true, mark + length),
        None => (false, mark),
    };
    let rest = &line[at..];
    // What would open a fence, were other words behind it, is no key.
    if rest.starts_with("```") || rest.starts_with("~~~") {
        return None;
    }
    for emphasis in ["**", "__"] {
        if rest.starts_with(emphasis) {
            let (key, value) = bold(rest, emphasis)?;
            return Some(Shape {
                indent,
                bullet,
                key: shifted(key, at),
                value: shifted(value, at),
            });
        }
    }
    let colon = rest.find(':').filter(|colon| bullet && *colon <= LONGEST_KEY)?;
    if Key::of(&rest[..colon]) == Key::Unknown {
        return None;
    }
    let key = shifted(0..rest[..colon].trim_end().len(), at);
    Some(Shape { indent, bullet, key, value: shifted(value(rest, colon + 1), at) })
}

/// Key and value of a text that begins with emphasis.
fn bold(text: &str, emphasis: &str) -> Option<(Range<usize>, Range<usize>)> {
    let mut pairs = text.as_bytes()[2..].windows(emphasis.len());
    let close =
        2 + pairs.position(|pair| pair == emphasis.as_bytes()).filter(|close| *close > 0)?;
    let inner = &text[2..close];
    if let Some(key) = inner.trim_end().strip_suffix(':') {
        return named(key).map(|end| (2..2 + end, value(text, close + 2)));
    }
    let behind = &text[close + 2..];
    let gap = behind.len() - behind.trim_start().len();
    if behind[gap..].starts_with(':') {
        return named(inner).map(|end| (2..2 + end, value(text, close + 2 + gap + 1)));
    }
    // All of it bold: only certain when the key is known.
    let colon = inner.find(':')?;
    let known = Key::of(&inner[..colon]) != Key::Unknown && behind.trim().is_empty();
    known.then(|| (2..2 + inner[..colon].trim_end().len(), value(&text[..close], 2 + colon + 1)))
}

/// Length of a key without trailing blanks, when it can be one.
fn named(key: &str) -> Option<usize> {
    let key = key.trim_end();
    (!key.trim().is_empty() && key.len() <= LONGEST_KEY).then_some(key.len())
}

/// The trimmed rest of `text` behind `at`. An empty value sits behind one blank, if there is one.
fn value(text: &str, at: usize) -> Range<usize> {
    let rest = &text[at..];
    let trimmed = rest.trim();
    if trimmed.is_empty() {
        let blank = rest.chars().next().map_or(0, char::len_utf8);
        return at + blank..at + blank;
    }
    let start = text.len() - rest.trim_start().len();
    start..start + trimmed.len()
}

/// `range` moved by `by`.
fn shifted(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Column and byte of the first character that is no blank; a tab counts four columns.
pub(super) fn indent(line: &str) -> (usize, usize) {
    let mut column = 0;
    for (at, c) in line.char_indices() {
        match c {
            '\t' => column += 4 - column % 4,
            c if c.is_whitespace() => column += 1,
            _ => return (column, at),
        }
    }
    (column, line.len())
}

/// Length of a bullet and the blanks behind it.
pub(super) fn bullet_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(['-', '*', '+'])?;
    let body = rest.trim_start();
    (body.len() < rest.len()).then(|| text.len() - body.len())
}

/// Bytes of a bullet or a number, and of the blanks behind it.
pub(super) fn item_length(text: &str) -> Option<usize> {
    let digits = text.bytes().take(9).take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return bullet_length(text);
    }
    let rest = text[digits..].strip_prefix(['.', ')'])?;
    let body = rest.trim_start();
    (body.len() < rest.len()).then(|| text.len() - body.len())
}

/// A thematic break.
pub(super) fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next().filter(|c| matches!(c, '-' | '*' | '_')) else { return false };
    let mut count = 1;
    for mark in marks {
        if mark != first {
            return false;
        }
        count += 1;
    }
    count >= 3
}

/// A check list item. Ranges are in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskShape {
    /// What stands between the brackets.
    pub mark: Range<usize>,
    /// Its text.
    pub text: Range<usize>,
    /// Whether the mark is a tick.
    pub done: bool,
}

/// The task in a line.
pub(super) fn task(line: &str) -> Option<TaskShape> {
    let (_, start) = indent(line);
    let at = start + item_length(&line[start..])?;
    let inner = line[at..].strip_prefix('[')?;
    let length = inner.find(']').filter(|length| (1..=16).contains(length))?;
    let after = &inner[length + 1..];
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return None;
    }
    let mark = at + 1..at + 1 + length;
    let done =
        matches!(inner[..length].trim().trim_end_matches('\u{fe0f}'), "x" | "X" | "✅" | "☑" | "✔");
    let text = value(line, mark.end + 1);
    Some(TaskShape { mark, text, done })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(&str, &str)> {
        shape(line).map(|shape| (&line[shape.key], &line[shape.value]))
    }

    #[test]
    fn what_nearly_opens_a_fence_is_no_field() {
        for line in ["- ``` **Status:** a ``` b", "``` Status: x", "- ~~~ **Status:** a"] {
            assert_eq!(shape(line), None, "{line}");
        }
    }

    #[test]
    fn fields_in_many_dresses() {
        for line in [
            "- **Status:** 🔴 Blocked",
            "* **Status**: 🔴 Blocked  ",
            "+ **Status** : 🔴 Blocked",
            "**Status:** 🔴 Blocked",
            "**Status: 🔴 Blocked**",
            "__Status:__ 🔴 Blocked",
            "- Status: 🔴 Blocked",
            "  -\t**Status:**\u{a0}🔴 Blocked",
        ] {
            assert_eq!(read(line), Some(("Status", "🔴 Blocked")), "{line}");
        }
        assert_eq!(read("- **Note:** a :** b"), Some(("Note", "a :** b")));
        assert_eq!(read("- **Tasks:**"), Some(("Tasks", "")));
        for line in
            ["- Note: x", "Status: x", "- [ ] **Status:** x", "**bold** text: x", "- ****", "text"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn keys_have_synonyms() {
        assert_eq!(Key::of("BLOCKED BY"), Key::DependsOn);
        assert_eq!(Key::of("Waiting On"), Key::DependsOn);
        assert_eq!(Key::of("Requires"), Key::Requires);
        assert_eq!(Key::of("Assigned  to"), Key::AssignedTo);
        assert_eq!(Key::of("Completed By"), Key::AssignedTo);
        assert_eq!(Key::of("Statuses"), Key::Unknown);
    }

    #[test]
    fn tasks_keep_their_marks() {
        for (line, mark, done) in [
            ("  - [ ] one", " ", false),
            ("* [x] one", "x", true),
            ("1. [ ] one", " ", false),
            ("12) [x] one", "x", true),
            ("- [✔️] one", "✔️", true),
            ("- [⚙️] one", "⚙️", false),
        ] {
            let task = task(line).unwrap();
            assert_eq!((&line[task.mark], &line[task.text], task.done), (mark, "one", done));
        }
        assert_eq!(task("- [link](x)"), None);
        assert_eq!(task("- []"), None);
        assert_eq!(task("1.[ ] one"), None);
        assert_eq!(task("1 [ ] one"), None);
    }

    #[test]
    fn rules_are_one_mark() {
        assert!(is_rule("---") && is_rule(" * * *") && is_rule("____"));
        assert!(!is_rule("--") && !is_rule("- a") && !is_rule("-*-"));
    }
}
