//! Gates and set-up commands that outlived the app that started them: nobody waits for what they would say, nobody keeps
//! their time, and they would go on in a tree in which the same gate begins anew.
//!
//! Found through `/proc`: elsewhere nothing is found.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::runner::gate_run::{GATE_VARIABLE, own_marker};
use crate::runner::process::{ProcessIdentity, carrying, end_marked};
use crate::runner::state_dir::StateDir;

/// Environment variable of all processes of a gate or a set-up command: the folder of the life it was started for.
pub const OF_VARIABLE: &str = "ORCH_TUI_GATE_OF";

/// What is left of one gate or one set-up command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftGate {
    /// The folder of the life it was started for.
    pub folder: PathBuf,
    /// What marks its processes, `NAME=value`.
    pub marker: String,
    /// How many processes there are.
    pub count: usize,
}

/// Those for lives below `base` whose app is gone.
pub fn find(base: &Path) -> Vec<LeftGate> {
    left(base, |mark| !runs(mark))
}

/// Ends all that others than this process started for lives of this state folder. Only for its driver: whoever else
/// started some is gone. Returns the pids that could not be ended. Blocks the calling thread.
pub fn end_all(state: &StateDir) -> Vec<u32> {
    let own = own_marker();
    // The gate this very process is a part of, if it is.
    let around = std::env::var_os(GATE_VARIABLE).unwrap_or_default();
    let foreign = |mark: &[u8]| !mark.starts_with(own.as_bytes()) && mark != around.as_bytes();
    let found = left(state.folder(), foreign);
    found.iter().flat_map(|gate| end_marked(&gate.marker)).collect()
}

/// Those for lives below a folder whose mark is meant.
fn left(base: &Path, meant: impl Fn(&[u8]) -> bool) -> Vec<LeftGate> {
    let mut found: Vec<LeftGate> = Vec::new();
    for (_, of, mark) in carrying(OF_VARIABLE, GATE_VARIABLE) {
        let folder = PathBuf::from(OsStr::from_bytes(&of));
        let Ok(value) = std::str::from_utf8(&mark) else { continue };
        if !folder.starts_with(base) || !meant(&mark) {
            continue;
        }
        let marker = format!("{GATE_VARIABLE}={value}");
        match found.iter_mut().find(|gate| gate.marker == marker) {
            Some(gate) => gate.count += 1,
            None => found.push(LeftGate { folder, marker, count: 1 }),
        }
    }
    found
}

/// Whether the app that gave a gate its mark, `PID.START.NUMBER`, runs.
fn runs(mark: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(mark) else { return false };
    let mut parts = text.split('.');
    let identity = parts.next().and_then(|pid| pid.parse().ok()).and_then(ProcessIdentity::of);
    identity.is_some_and(|app| parts.next() == Some(app.start_time.to_string().as_str()))
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::domain::id::{AgentId, AgentRef, Life};

    /// A process as a gate of this life with this mark, and whether it still runs.
    struct Gate(Child);

    impl Gate {
        fn start(state: &StateDir, mark: &str) -> Self {
            let life = AgentRef { id: AgentId::new("a-1.1"), life: Life(1) };
            let mut command = Command::new("sleep");
            command.arg("600").stdout(Stdio::null());
            command.env(OF_VARIABLE, state.agent_folder(&life)).env(GATE_VARIABLE, mark);
            let gate = Self(command.spawn().unwrap());
            // Before its program is loaded it has our environment.
            let deadline = Instant::now() + Duration::from_secs(20);
            let known =
                || carrying(OF_VARIABLE, GATE_VARIABLE).iter().any(|it| it.0 == gate.0.id());
            while !known() {
                assert!(Instant::now() < deadline, "it is not seen");
                std::thread::yield_now();
            }
            gate
        }

        fn runs(&mut self) -> bool {
            self.0.try_wait().unwrap().is_none()
        }
    }

    impl Drop for Gate {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn state(folder: &Path, name: &str) -> StateDir {
        let repository = folder.join(name);
        std::fs::create_dir_all(&repository).unwrap();
        StateDir::under(&folder.join("state"), &folder.join("sockets"), &repository).unwrap()
    }

    /// The mark of an app that has ended.
    fn gone(number: u32) -> String {
        let mut app = Command::new("true").spawn().unwrap();
        let pid = app.id();
        app.wait().unwrap();
        format!("{pid}.1.{number}")
    }

    #[test]
    fn a_driver_ends_what_others_left_of_its_repository_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (state(folder.path(), "here"), state(folder.path(), "there"));
        let mut left = Gate::start(&here, &gone(1));
        let mut elsewhere = Gate::start(&there, &gone(2));
        let mut own = Gate::start(&here, &format!("{}7", own_marker()));
        assert_eq!(find(here.folder()).iter().map(|gate| gate.count).sum::<usize>(), 1);
        assert_eq!(find(&folder.path().join("state")).len(), 2);
        assert_eq!(end_all(&here), Vec::<u32>::new());
        assert!(!left.runs(), "it goes on");
        assert!(elsewhere.runs(), "it is another repository's");
        assert!(own.runs(), "it is our own");
        assert_eq!(find(here.folder()), []);
    }

    #[test]
    fn an_app_is_known_by_its_start() {
        let own = own_marker();
        assert!(runs(format!("{own}0").as_bytes()));
        let pid = std::process::id();
        assert!(!runs(format!("{pid}.1.0").as_bytes()), "another process had this pid");
        assert!(!runs(b"4d2-18a-0") && !runs(b"") && !runs(b"\xff"));
    }
}
