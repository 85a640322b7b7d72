//! The orchestrator: the run as a pure state machine. Commands and reports go in, effects come out.
//!
//! Everything it decides is a journal entry first; [`Run`] is what replaying the journal gives.

mod admit;
mod advance;
mod command;
mod crew;
#[cfg(test)]
mod crew_tests;
mod edit;
mod errand;
#[cfg(test)]
mod errand_tests;
#[cfg(test)]
pub(crate) mod fake_repository;
#[cfg(test)]
pub(crate) mod fake_world;
mod known;
mod life;
pub mod meant;
mod merge;
#[cfg(test)]
mod merge_tests;
pub mod next_step;
#[cfg(test)]
mod next_step_tests;
mod observe;
pub mod outlook;
#[cfg(test)]
mod plan_tests;
mod preview;
pub mod proposals;
#[cfg(test)]
mod random_runs;
#[cfg(test)]
mod rare_tests;
mod reassert;
mod resume;
pub mod run;
mod spend;
#[cfg(test)]
mod spend_tests;
mod step;
#[cfg(test)]
pub(crate) mod tests;
mod tidy;
mod tries;
mod under_way;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::domain::adapter::Adapter;
use crate::domain::agent::{Agent, AgentState, Exit, Outcome, Stage};
use crate::domain::effect::Effect;
use crate::domain::frame::Size;
use crate::domain::gardener::Garden;
use crate::domain::goal::interpretation::Interpretation;
use crate::domain::id::{AgentId, AgentRef, PhaseId};
use crate::domain::journal::Entry;
use crate::domain::plan::Plan;
use crate::domain::printable::Printable;
use crate::domain::roadmap::{Edit, Roadmap};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
pub(in crate::domain) use life::day;
use proposals::Proposals;
use run::Run;
use under_way::UnderWay;

/// What one instance of the app may do to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It holds the driver lock: it decides and acts.
    Driver,
    /// Another process drives: it only looks.
    Viewer {
        /// Process id of the driver.
        driver: u32,
    },
}

/// What an instance of the app that drives does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drives {
    /// All that is to be done.
    Everything,
    /// Only what a person asked it for: nothing of a plan is started.
    Errands,
}

/// What does not change while the app runs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The target it works on.
    pub target: Target,
    /// The adapters agents can run with, by name.
    pub adapters: BTreeMap<String, Adapter>,
    /// How many agents a plan runs at once unless a person says otherwise.
    pub slots: u16,
    /// What it does by itself.
    pub drives: Drives,
    /// Whether unblocking is written to the file without asking.
    pub auto_garden: bool,
    /// Why the target's agent can't start at all, in one sentence.
    pub refusal: Option<Printable>,
    /// Day stamped on completed phases is this far east of UTC, in seconds.
    pub utc_offset: i32,
}

/// The roadmap as last read, and what the gardener says of it.
#[derive(Clone, Debug, Default)]
pub struct RoadmapView {
    /// The last roadmap that could be read.
    pub roadmap: Option<Arc<Roadmap>>,
    /// Why the file can't be read now.
    pub problem: Option<Printable>,
    /// What the gardener says.
    pub garden: Garden,
    /// When it was last read.
    pub read_at: Option<Timestamp>,
    /// The last one in which marks of ours were missing and asked for again.
    pub reasserted: Option<Arc<Roadmap>>,
    /// An undo is under way.
    pub undoing: bool,
    /// A person asked for gardening and is to be told what came of it.
    pub asked_to_garden: bool,
    /// The proposals.
    pub proposals: Proposals,
}

/// How far the gardener's own edits are.
#[derive(Clone, Debug, Default, PartialEq)]
enum Gardening {
    /// None is asked for.
    #[default]
    Idle,
    /// One is under way.
    Asked,
    /// These were refused: the same ones are not asked for again by themselves.
    Refused(Vec<Edit>),
}

impl Gardening {
    /// A person wants it tried again.
    fn forget_refusal(&mut self) {
        if let Self::Refused(_) = self {
            *self = Self::Idle;
        }
    }
}

/// How important a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something did not go as asked.
    Error,
}

/// A sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How important.
    pub level: Level,
    /// What.
    pub text: Printable,
}

/// The whole run: roadmap, plan, agents. See the module's documentation.
#[derive(Clone, Debug)]
pub struct Orchestrator {
    setup: Setup,
    role: Role,
    run: Run,
    view: RoadmapView,
    gardening: Gardening,
    draft: Option<Plan>,
    /// The last plan that was left without starting it.
    dropped: Option<Plan>,
    reading: Option<Interpretation>,
    notices: VecDeque<Notice>,
    journal_broken: bool,
    under_way: UnderWay,
    terminal: Size,
}

impl Orchestrator {
    /// An orchestrator with nothing done yet.
    pub fn new(setup: Setup, role: Role) -> Self {
        Self {
            setup,
            role,
            run: Run::default(),
            view: RoadmapView::default(),
            gardening: Gardening::default(),
            draft: None,
            dropped: None,
            reading: None,
            notices: VecDeque::new(),
            journal_broken: false,
            under_way: UnderWay::default(),
            terminal: Size::SMALLEST,
        }
    }

    /// Takes over what the journal tells of earlier times. Nothing is started before [`Orchestrator::resume`].
    pub fn restore(&mut self, entries: &[Entry]) {
        self.run = Run::replay(entries);
        self.under_way.taking_up = true;
    }

    /// What does not change.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.setup.target
    }

    /// Whether this instance drives or looks.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The journaled state.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The roadmap and the gardener's view of it.
    pub fn view(&self) -> &RoadmapView {
        &self.view
    }

    /// The roadmap as last read.
    pub fn roadmap(&self) -> Option<&Roadmap> {
        self.view.roadmap.as_deref()
    }

    /// The plan waiting for approval.
    pub fn draft(&self) -> Option<&Plan> {
        self.draft.as_ref()
    }

    /// How the last goal was understood.
    pub fn reading(&self) -> Option<&Interpretation> {
        self.reading.as_ref()
    }

    /// The last life of an agent.
    pub fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.run.known(id)
    }

    /// The agent whose last life works, or worked, on a phase.
    pub fn agent_of(&self, phase: &PhaseId) -> Option<&Agent> {
        self.run.agents.get(&AgentId::for_phase(phase))
    }

    /// All agents, those that need a person first, the one that has waited longest before the others; then by state
    /// and phase. Work and rest are one state here: what only pauses keeps its place.
    pub fn agents(&self, now: Timestamp) -> Vec<&Agent> {
        let mut agents: Vec<&Agent> = self.run.everyone().collect();
        agents.sort_by_cached_key(|agent| {
            let state = match agent.state(now) {
                AgentState::Idle => AgentState::Running,
                state => state,
            };
            let waits = state == AgentState::Waiting;
            (state, agent.activity.last_output.filter(|_| waits), agent.phase())
        });
        agents
    }

    /// Takes for granted how a life ended, with an exit or with its host, that nobody has written down yet. Only for
    /// whoever looks and does nothing.
    pub fn presume(&mut self, agent: &AgentRef, exit: Option<Exit>) {
        let found = self.run.known_mut(&agent.id);
        // Without a word of how it ended, one that was never said to run may still come up.
        let known = |found: &Agent| exit.is_some() || found.processes.is_some();
        let Some(found) = found.filter(|found| found.me() == agent && known(found)) else {
            return;
        };
        let failure = exit.as_ref().map_or(Some(Outcome::Lost), Exit::failure);
        found.stage = failure.map_or(Stage::Verifying(0), Stage::Ended);
        found.times.ended = exit.as_ref().map(|exit| exit.at);
        found.exit = exit;
    }

    /// Whether no agent was ever started here.
    pub fn has_no_agents(&self) -> bool {
        self.run.everyone().next().is_none()
    }

    /// How many agents hold their phase.
    pub fn live_agents(&self) -> usize {
        self.run.agents.values().filter(|agent| agent.is_live()).count()
    }

    /// With how many agents something goes on by itself, those included that work for no plan.
    pub fn busy_agents(&self) -> usize {
        self.run.everyone().filter(|agent| agent.is_busy()).count()
    }

    /// With how many of the plan's agents something goes on by itself.
    pub fn busy_for_the_plan(&self) -> usize {
        self.run.agents.values().filter(|agent| agent.is_busy()).count()
    }

    /// How many agents would be left to themselves by whoever leaves: what only has to be written down is made good later.
    pub fn working_agents(&self) -> usize {
        let works = |agent: &&Agent| agent.is_busy() && !agent.stage.is_settling();
        self.run.everyone().filter(works).count()
    }

    /// How many of the plan's agents take up one of the places of those that may work at once.
    pub fn slots_taken(&self) -> usize {
        self.run.agents.values().filter(|agent| agent.holds_slot()).count()
    }

    /// How many agents may run at once now.
    pub fn slots(&self) -> u16 {
        let wanted = self.run.plan.as_ref().map_or(self.setup.slots, |p| p.approved.slots);
        wanted.min(self.setup.target.workspaces.most).max(1)
    }

    /// Phases our live agents hold.
    pub fn held_phases(&self) -> BTreeSet<PhaseId> {
        self.run.held_phases()
    }

    /// The newest sentences for the person, oldest first.
    pub fn notices(&self) -> &VecDeque<Notice> {
        &self.notices
    }

    /// Size of the terminals agents are started with.
    pub fn terminal_size(&self) -> Size {
        self.terminal
    }

    /// Whether decisions can be written down. Without that nothing is started and nothing settled any more.
    pub fn can_record(&self) -> bool {
        !self.journal_broken
    }

    /// A person typed something to an agent: what it asked is answered.
    pub fn typed(&mut self, agent: &AgentRef) {
        if let Some(agent) = self.run.live_mut(agent) {
            agent.activity.question = None;
        }
    }

    /// Sets the size of agents' terminals, and of those that run already.
    pub fn resize_terminals(&mut self, size: Size) -> Vec<Effect> {
        let size = size.at_least_smallest();
        if size == self.terminal {
            return Vec::new();
        }
        self.terminal = size;
        // Two screens of different sizes would pull the terminals to and fro.
        let ours = self.role == Role::Driver;
        let running = self.run.everyone().filter(|agent| ours && agent.has_process());
        running.map(|agent| Effect::Resize { agent: agent.me().clone(), size }).collect()
    }
}
