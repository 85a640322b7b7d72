//! What starting a plan would do: asked for before anything is approved.

use crate::domain::effect::{Brief, Document, DocumentOrder, Effect, Launch};
use crate::domain::id::{AgentId, PhaseId};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::life::day;
use crate::domain::orchestrator::next_step::NewLife;
use crate::domain::orchestrator::step::Step;
use crate::domain::plan::text;
use crate::domain::preview::Preview;
use crate::domain::printable::Printable;
use crate::domain::roadmap::{Edit, RoadmapChange};
use crate::domain::time::Timestamp;
use crate::domain::workspace::Workspace;

/// So many launches of a plan are found out about at once.
const MOST_PREVIEWED: usize = 64;

impl Step<'_> {
    /// Asks what one launch would do, or all that the draft would start.
    pub(super) fn preview(&mut self, phase: Option<PhaseId>) {
        let Some(plan) = &self.o.draft else { return };
        let mut phases = match phase {
            Some(phase) => vec![phase],
            None => plan.approved().phases,
        };
        phases.truncate(MOST_PREVIEWED);
        let launches = self.o.rehearsal(&phases);
        if launches.len() < phases.len() {
            self.complain(
                "agents.yaml does not have the agent of this target: nothing could start",
            );
        }
        if !launches.is_empty() {
            self.ask(Effect::Preview(launches));
        }
    }

    /// Asks whether the target's agent can start: it may have been installed, or removed, since it was last asked.
    pub(super) fn check_agent(&mut self) {
        let adapter = self.o.setup.adapters.get(&self.o.setup.target.agent).cloned();
        if let Some(adapter) = adapter {
            self.ask(Effect::CheckAgent(Box::new(adapter)));
        }
    }

    /// Keeps what the world said of launches.
    pub(super) fn previewed(&mut self, previews: Vec<Preview>) {
        if let Some(plan) = &mut self.o.draft {
            plan.previewed(previews);
        }
    }

    /// Keeps the draft in the state folder.
    pub(super) fn save_plan(&mut self) {
        let (Some(plan), Some(roadmap)) = (&self.o.draft, self.o.roadmap()) else { return };
        let name = text::file_name(plan, &day(self.now, self.o.setup.utc_offset));
        let text = text::markdown(plan, roadmap);
        let document = Document::Plan;
        self.ask(Effect::Document(DocumentOrder::Keep { document, name, text }));
    }
}

impl Orchestrator {
    /// The launches that would start these phases if they were started now.
    pub fn rehearsal(&self, phases: &[PhaseId]) -> Vec<Launch> {
        phases.iter().filter_map(|phase| self.rehearse(phase)).collect()
    }

    fn rehearse(&self, phase: &PhaseId) -> Option<Launch> {
        let now = Timestamp::default();
        let roadmap = self.roadmap()?;
        let phase = roadmap.phase(phase)?;
        let target = self.setup.target.clone();
        let planned = self.draft.as_ref().map(|plan| &plan.notes);
        let foreseen = planned.and_then(|notes| notes.agents.get(&phase.id));
        let chosen = foreseen.map(|who| who.chosen.clone());
        let chosen = chosen.unwrap_or_else(|| self.choose(&phase.id, &target.agent));
        let agent = self.next_agent(&phase.id);
        let start = self.start(&agent, (&NewLife::first(&target.agent), &chosen.name), now);
        Some(Launch {
            brief: Brief {
                prompt: planned.and_then(|notes| notes.prompts.get(&phase.id).cloned()),
                before: self.before(&agent, (Some(&chosen.name), &start), roadmap),
                ..self.brief(&agent, (roadmap, phase))
            },
            agent,
            name: Some(chosen.name),
            phase: phase.clone(),
            adapter: self.setup.adapters.get(&target.agent)?.clone(),
            workspace: Workspace::Checkout { path: target.path.clone() },
            target,
            start,
            size: self.terminal,
        })
    }

    /// The edits that starting the agent of a phase would make in the roadmap.
    ///
    /// # Errors
    /// One sentence when the phase can't be claimed.
    pub fn claim_edits(&self, phase: &PhaseId) -> Result<Vec<Edit>, Printable> {
        let Some(roadmap) = self.roadmap() else { return Ok(Vec::new()) };
        let assignee = AgentId::for_phase(phase).to_string();
        let change = RoadmapChange::Claim { phase: phase.clone(), assignee };
        let waits = roadmap.phase(phase).is_some_and(|phase| {
            phase.status.state == crate::domain::roadmap::phase::Status::Blocked
        });
        if waits {
            return Err("once it is unblocked: In Progress, and its agent in Assigned To".into());
        }
        change.edits(roadmap, &self.held_phases())
    }
}
