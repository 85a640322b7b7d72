//! The simulated world: a queue of what will happen, by virtual time. Every effect is answered here or, where nobody
//! looks, needs no answer; a new effect stops the compiler.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::agent::{Exit, ExitCause, Processes};
use crate::domain::branch::BranchOrder;
use crate::domain::claim::{ClaimOutcome, Fence, Owner, StreamKey};
use crate::domain::effect::{Effect, Launch, RoadmapOrder, StopKind};
use crate::domain::gate::{Gate, Tree};
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId};
use crate::domain::journal::Entry;
use crate::domain::printable::Printable;
use crate::domain::report::{Pulse, Rehearsed, Report};
use crate::domain::roadmap::Roadmap;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::domain::workspace::{Isolation, Worktree};
use crate::runner::simulation::branches;
use crate::runner::simulation::desk::Desk;
use crate::runner::simulation::dice::Dice;
use crate::runner::simulation::script::{self, Script, ended_by};

/// When a simulation begins: midnight of the first day of 2026, UTC.
pub const BEGINNING: Timestamp = Timestamp(1_767_225_600_000);
/// Starts that go wrong, in a thousand: of claims, workspaces and processes each.
const MISHAPS: u64 = 1;

/// Something that will happen.
#[derive(Clone, Debug)]
pub enum Happening {
    /// The world answers.
    Reports(Vec<Report>),
    /// The person looks after an agent that failed.
    Person(AgentId),
}

/// What is due at a moment.
#[derive(Clone, Debug)]
enum Due {
    /// An answer.
    Report(Box<Report>),
    /// An edit of the roadmap.
    Edit(Box<RoadmapOrder>),
    /// An agent asks, or has its answer.
    Pulse(AgentRef, Option<Printable>),
    /// An agent's process ends by itself.
    End(AgentRef),
    /// An agent's process ends because somebody wanted it to.
    Stopped(AgentRef),
    /// The person looks after an agent.
    Person(AgentId),
}

/// A host with its agent.
#[derive(Clone, Debug)]
struct Host {
    script: Script,
    since: Timestamp,
    processes: Processes,
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct SimulatedWorld {
    seed: u64,
    now: Timestamp,
    directory: std::path::PathBuf,
    isolation: Isolation,
    desk: Desk,
    /// Happenings of one moment come in the order in which they were arranged.
    queue: BTreeMap<(Timestamp, u64), Due>,
    arranged: u64,
    fences: u64,
    claims: BTreeMap<PhaseId, AgentRef>,
    hosts: BTreeMap<AgentRef, Host>,
    journal: Vec<Entry>,
}

impl SimulatedWorld {
    /// A world in which nothing has happened but that a roadmap was written.
    pub fn new(seed: u64, target: &Target, roadmap: Arc<Roadmap>) -> Self {
        Self {
            seed,
            now: BEGINNING,
            directory: target.path.clone(),
            isolation: target.workspaces.isolation,
            desk: Desk::new(target.id.clone(), roadmap),
            queue: BTreeMap::new(),
            arranged: 0,
            fences: 0,
            claims: BTreeMap::new(),
            hosts: BTreeMap::new(),
            journal: Vec::new(),
        }
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The roadmap as it stands.
    pub fn roadmap(&self) -> &Arc<Roadmap> {
        self.desk.roadmap()
    }

    /// Everything that was written down.
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }

    /// The first thing an orchestrator hears.
    pub fn read(&self) -> Report {
        self.desk.read()
    }

    /// The person will look after an agent in a while.
    pub fn expect_person(&mut self, after: Duration, agent: AgentId) {
        self.arrange(after, Due::Person(agent));
    }

    /// When the next thing happens; `None` when nothing will any more.
    pub fn next(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Nothing happens until then.
    pub fn wait_until(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
    }

    /// The next thing that happens, at its own time; `None` when nothing will happen any more.
    pub fn pass(&mut self) -> Option<Happening> {
        loop {
            let ((at, _), due) = self.queue.pop_first()?;
            self.now = self.now.max(at);
            let reports = match due {
                Due::Report(report) => vec![*report],
                Due::Edit(order) => self.desk.make(*order),
                Due::Pulse(agent, says) => self.pulse(agent, says),
                Due::End(agent) => self.end(agent),
                Due::Stopped(agent) => self.stopped(agent),
                Due::Person(agent) => return Some(Happening::Person(agent)),
            };
            if !reports.is_empty() {
                return Some(Happening::Reports(reports));
            }
        }
    }

    /// Takes effects in, in their order.
    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.take(effect));
    }

    fn take(&mut self, effect: Effect) {
        let soon = Duration::from_millis(2);
        match effect {
            Effect::Record(entries) => self.journal.extend(entries),
            Effect::ReadRoadmap(_) => self.report(soon, self.desk.read()),
            Effect::EditRoadmap(order) => {
                self.arrange(Duration::from_millis(12), Due::Edit(Box::new(order)));
            }
            Effect::Claim { agent, stream } => self.claim(agent, &stream),
            Effect::Release { agent, stream } => self.release(&agent, &stream.phase),
            Effect::PrepareWorkspace { agent, from, .. } => self.prepare(agent, from),
            Effect::Branch(order) => self.branch(*order),
            Effect::Spawn(launch) => self.spawn(*launch),
            Effect::Adopt(agent) => self.adopt(agent),
            Effect::Stop { agent, how } => self.stop(agent, how),
            Effect::RunGate { worker, gate, tree, round, .. } => {
                self.gate((worker.agent, round), (&gate, tree));
            }
            Effect::CheckAgent(_) => {
                self.report(soon, Report::Rehearsed(Rehearsed::Startable(Ok(()))))
            }
            Effect::Preview(_) => {
                self.report(soon, Report::Rehearsed(Rehearsed::Launches(Vec::new())))
            }
            Effect::Lines { agent, .. } => self.report(soon, Report::Lines { agent, page: None }),
            // No file is written, nobody looks at a screen, nobody types.
            Effect::Document(_)
            | Effect::Proposals(_)
            | Effect::Type { .. }
            | Effect::Watch(_)
            | Effect::Older { .. }
            | Effect::Resize { .. } => {}
        }
    }

    fn arrange(&mut self, after: Duration, due: Due) {
        self.arranged += 1;
        self.queue.insert((self.now.plus(after), self.arranged), due);
    }

    fn report(&mut self, after: Duration, report: Report) {
        self.arrange(after, Due::Report(Box::new(report)));
    }

    /// The dice for one question about a life.
    fn dice(&self, question: &str, agent: &AgentRef) -> Dice {
        Dice::about(self.seed, &format!("{question} {agent}"))
    }

    fn claim(&mut self, agent: AgentRef, stream: &StreamKey) {
        let mut dice = self.dice("claim", &agent);
        let after = dice.millis(1, 8);
        let taken = self.claims.get(&stream.phase).cloned();
        let elsewhere = dice
            .happens(MISHAPS)
            .then(|| AgentRef { id: AgentId::new("a-elsewhere"), life: Life(1) });
        let outcome = match taken.or(elsewhere) {
            Some(agent) => ClaimOutcome::Lost(Owner { agent, pid: 4, machine: "simulated".into() }),
            None => {
                self.claims.insert(stream.phase.clone(), agent.clone());
                self.fences += 1;
                ClaimOutcome::Won(Fence(self.fences))
            }
        };
        self.report(after, Report::Claimed { agent, outcome });
    }

    fn release(&mut self, agent: &AgentRef, phase: &PhaseId) {
        self.hosts.remove(agent);
        if self.claims.get(phase) == Some(agent) {
            self.claims.remove(phase);
        }
    }

    fn prepare(&mut self, agent: AgentRef, from: Option<Worktree>) {
        let mut dice = self.dice("workspace", &agent);
        let after = dice.millis(150, 2_500);
        let workspace = if dice.happens(MISHAPS) {
            Err("no space left on the device".into())
        } else {
            let kind = (self.isolation, from);
            Ok(branches::workspace(&self.directory, kind, (&agent, &mut dice)))
        };
        self.report(after, Report::WorkspaceReady { agent, workspace });
    }

    fn spawn(&mut self, launch: Launch) {
        let agent = launch.agent;
        let mut dice = self.dice("spawn", &agent);
        let after = dice.millis(7, 25);
        if dice.happens(MISHAPS) {
            let why =
                Printable::new("the agent's program is missing: install it, or choose another");
            self.report(after, Report::SpawnFailed { agent, why });
            return;
        }
        let script = Script::new(self.dice("life", &agent), launch.phase.effort);
        let since = self.now.plus(after);
        let id = u32::try_from(self.arranged % 1_000_000).unwrap_or(0) * 2 + 100;
        let processes = Processes { agent: id + 1, host: id };
        self.report(after, Report::Started { agent: agent.clone(), processes, at: since });
        if let Some((asked, wait)) = script.asks {
            let question = Some(Printable::new("Which of the two ways shall I go?"));
            self.arrange(after + asked, Due::Pulse(agent.clone(), question));
            self.arrange(after + asked + wait, Due::Pulse(agent.clone(), None));
        }
        self.arrange(after + script.runs, Due::End(agent.clone()));
        self.hosts.insert(agent, Host { script, since, processes });
    }

    fn adopt(&mut self, agent: AgentRef) {
        let report = match self.hosts.get(&agent) {
            Some(host) => Report::Started { agent, processes: host.processes, at: host.since },
            None => Report::HostLost(agent),
        };
        self.report(Duration::from_millis(5), report);
    }

    fn stop(&mut self, agent: AgentRef, how: StopKind) {
        let after = match how {
            StopKind::Term => self.dice("stop", &agent).millis(100, 5_000),
            StopKind::Kill => Duration::from_millis(50),
        };
        self.arrange(after, Due::Stopped(agent));
    }

    fn branch(&mut self, order: BranchOrder) {
        // Each try of a merge is a question of its own.
        let mut dice = self.dice(&format!("branch {}", self.arranged), &order.agent);
        let after = dice.millis(80, 1_500);
        let answer = branches::answer(order, &self.directory, &mut dice);
        self.report(after, Report::Branch(answer));
    }

    fn gate(&mut self, (agent, round): (AgentRef, u32), (gate, tree): (&Gate, Tree)) {
        let mut dice = self.dice(&format!("gate {} {tree:?}", gate.name), &agent);
        let receipt = script::receipt(&mut dice, (gate, tree), agent.life.0);
        self.report(receipt.took, Report::GateJudged { agent, round, receipt });
    }

    fn pulse(&self, agent: AgentRef, waiting: Option<Printable>) -> Vec<Report> {
        let Some(host) = self.hosts.get(&agent) else { return Vec::new() };
        let usage = script::usage(&mut self.dice("usage", &agent), self.now.since(host.since));
        let doing = Printable::new(if waiting.is_some() { "asks a question" } else { "goes on" });
        let pulse = Pulse { last_output: self.now, events: 1, waiting, doing, usage };
        vec![Report::Activity { agent, pulse }]
    }

    /// A process ends by itself, unless it was ended before.
    fn end(&mut self, agent: AgentRef) -> Vec<Report> {
        let Some(host) = self.hosts.remove(&agent) else { return Vec::new() };
        match host.script.exit(&mut self.dice("usage", &agent), self.now) {
            Some(exit) => vec![Report::Exited { agent, exit }],
            None => {
                // The kernel frees what a dead host held.
                self.claims.retain(|_, holder| *holder != agent);
                vec![Report::HostLost(agent)]
            }
        }
    }

    fn stopped(&mut self, agent: AgentRef) -> Vec<Report> {
        let Some(host) = self.hosts.remove(&agent) else { return Vec::new() };
        let usage = script::usage(&mut self.dice("usage", &agent), self.now.since(host.since));
        let exit: Exit = ended_by(15, ExitCause::Stopped, (usage, self.now));
        vec![Report::Exited { agent, exit }]
    }
}
