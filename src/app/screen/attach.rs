//! One agent's live terminal on the whole screen: keys go to the agent.

use std::time::Instant;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};

use crate::app::cli::Global;
use crate::app::failure::Failure;
use crate::domain::adapter::Via;
use crate::domain::agent::Exit as AgentExit;
use crate::domain::frame::Screen;
use crate::runner::host::client::HostLink;
use crate::runner::host::protocol::{FromHost, ToHost, Writing};
use crate::ui::encode;
use crate::ui::keys::{Action, Scope, essential, find};
use crate::ui::solo::{Bar, Solo};

use super::keyboard;
use super::pace::{Cause, Pace};
use super::solo::{Stage, Woken};

/// How an attached terminal was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detached {
    /// The agent goes on.
    Running,
    /// The agent ended meanwhile.
    Ended(AgentExit),
    /// Its host went away without a word.
    Lost,
}

/// What is known of the agent.
struct Seat {
    link: HostLink,
    via: Via,
    screen: Screen,
    writing: Writing,
    waiting: Option<String>,
    exit: Option<AgentExit>,
    is_gone: bool,
}

/// Shows the agent behind `link` and passes keys on to it until the person leaves.
///
/// # Errors
/// When the terminal can't be used.
pub async fn attach(
    global: &Global,
    (link, via): (HostLink, Via),
    name: &str,
) -> Result<Detached, Failure> {
    let mut stage = Stage::open(global)?;
    stage.title(&format!("orch-tui attach {name}"));
    let screen = Screen::new(link.hello.size);
    let (writing, waiting, exit) = (Writing::Nobody, None, None);
    let mut seat = Seat { link, via, screen, writing, waiting, exit, is_gone: false };
    for message in [ToHost::Resize(stage.size()?), ToHost::Take, ToHost::Watch] {
        seat.tell(message).await;
    }
    let mut pace = Pace::new(Instant::now());
    loop {
        if pace.wait(Instant::now()).is_some_and(|wait| wait.is_zero()) {
            keyboard::ask(seat.screen.input.keyboard);
            stage.show(&Solo { screen: &seat.screen, bar: &seat.bar(name), list: None })?;
            pace.drew(Instant::now());
        }
        let wait = pace.wait(Instant::now());
        let gone = seat.is_gone;
        let events = &mut seat.link.events;
        let next = async { if gone { std::future::pending().await } else { events.recv().await } };
        match stage.wait(wait, next).await {
            Woken::Event(event) => {
                pace.changed(Cause::Typed, Instant::now());
                if !seat.event(event, &mut stage).await? {
                    return Ok(seat.left());
                }
            }
            Woken::Other(message) => {
                pace.changed(Cause::Terminal, Instant::now());
                match message {
                    Some(message) => seat.hear(message),
                    None => seat.is_gone = true,
                }
            }
            Woken::Time => {}
            Woken::End(None) => return Ok(seat.left()),
            Woken::End(Some(failure)) => return Err(failure),
        }
    }
}

impl Seat {
    async fn tell(&self, message: ToHost) {
        // A host that is gone is noticed by its silence.
        let _ = self.link.sender.send(message).await;
    }

    fn hear(&mut self, message: FromHost) {
        match message {
            FromHost::Hello(_) | FromHost::Lines(_) => {}
            FromHost::Frame(frame) => self.screen.apply(frame),
            FromHost::Pulse(pulse) => self.waiting = pulse.waiting.map(Into::into),
            FromHost::Writing(writing) => self.writing = writing,
            FromHost::Exited(exit) => self.exit = Some(exit),
        }
    }

    /// Whether to go on after what the person did.
    async fn event(&mut self, event: Event, stage: &mut Stage) -> Result<bool, Failure> {
        match event {
            Event::Key(key) => {
                if find(Scope::Type, &key) == Some(Action::LeaveType) || self.may_leave_by(&key) {
                    return Ok(false);
                }
                self.send(encode::key(&key, self.screen.input)).await;
            }
            Event::Paste(text) => self.send(encode::paste(&text, self.screen.input)).await,
            Event::Resize(..) => {
                stage.redraw()?;
                self.tell(ToHost::Resize(stage.size()?)).await;
            }
            Event::Mouse(_) | Event::FocusGained | Event::FocusLost => {}
        }
        Ok(true)
    }

    /// Nobody hears keys any more when the agent has ended: the usual ones leave.
    fn may_leave_by(&self, key: &KeyEvent) -> bool {
        let is_pressed = key.kind != KeyEventKind::Release;
        self.is_over()
            && is_pressed
            && [KeyCode::Char('q'), KeyCode::Esc, KeyCode::Enter].contains(&key.code)
    }

    async fn send(&self, bytes: Vec<u8>) {
        if !bytes.is_empty() && !self.is_over() && self.via != Via::Stdin {
            self.tell(ToHost::Keys(bytes)).await;
        }
    }

    fn is_over(&self) -> bool {
        self.is_gone || self.exit.is_some()
    }

    fn left(self) -> Detached {
        match (self.exit, self.is_gone) {
            (Some(exit), _) => Detached::Ended(exit),
            (None, true) => Detached::Lost,
            (None, false) => Detached::Running,
        }
    }

    fn bar(&self, name: &str) -> Bar {
        let size = self.screen.size;
        let facts = format!("{name}  {}x{}", size.cols, size.rows);
        let word = match (self.is_over(), self.via) {
            (true, _) => "ENDED",
            (false, Via::Stdin) => "WATCH",
            (false, Via::Arg | Via::File) => "TYPE",
        };
        let hints = match self.is_over() {
            true => format!("q leave  {}", essential(Scope::Type)),
            false => essential(Scope::Type),
        };
        Bar { word: word.into(), facts, note: self.note(), hints }
    }

    fn note(&self) -> String {
        match (&self.exit, self.is_gone, &self.waiting) {
            (Some(exit), ..) => ended(exit),
            (None, true, _) => "its host disappeared".to_owned(),
            (None, false, Some(message)) => format!("asks: {message}"),
            (None, false, None) if self.via == Via::Stdin => {
                "it only prints: keys are not sent".to_owned()
            }
            (None, false, None) => match self.writing {
                Writing::Another => "somebody else typed last; the size is theirs".to_owned(),
                Writing::You | Writing::Nobody => String::new(),
            },
        }
    }
}

/// How an agent ended, in a few words.
pub fn ended(exit: &AgentExit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
