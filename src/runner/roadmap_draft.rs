//! What the roadmap file should become: what others changed and may be missing, and then our own change.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::effect::RoadmapOrder;
use crate::domain::roadmap::{Edit, Roadmap, splice};
use crate::runner::atomic_write::{Change, Displaced};
use crate::runner::line_merge::{merge, shows};
use crate::runner::roadmap_error::RoadmapFileError;

/// Whoever read the file before a change was there saves within this time; then the change is safe.
const STALE: Duration = Duration::from_secs(1);
/// A change that is missing is made again for as long as this; a program that goes on taking it out means to.
const MISSING: Duration = Duration::from_secs(60);
/// Changes remembered at most.
const PENDING: usize = 256;
/// Bytes of the texts remembered at most, beside those of the last changes.
const PENDING_BYTES: usize = 64 << 20;
/// Changes remembered whatever their size.
const PENDING_LEAST: usize = 8;
/// A program that opened a file before it was replaced writes into it within this time, even on a busy machine.
const LATE: Duration = Duration::from_secs(10);
/// Replaced files, at most, that are watched for late writers.
const DISPLACED: usize = 128;

/// Changes others made that may be missing from the file, oldest first.
#[derive(Debug, Default)]
pub struct Pending {
    changes: VecDeque<Kept>,
}

/// A change that is kept for a while.
#[derive(Debug)]
struct Kept {
    whose: Whose,
    change: Change,
    /// What of it was missing last: the text without and with it.
    rest: Option<[Vec<u8>; 2]>,
    /// When it was made.
    made: Instant,
    /// Since when it has been in the file, as far as is known.
    present: Option<Instant>,
}

impl Kept {
    fn new(whose: Whose, change: Change) -> Self {
        Self { whose, change, rest: None, made: Instant::now(), present: None }
    }

    /// Whether it may still have to be made.
    fn counts(&self) -> bool {
        match self.whose {
            Whose::Ours => self.made.elapsed() <= STALE,
            Whose::Theirs => {
                let safe = self.present.is_some_and(|since| since.elapsed() > STALE);
                !safe && self.made.elapsed() <= MISSING
            }
        }
    }

    /// Bytes of its texts.
    fn bytes(&self) -> usize {
        let Change { base, edited, beside } = &self.change;
        let rest = self.rest.iter().flatten().map(Vec::len).sum::<usize>();
        base.len() + edited.len() + beside.len() + rest
    }

    /// The text with the change in it; remembers whether it was there.
    fn made_in(&mut self, text: Vec<u8>) -> Vec<u8> {
        // Whoever wrote the text had read theirs: what they left out they meant to.
        let seen = self.whose == Whose::Theirs && is_seen_in(&self.change, &text);
        let made = match &self.rest {
            _ if seen => return self.found_in(text),
            Some([without, with]) => merge(without, with, &text),
            None => merge(&self.change.base, &self.change.edited, &text),
        };
        if made == text {
            return self.found_in(made);
        }
        self.present = None;
        if self.whose == Whose::Theirs {
            // Others may change what is missing before the next look at the file: what they found there as they would
            // have it, and changed back later, is not to be made again.
            self.rest = Some([text, made.clone()]);
        }
        made
    }

    fn found_in(&mut self, text: Vec<u8>) -> Vec<u8> {
        self.present.get_or_insert_with(Instant::now);
        text
    }
}

/// Whose change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Somebody else's, to be made should it be missing.
    Theirs,
    /// The opposite of ours that was in the file for a moment, to be decided anew.
    Ours,
}

impl Pending {
    /// Changes that arrived in replaced files; forgets the oldest of them.
    pub fn late(displaced: &mut Vec<Displaced>) -> Vec<Change> {
        let late = displaced.iter_mut().filter_map(|one| one.late_change().ok().flatten());
        let changes = late.collect();
        Self::forget_replaced(displaced);
        changes
    }

    /// Forgets the oldest replaced files.
    pub fn forget_replaced(displaced: &mut Vec<Displaced>) {
        displaced.retain(|one| one.age() < LATE);
        let surplus = displaced.len().saturating_sub(DISPLACED);
        displaced.drain(..surplus);
    }

    /// Nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// More of others' changes, in the order in which they were made. Each is told from those before it that its author
    /// had read: a text saved into a replaced file, say, may be made from one that was put back meanwhile.
    pub fn extend(&mut self, more: Vec<Change>) {
        for change in more {
            let theirs = self.changes.iter().filter(|kept| kept.whose == Whose::Theirs);
            let read = theirs.filter(|kept| {
                is_seen_in(&kept.change, &change.edited) && !is_seen_in(&kept.change, &change.base)
            });
            let base = read.fold(change.base.clone(), |base, Kept { change: earlier, .. }| {
                merge(&earlier.base, &earlier.edited, &base)
            });
            self.changes.push_back(Kept::new(Whose::Theirs, Change { base, ..change }));
        }
    }

    /// After a lost race: others' changes. Should our own change still turn up, saved by somebody who read it in the
    /// moment it was there, it is taken back before, to be decided anew.
    pub fn add(&mut self, changes: Vec<Change>, back: Change) {
        if !changes.is_empty() {
            self.changes.push_back(Kept::new(Whose::Ours, back));
        }
        self.extend(changes);
    }

    /// Ours is in the file, to stay. Theirs are in it too, and may yet be overwritten by somebody slow.
    pub fn keep_theirs(&mut self) {
        self.changes.retain(|kept| kept.whose == Whose::Theirs);
        let now = Instant::now();
        for kept in &mut self.changes {
            kept.present.get_or_insert(now);
        }
    }

    /// Forgets the changes that need not be made again, and those there is no room for: safe ones first.
    pub fn forget_old(&mut self) {
        self.changes.retain(Kept::counts);
        let mut bytes: usize = self.changes.iter().map(Kept::bytes).sum();
        while self.changes.len() > PENDING
            || bytes > PENDING_BYTES && self.changes.len() > PENDING_LEAST
        {
            let at = self.changes.iter().position(|kept| kept.present.is_some()).unwrap_or(0);
            bytes -= self.changes.remove(at).map_or(0, |kept| kept.bytes());
        }
    }

    /// A text with all of them made in it.
    fn made_in(&mut self, text: &[u8]) -> Vec<u8> {
        self.changes.iter_mut().fold(text.to_vec(), |text, kept| kept.made_in(text))
    }
}

/// What the file should become.
pub struct Draft {
    /// With others' pending changes.
    pub merged: Vec<u8>,
    /// And with ours.
    pub text: Vec<u8>,
    /// The edits ours takes, or why it makes no sense.
    pub edits: Result<Vec<Edit>, RoadmapFileError>,
}

/// The file with others' pending changes and then ours.
pub fn draft(read: &Arc<Roadmap>, pending: &mut Pending, order: Option<&RoadmapOrder>) -> Draft {
    let merged = pending.made_in(read.bytes());
    let Some(order) = order else {
        return Draft { text: merged.clone(), merged, edits: Ok(Vec::new()) };
    };
    let roadmap = if merged == read.bytes() {
        Arc::clone(read)
    } else {
        let merged = Roadmap::parse(merged.clone());
        Arc::new(merged.with_archive(Arc::clone(read.archive())))
    };
    match order.change.edits(&roadmap, &order.held) {
        Ok(edits) => Draft { text: splice(&merged, &edits), merged, edits: Ok(edits) },
        Err(why) => {
            let edits = Err(RoadmapFileError::Refused(why));
            Draft { text: merged.clone(), merged, edits }
        }
    }
}

/// Whether `text` was made from their change.
fn is_seen_in(change: &Change, text: &[u8]) -> bool {
    shows([&change.base, &change.beside], &change.edited, text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// A change that came while ours was in the file is kept for a while, should a slow writer take it out again.
    #[test]
    fn a_kept_change_is_not_made_again_when_somebody_takes_it_back() {
        let base = "# Roadmap\n\n- [ ] a\n\n- [ ] b\n\nLog:\n".to_owned();
        let ours = base.replace("[ ] b", "[x] b");
        let first = base.replace("[ ] a", "[x] a") + "- first\n";
        let taken_back = ours.clone() + "- first\n- second\n";
        let overtaken = |first: &str| {
            let bytes = |text: &str| text.as_bytes().to_vec();
            let change =
                Change { base: bytes(&base), edited: bytes(first), beside: bytes(&ours).into() };
            let back =
                Change { base: bytes(&ours), edited: bytes(&base), beside: bytes(&base).into() };
            let mut pending = Pending::default();
            pending.add(vec![change], back);
            pending.keep_theirs();
            pending
        };
        let drafted = |text: &str| {
            let read = Arc::new(Roadmap::parse(text.as_bytes()));
            String::from_utf8(draft(&read, &mut overtaken(&first), None).text).unwrap()
        };
        assert_eq!(drafted(&taken_back), taken_back);
        let lost = ours.clone() + "- second\n";
        assert_eq!(drafted(&lost), lost.replace("[ ] a", "[x] a") + "- first\n", "made from ours");
    }

    /// While every race is lost, a change that never came into the file is not a second old but missing.
    #[test]
    fn a_change_that_is_missing_is_kept_until_it_has_been_in_the_file_for_a_while() {
        let (base, theirs) = ("# Roadmap\n", "# Roadmap\n- theirs\n");
        let bytes = |text: &str| text.as_bytes().to_vec();
        let change = Change { base: bytes(base), edited: bytes(theirs), beside: [].into() };
        let mut pending = Pending::default();
        pending.extend(vec![change]);
        let drafted = |pending: &mut Pending, text: &str| {
            let read = Arc::new(Roadmap::parse(text.as_bytes()));
            pending.forget_old();
            String::from_utf8(draft(&read, pending, None).text).unwrap()
        };
        let ago = |age| Instant::now().checked_sub(age).unwrap();
        pending.changes[0].made = ago(10 * STALE);
        assert_eq!(drafted(&mut pending, base), theirs);
        assert_eq!(drafted(&mut pending, base), theirs, "missing until now");
        pending.keep_theirs();
        assert_eq!(drafted(&mut pending, base), theirs, "a slow writer took it out");
        assert_eq!(drafted(&mut pending, theirs), theirs);
        pending.changes[0].present = Some(ago(2 * STALE));
        assert_eq!(
            drafted(&mut pending, base),
            base,
            "it was there for long: somebody took it back"
        );
        pending.extend(vec![Change {
            base: bytes(base),
            edited: bytes(theirs),
            beside: [].into(),
        }]);
        pending.changes[0].made = ago(2 * MISSING);
        assert_eq!(drafted(&mut pending, base), base, "somebody goes on taking it out");
    }

    #[test]
    fn what_is_remembered_has_a_limit() {
        let change = |text: &[u8]| Change {
            base: b"a\n".to_vec(),
            edited: text.to_vec(),
            beside: [].into(),
        };
        let mut pending = Pending::default();
        pending.changes.extend((0..2 * PENDING).map(|_| Kept::new(Whose::Theirs, change(b"b\n"))));
        pending.changes[PENDING].present = Some(Instant::now());
        pending.forget_old();
        assert_eq!(pending.changes.len(), PENDING);
        assert!(
            pending.changes.iter().all(|kept| kept.present.is_none()),
            "what is safe goes first"
        );
        let large = vec![b'x'; PENDING_BYTES / PENDING_LEAST];
        pending.changes.extend((0..20).map(|_| Kept::new(Whose::Theirs, change(&large))));
        pending.forget_old();
        assert_eq!(pending.changes.len(), PENDING_LEAST);
    }

    /// Two make the same change, the second not seeing the first, and somebody takes it back before we win a race.
    #[test]
    fn a_change_that_others_made_too_and_took_back_is_not_made_again() {
        let base = "# Roadmap\n\n- [ ] a\n\n- [ ] b\n\nLog:\n".to_owned();
        let ours = base.replace("[ ] b", "[x] b");
        let first = base.replace("[ ] a", "[x] a") + "- first\n";
        let second = base.replace("[ ] a", "[x] a") + "- second\n";
        let third = base.clone() + "- second\n- third\n";
        let [bytes, beside] = [&base, &ours].map(|text| text.as_bytes().to_vec());
        let edited = first.as_bytes().to_vec();
        let mut pending = Pending::default();
        pending.extend(vec![Change { base: bytes, edited, beside: beside.into() }]);
        let mut drafted = |text: &str| {
            let read = Arc::new(Roadmap::parse(text.as_bytes()));
            String::from_utf8(draft(&read, &mut pending, None).text).unwrap()
        };
        assert_eq!(drafted(&second), second.clone() + "- first\n");
        assert_eq!(drafted(&third), third.clone() + "- first\n", "a stays open");
    }

    /// A text made from a version that was out of the file for a moment, saved into a file that lost its name meanwhile.
    #[test]
    fn a_late_text_loses_neither_its_own_line_nor_the_lines_it_was_made_from() {
        let base = "# Roadmap\n\n- [ ] a\n\n- [ ] b\n\nLog:\n".to_owned();
        let ours = base.replace("[ ] b", "[x] b");
        let first = base.replace("[ ] a", "[x] a") + "- first\n";
        let late = first.replace("[x] a", "[ ] a") + "- late\n";
        let change = |base: &str, edited: &str, beside: &str| Change {
            base: base.as_bytes().to_vec(),
            edited: edited.as_bytes().to_vec(),
            beside: beside.as_bytes().into(),
        };
        let drafted = |text: &str| {
            let mut pending = Pending::default();
            pending.add(vec![change(&base, &first, &ours)], change(&ours, &base, &base));
            pending.keep_theirs();
            pending.extend(vec![change(&ours, &late, &base)]);
            let read = Arc::new(Roadmap::parse(text.as_bytes()));
            String::from_utf8(draft(&read, &mut pending, None).text).unwrap()
        };
        assert_eq!(drafted(&first), late, "what it took back stays taken back");
        assert_eq!(
            drafted(&(first.clone() + "- third\n")),
            late.replace("- late\n", "- third\n- late\n")
        );
        let neither = ours.clone() + "- third\n";
        let both = base.clone() + "- third\n- first\n- late\n";
        assert_eq!(drafted(&neither), both, "made from a text without ours, which is decided anew");
    }
}
