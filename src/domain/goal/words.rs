//! Words of a goal: chunks as typed, the plain words inside them, and the word lists every reader shares.

use std::collections::HashSet;
use std::sync::LazyLock;

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Break {
    /// Space, or nothing.
    Space,
    /// A comma, a bracket or a colon.
    Comma,
    /// The end of a clause: full stop, semicolon, question mark, new line.
    Clause,
}

/// One chunk of a goal, e.g. `2.1-2.4`, `don't` or `whole-system`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The chunk in lower case, without punctuation around it.
    pub text: String,
    /// The plain words inside it, apostrophes dropped.
    pub parts: Vec<String>,
    /// What stands before it.
    pub before: Break,
}

/// A goal longer than this is read up to here: a paragraph, not a book.
const MOST_WORDS: usize = 400;

/// Splits a text into words.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut splitter = Splitter::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if splitter.words.len() >= MOST_WORDS {
            break;
        }
        splitter.take(c, chars.peek().copied());
    }
    splitter.end_chunk();
    splitter.words
}

/// The plain words of a text, joined by single spaces: what makes two names the same.
pub(crate) fn plain(text: &str) -> String {
    parts_of(words(text).iter()).join(" ")
}

/// The plain words of several chunks.
pub(crate) fn parts_of<'w>(words: impl Iterator<Item = &'w Word>) -> Vec<&'w str> {
    words.flat_map(|word| word.parts.iter().map(String::as_str)).collect()
}

#[derive(Default)]
struct Splitter {
    words: Vec<Word>,
    chunk: String,
    before: Option<Break>,
}

impl Splitter {
    fn take(&mut self, c: char, next: Option<char>) {
        let last_of_chunk = next.is_none_or(char::is_whitespace);
        match c {
            '\n' | '\r' | ';' | '!' | '?' | '…' => self.separate(Break::Clause),
            '.' | ':' if last_of_chunk => {
                self.separate(if c == '.' { Break::Clause } else { Break::Comma });
            }
            ',' | '(' => self.separate(Break::Comma),
            '"' | '`' | ')' | '[' | ']' | '{' | '}' | '“' | '”' | '«' | '»' => {
                self.separate(Break::Space);
            }
            c if c.is_whitespace() => self.separate(Break::Space),
            '–' | '—' | '‑' | '−' => self.chunk.push('-'),
            '’' | '‘' => self.chunk.push('\''),
            '\u{fe0f}' => {}
            c => self.chunk.extend(c.to_lowercase()),
        }
    }

    fn separate(&mut self, with: Break) {
        self.end_chunk();
        self.before = self.before.max(Some(with));
    }

    fn end_chunk(&mut self) {
        let chunk = std::mem::take(&mut self.chunk);
        let trimmed = chunk.trim_matches('\'');
        let text = match trimmed {
            "" => return,
            "&" | "+" => "and",
            other => other,
        };
        let parts = text
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .map(|part| part.replace('\'', ""))
            .filter(|part| !part.is_empty())
            .collect();
        let before = self.before.take().unwrap_or(Break::Space);
        self.words.push(Word { text: text.to_owned(), parts, before });
    }
}

/// Words for a phase, in front of an id.
pub(crate) const PHASE_WORDS: &str = "phase phases workstream workstreams stream streams stage stages milestone \
    milestones sub-phase subphase wp ws package packages";

/// Verbs that ask for work.
pub(crate) const RUN_VERBS: &str = "run start begin do work implement build make create add write finish complete \
    execute launch kick go get take tackle ship deliver continue resume proceed handle \
    develop code close clear spawn plan schedule attempt try process redo retry pick \
    grab running starting finishing completing implementing building doing working move";

/// Verbs that end work.
pub(crate) const STOP_VERBS: &str = "stop kill abort halt cancel terminate pause interrupt end";

/// Words that carry on a list.
pub(crate) const CONNECTIVES: &str = "and or then plus also nor";

/// Words for the whole of something.
pub(crate) const ALL_WORDS: &str =
    "everything all every each whole entire rest remaining remainder anything";

/// Function words and the jargon of this app: they never tell one phase from another.
const STOP_WORDS: &str = "a an the what's whats how's who's this that these those it its i we you they me us my our your their them he \
    she of for to in on at by with from into onto as is are was were be been being am \
    has have had does did done will would can could should may might must shall so if \
    but not no only just too very please now today tonight quickly carefully again \
    first once together parallel simultaneously concurrently time up out off over about \
    than there here some any more most such own same want need needs like let lets \
    let's i'd id we'd i'm im until till while when where which who what why how after \
    before during ok okay hey thanks kindly instead still yet also one ones using use \
    via per left nothing them agent agents task tasks item items thing things stuff \
    rather roadmap project job jobs step steps don't dont except without skip minus excluding \
    whatever possible soon asap properly keep going gets set because";

/// Whether `list`, words with single spaces between, holds `word`.
pub(crate) fn is_in(word: &str, list: &str) -> bool {
    list.split(' ').any(|entry| entry == word)
}

static ALL_STOP_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    [STOP_WORDS, RUN_VERBS, PHASE_WORDS, ALL_WORDS, CONNECTIVES]
        .into_iter()
        .flat_map(|list| list.split(' '))
        .collect()
});

/// Whether a word says nothing about which phase is meant.
pub(crate) fn is_stop_word(word: &str) -> bool {
    ALL_STOP_WORDS.contains(word)
}

/// Whether a chunk says nothing about which phase is meant: all of it does not.
pub(crate) fn is_filler(word: &Word) -> bool {
    is_stop_word(&word.text) || word.parts.iter().all(|part| is_stop_word(part))
}

/// A version or another number with dots: no word to look for.
pub(crate) fn is_dotted(word: &Word) -> bool {
    word.parts.len() > 1
        && word.parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A number written in digits or as a word, up to a thousand.
pub(crate) fn number(word: &str) -> Option<usize> {
    const WORDS: &[&str] = &[
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    match word {
        "couple" | "pair" => Some(2),
        _ => WORDS.iter().position(|name| *name == word).or_else(|| {
            let digits = word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
            word.parse().ok().filter(|n| digits && *n <= 1000)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn chunks_keep_ids_and_ranges_whole() {
        assert_eq!(texts("Run 2.1-2.4, then (3.1)."), ["run", "2.1-2.4", "then", "3.1"]);
        assert_eq!(texts("2.1 – 2.4 & WP-10.1"), ["2.1", "-", "2.4", "and", "wp-10.1"]);
        assert_eq!(texts("Phase 3.3: HTTP"), ["phase", "3.3", "http"]);
        assert_eq!(texts("it’s v2.0 https://a.b"), ["it's", "v2.0", "https://a.b"]);
    }

    #[test]
    fn breaks_are_kept() {
        let breaks: Vec<_> = words("a b, c; d").into_iter().map(|word| word.before).collect();
        assert_eq!(breaks, [Break::Space, Break::Space, Break::Comma, Break::Clause]);
    }

    #[test]
    fn names_are_compared_by_their_plain_words() {
        assert_eq!(plain("Don't  panic: error-budget & SLOs"), "dont panic error budget and slos");
        assert_eq!(plain("✅"), "");
    }

    #[test]
    fn numbers_are_read_in_digits_and_words() {
        assert_eq!(number("two"), Some(2));
        assert_eq!(number("12"), Some(12));
        assert_eq!(number("2.1"), None);
        assert_eq!(number("99999999999999999999"), None);
    }
}
