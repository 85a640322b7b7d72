//! An isolated home: nothing of the person's own settings is read, nothing outlives the test.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// A temporary home directory with its XDG directories. Its path is short, as sockets need.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

/// A process that was started with this home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Its process id.
    pub pid: i32,
    /// Its command line.
    pub command: String,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        let folder =
            tempfile::Builder::new().prefix("ot").rand_bytes(5).tempdir_in("/tmp").unwrap();
        let home = Self { folder };
        for name in [".config", ".local/state", ".local/share", ".cache", "run", "tmp"] {
            std::fs::create_dir_all(home.join(name)).unwrap();
        }
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(home.join("run"), private).unwrap();
        std::fs::write(
            home.join(".gitconfig"),
            "[user]\n\tname = Test Person\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n\
             [commit]\n\tgpgsign = false\n",
        )
        .unwrap();
        home
    }

    /// The home directory.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path below it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }

    /// The whole environment of a program that lives here. `PATH` is the only thing taken over.
    pub fn environment(&self) -> Vec<(String, String)> {
        let at = |name: &str| self.join(name).to_string_lossy().into_owned();
        [
            ("HOME", at("")),
            ("XDG_CONFIG_HOME", at(".config")),
            ("XDG_STATE_HOME", at(".local/state")),
            ("XDG_DATA_HOME", at(".local/share")),
            ("XDG_CACHE_HOME", at(".cache")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("TMPDIR", at("tmp")),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("SHELL", "/bin/sh".into()),
            ("PATH", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into())),
        ]
        .map(|(name, value)| (name.to_string(), value.trim_end_matches('/').to_string()))
        .into()
    }

    /// The journal of the one target there is.
    pub fn journal(&self) -> Vec<Value> {
        let found = std::fs::read_dir(self.join(".local/state/orch-tui")).into_iter().flatten();
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_to_string(entry.ok()?.path().join("journal.jsonl")).ok()
        };
        let text: String = found.filter_map(read).collect();
        let json =
            |line: &str| line.find('{').and_then(|at| serde_json::from_str(&line[at..]).ok());
        text.lines().filter_map(json).collect()
    }

    /// Living processes started with this home, whoever their parent is by now (Linux).
    pub fn residents(&self) -> Vec<Resident> {
        let mark = format!("HOME={}", self.path().display()).into_bytes();
        let Ok(processes) = std::fs::read_dir("/proc") else {
            return Vec::new();
        };
        processes
            .flatten()
            .filter_map(|entry| {
                let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
                let environment = std::fs::read(entry.path().join("environ")).ok()?;
                environment.split(|byte| *byte == 0).any(|pair| pair == mark).then_some(())?;
                let command = std::fs::read(entry.path().join("cmdline")).ok()?;
                let command = String::from_utf8_lossy(&command).replace('\0', " ").trim().into();
                Some(Resident { pid, command })
            })
            .collect()
    }
}

impl Drop for Home {
    /// Ends what still lives here, so that a failed test leaves nothing behind.
    fn drop(&mut self) {
        for resident in self.residents() {
            if let Some(pid) = Pid::from_raw(resident.pid) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}
