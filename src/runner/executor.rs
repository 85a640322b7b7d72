//! Carries out effects in the order they were asked for. One task; slow work is handed to others.

use std::collections::HashMap;
use std::fs::File;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::domain::branch::BranchOrder;
use crate::domain::claim::{ClaimOutcome, StreamKey};
use crate::domain::effect::{Effect, Worker};
use crate::domain::gate::{Check, Gate, GateResult, Receipt, Tree};
use crate::domain::id::{AgentId, AgentRef, PhaseId};
use crate::domain::journal::Entry;
use crate::domain::older::OlderWanted;
use crate::domain::printable::Printable;
use crate::domain::report::Report;
use crate::domain::scrollback::Wanted;
use crate::domain::workspace::{Workspace, Worktree};
use crate::runner::agent_link::{self, Beginning, Order};
use crate::runner::document_desk;
use crate::runner::git::Git;
use crate::runner::journal_file::JournalFile;
use crate::runner::last_screen;
use crate::runner::older;
use crate::runner::plan_desk;
use crate::runner::proposals::ProposalDesk;
use crate::runner::roadmap_desk::{RoadmapDesk, RoadmapJob};
use crate::runner::world::SharedWorld;
use crate::runner::{branch, built_in, gate_run, left_gates};

/// Longest time released hosts are waited for when the app ends.
const LEAVE_TIME: Duration = Duration::from_secs(5);

/// Locks of claims that were won and whose host is not started yet.
type Locks = Arc<Mutex<HashMap<AgentRef, File>>>;

/// What the app hands over.
enum Handover {
    /// Effects to carry out, in order.
    Effects(Vec<Effect>),
    /// Answer when everything before is done.
    Settle(oneshot::Sender<()>),
}

/// The end of the runner that the app holds.
#[derive(Clone, Debug)]
pub struct Runner {
    inbox: mpsc::UnboundedSender<Handover>,
}

impl Runner {
    /// Starts carrying out effects. A viewer has no journal to write to.
    pub fn start(world: SharedWorld, journal: Option<JournalFile>) -> Self {
        let (inbox, handed) = mpsc::unbounded_channel();
        let desk = RoadmapDesk::start(world.clone());
        let executor = Executor {
            world,
            journal,
            desk,
            links: HashMap::new(),
            locks: Locks::default(),
            leaving: HashMap::new(),
            gates: HashMap::new(),
            watched: Vec::new(),
            rereads: None,
            proposals: ProposalDesk::default(),
        };
        tokio::spawn(executor.work(handed));
        Self { inbox }
    }

    /// Hands over effects; the answers come as reports.
    pub fn execute(&self, effects: Vec<Effect>) {
        if !effects.is_empty() {
            // The executor ends only with the app.
            let _ = self.inbox.send(Handover::Effects(effects));
        }
    }

    /// Waits until everything handed over so far is on disk and every released host has been told.
    pub async fn settle(&self) {
        let (done, heard) = oneshot::channel();
        if self.inbox.send(Handover::Settle(done)).is_ok() {
            let _ = heard.await;
        }
    }
}

struct Executor {
    world: SharedWorld,
    journal: Option<JournalFile>,
    desk: RoadmapDesk,
    links: HashMap<AgentRef, Link>,
    locks: Locks,
    /// Hosts that are being let go: a new claim of the same agent waits for them.
    leaving: HashMap<AgentId, Vec<JoinHandle<()>>>,
    /// Gates that run, by whose work they judge.
    gates: HashMap<AgentRef, JoinHandle<()>>,
    /// Agents whose screens are in view.
    watched: Vec<AgentRef>,
    /// A recording is read again for somebody.
    rereads: Option<JoinHandle<()>>,
    proposals: ProposalDesk,
}

/// The orders of one agent, and the task that passes them on.
struct Link {
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<()>,
}

impl Executor {
    async fn work(mut self, mut handed: mpsc::UnboundedReceiver<Handover>) {
        // A viewer takes nothing over.
        let mut takes_over = self.journal.is_some();
        while let Some(handover) = handed.recv().await {
            match handover {
                Handover::Effects(list) => {
                    if std::mem::take(&mut takes_over) {
                        end_left_gates(&self.world).await;
                    }
                    self.carry_out_all(list).await;
                }
                Handover::Settle(done) => {
                    let leaving = std::mem::take(&mut self.leaving);
                    let gone = async {
                        for host in leaving.into_values().flatten() {
                            let _ = host.await;
                        }
                    };
                    let _ = tokio::time::timeout(LEAVE_TIME, gone).await;
                    let _ = done.send(());
                }
            }
        }
    }

    async fn carry_out_all(&mut self, list: Vec<Effect>) {
        for effect in list {
            if !self.carry_out(effect).await {
                break;
            }
        }
    }

    /// Returns false when the rest of the list must not happen.
    async fn carry_out(&mut self, effect: Effect) -> bool {
        match effect {
            Effect::Record(entries) => return self.record(entries).await,
            Effect::ReadRoadmap(_) => self.desk.ask(RoadmapJob::Read),
            Effect::EditRoadmap(order) => self.desk.ask(RoadmapJob::Edit(Box::new(order))),
            Effect::Claim { agent, stream } => self.claim(agent, stream),
            Effect::Release { agent, .. } => self.release(agent),
            Effect::PrepareWorkspace { agent, stream, from, needs } => {
                self.prepare(agent, stream.phase, (from, needs));
            }
            Effect::Spawn(launch) => {
                let lock = self.take_lock(&launch.agent);
                self.link(launch.agent.clone(), Beginning::Spawn { launch, lock });
            }
            Effect::Adopt(agent) => {
                if !self.links.contains_key(&agent) {
                    self.link(agent, Beginning::Adopt);
                }
            }
            Effect::Stop { agent, how } => self.order(&agent, Order::Stop(how)),
            Effect::RunGate { worker, gate, workspace, tree, round } => {
                self.gate((*worker, round), gate, (workspace, tree));
            }
            Effect::Branch(order) => self.branch(*order),
            Effect::Type { agent, bytes } => self.order(&agent, Order::Type(bytes)),
            Effect::Watch(agents) => self.watch(&agents),
            Effect::Lines { agent, wanted } => self.lines(agent, wanted),
            Effect::Older { agent, wanted } => self.older(agent, wanted),
            Effect::Resize { agent, size } => self.order(&agent, Order::Resize(size)),
            Effect::Preview(launches) => plan_desk::preview(&self.world, launches),
            Effect::CheckAgent(adapter) => plan_desk::check(&self.world, adapter),
            Effect::Document(order) => document_desk::carry_out(&self.world, order),
            Effect::Proposals(order) => self.proposals.ask(&self.world, order),
        }
        true
    }

    async fn record(&mut self, entries: Vec<Entry>) -> bool {
        let Some(mut journal) = self.journal.take() else { return true };
        let written = tokio::task::spawn_blocking(move || {
            let outcome = journal.append(&entries);
            (journal, outcome)
        });
        match written.await {
            Ok((journal, Ok(()))) => {
                self.journal = Some(journal);
                true
            }
            Ok((journal, Err(error))) => {
                self.journal = Some(journal);
                self.world.report(Report::JournalFailed(error.to_string().into())).await;
                false
            }
            Err(panic) => {
                let why =
                    format!("the journal could not be written: {panic}; start orch-tui again");
                self.world.report(Report::JournalFailed(why.into())).await;
                false
            }
        }
    }

    fn claim(&mut self, agent: AgentRef, stream: StreamKey) {
        let (world, locks) = (self.world.clone(), self.locks.clone());
        let before = self.leaving.remove(&agent.id).unwrap_or_default();
        tokio::spawn(async move {
            for host in before {
                let _ = host.await;
            }
            let claimed = tokio::task::spawn_blocking(move || {
                let claim = world.claims.claim(&stream, world.owner(&agent));
                if let (ClaimOutcome::Won(_), Some(lock)) = (&claim.outcome, claim.lock) {
                    keep(&locks, agent.clone(), lock);
                }
                let _ =
                    world.reports.blocking_send(Report::Claimed { agent, outcome: claim.outcome });
            });
            let _ = claimed.await;
        });
    }

    fn take_lock(&self, agent: &AgentRef) -> Option<File> {
        self.locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(agent)
    }

    fn release(&mut self, agent: AgentRef) {
        drop(self.take_lock(&agent));
        // Nobody waits any more for what a gate would say; dropping it ends its processes.
        if let Some(gate) = self.gates.remove(&agent) {
            gate.abort();
        }
        let id = agent.id.clone();
        let host = match self.links.remove(&agent) {
            Some(link) => {
                let _ = link.orders.send(Order::Release);
                link.task
            }
            None => tokio::spawn(agent_link::let_go(self.world.clone(), agent)),
        };
        self.leaving.retain(|_, hosts| hosts.iter().any(|host| !host.is_finished()));
        self.leaving.entry(id).or_default().push(host);
    }

    fn prepare(
        &self,
        agent: AgentRef,
        phase: PhaseId,
        (from, needs): (Option<Worktree>, Vec<String>),
    ) {
        let world = self.world.clone();
        tokio::spawn(async move {
            let workspace = branch::prepare(&world, (&agent, &phase), (from, &needs)).await;
            let workspace = workspace.map_err(|error| Printable::new(&error.to_string()));
            world.report(Report::WorkspaceReady { agent, workspace }).await;
        });
    }

    fn branch(&self, order: BranchOrder) {
        tokio::spawn(branch::carry_out(self.world.clone(), order));
    }

    fn link(&mut self, agent: AgentRef, beginning: Beginning) {
        let (orders, inbox) = mpsc::unbounded_channel();
        // It may have been in view before there was anything to see.
        let _ = orders.send(Order::Watch(self.watched.contains(&agent)));
        let work = agent_link::supervise(self.world.clone(), agent.clone(), beginning, inbox);
        self.links.insert(agent, Link { orders, task: tokio::spawn(work) });
    }

    fn order(&self, agent: &AgentRef, order: Order) {
        if let Some(link) = self.links.get(agent) {
            let _ = link.orders.send(order);
        }
    }

    fn gate(
        &mut self,
        (worker, round): (Worker, u32),
        gate: Gate,
        (workspace, tree): (Workspace, Tree),
    ) {
        let (world, agent) = (self.world.clone(), worker.agent.clone());
        let judged = agent.clone();
        let orders = self.links.get(&agent).map(|link| link.orders.clone());
        let running = tokio::spawn(async move {
            let target = world.target.seen_from(&workspace);
            let variables = world.gate_environment(&worker, &target);
            let receipt = match gate.check {
                Check::Command(_) => gate_run::run(&gate, &workspace, &variables).await,
                _ => built_in::run(&gate, (&workspace, &target), &variables).await,
            };
            let receipt = unchanged(Receipt { tree, ..receipt }, &workspace).await;
            if let Some(orders) = orders {
                let _ = orders.send(Order::Mark(receipt.line()));
            }
            world.report(Report::GateJudged { agent, round, receipt }).await;
        });
        self.gates.retain(|_, gate| !gate.is_finished());
        // One at a time: dropping it ends its processes.
        if let Some(before) = self.gates.insert(judged, running) {
            before.abort();
        }
    }

    fn watch(&mut self, watched: &[AgentRef]) {
        self.watched = watched.to_vec();
        for (agent, link) in &self.links {
            let _ = link.orders.send(Order::Watch(watched.contains(agent)));
        }
        for agent in watched.iter().filter(|agent| self.is_gone(agent)) {
            tokio::spawn(last_screen::show(self.world.clone(), agent.clone()));
        }
    }

    /// Whether nobody takes orders for an agent any more.
    fn is_gone(&self, agent: &AgentRef) -> bool {
        self.links.get(agent).is_none_or(|link| link.orders.is_closed())
    }

    fn lines(&self, agent: AgentRef, wanted: Wanted) {
        let told = self.links.get(&agent).map(|link| link.orders.send(Order::Lines(wanted)));
        if !matches!(told, Some(Ok(()))) {
            tokio::spawn(last_screen::lines(self.world.clone(), agent, wanted));
        }
    }

    fn older(&mut self, agent: AgentRef, wanted: OlderWanted) {
        let reading = tokio::spawn(older::report(self.world.clone(), agent, wanted));
        if let Some(before) = self.rereads.replace(reading) {
            before.abort();
        }
    }
}

/// Ends gates and set-up commands that an app left when it was killed: they are asked for again.
async fn end_left_gates(world: &SharedWorld) {
    let state = world.state.clone();
    let ended = tokio::task::spawn_blocking(move || left_gates::end_all(&state));
    let left = ended.await.unwrap_or_default();
    if !left.is_empty() {
        let pids: Vec<String> = left.iter().map(ToString::to_string).collect();
        let why = format!(
            "processes {} of a gate from before the last crash can't be ended: end them yourself, they work in a tree that is worked in again",
            pids.join(", ")
        );
        world.report(Report::Trouble(why.into())).await;
    }
}

/// A gate that changed the merge it was to judge, or that nobody can say of which commit it judged, proves nothing.
async fn unchanged(receipt: Receipt, workspace: &Workspace) -> Receipt {
    if receipt.tree == Tree::Work {
        return receipt;
    }
    let git = Git::new(workspace.path());
    let Some(commit) = receipt.commit.clone() else {
        let why = "git does not say which commit it judged".into();
        return Receipt { result: GateResult::Unavailable(why), ..receipt };
    };
    let same_commit = git.head().await.ok().flatten().as_ref() == Some(&commit);
    let args = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"];
    let same_files = git.answer(&args).await.is_ok_and(|said| said.is_empty());
    if same_commit && same_files {
        return receipt;
    }
    // The next gate judges what is to land.
    let _ = git.change(&["checkout", "--quiet", "--force", "--detach", &commit]).await;
    let mut tail = receipt.tail;
    tail.push(
        "it changed files that git knows, or made commits, in the merge it was to judge".into(),
    );
    Receipt { result: GateResult::Failed(Some(1)), tail, ..receipt }
}

fn keep(locks: &Locks, agent: AgentRef, lock: File) {
    locks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(agent, lock);
}
