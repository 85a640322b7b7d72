//! Ending a process tree to the last process.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::domain::effect::StopKind;

use super::table::{Seen, descendants, marked};
use crate::runner::pause::pause;

/// How long the last sweep tries before it names survivors.
const SWEEP: Duration = Duration::from_secs(5);
/// Shortest and longest pause between two looks at the process table.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// What belongs to a tree.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Everything below this process belongs to it, and itself too unless it is the calling process.
    pub root: u32,
    /// First process of the group that was started: all that is known on systems without `/proc`.
    pub leader: u32,
    /// `NAME=value` in the environment of its processes, to find those that left the tree.
    pub marker: String,
}

/// Ends a grace time early when somebody asks for the kill meanwhile.
#[derive(Debug, Default)]
pub struct GraceCut(AtomicBool);

impl GraceCut {
    /// Ends the grace time now.
    pub fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Ends every process of a tree and returns the pids that could not be ended (normally none).
///
/// [`StopKind::Term`] sends SIGTERM first and waits `grace` for all to be gone; then, or at once for
/// [`StopKind::Kill`], all are stopped until no new ones appear, and killed. Blocks the calling
/// thread; somebody must wait for the children of the calling process meanwhile.
pub fn end_tree(tree: &Tree, how: StopKind, grace: Duration, cut: &GraceCut) -> Vec<u32> {
    if how == StopKind::Term && terminate(tree, grace, cut) {
        return Vec::new();
    }
    kill(tree)
}

/// Kills every process with `marker` (`NAME=value`) in its environment and all below it; returns the pids that could
/// not be ended. For trees whose root is gone. Blocks the calling thread.
pub fn end_marked(marker: &str) -> Vec<u32> {
    let ended = |seen: Seen| {
        let tree = Tree { root: seen.pid, leader: seen.pid, marker: String::new() };
        kill(&tree)
    };
    let mut left: Vec<u32> = marked(marker).into_iter().flat_map(ended).collect();
    // Whatever was started meanwhile.
    left.extend(marked(marker).into_iter().flat_map(ended));
    left.sort_unstable();
    left.dedup();
    left
}

/// Asks all to end; whether they did within the grace time.
fn terminate(tree: &Tree, grace: Duration, cut: &GraceCut) -> bool {
    let deadline = Instant::now() + grace;
    let members = members(tree);
    if members.is_empty() {
        signal_group(tree, Signal::TERM);
    }
    for seen in &members {
        signal(seen, Signal::TERM);
        // A stopped process would sleep through its grace time.
        signal(seen, Signal::CONT);
    }
    let mut wait = PAUSES.0;
    while Instant::now() < deadline && !cut.is_cut() {
        if is_gone(tree) {
            return true;
        }
        pause(wait);
        wait = (wait * 2).min(PAUSES.1);
    }
    is_gone(tree)
}

/// Stops all until no new process appears, kills them, and looks again until none is left.
fn kill(tree: &Tree) -> Vec<u32> {
    let deadline = Instant::now() + SWEEP;
    signal_group_where_blind(tree);
    let mut wait = PAUSES.0;
    loop {
        let stopped = stop_all(tree, deadline);
        for seen in &stopped {
            signal(seen, Signal::KILL);
        }
        if is_gone(tree) {
            return Vec::new();
        }
        if Instant::now() >= deadline {
            return members(tree).iter().map(|seen| seen.pid).collect();
        }
        pause(wait);
        wait = (wait * 2).min(PAUSES.1);
    }
}

/// Stops members until a look finds none that is new, so that nothing can fork while it is killed.
fn stop_all(tree: &Tree, deadline: Instant) -> Vec<Seen> {
    let mut known: HashSet<(u32, u64)> = HashSet::new();
    let mut stopped = Vec::new();
    loop {
        let fresh: Vec<Seen> = members(tree)
            .into_iter()
            .filter(|seen| known.insert((seen.pid, seen.start_time)))
            .collect();
        if fresh.is_empty() || Instant::now() >= deadline {
            return stopped;
        }
        for seen in &fresh {
            signal(seen, Signal::STOP);
        }
        stopped.extend(fresh);
    }
}

/// Running processes of the tree, without the calling one. Strays are looked for only when the walk
/// finds nothing more: reading every environment is the dear part.
fn members(tree: &Tree) -> Vec<Seen> {
    let own = std::process::id();
    let mut found = descendants(tree.root);
    if tree.root != own {
        found.extend(super::table::seen(tree.root));
    }
    if found.is_empty() {
        found = marked(&tree.marker);
    }
    found.retain(|seen| seen.pid != own);
    found
}

fn is_gone(tree: &Tree) -> bool {
    members(tree).is_empty() && !group_lives(tree)
}

#[cfg(target_os = "linux")]
fn group_lives(_tree: &Tree) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn group_lives(tree: &Tree) -> bool {
    pid(tree.leader).is_some_and(|leader| rustix::process::test_kill_process_group(leader).is_ok())
}

#[cfg(target_os = "linux")]
fn signal_group_where_blind(_tree: &Tree) {}

#[cfg(not(target_os = "linux"))]
fn signal_group_where_blind(tree: &Tree) {
    signal_group(tree, Signal::KILL);
}

fn signal_group(tree: &Tree, signal: Signal) {
    if let Some(leader) = pid(tree.leader)
        && cfg!(not(target_os = "linux"))
    {
        // Nobody left to signal is what is wanted.
        let _ = kill_process_group(leader, signal);
    }
}

fn pid(raw: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(raw).ok()?)
}

/// Signals this very process: the handle is opened first, then its start time is compared.
#[cfg(target_os = "linux")]
fn signal(seen: &Seen, signal: Signal) {
    use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
    let Some(pid) = pid(seen.pid) else { return };
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    if super::table::start_time(seen.pid) == Some(seen.start_time) {
        // It may have ended by itself since.
        let _ = pidfd_send_signal(handle, signal);
    }
}

#[cfg(not(target_os = "linux"))]
fn signal(seen: &Seen, signal: Signal) {
    if let Some(pid) = pid(seen.pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_stubborn_tree_is_ended_from_outside() {
        let marker = format!("ORCH_TUI_TEST_TREE={}", std::process::id());
        let (name, value) = marker.split_once('=').unwrap();
        let script = "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM; sleep 61 & wait' & \
                      (setsid sh -c 'sleep 62' &) ; echo up; while :; do sleep 63; done";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .env(name, value)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while marked(&marker).len() < 5 && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let tree = Tree { root: child.id(), leader: child.id(), marker: marker.clone() };
        let grace = Duration::from_millis(50);
        let left = end_tree(&tree, StopKind::Term, grace, &GraceCut::default());
        child.wait().unwrap();
        assert_eq!(left, Vec::<u32>::new());
        assert_eq!(marked(&marker), []);
    }

    #[test]
    fn what_a_dead_root_left_is_found_by_its_mark() {
        let marker = format!("ORCH_TUI_TEST_LEFT={}", std::process::id());
        let (name, value) = marker.split_once('=').unwrap();
        // The root ends at once; one orphan hides a child that has no mark.
        let script = "setsid sh -c 'trap \"\" TERM HUP; env -i sleep 64 & sleep 65' & \
                      setsid sleep 66 & exit 0";
        let mut root = Command::new("sh");
        root.args(["-c", script]).env(name, value).stdout(Stdio::null());
        assert!(root.status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(10);
        let hidden = || marked(&marker).iter().any(|seen| descendants(seen.pid).len() == 2);
        while !(marked(&marker).len() == 3 && hidden()) && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let below: Vec<Seen> =
            marked(&marker).iter().flat_map(|seen| descendants(seen.pid)).collect();
        assert_eq!(end_marked(&marker), Vec::<u32>::new());
        assert_eq!(marked(&marker), []);
        for seen in below {
            assert_ne!(super::super::table::start_time(seen.pid), Some(seen.start_time));
        }
    }
}
