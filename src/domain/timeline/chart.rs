//! The timeline as text: one row a phase or a slot, one column a stretch of time.

use crate::domain::time::Timestamp;
use crate::domain::timeline::{LifeLine, Stretch};

/// What is drawn for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// An agent runs, or is being started.
    pub run: char,
    /// Its work is verified, or its phase is being settled.
    pub verify: char,
    /// It waits for a person.
    pub wait: char,
    /// A life ended with its phase complete.
    pub done: char,
    /// A life ended otherwise.
    pub failed: char,
}

impl Marks {
    /// For terminals that show more than ASCII.
    pub const UNICODE: Self =
        Self { run: '▓', verify: '▒', wait: '?', done: '✓', failed: '✗' };
    /// For the others.
    pub const ASCII: Self = Self { run: '#', verify: '%', wait: '?', done: '+', failed: 'x' };
}

/// Which stretch of time is how many columns wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// What is shown.
    pub span: Stretch,
    /// How many columns it has.
    pub columns: usize,
}

impl Scale {
    /// The column of a moment; the last one also holds all that is later.
    pub fn column(&self, at: Timestamp) -> usize {
        let columns = self.columns as u128;
        let place = u128::from(self.past(at)) * columns / u128::from(self.length());
        usize::try_from(place).unwrap_or(usize::MAX).min(self.columns.saturating_sub(1))
    }

    /// The moment at which a column begins.
    pub fn moment(&self, column: usize) -> Timestamp {
        let past = u128::from(self.length()) * column as u128 / self.columns.max(1) as u128;
        Timestamp(self.span.0.0.saturating_add(u64::try_from(past).unwrap_or(u64::MAX)))
    }

    fn length(&self) -> u64 {
        self.span.1.0.saturating_sub(self.span.0.0).max(1)
    }

    fn past(&self, at: Timestamp) -> u64 {
        at.0.saturating_sub(self.span.0.0)
    }
}

/// Whether the good ends are drawn too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Every end has its mark.
    All,
    /// Only the bad ones: in a row of many lives the good ones would hide the work.
    Bad,
}

/// How long each thing lasts within one column, in milliseconds: run, verify, wait.
type Shares = [u64; 3];

/// One row: what these lives did most in each column. Blanks at its end are left out.
pub fn row(lives: &[&LifeLine], scale: &Scale, marks: &Marks, ends: Ends) -> String {
    let mut shares: Vec<Shares> = vec![[0; 3]; scale.columns];
    for life in lives {
        for (kind, stretch) in stretches(life, scale.span.1) {
            spread(&mut shares, kind, stretch, scale);
        }
    }
    let mut cells: Vec<char> = shares.iter().map(|shares| mark(shares, marks)).collect();
    for life in lives {
        let good = life.succeeded();
        if let Some(end) = life.ended.filter(|_| !good || ends == Ends::All)
            && let Some(cell) = cells.get_mut(scale.column(end))
        {
            // A bad end is never hidden by a good one.
            let bad = *cell == marks.failed;
            *cell = if good && !bad { marks.done } else { marks.failed };
        }
    }
    cells.into_iter().collect::<String>().trim_end().to_owned()
}

/// What a life did when: 0 run, 1 verify, 2 wait.
fn stretches(life: &LifeLine, now: Timestamp) -> Vec<(usize, Stretch)> {
    let end = life.end(now);
    let stopped = life.stopped.unwrap_or(end).min(end);
    let mut all = Vec::new();
    let mut from = life.asked;
    for (began, over) in &life.waits {
        let over = (*over).min(stopped);
        all.push((0, (from, *began)));
        all.push((2, (*began, over)));
        from = over;
    }
    all.push((0, (from, stopped)));
    all.push((1, (stopped, end)));
    all
}

/// Adds a stretch to the columns it touches.
fn spread(shares: &mut [Shares], kind: usize, stretch: Stretch, scale: &Scale) {
    let (from, until) = stretch;
    if until <= from {
        return;
    }
    for column in scale.column(from)..=scale.column(until) {
        let begins = scale.moment(column).max(from);
        let ends = if column + 1 == scale.columns { until } else { scale.moment(column + 1) };
        if let Some(share) = shares.get_mut(column) {
            share[kind] += ends.min(until).0.saturating_sub(begins.0);
        }
    }
}

/// What lasted longest, blank where nothing did.
fn mark([run, verify, wait]: &Shares, marks: &Marks) -> char {
    match (run, verify, wait) {
        (0, 0, 0) => ' ',
        (run, verify, wait) if wait >= run && wait >= verify => marks.wait,
        (run, verify, _) if verify > run => marks.verify,
        _ => marks.run,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::timeline::Waiting;
    use crate::domain::timeline::tests::{completed, failed, me, running, spawned, timeline};

    #[test]
    fn a_row_tells_run_wait_verify_and_end() {
        let mut line = timeline(&[
            (0, spawned("1.1", 1)),
            (1, running("1.1", 1)),
            (40, failed("1.1", 1)),
            (50, spawned("1.1", 2)),
            (51, running("1.1", 2)),
            (100, completed("1.1", 2)),
        ]);
        line.waits(&me("1.1", 2), Timestamp(60), Waiting::Began);
        line.waits(&me("1.1", 2), Timestamp(80), Waiting::Over);
        let scale = Scale { span: (Timestamp(0), Timestamp(100)), columns: 10 };
        let lives: Vec<&LifeLine> = line.lives().iter().collect();
        assert_eq!(row(&lives, &scale, &Marks::UNICODE, Ends::All), "▓▓▓▓✗▓??▓✓");
        assert_eq!(row(&lives, &scale, &Marks::ASCII, Ends::Bad), "####x#??##");
        assert_eq!(row(&lives[..1], &scale, &Marks::ASCII, Ends::All), "####x");
    }

    #[test]
    fn the_longest_share_of_a_column_is_drawn() {
        let stopped = |at: u64| {
            let mut lives = timeline(&[(0, spawned("1.1", 1)), (100, completed("1.1", 1))]);
            lives.lives[0].stopped = Some(Timestamp(at));
            let scale = Scale { span: (Timestamp(0), Timestamp(100)), columns: 2 };
            row(&[&lives.lives()[0]], &scale, &Marks::ASCII, Ends::Bad)
        };
        assert_eq!([stopped(90), stopped(60), stopped(20)], ["##", "#%", "%%"]);
    }

    #[test]
    fn a_life_that_is_not_over_lasts_until_the_end() {
        let line = timeline(&[(50, spawned("1.1", 1)), (51, running("1.1", 1))]);
        let scale = Scale { span: (Timestamp(0), Timestamp(100)), columns: 4 };
        assert_eq!(row(&[&line.lives()[0]], &scale, &Marks::ASCII, Ends::All), "  ##");
    }
}
