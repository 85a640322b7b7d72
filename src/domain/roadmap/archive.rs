//! The archive: phases that were completed and moved out of the roadmap. It only says what is complete.

use std::collections::{BTreeMap, BTreeSet};

use super::field::Key;
use super::phase::{Field, Phase, Status, StatusSource};
use super::readiness::says_complete;
use super::{Dialect, Roadmap, parse, status};
use crate::domain::id::PhaseId;

/// What an archive has complete. It is read by the parser of roadmaps, and believed about phases and batches the
/// roadmap itself does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive {
    phases: BTreeSet<PhaseId>,
    batches: BTreeSet<u32>,
}

impl Archive {
    /// Reads an archive from any bytes. An id or a batch of which any part is open is not complete.
    pub fn read(bytes: &[u8]) -> Self {
        let roadmap = Roadmap::parse(bytes);
        let (mut phases, mut batches) = (BTreeMap::new(), BTreeMap::new());
        for phase in roadmap.phases.iter().enumerate().filter(|(at, _)| !roadmap.is_container(*at))
        {
            let (_, phase) = phase;
            let complete = says_complete(phase) || is_filed(phase);
            *phases.entry(&phase.id).or_insert(true) &= complete;
            if let Some(number) = phase.place.batch {
                *batches.entry(number).or_insert(true) &= complete;
            }
        }
        let phases = phases.into_iter().filter(|(_, complete)| *complete);
        let batches = batches.into_iter().filter(|(_, complete)| *complete);
        Self {
            phases: phases.map(|(id, _)| id.clone()).collect(),
            batches: batches.map(|(number, _)| number).collect(),
        }
    }

    /// Whether it has the phase, complete.
    pub fn has(&self, id: &PhaseId) -> bool {
        self.phases.contains(id)
    }

    /// Whether it has phases of the batch, all of them complete.
    pub fn has_batch(&self, number: u32) -> bool {
        self.batches.contains(&number)
    }
}

/// Whether an entry without a Status field tells in another way that it is complete: it was filed for that. What tells
/// of open work beside it takes that back.
fn is_filed(phase: &Phase) -> bool {
    if phase.status.source == StatusSource::Field {
        return false;
    }
    let headed = phase.status.source == StatusSource::Heading;
    let counted = of_kind(phase, Key::Tasks).find_map(|field| count(&phase.value(field)));
    let open = counted.is_some_and(|(done, all)| done < all);
    if open || headed && phase.status.shown != Status::Complete {
        return false;
    }
    let (done, all) = phase.boxes;
    headed || counted.is_some() || all > 0 && done == all || is_dated(phase)
}

/// Whether a field says when or by whom the phase was completed.
fn is_dated(phase: &Phase) -> bool {
    let by = |field: &&Field| {
        let key = field.key.as_str();
        key.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("completed"))
    };
    let by_whom = of_kind(phase, Key::AssignedTo).filter(by);
    of_kind(phase, Key::Completed).chain(by_whom).any(|field| {
        let value = phase.value(field);
        let first = value.lines().next().unwrap_or_default();
        let denied = ["no", "not", "false", "never", "pending", "in", "-", "—", "–"];
        let begins = first.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '*'));
        let begins = begins.map(str::to_ascii_lowercase).find(|word| !word.is_empty());
        // `Completed: by Friday`, `Completed: 60%`
        let complete = |text: &str| status::judge(text, Dialect::Arrows).state == Status::Complete;
        let told = parse::assignee(first).is_some() && complete(&format!("Complete {first}"));
        begins.is_none_or(|word| !denied.contains(&word.as_str())) && (told || complete(first))
    })
}

/// The fields of one kind.
fn of_kind(phase: &Phase, kind: Key) -> impl Iterator<Item = &Field> {
    phase.fields.iter().filter(move |field| field.kind == kind)
}

/// The numbers a value such as `4/4 complete` or `4 of 4` begins with.
fn count(value: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        Some((text[..length].parse().ok()?, length))
    };
    let text = value.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (done, length) = number(text)?;
    let rest = text[length..].trim_start();
    let rest = rest.strip_prefix('/').or_else(|| rest.strip_prefix("of "))?.trim_start();
    let (all, length) = number(rest).filter(|(all, _)| *all > 0)?;
    // A day has a third number.
    (!rest[length..].starts_with(['/', '.', '-'])).then_some((done, all))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::gardener::{Garden, RoadmapGardener};
    use crate::domain::roadmap::finding::FindingKind;
    use crate::domain::roadmap::readiness::Evaluator;

    const ARCHIVE: &str = "# Archive\n## Batch 1\n### Phase 1.1: a\n- **Status:** ✅ Complete\n\
        ### Phase 1.2: b\n- **Status:** Done\n## Batch 2\n### Phase 2.1: c\n- **Status:** 🔄 In Progress\n\
        ### Phase 2.2: d ✅\n### Phase 2.3: e\n- **Status:** 🟡 Complete\n### Phase 2.4: f\n- **Status:** Complete\n\
        ### Phase 2.4: again\n- **Status:** Blocked\n```\n### Phase 2.5: g\n- **Status:** Complete\n```\n\
        ## Phase 3: box\n### Phase 3.1: h\n- **Status:** Complete\n";

    fn tended(text: &str, held: &BTreeSet<PhaseId>) -> Garden {
        let archive = Arc::new(Archive::read(ARCHIVE.as_bytes()));
        let roadmap = Roadmap::parse(text.as_bytes()).with_archive(archive);
        RoadmapGardener.garden(&roadmap, None, held)
    }

    fn waits_on(on: &str) -> String {
        format!("### Phase 9.1: z\n- **Status:** 🔴 Blocked\n- **Depends On:** {on}\n")
    }

    fn lifts(text: &str) -> bool {
        !tended(text, &BTreeSet::new()).unblocked.is_empty()
    }

    #[test]
    fn only_what_is_complete_without_doubt_is_archived() {
        let archive = Archive::read(ARCHIVE.as_bytes());
        let ids = ["1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "3", "3.1", "4"];
        let has: Vec<_> = ids.into_iter().filter(|id| archive.has(&PhaseId::new(*id))).collect();
        assert_eq!(has, ["1.1", "1.2", "2.2", "3.1"]);
        assert_eq!([1, 2, 3].map(|number| archive.has_batch(number)), [true, false, false]);
        assert_eq!(Archive::read(b""), Archive::default());
        assert_eq!(Archive::read(b"\xff\xfe### Phase"), Archive::default());
    }

    #[test]
    fn an_archived_phase_satisfies_whoever_waits_for_it() {
        for on in ["Phase 1.1", "1.1, 1.2, 2.2", "Batch 1", "Phases 1.1-1.2", "Phase 3.1, Batch 1"]
        {
            assert!(lifts(&waits_on(on)), "{on}");
            let garden = tended(&waits_on(on), &BTreeSet::new());
            let kinds: Vec<_> = garden.findings.iter().map(|finding| finding.kind).collect();
            assert_eq!(kinds, [FindingKind::BlockedReady], "{on}");
        }
        for on in ["Phase 2.1", "1.1, 2.1", "2.3", "2.4", "2.5", "Phase 3", "Batch 2", "Batch 7"] {
            assert!(!lifts(&waits_on(on)), "{on}");
        }
        let reason = waits_on("Phase 1.1").replace("Blocked", "Blocked (needs Phase 1.2)");
        assert!(lifts(&reason));
        assert!(!lifts(&reason.replace("needs Phase 1.2", "needs Phase 2.1")));
    }

    #[test]
    fn an_entry_without_a_status_is_complete_where_it_says_so_in_another_way() {
        let has = |heading: &str, lines: &str| {
            let text = format!("# Archive\n\n### Phase 1.1: Core{heading}\n\n{lines}\n");
            Archive::read(text.as_bytes()).has(&PhaseId::new("1.1"))
        };
        for lines in [
            "- **Completed by:** Aria\n- **Tasks:** 4/4 complete",
            "- **Completed:** 2025-12-22",
            "- **Completed On:** December 22",
            "**Completed:** ✅",
            "- **Tasks:** 4 of 4",
            "- **Tasks:** 4/4",
            "- **Tasks:**\n  - [x] a\n  - [x] b",
            "- [x] a\n- [x] b",
            "- **Completed:** 2025-12-22\n- **Tasks:**\n  - [ ] left for later",
        ] {
            assert!(has("", lines), "{lines}");
            assert!(!has("", &format!("- **Status:** In Progress\n{lines}")), "{lines}");
            assert!(!has(" (in progress)", lines), "{lines}");
        }
        assert!(has(" ✅", "- **Plan:** x"));
        for lines in [
            "",
            "- **Assigned To:** Aria",
            "- **Completed by:** TBD",
            "- **Completed:**",
            "- **Completed:** -",
            "- **Completed:** no",
            "- **Completed:** not yet",
            "- **Completed:** 60%",
            "- **Completed:** by Friday",
            "- **Completed:** 2025-12-22?",
            "- **Completed by:** Aria\n- **Tasks:** 3/4 complete",
            "- **Tasks:** 0/0",
            "- **Tasks:**\n  - [x] a\n  - [ ] b",
        ] {
            assert!(!has("", lines), "{lines}");
        }
    }

    #[test]
    fn the_roadmap_wins_over_the_archive() {
        let open = "### Phase 1.1: a\n- **Status:** 🔄 In Progress\n- **Owner:** Otto\n";
        assert!(!lifts(&(open.to_owned() + &waits_on("Phase 1.1"))));
        let batch = "## Batch 1\n### Phase 1.7: a\n- **Status:** Deferred\n## Batch 9\n";
        assert!(!lifts(&(batch.to_owned() + &waits_on("Batch 1"))));
        assert!(!lifts(&("### Phase 1.1: a\n".to_owned() + &waits_on("Phase 1.1"))));
    }

    #[test]
    fn a_held_phase_is_not_archived_yet() {
        let held = BTreeSet::from([PhaseId::new("1.1")]);
        assert!(tended(&waits_on("Phase 1.1"), &held).unblocked.is_empty());
        assert!(tended(&waits_on("Phase 1.1 ✅"), &held).unblocked.is_empty());
    }

    #[test]
    fn the_evaluator_offers_what_waits_for_archived_phases_alone() {
        let text = waits_on("Phase 1.1, Phase 1.2").replace("🔴 Blocked", "⚪ Not Started");
        let (roadmap, nobody) = (Roadmap::parse(text.as_bytes()), BTreeSet::new());
        assert_eq!(Evaluator::new(&roadmap, &nobody).ready().len(), 0);
        let archived = roadmap.with_archive(Arc::new(Archive::read(ARCHIVE.as_bytes())));
        let evaluator = Evaluator::new(&archived, &nobody);
        assert_eq!(evaluator.ready().len(), 1);
        let id = PhaseId::new("1.1");
        assert!(evaluator.is_complete(&id) && !evaluator.is_known(&id));
    }
}
