//! A plan as a Markdown document, to be kept or sent.

use std::fmt::Write as _;

use crate::domain::plan::{Mode, Plan};
use crate::domain::printable::Printable;
use crate::domain::roadmap::Roadmap;

/// The plan as Markdown.
pub fn markdown(plan: &Plan, roadmap: &Roadmap) -> String {
    let reading = &plan.interpretation;
    let mut out = format!("# Plan: {}\n\n", Printable::new(&reading.goal));
    let mode = match plan.mode {
        Mode::Single => "one phase alone".to_owned(),
        Mode::Parallel => format!("in parallel, at most {} at once", plan.slots),
        Mode::Batch => format!("until nothing is ready, at most {} at once", plan.slots),
    };
    let path: Vec<&str> = plan.critical_path.iter().map(|id| id.as_str()).collect();
    let facts = [
        ("Target", plan.target.to_string()),
        ("Understood", reading.explanation.to_string()),
        ("Confidence", format!("{:.2}", reading.confidence)),
        ("Mode", mode),
        ("Critical path", path.join(" > ")),
        ("Roadmap", plan.roadmap_hash.0.clone()),
    ];
    for (key, value) in facts {
        let _ = writeln!(out, "- **{key}:** {}", Printable::new(&value));
    }
    push_rows(&mut out, plan, roadmap);
    for collision in &plan.collisions {
        let ids: Vec<&str> = collision.phases.iter().map(|id| id.as_str()).collect();
        let _ = writeln!(out, "\nCollision: {} name `{}`.", ids.join(", "), collision.file);
    }
    if !reading.not_offered.is_empty() {
        out.push_str("\n## Not offered\n\n");
    }
    for refused in &reading.not_offered {
        let _ = writeln!(out, "- {}: {}", refused.id, refused.reason);
    }
    for (phase, prompt) in &plan.notes.prompts {
        let fence = "`".repeat(longest_run(prompt).max(2) + 1);
        let _ = write!(
            out,
            "\n## Prompt of {phase}, edited\n\n{fence}\n{}\n{fence}\n",
            prompt.trim_end()
        );
    }
    out
}

fn push_rows(out: &mut String, plan: &Plan, roadmap: &Roadmap) {
    let mut wave = 0;
    for row in &plan.rows {
        if row.wave != wave {
            wave = row.wave;
            let _ = write!(out, "\n## Wave {wave}\n\n");
        }
        let tick = if row.ticked { "x" } else { " " };
        let name = roadmap.phase(&row.id).map(|phase| phase.name.as_str()).unwrap_or_default();
        let why = Printable::new(&row.why);
        let _ = writeln!(out, "- [{tick}] {} {name} ({:.2}, {why})", row.id, row.score);
    }
}

/// The longest run of back-ticks in a text.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A name for the plan's file: the day and the first words of the goal.
pub fn file_name(plan: &Plan, day: &str) -> String {
    let goal = plan.interpretation.goal.to_lowercase();
    let words = goal.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.take(6).collect::<Vec<_>>().join("-").chars().take(40).collect();
    let slug = if slug.is_empty() { "plan" } else { slug.as_str() };
    format!("{day}-{slug}")
}
