//! The targets that are not on the screen: what is known of them, and the ways to them.

use crate::domain::command::Command;
use crate::domain::frame::Size;
use crate::domain::glance::{Access, Glance};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::time::Timestamp;
use crate::ui::dashboard::Dashboard;
use crate::ui::intent::{Arrival, Intent, Mouse};
use crate::ui::overlays::{Behind, Overlay};

/// What the screen of one target takes over from that of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearing {
    size: Size,
    mouse: Mouse,
    now: Timestamp,
}

impl Dashboard {
    /// What is known of all targets.
    pub fn others(&self) -> &[Glance] {
        &self.around.others
    }

    /// More is known of them.
    pub fn glanced(&mut self, glances: Vec<Glance>) {
        if let Some(overlay) = &mut self.overlay {
            overlay.glanced(&glances);
        }
        self.around.others = glances;
    }

    /// Shows the targets, with a goal to plan for one of them, and asks where they stand.
    pub(super) fn show_targets(&mut self, goal: Option<String>) -> Vec<Intent> {
        if self.around.others.iter().all(|other| other.access == Access::Here) {
            self.say("there is no other target: config/targets.yaml names them");
            return Vec::new();
        }
        let targets = Overlay::targets(&self.around.others, goal);
        self.lay_over(targets);
        vec![Intent::Survey]
    }

    /// The way to the next target in which an agent needs a person, in the order of their keys.
    pub(super) fn needy_elsewhere(&self, o: &Orchestrator) -> Option<Intent> {
        let here = &o.target().id;
        let needy = || self.around.others.iter().filter(|other| other.needs_a_person());
        let needy = needy().find(|other| other.target > *here).or_else(|| needy().next())?;
        Some(Intent::Switch(needy.target.clone(), Arrival::Needy))
    }

    /// Whether leaving would leave something in another target to itself.
    pub(super) fn others_busy(&self) -> bool {
        self.around.others.iter().any(Glance::is_busy)
    }

    /// What leaving would leave behind, besides the agents here.
    pub(super) fn behind(&self) -> Behind {
        let busy = || self.around.others.iter().filter(|other| other.is_busy());
        Behind {
            working: busy()
                .map(|other| other.crowd.left_alone.saturating_sub(other.crowd.unjudged))
                .sum(),
            unjudged: busy().map(|other| other.crowd.unjudged).sum(),
            later: busy().any(|other| other.crowd.later),
            comments: self.agent.comments.values().map(Vec::len).sum(),
        }
    }

    /// What the screen of the next target takes over from this one.
    pub fn bearing(&self) -> Bearing {
        let mouse = if self.pointer.released { Mouse::Released } else { Mouse::Taken };
        Bearing { size: self.around.size, mouse, now: self.now }
    }

    /// This target comes on the screen after another one.
    pub fn arrive(&mut self, from: Bearing, arrival: Arrival, o: &Orchestrator) -> Vec<Intent> {
        self.resize(from.size.cols, from.size.rows);
        self.pointer.released = from.mouse == Mouse::Released;
        self.now = from.now;
        match arrival {
            Arrival::Look => Vec::new(),
            Arrival::Goal(goal) => {
                self.goal.set(&goal);
                let goal = self.goal.submit();
                goal.map(|goal| Intent::Run(Command::Interpret(goal))).into_iter().collect()
            }
            Arrival::Needy => {
                self.first_needy(o);
                Vec::new()
            }
        }
    }
}
