//! The test bed itself: it must see what a person would see, and say so when it does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rustix::process::Signal;
use support::allow_list;
use support::anthropic_stub::AnthropicStub;
use support::command::Invocation;
use support::home::Home;
use support::key::Key;
use support::pty::{Exit, Launch};
use support::repository::Repository;
use support::screen::{Color, Flags, NamedColor};
use support::terminal_modes::left_behind;

/// The message of a panic.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it should have failed");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn a_screen_has_text_colours_and_wide_characters() {
    let home = Home::new();
    let session = Launch::script(
        &home,
        "printf 'a\\033[1;31mred\\033[0m 漢字 end\\033]2;a title\\007'; read x",
    )
    .size(40, 10)
    .start();
    let screen = session.wait_for(|screen| screen.title == "a title", "the title");
    assert_eq!(screen.lines()[0], "ared 漢字 end");
    assert_eq!(screen.size(), (40, 10));
    let cells = screen.cells_of("red").unwrap();
    assert_eq!(cells.len(), 3);
    for cell in cells {
        assert_eq!(cell.foreground, Color::Named(NamedColor::Red));
        assert!(cell.flags.contains(Flags::BOLD));
    }
    assert_eq!(screen.cell(0, 0).foreground, Color::Named(NamedColor::Foreground));
    assert_eq!(screen.find("end"), Some((10, 0)), "wide characters take two columns");
    assert_eq!(
        screen.cells_of("漢字").unwrap().iter().filter(|cell| !cell.text.is_empty()).count(),
        2
    );
}

#[test]
fn typing_keys_and_exit_codes_arrive() {
    let home = Home::new();
    let session =
        Launch::script(&home, "printf 'name? '; read name; echo \"hello $name\"; exit 3").start();
    session.wait_for_text("name?");
    assert_eq!(session.exit_status(), None);
    session.type_text("wordx");
    session.press(&Key::Backspace);
    session.wait_for(|screen| screen.lines()[0] == "name? word", "the x to go");
    session.press(&Key::Enter);
    assert_eq!(session.wait_for_exit(), Exit::Code(3));
    assert!(session.screen().contains("hello word"), "{}", session.screen());
}

#[test]
fn resizing_reaches_the_program() {
    let home = Home::new();
    let script = "trap 'echo now $(stty size)' WINCH; echo was $(stty size); \
                  while :; do read line && break; done";
    let session = Launch::script(&home, script).size(80, 24).start();
    session.wait_for_text("was 24 80");
    session.resize(100, 30);
    // Some shells run the trap only once the read is over.
    session.press(&Key::Enter);
    session.wait_for_text("now 30 100");
    assert_eq!(session.screen().size(), (100, 30));
}

#[test]
fn queries_of_the_terminal_are_answered() {
    let home = Home::new();
    let script = "stty raw -echo; printf '\\033[6n'; dd bs=1 count=6 2>/dev/null | od -c | head -1";
    Launch::script(&home, script).start().wait_for_text("033   [   1   ;   1   R");
}

#[test]
fn a_failed_wait_shows_what_it_waited_for_and_the_screen() {
    let home = Home::new();
    let session = Launch::script(&home, "echo something else; read x")
        .size(30, 5)
        .deadline(Duration::from_millis(300))
        .start();
    let message = panic_of(|| drop(session.wait_for_text("the plan")));
    assert!(
        message.contains("for the text \"the plan\", but the deadline has passed"),
        "{message}"
    );
    assert!(message.contains("|something else                |"), "{message}");
}

#[test]
fn a_wait_ends_with_the_program() {
    let home = Home::new();
    let session = Launch::script(&home, "echo short").start();
    let message = panic_of(|| drop(session.wait_for_text("long")));
    assert!(message.contains("but the program has ended"), "{message}");
    assert!(message.contains("exit: Some(Code(0))"), "{message}");
}

#[test]
fn signals_and_kill_are_told_apart() {
    let home = Home::new();
    let session = Launch::script(&home, "trap 'exit 7' TERM; echo ready; while :; do read x; done");
    let polite = session.clone().start();
    polite.wait_for_text("ready");
    polite.signal(Signal::TERM);
    polite.press(&Key::Enter);
    assert_eq!(polite.wait_for_exit(), Exit::Code(7));
    let rude = session.start();
    rude.wait_for_text("ready");
    rude.kill9();
    assert_eq!(rude.wait_for_exit(), Exit::Signal("Killed".into()));
}

#[test]
fn a_tidy_program_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let script = "old=$(stty -g); stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[?1000;1006h\\033[?2004h'; \
                  printf '\\033[?2004l\\033[?1006;1000l\\033[?25h\\033[?1049l'; stty \"$old\"";
    let session = Launch::script(&home, script).start();
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
    assert_eq!(session.terminal_modes_restored(), Ok(()));
}

#[test]
fn each_thing_left_behind_is_named() {
    let home = Home::new();
    let session = Launch::script(&home, "stty raw -echo; printf '\\033[?1049h'").start();
    session.wait_for_exit();
    let left = session.terminal_modes_restored().unwrap_err();
    assert!(left.contains("alternate screen") && left.contains("line discipline"), "{left}");
    for (output, what) in [
        ("\x1b[?25l", "cursor"),
        ("\x1b[?1000h", "clicks"),
        ("\x1b[?1002h\x1b[?1002l\x1b[?1002h", "drags"),
        ("\x1b[?1;2004h", "paste"),
        ("\x1b[?1004h", "focus"),
        ("\x1b[?2026h", "synchronised"),
        ("\x1b[>5u", "kitty"),
    ] {
        let left = left_behind(output.as_bytes());
        assert!(left.len() == 1 && left[0].contains(what), "{output:?}: {left:?}");
    }
    assert!(left_behind(b"\x1b[>5u\x1b[<u\x1b[?25l\x1b[0m\x1b[?25h").is_empty());
}

#[test]
fn a_home_is_isolated_and_knows_who_lives_there() {
    let home = Home::new();
    let session = Launch::script(&home, "echo \"$HOME $XDG_STATE_HOME\"; read x").start();
    let at = home.path().display();
    session.wait_for_text(&format!("{at} {at}/.local/state"));
    assert!(home.path().as_os_str().len() < 20, "sockets need short paths: {at}");
    let residents = home.residents();
    assert_eq!(residents.len(), 1, "{residents:?}");
    assert_eq!(residents[0].pid, session.pid());
    session.press(&Key::Enter);
    session.wait_for_exit();
    assert_eq!(home.residents(), []);
}

#[test]
fn a_dropped_session_ends_its_processes() {
    let home = Home::new();
    let session =
        Launch::script(&home, "trap '' HUP; (trap '' HUP; read x < /dev/tty) & echo up; wait")
            .start();
    session.wait_for_text("up");
    drop(session);
    let began = std::time::Instant::now();
    while !home.residents().is_empty() {
        assert!(began.elapsed() < support::DEADLINE, "{:?}", home.residents());
        std::thread::yield_now();
    }
}

#[test]
fn a_repository_has_a_committed_roadmap() {
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "project", "# Roadmap\r\n");
    assert_eq!(repository.roadmap(), "# Roadmap\r\n");
    assert_eq!(repository.git(["status", "--porcelain"]), "");
    assert_eq!(repository.git(["log", "--format=%an %s"]), "Test Person Add roadmap.md");
    assert_eq!(repository.git(["branch", "--show-current"]), "main");
}

#[test]
fn a_command_gives_both_streams_and_its_code() {
    let home = Home::new();
    let script = ["-c", "cat; echo oops >&2; exit 4"];
    let outcome = Invocation::program(&home, "/bin/sh", script).input("hello").run();
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str(), outcome.code),
        ("hello", "oops\n", Some(4))
    );
    let endless = Invocation::program(&home, "/bin/sh", ["-c", "while :; do :; done"]);
    let message = panic_of(|| drop(endless.deadline(Duration::from_millis(200)).run()));
    assert!(message.contains("did not end in 200ms"), "{message}");
}

#[test]
fn the_program_itself_starts() {
    let home = Home::new();
    Invocation::orch_tui(&home, ["--version"]).run().expect_success();
}

#[test]
fn the_allow_list_passes_what_a_screen_needs() {
    let reading = allow_list::assert_allowed(
        "\x1b[?1049h\x1b[?1000h\x1b[?1015h\x1b[?1006;1004h\x1b[?2026h\x1b[2J\x1b[1;1H\x1b[38;2;1;2;3;4:3mText ─│ 漢 👩‍🚀\r\n\x08\
         \x1b[0m\x1b[K\x1b[5X\x1b]0;title\x07\x1b]2;again\x1b\\\x1b]9;4;1;50\x07\x1b]9;4;0\x07\x1b]52;c;aGk=\x07\x1b7\x1b8\x1b[?25h"
            .as_bytes(),
    );
    assert_eq!(reading.titles, ["title", "again"]);
    assert_eq!(reading.progress, ["1;50", "0"]);
    assert_eq!(reading.clipboard, ["aGk="]);
}

#[test]
fn the_allow_list_refuses_everything_else_at_its_offset() {
    let cases: [&[u8]; 30] = [
        b"\x07",
        b"\t",
        b"\x7f",
        b"\x1bc",
        b"\x1b(0",
        b"\x1b[6n",
        b"\x1b[c",
        b"\x1b[?u",
        b"\x1b[>1u",
        b"\x1b[4h",
        b"\x1b[?1h",
        b"\x1b[?7l",
        "\u{200b}".as_bytes(),
        b"\x1b[?25;47h",
        b"\x1b[2 q",
        b"\x1b[?2026$p",
        b"\x1b[5S",
        b"\x1b[1;5r",
        b"\x1b]8;;https://example.org\x07",
        b"\x1b]9;a notice\x07",
        b"\x1b]9;4;1;101\x07",
        b"\x1b]52;c;?\x07",
        b"\x1b]0;a\x01b\x07",
        b"\x1b]0;no end",
        b"\x1bPq\x1b\\",
        b"\x1b_Gi=31\x1b\\",
        "\u{9b}".as_bytes(),
        "\u{202e}".as_bytes(),
        b"\xff",
        b"\x1b[12",
    ];
    for bytes in cases {
        let output = [b"ok ", bytes].concat();
        let violations = allow_list::read(&output).violations;
        assert!(!violations.is_empty(), "{} passed", bytes.escape_ascii());
        assert_eq!(violations[0].offset, 3, "{violations:?}");
    }
    let message = panic_of(|| drop(allow_list::assert_allowed(b"ab\x1b[6n")));
    assert!(message.contains("at byte 2: "), "{message}");
    assert!(message.contains("\\x1b[6n"), "{message}");
}

/// Sends a prompt to the stub on `connection`.
fn ask(mut connection: &TcpStream, messages: &serde_json::Value) {
    let body = serde_json::json!({"model": "m", "stream": true, "system": "Primary working directory: /tmp/w\nMore", "messages": messages}).to_string();
    write!(
        connection,
        "POST /v1/messages?beta=true HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

/// Reads from `connection` until `end`.
fn read_until(mut connection: &TcpStream, end: &str) -> String {
    connection.set_read_timeout(Some(support::DEADLINE)).unwrap();
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(end.as_bytes()) {
        assert_eq!(connection.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    String::from_utf8(text).unwrap()
}

fn connect(stub: &AnthropicStub) -> TcpStream {
    TcpStream::connect(stub.url().trim_start_matches("http://")).unwrap()
}

#[test]
fn the_stub_walks_through_a_scenario_on_one_connection() {
    let stub = AnthropicStub::start();
    let connection = connect(&stub);
    let mut messages =
        serde_json::json!([{"role": "user", "content": "Please STUB:write:a.txt\nthank you"}]);
    ask(&connection, &messages);
    let answer = read_until(&connection, "0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"name\":\"Write\"") && answer.contains("\"tool_use\""), "{answer}");
    assert!(answer.contains("/tmp/w/a.txt"), "{answer}");
    for step in 1..3 {
        let result = serde_json::json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": "STUB:err:500"}]});
        messages.as_array_mut().unwrap().push(result);
        ask(&connection, &messages);
        let answer = read_until(&connection, "0\r\n\r\n");
        assert_eq!(answer.contains("\"name\":\"Bash\""), step == 1, "{answer}");
        assert_eq!(answer.contains("\"end_turn\""), step == 2, "{answer}");
    }
    let steps: Vec<usize> = stub.requests().iter().map(|request| request.step).collect();
    assert_eq!(steps, [0, 1, 2]);
}

#[test]
fn the_stub_holds_the_last_word_until_released() {
    let stub = AnthropicStub::with_delay(Duration::from_millis(1));
    let connection = connect(&stub);
    ask(
        &connection,
        &serde_json::json!([{"role": "user", "content": [{"type": "text", "text": "STUB:held:one two"}]}]),
    );
    let before = read_until(&connection, "\"one \"");
    assert!(!before.contains("two"));
    stub.release();
    let after = read_until(&connection, "0\r\n\r\n");
    assert!(after.contains("\"two\"") && after.contains("message_stop"), "{after}");
    stub.wait_for_request(|request| request.scenario == "held", "the request");
}

#[test]
fn the_stub_fails_and_hangs_on_demand() {
    let stub = AnthropicStub::start();
    let connection = connect(&stub);
    ask(&connection, &serde_json::json!([{"role": "user", "content": "STUB:err:529"}]));
    let answer = read_until(&connection, "\"type\":\"error\"}");
    assert!(answer.starts_with("HTTP/1.1 529") && answer.contains("retry-after"), "{answer}");
    assert!(answer.contains("overloaded_error"), "{answer}");
    ask(&connection, &serde_json::json!([{"role": "user", "content": "STUB:hang"}]));
    read_until(&connection, "event: ping");
    drop(stub);
    let mut rest = Vec::new();
    let mut reader = &connection;
    let _ = reader.read_to_end(&mut rest);
    assert!(!String::from_utf8_lossy(&rest).contains("message_stop"));
}
