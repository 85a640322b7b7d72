//! The test bed: one host with a script for an agent.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use orch_tui::domain::adapter::{AdapterKind, Limits};
use orch_tui::domain::agent::Exit;
use orch_tui::domain::frame::{Screen, Size};
use orch_tui::domain::id::{AgentId, AgentRef, Life};
use orch_tui::domain::report::Pulse;
use orch_tui::domain::scrollback::Page;
use orch_tui::runner::host::HostSpec;
use orch_tui::runner::host::client::{HostLink, connect, spawn_host};
use orch_tui::runner::host::protocol::{FromHost, ToHost};
use orch_tui::runner::process::{ProcessIdentity, marked};

pub const DEADLINE: Duration = Duration::from_secs(30);

/// A host that can be started, in a folder of its own.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub spec: HostSpec,
}

/// A viewer that keeps what it was told.
pub struct Viewer {
    pub link: HostLink,
    pub screen: Screen,
    pub first_rows: usize,
    pub pages: Vec<Page>,
    pub pulse: Option<Pulse>,
    pub exit: Option<Exit>,
}

impl Bench {
    pub fn new(name: &str, kind: AdapterKind, script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let prompt_file = folder.path().join("prompt.md");
        std::fs::write(&prompt_file, "Task: say hello\n").unwrap();
        let id = AgentId::new(format!("a-{name}-{}", std::process::id()));
        let path = std::env::var("PATH").unwrap();
        let seconds = Duration::from_secs;
        let spec = HostSpec {
            agent: AgentRef { id, life: Life(1) },
            argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
            cwd: folder.path().to_owned(),
            env: BTreeMap::from([("PATH".to_owned(), path)]),
            kind,
            parser: None,
            via: None,
            limits: Limits {
                total: seconds(60),
                idle: seconds(60),
                grace: seconds(1),
                ..Limits::default()
            },
            size: Size { cols: 80, rows: 24 },
            prompt_file,
            folder: folder.path().join("life"),
            socket: folder.path().join("host.sock"),
        };
        Self { folder, spec }
    }

    pub async fn start(&self) -> Viewer {
        let exe = Path::new(env!("CARGO_BIN_EXE_orch-tui"));
        spawn_host(exe, &self.spec, Some(self.lock())).await.unwrap();
        self.view().await
    }

    pub fn lock(&self) -> File {
        let lock = File::create(self.folder.path().join("claim")).unwrap();
        lock.try_lock().unwrap();
        lock
    }

    pub fn is_locked(&self) -> bool {
        File::open(self.folder.path().join("claim")).unwrap().try_lock().is_err()
    }

    pub async fn view(&self) -> Viewer {
        let link = connect(&self.spec.socket).await.unwrap();
        assert!(link.sender.send(ToHost::Watch).await);
        let screen = Screen::new(link.hello.size);
        Viewer { link, screen, first_rows: 0, pages: Vec::new(), pulse: None, exit: None }
    }

    pub fn left(&self) -> usize {
        marked(&format!("ORCH_TUI_AGENT={}", self.spec.agent)).len()
    }

    /// Lets the host go and checks that it took its claim and its socket along.
    pub async fn collect(&self, viewer: Viewer) {
        assert!(self.is_locked());
        assert!(viewer.link.sender.send(ToHost::Collect).await);
        self.gone(viewer).await;
    }

    /// Waits until the host has gone, with its claim and its socket.
    pub async fn gone(&self, mut viewer: Viewer) {
        let host = ProcessIdentity::of(viewer.link.hello.processes.host);
        while viewer.link.events.recv().await.is_some() {}
        tokio::time::timeout(DEADLINE, async {
            while host.as_ref().is_some_and(ProcessIdentity::is_alive) || self.is_locked() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        assert!(!self.spec.socket.exists());
    }
}

impl Viewer {
    pub async fn until(&mut self, what: &str, met: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(DEADLINE, async {
            while !met(self) {
                match self.link.events.recv().await.expect("the host went") {
                    FromHost::Frame(frame) => {
                        if self.first_rows == 0 {
                            self.first_rows = frame.rows.len();
                        }
                        self.screen.apply(frame);
                    }
                    FromHost::Lines(page) => self.pages.push(page),
                    FromHost::Pulse(pulse) => self.pulse = Some(pulse),
                    FromHost::Exited(exit) => self.exit = Some(exit),
                    FromHost::Writing(_) => {}
                    FromHost::Hello(_) => panic!("a second hello"),
                }
            }
        });
        let timely = waited.await.is_ok();
        assert!(timely, "waited for {what}; the screen shows\n{}", self.text());
    }

    pub async fn until_shown(&mut self, text: &str) {
        self.until(text, |viewer| viewer.text().contains(text)).await;
    }

    pub async fn exit(&mut self) -> Exit {
        self.until("the end", |viewer| viewer.exit.is_some()).await;
        self.exit.clone().unwrap()
    }

    pub fn text(&self) -> String {
        self.screen.rows.iter().map(|row| row.text() + "\n").collect()
    }

    pub async fn tell(&self, message: ToHost) {
        assert!(self.link.sender.send(message).await);
    }
}
