//! What is seen of an agent that is over, whenever somebody began to look.

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::UnixListener;
use tokio::sync::mpsc::{Receiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::*;
use crate::domain::agent::{ExitCause, Processes, Usage};
use crate::domain::frame::Frame;
use crate::domain::id::{AgentId, Life};
use crate::domain::scrollback::Page;
use crate::domain::time::Timestamp;
use crate::runner::host::protocol::{self, Hello, LEVEL, VERSION};
use crate::runner::last_screen::SCREEN_FILE;
use crate::runner::world::in_folder;

const DEADLINE: Duration = Duration::from_secs(20);

/// One life, as the app takes it up again.
struct Bench {
    _folder: tempfile::TempDir,
    world: SharedWorld,
    heard: Receiver<Report>,
    agent: AgentRef,
}

impl Bench {
    /// A life whose host left a last screen.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (world, heard) = in_folder(folder.path(), "# Roadmap\n");
        let agent = AgentRef { id: AgentId::new("a-1"), life: Life(1) };
        let left = world.state.make_agent_folder(&agent).unwrap();
        std::fs::write(left.join(SCREEN_FILE), "the last line\n").unwrap();
        Self { _folder: folder, world, heard, agent }
    }

    /// A host whose agent is over and that tells no screen any more.
    fn host(&self) {
        let socket = self.world.state.socket(&self.agent);
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(socket).unwrap();
        let own = std::process::id();
        let hello = FromHost::Hello(Hello {
            version: VERSION,
            level: LEVEL,
            agent: self.agent.clone(),
            processes: Processes { agent: own, host: own },
            started_at: Timestamp(1),
            size: Size::SMALLEST,
        });
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for message in [hello, FromHost::Exited(exit())] {
                stream.write_all(&protocol::encode(&message).unwrap()).await.unwrap();
            }
            let mut stream = BufReader::new(stream);
            while protocol::read::<ToHost>(&mut stream).await.unwrap() != Some(ToHost::Collect) {}
            stream.into_inner().shutdown().await.unwrap();
        });
    }

    fn adopt(&self) -> UnboundedSender<Order> {
        let (orders, inbox) = unbounded_channel();
        let (world, agent) = (self.world.clone(), self.agent.clone());
        tokio::spawn(supervise(world, agent, Beginning::Adopt, inbox));
        orders
    }

    /// The next report that is one of those looked for.
    async fn until<T>(&mut self, wanted: impl Fn(Report) -> Option<T>) -> T {
        let next = async {
            loop {
                let report = self.heard.recv().await.expect("nobody reports any more");
                if let Some(found) = wanted(report) {
                    return found;
                }
            }
        };
        timeout(DEADLINE, next).await.expect("a report")
    }

    async fn frame(&mut self) -> Frame {
        self.until(|report| match report {
            Report::Frame { frame, .. } => Some(frame),
            _ => None,
        })
        .await
    }
}

fn exit() -> Exit {
    Exit {
        cause: ExitCause::Own,
        code: Some(0),
        signal: None,
        said: None,
        survivors: 0,
        usage: Usage::default(),
        session: None,
        at: Timestamp(2),
    }
}

fn texts(frame: &Frame) -> Vec<String> {
    frame.rows.iter().map(|(_, row)| row.text()).collect()
}

#[tokio::test]
async fn a_host_that_is_let_go_before_it_told_its_screen_leaves_the_last_one() {
    let mut bench = Bench::new();
    bench.host();
    let orders = bench.adopt();
    orders.send(Order::Watch(true)).unwrap();
    bench.until(|report| matches!(report, Report::Exited { .. }).then_some(())).await;
    orders.send(Order::Release).unwrap();
    assert_eq!(texts(&bench.frame().await), ["the last line"]);
}

#[tokio::test]
async fn what_was_asked_of_a_host_that_is_gone_is_answered_from_what_it_left() {
    let mut bench = Bench::new();
    let orders = bench.adopt();
    orders.send(Order::Watch(true)).unwrap();
    orders.send(Order::Lines(Wanted { from: 0, count: 1 })).unwrap();
    bench.until(|report| matches!(report, Report::HostLost(_)).then_some(())).await;
    assert_eq!(texts(&bench.frame().await), ["the last line"]);
    let page: Option<Page> = bench
        .until(|report| match report {
            Report::Lines { page, .. } => Some(page),
            _ => None,
        })
        .await;
    assert_eq!(page, None, "it left no lines above");
    orders.closed().await;
    assert!(orders.send(Order::Watch(true)).is_err(), "whoever asks now asks otherwise");
}
