//! Agents that wait for a person.

use orch_tui::domain::adapter::AdapterKind;
use orch_tui::domain::agent::ExitCause;
use orch_tui::domain::effect::StopKind;
use orch_tui::runner::host::protocol::ToHost;

use crate::bench::{Bench, Viewer};

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
