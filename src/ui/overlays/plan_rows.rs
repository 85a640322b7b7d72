//! The table of the plan overlay: waves, and one row a phase.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::plan_foot::{estimates, span};
use super::sheet::{cut, fit};
use crate::domain::estimate::Estimates;
use crate::domain::goal::interpretation::Interpretation;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::{Plan, PlanRow};
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::{Dependency, Effort};
use crate::domain::roadmap::readiness::Evaluator;
use crate::ui::look::{ColourRole, Look};

/// From here on there is room for the columns SCORE and AGENT.
const WIDE: usize = 108;
/// From here on DEPENDS has room for several ids.
const WIDEST: usize = 150;
/// Below this, the estimate gives its room to the name.
const NARROW: usize = 58;
/// Columns of AGENT.
const AGENT: usize = 11;
/// The widest name: what is left goes to the reasons.
const LONGEST_NAME: usize = 53;

/// Widths of the columns that vary with the overlay's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    phase: usize,
    why: usize,
    depends: usize,
    has_estimate: bool,
    has_ends: bool,
}

impl Columns {
    /// For rows this wide.
    pub(super) fn for_width(width: usize) -> Self {
        let (has_estimate, has_ends) = (width >= NARROW, width >= WIDE);
        let depends = match width {
            WIDEST.. => 30,
            WIDE.. => 11,
            _ => 9,
        };
        let sized = Self { phase: 0, why: 0, depends, has_estimate, has_ends };
        let room = width.saturating_sub(sized.used());
        let phase = (room * 11 / 20).min(LONGEST_NAME);
        Self { phase, why: room.saturating_sub(phase), ..sized }
    }

    /// No wider than this plan's names and reasons: what names leave goes to the reasons.
    pub(super) fn fitted(self, plan: &Plan, o: &Orchestrator) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = String>, least: usize| {
            texts.map(|text| text.width()).max().unwrap_or(0).max(least)
        };
        let names = widest(&mut plan.rows.iter().map(|row| label(row, o)), "PHASE".len());
        let phase = self.phase.min(names);
        let reasons = widest(&mut plan.rows.iter().map(|row| why(plan, row, o)), "WHY".len());
        Self { phase, why: (self.why + self.phase - phase).min(reasons), ..self }
    }

    /// Columns that a row takes.
    fn used(self) -> usize {
        let estimate = if self.has_estimate { 2 + 6 } else { 0 };
        let ends = if self.has_ends { 2 + 5 + 1 + AGENT } else { 0 };
        12 + estimate + ends + 2 + self.depends + self.phase + self.why
    }

    /// The heading of the table.
    pub(super) fn heading(self, look: &Look) -> Line<'static> {
        let mut text = format!("     {}  EFF", fit("PHASE", self.phase, look));
        if self.has_estimate {
            text.push_str("     EST");
        }
        if self.has_ends {
            text.push_str("  SCORE");
        }
        text.push_str(&format!("  {}", fit("WHY", self.why, look)));
        text.push_str(&format!("  {}", fit("DEPENDS", self.depends, look)));
        if self.has_ends {
            text.push_str(&format!(" {}", fit("AGENT", AGENT, look)));
        }
        Line::styled(text, look.style(ColourRole::Muted))
    }
}

/// The table as lines, and the line the cursor is on.
pub(super) fn table(
    plan: &Plan,
    selected: usize,
    (o, look): (&Orchestrator, &Look),
    columns: Columns,
) -> (Vec<Line<'static>>, usize) {
    let mut lines = Vec::new();
    let mut cursor = 0;
    let mut wave = None;
    let known = estimates(o);
    for (index, row) in plan.rows.iter().enumerate() {
        if wave != Some(row.wave) {
            wave = Some(row.wave);
            lines.push(wave_line(plan, row.wave, o, look));
        }
        let mut line = row_line(plan, row, (o, look, &known), columns);
        if index == selected {
            cursor = lines.len();
            line.spans.insert(0, Span::raw(look.pick("›", ">")));
        } else {
            line.spans.insert(0, Span::raw(" "));
        }
        lines.push(line);
    }
    (lines, cursor)
}

/// `Wave 1  now, 3 free slots`, `Wave 2  after 3.3`
fn wave_line(plan: &Plan, wave: usize, o: &Orchestrator, look: &Look) -> Line<'static> {
    let when = if wave <= 1 {
        let allowed = usize::from(plan.slots.min(o.target().workspaces.most).max(1));
        match allowed.saturating_sub(o.slots_taken()) {
            0 => "as soon as a slot is free".to_string(),
            1 => "now, 1 free slot".into(),
            free => format!("now, {free} free slots"),
        }
    } else {
        let rows = plan.rows.iter().filter(|row| row.wave == wave);
        let mut before: Vec<&PhaseId> = rows.flat_map(|row| &row.waits_for).collect();
        before.sort();
        before.dedup();
        let ids: Vec<&str> = before.iter().map(|id| id.as_str()).collect();
        if ids.is_empty() { String::new() } else { format!("after {}", ids.join(" ")) }
    };
    Line::from(vec![
        Span::styled(format!("Wave {wave}"), look.style(ColourRole::Accent)),
        Span::styled(format!("  {}", Printable::new(&when)), look.style(ColourRole::Muted)),
    ])
}

/// One phase; the column of the cursor is added by the caller.
fn row_line(
    plan: &Plan,
    row: &PlanRow,
    (o, look, known): (&Orchestrator, &Look, &Estimates),
    columns: Columns,
) -> Line<'static> {
    let plain = look.style(ColourRole::Plain);
    let base = if row.ticked { plain } else { look.style(ColourRole::Muted) };
    let phase = o.roadmap().and_then(|roadmap| roadmap.phase(&row.id));
    let star = if phase.is_some_and(|p| p.is_bootstrap()) { look.pick("✶", "*") } else { " " };
    let tick = if row.ticked { "[x] " } else { "[ ] " };
    let mut spans = vec![Span::styled(tick, base.add_modifier(Modifier::BOLD))];
    let label = fit(&label(row, o), columns.phase, look);
    spans.extend(underlined(&label, &words(&plan.interpretation, &row.id), base));
    let mut rest = format!(" {star} {} ", effort_mark(row.effort));
    if columns.has_estimate {
        rest.push_str(&format!("  {:>6}", estimate_text(known, row.effort)));
    }
    if columns.has_ends {
        rest.push_str(&format!("  {:>5.2}", row.score));
    }
    rest.push_str(&format!("  {}", fit(&why(plan, row, o), columns.why, look)));
    let depends = depends(row, (o, look), columns.depends);
    rest.push_str(&format!("  {}", fit(&depends, columns.depends, look)));
    if columns.has_ends {
        rest.push_str(&format!(" {}", fit(&agent(plan, row, (o, look)), AGENT, look)));
    }
    spans.push(Span::styled(rest, base));
    Line::from(spans)
}

/// `3.3 HTTP router`
fn label(row: &PlanRow, o: &Orchestrator) -> String {
    let phase = o.roadmap().and_then(|roadmap| roadmap.phase(&row.id));
    let name = phase.map(|phase| phase.name.as_str()).unwrap_or("no longer in the roadmap");
    Printable::new(&format!("{} {name}", row.id)).to_string()
}

/// Why a phase is there, and whether a person wrote what its agent is told.
fn why(plan: &Plan, row: &PlanRow, o: &Orchestrator) -> String {
    let is_stale = o.roadmap().is_some_and(|roadmap| plan.is_stale(&row.id, roadmap));
    let why = match (is_stale, plan.is_edited(&row.id)) {
        (true, _) => format!("! edited before it changed; {}", row.why),
        (false, true) => format!("edited; {}", row.why),
        (false, false) => row.why.clone(),
    };
    Printable::new(&why).to_string()
}

/// Words of the goal that this phase was matched by.
fn words<'a>(reading: &'a Interpretation, id: &PhaseId) -> Vec<&'a str> {
    let matched = reading.matched.iter().filter(|offer| offer.id == *id);
    matched
        .flat_map(|offer| &offer.evidence)
        .flat_map(|e| &e.words)
        .map(Printable::as_str)
        .collect()
}

/// `text` with those words underlined that the goal has too.
fn underlined(text: &str, words: &[&str], base: ratatui::style::Style) -> Vec<Span<'static>> {
    let hit = |part: &str| words.iter().any(|word| word.eq_ignore_ascii_case(part));
    let style = |part: &str| if hit(part) { base.add_modifier(Modifier::UNDERLINED) } else { base };
    let parts = text.split_word_bounds();
    parts.map(|part| Span::styled(part.to_owned(), style(part))).collect()
}

/// What a phase waits for; where that is nothing, what it waited for, with a tick. What has no room is counted.
fn depends(row: &PlanRow, (o, look): (&Orchestrator, &Look), width: usize) -> String {
    let tick = look.pick(" ✓", " +");
    let done = satisfied(row, o).into_iter().map(|id| format!("{id}{tick}"));
    let open: Vec<String> = row.waits_for.iter().map(ToString::to_string).collect();
    let all: Vec<String> = if open.is_empty() { done.collect() } else { open };
    let Some((first, others)) = all.split_first() else { return "-".into() };
    let whole = all.join(" ");
    let whole = Printable::new(&whole);
    if whole.as_str().width() <= width {
        return whole.to_string();
    }
    let short =
        if others.is_empty() { first.clone() } else { format!("{first} +{}", others.len()) };
    cut(Printable::new(&short).as_str(), width, look)
}

fn satisfied(row: &PlanRow, o: &Orchestrator) -> Vec<PhaseId> {
    let Some(roadmap) = o.roadmap() else { return Vec::new() };
    let held = o.held_phases();
    let evaluator = Evaluator::new(roadmap, &held);
    let Some(phase) = roadmap.phase(&row.id) else { return Vec::new() };
    let id = |dependency: &Dependency| match dependency {
        Dependency::Phase { id, .. } => Some(id.clone()),
        Dependency::Batch(_) | Dependency::AllPrevious | Dependency::Opaque(_) => None,
    };
    phase.depends_on.iter().filter_map(id).filter(|id| evaluator.is_complete(id)).collect()
}

/// What runs, or would run, on the phase.
fn agent(plan: &Plan, row: &PlanRow, (o, look): (&Orchestrator, &Look)) -> String {
    let name = plan.notes.agents.get(&row.id).map(|who| who.chosen.name.as_str());
    match o.agent_of(&row.id) {
        Some(agent) if agent.is_live() => {
            let (glyph, word, _) = look.state(agent.state(look.now));
            format!("{glyph} {word}")
        }
        Some(agent) if row.ticked => {
            let life = format!("life {}", agent.me().life.next().0);
            name.map_or(life.clone(), |name| format!("{name} {life}"))
        }
        Some(_) => "ran before".into(),
        None if row.ticked => name.unwrap_or("new").into(),
        None => "-".into(),
    }
}

fn effort_mark(effort: Option<Effort>) -> &'static str {
    match effort {
        Some(Effort::S) => "S",
        Some(Effort::M) => "M",
        Some(Effort::L) => "L",
        None => "-",
    }
}

fn estimate_text(estimates: &Estimates, effort: Option<Effort>) -> String {
    estimates.of(effort).map(span).unwrap_or_else(|| "-".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_always_fit() {
        for width in 0..200 {
            let columns = Columns::for_width(width);
            let used = columns.used();
            assert!(used <= width.max(23), "{used} of {width}");
        }
    }

    #[test]
    fn hit_words_are_underlined_whole() {
        let base = ratatui::style::Style::new();
        let spans = underlined("2.1 API parser apis", &["api"], base);
        let hits: Vec<&str> = spans
            .iter()
            .filter(|span| span.style.add_modifier.contains(Modifier::UNDERLINED))
            .map(|span| span.content.as_ref())
            .collect();
        assert_eq!(hits, ["API"]);
    }
}
