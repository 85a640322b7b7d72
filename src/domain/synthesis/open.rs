//! What of a plan somebody may still have to look at: conflicts that were met, and questions nobody answered.

use std::fmt::Write as _;

use super::text::{Known, literal};
use super::{Conflict, Story};
use crate::domain::id::PhaseId;
use crate::domain::reason::Reason;
use crate::domain::timeline::LifeLine;

/// Files of a conflict that are named.
const FILES: usize = 20;

/// Conflicts met in merging: of which phase, in which files, and how they ended.
pub(super) fn conflicts(out: &mut String, story: &Story, known: &Known<'_>) {
    let _ = writeln!(out, "## Conflicts: {}\n", story.conflicts.len());
    if story.conflicts.is_empty() {
        out.push_str("No merge met one.\n");
    }
    for conflict in &story.conflicts {
        let files: Vec<String> =
            conflict.files.iter().take(FILES).map(|file| literal(file.as_str())).collect();
        let more = match conflict.files.len().saturating_sub(FILES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (files, onto) = (files.join(", "), literal(&conflict.onto));
        let phase = phase_of(story, conflict);
        let named = phase.map_or_else(|| literal(conflict.agent.id.as_str()), |id| known.named(id));
        let how = ended(story, conflict);
        let _ = writeln!(out, "- {named} with {onto} in {files}{more}: {how}");
    }
    out.push('\n');
}

fn phase_of<'s>(story: &'s Story, conflict: &Conflict) -> Option<&'s PhaseId> {
    life_of(story, conflict).map(|life| &life.birth.phase)
}

fn life_of<'s>(story: &'s Story, conflict: &Conflict) -> Option<&'s LifeLine> {
    story.timeline.lives().iter().find(|life| life.birth.agent == conflict.agent)
}

/// What became of a conflict.
fn ended(story: &Story, conflict: &Conflict) -> String {
    let later = |life: &&LifeLine| {
        life.birth.agent.id == conflict.agent.id && life.birth.agent.life > conflict.agent.life
    };
    let lives: Vec<&LifeLine> = story.timeline.lives().iter().filter(later).collect();
    let solved = lives.iter().find(|life| life.merged.is_some() || life.succeeded());
    match (solved, lives.last()) {
        (Some(life), _) => {
            let commit = life.merged.as_ref().and_then(|commit| commit.get(..7));
            let commit = commit.map(|commit| format!(", merged as {commit}")).unwrap_or_default();
            format!("solved in life {}{commit}", life.birth.agent.life.0)
        }
        (None, Some(last)) => match &last.outcome {
            Some(outcome) => {
                format!(
                    "not solved, life {} {}",
                    last.birth.agent.life.0,
                    literal(&outcome.clause())
                )
            }
            None => format!("life {} works on it", last.birth.agent.life.0),
        },
        (None, None) => "not solved, nobody tried again".to_owned(),
    }
}

/// What only a person can answer: questions of agents, reviews, what agents need.
pub(super) fn questions(out: &mut String, story: &Story, known: &Known<'_>) {
    let mut lines = Vec::new();
    lines.extend(known.hold.map(|why| format!("- The plan is held: {}", literal(why))));
    for (agent, question) in &story.unanswered {
        let life = story.timeline.lives().iter().find(|life| life.birth.agent == *agent);
        let who =
            life.map_or_else(|| literal(agent.id.as_str()), |life| known.named(&life.birth.phase));
        let line = format!("- {who} asked, and nobody answered: {}", literal(question.as_str()));
        // Each try of a phase may ask the same.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for (phase, why) in known.reviews {
        let why = match why.as_str() {
            "" => "look at it, then merge it or send it back".to_owned(),
            why => literal(why),
        };
        lines.push(format!("- {} is proven and waits for a review: {why}", known.named(phase)));
    }
    for (id, lives) in story.timeline.by_phase() {
        let last = lives.last().filter(|life| !life.succeeded());
        if let Some(Err(reason)) = last.and_then(|life| life.exit.as_ref()?.said.as_ref())
            && let Some(what) = to_do(reason)
        {
            let clause = literal(&reason.clause());
            let who = if matches!(reason, Reason::Astray(_)) { "" } else { "its agent " };
            lines.push(format!("- {}: {who}{clause}; {what}", known.named(id)));
        }
    }
    let _ = writeln!(out, "## Open questions: {}\n", lines.len());
    if lines.is_empty() {
        out.push_str("Nothing is left to answer.\n");
    }
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
}

/// What a person has to do where trying again gives the same answer until then.
fn to_do(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::NeedsLogin(_) => Some("log in, then start it again"),
        Reason::RootRefused(_) => Some("work as another user, or set allow\\_root for the target"),
        Reason::Denied(_) => Some("allow that in agents.yaml, or do it yourself"),
        Reason::Astray(_) => Some("put the checkout right, then start it again"),
        Reason::BudgetLimit => Some("look at what it did, then raise its budget in agents.yaml"),
        Reason::Failed(_) | Reason::Service(_) | Reason::TurnLimit => None,
        Reason::RateLimited { .. } | Reason::NoSession(_) => None,
    }
}
