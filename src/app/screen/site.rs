//! One target that is open, with its engine and its screen.

use crate::app::engine::Engine;
use crate::app::failure::Failure;
use crate::app::model::{Act, Model, Msg, Sight};
use crate::app::place::Place;
use crate::app::update::update;
use crate::domain::effect::Effect;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::report::Report;
use crate::runner::world::now;
use crate::ui::dashboard::{Dashboard, Settings};

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
        let mut site = Self::load(place, settings)?;
        site.begin();
        Ok(site)
    }

    /// Reads all there is of a target and does nothing yet.
    pub(super) fn load(place: Place, settings: Settings) -> Result<Self, Failure> {
        let mut engine = Engine::load(&place, place.setup())?;
        let setup = engine.orchestrator.setup().clone();
        let placeholder = Orchestrator::new(setup, engine.orchestrator.role());
        let orchestrator = std::mem::replace(&mut engine.orchestrator, placeholder);
        let dashboard = Dashboard::new(settings);
        let (watched, sight) = (Vec::new(), Sight::Hidden);
        let model = Model { orchestrator, dashboard, now: now(), watched, sight };
        Ok(Self { place, engine, model })
    }

    /// Does what is to be done first.
    pub(super) fn begin(&mut self) {
        self.engine.begin();
        for warning in std::mem::take(&mut self.engine.warnings) {
            let _none = self.take(Msg::Report(Report::Trouble(warning.into())));
        }
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

    pub(super) fn is_viewer(&self) -> bool {
        match self.model.orchestrator.role() {
            Role::Viewer { .. } => true,
            Role::Driver => false,
        }
    }

    /// Why it has to stay open, in one sentence; whoever only looks can always go.
    pub(super) fn keeps(&self) -> Option<String> {
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
    pub(super) fn without_screen(mut self) -> Engine {
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
