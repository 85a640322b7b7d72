//! How things look: colour roles and one-column glyphs. Nothing here is told apart by colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::agent::AgentState;
use crate::domain::time::Timestamp;

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourRole {
    /// At work.
    Run,
    /// Needs a person.
    Wait,
    /// Being verified.
    Verify,
    /// Good.
    Ok,
    /// Bad.
    Fail,
    /// Secondary text.
    Muted,
    /// Focus and keys.
    Accent,
    /// Ordinary text.
    Plain,
}

/// A set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// For dark backgrounds, true colour.
    Dark,
    /// For light backgrounds, true colour.
    Light,
    /// The terminal's own 16 colours.
    Ansi,
    /// No colour at all: weight, reverse, glyphs and words.
    Mono,
}

impl Theme {
    /// The style of a role.
    pub fn style(self, role: ColourRole) -> Style {
        let base = match role {
            ColourRole::Wait => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            ColourRole::Fail => Style::new().add_modifier(Modifier::BOLD),
            ColourRole::Muted => match self {
                Self::Dark | Self::Light => Style::new(),
                Self::Ansi | Self::Mono => Style::new().add_modifier(Modifier::DIM),
            },
            ColourRole::Accent => match self {
                Self::Mono => Style::new().add_modifier(Modifier::BOLD),
                Self::Dark | Self::Light | Self::Ansi => Style::new(),
            },
            ColourRole::Run | ColourRole::Verify | ColourRole::Ok | ColourRole::Plain => {
                Style::new()
            }
        };
        base.fg(self.colour(role))
    }

    /// Colours measured for contrast on common backgrounds and for the common kinds of colour blindness.
    fn colour(self, role: ColourRole) -> Color {
        match (self, role) {
            (Self::Mono, _) | (_, ColourRole::Plain) | (Self::Ansi, ColourRole::Muted) => {
                Color::Reset
            }
            (Self::Dark, ColourRole::Run) => Color::Rgb(0x9c, 0xb4, 0xe2),
            (Self::Dark, ColourRole::Wait) => Color::Rgb(0xff, 0xcc, 0x00),
            (Self::Dark, ColourRole::Verify) => Color::Rgb(0xbf, 0x66, 0xff),
            (Self::Dark, ColourRole::Ok) => Color::Rgb(0x66, 0xff, 0xcc),
            (Self::Dark, ColourRole::Fail) => Color::Rgb(0xf2, 0x73, 0x5a),
            (Self::Dark, ColourRole::Muted) => Color::Rgb(0x9a, 0xa4, 0xae),
            (Self::Dark, ColourRole::Accent) => Color::Rgb(0x7a, 0xa2, 0xf7),
            (Self::Light, ColourRole::Run) => Color::Rgb(0x00, 0x3c, 0xf0),
            (Self::Light, ColourRole::Wait) => Color::Rgb(0x89, 0x65, 0x0b),
            (Self::Light, ColourRole::Verify) => Color::Rgb(0x8d, 0x1f, 0xb2),
            (Self::Light, ColourRole::Ok) => Color::Rgb(0x21, 0x73, 0x65),
            (Self::Light, ColourRole::Fail) => Color::Rgb(0x8a, 0x30, 0x28),
            (Self::Light, ColourRole::Muted) => Color::Rgb(0x5c, 0x66, 0x70),
            (Self::Light, ColourRole::Accent) => Color::Rgb(0x2f, 0x52, 0xb8),
            (Self::Ansi, ColourRole::Run | ColourRole::Accent) => Color::Blue,
            (Self::Ansi, ColourRole::Wait) => Color::Reset,
            (Self::Ansi, ColourRole::Verify) => Color::Magenta,
            (Self::Ansi, ColourRole::Ok) => Color::Green,
            (Self::Ansi, ColourRole::Fail) => Color::Red,
        }
    }
}

/// A set of glyphs, each one column wide in every terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Measured narrow Unicode.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// What drawing needs besides the state: theme, glyphs, the present.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Glyphs.
    pub glyphs: Glyphs,
    /// The present.
    pub now: Timestamp,
}

impl Look {
    /// The style of a role.
    pub fn style(&self, role: ColourRole) -> Style {
        self.theme.style(role)
    }

    /// `unicode`, or `ascii` where only ASCII may be drawn.
    pub fn pick<T>(&self, unicode: T, ascii: T) -> T {
        match self.glyphs {
            Glyphs::Unicode => unicode,
            Glyphs::Ascii => ascii,
        }
    }

    /// Glyph, four-letter word and colour role of an agent's state.
    pub fn state(&self, state: AgentState) -> (&'static str, &'static str, ColourRole) {
        let (unicode, ascii, word, role) = match state {
            AgentState::Waiting => ("?", "?", "WAIT", ColourRole::Wait),
            AgentState::Failed => ("✗", "x", "FAIL", ColourRole::Fail),
            AgentState::TimedOut => ("◷", "T", "TIME", ColourRole::Fail),
            AgentState::Running => ("▸", ">", "RUN", ColourRole::Run),
            AgentState::Idle => ("⋯", "-", "IDLE", ColourRole::Muted),
            AgentState::Review => ("±", "R", "REVW", ColourRole::Wait),
            AgentState::Merging => ("»", "M", "MRGE", ColourRole::Verify),
            AgentState::Verifying => ("◔", "%", "VRFY", ColourRole::Verify),
            AgentState::Starting => ("◌", "~", "STRT", ColourRole::Run),
            AgentState::Pending => ("◦", ".", "PEND", ColourRole::Muted),
            AgentState::Stopping => ("⊗", "K", "STOP", ColourRole::Fail),
            AgentState::Succeeded => ("✓", "+", "DONE", ColourRole::Ok),
            AgentState::Killed => ("⊗", "K", "KILL", ColourRole::Muted),
        };
        (self.pick(unicode, ascii), word, role)
    }
}
