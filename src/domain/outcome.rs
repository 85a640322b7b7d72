//! Outcomes: how lives end. What follows from each is said in one place, `domain/orchestrator/next_step.rs`.

use serde::{Deserialize, Serialize};

use crate::domain::agent::{AgentState, Exit, ExitCause};
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// How a life ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The phase is complete, shown by its gates.
    Succeeded,
    /// The agent or a gate failed: what, in one clause.
    Failed(Printable),
    /// The model's service refused or broke off: what it said.
    Service(Printable),
    /// It used up its turns.
    TurnLimit,
    /// It used up its budget.
    BudgetLimit,
    /// The service takes no more requests for now.
    RateLimited {
        /// When it takes them again, if it said so.
        until: Option<Timestamp>,
        /// What it said.
        said: Printable,
    },
    /// Nobody is logged in, or the key is refused: what it said.
    NeedsLogin(Printable),
    /// It does not work as root: what it said.
    RootRefused(Printable),
    /// These tools were denied to it.
    Denied(Vec<Printable>),
    /// Its session could not be gone on with: what it said.
    NoSession(Printable),
    /// The checkout that agents share is not as it was to be: how.
    Astray(Printable),
    /// A time limit was reached: which.
    TimedOut(Printable),
    /// A person ended it.
    Killed,
    /// A signal from elsewhere ended it: which.
    Interrupted(i32),
    /// The host disappeared; how the agent ended is not known.
    Lost,
    /// It could not begin: why. Never tried again by itself.
    Refused(Printable),
}

impl From<Reason> for Outcome {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Failed(why) => Self::Failed(why),
            Reason::Service(why) => Self::Service(why),
            Reason::TurnLimit => Self::TurnLimit,
            Reason::BudgetLimit => Self::BudgetLimit,
            Reason::RateLimited { until, said } => Self::RateLimited { until, said },
            Reason::NeedsLogin(why) => Self::NeedsLogin(why),
            Reason::RootRefused(why) => Self::RootRefused(why),
            Reason::Denied(tools) => Self::Denied(tools),
            Reason::NoSession(why) => Self::NoSession(why),
            Reason::Astray(how) => Self::Astray(how),
        }
    }
}

impl Outcome {
    /// The state people see.
    pub fn state(&self) -> AgentState {
        match self {
            Self::Succeeded => AgentState::Succeeded,
            Self::Failed(_)
            | Self::Service(_)
            | Self::TurnLimit
            | Self::BudgetLimit
            | Self::RateLimited { .. }
            | Self::NeedsLogin(_)
            | Self::RootRefused(_)
            | Self::Denied(_)
            | Self::NoSession(_)
            | Self::Astray(_)
            | Self::Interrupted(_)
            | Self::Lost
            | Self::Refused(_) => AgentState::Failed,
            Self::TimedOut(_) => AgentState::TimedOut,
            Self::Killed => AgentState::Killed,
        }
    }

    /// One clause for people.
    pub fn clause(&self) -> String {
        match self {
            Self::Succeeded => "succeeded".into(),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Refused(why) => format!("could not start: {why}"),
            Self::TimedOut(limit) => format!("timed out: {limit}"),
            Self::Lost => "lost: its host disappeared".into(),
            Self::Killed => "killed".into(),
            Self::Service(_)
            | Self::TurnLimit
            | Self::BudgetLimit
            | Self::RateLimited { .. }
            | Self::NeedsLogin(_)
            | Self::RootRefused(_)
            | Self::Denied(_)
            | Self::NoSession(_)
            | Self::Astray(_)
            | Self::Interrupted(_) => self.why(),
        }
    }

    /// Why it ended so, as short as possible, for those who see the state beside it.
    pub fn why(&self) -> String {
        match self {
            Self::Succeeded => String::new(),
            Self::Failed(why) | Self::Refused(why) => why.to_string(),
            Self::TimedOut(why) | Self::Astray(why) => why.to_string(),
            Self::Service(why) => format!("the model's service: {why}"),
            Self::TurnLimit => "turn limit reached".into(),
            Self::BudgetLimit => "budget reached".into(),
            Self::RateLimited { said, .. } => format!("rate limited: {said}"),
            Self::NeedsLogin(said) => format!("needs a log-in: {said}"),
            Self::RootRefused(said) => format!("does not work as root: {said}"),
            Self::Denied(tools) => {
                let tools: Vec<&str> = tools.iter().map(Printable::as_str).collect();
                format!("was denied {}", tools.join(", "))
            }
            Self::NoSession(said) => format!("its session can't be gone on with: {said}"),
            Self::Interrupted(signal) => format!("interrupted by signal {signal}"),
            Self::Killed => "by you".into(),
            Self::Lost => "its host disappeared".into(),
        }
    }
}

impl Exit {
    /// What the exit means before any gate has run: `None` when the agent ended well.
    pub fn failure(&self) -> Option<Outcome> {
        match self.cause {
            ExitCause::Stopped => return Some(Outcome::Killed),
            ExitCause::StartLimit => {
                return Some(Outcome::TimedOut("no output since its start".into()));
            }
            ExitCause::TotalLimit => return Some(Outcome::TimedOut("total time".into())),
            ExitCause::IdleLimit => return Some(Outcome::TimedOut("no output".into())),
            ExitCause::Own | ExitCause::Settled => {}
        }
        match (&self.said, self.interrupt()) {
            // What an interrupted agent could still say tells less than the signal.
            (None | Some(Ok(()) | Err(Reason::Failed(_))), Some(signal)) => {
                return Some(Outcome::Interrupted(signal));
            }
            (Some(Err(reason)), _) => return Some(reason.clone().into()),
            (None | Some(Ok(())), None) => {}
        }
        if self.cause == ExitCause::Settled {
            // The status is that of our own request to end.
            return None;
        }
        let failed = |how: String| Some(Outcome::Failed(Printable::new(&how)));
        match (self.code, self.signal) {
            (Some(0), _) => None,
            (Some(code), _) => failed(format!("exit code {code}")),
            (None, Some(signal)) => failed(format!("ended by signal {signal}")),
            (None, None) => Some(Outcome::Lost),
        }
    }

    /// The signal by which somebody, or the system when memory is short, ended it in the midst of its work: SIGHUP,
    /// SIGINT, SIGKILL or SIGTERM, told by itself or by a shell.
    fn interrupt(&self) -> Option<i32> {
        let asked = |signal: &i32| [1, 2, 9, 15].contains(signal);
        let told = self.code.map(|code| code.saturating_sub(128));
        let signal = self.signal.filter(asked).or(told.filter(asked));
        // Otherwise it was our own request.
        signal.filter(|_| self.cause == ExitCause::Own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::Usage;

    fn exit(cause: ExitCause, code: Option<i32>, said: Option<Result<(), Reason>>) -> Exit {
        let at = Timestamp(0);
        let usage = Usage::default();
        Exit { cause, code, signal: None, said, survivors: 0, usage, session: None, at }
    }

    #[test]
    fn exit_code_zero_alone_is_not_success() {
        assert_eq!(exit(ExitCause::Own, Some(0), None).failure(), None);
        assert_eq!(exit(ExitCause::Stopped, Some(0), None).failure(), Some(Outcome::Killed));
        let said = Some(Err(Reason::Failed("API error".into())));
        assert_eq!(
            exit(ExitCause::Own, Some(0), said).failure(),
            Some(Outcome::Failed("API error".into()))
        );
    }

    #[test]
    fn an_agent_that_was_ended_after_its_last_word_did_what_it_said() {
        assert_eq!(exit(ExitCause::Settled, Some(143), Some(Ok(()))).failure(), None);
        assert_eq!(exit(ExitCause::Settled, None, Some(Ok(()))).failure(), None);
        let said = Some(Err(Reason::TurnLimit));
        assert_eq!(exit(ExitCause::Settled, Some(0), said).failure(), Some(Outcome::TurnLimit));
    }

    #[test]
    fn an_interrupted_agent_is_known_by_its_signal() {
        let interrupted = |code, said| exit(ExitCause::Own, Some(code), said).failure();
        assert_eq!(interrupted(143, None), Some(Outcome::Interrupted(15)));
        let last_words = Some(Err(Reason::Failed("exit code 129: bye".into())));
        assert_eq!(interrupted(129, last_words), Some(Outcome::Interrupted(1)));
        assert_eq!(interrupted(143, Some(Err(Reason::TurnLimit))), Some(Outcome::TurnLimit));
        assert_eq!(interrupted(137, None), Some(Outcome::Interrupted(9)));
        assert_eq!(interrupted(139, None), Some(Outcome::Failed("exit code 139".into())));
        let killed = Exit { signal: Some(9), ..exit(ExitCause::Own, None, None) };
        assert_eq!(killed.failure(), Some(Outcome::Interrupted(9)));
    }

    #[test]
    fn every_reason_is_an_outcome_that_is_read_as_it_was_written() {
        let reasons = [
            Reason::Failed("no".into()),
            Reason::Service("500".into()),
            Reason::TurnLimit,
            Reason::BudgetLimit,
            Reason::RateLimited { until: Some(Timestamp(7)), said: "later".into() },
            Reason::NeedsLogin("log in".into()),
            Reason::RootRefused("root".into()),
            Reason::Denied(vec!["Bash".into()]),
            Reason::NoSession("gone".into()),
        ];
        for reason in reasons {
            let said = Some(Err(reason.clone()));
            let outcome = exit(ExitCause::Own, Some(0), said).failure();
            assert_eq!(outcome, Some(reason.into()));
            let written = serde_json::to_string(&outcome).unwrap_or_default();
            assert_eq!(serde_json::from_str(&written).ok(), Some(outcome), "{written}");
        }
    }

    #[test]
    fn outcomes_of_earlier_versions_are_read() {
        for (written, outcome) in [
            (r#"{"failed":"gate tests failed"}"#, Outcome::Failed("gate tests failed".into())),
            (r#"{"timed_out":"total time"}"#, Outcome::TimedOut("total time".into())),
            (r#""lost""#, Outcome::Lost),
        ] {
            assert_eq!(serde_json::from_str(written).ok(), Some(outcome), "{written}");
        }
    }
}
