//! How each overlay is opened.

use super::*;

impl Overlay {
    /// The drafted plan.
    pub fn plan(o: &Orchestrator) -> Self {
        Self::Plan(PlanSheet::new(o))
    }

    /// All keys, those of `scope` first.
    pub fn help(scope: Scope) -> Self {
        Self::Help(HelpSheet::new(scope))
    }

    /// Asks before this agent is stopped or killed.
    pub fn stop(agent: AgentId, o: &Orchestrator) -> Self {
        Self::Stop(StopDialog::new(agent, o))
    }

    /// Asks before these lives are stopped or killed.
    pub fn stop_some(lives: Vec<AgentRef>) -> Self {
        Self::Stop(StopDialog::some(lives))
    }

    /// Asks before all agents are stopped or killed.
    pub fn stop_all(o: &Orchestrator) -> Self {
        Self::Stop(StopDialog::all(o))
    }

    /// Asks before these agents are started again.
    pub fn restart(agents: Vec<AgentId>) -> Self {
        Self::Restart(RestartDialog::new(agents))
    }

    /// Asks what shall be sent to these lives; the others were meant and don't run.
    pub fn broadcast(to: Vec<AgentRef>, others: &[AgentRef]) -> Self {
        Self::Broadcast(Box::new(BroadcastDialog::new(to, others)))
    }

    /// Asks what becomes of agents at work, those of other targets too.
    pub fn quit(behind: Behind) -> Self {
        Self::Quit(QuitDialog::new(behind))
    }

    /// The targets, with a goal to plan for one of them.
    pub fn targets(glances: &[Glance], goal: Option<String>) -> Self {
        Self::Targets(Box::new(TargetsSheet::new(glances.to_vec(), goal)))
    }

    /// New phases that wait for a person.
    pub fn proposals() -> Self {
        Self::Proposals(Box::default())
    }

    /// Asks whether these files shall be written into a folder.
    pub fn init(folder: String, files: Vec<String>) -> Self {
        Self::Init(InitDialog::new(folder, files))
    }

    /// What happened, following the newest.
    pub fn events() -> Self {
        Self::Events(EventList::default())
    }

    /// What the last plan came to, below its summary where there is one.
    pub fn report(o: &Orchestrator) -> Self {
        Self::Report(ReportSheet::of_the_plan(o))
    }

    /// What an agent without a plan left, once it is read.
    pub fn document(agent: AgentRef) -> Self {
        Self::Report(ReportSheet::left_by(agent))
    }

    /// Asks before an agent is started that works for no plan.
    pub fn errand(errand: Errand) -> Self {
        Self::Errand(ErrandDialog::new(errand))
    }

    /// One phase as the roadmap has it.
    pub fn phase(id: PhaseId) -> Self {
        Self::Phase(PhaseSheet::new(id))
    }

    /// What is odd in the roadmap, and what mends it.
    pub fn health() -> Self {
        Self::Health(Box::default())
    }

    /// The dependency graph, at this phase if it is in it.
    pub fn graph(selected: Option<PhaseId>) -> Self {
        Self::Graph(Box::new(GraphSheet::new(selected)))
    }

    /// A search in what all agents said.
    pub fn hits() -> Self {
        Self::Hits(Box::default())
    }

    /// This of an agent's work, with what was said of its lines before.
    pub fn sight(sight: Sight, agent: AgentRef, comments: Vec<Comment>) -> Self {
        match sight {
            Sight::Diff => Self::Diff(Box::new(DiffSheet::new(agent, comments))),
            Sight::Merge => Self::Merge(MergeDialog::new(agent, comments.len())),
            Sight::Discard => Self::Discard(DiscardDialog::new(agent)),
        }
    }
}
