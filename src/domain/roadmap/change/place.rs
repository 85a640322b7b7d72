//! Where a new line may stand without cutting a person's sentence in two.

use super::Page;
use crate::domain::roadmap::field;

impl Page<'_> {
    /// Where a field goes that stands next to the Status.
    pub(super) fn behind_status(&self) -> usize {
        let status = self.status_field().map_or(self.tail, |field| field.line_span.end);
        self.open_place(&[status])
    }

    /// Where a field goes that stands last.
    pub(super) fn behind_fields(&self) -> usize {
        let ends = [self.phase.assigned_field(), self.status_field()];
        let ends = ends.into_iter().flatten().map(|field| field.line_span.end);
        let places: Vec<usize> = std::iter::once(self.tail).chain(ends).collect();
        self.open_place(&places)
    }

    /// The first of these places, each between two lines, where a new field keeps apart from its neighbours; else
    /// behind the paragraph that the last of them is in.
    fn open_place(&self, places: &[usize]) -> usize {
        let open = places.iter().copied().find(|at| self.is_open(*at));
        open.or_else(|| places.last().map(|at| self.behind_paragraph(*at))).unwrap_or(self.tail)
    }

    fn is_open(&self, at: usize) -> bool {
        let before = self.line_before(at);
        let in_item = is_item(&before) || before.starts_with([' ', '\t']);
        let joins = !self.is_listed() && in_item && field::shape(before.trim_end()).is_none();
        !joins && !continues(&self.line_at(at))
    }

    fn behind_paragraph(&self, mut at: usize) -> usize {
        while continues(&self.line_at(at)) {
            at += self.length_at(at);
        }
        at
    }

    /// Whether the phase's fields are items of a list.
    fn is_listed(&self) -> bool {
        self.status_field().is_some_and(|status| is_item(&self.line_at(status.line_span.start)))
    }

    fn line_at(&self, at: usize) -> String {
        let bytes = self.roadmap.bytes().get(at..at + self.length_at(at)).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn length_at(&self, at: usize) -> usize {
        let rest = self.roadmap.bytes().get(at..).unwrap_or_default();
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let ended = |end: usize| if rest[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 };
        end.map_or(rest.len(), ended)
    }

    fn line_before(&self, at: usize) -> String {
        let before = self.roadmap.bytes().get(..at).unwrap_or_default();
        let ended = [b"\r\n".as_slice(), b"\n", b"\r"];
        let line = ended.iter().find_map(|end| before.strip_suffix(*end)).unwrap_or(before);
        let start = line.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
        String::from_utf8_lossy(&line[start.map_or(0, |start| start + 1)..]).into_owned()
    }
}

/// Whether a line goes on with the paragraph above it (a lazy continuation line of CommonMark).
fn continues(line: &str) -> bool {
    let text = line.trim();
    let begins_block = text.starts_with(['#', '>', '|', '<', '`', '~'])
        || text.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | ' '));
    !text.is_empty() && !begins_block && !is_item(line) && field::shape(line.trim_end()).is_none()
}

/// Whether a line is an item of a list.
fn is_item(line: &str) -> bool {
    let text = line.trim_start();
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let marked = if behind.len() == text.len() {
        text.strip_prefix(['-', '*', '+'])
    } else {
        behind.strip_prefix(['.', ')'])
    };
    marked.is_some_and(|rest| rest.starts_with([' ', '\t']) || rest.trim().is_empty())
}
