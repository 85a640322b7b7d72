//! The bytes of a roadmap file, shared by everything that was read from it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::phase::{Field, Span};

/// The bytes of a roadmap. What was read from them are spans, made into text where somebody asks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    bytes: Arc<[u8]>,
    /// The lines by which values go on, of all fields in file order.
    more: Vec<Span>,
}

impl Text {
    /// The text of a file whose fields go on in these lines.
    pub(super) fn new(bytes: Arc<[u8]>, more: Vec<Span>) -> Self {
        Self { bytes, more }
    }

    /// The bytes as they are in the file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file's own text of a range, invalid bytes replaced for display.
    pub fn shown(&self, span: Span) -> Cow<'_, str> {
        let bytes = self.bytes.get(span).unwrap_or_default();
        // Nearly all text is valid, which is found out faster than what is not.
        std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
    }

    /// Where the value of a field stands, line by line.
    pub(super) fn lines<'t>(&'t self, field: &'t Field) -> impl Iterator<Item = &'t Span> {
        std::iter::once(&field.span).chain(self.more.get(field.more()).unwrap_or_default())
    }

    /// The value of a field, continuation lines joined by newlines.
    pub(super) fn value(&self, field: &Field) -> Cow<'_, str> {
        let mut lines = self.lines(field).map(|span| self.shown(span.clone()));
        let first = lines.next().unwrap_or_default();
        lines.fold(first, |value, line| value + "\n" + line)
    }
}

/// A whole file says nothing in a message.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_replaced_where_they_are_shown() {
        let text = Text::new(Arc::from(&b"a\xff\xc3(\nb"[..]), Vec::new());
        assert_eq!(text.shown(0..4), "a\u{fffd}\u{fffd}(");
        assert_eq!(text.shown(4..9), "", "nothing beyond the end");
    }
}
