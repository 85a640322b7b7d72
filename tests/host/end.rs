//! How agents and hosts begin, are limited and end.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use orch_tui::domain::adapter::AdapterKind;
use orch_tui::domain::agent::ExitCause;
use orch_tui::domain::effect::StopKind;
use orch_tui::runner::host::client::{SpawnError, spawn_host};
use orch_tui::runner::host::protocol::ToHost;
use orch_tui::runner::host::read_result;
use orch_tui::runner::process::{ProcessIdentity, descendants};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, DEADLINE};

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
