//! Plays a recording: through our own emulator and the pane's own drawing.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind};

use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::domain::printable::visible;
use crate::runner::tape::Tape;
use crate::ui::player::{Deed, Player, clock, deed, hints};
use crate::ui::solo::{Bar, Solo};

use super::solo::{Stage, Woken};

/// Shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// Longest time between two looks at the clock while it plays.
const TICK: Duration = Duration::from_millis(250);

/// Plays `tape` from where `player` is until the person leaves.
///
/// # Errors
/// When the terminal can't be used.
pub async fn replay(
    global: &Global,
    (tape, mut player): (&mut Tape, Player),
    name: &str,
) -> Result<(), Failure> {
    let marks: Vec<String> =
        player.marks.iter().map(|(at, text)| format!("{:>6}  {text}", clock(*at))).collect();
    let mut stage = Stage::open(global)?;
    stage.title(&format!("orch-tui replay {name}"));
    let mut told = Instant::now();
    loop {
        player.pass(told.elapsed().as_secs_f64());
        told = Instant::now();
        let bar = bar(&player, name, stage.size()?.cols);
        let screen = tape.screen_at(player.at);
        let list = player.listing.then(|| (marks.as_slice(), player.mark()));
        stage.show(&Solo { screen, bar: &bar, list })?;
        let wait = player.playing.then(|| until_next(&player, tape));
        match stage.wait(wait, std::future::pending::<()>()).await {
            Woken::Event(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                player.pass(told.elapsed().as_secs_f64());
                told = Instant::now();
                if deed(&key).is_some_and(|deed| !player.act(deed)) {
                    return Ok(());
                }
                if deed(&key) == Some(Deed::Marks) {
                    stage.redraw()?;
                }
            }
            Woken::Event(_) | Woken::Other(()) | Woken::Time => {}
            Woken::End(None) => return Ok(()),
            Woken::End(Some(failure)) => return Err(failure),
        }
    }
}

/// How long nothing changes on the screen, the clock included.
fn until_next(player: &Player, tape: &Tape) -> Duration {
    let next = tape.next_at().map_or(player.length, |at| at.min(player.length));
    let seconds = ((next - player.at) / player.speed).clamp(0.0, TICK.as_secs_f64());
    Duration::from_secs_f64(seconds).max(FRAME)
}

fn bar(player: &Player, name: &str, cols: u16) -> Bar {
    let note = player.mark().map(|number| visible(&player.marks[number].1)).unwrap_or_default();
    let note: String = note.chars().take(usize::from(cols / 3)).collect();
    let facts = format!("{name}  {}", player.place());
    let used = facts.chars().count() + note.chars().count() + 20;
    let room = cols.saturating_sub(u16::try_from(used).unwrap_or(u16::MAX));
    Bar { word: "REPLAY".into(), facts, note, hints: hints(room) }
}
