//! A pane of a real tmux, fed with exact bytes.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use orch_tui::domain::frame::Size;

/// How long tmux may take for one command.
const DEADLINE: Duration = Duration::from_secs(60);

/// A server of its own with one pane. Dropping it ends the server.
pub struct Tmux {
    folder: tempfile::TempDir,
    socket: String,
}

/// Whether there is a tmux.
pub fn is_there() -> bool {
    let version = Command::new("tmux").arg("-V").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

impl Tmux {
    /// A server without a pane.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("tmux").to_string_lossy().into_owned();
        std::fs::write(folder.path().join("settings"), "set -g status off\n").unwrap();
        Self { folder, socket }
    }

    /// Opens a pane that is fed with the pieces one after the other, each at its size.
    pub fn open(&self, name: &str, pieces: &[(Size, Vec<u8>)]) {
        let script = self.script(name, pieces);
        let size = pieces[0].0;
        let (columns, rows) = (size.cols.to_string(), size.rows.to_string());
        let settings = path(&self.folder.path().join("settings"));
        let program = format!("sh {script}");
        self.run(&[
            "-f",
            &settings,
            "new-session",
            "-d",
            "-s",
            name,
            "-x",
            &columns,
            "-y",
            &rows,
            &program,
        ]);
    }

    /// Lets tmux read all pieces, and returns the last screen as text with colours and attributes.
    pub fn show(&self, name: &str, pieces: &[(Size, Vec<u8>)]) -> Vec<u8> {
        for (number, (size, _)) in pieces.iter().enumerate() {
            let (columns, rows) = (size.cols.to_string(), size.rows.to_string());
            if number > 0 {
                self.run(&["resize-window", "-t", name, "-x", &columns, "-y", &rows]);
            }
            self.run(&["wait-for", "-S", &format!("{name}-go{number}")]);
            self.run(&["wait-for", &format!("{name}-done{number}")]);
        }
        self.run(&["capture-pane", "-t", name, "-p", "-e", "-N"]).stdout
    }

    /// The pane's program writes a piece when told to, and tells when tmux has read it: an answer to
    /// its last query proves that.
    fn script(&self, name: &str, pieces: &[(Size, Vec<u8>)]) -> String {
        let mut script = "stty raw -echo\n".to_owned();
        for (number, (_, bytes)) in pieces.iter().enumerate() {
            let file = self.folder.path().join(format!("{name}-{number}"));
            std::fs::write(&file, bytes).unwrap();
            script += &format!(
                "tmux -S {socket} wait-for {name}-go{number}\ncat {file}; printf '\\033[5n'\n\
                 until [ \"$(dd bs=1 count=1 2>/dev/null)\" = n ]; do :; done\n\
                 tmux -S {socket} wait-for -S {name}-done{number}\n",
                socket = self.socket,
                file = file.display(),
            );
        }
        script += "exec cat >/dev/null\n";
        let file = self.folder.path().join(name);
        std::fs::write(&file, script).unwrap();
        path(&file)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command.args(["-u", "-S", &self.socket]).args(arguments);
        command.env_remove("TMUX").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        let (done, output) = channel();
        std::thread::spawn(move || done.send(command.output()));
        let output = output.recv_timeout(DEADLINE);
        let output = output.unwrap_or_else(|_| panic!("tmux {arguments:?} does not end")).unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {output:?}");
        output
    }
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-S", &self.socket, "kill-server"]).output();
    }
}
