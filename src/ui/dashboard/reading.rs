//! SCROLL mode: keys move in what the agent in view said.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::frame::Frame;
use crate::domain::id::AgentRef;
use crate::domain::older::{Older, OlderWanted};
use crate::domain::orchestrator::Orchestrator;
use crate::domain::printable::is_hidden;
use crate::domain::scrollback::{Page, Wanted};
use crate::ui::dashboard::{Dashboard, Mode, has_screen};
use crate::ui::intent::Intent;
use crate::ui::keys::{Direction, Pane, ReadAction, label};
use crate::ui::overlays::Overlay;
use crate::ui::reading::{Began, Extent, Place, Reader, Seen, amount};

/// Bytes that are copied at most.
const MOST_COPIED: usize = 4 * 1024 * 1024;

impl Dashboard {
    /// An agent's screen changed. Screens of its earlier lives are forgotten.
    pub fn frame(&mut self, agent: AgentRef, frame: Frame) {
        self.screens.retain(|known, _| known.id != agent.id || known.life == agent.life);
        if self
            .agent
            .reader
            .as_ref()
            .is_some_and(|reader| !self.screens.contains_key(&reader.agent))
        {
            self.leave_reading();
        }
        match self.screens.get_mut(&agent) {
            Some(seen)
                if self.agent.reader.as_ref().is_some_and(|reader| reader.agent == agent) =>
            {
                seen.read_on(frame);
            }
            Some(seen) => seen.apply(frame),
            None => {
                let seen = Seen::new(frame);
                if let Some(hits) = self.overlay.as_mut().and_then(Overlay::as_hits) {
                    hits.look_again(&agent, &seen);
                }
                self.screens.insert(agent.clone(), seen);
            }
        }
        if self.reads(&agent) {
            self.read_with(Reader::refresh);
        }
    }

    /// Lines above an agent's screen came; `None` when nobody has any.
    pub fn lines(&mut self, agent: &AgentRef, page: Option<Page>) -> Vec<Intent> {
        let Some(seen) = self.screens.get_mut(agent) else { return Vec::new() };
        seen.back.take(page);
        if let Some(hits) = self.overlay.as_mut().and_then(Overlay::as_hits) {
            hits.look_again(agent, seen);
        }
        if self.reads(agent) {
            self.read_with(|reader, seen, extent| {
                reader.refresh(seen, extent);
                reader.look(seen, extent);
            });
            if self.agent.edits.is_some() {
                return self.edit_read();
            }
        }
        Vec::new()
    }

    /// Lines to be fetched now: of the agent that is read, of all that are searched.
    pub fn wants(&mut self) -> Vec<(AgentRef, Wanted)> {
        let all = self.overlay.as_ref().is_some_and(Overlay::searches);
        let read = self.agent.reader.as_ref().map(|reader| &reader.agent);
        let wanted = self.screens.iter_mut().filter(|(agent, _)| all || read == Some(*agent));
        wanted.filter_map(|(agent, seen)| Some((agent.clone(), seen.back.ask()?))).collect()
    }

    /// Lines older than the host's came, or word that there are none.
    pub fn older(&mut self, agent: &AgentRef, older: Older) -> Vec<Intent> {
        let Some(seen) = self.screens.get_mut(agent) else { return Vec::new() };
        let below = older.below;
        seen.back.take_older(older);
        if !self.reads(agent) {
            return Vec::new();
        }
        self.read_with(|reader, seen, extent| {
            reader.go_on_to_older(seen, below, extent);
            reader.refresh(seen, extent);
            reader.look(seen, extent);
        });
        match self.agent.edits {
            Some(_) => self.edit_read(),
            None => Vec::new(),
        }
    }

    /// Lines to be read from the recording now: of the agent that is read, once its reader comes near its oldest line.
    pub fn wants_older(&mut self) -> Option<(AgentRef, OlderWanted)> {
        let is_near = self.read_with(|reader, seen, extent| reader.may_need_older(seen, extent))?;
        if !is_near && self.agent.edits.is_none() {
            return None;
        }
        let agent = self.agent.reader.as_ref()?.agent.clone();
        let wanted = self.screens.get_mut(&agent)?.back.ask_older()?;
        Some((agent, wanted))
    }

    /// Searches for the text of the open search in what all agents said.
    pub(super) fn look_in_all(&mut self) {
        if let Some(hits) = self.overlay.as_mut().and_then(Overlay::as_hits) {
            self.screens.iter().for_each(|(agent, seen)| hits.look(agent, seen));
        }
    }

    /// Reads an agent at a place, with a search.
    pub(super) fn read_at(
        &mut self,
        (agent, at): (&AgentRef, Place),
        needle: String,
        o: &Orchestrator,
    ) {
        self.agent.shown = Some(agent.id.clone());
        if self.enter_reading(o, Began::ByKey) {
            self.read_with(|reader, seen, extent| reader.begin_at(seen, (at, needle), extent));
        }
    }

    /// What is known of a life's screen and lines.
    pub fn seen(&self, agent: &AgentRef) -> Option<&Seen> {
        self.screens.get(agent)
    }

    /// The reader of a life, if it is being read.
    pub fn reader(&self, agent: &AgentRef) -> Option<(&Reader, &Seen)> {
        let reader = self.agent.reader.as_ref().filter(|reader| reader.agent == *agent)?;
        Some((reader, self.screens.get(agent)?))
    }

    fn reads(&self, agent: &AgentRef) -> bool {
        self.agent.reader.as_ref().is_some_and(|reader| reader.agent == *agent)
    }

    /// Does something with the reader, its lines and the room they are shown in.
    pub(super) fn read_with<R>(
        &mut self,
        act: impl FnOnce(&mut Reader, &Seen, Extent) -> R,
    ) -> Option<R> {
        let inner = self.layout().inner(Pane::Agent);
        let extent = Extent { cols: inner.width.into(), rows: inner.height.max(1).into() };
        let reader = self.agent.reader.as_mut()?;
        let seen = self.screens.get(&reader.agent)?;
        Some(act(reader, seen, extent))
    }

    /// Begins to read the agent in view; says whether there is something to read.
    pub(super) fn open_reader(&mut self, o: &Orchestrator, began: Began) -> bool {
        let Some(agent) = self.agent_in_view(o) else {
            self.toasts.say(self.now, "no agent to read from yet: n types a goal");
            return false;
        };
        let (agent, has_screen) = (agent.me().clone(), has_screen(agent));
        if began == Began::ByKey && has_screen {
            // Where its pane was closed the screen comes now that it is open.
            self.screens.entry(agent.clone()).or_insert_with(Seen::awaited);
        }
        let inner = self.layout().inner(Pane::Agent);
        let extent = Extent { cols: inner.width.into(), rows: inner.height.max(1).into() };
        let Some(seen) = self.screens.get(&agent) else {
            let text = format!("{} has shown nothing yet", agent.id);
            self.toasts.say(self.now, &text);
            return false;
        };
        let reader = Reader::open(agent.clone(), seen, extent, began);
        if !self.reads(&agent) {
            self.put_reader_away();
        }
        self.agent.reader = Some(reader);
        (self.agent.shown, self.agent.up) = (Some(agent.id), 0);
        true
    }

    /// SCROLL mode begins.
    pub(super) fn enter_reading(&mut self, o: &Orchestrator, began: Began) -> bool {
        let before = (self.focus.pane, self.agent.zoom);
        self.focus.pane = Pane::Agent;
        // A tile is no place to read in.
        self.agent.zoom |= self.agent.grid.open;
        if !self.open_reader(o, began) {
            (self.focus.pane, self.agent.zoom) = before;
            return false;
        }
        self.focus.mode = Mode::Scroll;
        true
    }

    /// Nobody reads any more: what was read from the recording is not kept.
    pub(super) fn put_reader_away(&mut self) {
        let reader = self.agent.reader.take();
        if let Some(seen) = reader.and_then(|reader| self.screens.get_mut(&reader.agent)) {
            seen.back.forget_older();
        }
    }

    /// Back to the newest output.
    pub(super) fn leave_reading(&mut self) {
        self.put_reader_away();
        self.agent.edits = None;
        self.screens.retain(|_, seen| !seen.is_awaited());
        if self.focus.mode == Mode::Scroll {
            self.focus.mode = Mode::Browse;
        }
    }

    /// Carries out what a key of SCROLL mode does.
    pub(super) fn read(&mut self, action: ReadAction, o: &Orchestrator) -> Vec<Intent> {
        match action {
            ReadAction::Enter => {
                self.enter_reading(o, Began::ByKey);
            }
            ReadAction::Search(way) => {
                if self.focus.mode == Mode::Scroll || self.enter_reading(o, Began::ByKey) {
                    self.read_with(|reader, _, _| reader.begin_search(way));
                }
            }
            ReadAction::Move(motion) => {
                self.read_with(|reader, seen, extent| reader.go(seen, motion, extent));
            }
            ReadAction::Next(way) => self.next_match(way),
            ReadAction::Select(span) => {
                self.read_with(|reader, _, _| reader.select(span));
            }
            ReadAction::Copy => return self.copy_read(),
            ReadAction::Editor => return self.edit_read(),
            ReadAction::Submit => {
                self.read_with(|reader, _, _| reader.keep_search());
            }
            ReadAction::Leave => self.step_back(),
            ReadAction::All => self.overlay = Some(Overlay::hits()),
        }
        Vec::new()
    }

    fn next_match(&mut self, way: Direction) {
        let found = self.read_with(|reader, seen, extent| match &reader.search {
            Some(_) => reader.next_match(seen, way, extent).map(|_| ()).ok_or("no match"),
            None => Err("no search yet: / searches"),
        });
        if let Some(Err(why)) = found {
            self.toasts.say(self.now, why);
        }
    }

    /// Drops what was begun last: the search being typed, the number, the selection, reading itself.
    fn step_back(&mut self) {
        let is_over = self.read_with(|reader, seen, extent| {
            if reader.is_searching() {
                reader.drop_search(seen, extent);
            } else if reader.count.take().is_none() && reader.mark.take().is_none() {
                return true;
            }
            reader.refresh(seen, extent);
            false
        });
        if is_over != Some(false) {
            self.leave_reading();
        }
    }

    /// Copies the selection, or the line under the cursor.
    pub(super) fn copy_read(&mut self) -> Vec<Intent> {
        let text = self.read_with(|reader, seen, extent| {
            let text = reader.text(seen);
            reader.mark = None;
            reader.refresh(seen, extent);
            text
        });
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            self.toasts.say(self.now, "nothing to copy here");
            return Vec::new();
        };
        if text.len() > MOST_COPIED {
            self.toasts.say(self.now, "too much to copy: e opens it in an editor");
            return Vec::new();
        }
        self.toasts.say(self.now, &format!("copied {}", amount(&text)));
        vec![Intent::Copy(text)]
    }

    /// Says that nobody took what was to be copied.
    pub fn not_copied(&mut self) {
        let key = label("read.edit");
        let why = format!("not copied: too long for the terminal; {key} opens it in an editor");
        self.toasts.say(self.now, &why);
    }

    fn edit_read(&mut self) -> Vec<Intent> {
        let end = self.agent.edits.take();
        self.agent.edits = self
            .read_with(|_, seen, _| {
                let end = end.unwrap_or(seen.screen.past.above);
                let is_whole = seen.back.reaches(end) && !seen.back.owes_older();
                (seen.is_awaited() || !is_whole).then_some(end)
            })
            .flatten();
        if self.agent.edits.is_some() {
            self.toasts.say(self.now, "older lines are on their way: the editor opens with them");
            return Vec::new();
        }
        let text = self.read_with(|reader, seen, _| Intent::Read {
            line: seen.line_of_text(reader.at.line),
            text: seen.whole_text(),
        });
        text.into_iter().collect()
    }

    /// A key of SCROLL mode that the table does not know: text of a search, or a number.
    pub(super) fn reading_key(&mut self, key: KeyEvent) {
        let command = KeyModifiers::CONTROL | KeyModifiers::ALT;
        let typed = match key.code {
            KeyCode::Char(c) if !key.modifiers.intersects(command) => Some(c),
            _ => None,
        };
        self.read_with(|reader, seen, extent| match (reader.is_searching(), typed, key.code) {
            (true, Some(c), _) if !c.is_control() && !is_hidden(c) => {
                reader.refine(seen, extent, |needle| needle.push(c));
            }
            (true, None, KeyCode::Backspace) => {
                reader.refine(seen, extent, |needle| {
                    needle.pop();
                });
            }
            _ => {}
        });
    }

    /// Takes a digit of the number before a motion; says whether the key was one.
    pub(super) fn takes_digit(&mut self, key: &KeyEvent) -> bool {
        let digit = match key.code {
            KeyCode::Char(c) if key.modifiers.is_empty() => c.to_digit(10),
            _ => None,
        };
        let Some(digit) = digit else { return false };
        let taken = self.read_with(|reader, _, _| {
            let begun = reader.count.unwrap_or(0);
            // A 0 alone goes to the line's begin.
            let counts = !reader.is_searching() && (digit > 0 || begun > 0);
            if counts {
                reader.count = Some((begun * 10 + u64::from(digit)).min(9_999_999));
            }
            counts
        });
        taken == Some(true)
    }

    /// Puts pasted text into the search being typed.
    pub(super) fn paste_needle(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default().to_owned();
        self.read_with(|reader, seen, extent| {
            reader.refine(seen, extent, |needle| {
                needle.extend(line.chars().filter(|c| !c.is_control() && !is_hidden(*c)));
            });
        });
    }
}
