//! What follows a life that is over. This is the one place that says so.

use crate::domain::adapter::{Adapter, SessionId, Start};
use crate::domain::agent::{Agent, ExitCause, Outcome};
use crate::domain::id::PhaseId;
use crate::domain::journal::Birth;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::run::PlanRun;
use crate::domain::plan::Mode;
use crate::domain::retry::{MOST_RESUMES, MOST_WAITS, RetryRules, wait_for_limit};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::time::Timestamp;

/// What follows a life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: its phase is complete.
    Nothing,
    /// A new life begins by itself.
    Again(Again),
    /// A person decides.
    Person,
}

impl NextStep {
    /// Whether a new life begins by itself.
    pub fn is_again(&self) -> bool {
        match self {
            Self::Again(_) => true,
            Self::Nothing | Self::Person => false,
        }
    }
}

/// A new life that begins by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// Not before this moment.
    pub at: Timestamp,
    /// What is waited for until then.
    pub wait: Wait,
    /// How it begins.
    pub life: NewLife,
}

/// What a new life waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Nothing but the pause between two tries.
    Pause,
    /// A limit of the model's service.
    Limit,
}

/// How a new life begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLife {
    /// The adapter it runs with.
    pub adapter: String,
    /// Which try of its phase it is.
    pub attempt: u32,
    /// See [`Birth::waits`].
    pub waits: u32,
    /// See [`Birth::resumes`].
    pub resumes: u32,
    /// The session it goes on with.
    pub session: Option<String>,
}

impl NewLife {
    /// The first try of a phase.
    pub fn first(adapter: &str) -> Self {
        Self { adapter: adapter.to_owned(), attempt: 1, waits: 0, resumes: 0, session: None }
    }

    /// The same try once more: nothing of it ran.
    pub fn like(birth: &Birth) -> Self {
        let session = match &birth.start {
            Start::Resume { session } => Some(session.clone()),
            Start::Fresh { .. } | Start::Fork { .. } => None,
        };
        let adapter = birth.adapter.clone();
        let (attempt, waits, resumes) = (birth.attempt, birth.waits, birth.resumes);
        Self { adapter, attempt, waits, resumes, session }
    }
}

/// What is to be known of a life to say what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past<'a> {
    /// How it began.
    pub birth: &'a Birth,
    /// When it was over.
    pub ended: Timestamp,
    /// Its session, if that can be gone on with.
    pub session: Option<String>,
    /// The adapters that may be used, the target's own first.
    pub adapters: Vec<&'a str>,
    /// How the target wants phases tried again.
    pub rules: &'a RetryRules,
}

/// What follows a life that ended so.
pub fn next_step(outcome: &Outcome, past: &Past<'_>) -> NextStep {
    match outcome {
        Outcome::Succeeded => NextStep::Nothing,
        // What it believes of its work was wrong: it is told what failed, and looks anew.
        Outcome::Failed(_) => past.try_again(None),
        // It was broken off in the midst of its work.
        Outcome::Service(_)
        | Outcome::TurnLimit
        | Outcome::TimedOut(_)
        | Outcome::Interrupted(_)
        | Outcome::Lost => past.try_again(past.session.clone()),
        Outcome::NoSession(_) => past.begin_anew(),
        Outcome::RateLimited { until, .. } => past.wait_for_limit(*until),
        Outcome::NeedsLogin(_) => past.hand_over(),
        Outcome::BudgetLimit
        | Outcome::RootRefused(_)
        | Outcome::Astray(_)
        | Outcome::Denied(_)
        | Outcome::Killed
        | Outcome::Refused(_) => NextStep::Person,
    }
}

impl Past<'_> {
    /// The next try, if one is left, after a pause.
    fn try_again(&self, session: Option<String>) -> NextStep {
        if self.birth.attempt > self.rules.retries {
            return NextStep::Person;
        }
        let attempt = self.birth.attempt + 1;
        let turn = self.rules.turn(attempt, self.adapters.len());
        let turn = turn.clamp(self.turn(), self.turn() + 1);
        let adapter = self.adapters.get(turn).copied().unwrap_or(&self.birth.adapter);
        let same = adapter == self.birth.adapter && self.birth.resumes < MOST_RESUMES;
        let session = session.filter(|_| same);
        let resumes = self.birth.resumes + u32::from(session.is_some());
        let (adapter, waits) = (adapter.to_owned(), self.birth.waits);
        NextStep::Again(Again {
            at: self.ended.plus(self.rules.pause(self.birth.attempt)),
            wait: Wait::Pause,
            life: NewLife { adapter, attempt, waits, resumes, session },
        })
    }

    /// A session that is gone was no try; but it is looked for no second time.
    fn begin_anew(&self) -> NextStep {
        match &self.birth.start {
            Start::Fresh { .. } => self.try_again(None),
            Start::Resume { .. } | Start::Fork { .. } => NextStep::Again(Again {
                at: self.ended,
                wait: Wait::Pause,
                life: NewLife { resumes: MOST_RESUMES, session: None, ..NewLife::like(self.birth) },
            }),
        }
    }

    /// Goes on once the limit is over. That is no try.
    fn wait_for_limit(&self, until: Option<Timestamp>) -> NextStep {
        let told = until.filter(|until| *until > self.ended);
        let at = told.unwrap_or_else(|| self.ended.plus(wait_for_limit(self.birth.waits)));
        if at.since(self.ended) > self.rules.most_wait || self.birth.waits >= MOST_WAITS {
            return self.hand_over();
        }
        let session = self.session.clone().filter(|_| self.birth.resumes < MOST_RESUMES);
        let waits = self.birth.waits + 1;
        let life = NewLife { waits, session, ..NewLife::like(self.birth) };
        NextStep::Again(Again { at, wait: Wait::Limit, life })
    }

    /// This adapter can't go on: the next one takes over at once, if there is one and a try is left.
    fn hand_over(&self) -> NextStep {
        let next = self.adapters.get(self.turn() + 1);
        let Some(adapter) = next.filter(|_| self.birth.attempt <= self.rules.retries) else {
            return NextStep::Person;
        };
        let attempt = self.birth.attempt + 1;
        let life = NewLife { attempt, waits: self.birth.waits, ..NewLife::first(adapter) };
        NextStep::Again(Again { at: self.ended, wait: Wait::Pause, life })
    }

    /// Place of the life's adapter among those that may be used.
    fn turn(&self) -> usize {
        self.adapters.iter().position(|name| *name == self.birth.adapter).unwrap_or(0)
    }
}

impl Orchestrator {
    /// What follows the last life of an agent; none while it lives, and when its plan is over.
    pub fn next_step(&self, agent: &Agent) -> Option<NextStep> {
        let plan = self.run.plan.as_ref().filter(|plan| !plan.finished)?;
        let outcome = plan.given_up.get(agent.phase()).filter(|_| !agent.is_live())?;
        Some(next_step(outcome, &self.past(agent)))
    }

    /// Whether another try of a phase is left, should the work of its agent fail now.
    pub fn has_another_try(&self, agent: &Agent) -> bool {
        let fails = Outcome::Failed("".into());
        let goes_on = self.run.plan.as_ref().is_some_and(|plan| !plan.finished);
        goes_on && next_step(&fails, &self.past(agent)).is_again()
    }

    /// Whether another life of an agent begins without a person's further word.
    pub fn comes_again(&self, agent: &Agent) -> bool {
        let asked = self.run.is_asked_again(&agent.me().id);
        asked || self.next_step(agent).is_some_and(|next| next.is_again())
    }

    /// The life of a phase that begins next by itself; none when it is done or a person decides.
    pub(super) fn next_life(&self, plan: &PlanRun, id: &PhaseId) -> Option<Again> {
        if plan.done.contains(id) {
            return None;
        }
        let Some(outcome) = plan.given_up.get(id) else {
            let life = NewLife::first(&self.setup.target.agent);
            return Some(Again { at: Timestamp(0), wait: Wait::Pause, life });
        };
        match next_step(outcome, &self.past(self.agent_of(id)?)) {
            NextStep::Again(again) => Some(again),
            NextStep::Nothing | NextStep::Person => None,
        }
    }

    /// The earliest moment at which a phase of the plan goes on that waits for nothing but time.
    pub fn wakes_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.first_awake(now, |_| true)
    }

    /// When a limit of the service behind the target's own agent is over, while a phase waits for that. What was
    /// not tried yet would only run into it as well.
    pub fn limited_until(&self, now: Timestamp) -> Option<Timestamp> {
        let own = &self.setup.target.agent;
        self.first_awake(now, |again| again.wait == Wait::Limit && again.life.adapter == *own)
    }

    fn first_awake(&self, now: Timestamp, wanted: impl Fn(&Again) -> bool) -> Option<Timestamp> {
        let plan = self.run.plan.as_ref().filter(|plan| !plan.finished)?;
        let later =
            |id: &PhaseId| self.next_life(plan, id).filter(|again| again.at > now && wanted(again));
        let mut waiting =
            plan.given_up.keys().filter_map(|id| Some((id, later(id)?.at))).peekable();
        waiting.peek()?;
        let roadmap = self.roadmap()?;
        let held = self.run.held_phases();
        let evaluator = Evaluator::new(roadmap, &held);
        let may_start = |id: &PhaseId| {
            let Some(phase) = roadmap.phase(id) else { return false };
            let further = || match plan.approved.mode {
                Mode::Single | Mode::Parallel => false,
                Mode::Batch => phase.person().is_none() && !plan.approved.without.contains(id),
            };
            (plan.approved.phases.contains(id) || further()) && evaluator.reasons(phase).is_empty()
        };
        waiting.filter(|(id, _)| may_start(id)).map(|(_, at)| at).min()
    }

    fn past<'a>(&'a self, agent: &'a Agent) -> Past<'a> {
        let target = &self.setup.target;
        let known = |name: &&String| self.setup.adapters.contains_key(*name);
        let fallback = target.retry.fallback.iter().filter(known);
        Past {
            birth: &agent.birth,
            ended: agent.times.ended.unwrap_or_default(),
            session: self.session_of(agent),
            adapters: std::iter::once(&target.agent).chain(fallback).map(String::as_str).collect(),
            rules: &target.retry,
        }
    }

    /// The session of a life, if there was one and its CLI can go on with it.
    fn session_of(&self, agent: &Agent) -> Option<String> {
        let adapter = self.setup.adapters.get(&agent.birth.adapter)?;
        let silent = agent.exit.as_ref().is_some_and(|exit| exit.cause == ExitCause::StartLimit);
        if !adapter.can_resume() || silent || agent.times.started.is_none() {
            return None;
        }
        let told = agent.exit.as_ref().and_then(|exit| exit.session.clone());
        session_known(adapter, &agent.birth.start, told)
    }
}

/// The session of a life that began so, as far as it is known: what the agent told, or the id that was chosen for it.
pub(super) fn session_known(
    adapter: &Adapter,
    start: &Start,
    told: Option<String>,
) -> Option<String> {
    let known = match (start, adapter.session.id) {
        (Start::Resume { session }, _) => Some(session),
        (Start::Fresh { session } | Start::Fork { new: session, .. }, SessionId::Chosen) => {
            Some(session)
        }
        (Start::Fresh { .. } | Start::Fork { .. }, SessionId::Reported) => None,
    };
    told.or_else(|| known.cloned()).filter(|session| !session.is_empty())
}
