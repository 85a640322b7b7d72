//! What opens by itself: the plan after a goal, and what other goals ask to see. And keys of an open overlay.

use ratatui::crossterm::event::KeyEvent;

use crate::domain::command::Command;
use crate::domain::goal::interpretation::{GoalKind, Interpretation};
use crate::domain::orchestrator::Orchestrator;
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, Pane};
use crate::ui::layout::Shape;
use crate::ui::overlays::{Answer, Overlay};

impl Dashboard {
    /// The orchestrator carried out a command: opens what it answered. Harmless after any command.
    pub fn answered(&mut self, o: &Orchestrator) {
        let asked = std::mem::take(&mut self.goal.asked);
        self.overlay.take_if(|overlay| overlay.is_over(o));
        if o.draft().is_some() {
            if !self.overlay.iter().chain(&self.beneath).any(Overlay::is_plan) {
                // What asked for the plan has left and waits beneath; anything else gives way.
                if self.overlay.replace(Overlay::plan(o)).is_some() {
                    self.beneath.clear();
                }
            }
            return;
        }
        if let (true, Some(reading)) = (asked, o.reading()) {
            self.show_reading(reading, o);
        }
    }

    /// Says something that is no trouble.
    pub fn say(&mut self, text: &str) {
        self.toasts.say(self.now, text);
    }

    /// Asks whether these starter files shall be written into a folder.
    pub fn ask_for_starter(&mut self, folder: String, files: Vec<String>) {
        match files.as_slice() {
            [] => self.say("everything a starter has is there already; nothing is written"),
            [_, ..] => self.overlay = Some(Overlay::init(folder, files)),
        }
    }

    fn show_reading(&mut self, reading: &Interpretation, o: &Orchestrator) {
        match reading.kind {
            GoalKind::RunSingle
            | GoalKind::RunParallel
            | GoalKind::RunBatch
            | GoalKind::Suggest => {}
            GoalKind::Garden => self.toasts.say(self.now, "reading and gardening the roadmap"),
            GoalKind::Status => {
                self.focus_on(Pane::Roadmap);
                self.toasts.say(self.now, reading.explanation.as_str());
            }
            GoalKind::ListAgents => self.focus_on(Pane::Streams),
            GoalKind::Help => self.overlay = Some(Overlay::help(self.scope(o))),
            GoalKind::Explain => match reading.matched.first() {
                Some(first) => self.overlay = Some(Overlay::phase(first.id.clone())),
                None => self.toasts.say(self.now, reading.explanation.as_str()),
            },
            GoalKind::Stop => self.ask_stop_of(reading, o),
        }
    }

    /// Asks about the first live agent the goal names, or about all when it names none.
    fn ask_stop_of(&mut self, reading: &Interpretation, o: &Orchestrator) {
        let mut named = reading.matched.iter().filter_map(|offer| o.agent_of(&offer.id));
        let all = reading.matched.is_empty() && reading.not_offered.is_empty();
        match named.find(|agent| agent.is_live()) {
            Some(agent) => self.overlay = Some(Overlay::stop(agent.me().id.clone(), o)),
            None if all && o.busy_agents() > 0 => self.overlay = Some(Overlay::stop_all(o)),
            None if all => self.toasts.say(self.now, "no agent runs"),
            None => self.toasts.say(self.now, "no such agent runs"),
        }
    }

    /// A key for the open overlay.
    pub(super) fn overlay_key(&mut self, key: KeyEvent, o: &Orchestrator) -> Vec<Intent> {
        let now = self.now;
        let Some(overlay) = &mut self.overlay else { return Vec::new() };
        if keys::find(overlay.scope(), &key) == Some(Action::Help) {
            let help = Overlay::help(overlay.scope());
            self.lay_over(help);
            return Vec::new();
        }
        let answer = overlay.key(key, o, now);
        self.keep_comments();
        match answer {
            Answer::Review(sight, agent) => self.open_sight(sight, &agent, o),
            Answer::Stay => {
                self.look_in_all();
                Vec::new()
            }
            Answer::Read { agent, at, needle } => {
                (self.overlay, self.beneath) = (None, Vec::new());
                self.read_at((&agent, at), needle, o);
                Vec::new()
            }
            Answer::Do(intents) => intents,
            Answer::Say(text) => self.tell(&text),
            Answer::Close => {
                self.beneath.retain(|overlay| !overlay.is_over(o));
                self.overlay = self.beneath.pop();
                self.overlay.iter().for_each(|overlay| overlay.uncovered(now));
                Vec::new()
            }
            Answer::Phase(id) => self.show_over(Overlay::phase(id)),
            Answer::Errand(errand) => self.ask_errand(errand, o),
            Answer::Targets(goal) => self.show_targets(goal),
            Answer::Send(to, text) => self.broadcast(&to, &text, o),
            Answer::CloseAnd(intents) => {
                self.leave(&intents);
                self.back_to_goal(&intents);
                self.look_at_the_living(&intents, o);
                intents
            }
        }
    }

    /// Closes the overlay. What asked for a plan comes back when that plan is dropped.
    fn leave(&mut self, intents: &[Intent]) {
        let plans = |intent: &Intent| matches!(intent, Intent::Run(Command::PlanPhases(_)));
        let (closed, mut under) = (self.overlay.take(), std::mem::take(&mut self.beneath));
        let begins = |intent: &Intent| matches!(intent, Intent::Run(Command::Errand(_)));
        let comes_back = intents.contains(&Intent::Run(Command::DropPlan));
        if comes_back || intents.iter().any(begins) {
            self.overlay = under.pop();
            self.beneath = under;
        } else if intents.iter().any(plans) {
            self.goal.planned = false;
            under.extend(closed);
            self.beneath = under;
        }
    }

    fn tell(&mut self, text: &str) -> Vec<Intent> {
        self.toasts.say(self.now, text);
        Vec::new()
    }

    fn show_over(&mut self, overlay: Overlay) -> Vec<Intent> {
        self.lay_over(overlay);
        Vec::new()
    }

    /// Opens an overlay over the one that is open; that comes back as it was.
    pub(super) fn lay_over(&mut self, overlay: Overlay) {
        let covered = self.overlay.replace(overlay);
        self.beneath.extend(covered);
    }

    /// A plan that starts is watched: an agent that ended gives way to those that run.
    fn look_at_the_living(&mut self, intents: &[Intent], o: &Orchestrator) {
        let starts = intents.contains(&Intent::Run(Command::ApprovePlan));
        if starts && self.agent_in_view(o).is_none_or(|agent| !agent.is_live()) {
            self.agent.shown = None;
        }
        // Where one pane is open at a time, it shall be the one that shows them.
        if starts && self.layout().shape == Shape::Accordion {
            self.focus_on(Pane::Streams);
        }
    }

    /// A plan that was dropped leads back to the goal it came from.
    fn back_to_goal(&mut self, intents: &[Intent]) {
        let dropped = intents.contains(&Intent::Run(Command::DropPlan));
        if !(dropped && self.goal.planned && self.goal.text.is_empty()) {
            return;
        }
        if let Some(goal) = self.goal.last().cloned() {
            self.enter_goal();
            self.goal.set(&goal);
        }
    }
}
