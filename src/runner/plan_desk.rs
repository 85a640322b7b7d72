//! What a plan asks of the world before anything starts: what launches would do.

use crate::domain::adapter::Adapter;
use crate::domain::effect::Launch;
use crate::domain::preview::Preview;
use crate::domain::report::{Rehearsed, Report};
use crate::domain::workspace::{Isolation, Workspace};
use crate::runner::branch;
use crate::runner::environment::{self, Privilege, Variables};
use crate::runner::launch;
use crate::runner::state_dir::StateDir;
use crate::runner::world::SharedWorld;

/// Finds out what launches would do and reports it.
pub fn preview(world: &SharedWorld, launches: Vec<Launch>) {
    let world = world.clone();
    tokio::task::spawn_blocking(move || {
        let own = (&world.environment, world.privilege);
        let previews = previews(&world.state, &launches, own);
        let _ = world.reports.blocking_send(Report::Rehearsed(Rehearsed::Launches(previews)));
    });
}

/// Finds out whether agents of an adapter can start and reports it.
pub fn check(world: &SharedWorld, adapter: Box<Adapter>) {
    let world = world.clone();
    tokio::task::spawn_blocking(move || {
        let refusal = environment::refusal(Some(&adapter), &world.target);
        let _ = world
            .reports
            .blocking_send(Report::Rehearsed(Rehearsed::Startable(refusal.map_or(Ok(()), Err))));
    });
}

/// What launches would do.
pub fn previews(
    state: &StateDir,
    launches: &[Launch],
    own: (&Variables, Privilege),
) -> Vec<Preview> {
    let one = |launch: &Launch| {
        let launch = placed(state, launch.clone());
        launch::preview(&launch, &state.agent_folder(&launch.agent), own)
    };
    launches.iter().map(one).collect()
}

/// The launch in the workspace it would get.
fn placed(state: &StateDir, launch: Launch) -> Launch {
    match launch.target.workspaces.isolation {
        Isolation::Shared => launch,
        Isolation::Worktree => {
            let workspace = Workspace::Worktree(branch::planned(state, &launch.phase.id));
            let target = launch.target.seen_from(&workspace);
            Launch { workspace, target, ..launch }
        }
    }
}
