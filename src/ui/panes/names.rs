//! How people call agents: the name of an identity beside the id, where there is room for it.

use crate::domain::agent::Agent;
use crate::domain::printable::{Printable, visible};
use crate::ui::look::Look;
use crate::ui::text::{columns, fit};

/// The longest name that others are lined up with.
const MOST_NAME: usize = 8;
/// Columns of glyph, word and clock.
const STATE: usize = 13;
/// Corners, blanks around title and note, and a line between them.
pub const CORNERS: u16 = 8;
/// What an agent does has at least so many columns beside the name of its phase.
const DOING: usize = 30;

/// Columns of ids and names in rows of agents. Names stand beside the ids where the rows are wide; in narrow ones a name
/// stands before what its agent does, as long as all of that has room.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    ids: usize,
    names: usize,
    /// Columns left for what an agent does.
    left: usize,
    beside: bool,
}

impl Who {
    /// For these agents in rows of this width, in which a phase's name takes `phase` columns, if it stands there.
    pub fn of(agents: &[&Agent], phase: Option<usize>, width: u16) -> Self {
        let ids = agents.iter().map(|a| columns(a.me().id.as_str())).max().unwrap_or(0);
        let ids = ids.clamp(5, 10);
        let names = agents.iter().filter_map(|agent| agent.name()).map(columns).max();
        let names = names.map_or(0, |names| names.min(MOST_NAME) + 1);
        let used = 1 + ids + 1 + STATE + phase.map_or(0, |phase| phase + 1);
        let left = usize::from(width).saturating_sub(used);
        let beside = phase.is_some() && left >= names + DOING;
        Self { ids, names, left, beside }
    }

    /// Id and a blank, with the name where it stands beside it.
    pub fn text(self, agent: &Agent, look: &Look) -> String {
        let id = fit(agent.me().id.as_str(), self.ids, look.glyphs);
        let name = if self.beside { self.name(agent, look) } else { String::new() };
        format!("{id} {name}")
    }

    /// What an agent does, behind its name where that has room and does not stand beside the id.
    pub fn before(self, agent: &Agent, does: String, look: &Look) -> String {
        if self.beside || columns(&does) + self.names > self.left {
            return does;
        }
        format!("{}{does}", self.name(agent, look))
    }

    fn name(self, agent: &Agent, look: &Look) -> String {
        let name = Printable::new(agent.name().unwrap_or_default());
        match self.names {
            0 => String::new(),
            names => fit(name.as_str(), names - 1, look.glyphs) + " ",
        }
    }
}

/// A title with the id and the name of an agent, in so many columns beside a note; where that is too little, without the
/// name.
pub fn fitting(
    title: impl Fn(&str) -> String,
    agent: &Agent,
    (width, note): (u16, &str),
) -> String {
    let whole = title(&agent.called());
    match columns(&whole) + columns(note) <= usize::from(width) {
        true => whole,
        false => title(agent.me().id.as_str()),
    }
}

/// Who it is, and why it is this one.
pub fn chosen(agent: &Agent) -> Option<String> {
    let (name, chosen) = agent.name().zip(agent.birth.chosen.as_ref())?;
    Some(visible(&format!("{name}: {}", chosen.why.clause())))
}
