//! The synthesis as a Markdown document. Everything from outside is printable, and is text to whoever renders it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::domain::cost::{Cost, Costs, Forecast};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::day;
use crate::domain::plan::Mode;
use crate::domain::printable::{Printable, counted, visible};
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::{Blockage, Evaluator};
use crate::domain::synthesis::proof::proof;
use crate::domain::synthesis::{Story, open};
use crate::domain::time::Timestamp;
use crate::domain::timeline::chart::{Ends, Marks, Scale, row};
use crate::domain::timeline::{LifeLine, Timeline, span};

/// Rows of the timeline at most; of more phases the slots are shown.
const MOST_ROWS: usize = 60;
/// Columns of the timeline.
const COLUMNS: usize = 72;
/// Phases that a sentence names.
const NAMED: usize = 40;
/// Lines of a failed gate's output.
const TAIL: usize = 6;

/// What is known besides the story.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The roadmap as it stands.
    pub roadmap: Option<&'a Roadmap>,
    /// The present.
    pub now: Timestamp,
    /// Days and hours are this far east of UTC, in seconds.
    pub utc_offset: i32,
    /// Phases whose proven work waits for a person, and what is to be mended first.
    pub reviews: &'a [(PhaseId, Printable)],
    /// Why nothing new is started, and what goes on, while the plan is held.
    pub hold: Option<&'a str>,
}

impl Known<'_> {
    fn phase(&self, id: &PhaseId) -> Option<&Phase> {
        self.roadmap.and_then(|roadmap| roadmap.phase(id))
    }

    /// `**1.1** Store`.
    pub(super) fn named(&self, id: &PhaseId) -> String {
        let name = self.phase(id).map(|phase| format!(" {}", literal(phase.name.as_str())));
        format!("**{}**{}", literal(id.as_str()), name.unwrap_or_default())
    }

    /// `2026-11-27 15:04`.
    fn moment(&self, at: Timestamp) -> String {
        let offset = i64::from(self.utc_offset) * 1_000;
        let local = i64::try_from(at.0).unwrap_or(0).saturating_add(offset);
        let minutes = local.max(0) / 60_000;
        let (hour, minute) = (minutes / 60 % 24, minutes % 60);
        format!("{} {hour:02}:{minute:02}", day(at, self.utc_offset))
    }
}

/// The document; `None` while nothing was ever approved.
pub fn markdown(story: &Story, known: Known<'_>) -> Option<String> {
    let (approved, plan) = story.approvals.first()?;
    let mut out = format!("# Report: {}\n\n", literal(&plan.goal));
    let end = story.finished.as_ref().map(|ending| ending.at);
    let state = match end {
        Some(end) => {
            let took = span(end.since(*approved));
            format!("Approved {}, finished {}: {took}.", known.moment(*approved), known.moment(end))
        }
        None => format!("Approved {}, not finished.", known.moment(*approved)),
    };
    let _ = writeln!(out, "{state} Target {}.\n", literal(plan.target.as_str()));
    asked(&mut out, story);
    complete(&mut out, story, &known);
    left(&mut out, story, &known);
    open::conflicts(&mut out, story, &known);
    open::questions(&mut out, story, &known);
    people(&mut out, &known);
    cost(&mut out, story, &known);
    timeline(&mut out, &story.timeline, end.unwrap_or(known.now));
    Some(out)
}

/// A name for its file: the day of the approval and the first words of the goal.
pub fn file_name(story: &Story, utc_offset: i32) -> String {
    let Some((at, plan)) = story.approvals.first() else { return "report".to_owned() };
    let goal = plan.goal.to_lowercase();
    let words = goal.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.take(6).collect::<Vec<_>>().join("-").chars().take(40).collect();
    let slug = if slug.is_empty() { "plan" } else { slug.as_str() };
    format!("{}-{slug}", day(*at, utc_offset))
}

fn asked(out: &mut String, story: &Story) {
    out.push_str("## Asked\n\n");
    for (_, plan) in &story.approvals {
        let mode = match plan.mode {
            Mode::Single => "one phase alone".to_owned(),
            Mode::Parallel => format!("in parallel, at most {} at once", plan.slots),
            Mode::Batch => format!("until nothing is ready, at most {} at once", plan.slots),
        };
        let phases = ids(&plan.phases);
        let count = counted(plan.phases.len(), "phase");
        let _ = writeln!(out, "- {}: {count} ({phases}), {mode}", literal(&plan.goal));
    }
    out.push('\n');
}

fn complete(out: &mut String, story: &Story, known: &Known<'_>) {
    let phases = story.timeline.by_phase();
    let good = |lives: &&LifeLine| lives.succeeded();
    let done: Vec<_> = phases
        .iter()
        .filter_map(|(id, lives)| Some((*id, lives, *lives.iter().rfind(|life| good(life))?)))
        .collect();
    let _ = writeln!(out, "## Complete: {}\n", done.len());
    for (id, lives, life) in done {
        let took = span(life.end(known.now).since(life.asked));
        let tries = match lives.len() {
            1 => String::new(),
            tries => format!(" at try {tries}"),
        };
        let merged = life.merged.as_ref().and_then(|commit| commit.get(..7));
        let merged = merged.map(|commit| format!(", merged as {commit}")).unwrap_or_default();
        let by = by(life);
        let _ = writeln!(out, "- {}: {took}{tries}{by}{merged}", known.named(id));
        proof(out, &life.receipts);
    }
    out.push('\n');
}

/// Who did it, where that has a name.
fn by(life: &LifeLine) -> String {
    life.birth.name.as_ref().map(|name| format!(" by {}", literal(name))).unwrap_or_default()
}

/// Phases that were begun or approved and are not complete, with what is known of why.
fn left(out: &mut String, story: &Story, known: &Known<'_>) {
    let phases = story.timeline.by_phase();
    let failed: Vec<_> =
        phases.iter().filter(|(_, lives)| !lives.iter().any(|life| life.succeeded())).collect();
    let _ = writeln!(out, "## Not complete: {}\n", failed.len());
    for (id, lives) in &failed {
        let tries = counted(lives.len(), "time");
        let _ = writeln!(out, "- {}, begun {tries}", known.named(id));
        lives.iter().for_each(|life| end_of(out, life));
    }
    let never: Vec<&PhaseId> = never_begun(story, known);
    if !never.is_empty() {
        let title = if story.finished.is_some() { "Never begun" } else { "Not begun yet" };
        let _ = writeln!(out, "\n## {title}: {}\n", never.len());
    }
    let held = BTreeSet::new();
    let evaluator = known.roadmap.map(|roadmap| Evaluator::new(roadmap, &held));
    for id in never {
        let reasons = evaluator.as_ref().zip(known.phase(id)).map(|(all, phase)| {
            all.reasons(phase).iter().map(|reason| reason.clause()).collect::<Vec<_>>()
        });
        let why = match reasons {
            None => "it is no longer in the roadmap".to_owned(),
            Some(reasons) if reasons.is_empty() => match (&story.finished, known.hold) {
                (Some(_), _) => "nothing was in its way".to_owned(),
                (None, Some(_)) => "the plan is held".to_owned(),
                (None, None) => "nothing is in its way".to_owned(),
            },
            Some(reasons) => reasons.join(", "),
        };
        let _ = writeln!(out, "- {}: {}", known.named(id), literal(&why));
    }
    out.push('\n');
}

/// Phases in which nobody has worked: of a plan that has ended those it left, before that those it still means to begin.
fn never_begun<'s>(story: &'s Story, known: &Known<'_>) -> Vec<&'s PhaseId> {
    let mut begun: BTreeSet<&PhaseId> =
        story.timeline.lives().iter().map(|life| &life.birth.phase).collect();
    if let Some(ending) = &story.finished {
        return ending.left.iter().filter(|id| !begun.contains(id)).collect();
    }
    let complete =
        |id: &PhaseId| known.phase(id).is_some_and(|phase| phase.status.state == Status::Complete);
    let wanted = story.approvals.iter().flat_map(|(_, plan)| &plan.phases);
    wanted.filter(|id| begun.insert(id) && !complete(id)).collect()
}

/// How a life ended, and what of its gates did not pass.
fn end_of(out: &mut String, life: &LifeLine) {
    let how = life.outcome.as_ref().map_or_else(|| "not over".to_owned(), |how| how.clause());
    let _ = writeln!(out, "  - try {}{}: {}", life.birth.attempt, by(life), literal(&how));
    for receipt in life.receipts.iter().filter(|receipt| !receipt.passed()) {
        let _ = writeln!(out, "    - {}, {}", literal(&receipt.line()), span(receipt.took));
        let from = receipt.tail.len().saturating_sub(TAIL);
        for line in receipt.tail[from..].iter().filter(|line| !line.as_str().trim().is_empty()) {
            let _ = writeln!(out, "      - {}", literal(line.as_str()));
        }
    }
}

/// Phases that wait for a person.
fn people(out: &mut String, known: &Known<'_>) {
    let Some(roadmap) = known.roadmap else { return };
    let mut lines = Vec::new();
    let held = BTreeSet::new();
    let evaluator = Evaluator::new(roadmap, &held);
    for phase in &roadmap.phases {
        if let Blockage::Human(why) = evaluator.blockage(phase)
            && phase.status.state == Status::Blocked
        {
            let why = literal(why.as_str());
            lines.push(format!("- {} is blocked: {why}", known.named(&phase.id)));
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "## Waits for a person: {}\n\n{}\n", lines.len(), lines.join("\n"));
    }
}

fn cost(out: &mut String, story: &Story, known: &Known<'_>) {
    let costs = Costs::of(story.timeline.lives(), known.roadmap);
    let costs = costs.and_errands(story.errands.lives());
    if costs.total.lives == 0 {
        return;
    }
    out.push_str("## Cost\n\n| | lives | used |\n|---|---|---|\n");
    let mut line = |name: String, cost: &Cost| {
        let _ = writeln!(out, "| {name} | {} | {} |", cost.lives, cost.words());
    };
    line("all".to_owned(), &costs.total);
    if costs.batches.len() > 1 {
        for (batch, cost) in &costs.batches {
            let name = batch.map_or_else(|| "no batch".to_owned(), |n| format!("batch {n}"));
            line(name, cost);
        }
    }
    if costs.errands.lives > 0 {
        line("on demand".to_owned(), &costs.errands);
    }
    for (phase, cost) in costs.phases.iter().take(MOST_ROWS) {
        line(literal(phase.as_str()), cost);
    }
    let again = costs.tries.iter().filter(|((_, attempt), _)| *attempt > 1);
    for ((phase, attempt), cost) in again.take(MOST_ROWS) {
        line(format!("{} try {attempt}", literal(phase.as_str())), cost);
    }
    out.push('\n');
    let rest = known.roadmap.and_then(|roadmap| Forecast::of(story.timeline.lives(), roadmap));
    if let Some(rest) = rest {
        let _ = writeln!(out, "The rest of the roadmap, {}\n", literal(&rest.words()));
    }
}

fn timeline(out: &mut String, timeline: &Timeline, now: Timestamp) {
    let Some(span) = timeline.span(now) else { return };
    let scale = Scale { span, columns: COLUMNS };
    let phases = timeline.by_phase();
    let rows: Vec<(String, Vec<&LifeLine>)> = if phases.len() <= MOST_ROWS {
        phases.into_iter().map(|(id, lives)| (visible(id.as_str()), lives)).collect()
    } else {
        let slots = timeline.by_slot(now).into_iter().enumerate();
        slots.map(|(at, lives)| (format!("slot {}", at + 1), lives)).collect()
    };
    let ends = if rows.len() < phases_of(timeline) { Ends::Bad } else { Ends::All };
    let beside = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    out.push_str("## Timeline\n\n");
    for (name, lives) in rows {
        // Four blanks make it code, whatever stands in it.
        let _ = writeln!(out, "    {name:beside$} {}", row(&lives, &scale, &Marks::UNICODE, ends));
    }
    let Marks { run, verify, wait, done, failed } = Marks::UNICODE;
    let _ = writeln!(
        out,
        "\n{run} run, {verify} verify, {wait} waiting for a person, {done} complete, {failed} failed"
    );
}

fn phases_of(timeline: &Timeline) -> usize {
    timeline.by_phase().len()
}

fn ids(phases: &[PhaseId]) -> String {
    let named = phases.iter().take(NAMED).map(|id| literal(id.as_str()));
    let named = named.collect::<Vec<_>>().join(", ");
    match phases.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Text from outside: printable, on one line, and without a meaning to Markdown.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if c.is_ascii_punctuation()
            && !matches!(
                c,
                '.' | ',' | ':' | ';' | '-' | '/' | '\'' | '"' | '(' | ')' | '%' | '?' | '='
            )
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
