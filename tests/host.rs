//! Hosts with real agents in real terminals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use orch_tui::domain::adapter::{AdapterKind, Limits, Parser};
use orch_tui::domain::agent::{Exit, ExitCause};
use orch_tui::domain::effect::StopKind;
use orch_tui::domain::frame::{Screen, Size};
use orch_tui::domain::id::{AgentId, AgentRef, Life};
use orch_tui::domain::older::{Edge, OlderWanted};
use orch_tui::domain::reason::Reason;
use orch_tui::domain::report::Pulse;
use orch_tui::domain::scrollback::{Page, Past, Wanted};
use orch_tui::runner::host::client::{
    ConnectError, HostLink, SpawnError, connect, connect_to, spawn_host,
};
use orch_tui::runner::host::protocol::{FromHost, ToHost, encode};
use orch_tui::runner::host::{HostSpec, read_remains, read_result};
use orch_tui::runner::log::{AgentLog, LogForm};
use orch_tui::runner::older::find;
use orch_tui::runner::process::{ProcessIdentity, descendants, marked};
use rustix::process::{Pid, Signal, kill_process};

const DEADLINE: Duration = Duration::from_secs(30);

struct Bench {
    folder: tempfile::TempDir,
    spec: HostSpec,
}

/// A viewer that keeps what it was told.
struct Viewer {
    link: HostLink,
    screen: Screen,
    first_rows: usize,
    pages: Vec<Page>,
    pulse: Option<Pulse>,
    exit: Option<Exit>,
}

impl Bench {
    fn new(name: &str, kind: AdapterKind, script: &str) -> Self {
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

    async fn start(&self) -> Viewer {
        let exe = Path::new(env!("CARGO_BIN_EXE_orch-tui"));
        spawn_host(exe, &self.spec, Some(self.lock())).await.unwrap();
        self.view().await
    }

    fn lock(&self) -> File {
        let lock = File::create(self.folder.path().join("claim")).unwrap();
        lock.try_lock().unwrap();
        lock
    }

    fn is_locked(&self) -> bool {
        File::open(self.folder.path().join("claim")).unwrap().try_lock().is_err()
    }

    async fn view(&self) -> Viewer {
        let link = connect(&self.spec.socket).await.unwrap();
        assert!(link.sender.send(ToHost::Watch).await);
        let screen = Screen::new(link.hello.size);
        Viewer { link, screen, first_rows: 0, pages: Vec::new(), pulse: None, exit: None }
    }

    fn left(&self) -> usize {
        marked(&format!("ORCH_TUI_AGENT={}", self.spec.agent)).len()
    }

    /// Lets the host go and checks that it took its claim and its socket along.
    async fn collect(&self, viewer: Viewer) {
        assert!(self.is_locked());
        assert!(viewer.link.sender.send(ToHost::Collect).await);
        self.gone(viewer).await;
    }

    /// Waits until the host has gone, with its claim and its socket.
    async fn gone(&self, mut viewer: Viewer) {
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
    async fn until(&mut self, what: &str, met: impl Fn(&Self) -> bool) {
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

    async fn until_shown(&mut self, text: &str) {
        self.until(text, |viewer| viewer.text().contains(text)).await;
    }

    async fn exit(&mut self) -> Exit {
        self.until("the end", |viewer| viewer.exit.is_some()).await;
        self.exit.clone().unwrap()
    }

    fn text(&self) -> String {
        self.screen.rows.iter().map(|row| row.text() + "\n").collect()
    }

    async fn tell(&self, message: ToHost) {
        assert!(self.link.sender.send(message).await);
    }
}

#[tokio::test]
async fn lines_above_the_screen_are_given_while_the_agent_runs_and_afterwards() {
    let script = "seq 1 500; read answer; seq 501 700";
    let bench = Bench::new("lines", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    viewer.until_shown("500").await;
    let past = Past { age: 0, oldest: 0, above: 477 };
    viewer.until("all lines", |viewer| viewer.screen.past == past).await;
    viewer.tell(ToHost::Lines(Wanted { from: 99, count: 3 })).await;
    viewer.until("a page", |viewer| viewer.pages.len() == 1).await;
    let page = viewer.pages.pop().unwrap();
    let texts: Vec<String> = page.rows.iter().map(|row| row.text()).collect();
    assert_eq!(
        (page.past, page.from, texts),
        (past, 99, ["100", "101", "102"].map(Into::into).into())
    );
    viewer.tell(ToHost::Keys(b"\n".to_vec())).await;
    viewer.exit().await;
    viewer.until("the last lines", |viewer| viewer.screen.past.above > 600).await;
    viewer.tell(ToHost::Lines(Wanted { from: 99, count: u64::MAX })).await;
    viewer.until("a page", |viewer| viewer.pages.len() == 1).await;
    let page = viewer.pages.pop().unwrap();
    assert_eq!((page.rows[0].text().as_str(), page.rows.len()), ("100", 200));
    let last = viewer.screen.clone();
    bench.collect(viewer).await;
    let remains = read_remains(&bench.spec.folder).unwrap();
    assert_eq!((remains.frame().past, remains.frame().size), (last.past, last.size));
    let mut screen = Screen::new(last.size);
    screen.apply(remains.frame());
    assert_eq!(screen.rows, last.rows);
    assert_eq!(remains.lines(Wanted { from: 99, count: u64::MAX }), page);
}

/// Lines that the host no longer has, as the recording has them.
async fn first_lines(bench: &Bench, page: &Page) -> Vec<String> {
    assert!(page.past.oldest > 1_000, "{:?}", page.past);
    let wanted = OlderWanted { below: page.from, overlap: page.rows.clone() };
    let older = find(&bench.spec.folder, wanted).await;
    assert_eq!((older.below, older.edge), (page.past.oldest, Edge::Start));
    assert_eq!(older.rows.len() as u64, older.below, "each has its number");
    older.rows.iter().take(20).map(|row| row.text()).collect()
}

/// Prints 5,000 lines, waits, and prints some more.
async fn older_lines_of(bench: Bench, last: &str) -> Vec<String> {
    let mut viewer = bench.start().await;
    viewer.until_shown(last).await;
    let oldest = Wanted { from: 0, count: u64::MAX };
    let from_oldest = |viewer: &Viewer| Wanted { from: viewer.screen.past.oldest, ..oldest };
    viewer.tell(ToHost::Lines(from_oldest(&viewer))).await;
    viewer.until("a page", |viewer| viewer.pages.len() == 1).await;
    let page = viewer.pages.pop().unwrap();
    let running = first_lines(&bench, &page).await;
    viewer.tell(ToHost::Keys(b"\n".to_vec())).await;
    viewer.exit().await;
    bench.collect(viewer).await;
    let remains = read_remains(&bench.spec.folder).unwrap();
    let from = remains.frame().past.oldest;
    let ended = first_lines(&bench, &remains.lines(Wanted { from, ..oldest })).await;
    assert_eq!(running, ended);
    running
}

#[tokio::test]
async fn lines_the_host_dropped_come_from_the_recording() {
    let script = "seq -f 'line %g' 1 5000; read answer; seq 5001 5100";
    let bench = Bench::new("older", AdapterKind::Text, script);
    let first = older_lines_of(bench, "line 5000").await;
    assert_eq!(first[9], "line 10");
}

#[tokio::test]
async fn lines_of_an_agent_that_speaks_in_events_come_from_them() {
    let script = r#"i=0; while [ $i -lt 5000 ]; do i=$((i+1)); printf 'line %s\n' $i; done; read answer; echo over"#;
    let bench = Bench::new("events", AdapterKind::Stream, script);
    let first = older_lines_of(bench, "line 5000").await;
    assert_eq!(first[9], "line 10");
}

#[tokio::test]
async fn a_text_agent_is_seen_and_its_result_kept() {
    let script = r#"stty size; echo "$ORCH_TUI_AGENT $TERM $COLORTERM"; cat "$ORCH_TUI_PROMPT_FILE"; exit 3"#;
    let bench = Bench::new("text", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    viewer.until_shown("24 80").await;
    viewer.until_shown(&format!("{} xterm-256color truecolor", bench.spec.agent)).await;
    viewer.until_shown("Task: say hello").await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.code, exit.signal), (ExitCause::Own, Some(3), None));
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!((result.exit, result.processes), (exit, viewer.link.hello.processes));
    let screen = std::fs::read_to_string(bench.spec.folder.join("screen")).unwrap();
    assert!(screen.starts_with("24 80\n"), "{screen}");
    let cast = std::fs::read_to_string(bench.spec.folder.join("recording.cast")).unwrap();
    assert!(cast.contains("Task: say hello"), "{cast}");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn keys_arrive_and_answer_a_call() {
    let script = r#"printf 'name? \a'; read -r name; echo "hello $name"; sleep 100"#;
    let bench = Bench::new("keys", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    let waits =
        |viewer: &Viewer| viewer.pulse.as_ref().is_some_and(|pulse| pulse.waiting.is_some());
    viewer.until("the bell", waits).await;
    viewer.tell(ToHost::Keys(b"Ada\r".to_vec())).await;
    viewer.until_shown("hello Ada").await;
    viewer.until("no call", |viewer| !waits(viewer)).await;
    viewer.tell(ToHost::Stop(StopKind::Kill)).await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.signal), (ExitCause::Stopped, Some(9)));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_question_at_the_cursor_waits_for_a_person_until_it_is_answered() {
    let script = r#"printf 'Overwrite file? [y/N] '; read -r said; echo "said $said"; sleep 100"#;
    let bench = Bench::new("prompt", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    let asked = |viewer: &Viewer| viewer.pulse.as_ref().and_then(|pulse| pulse.waiting.clone());
    let question = |viewer: &Viewer| {
        asked(viewer).is_some_and(|text| text.as_str() == "Overwrite file? [y/N]")
    };
    viewer.until("the question", question).await;
    viewer.tell(ToHost::Keys(b"y\r".to_vec())).await;
    viewer.until_shown("said y").await;
    viewer.until("no question", |viewer| asked(viewer).is_none()).await;
    viewer.tell(ToHost::Stop(StopKind::Kill)).await;
    viewer.exit().await;
    let cast = std::fs::read_to_string(bench.spec.folder.join("recording.cast")).unwrap();
    assert!(cast.contains("asks: Overwrite file? [y/N]"), "{cast}");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_menu_waits_for_a_person_wherever_the_cursor_is() {
    let script = r#"stty raw -echo; printf '\033[?1049h\033[3;1HDo you want to write it?\033[4;1H❯ 1. Yes\033[5;1H  2. No\033[9;1H'
        dd bs=1 count=1 2>/dev/null; printf '\033[2Jwritten'; sleep 100"#;
    let bench = Bench::new("menu", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    let asked = |viewer: &Viewer| viewer.pulse.as_ref().and_then(|pulse| pulse.waiting.clone());
    let question = |viewer: &Viewer| {
        asked(viewer).is_some_and(|text| text.as_str() == "Do you want to write it?")
    };
    viewer.until("the question", question).await;
    viewer.tell(ToHost::Keys(b"\r".to_vec())).await;
    viewer.until_shown("written").await;
    viewer.until("no question", |viewer| asked(viewer).is_none()).await;
    viewer.tell(ToHost::Stop(StopKind::Kill)).await;
    viewer.exit().await;
    bench.collect(viewer).await;
}

#[tokio::test]
async fn viewers_come_back_to_a_full_screen_and_resize_it() {
    let script = "echo first; trap 'stty size' WINCH; while :; do sleep 0.05; done";
    let bench = Bench::new("again", AdapterKind::Text, script);
    let mut one = bench.start().await;
    one.until_shown("first").await;
    drop(one);
    let (mut two, mut three) = (bench.view().await, bench.view().await);
    two.until_shown("first").await;
    assert_eq!(two.first_rows, 24);
    three.tell(ToHost::Resize(Size { cols: 70, rows: 10 })).await;
    three.tell(ToHost::Resize(Size { cols: 100, rows: 30 })).await;
    three.until_shown("30 100").await;
    two.until("the new size", |viewer| viewer.screen.size == Size { cols: 100, rows: 30 }).await;
    two.until_shown("30 100").await;
    two.tell(ToHost::Stop(StopKind::Term)).await;
    assert_eq!(two.exit().await.signal, Some(15));
    bench.collect(three).await;
}

#[tokio::test]
async fn limits_end_silent_agents() {
    let mut bench = Bench::new("idle", AdapterKind::Text, "sleep 100");
    bench.spec.limits.idle = Duration::from_millis(300);
    let mut viewer = bench.start().await;
    assert_eq!(viewer.exit().await.cause, ExitCause::IdleLimit);
    bench.collect(viewer).await;
    let mut bench = Bench::new("start", AdapterKind::Text, "sleep 100");
    bench.spec.limits.start = Duration::from_millis(200);
    let mut viewer = bench.start().await;
    assert_eq!(viewer.exit().await.cause, ExitCause::StartLimit);
    bench.collect(viewer).await;
    let script = "while :; do echo x; sleep 0.02; done";
    let mut bench = Bench::new("total", AdapterKind::Text, script);
    bench.spec.limits.idle = Duration::from_millis(5_000);
    bench.spec.limits.total = Duration::from_millis(400);
    // Whoever has spoken has started.
    bench.spec.limits.start = Duration::from_millis(300);
    let mut viewer = bench.start().await;
    assert_eq!(viewer.exit().await.cause, ExitCause::TotalLimit);
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_host_that_nobody_collects_goes_by_itself_and_leaves_the_result() {
    let mut bench = Bench::new("linger", AdapterKind::Text, "echo done; exit 4");
    bench.spec.limits.linger = Duration::from_millis(300);
    let mut viewer = bench.start().await;
    assert_eq!(viewer.exit().await.code, Some(4));
    bench.gone(viewer).await;
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!((result.exit.cause, result.exit.code), (ExitCause::Own, Some(4)));
}

#[tokio::test]
async fn an_agent_stands_back_for_the_person() {
    let own = rustix::process::getpriority_process(None).unwrap();
    let steps = (own + 3).min(19);
    let script = format!(
        "until [ \"$(nice)\" = {steps} ]; do sleep 0.02; done; a=/proc/$$/autogroup; \
         until [ ! -e $a ] || grep -q 'nice {steps}$' $a; do sleep 0.02; done; exit 4"
    );
    let mut bench = Bench::new("nice", AdapterKind::Text, &script);
    bench.spec.limits.nice = 3;
    let mut viewer = bench.start().await;
    assert_eq!(viewer.exit().await.code, Some(4));
    bench.collect(viewer).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn stopping_leaves_no_process() {
    let script = "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; sleep 71 & sleep 72' & \
                  (setsid sh -c '(sleep 73 &) ; sleep 74' &); nohup sleep 75 >/dev/null & \
                  env -i sleep 76 & \
                  echo up; while :; do sleep 77; done";
    let rounds = std::env::var("ORCH_TUI_STOP_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(10);
    let mut processes = 0;
    for round in 0..rounds {
        let mut bench = Bench::new(&format!("tree{round}"), AdapterKind::Text, script);
        bench.spec.limits.grace = Duration::from_millis(50);
        let mut viewer = bench.start().await;
        viewer.until_shown("up").await;
        let host = viewer.link.hello.processes.host;
        processes += descendants(host).len();
        let how = if round % 2 == 0 { StopKind::Term } else { StopKind::Kill };
        viewer.tell(ToHost::Stop(how)).await;
        let exit = viewer.exit().await;
        assert_eq!((exit.cause, exit.survivors), (ExitCause::Stopped, 0), "round {round}");
        assert_eq!(bench.left(), 0, "round {round}");
        assert_eq!(descendants(host), [], "round {round}");
        bench.collect(viewer).await;
    }
    writeln!(std::io::stderr(), "stops rounds={rounds} processes={processes} left=0").unwrap();
}

/// Nobody looks on, and the agent ignores that its terminal hangs up.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_agent_ends_with_its_host_though_nobody_looks_on() {
    let script = "trap '' HUP TERM; echo up; while :; do sleep 0.1; done";
    for kind in [AdapterKind::Text, AdapterKind::Stream] {
        let bench = Bench::new("bound", kind, script);
        let mut viewer = bench.start().await;
        viewer.until_shown("up").await;
        let processes = viewer.link.hello.processes;
        drop(viewer);
        let agent = ProcessIdentity::of(processes.agent).unwrap();
        let host = Pid::from_raw(i32::try_from(processes.host).unwrap()).unwrap();
        kill_process(host, Signal::KILL).unwrap();
        let gone = async {
            while agent.is_alive() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, gone).await.expect("the agent goes on without its host");
    }
}

/// A socket under the name of a host's, at whose other end somebody else sits.
#[tokio::test]
async fn only_the_host_of_that_very_life_is_taken_up() {
    let bench = Bench::new("own", AdapterKind::Text, "sleep 100");
    let mut viewer = bench.start().await;
    let agent = &bench.spec.agent;
    assert!(connect_to(agent, &bench.spec.socket).await.is_ok());
    let later = AgentRef { life: Life(2), ..agent.clone() };
    let error = connect_to(&later, &bench.spec.socket).await.unwrap_err().to_string();
    assert!(error.contains(&format!("the host of {agent} answers there")), "{error}");
    // It says all that the host says, and is another process.
    let socket = bench.folder.path().join("forged.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let hello = encode(&FromHost::Hello(viewer.link.hello.clone())).unwrap();
    let forger = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &hello).await.unwrap();
        stream
    });
    let error = connect_to(agent, &socket).await.unwrap_err();
    let forged = matches!(error, ConnectError::Foreign { .. });
    assert!(forged && error.to_string().contains("process"), "{error}");
    drop(forger.await);
    viewer.tell(ToHost::Stop(StopKind::Kill)).await;
    viewer.exit().await;
    bench.collect(viewer).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_an_agent_leaves_behind_is_ended_too() {
    let script = "setsid sh -c 'trap \"\" TERM HUP; sleep 81' >/dev/null 2>&1 & echo done";
    let mut bench = Bench::new("left", AdapterKind::Text, script);
    bench.spec.limits.grace = Duration::from_millis(50);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.code, exit.survivors), (ExitCause::Own, Some(0), 0));
    assert_eq!(bench.left(), 0);
    bench.collect(viewer).await;
}

#[tokio::test]
async fn stream_agents_become_a_transcript() {
    let script = r#"read -r task
        printf '%s\r\n' '{"type":"system","subtype":"init","session_id":"s-1","model":"m"}'
        printf '{"type":"assistant","message":{"content":[{"type":"text","text":"%s"}]}}\n' "$task"
        printf '%s\n' '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"cargo test"}}]}}'
        printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"num_turns":2,"total_cost_usd":0.5,"usage":{"input_tokens":7,"output_tokens":3}}'"#;
    let bench = Bench::new("stream", AdapterKind::Stream, script);
    let mut viewer = bench.start().await;
    viewer.until_shown("▪ Task: say hello").await;
    viewer.until_shown("▪ Bash cargo test").await;
    let exit = viewer.exit().await;
    assert_eq!((exit.code, exit.said, exit.usage.turns), (Some(0), Some(Ok(())), 2));
    assert_eq!((exit.usage.input_tokens, exit.usage.cost_millicents), (7, 50_000));
    let pulse = viewer.pulse.clone().unwrap();
    assert_eq!(pulse.doing.as_str(), "Bash cargo test");
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!(result.session.as_deref(), Some("s-1"));
    let events = std::fs::read_to_string(bench.spec.folder.join("events.jsonl")).unwrap();
    assert_eq!(events.lines().count(), 4, "{events}");
    bench.collect(viewer).await;
}

/// Prints that a turn ended well.
const DONE: &str = r#"printf '%s\n' '{"type":"result","subtype":"success"}'"#;

#[tokio::test]
async fn an_agent_that_lingers_after_its_last_word_is_ended_and_did_well() {
    let script = format!("{DONE}; sleep 100");
    let mut bench = Bench::new("settle", AdapterKind::Stream, &script);
    bench.spec.limits.settle = Duration::from_millis(300);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, &exit.said), (ExitCause::Settled, &Some(Ok(()))));
    assert_eq!((exit.failure(), exit.survivors, bench.left()), (None, 0, 0));
    let recording = std::fs::read_to_string(bench.spec.folder.join("recording.cast")).unwrap();
    assert!(recording.contains("finished, and its process did not end"), "{recording}");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn another_turn_takes_the_last_word_back() {
    // The second turn is silent for longer than it may linger, and ends badly.
    let script = format!(
        r#"{DONE}; printf '%s\n' '{{"type":"system","subtype":"init","session_id":"s"}}'
        sleep 2; printf '%s\n' '{{"type":"result","subtype":"error_max_turns"}}'; sleep 100"#
    );
    let mut bench = Bench::new("again-turn", AdapterKind::Stream, &script);
    bench.spec.limits.settle = Duration::from_millis(300);
    bench.spec.limits.idle = Duration::from_secs(4);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.said), (ExitCause::IdleLimit, Some(Err(Reason::TurnLimit))));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn silence_after_the_last_word_is_no_silence_of_work() {
    let script = format!("{DONE}; sleep 2; exit 0");
    let mut bench = Bench::new("quiet-end", AdapterKind::Stream, &script);
    bench.spec.limits.idle = Duration::from_millis(500);
    let mut viewer = bench.start().await;
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.code, exit.failure()), (ExitCause::Own, Some(0), None));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn other_parsers_read_other_streams() {
    let script = r#"read -r task
        printf '%s\n' '{"type":"thread.started","thread_id":"t-9"}'
        printf '{"type":"item.completed","item":{"type":"agent_message","text":"%s"}}\n' "$task"
        printf '%s\n' '{"type":"turn.failed","error":{"message":"unexpected status 500: no"}}'; exit 1"#;
    let mut bench = Bench::new("codex", AdapterKind::Stream, script);
    bench.spec.parser = Some(Parser::Codex);
    let mut viewer = bench.start().await;
    viewer.until_shown("▪ Task: say hello").await;
    let said = viewer.exit().await.said;
    assert_eq!(said, Some(Err(Reason::Service("unexpected status 500: no".into()))));
    let result = read_result(&bench.spec.folder).unwrap().unwrap();
    assert_eq!(result.session.as_deref(), Some("t-9"));
    let mut log = AgentLog::open(&bench.spec.folder, LogForm::Text).unwrap();
    let text = log.read_new().unwrap().unwrap_or_default();
    assert!(String::from_utf8_lossy(&text).contains("Task: say hello"), "the log reads it as well");
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_stream_agent_without_a_result_did_not_end_well() {
    let bench = Bench::new("mute", AdapterKind::Stream, "echo 'no such model' >&2; exit 1");
    let mut viewer = bench.start().await;
    let said = viewer.exit().await.said;
    assert_eq!(said, Some(Err(Reason::Failed("exit code 1: no such model".into()))));
    bench.collect(viewer).await;
}

#[tokio::test]
async fn an_agent_that_cannot_start_is_told_in_one_sentence() {
    let mut bench = Bench::new("none", AdapterKind::Text, "");
    bench.spec.argv = vec!["no-such-agent".to_owned()];
    let exe = Path::new(env!("CARGO_BIN_EXE_orch-tui"));
    let lock = bench.lock();
    match spawn_host(exe, &bench.spec, Some(lock)).await {
        Err(SpawnError::Ended(why)) => assert!(why.as_str().contains("`no-such-agent` is not")),
        other => panic!("{other:?}"),
    }
    assert!(!bench.is_locked());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_agent_cannot_drive_its_own_host() {
    let script = "python3 -c 'import os, socket, time\n\
                  s = socket.socket(socket.AF_UNIX)\n\
                  while not os.path.exists(\"host.sock\"): time.sleep(0.01)\n\
                  s.connect(\"host.sock\")\n\
                  print(\"told\", len(s.recv(100)))' || echo no python; sleep 100";
    let bench = Bench::new("drive", AdapterKind::Text, script);
    let mut viewer = bench.start().await;
    let done = |viewer: &Viewer| {
        ["told", "no python", "reset"].iter().any(|word| viewer.text().contains(word))
    };
    viewer.until("its try", done).await;
    assert!(!viewer.text().contains("told 1"), "{}", viewer.text());
    viewer.tell(ToHost::Stop(StopKind::Kill)).await;
    viewer.exit().await;
    bench.collect(viewer).await;
}

#[tokio::test]
async fn a_viewer_that_does_not_listen_holds_nobody_up() {
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo \"line $i of many words\"; done";
    let bench = Bench::new("slow", AdapterKind::Text, script);
    let deaf = bench.start().await;
    let mut viewer = bench.view().await;
    viewer.until_shown("line 20000 of").await;
    assert_eq!(viewer.exit().await.code, Some(0));
    drop(deaf);
    let cast = std::fs::read_to_string(bench.spec.folder.join("recording.cast")).unwrap();
    assert!(cast.contains("line 1 of") && cast.contains("line 20000 of"));
    bench.collect(viewer).await;
}

/// Its parts are made while it is read, and the oldest go: there is enough for that, however large the pieces are in
/// which a busy machine lets it be read.
#[tokio::test]
async fn a_recording_in_parts_is_read_as_one() {
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo \"line $i of many words\"; done; \
                  sleep 0.2; echo last";
    let mut bench = Bench::new("parts", AdapterKind::Text, script);
    bench.spec.limits.recording = 60_000;
    let mut viewer = bench.start().await;
    let folder = bench.spec.folder.clone();
    let mut follower = AgentLog::open(&folder, LogForm::Raw).unwrap();
    let follow = tokio::task::spawn_blocking(move || {
        let mut all = Vec::new();
        while !all.ends_with(b"last\r\n") {
            match follower.read_new().unwrap() {
                Some(bytes) => all.extend(bytes),
                None => std::thread::yield_now(),
            }
        }
        String::from_utf8(all).unwrap()
    });
    assert_eq!(viewer.exit().await.code, Some(0));
    let said: String = (1..=20_000).map(|n| format!("line {n} of many words\r\n")).collect();
    let said = said + "last\r\n";
    let followed = tokio::time::timeout(DEADLINE, follow).await.unwrap().unwrap();
    let mut log = AgentLog::open(&folder, LogForm::Raw).unwrap();
    let mut late = Vec::new();
    while let Some(bytes) = log.read_new().unwrap() {
        late.extend(bytes);
    }
    let late = String::from_utf8(late).unwrap();
    for (who, text) in [("from the start", &followed), ("afterwards", &late)] {
        // Behind each redraw stands a piece of what was said; the last piece is its end.
        let pieces: Vec<&str> = text.split("\x1bc").collect();
        assert!(said.ends_with(behind_redraw(pieces[pieces.len() - 1])), "{who}");
        let pieces = &pieces[1..];
        assert!(pieces.iter().all(|piece| said.contains(behind_redraw(piece))), "{who}");
    }
    assert!(late.starts_with("\x1bc") && late.len() > 30_000, "{}", late.len());
    assert_eq!(late.matches("\x1bc").count(), 1, "one redraw, where it begins");
    bench.collect(viewer).await;
}

/// What stands behind the sequence that places the cursor, with which a redraw ends.
fn behind_redraw(text: &str) -> &str {
    match text.rfind('\x1b') {
        Some(at) => text[at..].split_once('H').unwrap().1,
        None => text,
    }
}

#[tokio::test]
async fn a_host_told_to_end_ends_its_agent_first() {
    let bench = Bench::new("term", AdapterKind::Text, "sleep 100");
    let mut viewer = bench.start().await;
    let host = viewer.link.hello.processes.host.to_string();
    for signal in ["-HUP", "-TERM"] {
        let sent = std::process::Command::new("kill").args([signal, &host]).status().unwrap();
        assert!(sent.success());
    }
    let exit = viewer.exit().await;
    assert_eq!((exit.cause, exit.survivors), (ExitCause::Stopped, 0));
    bench.collect(viewer).await;
}
