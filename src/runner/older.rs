//! Lines older than those an agent's host keeps, read again from the recording.
//!
//! The recorded output goes through the same terminal in the same pieces, so that it drops the same lines with the same
//! numbers as the host did. What both have is compared before anything is believed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use crate::domain::adapter::Parser;
use crate::domain::frame::Size;
use crate::domain::id::AgentRef;
use crate::domain::older::{Collected, Edge, MOST_BYTES, MOST_LINES, Numbers, Older, OlderWanted};
use crate::domain::report::Report;
use crate::domain::scrollback::{PAGE, Wanted};
use crate::runner::drawing::Drawing;
use crate::runner::host::{Terminal, read_spec};
use crate::runner::recording::{Recorded, Recording};
use crate::runner::world::SharedWorld;

/// How often the rest of a recording that is still written is looked for.
const LOOKS: u32 = 20;
/// Longest time a recording is read, which may grow faster than that.
const LONGEST: Duration = Duration::from_secs(30);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Seconds after which a host ends a synchronised update.
const HELD: f64 = 0.15;

/// Reports the lines above those that are here.
pub async fn report(world: SharedWorld, agent: AgentRef, wanted: OlderWanted) {
    let older = find(&world.state.agent_folder(&agent), wanted).await;
    world.report(Report::Older { agent, older }).await;
}

/// Reads the recording in a life's folder for the lines above those that are here. Works on another thread, a piece at a
/// time: whoever drops this stops it after the piece.
pub async fn find(folder: &Path, wanted: OlderWanted) -> Older {
    let below = wanted.below;
    match read(folder.to_owned(), wanted).await {
        Ok(older) => older,
        Err(_) => Older { below, rows: Vec::new(), edge: Edge::Unread },
    }
}

async fn read(folder: PathBuf, wanted: OlderWanted) -> io::Result<Older> {
    let mut replay = spawn_blocking(move || Replay::open(&folder, wanted)).await??;
    let mut looks = LOOKS;
    loop {
        let (read, far) = spawn_blocking(move || {
            let far = replay.read_on();
            (replay, far)
        })
        .await?;
        replay = read;
        match far? {
            Far::There => break,
            Far::End if replay.has_all() || looks == 0 => break,
            // It grows faster than it is read.
            Far::Between if replay.began.elapsed() > LONGEST => break,
            // The host writes what it recorded a little later.
            Far::End => {
                looks -= 1;
                tokio::time::sleep(PAUSE).await;
            }
            Far::Between => {}
        }
    }
    Ok(spawn_blocking(move || replay.place()).await?)
}

/// How far a recording was read.
enum Far {
    /// To the lines that are wanted, and beyond.
    There,
    /// To its end, for now.
    End,
    /// There is more.
    Between,
}

/// A recording being read again.
struct Replay {
    recording: Recording,
    parser: Parser,
    drawing: Drawing,
    collected: Collected,
    wanted: OlderWanted,
    /// How often the recording went on without what came before.
    cuts: u32,
    began: Instant,
    /// A synchronised update: when the terminal would end it, and when it began by the recording's clock.
    held: Option<(Instant, f64)>,
}

impl Replay {
    fn open(folder: &Path, wanted: OlderWanted) -> io::Result<Self> {
        let parser = read_spec(folder)?.parser();
        let recording = Recording::open(folder)?;
        let cuts = recording.cuts();
        let edge = if cuts > 0 { Edge::Dropped } else { Edge::Start };
        let (drawing, collected) = beginning(parser, edge);
        let began = Instant::now();
        Ok(Self { recording, parser, drawing, collected, wanted, cuts, began, held: None })
    }

    /// Reads the next piece.
    fn read_on(&mut self) -> io::Result<Far> {
        let read = self.recording.read()?;
        if self.recording.cuts() != self.cuts {
            self.cuts = self.recording.cuts();
            (self.drawing, self.collected) = beginning(self.parser, Edge::Dropped);
        }
        if read.is_empty() {
            return Ok(Far::End);
        }
        for one in &read {
            self.show(one);
            // What was dropped changes no more.
            if self.numbers() == Numbers::Counted && self.collected.end() >= self.target() {
                return Ok(Far::There);
            }
        }
        Ok(Far::Between)
    }

    fn show(&mut self, Recorded { at, what }: &Recorded) {
        let now = match self.held {
            Some((due, since)) if at - since >= HELD => due,
            Some(_) | None => self.began,
        };
        self.drawing.show(what, now);
        let before = self.held;
        let held = self.drawing.terminal.settles_at();
        self.held = held.map(|due| before.filter(|known| known.0 == due).unwrap_or((due, *at)));
        for (number, row) in self.drawing.terminal.take_gone() {
            self.collected.push(number, row);
        }
    }

    fn numbers(&self) -> Numbers {
        if self.cuts > 0 { Numbers::Unknown } else { Numbers::Counted }
    }

    /// Number behind the last line that is compared.
    fn target(&self) -> u64 {
        self.wanted.below + self.wanted.overlap.len() as u64
    }

    /// Whether the lines that are compared have come, as far as that can be known.
    fn has_all(&self) -> bool {
        let nothing = Wanted { from: 0, count: 0 };
        let above = self.drawing.terminal.lines(nothing).past.above;
        self.numbers() == Numbers::Unknown || above >= self.target()
    }

    /// Adds what the terminal still has, and finds the place. An agent may have opened another screen since it was asked for.
    fn place(mut self) -> Older {
        self.drawing.terminal.uncover();
        let past = self.drawing.terminal.lines(Wanted { from: 0, count: 0 }).past;
        let end = match self.numbers() {
            Numbers::Counted => past.above.min(self.target()),
            Numbers::Unknown => past.above,
        };
        for from in (past.oldest..end).step_by(usize::try_from(PAGE).unwrap_or(1)) {
            let page = self.drawing.terminal.lines(Wanted { from, count: PAGE.min(end - from) });
            for (number, row) in (page.from..).zip(page.rows) {
                self.collected.push(number, row);
            }
        }
        let numbers = self.numbers();
        self.collected.place(&self.wanted, numbers)
    }
}

/// An empty terminal, and nothing collected.
fn beginning(parser: Parser, edge: Edge) -> (Drawing, Collected) {
    let drawing = Drawing::new(parser, Terminal::collecting(Size::SMALLEST));
    (drawing, Collected::new(edge, (MOST_LINES, MOST_BYTES)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "older_tests.rs"]
mod tests;
