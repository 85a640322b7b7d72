//! Reads and writes the roadmap, one job after another, so that edits never race each other.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::domain::effect::RoadmapOrder;
use crate::domain::report::Report;
use crate::domain::roadmap::Roadmap;
use crate::runner::world::{SharedWorld, World};

/// One thing to do with the roadmap.
#[derive(Debug)]
pub enum RoadmapJob {
    /// Read it.
    Read,
    /// Change it; answered by what was read afterwards and by what was done; gardening the other way round.
    Edit(Box<RoadmapOrder>),
}

/// Where roadmap jobs are handed in.
#[derive(Clone, Debug)]
pub struct RoadmapDesk {
    jobs: Sender<RoadmapJob>,
}

impl RoadmapDesk {
    /// Opens the desk. It closes with the last of its handles.
    pub fn start(world: SharedWorld) -> Self {
        let (jobs, inbox) = channel();
        tokio::task::spawn_blocking(move || {
            while let Some(job) = next(&inbox, &world) {
                serve(&world, job);
            }
        });
        Self { jobs }
    }

    /// Hands in a job.
    pub fn ask(&self, job: RoadmapJob) {
        // The desk closes only with the app.
        let _ = self.jobs.send(job);
    }
}

/// From a write to the first look for somebody who writes into the replaced file; each further one takes twice as long.
const FIRST_LOOK: Duration = Duration::from_millis(50);

/// The next job. The roadmap is read too when somebody wrote into a file that had been replaced, of which no event
/// tells; looked for only some seconds after a write, so that an idle program stays asleep.
///
/// Waits on the thread's own clock: the runtime's may be gone before this thread is.
fn next(inbox: &Receiver<RoadmapJob>, world: &World) -> Option<RoadmapJob> {
    let mut pause = FIRST_LOOK;
    while world.roadmap.awaits_late_writers() {
        match inbox.recv_timeout(pause) {
            Ok(job) => return Some(job),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) if world.roadmap.is_written_late() => {
                return Some(RoadmapJob::Read);
            }
            Err(RecvTimeoutError::Timeout) => pause *= 2,
        }
    }
    inbox.recv().ok()
}

fn serve(world: &World, job: RoadmapJob) {
    match job {
        RoadmapJob::Read => tell(world, world.roadmap.read().map_err(|e| e.to_string())),
        RoadmapJob::Edit(order) => {
            let made = world.roadmap.make(&order);
            let (outcome, after) = match made {
                Ok(made) => (Ok(made.edits), made.after),
                Err(error) => (Err(error.to_string().into()), None),
            };
            let gardening = order.change.is_gardening();
            let failed = outcome.is_err();
            let read = || tell(world, world.roadmap.read().map_err(|e| e.to_string()));
            if !gardening {
                read();
            }
            let _ = world.reports.blocking_send(Report::Edited { order: *order, outcome, after });
            // The plan may end with this reading, so what was unblocked is told before. After a failure it would
            // only ask for the same edit again.
            if gardening && !failed {
                read();
            }
        }
    }
}

fn tell(world: &World, read: Result<Arc<Roadmap>, String>) {
    let target = world.target.id.clone();
    let read = read.map_err(Into::into);
    let _ = world.reports.blocking_send(Report::Roadmap { target, read });
}

#[cfg(test)]
#[path = "roadmap_desk_tests.rs"]
mod tests;
