//! Exit codes: part of the command line's contract.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok,
    /// An agent or a gate failed, a health check found errors, or a change of the roadmap was refused.
    Failed,
    /// The command line is wrong, or a terminal is needed and there is none.
    Usage,
    /// There is nothing to do, or nothing matches.
    Nothing,
    /// A person has to approve first.
    Approval,
    /// Something outside is missing, unreadable or not as it has to be: agent CLI, repository, roadmap, configuration, a shared
    /// checkout that stands elsewhere than it did.
    Environment,
    /// Somebody else holds the claim or drives the repository.
    Claimed,
    /// A time limit was reached.
    TimeLimit,
    /// A signal asked for the end.
    Interrupted,
}

impl Exit {
    /// What several runs come to: what went worst, or what a person has to do first.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Ok => 0,
            Self::Nothing => 1,
            Self::Approval => 2,
            Self::Failed => 3,
            Self::TimeLimit => 4,
            Self::Claimed => 5,
            Self::Environment => 6,
            Self::Usage => 7,
            Self::Interrupted => 8,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// The number the shell sees.
    pub fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Nothing => 3,
            Self::Approval => 4,
            Self::Environment => 5,
            Self::Claimed => 6,
            Self::TimeLimit => 124,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
