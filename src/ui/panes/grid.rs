//! The agent grid: a tile for each agent of the page, with the end of its screen or how it ended.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::activity::SLOTS;
use crate::domain::agent::{Agent, AgentState, Outcome};
use crate::domain::orchestrator::Orchestrator;
use crate::ui::canvas::{Border, Canvas, Chrome, Piece};
use crate::ui::draw::Scene;
use crate::ui::keys::label;
use crate::ui::layout::Shape;
use crate::ui::look::{ColourRole, Look};
use crate::ui::panes::{agent, header, names, streams};
use crate::ui::terminal::{self, View, used_rows};
use crate::ui::text::{spark, wrap};

/// Rows of a tile that a question may take from the screen.
const QUESTION_ROWS: usize = 2;

/// Fewer rows of an ended agent's last screen say nothing.
const LAST_ROWS: u16 = 3;

/// A tile: its number on the page, its agent, whether keys are about it.
struct Tile<'a> {
    number: usize,
    agent: &'a Agent,
    focus: bool,
    /// The upper end of its activity line.
    top: u32,
}

/// Draws header and tiles.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>) {
    let page = scene.d.page(scene.o, canvas.look.now);
    header::grid(canvas, scene, &page);
    if page.agents.is_empty() {
        let area = page.tiles.area(0);
        let text = format!("No agent yet.  {}  type a goal", label("goal.new"));
        let muted = canvas.look.style(ColourRole::Muted);
        canvas.put((area.x + 1, area.y), area.width.saturating_sub(1), &text, muted);
        return;
    }
    let top = streams::busiest(&page.agents, canvas.look);
    for (tile, (n, agent)) in page.shown().enumerate() {
        let area = page.tiles.area(tile);
        let tile = Tile { number: tile + 1, agent, focus: n == page.cursor, top };
        tile.draw(canvas, scene, area);
    }
}

impl Tile<'_> {
    fn draw(&self, canvas: &mut Canvas<'_>, scene: &Scene<'_>, area: Rect) {
        canvas.frame(area, &self.chrome(scene, area.width, canvas.look), Shape::Stack);
        let inner = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: area.height.saturating_sub(2),
        };
        match self.agent.state(canvas.look.now) {
            AgentState::Waiting => {
                let rest = self.question(canvas, inner);
                self.screen(canvas, scene, rest);
            }
            AgentState::Running
            | AgentState::Idle
            | AgentState::Starting
            | AgentState::Stopping => self.screen(canvas, scene, inner),
            AgentState::Verifying | AgentState::Merging => {
                lines(canvas, inner, &gates(self.agent, scene, canvas.look));
            }
            AgentState::Pending
            | AgentState::Review
            | AgentState::Failed
            | AgentState::TimedOut
            | AgentState::Succeeded
            | AgentState::Killed => {
                let facts = self.facts(scene.o, canvas.look, usize::from(inner.width));
                lines(canvas, inner, &facts);
                let used = u16::try_from(facts.len() + 1).unwrap_or(u16::MAX);
                let height = inner.height.saturating_sub(used);
                if height >= LAST_ROWS && scene.d.screen(self.agent.me()).is_some() {
                    self.screen(canvas, scene, Rect { y: inner.y + used, height, ..inner });
                }
            }
        }
    }

    fn chrome(&self, scene: &Scene<'_>, width: u16, look: &Look) -> Chrome {
        let state = self.agent.state(look.now);
        let pointer = if self.focus { look.pick("›", ">") } else { "" };
        let mark = streams::mark(self.agent, scene.d, look).trim();
        // Only these have a key.
        let number = if self.number <= 9 { format!("{} ", self.number) } else { String::new() };
        let phase = streams::phase_name(self.agent, scene.o);
        let title = |called: &str| format!("{pointer}{mark}{number}{called} {phase}");
        let note = agent::state_note(self.agent, scene.o, look);
        let room = (width.saturating_sub(names::CORNERS), note.0.as_str());
        let title = names::fitting(title, self.agent, room);
        let border = match (self.focus, state) {
            (_, AgentState::Waiting | AgentState::Review) => Border::Call,
            (true, _) => Border::Focus,
            (false, _) => Border::Plain,
        };
        Chrome { title, note, foot: self.foot(scene, look), foot_note: String::new(), border }
    }

    /// How busy it is, how far its gates are, or how it ended.
    fn foot(&self, scene: &Scene<'_>, look: &Look) -> String {
        let activity = &self.agent.activity;
        let line = || spark(&activity.slots(look.now), SLOTS, self.top, look);
        match self.agent.state(look.now) {
            AgentState::Waiting => format!("{} needs you", line()),
            AgentState::Running | AgentState::Idle => {
                format!("{} {}/min", line(), activity.per_minute(look.now))
            }
            AgentState::Verifying => streams::gates(self.agent, scene.o),
            AgentState::Merging => streams::merging(self.agent, scene.o),
            AgentState::Review => {
                format!("{} diff  {} merge", label("review.diff"), label("review.merge"))
            }
            AgentState::Starting | AgentState::Pending | AgentState::Stopping => String::new(),
            AgentState::Failed | AgentState::TimedOut | AgentState::Killed => {
                format!("{} restart", label("agent.restart"))
            }
            AgentState::Succeeded => streams::reason(self.agent),
        }
    }

    /// What it asks, above its screen. Gives what is left.
    fn question(&self, canvas: &mut Canvas<'_>, inner: Rect) -> Rect {
        let Some(asked) = &self.agent.activity.waiting else { return inner };
        let width = usize::from(inner.width);
        let most = QUESTION_ROWS.min(usize::from(inner.height) / 2);
        let mut rows = wrap(asked.as_str(), width);
        if rows.len() > most && most > 0 {
            let rest = rows.split_off(most - 1).join(" ");
            rows.push(rest);
        }
        rows.truncate(most);
        let bold = Style::new().add_modifier(Modifier::BOLD);
        for (y, text) in (inner.y..inner.bottom()).zip(&rows) {
            canvas.put((inner.x, y), inner.width, text, bold);
        }
        let used = u16::try_from(rows.len()).unwrap_or(0);
        Rect { y: inner.y + used, height: inner.height - used, ..inner }
    }

    /// The end of its screen, cropped: the terminal keeps its size.
    fn screen(&self, canvas: &mut Canvas<'_>, scene: &Scene<'_>, inner: Rect) {
        match scene.d.screen(self.agent.me()) {
            Some(screen) => {
                let top = used_rows(screen).saturating_sub(inner.height);
                terminal::draw(canvas, inner, screen, View { left: 0, top });
            }
            None => {
                let muted = canvas.look.style(ColourRole::Muted);
                let doing = self.agent.activity.doing.as_str();
                canvas.put((inner.x, inner.y), inner.width, doing, muted);
            }
        }
    }

    /// How it ended, and what its gates said.
    fn facts(&self, o: &Orchestrator, look: &Look, width: usize) -> Vec<Piece> {
        let ended = match self.agent.outcome() {
            // Its gates say it, and so does the foot.
            Some(Outcome::Succeeded) => String::new(),
            Some(_) => streams::ending(self.agent, o, look),
            None if self.agent.state(look.now) == AgentState::Review => streams::review(self.agent),
            None => "waits for its claim".to_owned(),
        };
        let ended = wrap(&ended, width).into_iter().filter(|line| !line.is_empty());
        let mut lines: Vec<Piece> = ended.map(|line| (line, Style::new())).collect();
        lines.extend(agent::receipts(self.agent, look));
        lines
    }
}

/// The gates: those that were judged, the one that runs, those to come.
fn gates(agent: &Agent, scene: &Scene<'_>, look: &Look) -> Vec<Piece> {
    let mut lines = agent::receipts(agent, look);
    if agent.errand().is_some() {
        return lines;
    }
    let (gates, judged) = streams::gates_now(agent, scene.o);
    for (n, gate) in gates.into_iter().skip(judged).enumerate() {
        let state = if n == 0 { AgentState::Verifying } else { AgentState::Pending };
        let (glyph, _, role) = look.state(state);
        lines.push((format!("{glyph} {}", gate.name), look.style(role)));
    }
    lines
}

fn lines(canvas: &mut Canvas<'_>, inner: Rect, lines: &[Piece]) {
    for (y, (text, style)) in (inner.y..inner.bottom()).zip(lines) {
        canvas.put((inner.x, y), inner.width, text, *style);
    }
}
