//! The program on pipes instead of a terminal: its command line as scripts see it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::DEADLINE;
use super::home::Home;

/// What a command left: its streams and its exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// Its exit code, `None` when a signal ended it.
    pub code: Option<i32>,
}

impl Outcome {
    /// Panics with both streams unless the command succeeded; returns its standard output.
    pub fn expect_success(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// A command line to run.
#[derive(Clone, Debug)]
pub struct Invocation {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    input: Vec<u8>,
    deadline: Duration,
}

impl Invocation {
    /// `orch-tui` with these arguments, in `home`.
    pub fn orch_tui<S: Into<String>>(home: &Home, arguments: impl IntoIterator<Item = S>) -> Self {
        Self::program(home, env!("CARGO_BIN_EXE_orch-tui"), arguments)
    }

    /// Any program with these arguments, in `home`.
    pub fn program<S: Into<String>>(
        home: &Home,
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: home.environment(),
            folder: home.path().into(),
            input: Vec::new(),
            deadline: DEADLINE,
        }
    }

    /// Runs it in another folder than the home.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = folder.as_ref().into();
        self
    }

    /// Sets a variable.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Sets variables.
    pub fn variables(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Gives it something to read; nothing if not set.
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// How long it may take; 20 s if not set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs it to its end. Panics, and ends it, at the deadline.
    pub fn run(self) -> Outcome {
        let mut child = self.spawn();
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input.clone();
        std::thread::spawn(move || stdin.write_all(&input));
        let (sender, receiver) = channel();
        let mut stderr = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            text
        });
        std::thread::spawn(move || {
            let output = child.wait_with_output();
            let _ = sender.send((output, complaints.join().unwrap_or_default()));
        });
        match receiver.recv_timeout(self.deadline) {
            Ok((output, complaints)) => {
                let output = output.unwrap();
                Outcome {
                    stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                    stderr: String::from_utf8_lossy(&complaints).into_owned(),
                    code: output.status.code(),
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let _ = kill_process_group(pid, Signal::KILL);
                panic!(
                    "{} {:?} did not end in {:?}",
                    self.program.display(),
                    self.arguments,
                    self.deadline
                );
            }
        }
    }

    /// Starts it with nothing to read, to be looked at while it runs.
    pub fn start(self) -> Running {
        let mut child = self.spawn();
        drop(child.stdin.take());
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut stderr = child.stderr.take().unwrap();
        let complaints = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Running { child, lines, heard: Vec::new(), complaints, deadline: self.deadline }
    }

    fn spawn(&self) -> std::process::Child {
        use std::os::unix::process::CommandExt;
        Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()))
    }
}

/// A command that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
    complaints: JoinHandle<String>,
    deadline: Duration,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of its standard output. Panics with all lines so far when it does not come.
    pub fn wait_for_line(&mut self, wanted: impl Fn(&str) -> bool, what: &str) -> String {
        let until = Instant::now() + self.deadline;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if wanted(&line) {
                        return line;
                    }
                }
                Err(error) => panic!("{error} waiting for {what}:\n{}", self.heard.join("\n")),
            }
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended: all it wrote, and its exit code.
    pub fn wait(mut self) -> Outcome {
        let until = Instant::now() + self.deadline;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.signal(Signal::KILL);
                    panic!("it did not end in {:?}:\n{}", self.deadline, self.heard.join("\n"));
                }
            }
        }
        let code = self.child.wait().unwrap().code();
        let mut stdout = self.heard.join("\n");
        stdout.push('\n');
        Outcome { stdout, stderr: self.complaints.join().unwrap_or_default(), code }
    }
}
