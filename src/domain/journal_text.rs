//! The journal in words: the same sentence on the events screen and on the command line.

use std::path::Path;
use std::time::Duration;

use crate::domain::agent::{Exit, ExitCause};
use crate::domain::branch::BranchFact;
use crate::domain::budget::BudgetStep;
use crate::domain::effect::StopKind;
use crate::domain::errand::Errand;
use crate::domain::gate::{GateResult, Receipt, Tree};
use crate::domain::id::PhaseId;
use crate::domain::journal::{Birth, Fact, QueueFact, RoadmapRecord};
use crate::domain::orchestrator::run;
use crate::domain::plan::{ApprovedPlan, Mode};
use crate::domain::printable::{Printable, visible};
use crate::domain::reason::Reason;
use crate::domain::undo;

/// How many phase ids a sentence names before it only counts them.
const NAMED: usize = 8;

/// Who or what a fact is about, in one word: an agent's id, `plan`, `queue`, or the reason of a roadmap change.
pub fn about(fact: &Fact) -> String {
    match run::subject(fact) {
        Some(agent) => visible(agent.id.as_str()),
        None => match fact {
            Fact::RoadmapEdited(record) => visible(&record.why),
            Fact::Queue(_) => "queue".into(),
            _ => "plan".into(),
        },
    }
}

/// What happened, in one sentence that follows its subject. Safe to print.
pub fn sentence(fact: &Fact) -> String {
    let text = match fact {
        Fact::PlanApproved(plan) => approved(plan),
        Fact::AgentSpawned(birth) => spawned(birth),
        Fact::ClaimWon { fence, .. } => format!("holds the claim (fence {})", fence.0),
        Fact::ClaimLost { owner, .. } => format!(
            "did not get the claim: {} holds it (process {} on {})",
            owner.agent, owner.pid, owner.machine
        ),
        Fact::WorkspaceReady { workspace, .. } => {
            let branch = workspace.branch().map(|name| format!(" on branch {name}"));
            format!("works in {}{}", workspace.path().display(), branch.unwrap_or_default())
        }
        Fact::SpawningAgent { .. } => "is being started".into(),
        Fact::AgentRunning { processes, .. } => {
            format!("runs as process {}, hosted by process {}", processes.agent, processes.host)
        }
        // How it ended follows, with the reason.
        Fact::SpawnFailed { .. } => "did not start".into(),
        Fact::Stopping { how: StopKind::Term, .. } => {
            "is asked to end (SIGTERM, then SIGKILL)".into()
        }
        Fact::Stopping { how: StopKind::Kill, .. } => "is killed now (SIGKILL)".into(),
        Fact::RestartAsked { .. } => "is asked to start again".into(),
        Fact::Stopped { exit, .. } => stopped(exit),
        Fact::GateJudged { receipt, .. } => judged(receipt),
        Fact::VerificationComplete { failed, .. } if failed.is_empty() => {
            "passed all required gates".into()
        }
        Fact::VerificationComplete { failed, .. } => format!("fails at {}", failed.join(", ")),
        Fact::AgentCompleted { document, .. } => completed(document.as_deref()),
        Fact::AgentFailed { outcome, .. } => outcome.clause(),
        Fact::Released { .. } => "gave its phase back".into(),
        Fact::RoadmapEdited(record) => edited(record),
        Fact::Branch(fact) => branch(fact),
        Fact::Queue(QueueFact::Held) => "held: nothing new is started".into(),
        Fact::Queue(QueueFact::BudgetReached { step, percent }) => budget(*step, *percent),
        Fact::Queue(QueueFact::Resumed) => "resumed: starting goes on".into(),
        Fact::PlanFinished { completed, left } => finished(completed, left),
    };
    visible(&text)
}

/// A length of time for people: `8s`, `12m04`, `30m`, `1h05`.
pub fn lasting(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, 0) => format!("{m}m"),
        (0, m, s) => format!("{m}m{s:02}"),
        (h, 0, _) => format!("{h}h"),
        (h, m, _) => format!("{h}h{m:02}"),
    }
}

fn approved(plan: &ApprovedPlan) -> String {
    let how = match plan.mode {
        Mode::Single => "the first alone".to_string(),
        Mode::Parallel => format!("{} at once", plan.slots),
        Mode::Batch => format!("{} at once, then whatever becomes ready", plan.slots),
    };
    format!("approved \"{}\": {}, {how}", plan.goal, named(&plan.phases))
}

fn spawned(birth: &Birth) -> String {
    let again = match birth.attempt {
        0 | 1 => String::new(),
        n => format!(", try {n}"),
    };
    if let Some(errand) = &birth.errand {
        let (title, adapter, life) = (errand.title(), &birth.adapter, birth.agent.life.0);
        return format!("is asked for: {title}, with {adapter}, life {life}");
    }
    let why = birth.chosen.as_ref().map(|chosen| format!(" ({})", chosen.why.clause()));
    let name = birth.name.as_ref().map(|name| format!(" as {name}{}", why.unwrap_or_default()));
    format!(
        "takes phase {}{} with {}, life {}{again}",
        birth.phase,
        name.unwrap_or_default(),
        birth.adapter,
        birth.agent.life.0
    )
}

fn completed(document: Option<&Path>) -> String {
    match document {
        Some(path) => format!("is done; what it wrote is kept in {}", path.display()),
        None => "completed its phase".into(),
    }
}

fn stopped(exit: &Exit) -> String {
    let how = match (exit.code, exit.signal) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended, nobody saw how".into(),
    };
    let why = match exit.cause {
        ExitCause::Own => "",
        ExitCause::Stopped => ", as asked",
        ExitCause::StartLimit => ", silent since its start",
        ExitCause::TotalLimit => ", at its time limit",
        ExitCause::IdleLimit => ", silent for too long",
        ExitCause::Settled => ", after it had finished",
    };
    let said = match &exit.said {
        // That is seen, not said.
        Some(Err(Reason::Astray(how))) => format!("; {how}"),
        Some(Err(reason)) => format!("; it said: {}", reason.clause()),
        Some(Ok(())) | None => String::new(),
    };
    let left = match exit.survivors {
        0 => String::new(),
        1 => "; one process of it is still alive".into(),
        n => format!("; {n} processes of it are still alive"),
    };
    format!("{how}{why}{said}{left}")
}

fn judged(receipt: &Receipt) -> String {
    let result = match &receipt.result {
        GateResult::Passed => "passed".to_string(),
        GateResult::Failed(Some(code)) => format!("failed with exit code {code}"),
        GateResult::Failed(None) => "was ended by a signal".into(),
        GateResult::TimedOut => "ran out of time".into(),
        GateResult::Unavailable(why) => format!("could not be started: {why}"),
    };
    let weight = if receipt.required { "" } else { " (not required)" };
    let merged = match receipt.tree {
        Tree::Work => "",
        Tree::Merged => " on the merge",
    };
    format!("gate {} {result}{merged} after {}{weight}", receipt.gate, lasting(receipt.took))
}

fn budget(step: BudgetStep, percent: u64) -> String {
    let what = match step {
        BudgetStep::Hold => "nothing new is started",
        BudgetStep::Ask => "a person is asked",
        BudgetStep::Stop => "its agents are stopped",
    };
    format!("{percent}% of the budget is used: {what}")
}

fn branch(fact: &BranchFact) -> String {
    let short = |commit: &str| commit.get(..7).unwrap_or(commit).to_owned();
    match fact {
        BranchFact::ReviewAsked { why, .. } => format!("waits for a person: {why}"),
        BranchFact::MergeAsked { .. } => "is to be merged".into(),
        BranchFact::MergePrepared { merge, .. } => {
            format!("is merged as {} on {}, to be proven", short(&merge.commit), short(&merge.tip))
        }
        BranchFact::MergeProven { failed, .. } if failed.is_empty() => {
            "passed all required gates on the merge".into()
        }
        BranchFact::MergeProven { failed, .. } => {
            format!("fails at {} on the merge", failed.join(", "))
        }
        BranchFact::MergeLanded { commit, .. } => format!("is merged: {}", short(commit)),
        BranchFact::Conflicted { onto, files, .. } => {
            let files: Vec<&str> = files.iter().map(Printable::as_str).collect();
            format!("conflicts with {onto} in {}", files.join(", "))
        }
        BranchFact::SentBack { comments, .. } => format!("is sent back: {comments}"),
        BranchFact::WorkspaceLeft { worktree, .. } => {
            format!("left a worktree in {}", worktree.root.display())
        }
        BranchFact::WorkspaceGone { branch, kept: Some(kept), beside, .. } => {
            format!("branch {branch} is gone, kept as {}", all_of(kept, beside))
        }
        BranchFact::WorkspaceGone { agent, branch, .. } if Errand::is_agent(agent.id.as_str()) => {
            format!("branch {branch} is gone: nothing was changed on it")
        }
        BranchFact::WorkspaceGone { branch, .. } => format!("branch {branch} is gone, merged"),
    }
}

fn edited(record: &RoadmapRecord) -> String {
    let mut numbers: Vec<usize> = record.edits.iter().map(|(line, _, _)| *line).collect();
    numbers.dedup();
    let lines: Vec<String> = numbers.iter().take(NAMED).map(ToString::to_string).collect();
    let what = match record.why.as_str() {
        "garden" => "unblocked",
        "claim" => "marked In Progress:",
        "release" => "put back:",
        "complete" => "marked Complete:",
        "reopen" => "set to Not Started:",
        "tick" => "ticked in",
        "untick" => "took a stale tick out of",
        "repeat" => "took a repeated field out of",
        "append" => "added",
        "archive" => "moved to the archive:",
        "fix" => "mended",
        "undo" => "undid what was written for",
        _ => "changed",
    };
    let more = if numbers.len() > NAMED { " and more" } else { "" };
    let noun = if numbers.len() == 1 { "line" } else { "lines" };
    let passed = record.undo.as_ref().map(|note| undo::passed_over(&note.passed));
    let passed = passed.unwrap_or_default();
    let from = record.proposal.as_ref().map(|file| format!(", as {file} proposed"));
    let (from, phases) = (from.unwrap_or_default(), named(&record.phases));
    format!("{what} {phases} (roadmap {noun} {}{more}){from}{passed}", lines.join(", "))
}

fn finished(completed: &[PhaseId], left: &[PhaseId]) -> String {
    match (completed, left) {
        ([], []) => "finished: there was nothing to do".into(),
        (done, []) => format!("finished: completed {}", named(done)),
        ([], open) => format!("finished: nothing completed, left {}", named(open)),
        (done, open) => format!("finished: completed {}, left {}", named(done), named(open)),
    }
}

/// The names of references something is kept under, and how many more there are.
pub fn all_of(first: &str, beside: &[String]) -> String {
    let names = std::iter::once(first).chain(beside.iter().map(String::as_str));
    let names: Vec<&str> = names.take(NAMED).collect();
    match (beside.len() + 1).saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// The first of these phases, and how many there are more.
pub fn named(phases: &[PhaseId]) -> String {
    let ids: Vec<&str> = phases.iter().take(NAMED).map(PhaseId::as_str).collect();
    match phases.len().saturating_sub(NAMED) {
        0 => ids.join(", "),
        more => format!("{} and {more} more", ids.join(", ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::agent::{Outcome, Usage};
    use crate::domain::id::{AgentId, AgentRef, Life, TargetId};
    use crate::domain::time::Timestamp;

    fn agent() -> AgentRef {
        AgentRef { id: AgentId::new("a-2.1"), life: Life(2) }
    }

    #[test]
    fn sentences_follow_their_subject() {
        let phases: Vec<PhaseId> = (1..=10).map(|n| PhaseId::new(format!("1.{n}"))).collect();
        let plan = ApprovedPlan {
            target: TargetId::new("t"),
            goal: "all of\u{1b}[2Jit".into(),
            mode: Mode::Parallel,
            slots: 4,
            phases: phases.clone(),
            without: std::collections::BTreeSet::new(),
            prompts: std::collections::BTreeMap::new(),
            merge: None,
        };
        let fact = Fact::PlanApproved(plan);
        assert_eq!(about(&fact), "plan");
        assert_eq!(
            sentence(&fact),
            "approved \"all of\u{241b}[2Jit\": 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8 and 2 more, 4 at once"
        );
        let failed = Fact::AgentFailed { agent: agent(), outcome: Outcome::Killed };
        assert_eq!((about(&failed).as_str(), sentence(&failed).as_str()), ("a-2.1", "killed"));
    }

    #[test]
    fn an_exit_tells_everything_known() {
        let exit = Exit {
            cause: ExitCause::IdleLimit,
            code: None,
            signal: Some(9),
            said: None,
            survivors: 2,
            usage: Usage::default(),
            session: None,
            at: Timestamp(0),
        };
        assert_eq!(
            sentence(&Fact::Stopped { agent: agent(), exit, unanswered: None }),
            "was ended by signal 9, silent for too long; 2 processes of it are still alive"
        );
    }

    #[test]
    fn gates_and_edits_name_numbers() {
        let receipt = Receipt {
            gate: "tests".into(),
            required: false,
            result: GateResult::Failed(Some(101)),
            took: Duration::from_secs(64),
            commit: None,
            tree: Tree::Work,
            tail: vec![],
        };
        assert_eq!(
            sentence(&Fact::GateJudged { agent: agent(), receipt }),
            "gate tests failed with exit code 101 after 1m04 (not required)"
        );
        let record = RoadmapRecord {
            target: TargetId::new("t"),
            why: "garden".into(),
            phases: vec![PhaseId::new("3.5")],
            edits: vec![(142, "Blocked".into(), "Not Started".into())],
            proposal: None,
            undo: None,
        };
        let fact = Fact::RoadmapEdited(record);
        assert_eq!(about(&fact), "garden");
        assert_eq!(sentence(&fact), "unblocked 3.5 (roadmap line 142)");
        let record = RoadmapRecord {
            target: TargetId::new("t"),
            why: "claim".into(),
            phases: vec![PhaseId::new("3.5")],
            edits: vec![(7, String::new(), "x".into()), (7, String::new(), "y".into())],
            proposal: None,
            undo: None,
        };
        let shown = sentence(&Fact::RoadmapEdited(record));
        assert_eq!(shown, "marked In Progress: 3.5 (roadmap line 7)", "a line is named once");
    }

    #[test]
    fn everything_that_is_kept_of_a_branch_is_named() {
        let gone = |beside: &[&str]| {
            let beside = beside.iter().map(ToString::to_string).collect();
            let (phase, branch, kept) = (PhaseId::new("2.1"), "b".into(), Some("k".into()));
            let agent = agent();
            let fact = BranchFact::WorkspaceGone { agent, phase, branch, kept, beside };
            sentence(&Fact::Branch(fact))
        };
        assert_eq!(gone(&[]), "branch b is gone, kept as k");
        assert_eq!(gone(&["s"]), "branch b is gone, kept as k, s");
        let many = "branch b is gone, kept as k, 1, 2, 3, 4, 5, 6, 7 and 2 more";
        assert_eq!(gone(&["1", "2", "3", "4", "5", "6", "7", "8", "9"]), many);
    }

    #[test]
    fn times_are_short() {
        let shown = [8, 724, 1_800, 3_900].map(|s| lasting(Duration::from_secs(s)));
        assert_eq!(shown, ["8s", "12m04", "30m", "1h05"]);
    }
}
