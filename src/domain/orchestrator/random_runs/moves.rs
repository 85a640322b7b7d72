//! What may happen in a random run, and what differs from run to run.

use std::time::Duration;

use proptest::prelude::*;

use super::super::Setup;
use super::super::fake_world::BAD_LUCKS;
use super::Luck;
use crate::domain::adapter::{Adapter, SessionId};
use crate::domain::branch::MergePolicy;
use crate::domain::gate::Gate;
use crate::domain::identity::Reuse;
use crate::domain::orchestrator::tests::setup;
use crate::domain::workspace::Isolation;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Move {
    /// A waiting effect is answered.
    Answer(u8, Luck),
    /// The roadmap desk does its next job.
    Desk(Luck),
    /// An agent's process ends.
    End(u8, Luck),
    /// A report comes a second time.
    Again(u8),
    /// A report of a life that is over comes late.
    Late(u8, u8),
    /// A person changes a phase; the watcher tells, or has not yet.
    Edit(u8, u8),
    /// The file goes away, or comes back.
    Vanish,
    /// The watcher tells that the file changed.
    Notice,
    /// A person asks for something.
    Ask(u8, u8),
    /// A person wants something of agents without a plan.
    Errand(u8, u8),
    /// Time passes, this many minutes.
    Wait(u8),
    /// The app dies after the next message has written so many entries; hosts with their bit live on.
    Crash(u8, u8),
}

pub(super) fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![4 => Just(Luck::Good), 1 => (0..BAD_LUCKS).prop_map(Luck::Bad)]
}

pub(super) fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        24 => (any::<u8>(), luck()).prop_map(|(at, luck)| Move::Answer(at, luck)),
        20 => luck().prop_map(Move::Desk),
        10 => (any::<u8>(), luck()).prop_map(|(at, luck)| Move::End(at, luck)),
        3 => any::<u8>().prop_map(Move::Again),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(at, what)| Move::Late(at, what)),
        5 => (any::<u8>(), any::<u8>()).prop_map(|(at, what)| Move::Edit(at, what)),
        1 => Just(Move::Vanish),
        3 => Just(Move::Notice),
        9 => (any::<u8>(), any::<u8>()).prop_map(|(what, at)| Move::Ask(what, at)),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(what, at)| Move::Errand(what, at)),
        2 => (0..5u8, any::<u8>()).prop_map(|(entries, bits)| Move::Crash(entries, bits)),
        3 => any::<u8>().prop_map(Move::Wait),
    ]
}

/// What differs from run to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) slots: u16,
    pub(super) retries: u32,
    pub(super) gates: u8,
    pub(super) auto_garden: bool,
    /// Seconds before the first further try.
    pub(super) wait: u8,
    /// Further adapters.
    pub(super) fallback: u8,
    pub(super) isolation: Isolation,
    pub(super) merge: MergePolicy,
}

pub(super) fn rules() -> impl Strategy<Value = Rules> {
    let merge = prop_oneof![Just(MergePolicy::Auto), Just(MergePolicy::Review)];
    let isolation = prop_oneof![1 => Just(Isolation::Shared), 3 => Just(Isolation::Worktree)];
    let again = (0..4u32, prop_oneof![Just(0), Just(5)], 0..3u8);
    (1..4u16, again, 0..4u8, prop::bool::weighted(0.8), isolation, merge).prop_map(
        |(slots, (retries, wait, fallback), gates, auto_garden, isolation, merge)| Rules {
            slots,
            retries,
            gates,
            auto_garden,
            isolation,
            merge,
            wait,
            fallback,
        },
    )
}

impl Rules {
    pub(super) fn setup(self) -> Setup {
        let mut setup = setup(self.slots);
        let model = setup.target.gates[0].clone();
        let gate = |n: u8| Gate { name: format!("gate {n}"), required: n != 1, ..model.clone() };
        setup.target.gates = (0..self.gates).map(gate).collect();
        setup.target.workspaces.isolation = self.isolation;
        setup.target.workspaces.merge = self.merge;
        let retry = &mut setup.target.retry;
        retry.retries = self.retries;
        retry.wait = Duration::from_secs(self.wait.into());
        retry.fallback = (0..self.fallback).map(|n| format!("other {n}")).collect();
        let mut own = setup.adapters["text"].clone();
        own.session.id = SessionId::Chosen;
        own.session.resume = vec!["--resume={session}".into()];
        own.session.fork = vec!["--fork={session}".into()];
        setup.target.workspaces.reuse = Reuse::Resume;
        for name in setup.target.retry.fallback.clone() {
            let other = Adapter { name: name.clone(), ..own.clone() };
            setup.adapters.insert(name, other);
        }
        setup.adapters.insert("text".into(), own);
        setup.auto_garden = self.auto_garden;
        setup
    }
}
