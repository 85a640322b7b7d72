//! What has been read of the phase that is being read.

use super::dependency::numbering;
use super::draft::part::Part;
use super::field::{self, Key};
use super::hold::{self, Dress};
use super::note;
use super::phase::{Field, Task};

/// Where the walk is inside the current phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In no field.
    Nowhere,
    /// In the phase's last field.
    Field,
    /// In its last field, behind a blank line.
    Gap,
    /// In its tasks.
    Tasks,
}

/// What has been read of the current phase: the last one begun, until its section ends or a deeper phase begins.
#[derive(Default)]
pub(super) struct Page {
    /// Its place among the drafts.
    pub draft: Option<usize>,
    /// Its fields so far.
    pub fields: Vec<Field>,
    /// Its tasks so far.
    pub tasks: Vec<Task>,
    /// The first of each known key as written, as indexes of fields.
    pub known: Vec<usize>,
    /// Column of the first field.
    pub base: usize,
    /// Column of the last field.
    pub indent: usize,
    /// How the last field begins.
    pub mark: Mark,
    /// What the quotation is in which the last line stands.
    pub quote: Quote,
    /// Lines that hold the phase without being fields.
    pub holds: Vec<Field>,
    /// The last line belongs to the last of these, and how that one stands.
    pub holding: Option<Dress>,
    /// The section inside of it that is read, where it may be work of its own.
    pub part: Option<Part>,
}

/// What a quotation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quote {
    /// None, or words of this phase.
    #[default]
    Words,
    /// A section of something else: it has a heading.
    Section,
}

impl Page {
    /// Takes notice of a line: a heading in a quotation makes it one of something else.
    pub fn quote(&mut self, text: &str) {
        match text.trim_start().strip_prefix('>') {
            None => self.quote = Quote::Words,
            Some(inner) if inner.trim_start().starts_with('#') => self.quote = Quote::Section,
            Some(_) => {}
        }
    }

    /// Whether a line goes on with words that hold the phase.
    pub fn goes_on_holding(&self, text: &str) -> bool {
        let body = text.trim_start();
        let item = field::bullet_length(body).is_some() || numbering(body) > 0;
        self.holding.is_some_and(|dress| match dress {
            Dress::Quoted => body.starts_with('>'),
            Dress::Plain => !item,
        })
    }

    /// Whether a line that is no field belongs to the value of the last one.
    pub fn takes(&self, at: At, text: &str, indent: usize) -> bool {
        let Some(last) = self.fields.last() else { return false };
        let body = text.trim_start();
        let item = field::bullet_length(body).is_some();
        let empty = last.span.is_empty();
        let open = self.mark != Mark::Bullet && empty;
        let deeper = indent > self.indent;
        let waits = last.kind.names_phases();
        // A reason may stand below a state.
        let runs_on = waits || last.kind == Key::Status && !item;
        let named = || waits && empty && note::names_at_start(text);
        let first = || last.more.is_empty() && (self.mark == Mark::Heading || named());
        match at {
            At::Nowhere => false,
            At::Field | At::Gap if item && empty && last.kind == Key::Unknown => {
                // `- **Blockers:**` goes on in the list below it.
                let holds = hold::key(last.key.as_str()) > hold::Tells::Nothing;
                deeper || open || holds && field::task(text).is_none()
            }
            At::Field if waits && item => {
                deeper || open || empty && (field::task(text).is_none() || named())
            }
            At::Field => deeper || open || runs_on && self.is_lazy(body),
            At::Gap => deeper || (open && (item || waits && first())) || (item && named()),
            At::Tasks => deeper,
        }
    }

    /// Whether a line goes on with the paragraph above it.
    fn is_lazy(&self, body: &str) -> bool {
        let begins = body.starts_with(['>', '<', '|']) || numbering(body) > 0;
        !begins || self.mark == Mark::Quote && body.starts_with('>')
    }
}

/// How a field begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// As a list item.
    #[default]
    Bullet,
    /// As a bold line.
    Bold,
    /// As a heading.
    Heading,
    /// In a quotation.
    Quote,
}
