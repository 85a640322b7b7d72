//! Reasons: why an agent ended otherwise than well, as far as its CLI tells.

use serde::{Deserialize, Serialize};

use crate::domain::printable::Printable;
use crate::domain::time::Timestamp;

/// Why an agent ended otherwise than well. Each kind has a next step of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Written")]
pub enum Reason {
    /// It failed, or says so: what it said, in one clause.
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
    /// It ended as if all were well, and these tools were denied to it.
    Denied(Vec<Printable>),
    /// Its session can't be gone on with: what it said.
    NoSession(Printable),
    /// The checkout that agents share is not as it was to be: how.
    Astray(Printable),
}

impl Reason {
    /// One clause for people.
    pub fn clause(&self) -> String {
        match self {
            Self::Failed(why) => why.to_string(),
            Self::Service(why) => format!("the model's service: {why}"),
            Self::TurnLimit => "turn limit reached".to_owned(),
            Self::BudgetLimit => "budget reached".to_owned(),
            Self::RateLimited { said, .. } => format!("rate limited: {said}"),
            Self::NeedsLogin(why) => format!("needs a log-in: {why}"),
            Self::RootRefused(why) => format!("does not work as root: {why}"),
            Self::Denied(tools) => {
                let tools: Vec<&str> = tools.iter().map(Printable::as_str).collect();
                format!("was denied {}", tools.join(", "))
            }
            Self::NoSession(why) => format!("its session can't be gone on with: {why}"),
            Self::Astray(how) => how.to_string(),
        }
    }
}

/// Earlier versions wrote the clause alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Clause(Printable),
    Kind(Kind),
}

/// The same kinds, as they are written.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Failed(Printable),
    Service(Printable),
    TurnLimit,
    BudgetLimit,
    RateLimited { until: Option<Timestamp>, said: Printable },
    NeedsLogin(Printable),
    RootRefused(Printable),
    Denied(Vec<Printable>),
    NoSession(Printable),
    Astray(Printable),
}

impl From<Written> for Reason {
    fn from(written: Written) -> Self {
        match written {
            Written::Clause(why) => match why.as_str() {
                // A kind without contents is written as its name.
                "turn_limit" => Self::TurnLimit,
                "budget_limit" => Self::BudgetLimit,
                _ => Self::Failed(why),
            },
            Written::Kind(kind) => match kind {
                Kind::Failed(why) => Self::Failed(why),
                Kind::Service(why) => Self::Service(why),
                Kind::TurnLimit => Self::TurnLimit,
                Kind::BudgetLimit => Self::BudgetLimit,
                Kind::RateLimited { until, said } => Self::RateLimited { until, said },
                Kind::NeedsLogin(why) => Self::NeedsLogin(why),
                Kind::RootRefused(why) => Self::RootRefused(why),
                Kind::Denied(tools) => Self::Denied(tools),
                Kind::NoSession(why) => Self::NoSession(why),
                Kind::Astray(how) => Self::Astray(how),
            },
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_read_as_they_were_written_and_as_they_were_written_before() {
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
            Reason::Astray("on another branch".into()),
        ];
        for reason in reasons {
            let written = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<Reason>(&written).unwrap(), reason, "{written}");
        }
        let before: Reason = serde_json::from_str(r#""API Error: 500""#).unwrap();
        assert_eq!(before, Reason::Failed("API Error: 500".into()));
    }
}
