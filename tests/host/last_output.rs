//! What an agent prints last is told before its end is.

use std::path::Path;

use orch_tui::domain::adapter::AdapterKind;
use orch_tui::domain::frame::Screen;
use orch_tui::runner::host::RESULT_FILE;
use orch_tui::runner::host::client::spawn_host;
use orch_tui::runner::host::protocol::{FromHost, ToHost, VERSION, encode, read};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::bench::{Bench, DEADLINE};

/// Fills the screen with a colour for every cell, which takes more bytes than a socket holds; then waits for a file.
const SCRIPT: &str = r#"
    awk 'BEGIN { for (row = 0; row < 60; row++) { for (column = 0; column < 200; column++)
        printf "\033[38;5;%dmx", (row + column) % 200; printf "\r\n" } }'
    while [ ! -e go ]; do sleep 0.02; done; printf '\033[m\033[2J\033[Hthe last line'"#;
/// More than any other message here takes.
const LARGE: usize = 500_000;

async fn until(what: &str, met: impl Fn() -> bool) {
    let waited = async {
        while !met() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, waited).await.expect(what);
}

/// The next message's length, and the message that follows it.
async fn large_frame(stream: &mut UnixStream) -> Vec<u8> {
    loop {
        let mut prefix = [0; 4];
        stream.read_exact(&mut prefix).await.unwrap();
        let length = usize::try_from(u32::from_le_bytes(prefix)).unwrap();
        if length > LARGE {
            return prefix.to_vec();
        }
        stream.read_exact(&mut vec![0; length]).await.unwrap();
    }
}

/// It is still being told of an earlier screen when the agent prints its last line and ends.
#[tokio::test]
async fn a_slow_viewer_has_the_last_screen_when_it_hears_of_the_end() {
    let mut bench = Bench::new("last", AdapterKind::Text, SCRIPT);
    (bench.spec.size.cols, bench.spec.size.rows) = (200, 60);
    let exe = Path::new(env!("CARGO_BIN_EXE_orch-tui"));
    spawn_host(exe, &bench.spec, Some(bench.lock())).await.unwrap();
    let mut stream = UnixStream::connect(&bench.spec.socket).await.unwrap();
    for message in [ToHost::Hello { version: VERSION }, ToHost::Watch] {
        stream.write_all(&encode(&message).unwrap()).await.unwrap();
    }
    let begun = tokio::time::timeout(DEADLINE, large_frame(&mut stream)).await.unwrap();
    std::fs::write(bench.folder.path().join("go"), "").unwrap();
    let result = bench.spec.folder.join(RESULT_FILE);
    until("the agent goes on", || result.exists()).await;
    let mut rest = begun.as_slice().chain(stream);
    let mut screen = Screen::new(bench.spec.size);
    loop {
        let message = tokio::time::timeout(DEADLINE, read::<FromHost>(&mut rest)).await.unwrap();
        match message.unwrap().expect("the host went") {
            FromHost::Frame(frame) => screen.apply(frame),
            FromHost::Exited(_) => break,
            FromHost::Hello(_) | FromHost::Lines(_) | FromHost::Pulse(_) | FromHost::Writing(_) => {
            }
        }
    }
    assert_eq!(screen.rows[0].text().trim_end(), "the last line");
    let (_, mut stream) = rest.into_inner();
    stream.write_all(&encode(&ToHost::Collect).unwrap()).await.unwrap();
    tokio::time::timeout(DEADLINE, stream.read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}
