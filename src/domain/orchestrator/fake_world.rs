//! A world of plain values for tests: it keeps a file, claims, hosts and a journal, and answers effects when and how
//! a test wants. What must never be asked of a world is an assertion here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::fake_repository::FakeRepository;
use crate::domain::adapter::Start;
use crate::domain::agent::{Exit, ExitCause, Processes, Usage};
use crate::domain::branch::{BranchFact, BranchOrder, BranchWork};
use crate::domain::claim::{ClaimOutcome, Fence, Owner};
use crate::domain::document::{DocumentOrder, DocumentReport};
use crate::domain::effect::{Effect, Launch, RoadmapOrder};
use crate::domain::errand::Errand;
use crate::domain::gate::{Gate, GateResult, Receipt, Tree};
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId, TargetId};
use crate::domain::journal::{Entry, Fact};
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::roadmap::phase::Status;
use crate::domain::roadmap::{Roadmap, RoadmapChange, splice};
use crate::domain::time::Timestamp;
use crate::domain::workspace::Isolation;

/// How something turns out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Luck {
    Good,
    /// It goes wrong in one of several ways.
    Bad(u8),
}

/// A host and its agent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Host {
    Running { stopping: bool },
    Exited(Exit),
}

/// Work of the roadmap desk.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    Read,
    Edit(Box<RoadmapOrder>),
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub(crate) struct FakeWorld {
    pub(crate) target: TargetId,
    /// The roadmap file; `None` while it is gone.
    pub(crate) file: Option<String>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) journal: Vec<Entry>,
    pub(crate) claims: BTreeMap<PhaseId, AgentRef>,
    pub(crate) hosts: BTreeMap<AgentRef, Host>,
    pub(crate) tasks: Vec<Effect>,
    pub(crate) desk: VecDeque<Job>,
    pub(crate) typed: Vec<(AgentRef, Vec<u8>)>,
    pub(crate) watched: Vec<AgentRef>,
    /// What was told to every agent that was started.
    pub(crate) launched: Vec<Launch>,
    links: Links,
    pub(crate) repository: FakeRepository,
}

/// The app's ends of hosts.
#[derive(Clone, Debug, Default)]
struct Links {
    heard: BTreeSet<AgentRef>,
    to_stop: BTreeSet<AgentRef>,
    marked: BTreeSet<AgentRef>,
    fences: u64,
}

/// The phase an agent works on.
pub(crate) fn phase_of(agent: &AgentRef) -> PhaseId {
    let id = agent.id.as_str();
    // An errand claims its own name.
    PhaseId::new(if Errand::is_agent(id) { id } else { id.strip_prefix("a-").unwrap() })
}

/// A life of the agent of a phase.
pub(crate) fn life_of(phase: &str, life: u32) -> AgentRef {
    AgentRef { id: AgentId::for_phase(&PhaseId::new(phase)), life: Life(life) }
}

impl FakeWorld {
    pub(crate) fn new(target: TargetId, file: &str, gates: Vec<Gate>) -> Self {
        Self {
            target,
            file: Some(file.to_owned()),
            gates,
            journal: vec![],
            claims: BTreeMap::new(),
            hosts: BTreeMap::new(),
            tasks: vec![],
            desk: VecDeque::new(),
            typed: vec![],
            watched: vec![],
            launched: vec![],
            links: Links::default(),
            repository: FakeRepository::default(),
        }
    }

    /// Takes effects in: what has no answer is done at once, the rest waits to be answered.
    pub(crate) fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Record(entries) => self.record(entries),
                Effect::ReadRoadmap(_) => self.desk.push_back(Job::Read),
                Effect::EditRoadmap(order) => self.order(order),
                Effect::Release { agent, stream } => self.release(&agent, &stream.phase),
                Effect::Spawn(launch) => self.begin_spawn(launch),
                Effect::Stop { agent, .. } => self.stop(&agent),
                Effect::Type { agent, bytes } => self.typed.push((agent, bytes)),
                Effect::Watch(agents) => self.watched = agents,
                Effect::Resize { .. } | Effect::Preview(_) => {}
                Effect::Document(DocumentOrder::Keep { .. } | DocumentOrder::Open { .. }) => {}
                Effect::CheckAgent(_) | Effect::Proposals(_) => {}
                Effect::Lines { .. } | Effect::Older { .. } => {}
                Effect::Branch(order) => self.order_branch(order),
                Effect::Claim { .. }
                | Effect::PrepareWorkspace { .. }
                | Effect::Adopt(_)
                | Effect::Document(DocumentOrder::Collect { .. })
                | Effect::RunGate { .. } => self.tasks.push(effect),
            }
        }
        let gardening = |job: &&Job| matches!(job, Job::Edit(order) if order.change.is_gardening());
        assert!(self.desk.iter().filter(gardening).count() <= 1, "gardening floods the desk");
    }

    /// The journal is written. Nothing is called verified without every gate that counts now.
    fn record(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            if let Fact::VerificationComplete { agent, failed } = &entry.fact
                && failed.is_empty()
            {
                self.assert_green(agent, Tree::Work);
            }
            if let Fact::Branch(BranchFact::MergeProven { agent, failed }) = &entry.fact
                && failed.is_empty()
            {
                self.assert_green(agent, Tree::Merged);
            }
            self.journal.push(entry);
        }
    }

    /// Every required gate of a tree passed; on the merge, on the very commit that is to land.
    fn assert_green(&self, agent: &AgentRef, tree: Tree) {
        let isolation = self.repository.isolation;
        let count = self.gates.iter().filter(|gate| gate.required && gate.runs_on(tree, isolation));
        for gate in count {
            let green = |fact: &Fact| {
                matches!(fact, Fact::GateJudged { agent: of, receipt }
                    if of == agent && receipt.gate == gate.name && receipt.passed()
                        && receipt.tree == tree
                        && (tree == Tree::Work || receipt.commit == self.repository.tested(tree)))
            };
            let passed = self.journal.iter().any(|entry| green(&entry.fact));
            assert!(passed, "{agent} is called good without {}", gate.name);
        }
    }

    fn order_branch(&mut self, order: Box<BranchOrder>) {
        if Errand::is_agent(order.agent.id.as_str()) {
            assert_eq!(order.work, BranchWork::Discard, "an errand's branch is never merged");
        }
        let merging = |effect: &Effect| match effect {
            Effect::Branch(order) => matches!(order.work, BranchWork::Merge { .. }),
            _ => false,
        };
        if let BranchWork::Merge { .. } = order.work {
            assert!(!self.tasks.iter().any(merging), "two merges at once");
            let gates =
                |effect: &Effect| matches!(effect, Effect::RunGate { tree: Tree::Merged, .. });
            // What a person broke off may still run until it is released.
            let proving = self.tasks.iter().filter(|effect| gates(effect)).count();
            assert!(proving == 0, "a merge is made while gates run on the one before");
        }
        if let BranchWork::Land(merge) = &order.work {
            let proven = |fact: &Fact| {
                matches!(fact, Fact::Branch(BranchFact::MergeProven { agent, failed })
                    if *agent == order.agent && failed.is_empty())
            };
            assert!(
                self.journal.iter().any(|entry| proven(&entry.fact)),
                "{merge:?} lands unproven"
            );
        }
        self.tasks.push(Effect::Branch(order));
    }

    fn order(&mut self, order: RoadmapOrder) {
        let by_errand = order.agent.as_ref().is_some_and(|me| Errand::is_agent(me.id.as_str()));
        assert!(!by_errand, "an errand edits the roadmap: {order:?}");
        assert!(order.held.iter().all(|id| !Errand::is_agent(id.as_str())), "{:?}", order.held);
        if let (RoadmapChange::Complete { phase, .. }, Some(agent)) = (&order.change, &order.agent)
        {
            let verified = |fact: &Fact| {
                matches!(fact, Fact::VerificationComplete { agent: of, failed }
                    if of == agent && failed.is_empty())
            };
            let verified = self.journal.iter().any(|entry| verified(&entry.fact));
            assert!(verified, "{phase} becomes complete though {agent} is not verified");
            let landed = self.repository.isolation == Isolation::Shared
                || self.repository.landed.contains(phase);
            assert!(landed, "{phase} becomes complete though it is not merged");
        }
        self.desk.push_back(Job::Edit(Box::new(order)));
    }

    fn begin_spawn(&mut self, launch: Box<Launch>) {
        let me = &launch.agent;
        assert_eq!(self.claims.get(&phase_of(me)), Some(me), "spawned without its claim");
        let errand = launch.brief.errand.is_some();
        assert_eq!(errand, Errand::is_agent(me.id.as_str()), "{me}");
        let marked = self.links.marked.contains(me);
        assert!(marked != errand, "{me} spawned before its phase was marked, or marked one");
        let rival = self
            .hosts
            .iter()
            .find(|(other, host)| other.id == me.id && matches!(host, Host::Running { .. }));
        assert_eq!(rival, None, "two hosts of one agent");
        self.assert_session(&launch);
        self.launched.push((*launch).clone());
        self.tasks.push(Effect::Spawn(launch));
    }

    /// A session is gone on with by the agent that began it, through the same program; a fresh one is new.
    fn assert_session(&self, launch: &Launch) {
        let begun = |session: &String| {
            self.launched.iter().find(|before| match &before.start {
                Start::Fresh { session: own } | Start::Fork { new: own, .. } => own == session,
                Start::Resume { .. } => false,
            })
        };
        match &launch.start {
            Start::Fresh { session } => {
                assert!(!session.is_empty());
                assert_eq!(begun(session), None, "a session is begun twice");
            }
            Start::Resume { session } => {
                let before = begun(session).expect("nobody began this session");
                assert_eq!(before.agent.id, launch.agent.id);
                assert!(before.agent.life < launch.agent.life);
                assert_eq!(before.adapter, launch.adapter);
                assert_ne!(launch.brief.failure, None, "it is not told why it goes on");
            }
            Start::Fork { session, new } => {
                let before = begun(session).expect("nobody began this session");
                assert_eq!(begun(new), None, "a session is begun twice");
                assert_eq!((&before.name, &before.adapter), (&launch.name, &launch.adapter));
                assert_eq!(before.workspace, launch.workspace, "sessions are kept by directory");
                assert_ne!(before.agent, launch.agent);
                assert!(launch.brief.before.is_empty(), "it knows what it did");
            }
        }
    }

    fn stop(&mut self, agent: &AgentRef) {
        self.links.to_stop.insert(agent.clone());
        if let Some(Host::Running { stopping }) = self.hosts.get_mut(agent) {
            *stopping = self.links.heard.contains(agent);
        }
    }

    fn release(&mut self, agent: &AgentRef, phase: &PhaseId) {
        let host = self.hosts.remove(agent);
        assert!(!matches!(host, Some(Host::Running { .. })), "{agent} let go while it runs");
        // Nobody waits any more for what its gates would say.
        self.tasks.retain(
            |effect| !matches!(effect, Effect::RunGate { worker, .. } if worker.agent == *agent),
        );
        if self.claims.get(phase) == Some(agent) {
            self.claims.remove(phase);
        }
    }

    /// Answers a waiting effect.
    pub(crate) fn answer(&mut self, at: usize, luck: Luck) -> Report {
        match self.tasks.remove(at) {
            Effect::Claim { agent, stream } => {
                let outcome = self.claim(&agent, &stream.phase, luck);
                Report::Claimed { agent, outcome }
            }
            Effect::PrepareWorkspace { agent, stream, from, .. } => {
                let workspace = match luck {
                    Luck::Good => Ok(self.repository.prepare(&stream.phase, from)),
                    Luck::Bad(_) => Err("no commit yet".into()),
                };
                Report::WorkspaceReady { agent, workspace }
            }
            Effect::Branch(order) => Report::Branch(self.repository.answer(*order, luck)),
            Effect::Spawn(launch) => self.spawn(launch.agent, luck),
            Effect::Adopt(agent) => self.adopt(agent),
            Effect::Document(DocumentOrder::Collect { agent, name }) => {
                let outcome = match luck {
                    Luck::Good => Ok(format!("/reports/{name}.md").into()),
                    Luck::Bad(_) => Err("it wrote nothing".into()),
                };
                Report::Document(DocumentReport::Collected { agent, outcome })
            }
            Effect::RunGate { worker, gate, tree, round, .. } => {
                let agent = worker.agent;
                let commit = match (tree, luck) {
                    (Tree::Merged, Luck::Bad(3 | 4)) => Some("another commit".into()),
                    _ => self.repository.tested(tree),
                };
                let receipt = Receipt { tree, commit, ..receipt(&gate, luck) };
                Report::GateJudged { agent, round, receipt }
            }
            effect => panic!("{effect:?} has no answer"),
        }
    }

    fn claim(&mut self, agent: &AgentRef, phase: &PhaseId, luck: Luck) -> ClaimOutcome {
        let owner = |agent: &AgentRef| Owner { agent: agent.clone(), pid: 4, machine: "m".into() };
        match (luck, self.claims.get(phase)) {
            (Luck::Bad(0), _) => ClaimOutcome::Unavailable("disk full".into()),
            (_, Some(holder)) => ClaimOutcome::Lost(owner(holder)),
            (Luck::Bad(_), None) => ClaimOutcome::Lost(owner(&life_of("elsewhere", 1))),
            (Luck::Good, None) => {
                self.claims.insert(phase.clone(), agent.clone());
                self.links.fences += 1;
                ClaimOutcome::Won(Fence(self.links.fences))
            }
        }
    }

    fn spawn(&mut self, agent: AgentRef, luck: Luck) -> Report {
        if luck != Luck::Good {
            self.claims.remove(&phase_of(&agent));
            return Report::SpawnFailed { agent, why: "no such program".into() };
        }
        let stopping = self.links.to_stop.contains(&agent);
        self.hosts.insert(agent.clone(), Host::Running { stopping });
        self.started(agent)
    }

    fn started(&mut self, agent: AgentRef) -> Report {
        self.links.heard.insert(agent.clone());
        let processes = Processes { agent: 10, host: 9 };
        Report::Started { agent, processes, at: Timestamp(1) }
    }

    fn adopt(&mut self, agent: AgentRef) -> Report {
        let to_stop = self.links.to_stop.contains(&agent);
        match self.hosts.get_mut(&agent) {
            Some(Host::Running { stopping }) => {
                *stopping |= to_stop;
                self.started(agent)
            }
            Some(Host::Exited(exit)) => Report::Exited { exit: exit.clone(), agent },
            None => Report::HostLost(agent),
        }
    }

    /// Agents whose processes run.
    pub(crate) fn running(&self) -> Vec<AgentRef> {
        let runs = |(_, host): &(&AgentRef, &Host)| matches!(host, Host::Running { .. });
        self.hosts.iter().filter(runs).map(|(agent, _)| agent.clone()).collect()
    }

    /// The process of an agent ends. Nobody hears of it while the app is not linked to its host.
    pub(crate) fn end(&mut self, agent: &AgentRef, luck: Luck) -> Option<Report> {
        let Some(Host::Running { stopping }) = self.hosts.get(agent).cloned() else { return None };
        let heard = self.links.heard.contains(agent);
        if luck == Luck::Bad(0) {
            self.hosts.remove(agent);
            self.claims.retain(|_, holder| holder != agent);
            return heard.then(|| Report::HostLost(agent.clone()));
        }
        let exit = exit(luck, stopping);
        self.hosts.insert(agent.clone(), Host::Exited(exit.clone()));
        heard.then(|| Report::Exited { agent: agent.clone(), exit })
    }

    /// The roadmap as it is in the file.
    pub(crate) fn read(&self) -> Report {
        let read = match &self.file {
            Some(text) => Ok(Arc::new(Roadmap::parse(text.as_bytes()))),
            None => Err("there is no roadmap file".into()),
        };
        Report::Roadmap { target: self.target.clone(), read }
    }

    /// The desk does the job that waits longest.
    pub(crate) fn serve(&mut self, luck: Luck) -> Vec<Report> {
        match self.desk.pop_front() {
            None => vec![],
            Some(Job::Read) => vec![self.read()],
            Some(Job::Edit(order)) => {
                let outcome = match (&self.file, luck) {
                    (Some(text), Luck::Good) => {
                        let roadmap = Roadmap::parse(text.as_bytes());
                        order.change.edits(&roadmap, &order.held)
                    }
                    (Some(_), Luck::Bad(_)) => Err("the disk is full".into()),
                    (None, _) => Err("there is no roadmap file".into()),
                };
                let mut after = None;
                if let (Some(text), Ok(edits)) = (&self.file, &outcome) {
                    let written = String::from_utf8(splice(text.as_bytes(), edits)).unwrap();
                    assert_only(&order, text, &written);
                    let roadmap = Roadmap::parse(written.as_bytes());
                    after = (!edits.is_empty()).then(|| Arc::new(roadmap));
                    self.file = Some(written);
                    if let (RoadmapChange::Claim { .. }, Some(agent)) =
                        (&order.change, &order.agent)
                    {
                        self.links.marked.insert(agent.clone());
                    }
                }
                vec![self.read(), Report::Edited { order: *order, outcome, after }]
            }
        }
    }

    /// The app dies: what it was about to do is not done, its claims go with it, hosts live on if `survives` says so.
    pub(crate) fn crash(&mut self, survives: impl Fn(&AgentRef) -> bool) {
        self.tasks.clear();
        self.desk.clear();
        let (marked, fences) = (std::mem::take(&mut self.links.marked), self.links.fences);
        self.links = Links { marked, fences, ..Links::default() };
        self.hosts.retain(|agent, _| survives(agent));
        let hosts = &self.hosts;
        self.claims.retain(|_, holder| hosts.contains_key(holder));
    }

    /// A person writes another status into a phase.
    pub(crate) fn set_status(&mut self, phase: &str, status: &str) {
        self.edit_section(phase, |section| {
            let lines = section.lines().map(|line| match line.starts_with("- **Status:**") {
                true => format!("- **Status:** {status}\n"),
                false => format!("{line}\n"),
            });
            lines.collect()
        });
    }

    /// A person deletes a phase.
    pub(crate) fn delete(&mut self, phase: &str) {
        self.edit_section(phase, |_| String::new());
    }

    fn edit_section(&mut self, phase: &str, edit: impl Fn(&str) -> String) {
        let Some(text) = &self.file else { return };
        let roadmap = Roadmap::parse(text.as_bytes());
        let Some(found) = roadmap.phase(&PhaseId::new(phase)) else { return };
        let span = found.place.section.clone();
        self.file = Some(format!(
            "{}{}{}",
            &text[..span.start],
            edit(&text[span.clone()]),
            &text[span.end..]
        ));
    }

    /// The status of a phase in the file.
    pub(crate) fn status(&self, phase: &str) -> Option<Status> {
        let roadmap = Roadmap::parse(self.file.as_ref()?.as_bytes());
        roadmap.phase(&PhaseId::new(phase)).map(|phase| phase.status.state)
    }
}

/// An edit on behalf of an agent touches its own phase; gardening only what is blocked.
fn assert_only(order: &RoadmapOrder, before: &str, after: &str) {
    let (old, new) = (Roadmap::parse(before.as_bytes()), Roadmap::parse(after.as_bytes()));
    assert_eq!(old.phases.len(), new.phases.len());
    for (was, is) in old.phases.iter().zip(&new.phases) {
        let same = before[was.place.section.clone()] == after[is.place.section.clone()];
        let meant = match &order.agent {
            Some(agent) => was.id == phase_of(agent),
            None if order.change.is_gardening() => was.status.state == Status::Blocked,
            None => true,
        };
        assert!(same || meant, "{:?} changed {}", order.change, was.id);
    }
}

fn receipt(gate: &Gate, luck: Luck) -> Receipt {
    let result = match luck {
        Luck::Good => GateResult::Passed,
        Luck::Bad(0) => GateResult::TimedOut,
        Luck::Bad(1) => GateResult::Unavailable("no such program".into()),
        Luck::Bad(_) => GateResult::Failed(Some(1)),
    };
    let tail = vec!["assertion failed".into()];
    let (gate, required) = (gate.name.clone(), gate.required);
    Receipt {
        gate,
        required,
        result,
        took: Duration::from_secs(1),
        commit: None,
        tree: Tree::Work,
        tail,
    }
}

fn exit(luck: Luck, stopping: bool) -> Exit {
    let (cause, code, signal, said) = match luck {
        Luck::Good if stopping => (ExitCause::Stopped, None, Some(15), None),
        Luck::Good => (ExitCause::Own, Some(0), None, None),
        Luck::Bad(1) => {
            (ExitCause::Own, Some(0), None, Some(Err(Reason::Failed("API error".into()))))
        }
        Luck::Bad(2) => (ExitCause::TotalLimit, None, Some(9), None),
        Luck::Bad(3) => (ExitCause::IdleLimit, None, Some(9), None),
        Luck::Bad(4) => (ExitCause::Own, None, Some(11), None),
        Luck::Bad(5) => (ExitCause::Own, Some(0), None, None),
        Luck::Bad(kind @ 6..) => (ExitCause::Own, Some(1), None, reason(kind).map(Err)),
        Luck::Bad(0) => (ExitCause::Own, Some(3), None, None),
    };
    let (usage, at) = (Usage::default(), Timestamp(2));
    Exit { cause, code, signal, said, survivors: 0, usage, session: None, at }
}

/// What an agent may say that failed.
fn reason(kind: u8) -> Option<Reason> {
    let said = || "it said so".into();
    Some(match kind {
        6 => Reason::Service(said()),
        7 => Reason::TurnLimit,
        8 => Reason::BudgetLimit,
        9 => Reason::RateLimited { until: None, said: said() },
        10 => Reason::RateLimited { until: Some(Timestamp(3_600_000)), said: said() },
        11 => Reason::NeedsLogin(said()),
        12 => Reason::RootRefused(said()),
        13 => Reason::Denied(vec!["Bash".into()]),
        14 => Reason::NoSession(said()),
        15 => Reason::Astray(said()),
        _ => return None,
    })
}

/// So many kinds of bad luck there are.
pub(crate) const BAD_LUCKS: u8 = 17;
