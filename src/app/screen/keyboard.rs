//! What the person's terminal tells of keys: what the agent that is typed into asked for, and else what it always did.
//!
//! It is not asked whether it knows the protocol, for the answer could get lost among the keys: one that does not
//! ignores the request.

use std::io;
use std::sync::atomic::{AtomicU8, Ordering};

use crossterm::event::{
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::execute;

use crate::domain::frame::KeyboardFlags;

/// What the terminal was asked for.
static ASKED: AtomicU8 = AtomicU8::new(0);

/// Asks the terminal to tell as much of keys as an agent wants to know.
pub(super) fn ask(wanted: KeyboardFlags) {
    let flags = enhancement(wanted);
    let before = ASKED.swap(flags.bits(), Ordering::SeqCst);
    if before == flags.bits() {
        return;
    }
    if before != 0 {
        let _ = execute!(io::stdout(), PopKeyboardEnhancementFlags);
    }
    if !flags.is_empty() {
        let _ = execute!(io::stdout(), PushKeyboardEnhancementFlags(flags));
    }
}

/// Gives the keyboard back as it was.
pub(super) fn give_back() {
    ask(KeyboardFlags::default());
}

/// What to ask for. What an old terminal mixes up, and what Shift makes of a key, is always of use.
fn enhancement(wanted: KeyboardFlags) -> KeyboardEnhancementFlags {
    if wanted.is_none() {
        return KeyboardEnhancementFlags::empty();
    }
    let always = KeyboardFlags::DISAMBIGUATE | KeyboardFlags::ALTERNATES;
    // crossterm does not read the text of a key.
    let known = KeyboardFlags::EVENTS.0 | KeyboardFlags::ALL.0;
    KeyboardEnhancementFlags::from_bits_truncate(always.0 | wanted.0 & known)
}
