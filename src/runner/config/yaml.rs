//! YAML read into a small tree: key order kept, duplicate keys refused, and the line of any node known.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ConfigError;

/// A configuration file larger than this many bytes is refused.
pub const FILE_LIMIT: u64 = 1 << 20;

/// A value in a configuration file.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order of the file.
    Map(Vec<(String, Node)>),
}

/// One step from the top of a file to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into the value of a key.
    Key(String),
    /// Into an item of a list, from 0.
    Item(usize),
}

/// A configuration file as read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file, for messages.
    pub file: PathBuf,
    /// Its top value.
    pub root: Node,
    text: String,
}

impl Document {
    /// Reads and parses a file.
    ///
    /// # Errors
    /// When it can't be read, is larger than [`FILE_LIMIT`], is not UTF-8, or as [`Document::parse`].
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let fail = |why: String| ConfigError::new(file, None, why);
        let size = std::fs::metadata(file)
            .map_err(|e| {
                fail(format!("it can't be read: {e}. Check that the file exists and is readable."))
            })?
            .len();
        if size > FILE_LIMIT {
            return Err(fail(format!(
                "it holds {size} bytes, and at most {FILE_LIMIT} are read. Make the file shorter."
            )));
        }
        let text = std::fs::read_to_string(file)
            .map_err(|e| fail(format!("it can't be read as UTF-8 text: {e}. Save it as UTF-8.")))?;
        Self::parse(file, &text)
    }

    /// Parses the text of a file.
    ///
    /// # Errors
    /// When it is not one YAML document, or a key stands twice in one mapping.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let root = if text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
        {
            Node::Null
        } else {
            NodeSeed.deserialize(serde_yaml::Deserializer::from_str(&text)).map_err(|error| {
                let line = error.location().map(|at| at.line());
                ConfigError::new(file, line, sentence(&error))
            })?
        };
        Ok(Self { file: file.to_path_buf(), root, text })
    }

    /// Line of the key or item at `path`, from 1.
    pub fn line(&self, path: &[Step]) -> Option<usize> {
        let found = LineProbe { path }.deserialize(serde_yaml::Deserializer::from_str(&self.text));
        found.err().and_then(|error| error.location()).map(|at| at.line())
    }
}

/// The parser's message without the position it repeats.
fn sentence(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let text = text.rsplit_once(DUPLICATE).map_or(text, |(_, key)| key);
    if error.to_string().contains(DUPLICATE) {
        return format!("the key `{text}` stands twice in one mapping. Remove one of them.");
    }
    format!(
        "this is not valid YAML: {text}. Check indentation, quotes and brackets around this line."
    )
}

const DUPLICATE: &str = "duplicate key: ";

/// Builds a [`Node`].
struct NodeSeed;

impl<'de> DeserializeSeed<'de> for NodeSeed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value, a list or a mapping")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Whole(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Fraction(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(NodeSeed)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map: Vec<(String, Node)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = entries.next_key_seed(KeySeed { refused: &seen })? {
            let value = entries.next_value_seed(NodeSeed)?;
            seen.insert(key.clone());
            map.push((key, value));
        }
        Ok(Node::Map(map))
    }
}

/// Reads a key as text and fails, at its position, on one of `refused`.
struct KeySeed<'a> {
    refused: &'a std::collections::HashSet<String>,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<String, E> {
        if self.refused.contains(key) {
            return Err(E::custom(format!("{DUPLICATE}{key}")));
        }
        Ok(key.to_owned())
    }
}

/// Fails at the position of the node at `path`: the parser tells positions only in its errors.
struct LineProbe<'a> {
    path: &'a [Step],
}

impl LineProbe<'_> {
    fn stop<T, E: de::Error>() -> Result<T, E> {
        Err(E::custom("here"))
    }
}

impl<'de> DeserializeSeed<'de> for LineProbe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LineProbe<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Self::stop()
    }

    fn visit_bool<E: de::Error>(self, _value: bool) -> Result<(), E> {
        Self::stop()
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<(), E> {
        Self::stop()
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<(), E> {
        Self::stop()
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<(), E> {
        Self::stop()
    }

    fn visit_str<E: de::Error>(self, _value: &str) -> Result<(), E> {
        Self::stop()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.path.split_first() else {
            return Self::stop();
        };
        for _ in 0..*wanted {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Self::stop();
            }
        }
        items.next_element_seed(LineProbe { path: rest })?;
        Self::stop()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Some((Step::Key(wanted), rest)) = self.path.split_first() else {
            return Self::stop();
        };
        let last = std::collections::HashSet::from([wanted.clone()]);
        let refused = if rest.is_empty() { last } else { std::collections::HashSet::new() };
        while let Some(key) = entries.next_key_seed(KeySeed { refused: &refused })? {
            if key == *wanted {
                entries.next_value_seed(LineProbe { path: rest })?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Self::stop()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(Path::new("x.yaml"), text).unwrap()
    }

    #[test]
    fn every_node_knows_its_line() {
        let text = "a: 1\nb:\n  - {c: 2,\n     d: 3}\n  - e\nf: {g: [1,\n  2]}\n";
        let document = document(text);
        let key = |k: &str| Step::Key(k.into());
        assert_eq!(document.line(&[key("a")]), Some(1));
        assert_eq!(document.line(&[key("b")]), Some(2));
        assert_eq!(document.line(&[key("b"), Step::Item(0), key("d")]), Some(4));
        assert_eq!(document.line(&[key("b"), Step::Item(1)]), Some(5));
        assert_eq!(document.line(&[key("f"), key("g"), Step::Item(1)]), Some(7));
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        let error =
            Document::parse(Path::new("x.yaml"), "a:\n  b: 1\n  c: 2\n  b: 3\n").unwrap_err();
        assert_eq!(error.line, Some(4));
        assert!(error.to_string().contains("`b` stands twice"), "{error}");
    }

    #[test]
    fn broken_and_hostile_files_are_errors_not_panics() {
        for text in
            ["a: [1", "a: 'x", "\t- a", "a: &x [*x]", "? [1]\n: 2", "a: !tag 1", "--- 1\n--- 2\n"]
        {
            let error = Document::parse(Path::new("x.yaml"), text).unwrap_err();
            assert!(error.to_string().starts_with("x.yaml"), "{text}: {error}");
        }
        let deep = format!("a: {}", "[".repeat(20_000));
        assert!(Document::parse(Path::new("x.yaml"), &deep).is_err());
    }

    #[test]
    fn an_empty_file_is_null() {
        assert_eq!(document("\u{feff}# only a comment\n\n").root, Node::Null);
    }
}
