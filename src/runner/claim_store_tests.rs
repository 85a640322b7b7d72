#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::domain::id::{AgentId, AgentRef, Life, PhaseId, TargetId};
use crate::runner::pause::pause;

/// What every claim engine must do, whatever it stands on.
trait Engine: Sync {
    /// What keeps a claim while it lives.
    type Lock: Send;
    fn claim(&self, stream: &StreamKey, owner: Owner) -> (ClaimOutcome, Option<Self::Lock>);
}

impl Engine for ClaimStore {
    type Lock = File;
    fn claim(&self, stream: &StreamKey, owner: Owner) -> (ClaimOutcome, Option<File>) {
        let Claim { outcome, lock } = ClaimStore::claim(self, stream, owner);
        (outcome, lock)
    }
}

fn owner(number: usize) -> Owner {
    let agent = AgentRef { id: AgentId::new(format!("a-{number}")), life: Life(1) };
    Owner { agent, pid: std::process::id(), machine: "box".into() }
}

fn stream(number: usize) -> StreamKey {
    StreamKey { target: TargetId::new("target"), phase: PhaseId::new(format!("{number}.1")) }
}

/// `racers` threads claim `streams` streams, `rounds` times: each round one owner each, who everybody names.
fn check_contract<E: Engine>(engine: &E, racers: usize, streams: usize, rounds: usize) {
    let mut last: BTreeMap<usize, Fence> = BTreeMap::new();
    for _round in 0..rounds {
        let won = Mutex::new(BTreeMap::new());
        let lost: Mutex<Vec<(usize, Owner)>> = Mutex::new(Vec::new());
        let start = Barrier::new(racers);
        std::thread::scope(|scope| {
            for racer in 0..racers {
                let (won, lost, start) = (&won, &lost, &start);
                scope.spawn(move || {
                    start.wait();
                    for number in (0..streams).map(|n| (n + racer * 7) % streams) {
                        match engine.claim(&stream(number), owner(racer)) {
                            (ClaimOutcome::Won(fence), Some(lock)) => {
                                let before =
                                    won.lock().unwrap().insert(number, (racer, fence, lock));
                                assert!(before.is_none(), "stream {number} has two owners");
                            }
                            (ClaimOutcome::Lost(owner), None) => {
                                lost.lock().unwrap().push((number, owner));
                            }
                            (other, _) => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
        let won = won.into_inner().unwrap();
        assert_eq!(won.len(), streams, "every stream has an owner");
        assert_eq!(lost.into_inner().unwrap().len(), streams * (racers - 1));
        for (number, (racer, fence, _lock)) in &won {
            assert!(last.insert(*number, *fence).is_none_or(|before| before < *fence));
            let (outcome, none) = engine.claim(&stream(*number), owner(99));
            assert_eq!(outcome, ClaimOutcome::Lost(owner(*racer)));
            assert!(none.is_none());
        }
    }
}

fn store() -> (tempfile::TempDir, ClaimStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ClaimStore::open(folder.path()).unwrap();
    (folder, store)
}

#[test]
fn threads_share_streams_one_owner_each() {
    let (_folder, store) = store();
    check_contract(&store, 32, 40, 3);
}

fn is_lost(outcome: &ClaimOutcome) -> bool {
    matches!(outcome, ClaimOutcome::Lost(_))
}

/// Looks again while a lock still counts as held: a process that another test is just starting has a copy of it until it
/// runs its own program.
fn once_free<T>(look: impl Fn() -> T, held: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let seen = look();
        if !held(&seen) || Instant::now() >= deadline {
            return seen;
        }
        pause(Duration::from_millis(1));
    }
}

#[test]
fn a_dropped_lock_is_free_and_its_fence_rises() {
    let (_folder, store) = store();
    let first = store.claim(&stream(1), owner(1));
    assert_eq!(first.outcome, ClaimOutcome::Won(Fence(1)));
    assert_eq!(store.claim(&stream(1), owner(2)).outcome, ClaimOutcome::Lost(owner(1)));
    drop(first);
    let second = once_free(|| store.claim(&stream(1), owner(2)), |claim| is_lost(&claim.outcome));
    assert_eq!(second.outcome, ClaimOutcome::Won(Fence(2)));
}

#[test]
fn the_lock_lives_in_the_process_it_was_handed_to() {
    let (_folder, store) = store();
    let claim = store.claim(&stream(1), owner(1));
    let mut host =
        Command::new("sleep").arg("60").stdin(Stdio::from(claim.lock.unwrap())).spawn().unwrap();
    assert_eq!(store.claim(&stream(1), owner(2)).outcome, ClaimOutcome::Lost(owner(1)));
    assert_eq!(store.list().unwrap()[0].held, Holding::Held);
    host.kill().unwrap();
    host.wait().unwrap();
    let held = once_free(|| store.list().unwrap()[0].held, |held| *held == Holding::Held);
    assert_eq!(held, Holding::Free);
    let second = once_free(|| store.claim(&stream(1), owner(2)), |claim| is_lost(&claim.outcome));
    assert_eq!(second.outcome, ClaimOutcome::Won(Fence(2)));
}

#[test]
fn listing_shows_every_stream_and_disturbs_nobody() {
    let (_folder, store) = store();
    let long = StreamKey { target: TargetId::new("t"), phase: PhaseId::new("x/\n".repeat(99)) };
    let held = store.claim(&long, owner(1));
    drop(store.claim(&stream(2), owner(2)));
    let listed =
        once_free(|| store.list().unwrap(), |all| all.iter().all(|one| one.held == Holding::Held));
    let short: Vec<_> = listed.iter().map(|c| (&c.stream, c.held, c.owner.clone())).collect();
    assert_eq!(short, [(&long, Holding::Held, owner(1)), (&stream(2), Holding::Free, owner(2))]);
    drop(held);
    // Every claim races with one listing.
    std::thread::scope(|scope| {
        let (listing, asked) = std::sync::mpsc::sync_channel(0);
        let store = &store;
        scope.spawn(move || {
            while asked.recv().is_ok() {
                store.list().unwrap();
            }
        });
        for _ in 0..300 {
            listing.send(()).unwrap();
            let claim = store.claim(&stream(2), owner(3));
            assert!(matches!(claim.outcome, ClaimOutcome::Won(_)), "{:?}", claim.outcome);
        }
    });
}

#[test]
fn trouble_is_never_a_win() {
    let (folder, store) = store();
    std::fs::create_dir(store.path(&stream(1))).unwrap();
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), store.path(&stream(2))).unwrap();
    std::fs::write(store.path(&stream(3)), "rubbish".repeat(200)).unwrap();
    for number in 1..=3 {
        let claim = store.claim(&stream(number), owner(1));
        assert!(matches!(claim.outcome, ClaimOutcome::Unavailable(_)), "{:?}", claim.outcome);
        assert!(claim.lock.is_none());
    }
    assert!(!folder.path().join("elsewhere").exists());
    assert!(ClaimStore::open(&folder.path().join("none")).is_err());
}

/// Runs in a process of its own, started by the test below: claims all streams and holds them until its stdin ends.
#[test]
fn claim_worker() {
    let Ok(folder) = std::env::var("ORCH_TUI_TEST_CLAIMS") else { return };
    let store = ClaimStore::open(Path::new(&folder)).unwrap();
    let claims: Vec<_> =
        (0..100).map(|number| (number, store.claim(&stream(number), owner(number)))).collect();
    let mut said = String::new();
    for (number, claim) in &claims {
        match claim.outcome {
            ClaimOutcome::Won(fence) => said.push_str(&format!("{number}:{} ", fence.0)),
            ClaimOutcome::Lost(_) => {}
            ClaimOutcome::Unavailable(_) => panic!("{:?}", claim.outcome),
        }
    }
    std::fs::write(format!("{folder}/{}.part", std::process::id()), said).unwrap();
    let part = format!("{folder}/{}", std::process::id());
    std::fs::rename(format!("{part}.part"), format!("{part}.won")).unwrap();
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
}

#[test]
fn processes_share_streams_one_owner_each_and_death_frees() {
    let (folder, store) = store();
    for round in 1..=2 {
        let mut children: Vec<_> = (0..8)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "runner::claim_store::tests::claim_worker"])
                    .env("ORCH_TUI_TEST_CLAIMS", folder.path())
                    .stdin(Stdio::piped())
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let won = reports(folder.path(), children.len());
        let numbers: BTreeSet<_> = won.iter().map(|(number, _)| number).collect();
        assert_eq!((won.len(), numbers.len()), (100, 100), "one owner each");
        assert!(won.iter().all(|(_, fence)| *fence == round));
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(store.list().unwrap().iter().all(|claim| claim.held == Holding::Free));
    }
}

/// What the workers won, once all have said so.
fn reports(folder: &Path, workers: usize) -> Vec<(usize, u64)> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let done: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|e| e == "won")).collect();
        if done.len() == workers {
            let texts: Vec<_> =
                done.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
            done.iter().for_each(|path| std::fs::remove_file(path).unwrap());
            let pairs = texts.iter().flat_map(|text| text.split_whitespace());
            return pairs
                .map(|pair| pair.split_once(':').unwrap())
                .map(|(number, fence)| (number.parse().unwrap(), fence.parse().unwrap()))
                .collect();
        }
        assert!(Instant::now() < deadline, "workers are late");
        std::thread::yield_now();
    }
}
