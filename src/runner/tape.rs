//! A recording to be played: its moments in order, long silences cut short, and the screen at any of them.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::adapter::Parser;
use crate::domain::frame::{Screen, Size};
use crate::runner::drawing::Drawing;
use crate::runner::host::{Terminal, read_spec};
use crate::runner::recording::{Recorded, Recording, What};

/// A moment of a recording that a person may want to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Seconds from the beginning, as it is played.
    pub at: f64,
    /// What happened.
    pub text: String,
}

/// A recording and where it is played.
pub struct Tape {
    moments: Vec<Recorded>,
    parser: Parser,
    next: usize,
    drawing: Drawing,
    /// The version of the terminal's screen that is shown.
    version: u64,
    screen: Screen,
}

impl Tape {
    /// Reads the recording of the life whose folder this is. `longest` is what a silence is cut to; zero cuts none.
    ///
    /// # Errors
    /// When there is none or it can't be read.
    pub fn load(folder: &Path, longest: Duration) -> io::Result<Self> {
        let mut recording = Recording::open(folder)?;
        let mut moments = Vec::new();
        loop {
            let read = recording.read()?;
            if read.is_empty() {
                break;
            }
            moments.extend(read);
        }
        shorten(&mut moments, longest.as_secs_f64());
        let parser = read_spec(folder)?.parser();
        let drawing = empty(parser);
        let screen = Screen::new(Size::SMALLEST);
        Ok(Self { moments, parser, next: 0, drawing, version: 0, screen })
    }

    /// How long it is.
    pub fn length(&self) -> f64 {
        self.moments.last().map_or(0.0, |moment| moment.at)
    }

    /// Its markers, in order.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |moment: &Recorded| match &moment.what {
            What::Mark(text) => Some(Mark { at: moment.at, text: text.clone() }),
            What::Output(_) | What::Screen(_) | What::Size(_) => None,
        };
        self.moments.iter().filter_map(mark).collect()
    }

    /// When something happens next.
    pub fn next_at(&self) -> Option<f64> {
        self.moments.get(self.next).map(|moment| moment.at)
    }

    /// The screen as it was at a moment.
    pub fn screen_at(&mut self, at: f64) -> &Screen {
        if self.next > 0 && self.moments[self.next - 1].at > at {
            (self.next, self.drawing, self.version) = (0, empty(self.parser), 0);
            self.screen = Screen::new(Size::SMALLEST);
        }
        while let Some(moment) = self.moments.get(self.next).filter(|moment| moment.at <= at) {
            // Nothing waits for time to pass here: what the emulator would hold back for a moment is shown at once.
            self.drawing.show(&moment.what, Instant::now());
            self.next += 1;
        }
        if let Some((version, frame)) = self.drawing.terminal.frame_since(self.version) {
            self.version = version;
            self.screen.apply(frame);
        }
        &self.screen
    }
}

fn empty(parser: Parser) -> Drawing {
    Drawing::new(parser, Terminal::new(Size::SMALLEST))
}

/// Cuts silences to `longest` seconds.
fn shorten(moments: &mut [Recorded], longest: f64) {
    let (mut before, mut cut) = (0.0, 0.0);
    for moment in moments {
        // Two clocks can't disagree here, but a file can be edited.
        let gap = (moment.at - before).max(0.0);
        before = moment.at.max(before);
        if longest > 0.0 && gap > longest {
            cut += gap - longest;
        }
        moment.at = before - cut;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn tape(longest: u64) -> Tape {
        let folder = tempfile::tempdir().unwrap();
        let cast = "{\"version\":2,\"width\":90,\"height\":30}\n[0.5,\"o\",\"one\\r\\n\"]\n\
                    [10.5,\"m\",\"asks: what?\"]\n[11.0,\"o\",\"two\\r\\n\"]\n[12.0,\"r\",\"100x40\"]\n\
                    [40.0,\"o\",\"\\u001b[2Jthree\"]\n";
        std::fs::write(folder.path().join("recording.cast"), cast).unwrap();
        let spec = include_str!("tape_spec.json");
        std::fs::write(folder.path().join("spec.json"), spec).unwrap();
        Tape::load(folder.path(), Duration::from_secs(longest)).unwrap()
    }

    fn text(screen: &Screen) -> String {
        let rows: Vec<String> = screen.rows.iter().map(|row| row.text()).collect();
        rows.join("|").trim_matches('|').to_owned()
    }

    #[test]
    fn any_moment_can_be_seen_forth_and_back() {
        let mut tape = tape(0);
        assert_eq!(tape.length(), 40.0);
        assert_eq!(text(tape.screen_at(0.4)), "");
        assert_eq!(tape.screen_at(0.4).size, Size { cols: 90, rows: 30 });
        assert_eq!(text(tape.screen_at(11.0)), "one|two");
        assert_eq!(tape.next_at(), Some(12.0));
        assert_eq!(tape.screen_at(39.0).size, Size { cols: 100, rows: 40 });
        assert_eq!(text(tape.screen_at(40.0)), "three");
        assert_eq!(text(tape.screen_at(5.0)), "one");
        assert_eq!(tape.screen_at(5.0).size, Size { cols: 90, rows: 30 });
    }

    #[test]
    fn silences_are_cut() {
        let tape = tape(2);
        assert_eq!(tape.marks(), [Mark { at: 2.5, text: "asks: what?".to_owned() }]);
        assert_eq!(tape.length(), 6.0);
    }
}
