//! Lines that are fields, several of them on one line, and lines that hold a phase without being a field.

use super::{At, Line, Quote, Walk, within};
use crate::domain::printable::Printable;
use crate::domain::roadmap::field::{Key, Shape};
use crate::domain::roadmap::hold::{self, Dress};
use crate::domain::roadmap::phase::Field;
use crate::domain::roadmap::{several, spoken};

impl Walk<'_> {
    /// The field a line is, where it is one.
    pub(super) fn shape(&self, text: &str, (indent, task): (usize, bool)) -> Option<Shape> {
        let task = task && self.at == At::Tasks;
        let shape = Some(text).filter(|_| self.is_own(indent) && !task).and_then(spoken::shape)?;
        (!self.is_item(&text[shape.key.clone()])).then_some(shape)
    }

    /// Whether a line at this column is the phase's own, and not something inside of a field or a quoted section.
    fn is_own(&self, indent: usize) -> bool {
        let base = if self.page.fields.is_empty() { 3 } else { self.page.base };
        indent <= base && self.page.quote == Quote::Words
    }

    /// Each field of a line.
    pub(super) fn fields(&mut self, draft: usize, index: usize, (line, shape): (&Line, Shape)) {
        let text = self.source.line(line);
        let shapes = several::parted(text, shape);
        let Some(draft) = self.owner(draft, line, &shapes) else { return };
        for shape in shapes {
            match spoken::inside(text, &shape) {
                Some(second) => {
                    let first = spoken::before(text, &shape, &second);
                    self.field(draft, index, (line, first));
                    self.field(draft, index, (line, second));
                }
                None => self.field(draft, index, (line, shape)),
            }
        }
    }

    /// A line that is no field and no task: it may begin words that hold the phase, or go on with them.
    pub(super) fn holding(&mut self, index: usize, line: &Line, indent: usize) {
        let text = self.source.line(line);
        if self.page.goes_on_holding(text) {
            if let Some(last) = self.page.holds.last_mut() {
                (last.span.end, last.line_span.end) = (line.end, line.next);
            }
            return;
        }
        self.page.holding = None;
        let Some(at) = hold::begins(text).filter(|_| self.is_own(indent)) else { return };
        let begins = text[at..].split_whitespace().next().unwrap_or_default();
        let more = self.more();
        self.page.holding = Some(Dress::of(text));
        self.page.holds.push(Field {
            key: Printable::new(begins.trim_matches(|c: char| !c.is_alphanumeric())),
            span: within(line, &(at..text.len())),
            line_span: line.start..line.next,
            line: index + 1,
            kind: Key::Hold,
            more: more..more,
        });
    }

    /// The fields of the current phase, and what else holds it, in file order.
    pub(super) fn own_fields(&mut self) -> Box<[Field]> {
        let mut fields: Vec<Field> = self.page.fields.drain(..).collect();
        if !self.page.holds.is_empty() {
            fields.append(&mut self.page.holds);
            fields.sort_by_key(|field| field.line);
        }
        self.page.holding = None;
        fields.into_boxed_slice()
    }
}
