//! Noticing what happens in the folder of proposals.

use tokio::sync::mpsc;

use crate::domain::effect::Effect;
use crate::domain::proposal::ProposalOrder;
use crate::runner::config::Intake;
use crate::runner::executor::Runner;
use crate::runner::watcher::{FileWatcher, WatchError};
use crate::runner::world::SharedWorld;

/// Lists the folder of proposals now and after each change, until nobody listens to reports any more.
///
/// # Errors
/// One sentence when no thread can be started.
pub fn watch(intake: Intake, world: &SharedWorld, runner: &Runner) -> Result<(), WatchError> {
    if !intake.watch {
        return Ok(());
    }
    let (changes, mut inbox) = mpsc::channel(4);
    let folder = world.target.documents.proposals.clone();
    let watcher = FileWatcher::of_folder(((), folder), intake.interval, changes)?;
    let (world, runner) = (world.clone(), runner.clone());
    tokio::spawn(async move {
        let _watcher = watcher;
        loop {
            runner.execute(vec![Effect::Proposals(ProposalOrder::Look)]);
            tokio::select! {
                changed = inbox.recv() => if changed.is_none() { return },
                () = world.reports.closed() => return,
            }
        }
    });
    Ok(())
}
