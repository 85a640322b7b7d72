//! How the plan overlay is drawn: what stands above and below its table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::phase::beneath;
use super::plan::{Hindrance, Note, PlanSheet, hindrance, is_outdated};
use super::plan_rows::{Columns, table};
use super::sheet::{
    Scroll, centred, cut, draw_lines, fit, labelled, outside, select, sheet, whole,
};
use crate::domain::branch::MergePolicy;
use crate::domain::identity::Foreseen;
use crate::domain::journal_text::lasting;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::{Mode, Plan};
use crate::domain::printable::Printable;
use crate::domain::workspace::Isolation;
use crate::ui::keys::Scope;
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::wrap::wrap;

/// What the parts of the overlay are drawn from.
pub(super) struct View<'a> {
    pub(super) plan: &'a Plan,
    pub(super) o: &'a Orchestrator,
    pub(super) look: &'a Look,
    pub(super) width: usize,
}

impl PlanSheet {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let area = whole(frame.area());
        let Some(plan) = o.draft() else {
            let body = sheet(frame, centred(area, 60, 3), ("Plan", Some(Scope::Plan)), look);
            draw_lines(frame, body, &[Line::raw("There is no plan any more. Esc closes.")]);
            return;
        };
        if let Some(page) = &self.page {
            let body = sheet(frame, area, (&page.title(), Some(page.scope())), look);
            page.draw(frame, body, (plan, o, look));
            return;
        }
        let title = format!("Plan  \"{}\"", Printable::new(&plan.interpretation.goal));
        let body = sheet(frame, area, (&title, Some(Scope::Plan)), look);
        self.draw_table(frame, body, &View { plan, o, look, width: usize::from(body.width) });
    }

    /// Head, table, what there is room for about the phase under the cursor, foot.
    fn draw_table(&self, frame: &mut Frame<'_>, body: Rect, view: &View<'_>) {
        let columns = Columns::for_width(view.width).fitted(view.plan, view.o);
        let (head, foot) = (view.head(columns), self.foot(view));
        let selected = self.selected(view.plan);
        let (rows, cursor) = table(view.plan, selected, (view.o, view.look), columns);
        let parts = Parts::of(body, (head.len(), rows.len(), foot.len()));
        self.scroll.settle(rows.len(), usize::from(parts.rows.height));
        // The wave's heading stays in view with its first phase.
        self.scroll.reveal(cursor.saturating_sub(1));
        self.scroll.reveal(cursor);
        draw_lines(frame, parts.head, &head);
        draw_lines(frame, parts.rows, rows.get(self.scroll.top()..).unwrap_or_default());
        let at = cursor.checked_sub(self.scroll.top()).and_then(|at| u16::try_from(at).ok());
        if let Some(at) = at.filter(|at| *at < parts.rows.height && !view.plan.rows.is_empty()) {
            let row = Rect { y: parts.rows.y + at, height: 1, ..parts.rows };
            select(frame, row, view.look);
        }
        let used = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(parts.rows.height);
        let (y, height) = (parts.rows.y + used, parts.rows.height - used);
        if let Some(row) = view.plan.rows.get(selected) {
            let spare = Rect { y, height, ..parts.rows };
            let chosen = view.plan.notes.agents.get(&row.id).map(Foreseen::sentence);
            let facts = [("Why", Some(row.why.clone())), ("Agent", chosen)];
            beneath(frame, spare, (&row.id, &facts), (view.o, view.look));
        }
        let skipped = foot.len().saturating_sub(usize::from(parts.foot.height));
        let foot = foot.get(skipped..).unwrap_or_default();
        draw_lines(frame, parts.foot, foot);
        let beside = foot.first().map_or(0, Line::width);
        view.hidden_rows(frame, parts.foot, (beside, &self.scroll));
    }

    /// What stands below the table; the most important comes last, for it is kept longest.
    fn foot(&self, view: &View<'_>) -> Vec<Line<'static>> {
        let mut lines: Vec<Line<'static>> = view.moved();
        lines.extend(view.not_offered());
        lines.extend(view.further());
        lines.extend(view.includable());
        lines.extend(view.stuck());
        lines.extend(view.collisions());
        lines.extend(view.estimates());
        lines.extend(view.prompts());
        lines.extend(self.remark(view));
        lines.push(view.buttons());
        lines
    }

    /// What was said since the last key: the status bar may lie below the plan.
    fn said<'a>(&self, o: &'a Orchestrator) -> Option<&'a str> {
        let pressed = self.pressed?;
        let newest = o.notices().back().filter(|notice| notice.at >= pressed)?;
        Some(newest.text.as_str())
    }

    /// What the person should know before pressing `y`; the most urgent alone.
    fn remark(&self, view: &View<'_>) -> Vec<Line<'static>> {
        let (plan, o) = (view.plan, view.o);
        let said = self.said(o).map(|text| with_short_path(text, view.width, view.look));
        let joins = o.run().plan.as_ref().is_some_and(|running| !running.finished);
        let (role, text) = match (self.note, hindrance(plan, o)) {
            (Some(Note::EnterStartsNothing), _) => {
                (ColourRole::Fail, "Enter starts nothing: press y to start, Esc to go back.".into())
            }
            (Some(Note::NothingToMerge), _) => (
                ColourRole::Fail,
                "There is nothing to merge: agents share the target's checkout (`isolation`)."
                    .into(),
            ),
            (Some(Note::TooSoon), _) => (
                ColourRole::Fail,
                "That y came with other keys and was ignored: press y again.".into(),
            ),
            (None, _) if said.is_some() => (ColourRole::Accent, said.unwrap_or_default()),
            (None, Some(Hindrance::Refused(why))) => (ColourRole::Fail, why.to_string()),
            (None, Some(Hindrance::Viewer(driver))) => (
                ColourRole::Fail,
                format!("Only looking: process {driver} drives this repository."),
            ),
            (None, _) if is_outdated(plan, o) => (
                ColourRole::Fail,
                "The roadmap changed since this plan was drafted: y looks again first.".into(),
            ),
            (None, Some(Hindrance::NothingTicked)) => (ColourRole::Fail, nothing_ticked(plan)),
            (None, None) if o.run().held => {
                (ColourRole::Fail, "The queue is held: nothing starts before p resumes it.".into())
            }
            (None, None) if joins => {
                (ColourRole::Muted, "These phases join the plan that runs already.".into())
            }
            (None, None) => (ColourRole::Muted, "Nothing starts before y.".into()),
        };
        let text = Span::styled(Printable::new(&text).to_string(), view.look.style(role));
        wrap(&[text], view.width, 0)
    }
}

/// A sentence in so many columns: a path at its end is shortened from the left.
fn with_short_path(text: &str, width: usize, look: &Look) -> String {
    let Some((said, path)) = text.split_once(" /").filter(|_| text.width() > width) else {
        return text.to_owned();
    };
    let kept: Vec<&str> = path.rsplitn(3, '/').take(2).collect();
    let kept: Vec<&str> = kept.into_iter().rev().collect();
    format!("{said} {}/{}", look.pick("…", "..."), kept.join("/"))
}

/// Why nothing is ticked and what to do, in one sentence.
fn nothing_ticked(plan: &Plan) -> String {
    if !plan.notes.includable.is_empty() && plan.rows.is_empty() {
        "Nothing here can start as it is: take in what it waits for, or Esc and say another goal."
            .into()
    } else if plan.rows.is_empty() && !plan.interpretation.not_offered.is_empty() {
        "Nothing of this goal can start, for the reasons above: Esc, then say another.".into()
    } else if plan.rows.is_empty() {
        "No phase fits this goal, and none is ready: Esc, then say it with a phase id, a batch or words of its name; \
         if it is new work, `orch-tui add FILE` adds a phase for it."
            .into()
    } else if plan.interpretation.selected().next().is_none() {
        "No phase fits clearly, so nothing is ticked: tick with Space, or Esc and say more; if it is new work, \
         `orch-tui add FILE` adds a phase for it."
            .into()
    } else {
        "Nothing is ticked: tick a phase with Space, or Esc.".into()
    }
}

/// How the overlay's inside is shared: at least three rows of the table, then the foot, then the head.
struct Parts {
    head: Rect,
    rows: Rect,
    foot: Rect,
}

impl Parts {
    fn of(body: Rect, (head, rows, foot): (usize, usize, usize)) -> Self {
        let size = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let floor = size(rows.min(3)).min(body.height.saturating_sub(1));
        let foot = size(foot).min(body.height.saturating_sub(floor));
        let head = size(head).min(body.height.saturating_sub(floor.saturating_add(foot)));
        let rows = body.height.saturating_sub(head.saturating_add(foot));
        let part = |y: u16, height: u16| Rect { y: body.y.saturating_add(y), height, ..body };
        Self { head: part(0, head), rows: part(head, rows), foot: part(head + rows, foot) }
    }
}

impl View<'_> {
    pub(super) fn muted(&self, text: &str) -> Line<'static> {
        Line::styled(cut(text, self.width, self.look), self.look.style(ColourRole::Muted))
    }

    /// What stands above the table; the most important comes first.
    fn head(&self, columns: Columns) -> Vec<Line<'static>> {
        let mut lines = self.read_as();
        lines.extend([self.mode(), self.target(), self.merge(), self.agent()]);
        // The gap is filled when the table is cut.
        lines.extend([Line::default(), columns.heading(self.look)]);
        lines
    }

    /// Says right below the table that it is longer than its place, beside what stands there.
    fn hidden_rows(&self, frame: &mut Frame<'_>, foot: Rect, (beside, scroll): (usize, &Scroll)) {
        let hidden = outside(scroll.top(), scroll.below());
        let width = u16::try_from(hidden.width()).unwrap_or(u16::MAX);
        if foot.height > 0 && beside + 2 + hidden.width() <= usize::from(foot.width) {
            let place = Rect { x: foot.right() - width, width, height: 1, ..foot };
            frame.render_widget(self.muted(&hidden), place);
        }
    }

    fn read_as(&self) -> Vec<Line<'static>> {
        let reading = &self.plan.interpretation;
        let (word, role) = confidence(reading.confidence);
        let label = if self.width >= 70 { "Confidence " } else { "" };
        let rating = format!("{:.2} {word}", reading.confidence);
        let room = self.width.saturating_sub(10 + 2 + label.width() + rating.width());
        let text = reading.explanation.as_str();
        let text = text.strip_prefix("Read as ").unwrap_or(text);
        let wrapped = wrap(&[Span::raw(text)], room, 0);
        let mut parts = wrapped.iter().map(ToString::to_string);
        let first = parts.next().unwrap_or_default();
        let rest: Vec<String> = parts.collect();
        let muted = self.look.style(ColourRole::Muted);
        let value = vec![
            Span::raw(fit(&first, room, self.look)),
            Span::styled(format!("  {label}"), muted),
            Span::styled(rating, self.look.style(role)),
        ];
        let mut lines = vec![labelled("Read as", value, self.look)];
        if !rest.is_empty() {
            lines.push(self.value("", &rest.join(" ")));
        }
        lines
    }

    fn mode(&self) -> Line<'static> {
        let dot = |mode: Mode| if self.plan.mode == mode { "(*)" } else { "( )" };
        let live = self.o.busy_for_the_plan();
        let until = if self.width >= 100 { ": keep going until nothing is ready" } else { "" };
        let text = format!(
            "{} single   {} parallel max {}, {live} in use   {} batch{until}",
            dot(Mode::Single),
            dot(Mode::Parallel),
            self.plan.slots,
            dot(Mode::Batch),
        );
        self.value("Mode", &text)
    }

    /// Where agents work, and who merges that.
    fn merge(&self) -> Line<'static> {
        let target = self.o.target();
        let by = self.plan.merge_by(target);
        let dot = |policy: MergePolicy| if by == policy { "(*)" } else { "( )" };
        let text = match target.workspaces.isolation {
            Isolation::Worktree => format!(
                "{} review   {} auto   a worktree for each agent",
                dot(MergePolicy::Review),
                dot(MergePolicy::Auto)
            ),
            Isolation::Shared => "nothing to merge: agents share the checkout".to_owned(),
        };
        self.value("Merge", &text)
    }

    fn target(&self) -> Line<'static> {
        let target = self.o.target();
        let gates: Vec<&str> = target.gates.iter().map(|gate| gate.name.as_str()).collect();
        let gates = if gates.is_empty() { "none".into() } else { gates.join(", ") };
        let most = match target.workspaces.most.min(self.plan.slots) {
            0 | 1 => "1 agent at once".to_string(),
            n => format!("{n} agents at once"),
        };
        let text = format!("{}  {}   {most}   gates: {gates}", target.name, target.path.display());
        self.value("Target", &text)
    }

    fn agent(&self) -> Line<'static> {
        let name = &self.o.target().agent;
        match self.o.setup().adapters.get(name) {
            Some(_) if self.o.setup().refusal.is_some() => {
                let refusal = self.o.setup().refusal.as_ref();
                let text = refusal.map(|why| why.to_string()).unwrap_or_default();
                self.failing("Agent", &text)
            }
            Some(adapter) => {
                let limits = adapter.limits;
                let argv = adapter.args.join(" ");
                let most = format!("at most {}", lasting(limits.total));
                self.value("Agent", &format!("{name}, {most}: {} {argv}", adapter.command))
            }
            None => {
                let text = format!("agents.yaml has no agent named {name}: nothing could start");
                self.failing("Agent", &text)
            }
        }
    }

    fn failing(&self, label: &str, text: &str) -> Line<'static> {
        let text = cut(Printable::new(text).as_str(), self.width.saturating_sub(10), self.look);
        let value = Span::styled(text, self.look.style(ColourRole::Fail));
        labelled(label, vec![value], self.look)
    }

    pub(super) fn value(&self, label: &str, text: &str) -> Line<'static> {
        let text = Printable::new(text);
        let text = cut(text.as_str(), self.width.saturating_sub(10), self.look);
        labelled(label, vec![Span::raw(text)], self.look)
    }

    fn buttons(&self) -> Line<'static> {
        let ticked = self.plan.rows.iter().filter(|row| row.ticked).count();
        let count = match self.plan.mode {
            Mode::Single => ticked.min(1),
            Mode::Parallel | Mode::Batch => ticked,
        };
        let most = usize::from(self.plan.slots.min(self.o.target().workspaces.most).max(1));
        let noun = if count == 1 { "phase" } else { "phases" };
        let room = self.width >= 90 || self.plan.notes.further.is_empty();
        let at_once =
            if room && most < count { format!(", {most} at once") } else { String::new() };
        let then = match self.plan.notes.further.len() {
            0 => String::new(),
            more => format!(", then {more} more"),
        };
        let (text, role) = match hindrance(self.plan, self.o) {
            None => (format!("[ y Start {count} {noun}{at_once}{then} ]"), ColourRole::Accent),
            Some(Hindrance::NothingTicked) => ("[ y nothing is ticked ]".into(), ColourRole::Muted),
            Some(Hindrance::Refused(_)) => ("[ y can't start ]".into(), ColourRole::Muted),
            Some(Hindrance::Viewer(_)) => ("[ y only looking ]".into(), ColourRole::Muted),
        };
        let start = self.look.style(role).add_modifier(Modifier::BOLD);
        let line = |gap: &'static str, others: [&'static str; 3]| {
            let mut spans = vec![Span::raw(gap), Span::styled(text.clone(), start)];
            for other in others {
                let other = Span::styled(other, self.look.style(ColourRole::Accent));
                spans.extend([Span::raw(gap), other]);
            }
            Line::from(spans)
        };
        let wide = line("  ", ["[ d Dry run ]", "[ s Save plan ]", "[ Esc Back ]"]);
        if wide.width() <= self.width {
            return wide;
        }
        line(" ", ["[ d Dry run ]", "[ s Save ]", "[ Esc Back ]"])
    }
}

/// Word and colour of a confidence between 0 and 1.
fn confidence(value: f64) -> (&'static str, ColourRole) {
    if value >= 0.75 {
        ("high", ColourRole::Ok)
    } else if value >= 0.5 {
        ("fair", ColourRole::Plain)
    } else {
        ("low", ColourRole::Fail)
    }
}
