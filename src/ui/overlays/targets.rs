//! The targets: where each stands, and a way to each.

use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Answer;
use super::sheet::{PAGE, Scroll, cut, draw_lines, fit, select, sheet, whole};
use crate::domain::command::Command;
use crate::domain::glance::{Access, Glance};
use crate::domain::id::TargetId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::{counted, visible};
use crate::domain::time::Timestamp;
use crate::ui::intent::{Arrival, Intent};
use crate::ui::keys::{self, Action, RowAction, Scope, Sheet, Step};
use crate::ui::look::{ColourRole, Look};
use crate::ui::text::{columns, wrap};

const SCOPE: Scope = Scope::Sheet(Sheet::Targets);

/// Columns of a target's key at most.
const LONGEST_KEY: usize = 16;
/// Columns of how far a roadmap is.
const PROGRESS: usize = 9;
/// Rows below the list at least: what the target under the cursor is.
const DETAIL: u16 = 4;

/// The overlay of targets.
#[derive(Clone, Debug)]
pub struct TargetsSheet {
    /// What is known of all of them.
    glances: Vec<Glance>,
    /// A goal that is planned for the target one goes to.
    goal: Option<String>,
    cursor: Option<TargetId>,
    scroll: Scroll,
}

impl TargetsSheet {
    /// With what is known of them, and a goal to take along.
    pub(super) fn new(glances: Vec<Glance>, goal: Option<String>) -> Self {
        // Whoever comes here wants to go somewhere else.
        let other = |glance: &&Glance| match glance.access {
            Access::Here | Access::Unusable(_) => false,
            Access::Opening | Access::Open | Access::Closed => true,
            Access::Elsewhere | Access::Viewed { .. } => true,
        };
        let needy = glances.iter().find(|glance| glance.call().is_some());
        let cursor = needy.or_else(|| glances.iter().find(other)).or(glances.first());
        let cursor = cursor.map(|glance| glance.target.clone());
        Self { glances, goal, cursor, scroll: Scroll::default() }
    }

    /// More is known of them.
    pub(super) fn told(&mut self, glances: &[Glance]) {
        self.glances = glances.to_vec();
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        match keys::find(SCOPE, &key) {
            Some(Action::Go(step)) => {
                self.go(step, o, now);
                Answer::Stay
            }
            Some(Action::Row(RowAction::Open)) => self.enter(o, now),
            Some(Action::Row(RowAction::Close)) => {
                let rows = self.rows(o, now);
                let chosen = rows.get(self.place(&rows));
                Answer::Do(
                    chosen.map(|row| Intent::Close(row.target.clone())).into_iter().collect(),
                )
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    fn enter(&self, o: &Orchestrator, now: Timestamp) -> Answer {
        let rows = self.rows(o, now);
        let Some(chosen) = rows.get(self.place(&rows)) else { return Answer::Close };
        match &chosen.access {
            Access::Here => Answer::Close,
            Access::Unusable(why) => Answer::Say(format!("{}: {why}", chosen.target)),
            Access::Opening
            | Access::Open
            | Access::Closed
            | Access::Elsewhere
            | Access::Viewed { .. } => {
                let to = |arrival| Intent::Switch(chosen.target.clone(), arrival);
                Answer::CloseAnd(match self.goal.clone() {
                    // The plan goes along: it does not wait here for a slip.
                    Some(goal) => vec![Intent::Run(Command::DropPlan), to(Arrival::Goal(goal))],
                    None => vec![to(Arrival::Look)],
                })
            }
        }
    }

    /// All targets in the order of their keys, the one on the screen among them.
    fn rows(&self, o: &Orchestrator, now: Timestamp) -> Vec<Glance> {
        let here = Glance::open(o, Access::Here, now);
        let seen = self.glances.iter().find(|glance| glance.target == here.target);
        let here = Glance { checkout: seen.and_then(|glance| glance.checkout.clone()), ..here };
        let others = self.glances.iter().filter(|glance| glance.target != here.target);
        let mut rows: Vec<Glance> = others.cloned().collect();
        rows.push(here);
        rows.sort_by(|a, b| a.target.cmp(&b.target));
        rows
    }

    fn place(&self, rows: &[Glance]) -> usize {
        let found = rows.iter().position(|row| Some(&row.target) == self.cursor.as_ref());
        found.unwrap_or(0)
    }

    fn go(&mut self, step: Step, o: &Orchestrator, now: Timestamp) {
        let rows = self.rows(o, now);
        let to = step.from(self.place(&rows), rows.len(), PAGE);
        self.cursor = rows.get(to).map(|row| row.target.clone());
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let title = match &self.goal {
            Some(goal) => format!("Targets: plan \"{}\" for another one", visible(goal)),
            None => "Targets".to_owned(),
        };
        let body = sheet(frame, whole(frame.area()), (&title, Some(SCOPE)), look);
        let width = usize::from(body.width);
        let rows = self.rows(o, look.now);
        let keys = rows.iter().map(|row| columns(row.target.as_str())).max().unwrap_or(0);
        let cursor = self.place(&rows);
        let detail = rows.get(cursor).map(|row| detail(row, width, look)).unwrap_or_default();
        let below = u16::try_from(detail.len()).unwrap_or(u16::MAX).max(DETAIL);
        let below = below.min(body.height.saturating_sub(1));
        let list = Rect { height: body.height - below, ..body };
        self.scroll.settle(rows.len(), usize::from(list.height));
        self.scroll.reveal(cursor);
        let top = self.scroll.top();
        let shown = rows.iter().skip(top).take(usize::from(list.height));
        let lines: Vec<Line<'static>> =
            shown.map(|row| line(row, (keys.min(LONGEST_KEY), width), look)).collect();
        draw_lines(frame, list, &lines);
        if let Some(row) = list.rows().nth(cursor.saturating_sub(top)) {
            select(frame, row, look);
        }
        let foot = Rect { y: list.bottom(), height: below, ..body };
        draw_lines(frame, foot, &detail);
    }
}

/// One target in one row: key, progress, agents, checkout.
fn line(row: &Glance, (keys, width): (usize, usize), look: &Look) -> Line<'static> {
    let (mark, role) = match &row.access {
        Access::Unusable(_) => (look.pick("✗", "x"), ColourRole::Fail),
        Access::Here => (look.pick("●", "*"), ColourRole::Accent),
        Access::Open | Access::Viewed { .. } => (look.pick("○", "o"), ColourRole::Accent),
        Access::Opening | Access::Closed | Access::Elsewhere => (" ", ColourRole::Muted),
    };
    let needy = if row.call().is_some() { ColourRole::Wait } else { ColourRole::Plain };
    let progress = row.progress.map(|p| format!("{}/{}", p.complete, p.phases));
    let agents = agents(row);
    let rest = width.saturating_sub(2 + keys + 2 + PROGRESS);
    let agents = match (agents.is_empty(), &row.access) {
        (true, Access::Unusable(why)) => why.to_string(),
        (_, Access::Opening) => look.pick("opening…", "opening...").to_owned(),
        (true, Access::Elsewhere) => "another process drives it".to_owned(),
        (true, _) => "no agents".to_owned(),
        (false, _) => agents,
    };
    let checkout = row.checkout.as_ref().map(checkout).unwrap_or_default();
    let room = rest.saturating_sub(columns(&checkout) + 1);
    let name = Span::styled(
        fit(row.target.as_str(), keys, look),
        look.style(ColourRole::Plain).add_modifier(match row.access {
            Access::Here => Modifier::BOLD,
            _ => Modifier::empty(),
        }),
    );
    Line::from(vec![
        Span::styled(format!("{mark} "), look.style(role)),
        name,
        Span::raw("  "),
        Span::raw(fit(&progress.unwrap_or_default(), PROGRESS, look)),
        Span::styled(cut(&agents, room, look), look.style(needy)),
        Span::raw(" ".repeat(room.saturating_sub(columns(&agents)) + 1)),
        Span::styled(checkout, look.style(ColourRole::Muted)),
    ])
}

/// What is checked out, and what of it is not committed.
fn checkout(seen: &crate::domain::glance::Checkout) -> String {
    match seen.dirty {
        0 => seen.branch.to_string(),
        1 => format!("{}, 1 file dirty", seen.branch),
        n => format!("{}, {n} files dirty", seen.branch),
    }
}

/// The agents of a target in one clause; empty when there is nothing to say.
fn agents(row: &Glance) -> String {
    let crowd = &row.crowd;
    let needs = if crowd.waiting == 1 { "needs" } else { "need" };
    let said = [
        (crowd.waiting, format!("! {} {needs} you", crowd.waiting)),
        (crowd.working, format!("{} at work", crowd.working)),
        (crowd.failed, format!("{} failed", crowd.failed)),
        (crowd.proposals, counted(crowd.proposals, "proposal")),
    ];
    let said = said.into_iter().filter(|(count, _)| *count > 0);
    let mut said: Vec<String> = said.map(|(_, words)| words).collect();
    if crowd.held {
        said.push("held".to_owned());
    }
    if let (Some(trouble), true) = (&row.trouble, row.progress.is_some() || row.is_open()) {
        said.insert(0, format!("! {trouble}"));
    }
    said.join(", ")
}

/// What the target under the cursor is, and what Enter does.
fn detail(row: &Glance, width: usize, look: &Look) -> Vec<Line<'static>> {
    let muted = look.style(ColourRole::Muted);
    let path = visible(&row.path.to_string_lossy());
    let does = match &row.access {
        _ if row.trouble.is_some() => {
            row.trouble.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        Access::Here => "it is on the screen".to_owned(),
        Access::Opening => "its journal is being read; keys work meanwhile".to_owned(),
        Access::Open => {
            "it is open: it is looked after while another target is shown; x closes it".to_owned()
        }
        Access::Closed => "Enter opens it; what runs here goes on".to_owned(),
        Access::Elsewhere => {
            "another process drives it: Enter shows it, and changes nothing".to_owned()
        }
        Access::Viewed { driver } => {
            format!("it is open, and process {driver} drives it; x closes it")
        }
        Access::Unusable(why) => why.to_string(),
    };
    let about = row.about.as_ref().map(|about| Line::raw(cut(about.as_str(), width, look)));
    let mut lines = vec![Line::raw("")];
    lines.extend(about);
    lines.push(Line::styled(cut(&path, width, look), muted));
    // Nobody mends what is told by half.
    lines.extend(wrap(&does, width).into_iter().map(|line| Line::styled(line, muted)));
    lines
}
