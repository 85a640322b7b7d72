//! The lines of a roadmap around one of them, as its author wrote them.

use memchr::memchr2;

use super::Roadmap;
use crate::domain::printable::Printable;

/// Most bytes of a line that are read.
const LONGEST: usize = 1024;

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLine {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, or the begin of it.
    pub text: Printable,
}

impl Roadmap {
    /// At most `count` lines of which `line` (from 1) is one, up to `before` of them above it. Costs as much as the
    /// section the line is in is long, not the file.
    pub fn lines_around(&self, line: usize, before: usize, count: usize) -> Vec<FileLine> {
        let bytes = self.bytes();
        let after = self.phases.partition_point(|phase| phase.place.line <= line);
        let place = after.checked_sub(1).map(|at| &self.phases[at].place);
        let (mut number, mut start) = place.map_or((1, 0), |place| {
            let head = bytes.get(..place.heading.start).unwrap_or_default();
            (place.line, head.iter().rposition(is_end).map_or(0, |at| at + 1))
        });
        while number < line {
            let Some(next) = next_line(bytes, start) else { return Vec::new() };
            (number, start) = (number + 1, next);
        }
        for _ in 0..before {
            let Some(previous) = line_before(bytes, start) else { break };
            (number, start) = (number - 1, previous);
        }
        let starts = std::iter::successors(Some(start), |start| next_line(bytes, *start));
        let numbered = (number..).zip(starts).take(count);
        numbered.map(|(number, start)| FileLine { number, text: text(bytes, start) }).collect()
    }
}

fn is_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the line behind the one at `start` begins; nothing behind the last.
fn next_line(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let end = memchr2(b'\n', b'\r', rest)?;
    let ending = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
    Some(start + end + ending).filter(|next| *next < bytes.len())
}

/// Where the line before the one at `start` begins; nothing before the first.
fn line_before(bytes: &[u8], start: usize) -> Option<usize> {
    let above = bytes.get(..start).filter(|above| !above.is_empty())?;
    let ended = above.strip_suffix(b"\r\n").or(above.get(..above.len() - 1))?;
    Some(ended.iter().rposition(is_end).map_or(0, |at| at + 1))
}

/// The line that begins at `start`.
fn text(bytes: &[u8], start: usize) -> Printable {
    let rest = bytes.get(start..).unwrap_or_default();
    let rest = rest.get(..rest.len().min(LONGEST)).unwrap_or_default();
    let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let line = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
    Printable::new(line.trim_start_matches('\u{feff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(file: &str, line: usize, before: usize, count: usize) -> Vec<(usize, String)> {
        let roadmap = Roadmap::parse(file.as_bytes());
        let lines = roadmap.lines_around(line, before, count);
        lines.into_iter().map(|line| (line.number, line.text.to_string())).collect()
    }

    #[test]
    fn every_line_of_a_file_is_found_by_its_number() {
        let lines = [
            "\u{feff}# Plan",
            "",
            "### Phase 1.1: A",
            "- **Status:** Blocked",
            "### Phase 1.2: B",
            "x",
        ];
        for ending in ["\n", "\r\n", "\r"] {
            for last in ["", ending] {
                let file = lines.join(ending) + last;
                for (at, text) in lines.iter().enumerate() {
                    let text = text.trim_start_matches('\u{feff}').to_owned();
                    assert_eq!(around(&file, at + 1, 0, 1), [(at + 1, text)], "{file:?}");
                }
                assert_eq!(around(&file, lines.len() + 1, 0, 1), [], "{file:?}");
            }
        }
    }

    #[test]
    fn lines_above_are_counted_and_end_at_the_first() {
        let file = "a\r\nb\n\n### Phase 1.1: A\nd\ne\n";
        let numbers = |line, before, count| {
            let lines = around(file, line, before, count);
            lines.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(5, 2, 4), [3, 4, 5, 6]);
        assert_eq!(numbers(2, 9, 3), [1, 2, 3]);
        assert!(numbers(5, 1, 0).is_empty());
        assert_eq!(around(file, 5, 3, 1), [(2, "b".to_owned())]);
        assert_eq!(around("", 1, 3, 3), [(1, String::new())]);
    }

    #[test]
    fn what_is_no_text_is_made_printable() {
        let roadmap = Roadmap::parse(*b"### Phase 1.1: A\n\x1b[31m\xff\n");
        let shown = roadmap.lines_around(2, 0, 1);
        assert!(!shown[0].text.as_str().contains('\x1b'), "{shown:?}");
    }
}
