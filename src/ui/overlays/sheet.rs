//! What all overlays are drawn on: one thin border, a title, hints from the key table, and nothing behind it.

use std::cell::Cell;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use unicode_width::UnicodeWidthStr;

use crate::domain::time::Timestamp;
use crate::ui::canvas::Canvas;
use crate::ui::keys::{self, Scope, Step};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap;

/// Keys that confirm are dead for so long after the overlay appeared and after any other key.
const CALM: Duration = Duration::from_millis(250);

/// Rows of one page of a list.
pub(super) const PAGE: usize = 10;

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Clears `area`, draws the border with title and the hints of a scope, and returns what is left inside, one column from the border.
pub(super) fn sheet(
    frame: &mut Frame<'_>,
    area: Rect,
    heading: (&str, Option<Scope>),
    look: &Look,
) -> Rect {
    let area = area.intersection(frame.area());
    clear(frame, area);
    let accent = look.style(ColourRole::Accent);
    let (title, scope) = heading;
    let room = usize::from(area.width.saturating_sub(4));
    // The way to the help, or out, stays whatever the title is.
    let kept = scope.map(|scope| keys::essential(scope).width() + 4).filter(|kept| kept * 3 < room);
    let title_room = room.saturating_sub(2 + kept.unwrap_or(0));
    let title = format!(" {} ", cut(title, title_room, look));
    let left = room.saturating_sub(title.width() + 2);
    let hint_room = u16::try_from(left.saturating_sub(2)).unwrap_or(u16::MAX);
    let hints = scope.map(|scope| keys::hints(scope, hint_room)).unwrap_or_default();
    let mut block = Block::bordered()
        .border_set(look.pick(border::PLAIN, ASCII_BORDER))
        .border_style(accent)
        .title(Line::styled(title, accent.add_modifier(Modifier::BOLD)));
    if !hints.is_empty() && hints.width() + 2 <= left {
        let hints = Line::styled(format!(" {hints} "), look.style(ColourRole::Muted));
        block = block.title(hints.right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    Rect { x: inner.x.saturating_add(1), width: inner.width.saturating_sub(2), ..inner }
        .intersection(frame.area())
}

/// Clears `area`, also of wide characters that reach into it from the left.
fn clear(frame: &mut Frame<'_>, area: Rect) {
    frame.render_widget(Clear, area);
    let Some(left) = area.x.checked_sub(1) else { return };
    let buffer = frame.buffer_mut();
    for y in area.top()..area.bottom() {
        if let Some(cell) = buffer.cell_mut((left, y))
            && cell.symbol().width() > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// A rectangle of at most this size in the middle of `area`.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Screens with fewer rows give an overlay the header's row too.
const HEADED_FROM: u16 = 28;

/// The longest line that is read without losing the next one.
pub(super) const PROSE: u16 = 110;

/// All of the screen but the status bar, which says where one is and what the keys do, and the header where there is
/// room for it: nothing that is cut shows beside an overlay.
pub(super) fn whole(screen: Rect) -> Rect {
    let above = u16::from(screen.height >= HEADED_FROM);
    let below = u16::from(screen.height > 1);
    Rect { y: screen.y + above, height: screen.height - above - below, ..screen }
}

/// Makes one even bar of a row, whatever colours stand in it.
pub(super) fn select(frame: &mut Frame<'_>, row: Rect, look: &Look) {
    let row = row.intersection(frame.area());
    Canvas { buffer: frame.buffer_mut(), look }.select(row);
}

/// Draws lines from the top of `area`, as many as there is room for.
pub(super) fn draw_lines(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    for (line, row) in lines.iter().zip(area.rows()) {
        frame.render_widget(line, row);
    }
}

/// Text in at most `width` columns.
pub(super) fn cut(text: &str, width: usize, look: &Look) -> String {
    wrap::cut(text, width, look.pick("⋯", "~"))
}

/// Text in exactly `width` columns.
pub(super) fn fit(text: &str, width: usize, look: &Look) -> String {
    wrap::fit(text, width, look.pick("⋯", "~"))
}

/// `label` muted in ten columns, then `value`.
pub(super) fn labelled(label: &str, value: Vec<Span<'static>>, look: &Look) -> Line<'static> {
    let mut spans = vec![Span::styled(fit(label, 10, look), look.style(ColourRole::Muted))];
    spans.extend(value);
    Line::from(spans)
}

/// A scroll position. What it may be is known only when something is drawn, hence the cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Scroll {
    top: Cell<usize>,
    page: Cell<usize>,
    total: Cell<usize>,
}

impl Scroll {
    /// Moves the view.
    pub(super) fn go(&self, step: Step) {
        let page = self.page.get().saturating_sub(1).max(1);
        let top = match step {
            Step::Down => self.top.get().saturating_add(1),
            Step::Up => self.top.get().saturating_sub(1),
            Step::PageDown => self.top.get().saturating_add(page),
            Step::PageUp => self.top.get().saturating_sub(page),
            Step::Top => 0,
            Step::Bottom => usize::MAX,
        };
        self.top.set(top.min(self.last_top()));
    }

    /// Takes over what is drawn: `total` lines in `page` rows. The first line to draw.
    pub(super) fn settle(&self, total: usize, page: usize) -> usize {
        self.total.set(total);
        self.page.set(page);
        self.top.set(self.top.get().min(self.last_top()));
        self.top.get()
    }

    /// Moves the view so that `line` is in it.
    pub(super) fn reveal(&self, line: usize) {
        let lowest = (line + 1).saturating_sub(self.page.get());
        self.top.set(self.top.get().clamp(lowest.min(line), line));
    }

    /// The first line to draw.
    pub(super) fn top(&self) -> usize {
        self.top.get()
    }

    /// How many lines are below the view.
    pub(super) fn below(&self) -> usize {
        self.last_top().saturating_sub(self.top.get())
    }

    fn last_top(&self) -> usize {
        self.total.get().saturating_sub(self.page.get())
    }
}

/// How many lines are out of view, in words; nothing when all are in it.
pub(super) fn outside(above: usize, below: usize) -> String {
    let lines =
        |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!("{} above", lines(above)),
        (0, below) => format!("{} below", lines(below)),
        (above, below) => format!("{} above, {below} below", lines(above)),
    }
}

/// Tells a meant confirmation from typing ahead.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    shown: Cell<Option<Timestamp>>,
    last_key: Cell<Option<Timestamp>>,
}

impl Guard {
    /// The overlay is on the screen.
    pub(super) fn show(&self, now: Timestamp) {
        if self.shown.get().is_none_or(|shown| shown > now) {
            self.shown.set(Some(now));
        }
    }

    /// A key was pressed. Whether it may confirm: the overlay was seen, and no other key came just before.
    pub(super) fn press(&self, now: Timestamp) -> Pace {
        let calm = |moment: Option<Timestamp>| moment.is_none_or(|at| now.since(at) >= CALM);
        let seen = self.shown.get().is_some() && calm(self.shown.get());
        let alone = calm(self.last_key.get());
        self.show(now);
        self.last_key.set(Some(now));
        if seen && alone { Pace::Calm } else { Pace::Hasty }
    }
}

/// How a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// After a pause: it may confirm.
    Calm,
    /// With or right after others, or before the overlay could be read.
    Hasty,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_confirms_only_after_a_pause() {
        let guard = Guard::default();
        assert_eq!(guard.press(Timestamp(1_000)), Pace::Hasty, "nothing was shown yet");
        assert_eq!(guard.press(Timestamp(1_249)), Pace::Hasty);
        assert_eq!(guard.press(Timestamp(1_400)), Pace::Hasty);
        assert_eq!(guard.press(Timestamp(1_650)), Pace::Calm);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_lock_the_dialog() {
        let guard = Guard::default();
        guard.show(Timestamp(90_000));
        assert_eq!(guard.press(Timestamp(10_000)), Pace::Hasty);
        assert_eq!(guard.press(Timestamp(10_300)), Pace::Calm);
    }

    #[test]
    fn views_stay_inside_their_text() {
        let scroll = Scroll::default();
        scroll.settle(10, 4);
        scroll.go(Step::Bottom);
        assert_eq!((scroll.top(), scroll.below()), (6, 0));
        scroll.go(Step::PageUp);
        assert_eq!(scroll.top(), 3);
        scroll.reveal(9);
        assert_eq!(scroll.top(), 6);
        scroll.reveal(0);
        assert_eq!(scroll.top(), 0);
        assert_eq!(scroll.settle(2, 4), 0);
    }
}
