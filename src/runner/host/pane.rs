//! What a host knows of its agent while it runs: the screen, and what the agent does.

use std::time::{Duration, Instant};

use crate::domain::adapter::Parser;
use crate::domain::agent::{Exit, Usage};
use crate::domain::frame::Size;
use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::report::Pulse;
use crate::domain::time::Timestamp;

use super::event::AgentEvent;
use super::redraw::redraw;
use super::stream::StreamParser;
use super::terminal::Terminal;
use super::transcript::Transcript;
use super::{menu, prompt};

/// Characters of what an agent asks that are told.
const MESSAGE_WIDTH: usize = 400;
/// Characters of what an agent does.
const DOING_WIDTH: usize = 100;

/// What an agent shows so soon after somebody typed counts as the echo.
const ECHO_TIME: Duration = Duration::from_millis(50);

/// An agent's screen and activity.
pub(super) struct Pane {
    /// The screen.
    pub(super) terminal: Terminal,
    /// When somebody typed last.
    typed: Option<Instant>,
    reading: Reading,
    activity: Activity,
    /// The session's id, when the agent told one.
    pub(super) session: Option<String>,
    /// When it said that all is done, until it goes on.
    finished: Option<Instant>,
    /// How the process ended.
    pub(super) exit: Option<Exit>,
}

/// How the output is read.
enum Reading {
    Raw,
    Events(Box<StreamParser>, Transcript),
}

struct Activity {
    last_output: Timestamp,
    silent_since: Instant,
    spoke: bool,
    events: u64,
    waiting: Option<Printable>,
    /// The question its cursor stands behind, once it has been silent there; any output ends it.
    prompted: Option<Printable>,
    doing: String,
    usage: Usage,
}

/// What a piece of output led to.
pub(super) struct Taken {
    /// Answers for the terminal's input side.
    pub(super) replies: Vec<u8>,
    /// Events for the log.
    pub(super) events: Vec<AgentEvent>,
    /// What is worth a marker.
    pub(super) mark: Option<String>,
}

/// The moment something happened, on both clocks.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// For measuring.
    pub(super) instant: Instant,
    /// For showing.
    pub(super) wall: Timestamp,
}

impl Activity {
    /// Whether a person is asked for.
    fn waits(&self) -> bool {
        self.waiting.is_some() || self.prompted.is_some()
    }
}

impl Pane {
    pub(super) fn new(parser: Parser, size: Size, now: Moment) -> Self {
        let reading = match StreamParser::of(parser) {
            None => Reading::Raw,
            Some(parser) => Reading::Events(Box::new(parser), Transcript::new()),
        };
        let activity = Activity {
            last_output: now.wall,
            silent_since: now.instant,
            spoke: false,
            events: 0,
            waiting: None,
            prompted: None,
            doing: String::new(),
            usage: Usage::default(),
        };
        Self {
            terminal: Terminal::new(size),
            typed: None,
            reading,
            activity,
            session: None,
            finished: None,
            exit: None,
        }
    }

    /// Takes in output.
    pub(super) fn take_in(&mut self, bytes: &[u8], now: Moment) -> Taken {
        self.activity.last_output = now.wall;
        self.activity.silent_since = now.instant;
        self.activity.spoke = true;
        let asked = self.activity.waits();
        self.activity.prompted = None;
        let mut taken = self.read(bytes, now);
        taken.mark = match (&self.activity.waiting, asked) {
            (Some(message), false) => Some(format!("asks: {message}")),
            (None, true) => Some("goes on".to_owned()),
            (Some(_), true) | (None, false) => None,
        };
        taken
    }

    fn read(&mut self, bytes: &[u8], now: Moment) -> Taken {
        match &mut self.reading {
            Reading::Raw => {
                let reaction = self.terminal.feed(bytes, now.instant);
                self.activity.events += 1;
                if let Some(message) = reaction.attention {
                    self.call(&message);
                }
                Taken { replies: reaction.replies, events: Vec::new(), mark: None }
            }
            Reading::Events(parser, _) => {
                let events = parser.feed(bytes);
                self.show(&events, now.instant);
                Taken { replies: Vec::new(), events, mark: None }
            }
        }
    }

    /// Takes in what was left unfinished at the end of the output.
    pub(super) fn finish(&mut self, now: Instant) -> Vec<AgentEvent> {
        match &mut self.reading {
            Reading::Raw => Vec::new(),
            Reading::Events(parser, _) => {
                let events = parser.finish();
                self.show(&events, now);
                events
            }
        }
    }

    fn show(&mut self, events: &[AgentEvent], now: Instant) {
        for event in events {
            self.activity.events += 1;
            self.note(event);
            self.note_end(event, now);
            if let Reading::Events(_, transcript) = &mut self.reading {
                let text = transcript.render(event);
                self.terminal.feed(text.as_bytes(), now);
            }
        }
    }

    fn note(&mut self, event: &AgentEvent) {
        if goes_on(event) {
            self.activity.waiting = None;
        }
        match event {
            AgentEvent::SessionStarted { session, .. } if !session.is_empty() => {
                self.session = Some(session.clone());
            }
            AgentEvent::TextDelta { text } | AgentEvent::Text { text } => self.write(text),
            AgentEvent::TextEnd { .. } => self.activity.doing.push('\n'),
            AgentEvent::ToolStart { name, summary } => {
                self.activity.doing = format!("{name} {summary}\n");
            }
            AgentEvent::Used { usage } | AgentEvent::TurnEnd { usage, .. } => {
                self.activity.usage = *usage;
            }
            AgentEvent::Waiting { message } => self.call(message),
            AgentEvent::Retry { cause, .. } => self.activity.doing = format!("retrying: {cause}\n"),
            AgentEvent::SessionStarted { .. }
            | AgentEvent::ToolEnd { .. }
            | AgentEvent::Denied { .. }
            | AgentEvent::Note { .. }
            | AgentEvent::Plain { .. }
            | AgentEvent::Unknown { .. } => {}
        }
    }

    /// A turn that ended well may be the last; whatever begins another takes that back.
    fn note_end(&mut self, event: &AgentEvent, now: Instant) {
        self.finished = match (event, begins(event)) {
            (AgentEvent::TurnEnd { outcome: Ok(()), .. }, _) => Some(now),
            (AgentEvent::TurnEnd { outcome: Err(_), .. }, _) | (_, true) => None,
            (_, false) => self.finished,
        };
    }

    /// Keeps the last line of the text being written.
    fn write(&mut self, text: &str) {
        if self.activity.doing.ends_with('\n') {
            self.activity.doing.clear();
        }
        self.activity.doing.push_str(text);
        let doing = &self.activity.doing;
        let begin = doing.trim_end().rfind('\n').map_or(0, |end| end + 1);
        self.activity.doing = doing[begin..].chars().take(4 * DOING_WIDTH).collect();
    }

    fn call(&mut self, message: &str) {
        let message = if message.trim().is_empty() { "asks for attention" } else { message };
        let told: String = message.chars().take(MESSAGE_WIDTH).collect();
        self.activity.waiting = Some(Printable::new(&told));
    }

    /// Looks whether an agent that prints plain text is silent behind a question, once [`prompt::SILENCE`] has passed. What
    /// is worth a marker: the question, if it is new. After somebody typed only more output can ask again.
    pub(super) fn look_for_prompt(&mut self, now: Instant) -> Option<String> {
        let silent = now.saturating_duration_since(self.activity.silent_since) >= prompt::SILENCE;
        let answered = self.typed.is_some_and(|typed| typed >= self.activity.silent_since);
        match self.reading {
            Reading::Raw if silent && !answered && !self.activity.waits() => {}
            Reading::Raw | Reading::Events(..) => return None,
        }
        let (line, screen) = (self.terminal.before_cursor(), self.terminal.text());
        let asked = prompt::asked(&line).or_else(|| menu::asked(&screen))?;
        let asked = Printable::new(&asked.chars().take(MESSAGE_WIDTH).collect::<String>());
        let mark = format!("asks: {asked}");
        self.activity.prompted = Some(asked);
        Some(mark)
    }

    /// Somebody typed: whatever the agent waited for, it got an answer. Whether it waited.
    pub(super) fn answered(&mut self, now: Instant) -> bool {
        self.typed = Some(now);
        let waited = self.activity.waits();
        (self.activity.waiting, self.activity.prompted) = (None, None);
        waited
    }

    /// Whether somebody typed so shortly before a moment, or later, that what is shown next may be the echo.
    pub(super) fn awaits_echo(&self, moment: Instant) -> bool {
        self.typed.is_some_and(|typed| typed + ECHO_TIME >= moment)
    }

    /// Output that draws the present screen; `None` where the recorded output is not what is drawn.
    pub(super) fn redraw(&mut self) -> Option<String> {
        match self.reading {
            Reading::Raw => self.terminal.frame_since(0).map(|(_, frame)| redraw(&frame)),
            Reading::Events(..) => None,
        }
    }

    /// Since when there was no output.
    pub(super) fn silent_since(&self) -> Instant {
        self.activity.silent_since
    }

    /// Since when all is done, as far as the agent says.
    pub(super) fn finished_since(&self) -> Option<Instant> {
        self.finished
    }

    /// Whether it has printed anything yet.
    pub(super) fn has_spoken(&self) -> bool {
        self.activity.spoke
    }

    /// What it used so far.
    pub(super) fn usage(&self) -> Usage {
        self.activity.usage
    }

    /// What the agent does, and the count of its events so far.
    pub(super) fn pulse(&mut self) -> (Pulse, u64) {
        let doing = match self.reading {
            Reading::Raw => self.terminal.last_line(),
            Reading::Events(..) => self.activity.doing.clone(),
        };
        let doing: String = doing.trim().chars().take(DOING_WIDTH).collect();
        let pulse = Pulse {
            last_output: self.activity.last_output,
            events: 0,
            waiting: self.activity.waiting.as_ref().or(self.activity.prompted.as_ref()).cloned(),
            doing: Printable::new(&doing),
            usage: self.activity.usage,
        };
        (pulse, self.activity.events)
    }

    /// What the agent said of its work, for one that speaks in events.
    pub(super) fn verdict(&self, code: Option<i32>) -> Option<Result<(), Reason>> {
        match &self.reading {
            Reading::Raw => None,
            Reading::Events(parser, _) => parser.verdict(code),
        }
    }
}

/// Whether an agent that does this is not at its end.
fn begins(event: &AgentEvent) -> bool {
    match event {
        AgentEvent::SessionStarted { .. }
        | AgentEvent::TextDelta { .. }
        | AgentEvent::TextEnd { .. }
        | AgentEvent::Text { .. }
        | AgentEvent::ToolStart { .. }
        | AgentEvent::ToolEnd { .. }
        | AgentEvent::Retry { .. }
        | AgentEvent::Waiting { .. } => true,
        AgentEvent::TurnEnd { .. }
        | AgentEvent::Denied { .. }
        | AgentEvent::Used { .. }
        | AgentEvent::Note { .. }
        | AgentEvent::Plain { .. }
        | AgentEvent::Unknown { .. } => false,
    }
}

/// Whether an agent that does this no longer waits for a person, answered or not.
fn goes_on(event: &AgentEvent) -> bool {
    match event {
        AgentEvent::TextDelta { .. }
        | AgentEvent::Text { .. }
        | AgentEvent::ToolStart { .. }
        | AgentEvent::ToolEnd { .. }
        | AgentEvent::TurnEnd { .. } => true,
        AgentEvent::SessionStarted { .. }
        | AgentEvent::TextEnd { .. }
        | AgentEvent::Retry { .. }
        | AgentEvent::Denied { .. }
        | AgentEvent::Waiting { .. }
        | AgentEvent::Used { .. }
        | AgentEvent::Note { .. }
        | AgentEvent::Plain { .. }
        | AgentEvent::Unknown { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Moment {
        Moment { instant: start + Duration::from_secs(seconds), wall: Timestamp(seconds * 1_000) }
    }

    fn waiting(pane: &mut Pane) -> Option<String> {
        pane.pulse().0.waiting.map(|text| text.to_string())
    }

    #[test]
    fn a_silent_question_waits_until_input_or_more_output() {
        let start = Instant::now();
        let mut pane = Pane::new(Parser::None, Size::SMALLEST, at(start, 0));
        pane.take_in(b"one line\r\nOverwrite file? [y/N] ", at(start, 10));
        assert_eq!(pane.look_for_prompt(at(start, 12).instant), None, "it may go on");
        assert_eq!(waiting(&mut pane), None);
        let mark = pane.look_for_prompt(at(start, 13).instant);
        assert_eq!(mark.as_deref(), Some("asks: Overwrite file? [y/N]"));
        assert_eq!(waiting(&mut pane).as_deref(), Some("Overwrite file? [y/N]"));
        assert_eq!(pane.look_for_prompt(at(start, 14).instant), None, "it is known");
        let taken = pane.take_in(b"y\r\nWhich one? ", at(start, 20));
        assert_eq!(taken.mark.as_deref(), Some("goes on"));
        assert_eq!(waiting(&mut pane), None);
        assert!(pane.look_for_prompt(at(start, 30).instant).is_some());
        assert!(pane.answered(at(start, 31).instant));
        assert_eq!(waiting(&mut pane), None);
        assert_eq!(pane.look_for_prompt(at(start, 60).instant), None, "it was answered");
    }

    #[test]
    fn what_stands_above_or_behind_the_cursor_asks_nothing() {
        let start = Instant::now();
        let shown = |bytes: &[u8], parser| {
            let mut pane = Pane::new(parser, Size::SMALLEST, at(start, 0));
            pane.take_in(bytes, at(start, 1));
            pane.look_for_prompt(at(start, 60).instant)
        };
        assert_eq!(shown(b"Continue? [y/N] \r\n", Parser::None), None);
        assert_eq!(shown(b"Continue? [y/N] \r", Parser::None), None);
        assert_eq!(shown(b"Continue? [y/N] ", Parser::Claude), None);
        assert!(shown(b"Continue? [y/N] ", Parser::None).is_some());
    }
}
