//! The columns of the roadmap pane: as wide as the rows in view need, and the same for all of them.

use ratatui::style::{Modifier, Style};

use crate::domain::roadmap::phase::{Effort, Phase, Status};
use crate::ui::canvas::Piece;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::roadmap::{Judge, Mark};
use crate::ui::roadmap_rows::{BatchRow, Fold, RoadmapRow};
use crate::ui::text::{bar, columns, cut, fit, fit_right};

/// Cells of a batch's bar: at least and at most.
const NARROWEST_BAR: usize = 4;
const WIDEST_BAR: usize = 10;
/// Narrower panes give the column of tasks to the names.
const TASKS_FROM: usize = 40;
/// The longest id that others are lined up with.
const LONGEST_ID: usize = 8;

/// Widths of the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    width: usize,
    glyph: usize,
    id: usize,
    tasks: usize,
    note: usize,
    count: usize,
    bar: usize,
}

impl Columns {
    /// For these rows in a pane of this width.
    pub(super) fn of<'r>(
        rows: impl Iterator<Item = &'r RoadmapRow<'r>>,
        judge: &Judge<'_>,
        width: usize,
    ) -> Self {
        let mut all = Self { width, note: 6, bar: WIDEST_BAR, ..Self::default() };
        let mut names = Vec::new();
        for row in rows {
            match row {
                RoadmapRow::Batch(batch) => {
                    names.push(columns(&name(batch, " ")));
                    all.count = all.count.max(columns(&count(batch)));
                }
                RoadmapRow::Phase(phase) => {
                    let mark = judge.mark(phase);
                    all.glyph = all.glyph.max(columns(mark.glyph));
                    all.id = all.id.max(columns(phase.id.as_str()).min(LONGEST_ID));
                    all.note = all.note.max(columns(&mark.note));
                    all.tasks = all.tasks.max(tasks(phase).map_or(0, |text| columns(&text) + 1));
                }
            }
        }
        all.note = all.note.min((width / 3).max(6));
        if width < TASKS_FROM {
            all.tasks = 0;
        }
        // The bars take what the names leave, as long as that says anything; a name that leaves less has none.
        let left = |name: usize| width.saturating_sub(all.count + 1 + name + 2);
        let rooms = names.into_iter().map(left).filter(|room| *room >= NARROWEST_BAR);
        all.bar = rooms.min().unwrap_or(0).min(WIDEST_BAR);
        all
    }

    /// The heading of a batch.
    pub(super) fn batch(&self, batch: &BatchRow<'_>, pointer: &str, look: &Look) -> Vec<Piece> {
        let name = name(batch, pointer);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let room = self.width.saturating_sub(self.count + 1);
        let cells = if columns(&name) + 2 + self.bar <= room { self.bar } else { 0 };
        let role = if batch.done == batch.total { ColourRole::Muted } else { ColourRole::Ok };
        vec![
            (fit(&name, room - cells, look.glyphs), bold),
            (bar(batch.done, batch.total, cells, look), look.style(role)),
            (format!(" {}", fit_right(&count(batch), self.count, look.glyphs)), bold),
        ]
    }

    /// A phase.
    pub(super) fn phase(&self, phase: &Phase, lead: &str, judge: &Judge<'_>) -> Vec<Piece> {
        let look = judge.look;
        let Mark { glyph, role, note } = judge.mark(phase);
        let style = look.style(role);
        let quiet = match phase.status.state {
            Status::Complete | Status::Deferred => look.style(ColourRole::Muted),
            Status::NotStarted | Status::InProgress | Status::Blocked | Status::Unknown => {
                Style::new()
            }
        };
        let effort = match phase.effort {
            Some(Effort::S) => "S",
            Some(Effort::M) => "M",
            Some(Effort::L) => "L",
            None => " ",
        };
        let id = format!("{:<1$}", phase.id.to_string(), self.id);
        let used = columns(lead) + self.glyph + 1 + columns(&id) + 1;
        let room = self.width.saturating_sub(used + self.tasks + 3 + self.note);
        let star = if phase.is_bootstrap() { look.pick(" ✶", " *") } else { "" };
        let name = cut(phase.name.as_str(), room.saturating_sub(columns(star)), look.glyphs);
        let tasks = tasks(phase).unwrap_or_default();
        let note = match self.note {
            13.. => fit_right(&note, self.note, look.glyphs),
            _ => fit(&note, self.note, look.glyphs),
        };
        vec![
            (lead.to_owned(), Style::new().add_modifier(Modifier::BOLD)),
            (fit(glyph, self.glyph, look.glyphs), style),
            (format!(" {id} "), quiet),
            (fit(&format!("{name}{star}"), room, look.glyphs), quiet),
            (fit_right(&tasks, self.tasks, look.glyphs), quiet),
            (format!(" {effort} "), look.style(ColourRole::Muted)),
            (note, style),
        ]
    }
}

/// `- Batch 2  Storage`
fn name(batch: &BatchRow<'_>, pointer: &str) -> String {
    let sign = match batch.fold {
        Fold::Open => "-",
        Fold::Closed => "+",
    };
    match batch.number {
        Some(number) => format!("{pointer}{sign} Batch {number}  {}", batch.title),
        None => format!("{pointer}{sign} Other phases"),
    }
}

fn count(batch: &BatchRow<'_>) -> String {
    format!("{}/{}", batch.done, batch.total)
}

/// `3/5` of the tasks of a phase that is not complete.
fn tasks(phase: &Phase) -> Option<String> {
    let (done, total) = phase.progress();
    let open = phase.status.state != Status::Complete && total > 0;
    open.then(|| format!("{done}/{total}"))
}
