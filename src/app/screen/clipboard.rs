//! Putting text on the person's clipboard: by their terminal, and by a program that knows it where there is one.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::Stdio;
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Longest text that terminals take.
const MOST_FOR_TERMINAL: usize = 74_000;
/// Longest time a clipboard program may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A clipboard program with its arguments; it reads the text from its standard input.
type Program = &'static [&'static str];

/// Whether anybody was asked to take a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The terminal or a program was; whether it arrived can't be known: terminals don't tell.
    Asked,
    /// Nobody: it is too long for the terminal, and no program knows the clipboard.
    TooLong,
}

/// Copies a text.
pub fn copy(text: String) -> Copied {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if text.len() <= MOST_FOR_TERMINAL {
        let mut out = io::stdout();
        let in_tmux =
            if variable("TMUX").is_some() { Multiplexed::ByTmux } else { Multiplexed::No };
        let sequence = sequence(&text, in_tmux);
        let _ = out.write_all(sequence.as_bytes()).and_then(|()| out.flush());
    }
    let programs = programs(variable);
    let copied = asked(text.len(), &programs);
    tokio::spawn(async move {
        for program in programs {
            if hand_over(program, &text).await.is_ok() {
                return;
            }
        }
    });
    copied
}

fn asked(length: usize, programs: &[Program]) -> Copied {
    if length <= MOST_FOR_TERMINAL || !programs.is_empty() {
        Copied::Asked
    } else {
        Copied::TooLong
    }
}

/// Asks the terminal, through tmux too if that lets it pass.
fn sequence(text: &str, multiplexed: Multiplexed) -> String {
    let mut plain = String::new();
    // Writing to a string does not fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    match multiplexed {
        Multiplexed::No => plain,
        Multiplexed::ByTmux => {
            let wrapped = plain.replace('\u{1b}', "\u{1b}\u{1b}");
            format!("{plain}\u{1b}Ptmux;{wrapped}\u{1b}\\")
        }
    }
}

/// Whether another program stands between us and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Multiplexed {
    No,
    ByTmux,
}

/// Programs to try, the likeliest first.
fn programs(variable: impl Fn(&'static str) -> Option<OsString>) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    if cfg!(target_os = "macos") {
        programs.push(&["pbcopy"]);
    }
    if variable("WAYLAND_DISPLAY").is_some() {
        programs.push(&["wl-copy"]);
    }
    if variable("DISPLAY").is_some() {
        programs.push(&["xclip", "-selection", "clipboard", "-in"]);
        programs.push(&["xsel", "--clipboard", "--input"]);
    }
    if variable("TMUX").is_some() {
        // tmux passes on what it is given, where it ignores what programs ask of the terminal.
        programs.push(&["tmux", "load-buffer", "-w", "-"]);
    }
    programs
}

async fn hand_over(program: Program, text: &str) -> io::Result<()> {
    let [name, arguments @ ..] = program else { return Err(io::ErrorKind::NotFound.into()) };
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let taken = async {
        if let Some(mut input) = child.stdin.take() {
            input.write_all(text.as_bytes()).await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(PATIENCE, taken).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(_)) => Err(io::ErrorKind::Other.into()),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_asked_and_through_tmux_as_well() {
        assert_eq!(sequence("hi", Multiplexed::No), "\x1b]52;c;aGk=\x1b\\");
        let through = "\x1b]52;c;aGk=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\";
        assert_eq!(sequence("hi", Multiplexed::ByTmux), through);
    }

    #[test]
    fn programs_are_those_of_the_session() {
        let with = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let found = programs(|name| names.iter().any(|n| n == name).then(|| "x".into()));
            let found = found.iter().map(|program| program[0]);
            found.filter(|name| *name != "pbcopy").collect::<Vec<_>>()
        };
        assert_eq!(with(&[]), Vec::<&str>::new());
        assert_eq!(with(&["DISPLAY", "WAYLAND_DISPLAY"]), ["wl-copy", "xclip", "xsel"]);
        assert_eq!(with(&["TMUX"]), ["tmux"]);
    }

    #[test]
    fn a_text_nobody_takes_is_not_called_copied() {
        let tmux: &[Program] = &[&["tmux", "load-buffer", "-w", "-"]];
        assert_eq!(asked(MOST_FOR_TERMINAL, &[]), Copied::Asked);
        assert_eq!(asked(MOST_FOR_TERMINAL + 1, &[]), Copied::TooLong);
        assert_eq!(asked(MOST_FOR_TERMINAL + 1, tmux), Copied::Asked);
    }

    #[tokio::test]
    async fn a_program_gets_the_text_on_its_input() {
        assert!(hand_over(&["sh", "-c", "[ \"$(cat)\" = hi ]"], "hi").await.is_ok());
        assert!(hand_over(&["false"], "hi").await.is_err());
        assert!(hand_over(&["/no/such/program"], "hi").await.is_err());
    }
}
