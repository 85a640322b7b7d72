//! What stands below the plan's table: what moved, what is not offered, what to think of before `y`.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::plan_view::View;
use super::sheet::labelled;
use crate::domain::estimate::Estimates;
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::PlanRow;
use crate::domain::printable::Printable;
use crate::domain::roadmap::phase::Effort;
use crate::ui::keys::label;
use crate::ui::look::ColourRole;
use crate::ui::markdown::wrap::wrap;

impl View<'_> {
    pub(super) fn not_offered(&self) -> Vec<Line<'static>> {
        let refused = &self.plan.interpretation.not_offered;
        if refused.is_empty() {
            return Vec::new();
        }
        let clauses: Vec<String> =
            refused.iter().map(|n| format!("{} {}", n.id, n.reason)).collect();
        let muted = self.look.style(ColourRole::Muted);
        let key = label("plan.refused");
        // As many whole entries as two lines hold.
        let shown = (0..=clauses.len()).rev().map(|count| {
            let mut parts: Vec<String> = clauses.iter().take(count).cloned().collect();
            if count < clauses.len() {
                let more = clauses.len() - count;
                let plus = if count == 0 { "" } else { "+" };
                let rest = if count == 0 { "phases" } else { "more" };
                parts.push(format!("{plus}{more} {rest}, {key} shows why"));
            }
            let text = Printable::new(&format!("Not offered   {}", parts.join("    ")));
            wrap(&[Span::styled(text.as_str(), muted)], self.width, 14)
        });
        let mut shown = shown.filter(|lines| lines.len() <= 2);
        shown.next().unwrap_or_default()
    }

    /// What moved in the roadmap while the plan was looked at.
    pub(super) fn moved(&self) -> Vec<Line<'static>> {
        let clauses: Vec<&str> = self.plan.notes.moved.iter().map(Printable::as_str).collect();
        if clauses.is_empty() { Vec::new() } else { self.warning("Moved", &clauses.join("; ")) }
    }

    /// What a batch comes to after what is ticked.
    pub(super) fn further(&self) -> Option<Line<'static>> {
        let ids: Vec<&str> = self.plan.notes.further.iter().map(PhaseId::as_str).collect();
        let text = format!("{}, as they become ready", ids.join(" "));
        (!ids.is_empty()).then(|| self.value("Then", &text))
    }

    /// What a key would take in.
    pub(super) fn includable(&self) -> Option<Line<'static>> {
        let ids: Vec<&str> = self.plan.notes.includable.iter().map(PhaseId::as_str).collect();
        let key = label("plan.include");
        let text = format!("{key} takes in {}, after what it waits for", ids.join(" "));
        (!ids.is_empty()).then(|| self.value("", &text))
    }

    /// Whose prompts a person wrote, and which of those were written for what is no longer so.
    pub(super) fn prompts(&self) -> Vec<Line<'static>> {
        let ids: Vec<&PhaseId> = self.plan.notes.prompts.keys().collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let names = |ids: &[&PhaseId]| {
            let names: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            names.join(" ")
        };
        let mut lines = vec![self.value("Prompt", &format!("edited: {}", names(&ids)))];
        let changed =
            |id: &&&PhaseId| self.o.roadmap().is_some_and(|map| self.plan.is_stale(id, map));
        let stale: Vec<&PhaseId> = ids.iter().filter(changed).copied().collect();
        if !stale.is_empty() {
            let (edit, reset) = (label("plan.prompt"), label("prompt.reset"));
            let text = format!(
                "{} changed in the roadmap since; your text stays: {edit} shows it, {reset} there takes the new one",
                names(&stale)
            );
            lines.extend(self.warning("", &text));
        }
        lines
    }

    /// Ticked phases that wait for something nobody works on.
    pub(super) fn stuck(&self) -> Vec<Line<'static>> {
        let held = self.o.held_phases();
        let ticked = |id: &PhaseId| self.plan.rows.iter().any(|row| row.ticked && row.id == *id);
        let missing = |row: &PlanRow| {
            row.waits_for.iter().find(|id| !ticked(id) && !held.contains(*id)).cloned()
        };
        let rows = self.plan.rows.iter().filter(|row| row.ticked);
        let first = rows.filter_map(|row| missing(row).map(|id| (row, id))).next();
        let Some((row, waits)) = first else { return Vec::new() };
        let text = format!("{} waits for {waits}, which is not ticked", row.id);
        self.warning("Waits", &text)
    }

    pub(super) fn collisions(&self) -> Vec<Line<'static>> {
        let shown = self.plan.collisions.iter().take(2);
        let line = |collision: &crate::domain::plan::Collision| {
            let ids: Vec<&str> = collision.phases.iter().map(PhaseId::as_str).collect();
            let text = format!("{} both name {}", ids.join(" and "), collision.file);
            self.warning("Collision", &text)
        };
        let mut lines: Vec<Line<'static>> = shown.flat_map(line).collect();
        if let (Some(last), Some(more)) =
            (lines.last_mut(), self.plan.collisions.len().checked_sub(2))
            && more > 0
        {
            last.push_span(format!("  +{more}"));
        }
        lines
    }

    /// A warning in as many lines as it takes.
    fn warning(&self, label: &str, text: &str) -> Vec<Line<'static>> {
        let strong = self.look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
        let text = Span::styled(Printable::new(text).to_string(), strong);
        wrap(&labelled(label, vec![text], self.look).spans, self.width, 10)
    }

    /// What the estimates are made of, and how long the longest chain takes by them.
    pub(super) fn estimates(&self) -> Option<Line<'static>> {
        let path = &self.plan.critical_path;
        if self.plan.rows.is_empty() {
            return None;
        }
        let effort = |id: &PhaseId| self.plan.rows.iter().find(|row| row.id == *id)?.effort;
        let estimates = estimates(self.o);
        let known: Vec<(u32, u32)> =
            path.iter().filter_map(|id| estimates.of(effort(id))).collect();
        let (from, to) = known.iter().fold((0, 0), |sum, est| (sum.0 + est.0, sum.1 + est.1));
        let ids: Vec<&str> = path.iter().map(PhaseId::as_str).collect();
        let more = if known.len() < path.len() { " or more" } else { "" };
        let text = if path.len() > 1 {
            let grounds = estimates.grounds();
            format!("critical path {}: {}{more} ({grounds})", ids.join(" > "), span((from, to)))
        } else {
            classes(&estimates)
        };
        Some(self.value("Estimate", &text))
    }
}

/// What phases take by the runs so far.
pub(super) fn estimates(o: &Orchestrator) -> Estimates {
    let log = &o.run().log;
    o.roadmap().map(|roadmap| Estimates::measure(log, roadmap)).unwrap_or_default()
}

/// `8-20m`, `1m`
pub(super) fn span((from, to): (u32, u32)) -> String {
    if from == to { format!("{from}m") } else { format!("{from}-{to}m") }
}

/// What each effort class takes, and how that is known.
fn classes(estimates: &Estimates) -> String {
    let classes = [("S", Effort::S), ("M", Effort::M), ("L", Effort::L)];
    let one = |(letter, effort)| {
        format!("{letter} {}", span(estimates.of(Some(effort)).unwrap_or_default()))
    };
    format!("{}: {}", estimates.grounds(), classes.map(one).join(", "))
}
