//! Who looks on at a host, and who may not.

use orch_tui::domain::adapter::AdapterKind;
use orch_tui::domain::agent::ExitCause;
use orch_tui::domain::effect::StopKind;
use orch_tui::domain::frame::Size;
use orch_tui::domain::id::{AgentRef, Life};
use orch_tui::runner::host::client::{ConnectError, connect_to};
use orch_tui::runner::host::protocol::{FromHost, ToHost, encode};
use orch_tui::runner::host::read_result;

use crate::bench::{Bench, Viewer};

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
