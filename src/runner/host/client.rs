//! The app's side of a host: starting one and talking to it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::domain::effect::StopKind;
use crate::domain::id::AgentRef;
use crate::domain::printable::Printable;
use crate::runner::process::{GraceCut, Tree, end_tree};

use super::launch::PROMPT_VARIABLE;
use super::protocol::{self, FromHost, Hello, ToHost, VERSION};
use super::spec::{HostSpec, append_private, private_folder, write_whole};

/// Most time a host may take to open its socket.
const START: Duration = Duration::from_secs(20);
/// Pause between two looks at whether it did.
const PAUSE: Duration = Duration::from_millis(3);
/// Most time a host may take for its first message.
const GREETING: Duration = Duration::from_secs(5);
/// Messages that may wait on either way.
const QUEUE: usize = 256;

/// Why a host could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// Its files cannot be written.
    #[error("{path}: the agent's folder cannot be written ({cause}); check its permissions")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The program itself cannot be started.
    #[error("{exe}: the host process cannot be started ({cause})")]
    Start {
        /// The program.
        exe: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// It ended before its agent ran; what it said.
    #[error("{0}")]
    Ended(Printable),
    /// It runs but cannot be reached.
    #[error("the host did not answer within {0} s; see host.log in the agent's folder")]
    Silent(u64),
}

/// Why a host cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers: the host is gone, or was never there.
    #[error("{path}: no host answers ({cause})")]
    Gone {
        /// The socket.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// Somebody else answers.
    #[error("{path}: {who} answers there, not the host of {wanted}; it is left alone")]
    Foreign {
        /// The socket.
        path: PathBuf,
        /// Who answers.
        who: String,
        /// Who should.
        wanted: AgentRef,
    },
    /// It speaks another version.
    #[error("{path}: the host speaks protocol {theirs}, this program {VERSION}; stop that agent")]
    Version {
        /// The socket.
        path: PathBuf,
        /// The host's version.
        theirs: u32,
    },
}

/// A connection to a host.
#[derive(Debug)]
pub struct HostLink {
    /// Who it is.
    pub hello: Hello,
    /// The process at the other end, as the system tells.
    pub peer: Option<u32>,
    /// To tell it something.
    pub sender: HostSender,
    /// What it tells; ends when the host goes.
    pub events: mpsc::Receiver<FromHost>,
}

/// Tells a host something. Clones tell the same host.
#[derive(Clone, Debug)]
pub struct HostSender(mpsc::Sender<ToHost>);

impl HostSender {
    /// Sends a message, in order; `false` when the host is gone.
    pub async fn send(&self, message: ToHost) -> bool {
        self.0.send(message).await.is_ok()
    }

    /// Sends a message without waiting; `false` when the host is gone or takes nothing in.
    pub fn try_send(&self, message: ToHost) -> bool {
        self.0.try_send(message).is_ok()
    }
}

/// Starts a host and its agent, and returns when the host can be reached.
///
/// `lock` is the claim's locked file: the host shares the lock and holds it for its life. The
/// caller's own descriptor is closed, so from then on the lock is the host's alone.
///
/// # Errors
/// When the files cannot be written, or the agent could not be started.
pub async fn spawn_host(exe: &Path, spec: &HostSpec, lock: Option<File>) -> Result<(), SpawnError> {
    let folder = |cause| SpawnError::Folder { path: spec.folder.clone(), cause };
    private_folder(&spec.folder).map_err(folder)?;
    let bytes = serde_json::to_vec_pretty(spec).map_err(|error| folder(error.into()))?;
    write_whole(&spec.path(), &bytes).map_err(folder)?;
    let log = spec.folder.join("host.log");
    let errors = append_private(&log).map_err(folder)?;
    let child = Command::new(exe)
        .arg("host")
        .arg("--spec")
        .arg(spec.path())
        .env_remove("ORCH_TUI_AGENT")
        .env_remove(super::HOST_VARIABLE)
        .env_remove(PROMPT_VARIABLE)
        .current_dir("/")
        .stdin(lock.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::null())
        .stderr(errors)
        .kill_on_drop(false)
        .spawn()
        .map_err(|cause| SpawnError::Start { exe: exe.to_owned(), cause })?;
    wait_until_up(child, &spec.socket, &log).await
}

async fn wait_until_up(mut child: Child, socket: &Path, log: &Path) -> Result<(), SpawnError> {
    let deadline = Instant::now() + START;
    loop {
        if UnixStream::connect(socket).await.is_ok() {
            // Waits for it in the background, so that it never stays a zombie of the app.
            tokio::spawn(async move { child.wait().await });
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            let said = tail(log).unwrap_or_else(|| format!("the host ended with {status}"));
            return Err(SpawnError::Ended(Printable::new(&said)));
        }
        if Instant::now() >= deadline {
            abandon(child).await;
            return Err(SpawnError::Silent(START.as_secs()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Ends a host that cannot be reached, with the agent it may have started.
async fn abandon(mut child: Child) {
    if let Some(pid) = child.id() {
        let tree = Tree { root: pid, leader: pid, marker: String::new() };
        let end = move || end_tree(&tree, StopKind::Kill, Duration::ZERO, &GraceCut::default());
        let _ = tokio::join!(tokio::task::spawn_blocking(end), child.wait());
    }
}

/// The last line of a host's log.
fn tail(log: &Path) -> Option<String> {
    let mut text = Vec::new();
    File::open(log).ok()?.take(1024 * 1024).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(last.strip_prefix("orch-tui: ").unwrap_or(last).to_owned())
}

/// Connects to the running host of a life, and to nobody else: it names the life itself, and the kernel says that the
/// process at the other end is the one it names. A process id that was noted at some time proves neither.
///
/// # Errors
/// When there is none, it speaks another version, or somebody else answers.
pub async fn connect_to(agent: &AgentRef, socket: &Path) -> Result<HostLink, ConnectError> {
    let link = connect(socket).await?;
    let hello = &link.hello;
    let at_the_end = link.peer.is_none_or(|peer| peer == hello.processes.host);
    if hello.agent == *agent && at_the_end {
        return Ok(link);
    }
    let who = match at_the_end {
        true => format!("the host of {}", hello.agent),
        false => format!("process {}", link.peer.unwrap_or_default()),
    };
    Err(ConnectError::Foreign { path: socket.to_owned(), who, wanted: agent.clone() })
}

/// Connects to a running host, whosever it is.
///
/// # Errors
/// When there is none, or it speaks another version.
pub async fn connect(socket: &Path) -> Result<HostLink, ConnectError> {
    let gone = |cause| ConnectError::Gone { path: socket.to_owned(), cause };
    let stream = UnixStream::connect(socket).await.map_err(gone)?;
    let peer = stream.peer_cred().ok().and_then(|peer| u32::try_from(peer.pid()?).ok());
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let first = tokio::time::timeout(GREETING, async {
        write.write_all(&protocol::encode(&ToHost::Hello { version: VERSION })?).await?;
        protocol::read::<FromHost>(&mut read).await
    });
    let hello = match first.await {
        Ok(Ok(Some(FromHost::Hello(hello)))) => hello,
        Ok(Err(cause)) => return Err(gone(cause)),
        Ok(Ok(_)) => return Err(gone(std::io::ErrorKind::InvalidData.into())),
        Err(_) => return Err(gone(std::io::ErrorKind::TimedOut.into())),
    };
    if hello.version != VERSION {
        return Err(ConnectError::Version { path: socket.to_owned(), theirs: hello.version });
    }
    let (sender, outgoing) = mpsc::channel(QUEUE);
    let (incoming, events) = mpsc::channel(QUEUE);
    tokio::spawn(send_all(outgoing, write));
    tokio::spawn(receive_all(read, incoming));
    // A process of another name space has no number here.
    let peer = peer.filter(|pid| *pid != 0);
    Ok(HostLink { hello, peer, sender: HostSender(sender), events })
}

async fn send_all(mut outgoing: mpsc::Receiver<ToHost>, mut stream: OwnedWriteHalf) {
    while let Some(message) = outgoing.recv().await {
        let Ok(bytes) = protocol::encode(&message) else { continue };
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn receive_all(mut stream: BufReader<OwnedReadHalf>, incoming: mpsc::Sender<FromHost>) {
    while let Ok(Some(message)) = protocol::read(&mut stream).await {
        if incoming.send(message).await.is_err() {
            return;
        }
    }
}
