//! Machine-readable output, schema `orch-tui/1`. The names here are a contract; tests compare them.

mod who;

use std::collections::HashMap;
use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::app::commands::garden::Doing;
use crate::domain::agent::{Agent, Outcome};
use crate::domain::gardener::Garden;
use crate::domain::goal::interpretation::Match;
use crate::domain::health::{Fix, Risk};
use crate::domain::id::{AgentRef, PhaseId};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::next_step::{NextStep, Wait};
use crate::domain::orchestrator::outlook::Outlook;
use crate::domain::plan::Plan;
use crate::domain::printable::Printable;
use crate::domain::proposal::{Judgement, Proposal, Standing};
use crate::domain::roadmap::finding::Finding;
use crate::domain::roadmap::phase::{Dependency, Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::domain::roadmap::{Edit, Roadmap};
use crate::domain::time::Timestamp;
use crate::domain::undo::Passed;
use crate::runner::claim_store::{Holding, ListedClaim};
use crate::runner::doctor::Check;
use crate::runner::init::{InitFile, InitState};
use crate::runner::state_dir::StateDir;

pub use who::history;

/// Name and version of the shapes.
pub const SCHEMA: &str = "orch-tui/1";

/// Shape of `status --json`.
pub fn status(o: &Orchestrator, world: (&StateDir, &[ListedClaim]), now: Timestamp) -> Value {
    let (state, claims) = world;
    let Some(roadmap) = o.roadmap() else {
        return json!({ "schema": SCHEMA, "target": o.target().id, "problem": o.view().problem });
    };
    let held = o.held_phases();
    let evaluator = Evaluator::new(roadmap, &held);
    json!({
        "schema": SCHEMA,
        "target": o.target().id,
        "roadmap": {
            "path": o.target().roadmap, "hash": roadmap.hash, "dialect": roadmap.dialect,
        },
        "totals": totals(roadmap, &evaluator),
        "phases": roadmap.phases.iter().map(|p| phase(p, &evaluator, o)).collect::<Vec<_>>(),
        "agents": o.agents(now).iter().map(|a| agent((a, o), state, now)).collect::<Vec<_>>(),
        "claims": claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

fn totals(roadmap: &Roadmap, evaluator: &Evaluator<'_>) -> Value {
    let count = |state: Status| roadmap.counted().filter(|p| p.status.state == state).count();
    json!({
        "phases": roadmap.counted().count(),
        "complete": count(Status::Complete),
        "in_progress": count(Status::InProgress),
        "not_started": count(Status::NotStarted),
        "blocked": count(Status::Blocked),
        "deferred": count(Status::Deferred),
        "unknown": count(Status::Unknown),
        "ready": evaluator.ready().len(),
    })
}

fn phase(phase: &Phase, evaluator: &Evaluator<'_>, o: &Orchestrator) -> Value {
    let reasons = o.why_not(phase, evaluator);
    let (done, total) = phase.progress();
    let mut opaque = Vec::new();
    let mut depends_on = Vec::new();
    for dependency in &phase.depends_on {
        match dependency {
            Dependency::Phase { id, ticked, .. } => {
                let satisfied = evaluator.is_satisfied(phase, dependency);
                depends_on.push(json!({ "id": id, "satisfied": satisfied, "ticked": ticked }));
            }
            Dependency::Batch(number) => {
                let satisfied = evaluator.is_satisfied(phase, dependency);
                let id = format!("Batch {number}");
                depends_on.push(json!({ "id": id, "satisfied": satisfied, "ticked": false }));
            }
            Dependency::AllPrevious => {
                let satisfied = evaluator.is_satisfied(phase, dependency);
                let id = "All previous phases";
                depends_on.push(json!({ "id": id, "satisfied": satisfied, "ticked": false }));
            }
            Dependency::Opaque(text) => opaque.push(text),
        }
    }
    json!({
        "id": phase.id, "occurrence": phase.place.occurrence, "name": phase.name,
        "batch": phase.place.batch, "tags": phase.tags,
        "status": phase.status.shown, "status_source": phase.status.source,
        "ready": reasons.is_empty(), "not_ready_because": reasons,
        "depends_on": depends_on, "opaque": opaque,
        "assigned_to": phase.assigned_to, "effort": phase.effort,
        "tasks": { "done": done, "total": total }, "line": phase.place.line,
    })
}

fn claim(claim: &ListedClaim) -> Value {
    let held = match claim.held {
        Holding::Held => true,
        Holding::Free => false,
    };
    json!({
        "stream": claim.stream, "agent": claim.owner.agent, "pid": claim.owner.pid,
        "machine": claim.owner.machine, "fence": claim.fence, "held": held,
    })
}

/// Shape of `agents --json`.
pub fn agents(o: &Orchestrator, state: &StateDir, now: Timestamp) -> Value {
    let agents: Vec<Value> = o.agents(now).iter().map(|a| agent((a, o), state, now)).collect();
    json!({ "schema": SCHEMA, "agents": agents })
}

fn agent((agent, o): (&Agent, &Orchestrator), state: &StateDir, now: Timestamp) -> Value {
    let outcome = agent.outcome();
    json!({
        "id": agent.me().id, "life": agent.me().life, "name": agent.name(),
        "role": agent.birth.role, "phase": agent.about(), "target": agent.birth.target, "adapter": agent.birth.adapter,
        "state": o.state_of(agent, now), "doing": agent.activity.doing, "waiting": agent.activity.waiting,
        "pid": agent.processes.map(|p| p.agent),
        "started_at": agent.times.started, "ended_at": agent.times.ended,
        "exit_code": agent.exit.as_ref().and_then(|exit| exit.code),
        "outcome": outcome.map(Outcome::clause), "next": next(agent, o, now),
        "workspace": agent.workspace.as_ref().map(|place| place.path()),
        "branch": agent.workspace.as_ref().and_then(|place| place.branch()),
        "document": agent.document,
        "usage": agent.activity.usage, "gates": agent.receipts,
        "host": agent.processes.map(|p| json!({ "pid": p.host, "socket": state.socket(agent.me()) })),
    })
}

/// What follows an agent's life; null while it lives, and where nothing does.
pub fn next(agent: &Agent, o: &Orchestrator, now: Timestamp) -> Value {
    let Some(outlook) = o.outlook(agent, now) else { return Value::Null };
    let (step, at) = match (&outlook, o.next_step(agent)) {
        (Outlook::Asks(_), _) => ("person", None),
        (Outlook::GoesOn(_), Some(NextStep::Again(again))) => match again.wait {
            Wait::Pause => ("retry", Some(again.at)),
            Wait::Limit => ("limit", Some(again.at)),
        },
        (Outlook::GoesOn(_), Some(NextStep::Nothing | NextStep::Person) | None) => {
            ("restart", None)
        }
    };
    json!({ "step": step, "at": at, "clause": outlook.text() })
}

/// Shape of `garden --json`.
pub fn garden<'g>(garden: &'g Garden, written: &'g [Edit]) -> impl Serialize {
    let wanted = if written.is_empty() { &garden.edits } else { written };
    // In the order of the alphabet, like every object here.
    GardenShape {
        completed_since_last: &garden.completed_since_last,
        edits: Each(wanted, edit),
        findings: Diagnoses(garden),
        needs_human: Each(&garden.needs_human, |(id, why)| json!({ "id": id, "reason": why })),
        schema: SCHEMA,
        still_blocked: Each(
            &garden.still_blocked,
            |(id, waits)| json!({ "id": id, "pending": waits }),
        ),
        unblocked: &garden.unblocked,
        written: !written.is_empty(),
    }
}

/// What the gardener saw, written entry by entry: as one value it would be larger than the roadmap.
#[derive(Serialize)]
struct GardenShape<'g> {
    completed_since_last: &'g [PhaseId],
    edits: Each<'g, Edit>,
    findings: Diagnoses<'g>,
    needs_human: Each<'g, (PhaseId, Printable)>,
    schema: &'static str,
    still_blocked: Each<'g, (PhaseId, Vec<PhaseId>)>,
    unblocked: &'g [PhaseId],
    written: bool,
}

/// A list whose entries are made as they are written.
struct Each<'g, T>(&'g [T], fn(&T) -> Value);

impl<T> Serialize for Each<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

/// The findings with what would mend them.
struct Diagnoses<'g>(&'g Garden);

impl Serialize for Diagnoses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.findings.iter().zip(&self.0.fixes).map(diagnosis))
    }
}

fn diagnosis((finding, fix): (&Finding, &Option<Fix>)) -> Value {
    let change = fix.as_ref().map(|fix| fix.change.name());
    let safe = fix.as_ref().is_some_and(|fix| fix.risk == Risk::Safe);
    json!({
        "kind": finding.kind, "severity": finding.severity, "phase": finding.phase,
        "line": finding.line, "message": finding.message, "fix": finding.fix,
        "change": change, "safe": safe,
    })
}

/// Shape of `undo --json`.
pub fn undone(why: &str, passed: &[Passed], edits: &[Edit]) -> Value {
    let passed = passed.iter().map(|one| json!({ "change": one.what, "why": one.why }));
    json!({
        "schema": SCHEMA, "undone": why, "passed_over": passed.collect::<Vec<_>>(),
        "edits": edits.iter().map(edit).collect::<Vec<_>>(),
    })
}

/// Shape of `tick --json` and `add --json`.
pub fn changed(edits: &[Edit], doing: Doing) -> Value {
    json!({
        "schema": SCHEMA, "written": doing == Doing::Write && !edits.is_empty(),
        "edits": edits.iter().map(edit).collect::<Vec<_>>(),
    })
}

/// Shape of `archive --json`: the phases moved, or to be moved, where to, and which stay for a person to look at.
pub fn archived(
    edits: &[Edit],
    kept: &[(PhaseId, Printable)],
    doing: Doing,
    archive: &Path,
) -> Value {
    let kept: Vec<Value> = kept.iter().map(|(id, why)| json!({ "id": id, "why": why })).collect();
    let phases: Vec<Value> =
        edits.iter().map(|edit| json!({ "id": edit.phase, "line": edit.line })).collect();
    let written = doing == Doing::Write && !edits.is_empty();
    json!({ "schema": SCHEMA, "written": written, "archive": archive, "phases": phases, "kept": kept })
}

/// Shape of `proposals --json`.
pub fn proposals(folder: &Path, more: usize, judged: &[(&Proposal, Judgement)]) -> Value {
    let one = |(proposal, judgement): &(&Proposal, Judgement)| {
        let phases = judgement.phases.phases.iter().map(|phase| {
            let waits: Vec<String> = phase.depends_on.iter().map(awaited).collect();
            json!({
                "id": phase.id, "name": phase.name, "batch": phase.place.batch,
                "effort": phase.effort, "depends_on": waits, "tasks": phase.tasks.len(),
            })
        });
        json!({
            "file": proposal.file.name, "title": proposal.title,
            "standing": match judgement.standing {
                Standing::Ready => "ready",
                Standing::Added => "added",
                Standing::Refused(_) => "unusable",
            },
            "obstacle": judgement.obstacle(), "remarks": judgement.remarks,
            "phases": phases.collect::<Vec<_>>(),
        })
    };
    let all: Vec<Value> = judged.iter().map(one).collect();
    json!({ "schema": SCHEMA, "folder": folder, "more": more, "proposals": all })
}

/// What a dependency waits for, in words.
fn awaited(dependency: &Dependency) -> String {
    match dependency {
        Dependency::Phase { id, .. } => id.to_string(),
        Dependency::Batch(number) => format!("Batch {number}"),
        Dependency::AllPrevious => "All previous phases".to_owned(),
        Dependency::Opaque(text) => text.to_string(),
    }
}

/// Shape of `proposals refuse --json`.
pub fn refused(file: &str, path: &Path) -> Value {
    json!({ "schema": SCHEMA, "refused": file, "path": path })
}

/// One edit of the roadmap.
pub fn edit(edit: &Edit) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    json!({ "phase": edit.phase, "line": edit.line, "old": text(&edit.old), "new": text(&edit.new) })
}

/// Shape of `health --json`; the edits are what `--fix` made.
pub fn health(garden: &Garden, made: &[Edit]) -> Value {
    let edits: Vec<Value> = made.iter().map(edit).collect();
    json!({ "schema": SCHEMA, "edits": edits, "findings": Diagnoses(garden) })
}

/// Shape of `plan --json` for goals that are no plan.
pub fn reading(o: &Orchestrator) -> Value {
    let Some(reading) = o.reading() else { return json!({ "schema": SCHEMA }) };
    json!({
        "schema": SCHEMA, "goal": reading.goal, "kind": reading.kind,
        "confidence": reading.confidence, "explanation": reading.explanation,
        "matched": reading.matched, "not_offered": reading.not_offered,
        "isolation": o.target().workspaces.isolation, "merge": o.target().workspaces.merge,
        "mode": null, "waves": [], "critical_path": [], "collisions": [],
        "roadmap_hash": o.roadmap().map(|roadmap| &roadmap.hash),
        "refusal": o.setup().refusal,
    })
}

/// Shape of `plan --json`.
pub fn plan(o: &Orchestrator, plan: &Plan) -> Value {
    let mut value = reading(o);
    let by_id: HashMap<&PhaseId, &Match> =
        plan.interpretation.matched.iter().rev().map(|found| (&found.id, found)).collect();
    let matched: Vec<Value> = plan
        .rows
        .iter()
        .map(|row| {
            let evidence = by_id.get(&row.id).map(|found| &found.evidence);
            json!({
                "id": row.id, "score": row.score, "selected": row.ticked,
                "evidence": evidence, "wave": row.wave,
                "agent": plan.notes.agents.get(&row.id).map(who::planned),
            })
        })
        .collect();
    if let Value::Object(object) = &mut value {
        object.insert("matched".into(), json!(matched));
        object.insert("mode".into(), json!(plan.mode));
        object.insert("slots".into(), json!(plan.slots));
        object.insert("merge".into(), json!(plan.merge_by(o.target())));
        object.insert("waves".into(), json!(plan.waves()));
        object.insert("critical_path".into(), json!(plan.critical_path));
        object.insert("collisions".into(), json!(plan.collisions));
        object.insert("roadmap_hash".into(), json!(plan.roadmap_hash));
    }
    value
}

/// Shape of `doctor --json`.
pub fn doctor(checks: &[Check]) -> Value {
    let one = |check: &Check| json!({ "name": check.name, "state": check.state.word(), "sentence": check.sentence });
    json!({ "schema": SCHEMA, "checks": checks.iter().map(one).collect::<Vec<_>>() })
}

/// Shape of `doctor --clean --json`.
pub fn cleaned(ended: &[(String, String, usize)]) -> Value {
    let one = |(name, why, left): &(String, String, usize)| json!({ "name": name, "why": why, "survivors": left });
    json!({ "schema": SCHEMA, "ended": ended.iter().map(one).collect::<Vec<_>>() })
}

/// Shape of `init --json`.
pub fn init(files: &[InitFile]) -> Value {
    let one = |file: &InitFile| {
        let state = match file.state {
            InitState::New => "new",
            InitState::Exists => "exists",
        };
        json!({ "path": file.path, "state": state })
    };
    json!({ "schema": SCHEMA, "files": files.iter().map(one).collect::<Vec<_>>() })
}

/// Shape of `kill --json`.
pub fn killed(ended: &[(AgentRef, u32)]) -> Value {
    let one = |(agent, survivors): &(AgentRef, u32)| json!({ "id": agent.id, "life": agent.life, "survivors": survivors });
    json!({ "schema": SCHEMA, "ended": ended.iter().map(one).collect::<Vec<_>>() })
}
