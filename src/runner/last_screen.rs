//! The last screen of an agent whose host is gone, as its host left it on disk.

use crate::domain::frame::{CellStyle, Frame, InputModes, Row, Run, Size};
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::domain::scrollback::{Past, Wanted};
use crate::runner::host::{Remains, read_remains};
use crate::runner::world::SharedWorld;

/// Name of the file in the agent's folder.
pub const SCREEN_FILE: &str = "screen";

/// Reports the stored screen, if there is one.
pub async fn show(world: SharedWorld, agent: AgentRef) {
    if let Some(remains) = remains(&world, &agent).await {
        let frame = remains.frame();
        world.report(Report::Frame { agent, frame }).await;
        return;
    }
    let path = world.state.agent_folder(&agent).join(SCREEN_FILE);
    if let Ok(bytes) = tokio::fs::read(&path).await {
        let frame = still(&String::from_utf8_lossy(&bytes));
        world.report(Report::Frame { agent, frame }).await;
    }
}

/// Reports stored lines above it, or that there are none.
pub async fn lines(world: SharedWorld, agent: AgentRef, wanted: Wanted) {
    let page = remains(&world, &agent).await.map(|remains| remains.lines(wanted));
    world.report(Report::Lines { agent, page }).await;
}

async fn remains(world: &SharedWorld, agent: &AgentRef) -> Option<Remains> {
    let folder = world.state.agent_folder(agent);
    tokio::task::spawn_blocking(move || read_remains(&folder).ok()).await.ok().flatten()
}

/// A frame without styles from lines of text.
fn still(text: &str) -> Frame {
    let lines: Vec<&str> = text.lines().collect();
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let size = Size {
        cols: u16::try_from(longest).unwrap_or(u16::MAX),
        rows: u16::try_from(lines.len()).unwrap_or(u16::MAX),
    };
    let row = |line: &str| {
        let text = String::from(Printable::new(line));
        Row(vec![Run { text, style: CellStyle::default() }])
    };
    let rows = (0..size.rows).zip(lines).map(|(number, line)| (number, row(line))).collect();
    let (size, input) = (size.at_least_smallest(), InputModes::default());
    Frame { size, rows, cursor: None, input, past: Past::default() }
}
