//! Agents stand back when the processor is busy, so that the person's keys do not wait for them.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::{Pid, getpriority_process, setpriority_process};

use crate::runner::pause::pause;

/// The system takes one change of a session's priority in 100 ms, of all users without rights together.
const AGAIN: Duration = Duration::from_millis(130);
/// How often it is asked: also when very many agents start at once.
const TRIES: u32 = 100;

/// Lowers the priority of a process that leads a session, and of all it starts from then on, by `nice` steps.
///
/// Linux divides the processor between sessions first ("autogroups", sched(7)), so that a process's own nice value counts
/// against its own session only. Other systems, and Linux without autogroups, go by the process's.
pub(super) fn lower(leader: u32, nice: u8) {
    let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) else { return };
    if nice == 0 {
        return;
    }
    // One that is gone, or may not be changed, keeps its priority.
    let own = getpriority_process(None).unwrap_or(0);
    let steps = (own + i32::from(nice)).min(19);
    let _ = setpriority_process(Some(pid), steps);
    let session = PathBuf::from(format!("/proc/{leader}/autogroup"));
    if session.exists() {
        std::thread::spawn(move || {
            for _ in 0..TRIES {
                match std::fs::write(&session, steps.to_string()) {
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => pause(AGAIN),
                    Ok(()) | Err(_) => return,
                }
            }
        });
    }
}
