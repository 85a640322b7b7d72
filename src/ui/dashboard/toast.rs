//! Sentences that pass by in the status bar.

use std::collections::VecDeque;
use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::orchestrator::{Level, Notice};
use crate::domain::time::Timestamp;

/// How long a sentence stays; errors stay until a key.
const STAYS: Duration = Duration::from_secs(4);
/// For so long after TYPE mode was refused keys mean nothing: they were typed for an agent.
const QUIET: Duration = Duration::from_secs(1);

/// What was said and what was seen.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    own: Option<Notice>,
    last_key: Timestamp,
    /// What was said before that was shown elsewhere.
    seen: Timestamp,
    /// When Ctrl-C was pressed last.
    pub interrupted: Option<Timestamp>,
    /// The way out of TYPE mode was told.
    pub taught_typing: bool,
    /// When TYPE mode was refused, while keys may still be meant for an agent.
    refused: Option<Timestamp>,
}

impl Toasts {
    /// Says something of the screen's own.
    pub fn say(&mut self, now: Timestamp, text: &str) {
        self.own = Some(Notice { at: now, level: Level::Info, text: text.into() });
    }

    /// TYPE mode is refused: what is typed now was meant for an agent and must not become a command.
    pub fn refuse_typing(&mut self, now: Timestamp, text: &str) {
        self.say(now, text);
        self.refused = Some(now);
    }

    /// Whether a key pressed now was meant for an agent that does not run. Esc never is. What is swallowed makes the time
    /// no longer, and the sentence that tells why stays.
    pub fn swallows(&mut self, key: &KeyEvent, now: Timestamp) -> bool {
        let typed = key.code != KeyCode::Esc && !key.modifiers.contains(KeyModifiers::CONTROL);
        let soon = self.refused.is_some_and(|refused| now.since(refused) < QUIET);
        self.refused = self.refused.filter(|_| soon && typed);
        soon && typed
    }

    /// A key was pressed: errors older than it are seen.
    pub fn key_pressed(&mut self, now: Timestamp) {
        self.last_key = now;
        self.own = None;
    }

    /// What was said until now was shown elsewhere.
    pub fn seen(&mut self, now: Timestamp) {
        self.seen = now;
    }

    /// The sentence to show: our own, else the newest error not seen or news not too old.
    pub fn visible<'a>(
        &'a self,
        notices: &'a VecDeque<Notice>,
        now: Timestamp,
    ) -> Option<&'a Notice> {
        let own = self.own.iter().filter(|own| now.since(own.at) < STAYS);
        let fresh = |notice: &&Notice| match notice.level {
            _ if notice.at < self.seen => false,
            Level::Info => now.since(notice.at) < STAYS,
            Level::Error => notice.at >= self.last_key,
        };
        own.chain(notices.iter().rev().filter(fresh)).next()
    }

    /// Whether a sentence is shown that goes by itself.
    pub fn passing(&self, notices: &VecDeque<Notice>, now: Timestamp) -> bool {
        self.visible(notices, now).is_some_and(|notice| notice.level == Level::Info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(at: u64, level: Level) -> Notice {
        Notice { at: Timestamp(at), level, text: format!("at {at}").into() }
    }

    #[test]
    fn news_passes_and_errors_wait_for_a_key() {
        let mut toasts = Toasts::default();
        let notices = VecDeque::from([notice(1_000, Level::Error), notice(2_000, Level::Info)]);
        let text = |toasts: &Toasts, now| {
            toasts.visible(&notices, Timestamp(now)).map(|n| n.text.to_string())
        };
        assert_eq!(text(&toasts, 5_999), Some("at 2000".into()));
        assert!(toasts.passing(&notices, Timestamp(5_999)));
        assert_eq!(text(&toasts, 6_000), Some("at 1000".into()));
        assert!(!toasts.passing(&notices, Timestamp(6_000)));
        toasts.key_pressed(Timestamp(6_001));
        assert_eq!(text(&toasts, 6_002), None);
        toasts.say(Timestamp(7_000), "own");
        assert_eq!(text(&toasts, 7_001), Some("own".into()));
    }
}
