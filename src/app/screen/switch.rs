//! What the loop does for the targets: look after those behind the screen, change the one in front, tell of the others.

use std::time::Instant;

use super::opening::{Opened, Purpose};
use super::pace::Cause;
use super::site::Site;
use super::{App, Coming, Hands};
use crate::app::commands::setup;
use crate::app::failure::Failure;
use crate::app::model::Msg;
use crate::domain::effect::Effect;
use crate::domain::glance::Glance;
use crate::domain::id::TargetId;
use crate::domain::report::Report;
use crate::ui::intent::Arrival;

impl App {
    /// Time passed, everywhere.
    pub(super) fn tick(&mut self) {
        for site in self.sites.all_mut() {
            let _for_the_screen = site.take(Msg::Tick);
        }
        self.sites.take_over(self.settings);
        self.say_what_comes();
        self.pace.changed(Cause::Other, Instant::now());
        self.glance();
    }

    /// Tells the screen what is known of the other targets, when that has changed.
    pub(super) fn glance(&mut self) {
        if self.sites.is_alone() {
            return;
        }
        let glances = self.sites.glances();
        let Some(here) = self.sites.here_mut() else { return };
        if here.model.dashboard.others() != glances {
            here.model.dashboard.glanced(glances);
            self.pace.changed(Cause::Other, Instant::now());
        }
    }

    /// Finds out where all targets stand.
    pub(super) fn survey(&mut self) {
        if !self.sites.is_alone() {
            self.sites.survey();
        }
    }

    /// Somebody looked at a target. Agents that nobody looks after are looked after from now on.
    pub(super) fn seen(&mut self, glance: Glance) {
        let target = glance.target.clone();
        if self.sites.saw(glance) {
            let begun = self.sites.begin_to_open(&target, Purpose::Agents, self.settings);
            if let Err(why) = begun {
                self.tell(format!("agents of {target} can't be looked after: {why}"));
            }
        }
        self.glance();
    }

    /// A target was opened, or could not be. It comes on the screen if that is still wanted.
    pub(super) fn opened(&mut self, opened: Opened) -> Result<(), Failure> {
        let (target, purpose) = (opened.target.clone(), opened.purpose);
        let coming = self.coming.take_if(|coming| coming.target == target);
        let coming = match (self.sites.opened(opened), purpose) {
            (Ok(came), _) => {
                self.say_opened(&target, came);
                coming
            }
            (Err(why), Purpose::Agents) if coming.is_none() => {
                self.tell(format!("agents of {target} can't be looked after: {why}"));
                None
            }
            (Err(why), _) => {
                self.tell(why.to_string());
                // Whoever looked at it meanwhile saw that it was being opened.
                self.survey();
                None
            }
        };
        match coming {
            Some(coming) if self.may_come(&coming) => self.show(&target, coming.arrival)?,
            Some(coming) => {
                self.coming = Some(coming);
                self.say(format!("{target} is open: t goes there"));
            }
            None => {}
        }
        self.glance();
        Ok(())
    }

    fn say_opened(&mut self, target: &TargetId, came: Option<Purpose>) {
        match came {
            Some(Purpose::Drive) => {
                self.say(format!("nobody drove {target} any more: it is driven from here now"));
            }
            Some(Purpose::Agents) => {
                self.taken_up.push(target.clone());
                let targets: Vec<&str> = self.taken_up.iter().map(TargetId::as_str).collect();
                let targets = targets.join(", ");
                self.say(format!("agents of {targets} go on: they are looked after here too"));
            }
            Some(Purpose::Look) | None => {}
        }
    }

    /// Whether a target can come on the screen now: what a person has begun here is not interrupted.
    fn may_come(&self, coming: &Coming) -> bool {
        let rests = |here: &Site| here.model.dashboard.rests(&here.model.orchestrator);
        coming.hands == Hands::Off || self.sites.here().is_some_and(rests)
    }

    /// Says which target is being opened for the person, as long as it is.
    fn say_what_comes(&mut self) {
        let coming = self.coming.as_ref().map(|coming| coming.target.clone());
        if let Some(target) = coming.filter(|target| self.sites.is_opening(target)) {
            self.say(format!("opening {target}…"));
        }
    }

    /// Puts another target on the screen, once it is open.
    pub(super) fn switch(&mut self, target: &TargetId, arrival: Arrival) -> Result<(), Failure> {
        // It may have been wanted for something before.
        let before = self.coming.take().filter(|coming| coming.target == *target);
        let arrival = match before {
            Some(before) if arrival == Arrival::Look => before.arrival,
            Some(_) | None => arrival,
        };
        if self.sites.is_open(target) {
            return self.show(target, arrival);
        }
        match self.sites.begin_to_open(target, Purpose::Look, self.settings) {
            Ok(()) => {
                self.coming = Some(Coming { target: target.clone(), arrival, hands: Hands::Off });
                self.say_what_comes();
                self.glance();
            }
            Err(why) => self.tell(why.to_string()),
        }
        Ok(())
    }

    /// Puts a target on the screen that is open.
    fn show(&mut self, target: &TargetId, arrival: Arrival) -> Result<(), Failure> {
        let Some(before) = self.sites.show(target) else { return Ok(()) };
        let Some(left) = self.sites.get_mut(&before) else { return Ok(()) };
        let bearing = left.model.dashboard.bearing();
        let _for_the_screen = left.take(Msg::Depart);
        self.glance();
        let Some(here) = self.sites.here_mut() else { return Ok(()) };
        let done = here.take(Msg::Arrive(bearing, arrival));
        debug_assert!(done.acts.is_empty(), "arriving asks for nothing but effects");
        self.pace.changed(Cause::Person, Instant::now());
        self.screen.redraw().map_err(Failure::environment)
    }

    /// Closes a target behind the screen that has nothing to do.
    pub(super) fn close(&mut self, target: &TargetId) {
        match self.sites.close(target) {
            Ok(site) => {
                self.taken_up.retain(|taken| taken != target);
                site.map(|site| tokio::spawn(site.rest()));
                self.say(format!("{target} is closed: another orch-tui can drive it"));
            }
            Err(why) => self.tell(why),
        }
        self.glance();
    }

    /// The screen has a new size: terminals of targets behind it have it too.
    pub(super) fn resize_hidden(&mut self, cols: u16, rows: u16) {
        for site in self.sites.hidden_mut() {
            let _for_the_screen = site.take(Msg::Resize(cols, rows));
        }
    }

    /// The person leaves and wants all agents stopped, those of other targets too.
    pub(super) fn stop_hidden(&mut self) {
        for site in self.sites.hidden_mut() {
            let _for_the_screen = site.take(Msg::StopAll);
        }
    }

    /// Says something that is no trouble.
    fn say(&mut self, text: String) {
        if let Some(here) = self.sites.here_mut() {
            here.model.dashboard.say(&text);
        }
        self.pace.changed(Cause::Other, Instant::now());
    }

    /// Says something to the person.
    pub(super) fn tell(&mut self, text: String) {
        if let Some(here) = self.sites.here_mut() {
            let _for_the_screen = here.take(Msg::Report(Report::Trouble(text.into())));
        }
        self.pace.changed(Cause::Other, Instant::now());
    }

    /// Opens the roadmap in the person's editor and waits for it.
    pub(super) async fn edit(&mut self, line: usize) -> Result<(), Failure> {
        let Some(here) = self.sites.here() else { return Ok(()) };
        let roadmap = here.place.target.roadmap.clone();
        self.lend_to_editor(line, &roadmap).await?;
        Ok(())
    }

    /// Asks whether the starter files that are missing shall be written.
    pub(super) fn ask_for_starter(&mut self) {
        let Some(here) = self.sites.here_mut() else { return };
        let folder = &here.place.target.path;
        let files = setup::missing(folder);
        here.model.dashboard.ask_for_starter(folder.display().to_string(), files);
    }

    /// Writes them.
    pub(super) fn write_starter(&mut self) {
        let Some(here) = self.sites.here_mut() else { return };
        let written = setup::write_missing(&here.place.target);
        here.engine.runner.execute(vec![Effect::ReadRoadmap(here.place.target.id.clone())]);
        match written {
            Ok(said) => here.model.dashboard.say(&said),
            Err(failure) => self.tell(failure.to_string()),
        }
    }
}
