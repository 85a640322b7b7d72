//! The system's process table.

/// One process as the table shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its pid.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// Clock ticks between the machine's start and its own.
    pub start_time: u64,
}

/// All running processes below `root`, without `root`. Empty where the system has no `/proc`.
pub fn descendants(root: u32) -> Vec<Seen> {
    let all = running();
    let mut found: Vec<Seen> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for seen in all.iter().filter(|seen| seen.parent == parent && seen.pid != root) {
            if !found.iter().any(|known| known.pid == seen.pid) {
                found.push(*seen);
                parents.push(seen.pid);
            }
        }
    }
    found
}

/// All running processes that were started with `marker` (`NAME=value`) in their environment.
#[cfg(target_os = "linux")]
pub fn marked(marker: &str) -> Vec<Seen> {
    if marker.is_empty() {
        return Vec::new();
    }
    let holds = |seen: &Seen| {
        std::fs::read(format!("/proc/{}/environ", seen.pid)).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|entry| entry == marker.as_bytes())
        })
    };
    running().into_iter().filter(holds).collect()
}

/// All running processes that were started with `marker` (`NAME=value`) in their environment.
#[cfg(not(target_os = "linux"))]
pub fn marked(_marker: &str) -> Vec<Seen> {
    Vec::new()
}

/// This user's running processes with the words of their command lines. Empty where the system has no `/proc`.
pub fn commands() -> Vec<(u32, Vec<Vec<u8>>)> {
    let words = |seen: Seen| {
        let line = std::fs::read(format!("/proc/{}/cmdline", seen.pid)).ok()?;
        let words = line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        is_own(seen.pid).then_some((seen.pid, words))
    };
    running().into_iter().filter_map(words).collect()
}

/// Running processes that carry both variables in their environment, with their values. Empty where the system has no
/// `/proc`.
pub fn carrying(one: &str, other: &str) -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let value = |environment: &[u8], name: &str| {
        let mut entries = environment.split(|byte| *byte == 0);
        let rest =
            entries.find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        rest.map(<[u8]>::to_vec)
    };
    let carried = |seen: Seen| {
        let environment = std::fs::read(format!("/proc/{}/environ", seen.pid)).ok()?;
        Some((seen.pid, value(&environment, one)?, value(&environment, other)?))
    };
    running().into_iter().filter_map(carried).filter(|(pid, ..)| is_own(*pid)).collect()
}

fn is_own(pid: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = std::fs::metadata(format!("/proc/{pid}")).map(|data| data.uid());
    owner.is_ok_and(|owner| owner == rustix::process::geteuid().as_raw())
}

/// All processes except those that ended and wait for their parent.
#[cfg(target_os = "linux")]
fn running() -> Vec<Seen> {
    let Ok(folder) = std::fs::read_dir("/proc") else { return Vec::new() };
    folder
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(read)
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn running() -> Vec<Seen> {
    Vec::new()
}

/// One running process; `None` where the system has no `/proc`.
#[cfg(target_os = "linux")]
pub(super) fn seen(pid: u32) -> Option<Seen> {
    read(pid)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn seen(_pid: u32) -> Option<Seen> {
    None
}

/// Start time of a running process.
#[cfg(target_os = "linux")]
pub(super) fn start_time(pid: u32) -> Option<u64> {
    read(pid).map(|seen| seen.start_time)
}

/// Start time of a running process: always 0 here, where only its existence can be asked.
#[cfg(not(target_os = "linux"))]
pub(super) fn start_time(pid: u32) -> Option<u64> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)?;
    match rustix::process::test_kill_process(pid) {
        Ok(()) | Err(rustix::io::Errno::PERM) => Some(0),
        Err(_) => None,
    }
}

#[cfg(target_os = "linux")]
fn read(pid: u32) -> Option<Seen> {
    parse(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads a `stat` line. The program's name is in brackets and may itself hold brackets and blanks.
#[cfg(target_os = "linux")]
fn parse(pid: u32, stat: &str) -> Option<Seen> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    if ["Z", "X", "x"].contains(&state) {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    let start_time = fields.nth(17)?.parse().ok()?;
    Some(Seen { pid, parent, start_time })
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_are_read() {
        let line = "7 (a) b) S 5 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 1 1";
        assert_eq!(parse(7, line), Some(Seen { pid: 7, parent: 5, start_time: 4242 }));
        assert_eq!(parse(7, &line.replace(" S ", " Z ")), None);
    }

    #[test]
    fn own_children_are_descendants() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(descendants(std::process::id()).iter().any(|seen| seen.pid == child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
