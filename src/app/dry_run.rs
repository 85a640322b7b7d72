//! `orch-tui run --dry-run`: what a run would do, in the words of the screen or as one event.

use serde_json::{Value, json};

use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::app::json::edit;
use crate::app::place::Place;
use crate::app::{commands, out};
use crate::domain::gardener::RoadmapGardener;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::plan::Plan;
use crate::domain::preview::Preview;
use crate::domain::roadmap::Edit;
use crate::runner::environment::{self, Privilege};
use crate::runner::plan_desk;
use crate::runner::world::now;

/// Tells what approving the drafted plan would do; nothing of it is done.
///
/// # Errors
/// When the roadmap or the state can't be read, or the target's agent is not configured or can't start.
pub async fn tell(place: &Place, o: &Orchestrator, global: &Global) -> Result<(), Failure> {
    let Some(plan) = o.draft() else { return Ok(()) };
    let phases = plan.approved().phases;
    let launches = o.rehearsal(&phases);
    if launches.len() < phases.len() {
        let why = format!("agents.yaml has no agent named {}", place.target.agent);
        return Err(Failure::environment(why));
    }
    let own = environment::own();
    let known = plan_desk::known(&launches).await;
    let previews = plan_desk::previews(&place.state()?, &known, (&own, Privilege::current()));
    let garden = RoadmapGardener.look(&*place.roadmap()?, None, &o.run().facts()).edits;
    if global.json {
        out::json(&event(o, plan, (&previews, &garden)))?;
        return startable(&previews);
    }
    commands::plan::table(o, plan)?;
    out::line("Dry run: nothing is started and nothing is written.")?;
    for edit in &garden {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let (old, new) = (text(&edit.old), text(&edit.new));
        out::line(format!("gardener: line {} of the roadmap: {old} becomes {new}", edit.line))?;
    }
    for preview in &previews {
        let name = commands::plan::name(o, &preview.phase);
        let lines = preview.lines(&name, &o.claim_edits(&preview.phase));
        lines.iter().try_for_each(out::line)?;
    }
    startable(&previews)
}

/// Whether all of them could start.
fn startable(previews: &[Preview]) -> Result<(), Failure> {
    match previews.iter().find_map(|preview| preview.problem.as_ref()) {
        Some(problem) => Err(Failure::environment(problem)),
        None => Ok(()),
    }
}

/// The event `dry_run`.
fn event(o: &Orchestrator, plan: &Plan, (previews, garden): (&[Preview], &[Edit])) -> Value {
    let agents: Vec<Value> = previews.iter().map(|preview| agent(o, plan, preview)).collect();
    json!({
        "event": "dry_run", "at": now(), "target": plan.target, "goal": plan.interpretation.goal,
        "isolation": o.target().workspaces.isolation, "merge": plan.merge_by(o.target()),
        "mode": plan.mode, "slots": plan.slots, "waves": plan.waves(),
        "further": plan.notes.further,
        "garden": garden.iter().map(edit).collect::<Vec<_>>(), "agents": agents,
    })
}

fn agent(o: &Orchestrator, plan: &Plan, preview: &Preview) -> Value {
    let (edits, refused) = match o.claim_edits(&preview.phase) {
        Ok(edits) => (edits, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let wave = plan.rows.iter().find(|row| row.id == preview.phase).map(|row| row.wave);
    json!({
        "id": preview.agent.id, "life": preview.agent.life, "name": preview.name, "phase": preview.phase, "wave": wave,
        "adapter": preview.adapter, "command": preview.argv,
        "directory": preview.workspace.path(), "workspace": preview.workspace,
        "env": preview.problem.is_none().then(|| preview.env.keys().collect::<Vec<_>>()),
        "prompt": format!("{}{}", preview.prompt, preview.retry),
        "roadmap_edits": edits.iter().map(edit).collect::<Vec<_>>(),
        "roadmap_later": refused, "problem": preview.problem,
    })
}
