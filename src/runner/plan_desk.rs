//! What a plan asks of the world before anything starts: what launches would do.

use crate::domain::adapter::Adapter;
use crate::domain::effect::Launch;
use crate::domain::preview::Preview;
use crate::domain::report::{Rehearsed, Report};
use crate::domain::workspace::{Isolation, Workspace};
use crate::runner::branch;
use crate::runner::done_work::DoneWork;
use crate::runner::environment::{self, Privilege, Variables};
use crate::runner::hand_over::HandOver;
use crate::runner::launch;
use crate::runner::state_dir::StateDir;
use crate::runner::world::SharedWorld;

/// Finds out what launches would do and reports it.
pub fn preview(world: &SharedWorld, launches: Vec<Launch>) {
    let world = world.clone();
    tokio::spawn(async move {
        let known = known(&launches).await;
        let told = world.clone();
        let looked = tokio::task::spawn_blocking(move || {
            previews(&told.state, &known, (&told.environment, told.privilege))
        });
        if let Ok(previews) = looked.await {
            world.report(Report::Rehearsed(Rehearsed::Launches(previews))).await;
        }
    });
}

/// What was done before, for each of these launches.
pub async fn known(launches: &[Launch]) -> Vec<(Launch, HandOver)> {
    let mut all = Vec::new();
    let Some(first) = launches.first() else { return all };
    let mut work = DoneWork::new(first.workspace.path(), &first.target.documents.devlog);
    for launch in launches {
        all.push((launch.clone(), HandOver::known(&mut work, launch).await));
    }
    all
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
    launches: &[(Launch, HandOver)],
    own: (&Variables, Privilege),
) -> Vec<Preview> {
    let one = |(launch, known): &(Launch, HandOver)| {
        let launch = placed(state, launch.clone());
        launch::preview((&launch, known), &state.agent_folder(&launch.agent), own)
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
