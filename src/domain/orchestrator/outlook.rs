//! What follows a life that is over, in words.

use std::path::Path;
use std::time::Duration;

use crate::domain::agent::{Agent, AgentState, Outcome};
use crate::domain::journal_text::lasting;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::next_step::{Again, NextStep, Wait};
use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;

/// What follows a life that is over, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// It goes on by itself: when, and why it does not run now.
    GoesOn(String),
    /// A person has to do this first; then it can be started again.
    Asks(String),
}

impl Outlook {
    /// The sentence.
    pub fn text(&self) -> &str {
        match self {
            Self::GoesOn(text) | Self::Asks(text) => text,
        }
    }

    /// Whether a person has to do something.
    pub fn asks(&self) -> bool {
        match self {
            Self::Asks(_) => true,
            Self::GoesOn(_) => false,
        }
    }
}

impl Orchestrator {
    /// The state of an agent as people see it: one that goes on by itself has not failed yet.
    pub fn state_of(&self, agent: &Agent, now: Timestamp) -> AgentState {
        let state = agent.state(now);
        let bad = state == AgentState::Failed || state == AgentState::TimedOut;
        if bad && self.goes_on_by_itself(agent) { AgentState::Pending } else { state }
    }

    fn goes_on_by_itself(&self, agent: &Agent) -> bool {
        !agent.is_live() && self.comes_again(agent) && self.cannot_start(agent.phase()).is_none()
    }

    /// What follows the last life of an agent; none while it lives, and where nothing is to be said.
    pub fn outlook(&self, agent: &Agent, now: Timestamp) -> Option<Outlook> {
        let outcome = agent.outcome().filter(|_| !agent.is_live())?;
        if self.run.restart_asked.contains(&agent.me().id) {
            return Some(Outlook::GoesOn(format!("starts again{}", self.delay())));
        }
        match self.next_step(agent) {
            Some(NextStep::Again(again)) if self.cannot_start(agent.phase()).is_none() => {
                Some(Outlook::GoesOn(self.goes_on(agent, &again, now)))
            }
            Some(NextStep::Again(_) | NextStep::Nothing | NextStep::Person) | None => {
                self.advice(agent, outcome).map(Outlook::Asks)
            }
        }
    }

    fn goes_on(&self, agent: &Agent, again: &Again, now: Timestamp) -> String {
        let outcome = agent.outcome().map(Outcome::why).unwrap_or_default();
        let with = match again.life.adapter == agent.birth.adapter {
            true => String::new(),
            false => format!(" with {}", Printable::new(&again.life.adapter)),
        };
        let when = match again.at > now {
            true => format!(" in {}", lasting(whole_seconds(again.at.since(now)))),
            false => self.delay().to_owned(),
        };
        match again.wait {
            Wait::Limit if again.at > now => {
                format!("goes on {}: rate limited", self.clock(again.at, now))
            }
            Wait::Limit => format!("goes on{when}: rate limited"),
            Wait::Pause if again.life.attempt == agent.birth.attempt => {
                format!("begins anew{with}{when}: {outcome}")
            }
            Wait::Pause => {
                let (retry, of) = (again.life.attempt - 1, self.setup.target.retry.retries);
                format!("retry {retry}/{of}{with}{when}: {outcome}")
            }
        }
    }

    /// Why it does not start at once.
    fn delay(&self) -> &'static str {
        match (self.run.held, self.has_free_slot()) {
            (true, _) => " when the hold is over",
            (false, false) => " when a slot is free",
            (false, true) => "",
        }
    }

    /// The time of day, with its date when that is another day's.
    fn clock(&self, at: Timestamp, now: Timestamp) -> String {
        let local = |moment: Timestamp| {
            let millis = i64::try_from(moment.0).unwrap_or(0);
            let offset = jiff::tz::Offset::from_seconds(self.setup.utc_offset);
            let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
            offset.unwrap_or(jiff::tz::Offset::UTC).to_datetime(moment)
        };
        let (then, now) = (local(at), local(now));
        let time = format!("{:02}:{:02}", then.hour(), then.minute());
        if then.date() == now.date() { time } else { format!("{} {time}", then.date()) }
    }

    /// How a person logs in.
    fn login(&self, adapter: &str) -> Printable {
        let Some(known) = self.setup.adapters.get(adapter) else {
            return Printable::new(&format!("log in with {adapter}"));
        };
        let name = Path::new(&known.command).file_name().and_then(|name| name.to_str());
        let program = name.unwrap_or(&known.command);
        Printable::new(&match known.probe.login.as_slice() {
            [] => format!("run `{program}` and log in"),
            args => format!("run `{program} {}`", args.join(" ")),
        })
    }

    /// What a person has to do before another try makes sense.
    fn advice(&self, agent: &Agent, outcome: &Outcome) -> Option<String> {
        match outcome {
            Outcome::NeedsLogin(_) => {
                Some(format!("needs a log-in: {}", self.login(&agent.birth.adapter)))
            }
            Outcome::RootRefused(_) => Some(
                "does not work as root: work as another user, or set `allow_root: true` for the target"
                    .into(),
            ),
            Outcome::BudgetLimit => {
                Some("budget reached: look at what it did, raise its budget in agents.yaml".into())
            }
            Outcome::Denied(_) => {
                Some(format!("{}: allow that in agents.yaml", outcome.why()))
            }
            Outcome::RateLimited { until: Some(until), .. } => {
                Some(format!("rate limited until {}", self.clock(*until, agent.times.ended?)))
            }
            Outcome::Succeeded
            | Outcome::Failed(_)
            | Outcome::Service(_)
            | Outcome::TurnLimit
            | Outcome::RateLimited { until: None, .. }
            | Outcome::NoSession(_)
            | Outcome::Astray(_)
            | Outcome::TimedOut(_)
            | Outcome::Killed
            | Outcome::Interrupted(_)
            | Outcome::Lost
            | Outcome::Refused(_) => None,
        }
    }
}

/// The second that is under way counts as one to come.
fn whole_seconds(time: Duration) -> Duration {
    Duration::from_millis(
        time.as_millis().div_ceil(1000).saturating_mul(1000).try_into().unwrap_or(u64::MAX),
    )
}
