//! The player of a recording: where it is, how fast it runs, what its keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::ui::keys::Chord;

/// What a key does to the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Stand still, or go on.
    Pause,
    /// So many seconds on, or back.
    Seek(i16),
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// To the next marker.
    NextMark,
    /// To the marker before.
    MarkBefore,
    /// To the beginning.
    Begin,
    /// To the end.
    End,
    /// Show the markers, or no longer.
    Marks,
    /// Leave.
    Quit,
}

/// A key of the player: chords, deed, hint, help.
pub type PlayerRow = (&'static [Chord], Deed, &'static str, &'static str);

/// All keys of the player; hints and the README come from it.
pub const KEYS: &[PlayerRow] = &[
    (&[Chord::char(' ')], Deed::Pause, "pause", "stand still, or go on"),
    (&[Chord::key(KeyCode::Right)], Deed::Seek(5), "+5 s", "5 s on"),
    (&[Chord::key(KeyCode::Left)], Deed::Seek(-5), "-5 s", "5 s back"),
    (&[Chord::char('n')], Deed::NextMark, "next marker", "next marker"),
    (&[Chord::char('N')], Deed::MarkBefore, "", "marker before"),
    (&[Chord::char('m')], Deed::Marks, "markers", "list the markers"),
    (&[Chord::char('q'), Chord::key(KeyCode::Esc), Chord::ctrl('c')], Deed::Quit, "quit", "leave"),
    (&[Chord::key(KeyCode::Up)], Deed::Seek(60), "+1 min", "1 min on"),
    (&[Chord::key(KeyCode::Down)], Deed::Seek(-60), "-1 min", "1 min back"),
    (&[Chord::char('+'), Chord::char('=')], Deed::Faster, "faster", "twice as fast"),
    (&[Chord::char('-')], Deed::Slower, "slower", "half as fast"),
    (&[Chord::char('g'), Chord::key(KeyCode::Home)], Deed::Begin, "", "to the beginning"),
    (&[Chord::char('G'), Chord::key(KeyCode::End)], Deed::End, "", "to the end"),
];

/// What a key does.
pub fn deed(key: &KeyEvent) -> Option<Deed> {
    let row = KEYS.iter().find(|(chords, ..)| chords.iter().any(|chord| chord.matches(key)));
    row.map(|(_, deed, ..)| *deed)
}

/// Hints in at most `width` columns.
pub fn hints(width: u16) -> String {
    let mut line = String::new();
    for (chords, _, hint, _) in KEYS.iter().filter(|(.., hint, _)| !hint.is_empty()) {
        let gap = if line.is_empty() { "" } else { "  " };
        let more = format!("{gap}{} {hint}", chords[0].label());
        if line.chars().count() + more.chars().count() > usize::from(width) {
            break;
        }
        line.push_str(&more);
    }
    line
}

/// Slowest and fastest.
const SPEEDS: (f64, f64) = (0.125, 64.0);

/// Where a recording is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    /// Seconds from the beginning.
    pub at: f64,
    /// Seconds in all.
    pub length: f64,
    /// How many seconds a second takes.
    pub speed: f64,
    /// Whether time passes.
    pub playing: bool,
    /// Whether the markers are listed.
    pub listing: bool,
    /// Markers: when, what.
    pub marks: Vec<(f64, String)>,
}

impl Player {
    /// Lets time pass; at the end it stands.
    pub fn pass(&mut self, seconds: f64) {
        if self.playing {
            self.go_to(self.at + seconds * self.speed);
            self.playing = self.at < self.length;
        }
    }

    /// Does what a key asks for; whether to go on.
    pub fn act(&mut self, deed: Deed) -> bool {
        match deed {
            Deed::Pause if self.at >= self.length => {
                (self.at, self.playing) = (0.0, true);
            }
            Deed::Pause => self.playing = !self.playing,
            Deed::Seek(seconds) => self.go_to(self.at + f64::from(seconds)),
            Deed::Faster => self.speed = (self.speed * 2.0).min(SPEEDS.1),
            Deed::Slower => self.speed = (self.speed / 2.0).max(SPEEDS.0),
            Deed::NextMark => {
                let next = self.marks.iter().find(|(at, _)| *at > self.at);
                self.go_to(next.map_or(self.length, |(at, _)| *at));
            }
            Deed::MarkBefore => {
                // A little before counts as on it: time goes on while one looks.
                let before = self.marks.iter().rev().find(|(at, _)| *at < self.at - 0.5);
                self.go_to(before.map_or(0.0, |(at, _)| *at));
            }
            Deed::Begin => self.at = 0.0,
            Deed::End => self.at = self.length,
            Deed::Marks => self.listing = !self.listing,
            Deed::Quit => return false,
        }
        true
    }

    fn go_to(&mut self, at: f64) {
        self.at = at.clamp(0.0, self.length);
    }

    /// The marker that was passed last, by its place in the list.
    pub fn mark(&self) -> Option<usize> {
        self.marks.iter().rposition(|(at, _)| *at <= self.at)
    }

    /// Where it is: `1:05/12:00 2x`, with a word when it stands.
    pub fn place(&self) -> String {
        let word = match (self.playing, self.at >= self.length) {
            (true, _) => "",
            (false, true) => "  end",
            (false, false) => "  paused",
        };
        format!("{}/{}  {}x{word}", clock(self.at), clock(self.length), self.speed)
    }
}

/// Minutes and seconds.
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn player() -> Player {
        let marks = vec![(10.0, "asks".to_owned()), (70.0, "ended".to_owned())];
        Player { at: 0.0, length: 80.0, speed: 1.0, playing: true, listing: false, marks }
    }

    #[test]
    fn keys_move_it_and_it_stays_inside() {
        let mut player = player();
        let steps = [
            (Deed::Seek(-5), 0.0),
            (Deed::Seek(60), 60.0),
            (Deed::NextMark, 70.0),
            (Deed::MarkBefore, 10.0),
            (Deed::MarkBefore, 0.0),
            (Deed::End, 80.0),
            (Deed::Seek(5), 80.0),
            (Deed::Begin, 0.0),
        ];
        for (deed, at) in steps {
            assert!(player.act(deed));
            assert_eq!(player.at, at, "{deed:?}");
        }
        assert!(!player.act(Deed::Quit));
    }

    #[test]
    fn time_passes_as_fast_as_asked_and_stands_at_the_end() {
        let mut player = player();
        player.act(Deed::Faster);
        player.pass(6.0);
        assert_eq!(
            (player.at, player.mark(), player.place()),
            (12.0, Some(0), "0:12/1:20  2x".into())
        );
        player.act(Deed::Pause);
        player.pass(6.0);
        assert_eq!(player.place(), "0:12/1:20  2x  paused");
        player.act(Deed::Pause);
        player.pass(600.0);
        assert_eq!(player.place(), "1:20/1:20  2x  end");
        player.act(Deed::Pause);
        assert_eq!((player.at, player.playing), (0.0, true));
    }

    #[test]
    fn no_key_stands_twice_and_hints_fit() {
        let chords: Vec<Chord> = KEYS.iter().flat_map(|(chords, ..)| chords.to_vec()).collect();
        for (n, chord) in chords.iter().enumerate() {
            assert!(!chords[n + 1..].contains(chord), "{}", chord.label());
        }
        for width in 0..200 {
            assert!(hints(width).chars().count() <= usize::from(width));
        }
    }
}
