//! The targets that are open: one on the screen, others behind it. Each has its own engine; all are looked after.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::task::Poll;

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::glimpse;
use crate::app::engine::Engine;
use crate::app::failure::Failure;
use crate::app::headless;
use crate::app::model::{Act, Model, Msg, Sight};
use crate::app::place::Place;
use crate::app::update::update;
use crate::domain::effect::Effect;
use crate::domain::glance::{Access, Glance};
use crate::domain::id::TargetId;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::runner::world::now;
use crate::ui::dashboard::{Dashboard, Settings};

/// Looks at other targets under way at most.
const LOOKS: usize = 64;

/// One target that is open.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) place: Place,
    pub(super) engine: Engine,
    pub(super) model: Model,
}

impl Site {
    /// Opens a target.
    pub(super) fn open(place: Place, settings: Settings) -> Result<Self, Failure> {
        let mut engine = Engine::open(&place)?;
        let setup = engine.orchestrator.setup().clone();
        let placeholder = Orchestrator::new(setup, engine.orchestrator.role());
        let orchestrator = std::mem::replace(&mut engine.orchestrator, placeholder);
        let dashboard = Dashboard::new(settings);
        let (watched, sight) = (Vec::new(), Sight::Hidden);
        let model = Model { orchestrator, dashboard, now: now(), watched, sight };
        let mut site = Self { place, engine, model };
        for warning in std::mem::take(&mut site.engine.warnings) {
            let _none = site.take(Msg::Report(Report::Trouble(warning.into())));
        }
        Ok(site)
    }

    /// Takes over a message. Effects are handed over in one list, before anything else can fail; what comes back is
    /// for the screen.
    pub(super) fn take(&mut self, msg: Msg) -> Done {
        self.model.now = now();
        let (mut effects, mut acts) = (Vec::new(), Vec::new());
        for act in update(&mut self.model, msg) {
            match act {
                Act::Effect(effect) => effects.push(effect),
                other => acts.push(other),
            }
        }
        let typed = effects.iter().any(|effect| matches!(effect, Effect::Type { .. }));
        self.engine.runner.execute(effects);
        Done { acts, typed }
    }

    /// Whether something of it changes with time alone. Behind the screen that is what a person has to know.
    pub(super) fn needs_tick(&self) -> bool {
        // Whoever only looks has to notice when nobody drives any more.
        self.is_viewer() || self.model.dashboard.needs_tick(&self.model.orchestrator)
    }

    fn is_viewer(&self) -> bool {
        match self.model.orchestrator.role() {
            Role::Viewer { .. } => true,
            Role::Driver => false,
        }
    }

    /// Why it has to stay open, in one sentence; whoever only looks can always go.
    fn keeps(&self) -> Option<String> {
        let (o, target) = (&self.model.orchestrator, &self.place.target.id);
        let live = o.run().everyone().filter(|agent| agent.is_live()).count();
        if self.is_viewer() {
            return None;
        }
        let what = match o.run().plan.as_ref().is_some_and(|plan| !plan.finished) {
            _ if live == 1 => "an agent of it is not done".to_owned(),
            _ if live > 0 => format!("{live} of its agents are not done"),
            true => "its plan is not finished".to_owned(),
            false => return None,
        };
        Some(format!("{target} stays open: {what}; Enter goes there"))
    }

    /// Ends what is behind it once all that was decided is on disk: then another process can drive it.
    pub(super) async fn rest(self) {
        self.engine.runner.settle().await;
    }

    /// Gives the orchestrator back to its engine, which works on without a screen.
    fn without_screen(mut self) -> Engine {
        self.engine.orchestrator = self.model.orchestrator;
        self.engine
    }
}

/// What followed from a message.
#[derive(Debug)]
pub(super) struct Done {
    /// What is left to be done for the screen.
    pub(super) acts: Vec<Act>,
    /// Something was typed to an agent.
    pub(super) typed: bool,
}

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
    /// Whose reports are taken next.
    turn: usize,
}

/// What happened at one of the targets.
pub(super) enum Happened {
    /// The world answered.
    Report(TargetId, Box<Report>),
    /// Somebody looked at a target.
    Seen(Glance),
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
        let looking = BTreeSet::new();
        Self { open, here, seen, looks: mpsc::channel(LOOKS), looking, turn: 0 }
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

    /// Takes over targets whose driver is gone: what was only looked at is driven from here on.
    pub(super) fn take_over(&mut self, settings: Settings) -> Vec<TargetId> {
        let orphaned = |site: &Site| site.is_viewer() && !site.place.is_driven();
        let orphans = self.open.iter().filter(|(_, site)| orphaned(site));
        let orphans: Vec<TargetId> = orphans.map(|(target, _)| target.clone()).collect();
        orphans.into_iter().filter(|target| self.reopen(target, settings).is_some()).collect()
    }

    /// Opens a target once more; its screen stays as it is. Nothing changes if it still can't be driven.
    fn reopen(&mut self, target: &TargetId, settings: Settings) -> Option<()> {
        let before = self.open.get(target)?;
        let mut place = before.place.at(&before.place.target);
        place.config.warnings.clear();
        let mut site = Site::open(place, settings).ok().filter(|site| !site.is_viewer())?;
        let before = self.open.get_mut(target)?;
        site.model.sight = before.model.sight;
        std::mem::swap(&mut site.model.dashboard, &mut before.model.dashboard);
        *before = site;
        Some(())
    }

    /// All that are open, to change them.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Site> {
        self.open.values_mut()
    }

    /// Waits for the next thing that happens at any of them. They take turns, so that none is kept waiting by another.
    pub(super) async fn next(&mut self) -> Happened {
        let (open, turn) = (&mut self.open, &mut self.turn);
        let looks = &mut self.looks.1;
        poll_fn(|context| {
            if let Poll::Ready(Some(glance)) = looks.poll_recv(context) {
                return Poll::Ready(Happened::Seen(glance));
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
        let alone = alone && !self.open.contains_key(&glance.target);
        self.seen.insert(glance.target.clone(), glance);
        alone
    }

    /// Opens a target behind the screen, if it is not open yet.
    pub(super) fn open(&mut self, target: &TargetId, settings: Settings) -> Result<(), Failure> {
        if self.open.contains_key(target) {
            return Ok(());
        }
        let Some(here) = self.here() else { return Ok(()) };
        let Some(wanted) = here.place.config.targets.get(target) else { return Ok(()) };
        let mut place = here.place.at(wanted);
        place.check()?;
        if let Some(why) = self.same_as(&place) {
            return Err(Failure::environment(why));
        }
        // They were told when the first one was opened.
        place.config.warnings.clear();
        self.open.insert(target.clone(), Site::open(place, settings)?);
        Ok(())
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
            return Err(format!("{target} is not open: there is nothing to close"));
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
                    Access::Elsewhere | Access::Viewed { .. } => None,
                };
                let trouble = gone.or(open.trouble.clone());
                Glance { checkout: seen.checkout.clone(), trouble, ..open }
            }
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
