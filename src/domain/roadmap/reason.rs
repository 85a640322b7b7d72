//! Why a phase is blocked, where a person says so: behind the state, before it, below it, or in a field of its own.
//! What only names phases is settled once these are complete; anything else only a person can settle.

use super::field::Key;
use super::phase::{Phase, Status};
use super::token::{self, Letters, id_length};
use super::vocabulary::by_words;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// The reason of a blocked phase that is not settled: something else than phases, or a phase that `is_complete` denies.
pub(super) fn open(phase: &Phase, is_complete: impl Fn(&PhaseId) -> bool) -> Option<Printable> {
    let settled = |text: &str| names(text).is_some_and(|ids| ids.iter().all(&is_complete));
    let behind = phase
        .status
        .reason
        .as_ref()
        .filter(|reason| machine_list(reason.as_str()).is_none_or(|list| !settled(list)));
    if let Some(reason) = behind {
        return Some(reason.clone());
    }
    let elsewhere = before(phase).or_else(|| below(phase));
    elsewhere.or_else(|| field(phase, settled)).map(|text| Printable::new(text.trim()))
}

/// What the reason behind a state names that can be complete: `needs Phase 2.1`.
pub(super) fn named(phase: &Phase) -> Vec<PhaseId> {
    let list = phase.status.reason.as_ref().and_then(|reason| machine_list(reason.as_str()));
    list.and_then(names).unwrap_or_default()
}

/// The state with the words a person put around it, or one that means a person.
fn before(phase: &Phase) -> Option<String> {
    let token = phase.text.shown(phase.status.token.clone());
    // Nearly all say no more than that.
    let alone =
        token.trim_matches(|c: char| c.is_whitespace() || (!c.is_ascii() && !c.is_alphanumeric()));
    if alone.eq_ignore_ascii_case("blocked") {
        return None;
    }
    let (state, at) = by_words(&token)?;
    let says = |word: &str| token[at.clone()].eq_ignore_ascii_case(word);
    let plain = says("blocked") || says("waiting");
    let has_words =
        |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(is_word);
    let around = has_words(&token[..at.start]) || has_words(&token[at.end..]);
    (state == Status::Blocked && (around || !plain)).then(|| token.trim().to_owned())
}

/// Whether a part of a status is a word that says something.
fn is_word(part: &str) -> bool {
    const EMPTY: [&str; 7] = ["", "status", "currently", "still", "now", "red_circle", "no_entry"];
    !EMPTY.contains(&part.to_ascii_lowercase().as_str()) && part.contains(char::is_alphabetic)
}

/// What stands below the state, in its field.
fn below(phase: &Phase) -> Option<String> {
    let status = phase.fields.iter().find(|field| field.kind == Key::Status)?;
    let value = phase.value(status);
    let (_, more) = value.split_once('\n')?;
    let text = more.trim().trim_start_matches(['-', '*', '+', ' ']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// A field that says why, other than by phases that are complete.
fn field(phase: &Phase, settled: impl Fn(&str) -> bool) -> Option<String> {
    const WHY: [&str; 12] = [
        "blocked reason",
        "blocking reason",
        "block reason",
        "reason",
        "reason blocked",
        "blocker",
        "blockers",
        "blocked because",
        "blocked on",
        "why blocked",
        "needs",
        "on hold",
    ];
    let tells = |key: &str| WHY.iter().any(|why| key.trim().eq_ignore_ascii_case(why));
    let open = phase.fields.iter().filter(|field| match field.kind {
        Key::Requires => true,
        Key::Unknown => tells(field.key.as_str()),
        Key::Status | Key::AssignedTo | Key::DependsOn | Key::Tasks | Key::Effort => false,
        Key::DoneWhen | Key::QualityGates | Key::Completed | Key::Plan | Key::Target => false,
    });
    open.map(|field| phase.value(field).into_owned()).find(|value| {
        let text = value.trim().trim_end_matches('.');
        let nothing = ["", "-", "—", "none", "nothing", "n/a", "na", "no"];
        let empty = nothing.iter().any(|word| text.eq_ignore_ascii_case(word));
        !empty && !settled(machine_list(text).unwrap_or(text))
    })
}

/// What follows `needs`, `waiting for` or `blocked by`.
fn machine_list(reason: &str) -> Option<&str> {
    let reason = reason.trim();
    let lead = ["needs", "waiting for", "waiting on", "blocked by", "by"];
    let word = lead.iter().find(|word| token::starts_with_word(reason, word))?;
    let rest = reason[word.len()..].trim_start_matches(':');
    rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
}

/// The ids of a text that names phases and says nothing else; ranges say too little by their ends.
fn names(text: &str) -> Option<Vec<PhaseId>> {
    let mut ids = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, ',' | ';' | '+' | '&' | '*' | '`' | '✅' | '\u{fe0f}')
        });
        if rest.is_empty() {
            return (!ids.is_empty()).then_some(ids);
        }
        if let Some(behind) = rest.strip_prefix("and ") {
            rest = behind;
            continue;
        }
        let named = token::after_keyword(rest).map_or(rest, |(behind, _)| behind);
        let letters = if named.len() < rest.len() { Letters::Allowed } else { Letters::Refused };
        let length = id_length(named, letters)?;
        ids.push(PhaseId::new(&named[..length]));
        rest = &named[length..];
        let parted =
            rest.starts_with(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '*' | '`'));
        if !rest.is_empty() && !parted {
            return None;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use crate::domain::gardener::RoadmapGardener;
    use crate::domain::roadmap::Roadmap;

    fn unblocks(status: &str, more: &str) -> bool {
        let text = format!(
            "### Phase 1.1: a\n- **Status:** ✅ Complete\n\n### Phase 1.2: b\n- **Status:** 🔄 In Progress\n\n\
             ### Phase 2.1: t\n- **Status:** {status}\n{more}- **Depends On:** Phase 1.1\n"
        );
        let roadmap = Roadmap::parse(text.into_bytes());
        !RoadmapGardener.garden(&roadmap, None, &BTreeSet::new()).unblocked.is_empty()
    }

    #[test]
    fn only_phases_that_are_complete_settle_a_reason() {
        for status in [
            "🔴 Blocked",
            "Blocked",
            "**Blocked**",
            ":red_circle: Blocked",
            "🔴 Blocked (needs 1.1)",
            "🔴 Blocked (needs Phase 1.1 ✅)",
            "🔴 Blocked by Phase 1.1",
            "Blocked - waiting for 1.1 and 1.1",
            "🔴 Waiting",
            "Currently blocked",
            "🔴 BLOCKED (blocked by: Phase 1.1, 1.1)",
        ] {
            assert!(unblocks(status, ""), "{status}");
        }
        for status in [
            "🔴 Blocked (needs Phase 1.1 - legal approval)",
            "🔴 Blocked (needs Phase 1.1: legal approval)",
            "🔴 Blocked - needs Phase 1.1 — CFO must sign",
            "🔴 Blocked by Phase 1.1 (legal sign-off)",
            "🔴 Blocked (needs Phase 1.1 -> legal)",
            "🔴 Blocked (needs 1.2)",
            "🔴 Blocked (needs 1.1-1.1)",
            "🔴 Blocked (legal)",
            "Legal: Blocked",
            "Legal hold, blocked",
            "Vendor contract pending - blocked",
            "Legal 🔴 Blocked",
            "CFO is waiting",
            "awaiting CFO; blocked",
            "Not approved: blocked",
            "DO NOT START - blocked",
            "Won't do, blocked",
            "Needs human",
            "Stuck",
        ] {
            assert!(!unblocks(status, ""), "{status}");
        }
    }

    #[test]
    fn reasons_below_and_in_fields_count() {
        for more in [
            "  - legal approval outstanding\n",
            "  (legal)\n",
            "legal approval outstanding\n",
            "- **Blocked Reason:** legal\n",
            "- **Blockers:** vendor\n",
            "- **Blocker:** Phase 1.2\n",
            "- **Needs:** Phase 1.2\n",
            "- **Requires:** CFO approval\n",
        ] {
            assert!(!unblocks("🔴 Blocked", more), "{more}");
        }
        for more in ["- **Blocker:** Phase 1.1\n", "- **Blockers:** None\n", "- **Notes:** legal\n"]
        {
            assert!(unblocks("🔴 Blocked", more), "{more}");
        }
    }
}
