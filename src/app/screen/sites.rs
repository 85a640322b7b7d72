//! The targets that are open: one on the screen, others behind it. Each has its own engine; all are looked after.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::task::Poll;

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::glimpse;
use super::opening::{Opened, Openings, Purpose};
use super::site::Site;
use crate::app::engine::Engine;
use crate::app::failure::Failure;
use crate::app::headless;
use crate::app::model::Sight;
use crate::app::place::Place;
use crate::domain::glance::{Access, Glance};
use crate::domain::id::TargetId;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::runner::world::now;
use crate::ui::dashboard::Settings;

/// Looks at other targets under way at most.
const LOOKS: usize = 64;

/// All targets that are open.
#[derive(Debug)]
pub(super) struct Sites {
    open: BTreeMap<TargetId, Site>,
    here: TargetId,
    /// What was found out about all targets of the configuration.
    seen: BTreeMap<TargetId, Glance>,
    looks: (mpsc::Sender<Glance>, mpsc::Receiver<Glance>),
    /// Targets somebody looks at just now.
    looking: BTreeSet<TargetId>,
    /// Targets that are being opened.
    openings: Openings,
    /// Whose reports are taken next.
    turn: usize,
}

/// What happened at one of the targets.
pub(super) enum Happened {
    /// The world answered.
    Report(TargetId, Box<Report>),
    /// Somebody looked at a target.
    Seen(Box<Glance>),
    /// A target was opened, or could not be.
    Opened(Box<Opened>),
    /// Nothing can happen any more.
    Nothing,
}

impl Sites {
    /// With one target, which is on the screen.
    pub(super) fn new(mut first: Site) -> Self {
        first.model.sight = Sight::Shown;
        let targets = first.place.config.targets.values();
        let seen = targets.map(|target| (target.id.clone(), Glance::closed(target))).collect();
        let here = first.place.target.id.clone();
        let open = BTreeMap::from([(here.clone(), first)]);
        let (looking, looks, openings) = (BTreeSet::new(), mpsc::channel(LOOKS), Openings::new());
        Self { open, here, seen, looks, looking, openings, turn: 0 }
    }

    /// The target on the screen.
    pub(super) fn here(&self) -> Option<&Site> {
        self.open.get(&self.here)
    }

    /// The same, to change it.
    pub(super) fn here_mut(&mut self) -> Option<&mut Site> {
        self.open.get_mut(&self.here)
    }

    /// Whether this target is on the screen.
    pub(super) fn is_here(&self, target: &TargetId) -> bool {
        self.here == *target
    }

    /// A target that is open.
    pub(super) fn get_mut(&mut self, target: &TargetId) -> Option<&mut Site> {
        self.open.get_mut(target)
    }

    /// All that are open.
    pub(super) fn all(&self) -> impl Iterator<Item = &Site> {
        self.open.values()
    }

    /// Whether the configuration knows no other target.
    pub(super) fn is_alone(&self) -> bool {
        self.seen.len() < 2
    }

    /// Those behind the screen, to change them.
    pub(super) fn hidden_mut(&mut self) -> impl Iterator<Item = &mut Site> {
        let here = self.here.clone();
        self.open.iter_mut().filter(move |(target, _)| **target != here).map(|(_, site)| site)
    }

    /// Begins to take over targets whose driver is gone: what was only looked at is driven from here on.
    pub(super) fn take_over(&mut self, settings: Settings) {
        let orphaned = |site: &&Site| site.is_viewer() && !site.place.is_driven();
        for site in self.open.values().filter(orphaned) {
            let mut place = site.place.at(&site.place.target);
            place.config.warnings.clear();
            self.openings.begin(place, Purpose::Drive, settings);
        }
    }

    /// A target that was open is open once more; its screen stays as it is. Nothing changes if it still can't be driven.
    fn reopened(&mut self, target: &TargetId, mut site: Site) -> Option<Purpose> {
        let before = self.open.get_mut(target).filter(|_| !site.is_viewer())?;
        site.model.sight = before.model.sight;
        std::mem::swap(&mut site.model.dashboard, &mut before.model.dashboard);
        *before = site;
        before.begin();
        Some(Purpose::Drive)
    }

    /// All that are open, to change them.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Site> {
        self.open.values_mut()
    }

    /// Waits for the next thing that happens at any of them. They take turns, so that none is kept waiting by another.
    pub(super) async fn next(&mut self) -> Happened {
        let (open, turn) = (&mut self.open, &mut self.turn);
        let (looks, openings) = (&mut self.looks.1, &mut self.openings);
        poll_fn(|context| {
            if let Poll::Ready(Some(glance)) = looks.poll_recv(context) {
                return Poll::Ready(Happened::Seen(Box::new(glance)));
            }
            if let Poll::Ready(opened) = openings.poll(context) {
                return Poll::Ready(Happened::Opened(Box::new(opened)));
            }
            let count = open.len();
            let mut closed = 0;
            for step in 0..count {
                let at = (*turn + step) % count;
                let Some((target, site)) = open.iter_mut().nth(at) else { continue };
                match site.engine.reports.poll_recv(context) {
                    Poll::Ready(Some(report)) => {
                        *turn = at + 1;
                        return Poll::Ready(Happened::Report(target.clone(), Box::new(report)));
                    }
                    Poll::Ready(None) => closed += 1,
                    Poll::Pending => {}
                }
            }
            if closed == count { Poll::Ready(Happened::Nothing) } else { Poll::Pending }
        })
        .await
    }

    /// What has happened already.
    pub(super) fn try_next(&mut self, target: &TargetId) -> Option<Report> {
        self.open.get_mut(target)?.engine.reports.try_recv().ok()
    }

    /// Finds out where all targets stand; the answers come one by one.
    pub(super) fn survey(&mut self) {
        let Some(here) = self.open.get(&self.here) else { return };
        for target in here.place.config.targets.values() {
            if !self.looking.insert(target.id.clone()) {
                continue;
            }
            let place = here.place.at(target);
            let known = match self.open.get(&target.id) {
                Some(_) => Some(Access::Open),
                None => self.same_as(&place).map(Access::Unusable),
            };
            tokio::spawn(glimpse::look(place, known, self.looks.0.clone()));
        }
    }

    /// Why a target can't be open beside one that is: they are the same repository.
    fn same_as(&self, place: &Place) -> Option<Printable> {
        let mut open = self.open.values();
        let same = open.find(|site| site.place.is_same_directory(place))?;
        let (wanted, other) = (&place.target.id, &same.place.target.id);
        Some(format!("`{wanted}` is the same directory as `{other}`, which is open").into())
    }

    /// Takes over what somebody saw. True for a target whose agents nobody looks after.
    pub(super) fn saw(&mut self, glance: Glance) -> bool {
        self.looking.remove(&glance.target);
        let busy = glance.crowd.left_alone > 0 || glance.crowd.later;
        let alone = glance.access == Access::Closed && busy;
        let ours = self.open.contains_key(&glance.target) || self.openings.has(&glance.target);
        let alone = alone && !ours;
        self.seen.insert(glance.target.clone(), glance);
        alone
    }

    /// Opens a target behind the screen, if it is not open yet, and waits for it.
    pub(super) fn open(&mut self, target: &TargetId, settings: Settings) -> Result<(), Failure> {
        if let Some(place) = self.to_open(target)? {
            self.open.insert(target.clone(), Site::open(place, settings)?);
        }
        Ok(())
    }

    /// Begins to open a target behind the screen.
    pub(super) fn begin_to_open(
        &mut self,
        target: &TargetId,
        purpose: Purpose,
        settings: Settings,
    ) -> Result<(), Failure> {
        if let Some(place) = self.to_open(target)? {
            self.openings.begin(place, purpose, settings);
        }
        Ok(())
    }

    /// A target of the configuration that is not open yet.
    fn to_open(&self, target: &TargetId) -> Result<Option<Place>, Failure> {
        let Some(here) = self.here().filter(|_| !self.open.contains_key(target)) else {
            return Ok(None);
        };
        let Some(wanted) = here.place.config.targets.get(target) else { return Ok(None) };
        let mut place = here.place.at(wanted);
        place.check()?;
        if let Some(why) = self.same_as(&place) {
            return Err(Failure::environment(why));
        }
        // They were told when the first one was opened.
        place.config.warnings.clear();
        Ok(Some(place))
    }

    /// Takes over a target that was opened: for what, unless nothing came of it that a person has to know.
    ///
    /// # Errors
    /// When it could not be opened.
    pub(super) fn opened(&mut self, opened: Opened) -> Result<Option<Purpose>, Failure> {
        let Opened { target, purpose, site } = opened;
        if self.open.contains_key(&target) {
            return Ok(site.ok().and_then(|site| self.reopened(&target, site)));
        }
        // It was closed meanwhile.
        if purpose == Purpose::Drive {
            return Ok(None);
        }
        let mut site = site?;
        // Another one that was opened meanwhile may be the same directory.
        if let Some(why) = self.same_as(&site.place) {
            return Err(Failure::environment(why));
        }
        site.begin();
        self.open.insert(target, site);
        Ok(Some(purpose))
    }

    /// Whether a target is open.
    pub(super) fn is_open(&self, target: &TargetId) -> bool {
        self.open.contains_key(target)
    }

    /// Whether a target is being opened.
    pub(super) fn is_opening(&self, target: &TargetId) -> bool {
        self.openings.has(target)
    }

    /// Takes out a target that is open behind the screen and has nothing to do.
    ///
    /// # Errors
    /// One sentence when it has to stay.
    pub(super) fn close(&mut self, target: &TargetId) -> Result<Option<Site>, String> {
        if self.here == *target {
            return Err(format!("{target} is on the screen: go to another target to close it"));
        }
        let Some(site) = self.open.get(target) else {
            return Err(match self.is_opening(target) {
                true => format!("{target} is being opened: close it then"),
                false => format!("{target} is not open: there is nothing to close"),
            });
        };
        if let Some(why) = site.keeps() {
            return Err(why);
        }
        if let Some(seen) = self.seen.get_mut(target) {
            let left = Glance::open(&site.model.orchestrator, Access::Closed, now());
            let access = match site.is_viewer() {
                true => Access::Elsewhere,
                false => Access::Closed,
            };
            *seen = Glance { access, checkout: seen.checkout.clone(), ..left };
        }
        Ok(self.open.remove(target))
    }

    /// Puts another target on the screen: the one that was there, if it changes.
    pub(super) fn show(&mut self, target: &TargetId) -> Option<TargetId> {
        if !self.open.contains_key(target) || self.here == *target {
            return None;
        }
        Some(std::mem::replace(&mut self.here, target.clone()))
    }

    /// All targets, as far as they are known now.
    pub(super) fn glances(&self) -> Vec<Glance> {
        let present = now();
        let known = self.seen.iter().map(|(target, seen)| match self.open.get(target) {
            // The screen knows the rest of it.
            Some(_) if *target == self.here => Glance { access: Access::Here, ..seen.clone() },
            Some(site) => {
                let open = Glance::open(&site.model.orchestrator, Access::Open, present);
                let gone = match &seen.access {
                    Access::Unusable(why) => Some(why.clone()),
                    Access::Here | Access::Open | Access::Closed => None,
                    Access::Opening | Access::Elsewhere | Access::Viewed { .. } => None,
                };
                let trouble = gone.or(open.trouble.clone());
                Glance { checkout: seen.checkout.clone(), trouble, ..open }
            }
            None if self.is_opening(target) => Glance { access: Access::Opening, ..seen.clone() },
            None => seen.clone(),
        });
        known.collect()
    }

    /// Ends the screen: all targets work on without it.
    pub(super) fn without_screen(self) -> Vec<(Place, Engine)> {
        let places = self.open.into_values().map(|site| {
            let place = site.place.at(&site.place.target);
            (place, site.without_screen())
        });
        places.collect()
    }
}

/// Stops all agents of these and waits until they are gone.
pub(super) async fn stop_all(engines: &mut [(Place, Engine)]) {
    let stops = engines.iter_mut().map(|(_, engine)| headless::stop_and_wait(engine));
    join_all(stops).await;
}

/// Waits until nothing that was begun by itself is left half done.
pub(super) async fn tidy_up(engines: &mut [(Place, Engine)]) {
    join_all(engines.iter_mut().map(|(_, engine)| headless::tidy_up(engine))).await;
}
