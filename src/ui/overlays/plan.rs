//! The drafted plan: what would start, why, in which order. Only `y` starts it.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::Answer;
use super::plan_pages::{Page, Turn};
use super::plan_prompt::{PromptEditor, Wish};
use super::sheet::{Guard, PAGE, Pace, Scroll};
use crate::domain::branch::MergePolicy;
use crate::domain::command::{Command, PlanEdit};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::plan::{MOST_SLOTS, Mode, Plan};
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;
use crate::domain::workspace::Isolation;
use crate::ui::intent::Intent;
use crate::ui::keys::{self, Action, PlanAction, Scope, Step};

/// The plan overlay: a cursor over the draft that the orchestrator holds.
#[derive(Clone, Debug, Default)]
pub struct PlanSheet {
    cursor: Option<PhaseId>,
    pub(super) scroll: Scroll,
    pub(super) guard: Guard,
    pub(super) note: Option<Note>,
    pub(super) page: Option<Page>,
    /// When the last key was pressed: what was said since then is shown.
    pub(super) pressed: Option<Timestamp>,
}

/// Why the last key did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// Enter was pressed.
    EnterStartsNothing,
    /// Agents share the checkout.
    NothingToMerge,
    /// `y` came too soon after something else.
    TooSoon,
}

/// Why `y` can't start anything now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// Nothing is ticked.
    NothingTicked,
    /// Another process drives.
    Viewer(u32),
    /// The target's agent can't start.
    Refused(Printable),
}

impl PlanSheet {
    /// With the cursor on the first ticked phase, or the first at all.
    pub(super) fn new(o: &Orchestrator) -> Self {
        let rows = o.draft().map(|plan| plan.rows.as_slice()).unwrap_or_default();
        let first = rows.iter().find(|row| row.ticked).or(rows.first());
        Self { cursor: first.map(|row| row.id.clone()), ..Self::default() }
    }

    /// Where its keys stand in the key table.
    pub(super) fn scope(&self) -> Scope {
        self.page.as_ref().map_or(Scope::Plan, Page::scope)
    }

    /// Text was pasted.
    pub(super) fn paste(&mut self, text: &str, o: &Orchestrator) {
        if let (Some(Page::Prompt(editor)), Some(plan)) = (&mut self.page, o.draft()) {
            editor.paste(text, plan);
        }
    }

    /// A key for the page that lies over the table.
    fn page_key(&mut self, key: KeyEvent, plan: &Plan) -> Option<Answer> {
        let turn = match self.page.as_mut()? {
            Page::Prompt(editor) => match editor.key(key, plan) {
                Wish::Edit => Turn::Stay,
                Wish::Close(intents) => {
                    self.page = None;
                    return Some(Answer::Do(intents));
                }
            },
            page => page.key(&key),
        };
        if turn == Turn::Close {
            self.page = None;
        }
        Some(Answer::Stay)
    }

    /// Index of the row under the cursor.
    pub(super) fn selected(&self, plan: &Plan) -> usize {
        let found = |id: &PhaseId| plan.rows.iter().position(|row| row.id == *id);
        self.cursor.as_ref().and_then(found).unwrap_or(0)
    }

    pub(super) fn key(&mut self, key: KeyEvent, o: &Orchestrator, now: Timestamp) -> Answer {
        let pace = self.guard.press(now);
        self.note = None;
        self.pressed = Some(now);
        let Some(plan) = o.draft() else { return Answer::Close };
        if let Some(answer) = self.page_key(key, plan) {
            return answer;
        }
        match keys::find(Scope::Plan, &key) {
            Some(Action::Plan(action)) => self.act(action, pace, o, plan),
            Some(Action::Go(step)) => {
                self.go(step, plan);
                Answer::Stay
            }
            Some(Action::Back) => Answer::CloseAnd(vec![Intent::Run(Command::DropPlan)]),
            Some(_) | None => {
                self.note = (key.code == KeyCode::Enter).then_some(Note::EnterStartsNothing);
                Answer::Stay
            }
        }
    }

    fn act(&mut self, action: PlanAction, pace: Pace, o: &Orchestrator, plan: &Plan) -> Answer {
        let edit = match action {
            PlanAction::Approve => return self.approve(pace, o, plan),
            PlanAction::Toggle => match plan.rows.get(self.selected(plan)) {
                Some(row) => {
                    self.cursor = Some(row.id.clone());
                    PlanEdit::Toggle(row.id.clone())
                }
                None => return Answer::Stay,
            },
            PlanAction::Mode => PlanEdit::Mode(match plan.mode {
                Mode::Single => Mode::Parallel,
                Mode::Parallel => Mode::Batch,
                Mode::Batch => Mode::Single,
            }),
            PlanAction::Merge if o.target().workspaces.isolation == Isolation::Shared => {
                self.note = Some(Note::NothingToMerge);
                return Answer::Stay;
            }
            PlanAction::Merge => PlanEdit::Merge(match plan.merge_by(o.target()) {
                MergePolicy::Review => MergePolicy::Auto,
                MergePolicy::Auto => MergePolicy::Review,
            }),
            PlanAction::MoreSlots => {
                PlanEdit::Slots((plan.slots.saturating_add(1)).min(MOST_SLOTS))
            }
            PlanAction::FewerSlots => PlanEdit::Slots(plan.slots.saturating_sub(1).max(1)),
            PlanAction::Rest => PlanEdit::Rest,
            PlanAction::Include => PlanEdit::Include,
            PlanAction::Save => return Answer::Do(vec![Intent::Run(Command::SavePlan)]),
            PlanAction::Targets => return Answer::Targets(goal_of(plan)),
            PlanAction::DryRun
            | PlanAction::Environment
            | PlanAction::Refused
            | PlanAction::Prompt => return self.open(action, plan),
            // These belong to the prompt's editor.
            PlanAction::PromptReset | PlanAction::PromptEditor => return Answer::Stay,
        };
        Answer::Do(vec![Intent::Run(Command::EditPlan(edit))])
    }

    /// Opens a page over the table, and asks for what it shows.
    fn open(&mut self, action: PlanAction, plan: &Plan) -> Answer {
        let phase = plan.rows.get(self.selected(plan)).map(|row| row.id.clone());
        let page = match action {
            PlanAction::DryRun => Some(Page::DryRun(Scroll::default())),
            PlanAction::Refused => Some(Page::Refused(Scroll::default())),
            PlanAction::Environment => {
                phase.clone().map(|phase| Page::Environment(phase, Scroll::default()))
            }
            PlanAction::Prompt => {
                phase.clone().map(|phase| Page::Prompt(Box::new(PromptEditor::new(phase))))
            }
            PlanAction::Approve
            | PlanAction::Targets
            | PlanAction::Toggle
            | PlanAction::Mode
            | PlanAction::Merge
            | PlanAction::MoreSlots
            | PlanAction::FewerSlots
            | PlanAction::PromptReset
            | PlanAction::PromptEditor
            | PlanAction::Save
            | PlanAction::Rest
            | PlanAction::Include => None,
        };
        let asked = match &page {
            Some(Page::DryRun(_)) => Some(None),
            Some(Page::Environment(..) | Page::Prompt(_)) => Some(phase),
            Some(Page::Refused(_)) | None => None,
        };
        self.page = page;
        let asked = asked.map(|phase| Intent::Run(Command::Preview(phase)));
        Answer::Do(asked.into_iter().collect())
    }

    fn approve(&mut self, pace: Pace, o: &Orchestrator, plan: &Plan) -> Answer {
        if hindrance(plan, o).is_some() {
            return Answer::Stay;
        }
        let approve = vec![Intent::Run(Command::ApprovePlan)];
        match pace {
            Pace::Hasty => {
                self.note = Some(Note::TooSoon);
                Answer::Stay
            }
            // The orchestrator drafts it again and may ask again: there must be something to ask with.
            Pace::Calm if is_outdated(plan, o) => Answer::Do(approve),
            Pace::Calm => Answer::CloseAnd(approve),
        }
    }

    fn go(&mut self, step: Step, plan: &Plan) {
        let there = step.from(self.selected(plan), plan.rows.len(), PAGE);
        self.cursor = plan.rows.get(there).map(|row| row.id.clone());
    }
}

/// Why `y` can't start this plan now.
pub(super) fn hindrance(plan: &Plan, o: &Orchestrator) -> Option<Hindrance> {
    if let Role::Viewer { driver } = o.role() {
        return Some(Hindrance::Viewer(driver));
    }
    if let Some(refusal) = &o.setup().refusal {
        return Some(Hindrance::Refused(refusal.clone()));
    }
    (!plan.rows.iter().any(|row| row.ticked)).then_some(Hindrance::NothingTicked)
}

/// The goal a plan came from, if words did.
fn goal_of(plan: &Plan) -> Option<String> {
    Some(plan.interpretation.goal.clone()).filter(|goal| !goal.trim().is_empty())
}

/// Whether the roadmap changed since the plan was drafted.
pub(super) fn is_outdated(plan: &Plan, o: &Orchestrator) -> bool {
    o.roadmap().is_some_and(|roadmap| roadmap.hash != plan.roadmap_hash)
}
