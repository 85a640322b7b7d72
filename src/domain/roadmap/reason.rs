//! Why a phase is blocked, where a person says so: behind the state, before it, below it, or in a field of its own.
//! What only names phases is settled once these are complete; anything else only a person can settle.

use super::field::Key;
use super::hold::{self, Tells};
use super::note;
use super::phase::{Dependency, Field, Phase, Status};
use super::token::{self, Letters, id_length};
use super::vocabulary::by_words;
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;

/// A reason that is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// A person has to judge it.
    Person(Printable),
    /// It names these phases, which are not complete, and nothing else.
    Phases(Vec<PhaseId>),
}

/// What a field has to say of why its phase is blocked.
enum Why {
    /// Nothing, or something that is over.
    Nothing,
    /// It names phases and nothing else.
    Names(Vec<PhaseId>),
    /// Anything else.
    Text(Printable),
}

/// The reason of a blocked phase that is not settled: something else than phases, or phases that `is_complete` denies.
pub(super) fn open(phase: &Phase, is_complete: impl Fn(&PhaseId) -> bool) -> Option<Open> {
    let mut ids = Vec::new();
    if let Some(reason) = &phase.status.reason {
        match listed(reason.as_str()) {
            Some(names) => ids.extend(names),
            // What stands in Depends On as well is judged there.
            None if repeats(phase, reason.as_str()) => {}
            None => return Some(Open::Person(reason.clone())),
        }
    }
    if let Some(text) = before(phase).or_else(|| below(phase)) {
        return Some(Open::Person(Printable::new(text.trim())));
    }
    for field in &phase.fields {
        match field_says(phase, field) {
            Why::Nothing => {}
            Why::Names(names) => ids.extend(names),
            Why::Text(text) => return Some(Open::Person(text)),
        }
    }
    ids.retain(|id| !is_complete(id));
    (!ids.is_empty()).then_some(Open::Phases(ids))
}

/// Whether a reason says word for word what the phase depends on: `needs all previous phases`.
fn repeats(phase: &Phase, reason: &str) -> bool {
    let Some(said) = without_leads(reason) else { return false };
    let plain = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let said = plain(said);
    let opaque = phase.depends_on.iter().any(|on| matches!(on, Dependency::Opaque(_)));
    let lists = phase.fields.iter().filter(|field| field.kind == Key::DependsOn);
    !opaque
        && !said.is_empty()
        && lists.into_iter().any(|field| {
            let value = phase.value(field);
            plain(&value) == said || value.split([',', ';', '\n']).any(|item| plain(item) == said)
        })
}

/// What the reasons name that can be complete: `Blocked (needs Phase 2.1)`, `Blocker: Phase 2.1`.
pub(super) fn named(phase: &Phase) -> Vec<PhaseId> {
    let behind = phase.status.reason.as_ref().and_then(|reason| listed(reason.as_str()));
    let fields = phase.fields.iter().flat_map(|field| match field_says(phase, field) {
        Why::Names(names) => names,
        Why::Nothing | Why::Text(_) => Vec::new(),
    });
    behind.into_iter().flatten().chain(fields).collect()
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

/// What a field says of why its phase is blocked.
fn field_says(phase: &Phase, field: &Field) -> Why {
    let told = match field.kind {
        Key::Requires => Tells::Hold,
        Key::Unknown => hold::key(field.key.as_str()),
        Key::Hold => Tells::Hold,
        Key::Status | Key::AssignedTo | Key::DependsOn | Key::Tasks | Key::Effort => Tells::Nothing,
        Key::DoneWhen | Key::QualityGates | Key::Completed | Key::Plan | Key::Target => {
            Tells::Nothing
        }
    };
    if told == Tells::Nothing {
        return Why::Nothing;
    }
    let whole = phase.value(field);
    let said = hold::read(&whole).filter(|_| field.kind == Key::Hold);
    let (told, key, value) = match said {
        Some(said) => (hold::key(said.key).max(Tells::TheOtherWay), said.key, said.value),
        None => (told, field.key.as_str(), &*whole),
    };
    let value = hold::plain(value);
    let names = ids(&value);
    if hold::is_settled(told, key, &value) || told == Tells::TheOtherWay && names.is_some() {
        return Why::Nothing;
    }
    names.map_or_else(|| Why::Text(Printable::new(&hold::plain(&whole))), Why::Names)
}

/// The phases a reason behind a state names, where it names nothing else. A number alone may mean anything.
pub(super) fn listed(reason: &str) -> Option<Vec<PhaseId>> {
    let reason = reason.trim();
    let bare = reason.trim_start_matches(|c: char| !c.is_alphanumeric());
    let dotted = id_length(bare, Letters::Refused).is_some_and(|end| bare[..end].contains('.'));
    let plain = dotted || note::named_phase(bare) == Some(0);
    (plain || without_leads(reason).is_some()).then(|| ids(reason)).flatten()
}

/// The phases a text names, behind what leads to them and before what says that they shall be complete.
fn ids(text: &str) -> Option<Vec<PhaseId>> {
    let list = without_leads(text).unwrap_or(text);
    let ends = [
        "complete",
        "completed",
        "completes",
        "completion",
        "done",
        "finished",
        "finishes",
        "finish",
    ];
    let last = list.rsplit(char::is_whitespace).next().unwrap_or_default();
    let Some(_) = ends.iter().find(|end| last.eq_ignore_ascii_case(end)) else {
        return names(list);
    };
    let mut list = list[..list.len() - last.len()].trim_end();
    for word in [" to be", " is", " are", " to"] {
        if let Some(at) = list.len().checked_sub(word.len())
            && list.is_char_boundary(at)
            && list[at..].eq_ignore_ascii_case(word)
        {
            list = list[..at].trim_end();
            break;
        }
    }
    names(list)
}

/// What follows `needs`, `waiting for`, `blocked by` and the like.
fn without_leads<'t>(text: &'t str) -> Option<&'t str> {
    const LEADS: [&str; 21] = [
        "needs",
        "need",
        "requires",
        "after",
        "until",
        "depends on",
        "depends upon",
        "dependent on",
        "waiting for",
        "waiting on",
        "waiting until",
        "waits for",
        "waits on",
        "awaiting",
        "pending",
        "blocked by",
        "blocked on",
        "blocked until",
        "by",
        "on",
        "for",
    ];
    let behind = |text: &&'t str| {
        LEADS.iter().find_map(|word| {
            let rest = Some(text).filter(|text| token::starts_with_word(text, word))?;
            let rest = rest[word.len()..].trim_start_matches(':');
            rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
        })
    };
    std::iter::successors(behind(&text.trim()), behind).last()
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
