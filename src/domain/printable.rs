//! Text that may reach a terminal.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Text from outside with everything that could steer or deceive a terminal made visible:
/// C0 and C1 controls, bidirectional controls, zero-width and tag characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Printable(CompactString);

impl Printable {
    /// Makes `text` printable.
    pub fn new(text: &str) -> Self {
        if is_plain(text) { Self(text.into()) } else { Self(visible(text).into()) }
    }

    /// The printable text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Printable {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<&str> for Printable {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<Printable> for String {
    fn from(text: Printable) -> Self {
        text.0.into_string()
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `1 phase`, `2 phases`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `text` with control characters shown by their pictures and invisible ones by their code point.
pub fn visible(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' => out.push(picture(c)),
            '\u{7f}' => out.push('\u{2421}'),
            c if is_hidden(c) => out.push_str(&format!("<{:04X}>", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// A character that may stand in no file of ours: it would steer or deceive whoever prints the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// Its line, from 1.
    pub line: usize,
    /// Which.
    character: char,
}

impl Unprintable {
    /// The first one of a text that stands at this byte or behind it. Tabs and line endings are what they are.
    pub fn find(text: &str, from: usize) -> Option<Self> {
        let (mut line, mut rest) = (1, text.char_indices().peekable());
        while let Some((at, character)) = rest.next() {
            match character {
                '\r' if rest.peek().is_some_and(|(_, next)| *next == '\n') => {}
                '\n' | '\r' => line += 1,
                '\t' => {}
                c if at >= from && (c.is_control() || (is_hidden(c) && !is_written(c))) => {
                    return Some(Self { line, character });
                }
                _ => {}
            }
        }
        None
    }
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the unprintable character U+{:04X}", u32::from(self.character))
    }
}

/// Whether a text consists of printable ASCII.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// The control picture of a C0 control.
fn picture(control: char) -> char {
    char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{fffd}')
}

/// Whether a character is invisible or reorders what follows it.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether a hidden character belongs to how some scripts are written: it joins, divides or marks a direction, and
/// reorders nothing.
fn is_written(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' | '\u{2060}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(Printable::new("a\u{1b}[31mb").as_str(), "a\u{241b}[31mb");
        assert_eq!(Printable::new("x\u{202e}y\u{200b}\u{e0041}").as_str(), "x<202E>y<200B><E0041>");
        assert_eq!(Printable::new("a\tb\r\n").as_str(), "a b  ");
    }

    #[test]
    fn what_can_t_be_printed_is_found_with_its_line() {
        let found =
            |text: &str| Unprintable::find(text, 0).map(|found| (found.line, found.to_string()));
        let named = |code: &str| format!("the unprintable character U+{code}");
        for text in [
            "",
            "a\tb\r\nc\rd\n",
            "naïve ✅ 完了 👩\u{200d}💻 ⏸\u{fe0f}",
            "می\u{200c}خواهم\u{200f}",
        ] {
            assert_eq!(found(text), None, "{text:?}");
        }
        for (text, line, code) in [
            ("\u{1b}[2J", 1, "001B"),
            ("a\r\nb\rc\n\u{7f}", 4, "007F"),
            ("a\n\n\u{9b}31m\n\u{1}", 3, "009B"),
            ("a \u{202e}b", 1, "202E"),
            ("\n\u{e0041}", 2, "E0041"),
        ] {
            assert_eq!(found(text), Some((line, named(code))), "{text:?}");
        }
        let behind = Unprintable::find("\u{1}\nb\u{2}", 2).unwrap();
        assert_eq!((behind.line, behind.to_string()), (2, named("0002")));
    }

    #[test]
    fn one_thing_has_no_s() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "phase")), ["0 phases", "1 phase", "2 phases"]);
    }

    #[test]
    fn ordinary_text_is_untouched() {
        for text in ["plain", "naïve café", "✅ 完了", "👩\u{200d}💻"] {
            assert_eq!(Printable::new(text).as_str(), text);
        }
    }
}
