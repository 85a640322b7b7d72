//! Pane 2: claimed streams, those that need a person first.

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::activity::SLOTS;
use crate::domain::agent::{Agent, AgentState, Outcome, Stage};
use crate::domain::gate::{Gate, Tree};
use crate::domain::id::PhaseId;
use crate::domain::orchestrator::Orchestrator;
use crate::domain::orchestrator::outlook::Outlook;
use crate::domain::roadmap::phase::{Phase, Status};
use crate::domain::roadmap::readiness::Evaluator;
use crate::ui::canvas::{Canvas, Chrome, Piece};
use crate::ui::dashboard::Dashboard;
use crate::ui::draw::Scene;
use crate::ui::keys::{Pane, label};
use crate::ui::layout::window;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::names::Who;
use crate::ui::panes::roadmap;
use crate::ui::text::{clock, fit, fit_right, spark};

/// Draws the pane.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let area = scene.at.pane(Pane::Streams);
    if area.is_empty() {
        return;
    }
    let inner = scene.at.inner(Pane::Streams);
    let agents = scene.o.agents(canvas.look.now);
    let held = scene.o.held_phases();
    let queue = Queue::new(scene.o, &held);
    let chrome = Chrome {
        title: "2 Claimed streams".into(),
        note: (note(scene), ColourRole::Muted),
        foot: String::new(),
        foot_note: String::new(),
        border: scene.border(Pane::Streams),
    };
    let hidden = hidden(scene, &agents, queue.phases.len());
    canvas.frame(area, &chrome.with_hidden(hidden, scene.at.shape), scene.at.shape);
    if agents.is_empty() && queue.phases.is_empty() {
        empty(canvas, inner);
        return;
    }
    list(canvas, scene, inner, &agents);
    let used = u16::try_from(agents.len()).unwrap_or(u16::MAX).min(inner.height);
    let left = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    queue.draw(canvas, left);
}

fn note(scene: &Scene<'_>) -> String {
    match scene.d.agent.marked.len() {
        0 => format!("{}/{} slots", scene.o.slots_taken(), scene.o.slots()),
        marked => format!("{marked} marked"),
    }
}

/// How many rows are above and below those in view; a queue that is cut names its rest itself.
fn hidden(scene: &Scene<'_>, agents: &[&Agent], planned: usize) -> (usize, usize) {
    let height = usize::from(scene.at.inner(Pane::Streams).height);
    if height == 0 {
        return (0, 0);
    }
    let first = first(agents, height, (scene.o, scene.d));
    let below = agents.len().saturating_sub(first + height);
    (first, if agents.len() < height { below } else { below + planned })
}

/// Phases of the approved plan without an agent yet.
struct Queue<'a> {
    o: &'a Orchestrator,
    evaluator: Option<Evaluator<'a>>,
    phases: Vec<&'a Phase>,
}

impl<'a> Queue<'a> {
    fn new(o: &'a Orchestrator, held: &'a BTreeSet<PhaseId>) -> Self {
        let plan = o.run().plan.as_ref().filter(|plan| !plan.finished);
        let (Some(plan), Some(roadmap)) = (plan, o.roadmap()) else {
            return Self { o, evaluator: None, phases: Vec::new() };
        };
        let evaluator = Evaluator::new(roadmap, held);
        let open = |id: &&PhaseId| {
            !plan.done.contains(*id) && !plan.given_up.contains_key(*id) && o.agent_of(id).is_none()
        };
        let phases = plan.approved.phases.iter().filter(open);
        let phases = phases.filter_map(|id| evaluator.phase(id));
        let phases = phases.filter(|phase| phase.status.state != Status::Complete).collect();
        Self { o, evaluator: Some(evaluator), phases }
    }

    /// Draws what there is room for. The rest is counted and named in the last row.
    fn draw(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let (glyph, word, role) = canvas.look.state(AgentState::Pending);
        let (rows, count) = (usize::from(area.height), self.phases.len());
        let shown = if count > rows { rows.saturating_sub(1) } else { count };
        let free = match self.o.limited_until(canvas.look.now) {
            Some(_) => "rate limited",
            None => "waits for a slot",
        };
        let line =
            |phase: &&Phase| format!(" {:<5} {glyph} {word} {}", phase.id, self.why(phase, free));
        let mut lines: Vec<String> = self.phases.iter().take(shown).map(line).collect();
        if count > shown && rows > 0 {
            // More names than there are columns for are no use.
            let rest = self.phases.iter().skip(shown).take(usize::from(area.width));
            let rest: Vec<&str> = rest.map(|phase| phase.id.as_str()).collect();
            lines.push(format!(" {} more: {}", count - shown, rest.join(" ")));
        }
        for (y, text) in (area.y..area.bottom()).zip(lines) {
            canvas.put((area.x, y), area.width, &text, canvas.look.style(role));
        }
    }

    /// What a phase waits for; `free` if it is for nothing that has to do with it.
    fn why(&self, phase: &Phase, free: &str) -> String {
        let reasons = self.evaluator.as_ref().map(|evaluator| evaluator.reasons(phase));
        let reasons = reasons.unwrap_or_default();
        match (reasons.is_empty(), self.o.run().held) {
            (true, true) => "on hold".to_owned(),
            (true, false) => free.to_owned(),
            (false, _) => format!("waits for {}", roadmap::short(&reasons, phase)),
        }
    }
}

/// Place of the agent in view among the rows.
pub fn cursor(agents: &[&Agent], o: &Orchestrator, d: &Dashboard) -> usize {
    let shown = d.agent_in_view(o);
    shown.and_then(|shown| agents.iter().position(|a| a.me() == shown.me())).unwrap_or(0)
}

/// The first row in view. While no agent was chosen those that need a person are in view, whichever is shown beside.
pub fn first(agents: &[&Agent], height: usize, (o, d): (&Orchestrator, &Dashboard)) -> usize {
    match d.agent.shown {
        Some(_) => window(cursor(agents, o, d), agents.len(), height),
        None => 0,
    }
}

fn empty(canvas: &mut Canvas<'_>, inner: Rect) {
    let lines = [
        "Nothing claimed.".to_owned(),
        format!("{}  type a goal", label("goal.new")),
        format!("{}  plan the selected phase", label("phase.plan")),
    ];
    let muted = canvas.look.style(ColourRole::Muted);
    for (y, text) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put((inner.x + 1, y), inner.width.saturating_sub(1), &text, muted);
    }
}

fn list(canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect, agents: &[&Agent]) {
    let cursor = cursor(agents, scene.o, scene.d);
    let first = first(agents, usize::from(inner.height), (scene.o, scene.d));
    let top = busiest(agents, canvas.look);
    let phase = scene.is_wide().then(|| phase_columns(inner.width));
    let who = Who::of(agents, phase, inner.width);
    for (y, (n, agent)) in (inner.y..inner.bottom()).zip(agents.iter().enumerate().skip(first)) {
        let line = Rect { y, height: 1, ..inner };
        let pointer = if n == cursor { canvas.look.pick("›", ">") } else { " " };
        let pointer = format!("{pointer}{}", mark(agent, scene.d, canvas.look));
        let state = scene.o.state_of(agent, canvas.look.now);
        let mut pieces = head(agent, state, (&pointer, who), canvas.look);
        if scene.is_wide() {
            let name = phase_name(agent, scene.o);
            let name = fit(&name, phase_columns(inner.width), canvas.look.glyphs);
            pieces.insert(1, (format!("{name} "), Style::new()));
        }
        let does = who.before(agent, tail(agent, scene, top, canvas.look), canvas.look);
        pieces.push((does, canvas.look.style(ColourRole::Plain)));
        canvas.line(line, &pieces);
        if n == cursor && scene.d.focus.pane == Pane::Streams {
            canvas.select(line);
        }
    }
}

/// Columns of a phase's name, where there is one.
fn phase_columns(width: u16) -> usize {
    usize::from(width / 4).min(30)
}

/// Whether keys are about an agent together with others. Takes no room while none is marked.
pub fn mark(agent: &Agent, d: &Dashboard, look: &Look) -> &'static str {
    match (d.agent.marked.is_empty(), d.agent.marked.contains(&agent.me().id)) {
        (true, _) => "",
        (false, true) => look.pick("»", "="),
        (false, false) => " ",
    }
}

/// The most events in one slot of any agent: the upper end of every activity line.
pub fn busiest(agents: &[&Agent], look: &Look) -> u32 {
    agents.iter().flat_map(|agent| agent.activity.slots(look.now)).max().unwrap_or(1)
}

/// The name of its phase, or what its errand is.
pub fn phase_name(agent: &Agent, o: &Orchestrator) -> String {
    o.about(agent).to_string()
}

/// Pointer, id, state and clock.
fn head(agent: &Agent, state: AgentState, (pointer, who): (&str, Who), look: &Look) -> Vec<Piece> {
    let (glyph, word, role) = look.state(state);
    let time = fit_right(&clock(agent.ran_for(look.now)), 6, look.glyphs);
    vec![
        (format!("{pointer}{}", who.text(agent, look)), Style::new().add_modifier(Modifier::BOLD)),
        (format!("{glyph} {word:<4}"), look.style(role)),
        (format!("{time} "), Style::new()),
    ]
}

/// What is worth knowing of an agent in its state.
fn tail(agent: &Agent, scene: &Scene<'_>, top: u32, look: &Look) -> String {
    let activity = &agent.activity;
    match agent.state(look.now) {
        AgentState::Waiting | AgentState::Running | AgentState::Idle => {
            let line = spark(&activity.slots(look.now), SLOTS, top, look);
            let doing = match &activity.waiting {
                Some(question) => format!("asks: {question}"),
                None => activity.doing.to_string(),
            };
            if scene.is_wide() { format!("{line} {doing}") } else { line }
        }
        AgentState::Verifying => gates(agent, scene.o),
        AgentState::Review if scene.is_wide() || is_asked(agent) => review(agent),
        AgentState::Review => {
            format!("{} diff  {} merge", label("review.diff"), label("review.merge"))
        }
        AgentState::Merging => merging(agent, scene.o),
        AgentState::Pending => "waits for its claim".into(),
        AgentState::Starting => start(agent).into(),
        AgentState::Stopping => "stopping".into(),
        AgentState::Failed | AgentState::TimedOut | AgentState::Killed | AgentState::Succeeded => {
            ending(agent, scene.o, look)
        }
    }
}

fn start(agent: &Agent) -> &'static str {
    match agent.stage {
        Stage::Preparing => "workspace",
        Stage::Marking => "marks the roadmap",
        Stage::Starting => "starting",
        Stage::Claiming
        | Stage::Running
        | Stage::Stopping
        | Stage::Verifying(_)
        | Stage::Review(_)
        | Stage::Merging
        | Stage::Proving(_)
        | Stage::Landing
        | Stage::Completing
        | Stage::Unmarking(_)
        | Stage::Ended(_) => "",
    }
}

/// Which gate runs, of how many.
pub fn gates(agent: &Agent, o: &Orchestrator) -> String {
    if agent.errand().is_some() {
        return "its document is being kept".into();
    }
    let (gates, judged) = gates_now(agent, o);
    match gates.get(judged) {
        Some(gate) => format!("gate {}/{} {}", judged + 1, gates.len(), gate.name),
        None => "writes Complete".into(),
    }
}

/// The gates of the tree that is judged, and how many of them are.
pub fn gates_now<'o>(agent: &Agent, o: &'o Orchestrator) -> (Vec<&'o Gate>, usize) {
    let tree = agent.stage.tree().unwrap_or_default();
    let judged = agent.receipts.iter().filter(|receipt| receipt.tree == tree).count();
    (o.target().gates_on(tree).collect(), judged)
}

/// Whether something has to be mended before its work can be merged.
fn is_asked(agent: &Agent) -> bool {
    matches!(&agent.stage, Stage::Review(why) if !why.as_str().is_empty())
}

/// What a review waits for.
pub fn review(agent: &Agent) -> String {
    match &agent.stage {
        Stage::Review(why) if !why.as_str().is_empty() => why.to_string(),
        _ => {
            let (passed, all) = gates_passed(agent);
            let (look, merge) = (label("review.diff"), label("review.merge"));
            format!("proven {passed}/{all}: {look} shows what changed, {merge} merges it")
        }
    }
}

/// Whether its work waits for a person.
pub fn in_review(agent: &Agent) -> bool {
    matches!(agent.stage, Stage::Review(_))
}

/// How many gates passed on its work, and how many ran on it.
pub fn gates_passed(agent: &Agent) -> (usize, usize) {
    let judged = || agent.receipts.iter().filter(|receipt| receipt.tree == Tree::Work);
    (judged().filter(|receipt| receipt.passed()).count(), judged().count())
}

/// How far a merge is.
pub fn merging(agent: &Agent, o: &Orchestrator) -> String {
    match &agent.stage {
        Stage::Proving(_) => format!("merge: {}", gates(agent, o)),
        Stage::Landing => "merge: moves the target branch".into(),
        _ => "waits for its merge".into(),
    }
}

/// What follows a life that is over and what to press for it, or else how it ended.
pub fn ending(agent: &Agent, o: &Orchestrator, look: &Look) -> String {
    match o.outlook(agent, look.now) {
        Some(Outlook::GoesOn(text)) => text,
        Some(Outlook::Asks(text)) if o.cannot_begin(agent).is_some() => text,
        Some(Outlook::Asks(text)) => format!("{text}, then {}", label("agent.restart")),
        None => reason(agent),
    }
}

/// How a life ended, as short as possible.
pub fn reason(agent: &Agent) -> String {
    let Some(outcome) = agent.outcome() else { return String::new() };
    match outcome {
        Outcome::Succeeded if agent.document.is_some() => {
            format!("{} shows what it wrote", label("review.diff"))
        }
        Outcome::Succeeded => {
            // One that ran on the work and on the merge is one gate.
            let all: BTreeSet<&str> = agent.receipts.iter().map(|one| one.gate.as_str()).collect();
            let bad = agent.receipts.iter().filter(|receipt| !receipt.passed());
            let bad: BTreeSet<&str> = bad.map(|one| one.gate.as_str()).collect();
            match all.len() {
                0 => String::new(),
                n => format!("gates {}/{n}", n - bad.len()),
            }
        }
        Outcome::Failed(_)
        | Outcome::Service(_)
        | Outcome::TurnLimit
        | Outcome::BudgetLimit
        | Outcome::RateLimited { .. }
        | Outcome::NeedsLogin(_)
        | Outcome::RootRefused(_)
        | Outcome::Denied(_)
        | Outcome::NoSession(_)
        | Outcome::Astray(_)
        | Outcome::TimedOut(_)
        | Outcome::Killed
        | Outcome::Interrupted(_)
        | Outcome::Lost
        | Outcome::Refused(_) => outcome.why(),
    }
}
