//! What lies over the dashboard: plan, help, dialogs, events, phase detail. One at a time, each takes all keys.

mod broadcast;
mod comments;
mod dialog;
mod diff;
mod diff_view;
mod errand;
mod events;
mod graph;
mod health;
mod health_view;
mod help;
mod hits;
mod init;
mod open;
mod phase;
mod phase_body;
mod plan;
mod plan_foot;
mod plan_pages;
mod plan_prompt;
mod plan_rows;
mod plan_view;
pub(super) mod proposals;
mod proposals_view;
mod quit;
mod report;
mod restart;
mod review;
mod sheet;
mod targets;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::Frame;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind};

use crate::domain::diff::Diff;
use crate::domain::errand::Errand;
use crate::domain::glance::Glance;
use crate::domain::id::{AgentId, AgentRef, PhaseId};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{AgentAction, Question, Reading, Scope, Sheet};
use crate::ui::look::Look;
use crate::ui::reading::Place;
use broadcast::BroadcastDialog;
pub use comments::Comment;
use dialog::StopDialog;
use diff::DiffSheet;
use errand::ErrandDialog;
use events::EventList;
use graph::GraphSheet;
use health::HealthSheet;
use help::HelpSheet;
pub use hits::HitsSheet;
use init::InitDialog;
use phase::PhaseSheet;
use plan::PlanSheet;
use proposals::ProposalsSheet;
pub use quit::Behind;
use quit::QuitDialog;
use report::ReportSheet;
use restart::RestartDialog;
pub use review::Sight;
use review::{DiscardDialog, MergeDialog};
use targets::TargetsSheet;

/// An overlay with its own state: cursor, scroll position, filter.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The drafted plan, waiting for approval.
    Plan(PlanSheet),
    /// All keys.
    Help(HelpSheet),
    /// The question before an agent is ended.
    Stop(StopDialog),
    /// The question before an agent that runs is started again.
    Restart(RestartDialog),
    /// The question before leaving while agents work.
    Quit(QuitDialog),
    /// The question before starter files are written.
    Init(InitDialog),
    /// A text for agents.
    Broadcast(Box<BroadcastDialog>),
    /// What happened.
    Events(EventList),
    /// One phase as the roadmap has it.
    Phase(PhaseSheet),
    /// What is odd in the roadmap.
    Health(Box<HealthSheet>),
    /// The dependency graph.
    Graph(Box<GraphSheet>),
    /// What the last plan came to.
    Report(ReportSheet),
    /// A search in what all agents said.
    Hits(Box<HitsSheet>),
    /// What an agent's branch changes.
    Diff(Box<DiffSheet>),
    /// The question before proven work is merged.
    Merge(MergeDialog),
    /// The question before work is given up.
    Discard(DiscardDialog),
    /// The question before an agent is started that works for no plan.
    Errand(ErrandDialog),
    /// The targets.
    Targets(Box<TargetsSheet>),
    /// New phases that wait for a person.
    Proposals(Box<ProposalsSheet>),
}

/// What becomes of an overlay after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stays.
    Stay,
    /// It closes.
    Close,
    /// It stays; this is said.
    Say(String),
    /// It stays; this is to be done.
    Do(Vec<Intent>),
    /// It closes; this is to be done.
    CloseAnd(Vec<Intent>),
    /// A phase is shown over it; it comes back when that closes.
    Phase(PhaseId),
    /// The targets are shown over it, with a goal to plan for one of them.
    Targets(Option<String>),
    /// This is shown of an agent's work.
    Review(Sight, AgentId),
    /// A question is asked over it: whether this shall be done.
    Errand(Errand),
    /// It closes when this text could be sent to these lives.
    Send(Vec<AgentRef>, String),
    /// It closes; an agent is read at this place, with a search.
    Read {
        /// Whose lines.
        agent: AgentRef,
        /// Where.
        at: Place,
        /// What is searched for.
        needle: String,
    },
}

impl Overlay {
    /// What is looked at of an agent's work, if that is what this is.
    pub fn as_diff(&mut self) -> Option<&mut DiffSheet> {
        if let Self::Diff(sheet) = self { Some(sheet) } else { None }
    }

    /// Git told what an agent's branch changes.
    pub fn told(&mut self, agent: &AgentRef, outcome: &Result<Arc<Diff>, Printable>) {
        match self {
            Self::Diff(sheet) => sheet.told(agent, outcome),
            Self::Merge(dialog) => dialog.told(agent, outcome),
            Self::Plan(_) | Self::Help(_) | Self::Stop(_) | Self::Restart(_) | Self::Quit(_) => {}
            Self::Events(_) | Self::Phase(_) | Self::Health(_) | Self::Graph(_) => {}
            Self::Broadcast(_) | Self::Init(_) | Self::Hits(_) | Self::Discard(_) => {}
            Self::Report(_) | Self::Errand(_) | Self::Targets(_) | Self::Proposals(_) => {}
        }
    }

    /// What an agent left was read.
    pub fn opened(&mut self, agent: &AgentRef, outcome: &Result<String, Printable>) {
        if let Self::Report(sheet) = self {
            sheet.opened(agent, outcome);
        }
    }

    /// More is known of the other targets.
    pub fn glanced(&mut self, glances: &[Glance]) {
        if let Self::Targets(targets) = self {
            targets.told(glances);
        }
    }

    /// The search in all agents, if that is what this is.
    pub fn as_hits(&mut self) -> Option<&mut HitsSheet> {
        if let Self::Hits(hits) = self { Some(hits) } else { None }
    }

    /// Whether it searches in all agents.
    pub fn searches(&self) -> bool {
        matches!(self, Self::Hits(_))
    }

    /// What a key does. Keys that confirm do nothing within 250 ms of the first drawing or of another key.
    pub fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        if key.kind == KeyEventKind::Release {
            return Answer::Stay;
        }
        match self {
            Self::Plan(plan) => plan.key(key, o, now),
            Self::Help(help) => help.key(key),
            Self::Stop(dialog) => dialog.key(key, o, now),
            Self::Restart(dialog) => dialog.key(key, o, now),
            Self::Quit(dialog) => dialog.key(key, now),
            Self::Init(dialog) => dialog.key(key, o, now),
            Self::Broadcast(words) => words.key(key, o, now),
            Self::Events(events) => events.key(key),
            Self::Report(report) => report.key(key, o),
            Self::Phase(phase) => phase.key(key, o),
            Self::Health(health) => health.key(key, o, now),
            Self::Graph(graph) => graph.key(key, o),
            Self::Hits(hits) => hits.key(key, o),
            Self::Diff(sheet) => sheet.key(key, o),
            Self::Merge(dialog) => dialog.key(key, now),
            Self::Discard(dialog) => dialog.key(key, o),
            Self::Errand(dialog) => dialog.key(key, o, now),
            Self::Targets(targets) => targets.key(key, o, now),
            Self::Proposals(proposals) => proposals.key(key, o, now),
        }
    }

    /// Whether what it asked about is settled, so that it can be taken away: ask after every step of the orchestrator.
    pub fn is_over(&self, o: &Orchestrator) -> bool {
        match self {
            Self::Plan(_) => o.draft().is_none(),
            Self::Stop(dialog) => dialog.is_over(o),
            Self::Restart(dialog) => dialog.is_over(o),
            Self::Init(_) => o.roadmap().is_some(),
            Self::Help(_) | Self::Quit(_) | Self::Events(_) | Self::Broadcast(_) => false,
            Self::Phase(_) | Self::Health(_) | Self::Graph(_) => false,
            Self::Hits(_) | Self::Report(_) => false,
            Self::Diff(_) | Self::Targets(_) | Self::Proposals(_) => false,
            Self::Merge(dialog) => dialog.is_over(o),
            Self::Discard(dialog) => dialog.is_over(o),
            Self::Errand(dialog) => dialog.is_over(o),
        }
    }

    /// What lay over it closed: a key that confirms has to wait as after any other key.
    pub fn uncovered(&self, now: Timestamp) {
        match self {
            Self::Plan(plan) => drop(plan.guard.press(now)),
            Self::Proposals(proposals) => drop(proposals.guard.press(now)),
            _asks_nothing => {}
        }
    }

    /// Draws it over what the frame holds already.
    pub fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        match self {
            Self::Plan(plan) => plan.draw(frame, o, look),
            Self::Help(help) => help.draw(frame, look),
            Self::Stop(dialog) => dialog.draw(frame, o, look),
            Self::Restart(dialog) => dialog.draw(frame, o, look),
            Self::Quit(dialog) => dialog.draw(frame, o, look),
            Self::Init(dialog) => dialog.draw(frame, look),
            Self::Broadcast(words) => words.draw(frame, o, look),
            Self::Events(events) => events.draw(frame, o, look),
            Self::Report(report) => report.draw(frame, o, look),
            Self::Phase(phase) => phase.draw(frame, o, look),
            Self::Health(health) => health.draw(frame, o, look),
            Self::Graph(graph) => graph.draw(frame, o, look),
            Self::Hits(hits) => hits.draw(frame, o, look),
            Self::Diff(sheet) => sheet.draw(frame, o, look),
            Self::Merge(dialog) => dialog.draw(frame, o, look),
            Self::Discard(dialog) => dialog.draw(frame, o, look),
            Self::Errand(dialog) => dialog.draw(frame, o, look),
            Self::Targets(targets) => targets.draw(frame, o, look),
            Self::Proposals(proposals) => proposals.draw(frame, o, look),
        }
    }

    /// Whether a key that is about an agent's work does now what its hint says.
    pub fn works(&self, action: AgentAction, o: &Orchestrator) -> bool {
        match self {
            Self::Diff(sheet) => sheet.works(action, o),
            _others => true,
        }
    }

    /// Whether it shows the drafted plan.
    pub fn is_plan(&self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// Text was pasted: it is text where text is wanted, and nothing elsewhere.
    pub fn paste(&mut self, text: &str, o: &Orchestrator) {
        match self {
            Self::Plan(plan) => plan.paste(text, o),
            Self::Broadcast(words) => words.paste(text),
            Self::Hits(hits) => hits.paste(text),
            Self::Diff(sheet) => sheet.paste(text),
            Self::Merge(_) | Self::Discard(_) | Self::Targets(_) => {}
            Self::Help(_) | Self::Health(_) | Self::Stop(_) | Self::Restart(_) | Self::Quit(_) => {}
            Self::Events(_) | Self::Phase(_) | Self::Graph(_) | Self::Init(_) => {}
            Self::Report(_) | Self::Errand(_) | Self::Proposals(_) => {}
        }
    }

    /// Where its keys stand in the key table.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Plan(plan) => plan.scope(),
            Self::Help(_) => Scope::Help,
            Self::Stop(_) => Scope::Ask(Question::Stop),
            Self::Restart(_) => Scope::Ask(Question::Restart),
            Self::Quit(_) => Scope::Ask(Question::Quit),
            Self::Init(_) => Scope::Ask(Question::Init),
            Self::Broadcast(words) => words.scope(),
            Self::Events(_) => Scope::Sheet(Sheet::Events),
            Self::Report(sheet) => sheet.scope(),
            Self::Phase(_) => Scope::Sheet(Sheet::Phase),
            Self::Health(_) => Scope::Sheet(Sheet::Health),
            Self::Graph(graph) => graph.scope(),
            Self::Hits(_) => Scope::Reading(Reading::Hits),
            Self::Diff(sheet) => sheet.scope(),
            Self::Merge(_) => Scope::Ask(Question::Merge),
            Self::Discard(_) => Scope::Ask(Question::Discard),
            Self::Errand(_) => Scope::Ask(Question::Errand),
            Self::Targets(_) => Scope::Sheet(Sheet::Targets),
            Self::Proposals(_) => Scope::Sheet(Sheet::Proposals),
        }
    }
}
