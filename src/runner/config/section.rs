//! Typed access to one mapping of a configuration file, with errors a person can act on.

mod commands;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::yaml::{Document, Node, Step};
use super::{ConfigError, ConfigWarning};

/// At most this many warnings are collected for one file.
const WARNING_LIMIT: usize = 50;

/// A file being checked.
#[derive(Debug)]
pub struct Reader<'d> {
    document: &'d Document,
    warnings: RefCell<Vec<ConfigWarning>>,
}

/// One mapping of it.
#[derive(Debug)]
pub struct Section<'r> {
    reader: &'r Reader<'r>,
    path: Vec<Step>,
    entries: &'r [(String, Node)],
}

type Checked<T> = Result<T, ConfigError>;

impl<'d> Reader<'d> {
    /// Begins to check a file.
    pub fn new(document: &'d Document) -> Self {
        Self { document, warnings: RefCell::new(Vec::new()) }
    }

    /// The top mapping; an empty file is an empty mapping.
    ///
    /// # Errors
    /// When the top of the file is something else.
    pub fn top(&'d self) -> Checked<Section<'d>> {
        self.section(&self.document.root, Vec::new())
    }

    /// What was found odd.
    pub fn into_warnings(self) -> Vec<ConfigWarning> {
        self.warnings.into_inner()
    }

    fn section(&'d self, node: &'d Node, path: Vec<Step>) -> Checked<Section<'d>> {
        match node {
            Node::Map(entries) => Ok(Section { reader: self, path, entries }),
            Node::Null => Ok(Section { reader: self, path, entries: &[] }),
            Node::Flag(_) | Node::Whole(_) | Node::Fraction(_) | Node::Text(_) | Node::List(_) => {
                Err(self.mismatch(&path, "a mapping of keys and values", node))
            }
        }
    }

    fn error(&self, path: &[Step], message: String) -> ConfigError {
        ConfigError::new(&self.document.file, self.document.line(path), message)
    }

    fn mismatch(&self, path: &[Step], expected: &str, found: &Node) -> ConfigError {
        self.error(
            path,
            format!("{} must be {expected}, but it is {}.", show(path), describe(found)),
        )
    }
}

impl<'r> Section<'r> {
    /// The keys in file order.
    pub fn keys(&self) -> impl Iterator<Item = &'r str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Line of a key, or of the section when it has no such key.
    pub fn error(&self, key: &str, message: String) -> ConfigError {
        let path = if self.get(key).is_some() { self.at(key) } else { self.path.clone() };
        self.reader.error(&path, message)
    }

    /// Notes something odd about a key.
    pub fn warn(&self, key: &str, message: String) {
        let mut warnings = self.reader.warnings.borrow_mut();
        if warnings.len() < WARNING_LIMIT {
            let document = self.reader.document;
            let line = document.line(&self.at(key));
            warnings.push(ConfigWarning { file: document.file.clone(), line, message });
        }
    }

    /// Warns of every key that is not one of `known`, naming the nearest.
    pub fn expect_keys(&self, known: &[&str]) {
        for key in self.keys().filter(|key| !known.contains(key)) {
            let hint = match nearest(key, known.iter().copied()) {
                Some(name) => format!("Did you mean `{name}`?"),
                None => format!("Known keys here: {}.", known.join(", ")),
            };
            self.warn(
                key,
                format!("{} is not a known key and is ignored. {hint}", show(&self.at(key))),
            );
        }
    }

    /// The error for a required key that is missing, naming a key that looks like a misspelling of it.
    pub fn missing(&self, key: &str, expected: &str) -> ConfigError {
        let near = nearest(key, self.keys().filter(|other| *other != key));
        let hint = near.map_or_else(
            || format!("Add a line `{key}: …`."),
            |typo| format!("Did you mean `{key}` instead of `{typo}`?"),
        );
        let path = near.map_or_else(|| self.path.clone(), |typo| self.at(typo));
        self.reader.error(&path, format!("{} needs `{key}`: {expected}. {hint}", show(&self.path)))
    }

    /// The value of a key; `null` counts as absent.
    pub fn get(&self, key: &str) -> Option<&'r Node> {
        let found = self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node);
        found.filter(|node| **node != Node::Null)
    }

    /// Text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self, key: &str) -> Checked<Option<&'r str>> {
        match self.get(key) {
            None => Ok(None),
            Some(Node::Text(text)) if text.contains('\0') => Err(self
                .error(key, format!("{} holds a NUL character. Remove it.", show(&self.at(key))))),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(other) => Err(self.reader.mismatch(&self.at(key), "text", other)),
        }
    }

    /// One of some words.
    ///
    /// # Errors
    /// When it is something else; names the nearest word.
    pub fn choice<T: Copy>(&self, key: &str, known: &[(&str, T)]) -> Checked<Option<T>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let words = || known.iter().map(|(word, _)| *word);
        let quoted: Vec<String> = words().map(|word| format!("`{word}`")).collect();
        let (last, before) = quoted.split_last().map_or(("", &[][..]), |(l, b)| (l.as_str(), b));
        let hint = nearest(text, words()).map(|near| format!(" Did you mean `{near}`?"));
        let why = format!(
            "`{key}` must be {} or {last}, but it is `{text}`.{}",
            before.join(", "),
            hint.unwrap_or_default()
        );
        Err(self.error(key, why))
    }

    /// An amount above zero, as it is written: `2`, `0.5`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn amount(&self, key: &str) -> Checked<Option<String>> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Node::Whole(number)) if *number > 0 => Some(number.to_string()),
            Some(Node::Fraction(number)) if *number > 0.0 && number.is_finite() => {
                Some(number.to_string())
            }
            Some(_) => None,
        };
        match (text, self.get(key)) {
            (None, Some(node)) => {
                Err(self.reader.mismatch(&self.at(key), "an amount above zero", node))
            }
            (text, _) => Ok(text),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self, key: &str) -> Checked<Option<bool>> {
        match self.get(key) {
            None => Ok(None),
            Some(Node::Flag(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.reader.mismatch(&self.at(key), "`true` or `false`", other)),
        }
    }

    /// A whole number within `range`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn whole(&self, key: &str, range: RangeInclusive<u32>) -> Checked<Option<u32>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let number =
            if let Node::Whole(number) = node { u32::try_from(*number).ok() } else { None };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => {
                let expected = format!("a whole number from {} to {}", range.start(), range.end());
                Err(self.reader.mismatch(&self.at(key), &expected, node))
            }
        }
    }

    /// A time: seconds as a number, or text such as `90s`, `5m`, `2h`; more than zero and at most 30 days.
    ///
    /// # Errors
    /// When it is something else.
    pub fn duration(&self, key: &str) -> Checked<Option<Duration>> {
        self.time(key, 1)
    }

    /// The same, but zero is a time too.
    ///
    /// # Errors
    /// When it is something else.
    pub fn pause(&self, key: &str) -> Checked<Option<Duration>> {
        self.time(key, 0)
    }

    fn time(&self, key: &str, least: u64) -> Checked<Option<Duration>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let seconds = match node {
            Node::Whole(number) => u64::try_from(*number).ok().map(|n| n.saturating_mul(1000)),
            Node::Fraction(number) if *number < 0.0 => None,
            Node::Fraction(number) => Some((number * 1000.0).min(1e15) as u64),
            Node::Text(text) => milliseconds(text),
            Node::Null | Node::Flag(_) | Node::List(_) | Node::Map(_) => None,
        };
        match seconds.filter(|ms| (least..=30 * 86_400_000).contains(ms)) {
            Some(ms) => Ok(Some(Duration::from_millis(ms))),
            None => {
                let expected = "a time such as `90s`, `5m`, `2h` or a number of seconds";
                Err(self.reader.mismatch(&self.at(key), expected, node))
            }
        }
    }

    /// A list of texts; numbers and flags are taken as they are written.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts(&self, key: &str) -> Checked<Option<Vec<String>>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let Node::List(items) = node else {
            return Err(self.reader.mismatch(&self.at(key), "a list of texts", node));
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let mut path = self.at(key);
            path.push(Step::Item(index));
            let text = scalar(item);
            texts.push(text.ok_or_else(|| self.reader.mismatch(&path, "text (in quotes)", item))?);
        }
        Ok(Some(texts))
    }

    /// A mapping of names to texts, fit to be environment variables.
    ///
    /// # Errors
    /// When it is something else, or a name can't be that of a variable.
    pub fn variables(&self, key: &str) -> Checked<Option<BTreeMap<String, String>>> {
        let Some(section) = self.section(key)? else { return Ok(None) };
        let mut map = BTreeMap::new();
        for (name, node) in section.entries {
            let path = section.at(name);
            if name.is_empty() || name.contains(['=', '\0']) {
                let why = format!("{} can't be the name of an environment variable.", show(&path));
                return Err(self.reader.error(&path, why));
            }
            let text = scalar(node).filter(|text| !text.contains('\0'));
            let value =
                text.ok_or_else(|| self.reader.mismatch(&path, "text (in quotes)", node))?;
            map.insert(name.clone(), value);
        }
        Ok(Some(map))
    }

    /// A mapping inside this one.
    ///
    /// # Errors
    /// When it is something else.
    pub fn section(&self, key: &str) -> Checked<Option<Section<'r>>> {
        self.get(key).map(|node| self.reader.section(node, self.at(key))).transpose()
    }

    /// A list of mappings.
    ///
    /// # Errors
    /// When it is something else.
    pub fn sections(&self, key: &str) -> Checked<Option<Vec<Section<'r>>>> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let Node::List(items) = node else {
            return Err(self.reader.mismatch(&self.at(key), "a list, one `- ` per entry", node));
        };
        let inside = |(index, item)| {
            let mut path = self.at(key);
            path.push(Step::Item(index));
            self.reader.section(item, path)
        };
        items.iter().enumerate().map(inside).collect::<Checked<Vec<_>>>().map(Some)
    }

    fn at(&self, key: &str) -> Vec<Step> {
        let mut path = self.path.clone();
        path.push(Step::Key(key.to_owned()));
        path
    }
}

/// The name among `known` that `word` is most likely a misspelling of.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= (word.len().max(name.len()) / 3).max(1))
        .map(|(_, name)| name)
}

/// A plain value as text. Fractions are refused: `1.10` would become `1.1`.
fn scalar(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.clone()),
        Node::Whole(number) => Some(number.to_string()),
        Node::Flag(flag) => Some(flag.to_string()),
        Node::Null | Node::Fraction(_) | Node::List(_) | Node::Map(_) => None,
    }
}

fn milliseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text.get(..digits)?.parse().ok()?;
    let unit = match text.get(digits..)?.trim() {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// A path for people: `targets.tide.gates[1].run`.
fn show(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Item(index) => text.push_str(&format!("[{index}]")),
        }
    }
    if text.is_empty() { "the top of the file".to_owned() } else { format!("`{text}`") }
}

fn describe(node: &Node) -> String {
    match node {
        Node::Null => "empty".to_owned(),
        Node::Flag(flag) => format!("`{flag}`"),
        Node::Whole(number) => format!("the number {number}"),
        Node::Fraction(number) => format!("the number {number}"),
        Node::Text(text) => {
            let short: String = text.chars().take(40).collect();
            format!("the text `{short}`")
        }
        Node::List(_) => "a list".to_owned(),
        Node::Map(_) => "a mapping".to_owned(),
    }
}
