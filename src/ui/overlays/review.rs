//! Questions about proven work: whether it is merged, whether it is given up.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::Answer;
use super::dialog::{Question, confirmed, draw_dialog};
use super::sheet::{Guard, cut};
use crate::domain::agent::Agent;
use crate::domain::command::{Command, Refusal};
use crate::domain::diff::{Diff, MergeOutlook};
use crate::domain::gate::{Receipt, Tree};
use crate::domain::id::AgentRef;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::{Printable, counted, is_hidden};
use crate::domain::time::Timestamp;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, AgentAction, Choice, ReviewAction, Scope, TextAction};
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::agent::receipt_mark;
use crate::ui::panes::streams::{gates_passed, in_review};

/// What is opened about an agent's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What it changes.
    Diff,
    /// The question whether it is merged.
    Merge,
    /// The question whether it is given up.
    Discard,
}

/// Asks before proven work is merged.
#[derive(Clone, Debug)]
pub struct MergeDialog {
    agent: AgentRef,
    diff: Option<Result<Arc<Diff>, Printable>>,
    /// Comments that were written and not sent.
    unsent: usize,
    guard: Guard,
}

impl MergeDialog {
    pub(super) fn new(agent: AgentRef, unsent: usize) -> Self {
        Self { agent, diff: None, unsent, guard: Guard::default() }
    }

    /// Git told what an agent's branch changes.
    pub(super) fn told(&mut self, agent: &AgentRef, outcome: &Result<Arc<Diff>, Printable>) {
        if *agent == self.agent {
            self.diff = Some(outcome.clone());
        }
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        !o.run().live(&self.agent).is_some_and(in_review)
    }

    pub(super) fn key(&mut self, key: KeyEvent, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        let id = self.agent.id.clone();
        match keys::find(Scope::Ask(keys::Question::Merge), &key) {
            Some(Action::Choose(Choice::Yes)) => {
                confirmed(pace, vec![Intent::Run(Command::Merge(id))])
            }
            Some(Action::Agent(AgentAction::Review(ReviewAction::Look))) => {
                Answer::Review(Sight::Diff, id)
            }
            Some(Action::Back) => Answer::Close,
            Some(_) | None => Answer::Stay,
        }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let (mut text, mut names) = ("Merge it?".to_owned(), Vec::new());
        if let Some(agent) = o.run().live(&self.agent) {
            let worktree = o.worktree_of(agent);
            let ends = worktree.map(|w| (w.branch.clone(), w.onto.clone())).unwrap_or_default();
            let (branch, onto) = (Printable::new(&ends.0), Printable::new(&ends.1));
            text = format!("Merge {branch} ({}) into {onto}?", self.changes(agent));
        }
        if let Some(Ok(diff)) = &self.diff {
            if let MergeOutlook::Conflicts(_) = diff.merge {
                let solved = match o.run().live(&self.agent).is_some_and(|a| o.has_another_try(a)) {
                    true => "its agent solves that first",
                    false => {
                        "it counts as a failed try and none is left: R in the diff sends it back instead"
                    }
                };
                names.push(format!("{}; {solved}", outlook(&diff.merge, look)));
            }
            if !diff.uncommitted.is_empty() {
                let files = counted(diff.uncommitted.len(), "file");
                names.push(format!("{files} not committed: that stays behind"));
            }
        }
        if self.unsent > 0 {
            let comments = counted(self.unsent, "comment");
            names.push(format!("{comments} not sent: R in the diff sends them"));
        }
        let choices = vec![
            ("y", "merge: its gates run on the merge before it lands".to_owned()),
            ("d", "look at what it changes first".to_owned()),
            ("Esc / Enter / n", "leave it in review".to_owned()),
        ];
        draw_dialog(frame, "Merge", &Question { text, names, choices }, look);
    }

    /// `+31 -2, 3 files, gates 5/5`
    fn changes(&self, agent: &Agent) -> String {
        let mut parts = Vec::new();
        match &self.diff {
            Some(Ok(diff)) => {
                let (added, removed) = diff.lines();
                parts.push(format!("+{added} -{removed}"));
                parts.push(counted(diff.files.len(), "file"));
            }
            Some(Err(_)) => parts.push("what it changes is not known".to_owned()),
            None => {}
        }
        let (passed, all) = gates_passed(agent);
        parts.push(format!("gates {passed}/{all}"));
        parts.join(", ")
    }
}

/// Asks before work is given up: the phase's id has to be typed.
#[derive(Clone, Debug)]
pub struct DiscardDialog {
    agent: AgentRef,
    typed: String,
    wrong: bool,
}

impl DiscardDialog {
    pub(super) fn new(agent: AgentRef) -> Self {
        Self { agent, typed: String::new(), wrong: false }
    }

    pub(super) fn is_over(&self, o: &Orchestrator) -> bool {
        o.agent(&self.agent.id).is_none_or(|agent| o.worktree_of(agent).is_none())
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator) -> Answer {
        self.wrong = false;
        let id = self.agent.id.clone();
        let command = KeyModifiers::CONTROL | KeyModifiers::ALT;
        match (keys::find(Scope::Ask(keys::Question::Discard), &key), key.code) {
            (Some(Action::Back), _) => return Answer::Close,
            (Some(Action::Text(TextAction::Submit)), _) => {
                if Some(self.typed.as_str()) == self.phase(o).as_deref() {
                    return Answer::CloseAnd(vec![Intent::Run(Command::Refuse(
                        id,
                        Refusal::Discard,
                    ))]);
                }
                self.wrong = true;
            }
            (Some(Action::Text(_)), _) => self.typed.clear(),
            (Some(_), _) => {}
            (None, KeyCode::Backspace) => drop(self.typed.pop()),
            (None, KeyCode::Char(c)) if !key.modifiers.intersects(command) => self.paste(c),
            (None, _) => {}
        }
        Answer::Stay
    }

    /// A letter more. Nothing is pasted here: it is meant to be typed.
    fn paste(&mut self, c: char) {
        if !c.is_control() && !is_hidden(c) {
            self.typed.push(c);
        }
    }

    fn phase(&self, o: &Orchestrator) -> Option<String> {
        Some(o.agent(&self.agent.id)?.phase().to_string())
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        let phase = self.phase(o).unwrap_or_default();
        let cursor = look.pick("▏", "_");
        let mut names = vec![
            "Worktree and branch go; a copy stays in refs/orch-tui/.".to_owned(),
            format!("Phase id: {}{cursor}", Printable::new(&self.typed)),
        ];
        if self.wrong {
            names.push(format!("That is not {}.", Printable::new(&phase)));
        }
        let question = Question {
            text: format!("Discard the work of {}?", self.agent.id),
            names,
            choices: vec![
                ("Enter", format!("after typing {}: discard it", Printable::new(&phase))),
                ("Esc", "keep it".to_owned()),
            ],
        };
        draw_dialog(frame, "Discard", &question, look);
    }
}

/// What the gates said of the work, before any merge.
fn judged(agent: &Agent) -> impl Iterator<Item = &Receipt> {
    agent.receipts.iter().filter(|receipt| receipt.tree == Tree::Work)
}

/// The gates, as many in a line as there is room for: `Gates  ✓ build ✓ tests`.
pub(super) fn gate_lines(agent: &Agent, width: usize, look: &Look) -> Vec<Line<'static>> {
    let muted = look.style(ColourRole::Muted);
    let mut lines: Vec<Line<'static>> = vec![Line::styled("Gates ", muted)];
    for receipt in judged(agent) {
        let (glyph, role) = receipt_mark(receipt, look);
        let style = look.style(role).remove_modifier(Modifier::BOLD);
        let name = cut(Printable::new(&receipt.gate).as_str(), width.saturating_sub(9), look);
        let gate = Span::styled(format!(" {glyph} {name}"), style);
        // The glyph stays with its name.
        match lines.last_mut().filter(|line| line.width() + gate.width() <= width) {
            Some(line) => line.spans.push(gate),
            None => lines.push(Line::from(vec![Span::raw(" ".repeat(6)), gate])),
        }
    }
    if judged(agent).next().is_none() {
        lines = vec![Line::styled("Gates  none ran", muted)];
    }
    lines
}

/// How a merge would go, in one clause.
pub(super) fn outlook(merge: &MergeOutlook, look: &Look) -> String {
    match merge {
        MergeOutlook::Clean => "0 conflicts".to_owned(),
        MergeOutlook::Conflicts(files) => {
            let names: Vec<&str> = files.iter().take(3).map(Printable::as_str).collect();
            let more = if files.len() > 3 { ", and more" } else { "" };
            format!("conflicts in {}{more}", cut(&names.join(", "), 60, look))
        }
        MergeOutlook::Unknown(why) => format!("conflicts not known: {why}"),
    }
}
