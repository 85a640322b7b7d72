//! A look at a target that is not on the screen: what roadmap, journal, proposals and git tell.

use std::path::Path;

use tokio::sync::mpsc;

use crate::app::place::Place;
use crate::domain::glance::{Access, Checkout, Glance};
use crate::runner::git::Git;
use crate::runner::proposals;
use crate::runner::world::now;

/// Looks at a target and tells what is there. One that is open knows the most of it itself.
pub(super) async fn look(place: Place, known: Option<Access>, told: mpsc::Sender<Glance>) {
    let git = Git::new(&place.target.path);
    let roadmap = place.target.roadmap.clone();
    let blank = Glance::closed(&place.target);
    let glance = match (place.check(), known) {
        (Err(why), _) => Glance { access: Access::Unusable(why.message), ..blank },
        (Ok(()), Some(access)) => {
            Glance { access, checkout: checkout(&git, &roadmap).await, ..blank }
        }
        (Ok(()), None) => {
            let looked = tokio::task::spawn_blocking(move || look_inside(&place)).await;
            Glance { checkout: checkout(&git, &roadmap).await, ..looked.unwrap_or(blank) }
        }
    };
    // Nobody listens any more when the screen is left.
    let _left = told.send(glance).await;
}

/// What roadmap, journal and proposals of a target tell that is not open.
fn look_inside(place: &Place) -> Glance {
    let blank = Glance::closed(&place.target);
    let access = if place.is_driven() { Access::Elsewhere } else { Access::Closed };
    match place.look_anyway() {
        Ok(o) => {
            let mut seen = Glance { access, ..Glance::open(&o, Access::Closed, now()) };
            let proposals = proposals::list(&place.target.documents.proposals);
            seen.crowd.proposals = proposals.proposals.len();
            seen
        }
        Err(why) => Glance { access: Access::Unusable(why.message), ..blank },
    }
}

/// What is checked out in a repository. What stands in the roadmap is not work that is in anybody's way.
async fn checkout(git: &Git, roadmap: &Path) -> Option<Checkout> {
    let but = format!(":(exclude){}", roadmap.to_string_lossy());
    let args = ["status", "--porcelain", "--branch", "--", ".", &but];
    let status = git.answer(&args).await.ok()?;
    let mut lines = status.lines();
    let head = lines.next()?.strip_prefix("## ")?;
    let head = head.strip_prefix("No commits yet on ").unwrap_or(head);
    let branch = head.split_once("...").map_or(head, |(branch, _)| branch);
    Some(Checkout { branch: branch.into(), dirty: lines.count() })
}
