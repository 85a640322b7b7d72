//! Finding a phase by its id without looking at all of them.

use std::sync::OnceLock;

use super::phase::Phase;

/// Where the phases of a roadmap stand, sorted by their ids' bytes: of several phases with one id the first alone. Made
/// when first asked, since gardening never asks; four bytes a phase.
#[derive(Clone, Debug, Default)]
pub(super) struct ById(OnceLock<Box<[u32]>>);

impl ById {
    /// The first of `phases`, always the same ones, with this id.
    pub fn find<'p>(&self, phases: &'p [Phase], id: &str) -> Option<&'p Phase> {
        let sorted = self.0.get_or_init(|| sorted(phases));
        let of = |at: &u32| phases.get(*at as usize).map(|phase| phase.id.as_str());
        let at = sorted.binary_search_by(|at| of(at).cmp(&Some(id))).ok()?;
        phases.get(*sorted.get(at)? as usize)
    }
}

/// What was looked up tells nothing of a roadmap.
impl PartialEq for ById {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

fn sorted(phases: &[Phase]) -> Box<[u32]> {
    let firsts = phases.iter().enumerate().filter(|(_, phase)| phase.place.occurrence <= 1);
    let mut places: Vec<u32> = firsts.filter_map(|(at, _)| u32::try_from(at).ok()).collect();
    places.sort_unstable_by(|a, b| {
        let of = |at: &u32| phases.get(*at as usize).map(|phase| phase.id.as_str());
        of(a).cmp(&of(b))
    });
    places.into_boxed_slice()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::domain::id::PhaseId;
    use crate::domain::roadmap::Roadmap;

    #[test]
    fn of_phases_with_one_id_the_first_is_found_and_every_other_by_its_own() {
        let ids = ["1.10", "1.9", "SEC-2", "1.9", "2.1", "1.10", "1.9"];
        let text: String = (ids.iter().enumerate())
            .map(|(n, id)| format!("### Phase {id}: Name {n}\n- **Status:** ⚪ Not Started\n\n"))
            .collect();
        let roadmap = Roadmap::parse(text.into_bytes());
        assert_eq!(roadmap.phases.len(), ids.len());
        for asked in &roadmap.phases {
            let first = roadmap.phases.iter().find(|phase| phase.id == asked.id).unwrap();
            assert_eq!(roadmap.phase(&asked.id).unwrap().name, first.name);
        }
        for missing in ["1.1", "", "9", "1.90", "3.1"] {
            assert_eq!(roadmap.phase(&PhaseId::new(missing)), None, "{missing}");
        }
        assert_eq!(Roadmap::parse(Vec::new()).phase(&PhaseId::new("1.1")), None);
    }

    #[test]
    fn every_phase_of_a_long_roadmap_is_found() {
        let phase = |n: usize| format!("### Phase {}.{}: Name\n\n", n / 20 + 1, n % 20 + 1);
        let text: String = (0..30_000).map(phase).collect();
        let roadmap = Roadmap::parse(text.into_bytes());
        let found = roadmap.phases.iter().filter(|phase| roadmap.phase(&phase.id) == Some(*phase));
        assert_eq!(found.count(), 30_000);
    }

    #[test]
    fn asking_a_roadmap_changes_nothing_of_it() {
        let text = "### Phase 1.1: One\n- **Status:** ⚪ Not Started\n";
        let read = || Roadmap::parse(text.as_bytes().to_vec());
        let asked = read();
        assert!(asked.phase(&PhaseId::new("1.1")).is_some());
        assert_eq!(asked, read());
        assert!(asked.clone().phase(&PhaseId::new("1.1")).is_some());
    }
}
