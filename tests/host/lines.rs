//! Lines above the screen: from the host, from what it left, from the recording.

use orch_tui::domain::adapter::AdapterKind;
use orch_tui::domain::frame::Screen;
use orch_tui::domain::older::{Edge, OlderWanted};
use orch_tui::domain::scrollback::{Page, Past, Wanted};
use orch_tui::runner::host::protocol::ToHost;
use orch_tui::runner::host::read_remains;
use orch_tui::runner::log::{AgentLog, LogForm};
use orch_tui::runner::older::find;

use crate::bench::{Bench, DEADLINE, Viewer};

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
