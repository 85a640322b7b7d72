//! Code with colours: comments, strings, numbers and the common keywords, whatever the language. Not a parser: what it
//! takes for a keyword is one in most languages a roadmap quotes.

use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::domain::printable::Printable;
use crate::ui::look::{ColourRole, Look};

/// Keywords of C, Go, Java, JavaScript, Python, Rust, shells, SQL (in capitals) and their relatives.
const KEYWORDS: &str = " abstract as async await begin bool break case catch char class const continue crate def default \
    defer del delete do dyn elif else end enum esac except export extends extern false fi final finally float fn for \
    foreach from func function global goto if impl implements import in include instanceof int interface is lambda let \
    loop match mod module mut namespace new nil None not null or package pass private protected pub public raise ref \
    return self Self static struct super switch template then this throw throws trait true True False try type typedef \
    typename undefined union unless unsafe until use using val var virtual void where while with yield and CREATE TABLE \
    ALTER DROP INSERT INTO VALUES SELECT FROM WHERE JOIN ON UPDATE SET DELETE NOT NULL PRIMARY KEY AND OR ORDER GROUP BY \
    LIMIT INDEX UNIQUE REFERENCES DEFAULT ";

/// How a language writes what is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// `//` and `/* */`.
    Slash,
    /// `#`.
    Hash,
    /// `--` and `/* */`.
    Dash,
    /// Lines that were added and taken away.
    Diff,
    /// Nothing is known of it.
    Plain,
}

/// What a line begins in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Code,
    Comment,
    /// A string of many lines.
    Text(&'static str),
}

/// Colours code line by line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Painter {
    family: Family,
    inside: Inside,
}

impl Painter {
    /// For the language a fence names.
    pub fn new(language: &str) -> Self {
        let word = language.split([' ', ',', '{']).next().unwrap_or_default().to_lowercase();
        let family = match word.as_str() {
            "rust" | "rs" | "c" | "h" | "cpp" | "c++" | "cc" | "cs" | "csharp" | "go" | "java"
            | "js" | "javascript" | "jsx" | "ts" | "typescript" | "tsx" | "json" | "jsonc"
            | "kotlin" | "kt" | "swift" | "scala" | "dart" | "php" | "proto" | "zig" | "css" => {
                Family::Slash
            }
            "python" | "py" | "sh" | "bash" | "zsh" | "shell" | "console" | "yaml" | "yml"
            | "toml" | "ruby" | "rb" | "make" | "makefile" | "dockerfile" | "perl" | "r"
            | "elixir" | "nix" | "ini" | "conf" => Family::Hash,
            "sql" | "lua" | "haskell" | "hs" | "elm" | "ada" => Family::Dash,
            "diff" | "patch" => Family::Diff,
            _ => Family::Plain,
        };
        Self { family, inside: Inside::Code }
    }

    /// One line in spans of one colour each.
    pub fn line(&mut self, line: &str, look: &Look) -> Vec<Span<'static>> {
        let span = |text: &str, role: ColourRole| {
            Span::styled(Printable::new(text).to_string(), style(role, look))
        };
        match self.family {
            Family::Plain => return vec![span(line, ColourRole::Plain)],
            Family::Diff => {
                let role = match line.bytes().next() {
                    Some(b'+') => ColourRole::Ok,
                    Some(b'-') => ColourRole::Fail,
                    Some(b'@') => ColourRole::Accent,
                    Some(_) | None => ColourRole::Plain,
                };
                return vec![span(line, role)];
            }
            Family::Slash | Family::Hash | Family::Dash => {}
        }
        let (mut spans, mut rest) = (Vec::new(), line);
        while !rest.is_empty() {
            let (length, role) = self.token(rest);
            let (token, behind) = rest.split_at(length.clamp(1, rest.len()));
            spans.push(span(token, role));
            rest = behind;
        }
        spans
    }

    /// Length in bytes and role of what a text begins with.
    fn token(&mut self, text: &str) -> (usize, ColourRole) {
        match self.inside {
            Inside::Comment => return (self.until(text, "*/"), ColourRole::Muted),
            Inside::Text(end) => return (self.until(text, end), ColourRole::Ok),
            Inside::Code => {}
        }
        for end in ["\"\"\"", "'''"] {
            if self.family == Family::Hash && text.starts_with(end) {
                self.inside = Inside::Text(end);
                return (3, ColourRole::Ok);
            }
        }
        if self.family != Family::Hash && text.starts_with("/*") {
            self.inside = Inside::Comment;
            return (2, ColourRole::Muted);
        }
        if self.comment().is_some_and(|comment| text.starts_with(comment)) {
            return (text.len(), ColourRole::Muted);
        }
        let Some(first) = text.chars().next() else { return (0, ColourRole::Plain) };
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let run =
            |more: &str| text.find(|c: char| !word(c) && !more.contains(c)).unwrap_or(text.len());
        match first {
            '"' | '\'' | '`' => quoted(text, first),
            // What it escapes begins nothing.
            '\\' => (text.chars().take(2).map(char::len_utf8).sum(), ColourRole::Plain),
            c if c.is_ascii_digit() => (run("."), ColourRole::Verify),
            c if word(c) => {
                let length = run("");
                let known = KEYWORDS.contains(&format!(" {} ", &text[..length]));
                (length, if known { ColourRole::Accent } else { ColourRole::Plain })
            }
            // Alone, so that a comment, a string or a word may begin behind it.
            c => (c.len_utf8(), ColourRole::Plain),
        }
    }

    /// What begins a comment that ends with its line.
    fn comment(&self) -> Option<&'static str> {
        match self.family {
            Family::Slash => Some("//"),
            Family::Hash => Some("#"),
            Family::Dash => Some("--"),
            Family::Diff | Family::Plain => None,
        }
    }

    /// To the end of what the line is inside of.
    fn until(&mut self, text: &str, end: &str) -> usize {
        match text.find(end) {
            Some(at) => {
                self.inside = Inside::Code;
                at + end.len()
            }
            None => text.len(),
        }
    }
}

/// A string on one line; a quote without its fellow, or a lifetime, stands for itself.
fn quoted(text: &str, quote: char) -> (usize, ColourRole) {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if !escaped && c == quote {
            return (at + 1, ColourRole::Ok);
        }
        // `'a` of `<'a, 'b>` is no string.
        if quote == '\'' && matches!(c, ',' | '>' | ')') && at <= 8 {
            break;
        }
        escaped = !escaped && c == '\\';
    }
    (1, ColourRole::Plain)
}

fn style(role: ColourRole, look: &Look) -> Style {
    match role {
        ColourRole::Muted => look.style(role).add_modifier(Modifier::ITALIC),
        ColourRole::Run
        | ColourRole::Wait
        | ColourRole::Verify
        | ColourRole::Ok
        | ColourRole::Fail
        | ColourRole::Accent
        | ColourRole::Plain => look.style(role).remove_modifier(Modifier::BOLD),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::time::Timestamp;
    use crate::ui::look::{Glyphs, Theme};

    const LOOK: Look = Look { theme: Theme::Dark, glyphs: Glyphs::Unicode, now: Timestamp(0) };

    /// Each token with the first letter of its role.
    fn marked(language: &str, lines: &[&str]) -> String {
        let mut painter = Painter::new(language);
        let roles = [
            (ColourRole::Muted, 'm'),
            (ColourRole::Ok, 's'),
            (ColourRole::Verify, 'n'),
            (ColourRole::Accent, 'k'),
            (ColourRole::Fail, 'f'),
        ];
        let mut out = String::new();
        for span in lines.iter().flat_map(|line| painter.line(line, &LOOK)) {
            let role = roles.iter().find(|(role, _)| span.style == style(*role, &LOOK));
            match role {
                Some((_, letter)) => out.push_str(&format!("{letter}({})", span.content)),
                None => out.push_str(&span.content),
            }
        }
        out
    }

    #[test]
    fn tokens_are_told_apart() {
        let rust =
            ["fn f<'a>(x: &'a str) -> u8 { 1_0.5; \"a\\\"b\" } // why", "/* one", "two */ let"];
        let wanted = "k(fn) f<'a>(x: &'a str) -> u8 { n(1_0.5); s(\"a\\\"b\") } m(// why)m(/*)m( one)m(two */) k(let)";
        assert_eq!(marked("rust", &rust), wanted);
        let python = ["def f(): # no", "\"\"\"long", "text\"\"\" return 1"];
        assert_eq!(
            marked("python", &python),
            "k(def) f(): m(# no)s(\"\"\")s(long)s(text\"\"\") k(return) n(1)"
        );
        assert_eq!(marked("sql", &["SELECT 1 -- all"]), "k(SELECT) n(1) m(-- all)");
        assert_eq!(marked("diff", &["+a", "-b", " c"]), "s(+a)f(-b) c");
        assert_eq!(marked("", &["let x = 1"]), "let x = 1");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(line in "\\PC{0,60}") {
            for language in ["rust", "py", "sql", "diff", "?"] {
                let spans = Painter::new(language).line(&line, &LOOK);
                let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
                prop_assert_eq!(text, Printable::new(&line).to_string());
            }
        }
    }
}
