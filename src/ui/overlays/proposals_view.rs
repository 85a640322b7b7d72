//! How the proposals are drawn: the list on the left, what the one under the cursor would become on the right.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::proposals::{Drawn, ProposalsSheet, SCOPE, listed};
use super::sheet::{PROSE, cut, draw_lines, fit, outside, select, sheet, whole};
use crate::domain::orchestrator::{Orchestrator, Role};
use crate::domain::printable::{Printable, counted, visible};
use crate::domain::proposal::{Proposal, Standing, repeated};
use crate::domain::roadmap::Roadmap;
use crate::domain::roadmap::phase::{Effort, Phase};
use crate::ui::look::{ColourRole, Look};
use crate::ui::markdown::{self, wrap::wrap};

/// Columns of the list.
const NARROW: u16 = 22;
const WIDE: u16 = 44;
/// Below this width list and text stand below each other.
const BESIDE: u16 = 64;
/// Rows of one proposal in the list.
const ROWS: usize = 2;
/// Bytes of phases after which no further one is shown.
const SHOWN: usize = 64 * 1024;
/// Bytes of the text before the phases that are shown.
const INTRO: usize = 8 * 1024;

/// What a proposal looks like, in the state that is empty.
const EXAMPLE: [&str; 5] = [
    "### Phase 4.2: Rate limits",
    "",
    "- **Status:** Not Started",
    "- **Depends On:** 4.1",
    "- **Effort:** S",
];

impl ProposalsSheet {
    pub(super) fn draw(&self, frame: &mut Frame<'_>, o: &Orchestrator, look: &Look) {
        self.guard.show(look.now);
        let rows = listed(o);
        let title = match rows.len() {
            0 => "Proposals".to_owned(),
            1 => "Proposals  1 waits".to_owned(),
            count => format!("Proposals  {count} wait"),
        };
        let body = sheet(frame, whole(frame.area()), (&title, Some(SCOPE)), look);
        let inner = Rect { height: body.height.saturating_sub(1), ..body };
        let at = self.selected(rows);
        let drawn = match rows.get(at) {
            None => {
                draw_lines(frame, inner, &empty(o, usize::from(inner.width), look));
                None
            }
            Some(proposal) => {
                let drawn = self.judged(proposal, o, look.now);
                let (left, right) = self.places(inner, rows.len());
                rule(frame, (inner, left), look);
                self.draw_list(frame, left, (rows, o), look);
                let lines = told((proposal, &drawn), right.width.min(PROSE), look);
                let top = self.text.settle(lines.len(), usize::from(right.height));
                draw_lines(frame, right, lines.get(top..).unwrap_or_default());
                Some(drawn)
            }
        };
        let foot = Rect { y: inner.bottom(), height: body.height.min(1), ..body };
        draw_lines(frame, foot, &[self.foot((o, drawn.as_ref()), usize::from(body.width), look)]);
    }

    /// Where the list and the text stand.
    fn places(&self, area: Rect, count: usize) -> (Rect, Rect) {
        if area.width >= BESIDE {
            let width = (area.width / 3).clamp(NARROW, WIDE);
            let x = area.x + width + 3;
            let right = Rect { x, width: area.right().saturating_sub(x), ..area };
            return (Rect { width, ..area }, right);
        }
        let wanted = u16::try_from(count.saturating_mul(ROWS)).unwrap_or(u16::MAX);
        let height = wanted.min(area.height / 3);
        let y = area.y + height + 1;
        let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        (Rect { height, ..area }, below)
    }

    fn draw_list(
        &self,
        frame: &mut Frame<'_>,
        area: Rect,
        (rows, o): (&[Proposal], &Orchestrator),
        look: &Look,
    ) {
        let (width, at) = (usize::from(area.width), self.selected(rows));
        let listing = o.view().proposals.listing.as_ref();
        let more = listing.map(|listing| listing.more).filter(|more| *more > 0);
        let total = rows.len() * ROWS + usize::from(more.is_some());
        self.list.settle(total, usize::from(area.height));
        self.list.reveal(at * ROWS + ROWS - 1);
        self.list.reveal(at * ROWS);
        let top = self.list.top();
        // Only what is in view is looked up in the roadmap.
        let seen = rows.iter().skip(top / ROWS).take(usize::from(area.height) / ROWS + 2);
        let mut lines: Vec<Line<'static>> =
            seen.flat_map(|proposal| entry(proposal, o.roadmap(), (width, look))).collect();
        if let Some(more) = more {
            let text = format!("and {} not read", counted(more, "more file"));
            lines.push(Line::styled(cut(&text, width, look), look.style(ColourRole::Muted)));
        }
        draw_lines(frame, area, lines.get(top % ROWS..).unwrap_or_default());
        for row in (at * ROWS..at * ROWS + ROWS).filter_map(|row| row.checked_sub(top)) {
            if let Some(row) = area.rows().nth(row) {
                select(frame, row, look);
            }
        }
    }

    /// The question, why the last key did nothing, or what a key would do.
    fn foot(
        &self,
        (o, drawn): (&Orchestrator, Option<&Drawn>),
        width: usize,
        look: &Look,
    ) -> Line<'static> {
        if let Some(asked) = &self.asked {
            let name = visible(&asked.name);
            let text = format!(" put {name} into rejected/? y does it, Esc leaves it ");
            return Line::styled(cut(&text, width, look), look.style(ColourRole::Wait));
        }
        if let Some(note) = &self.note {
            let text = fit(note.as_str(), width, look);
            return Line::styled(text, look.style(ColourRole::Accent));
        }
        let does = match (o.role(), drawn.map(|drawn| &drawn.judgement)) {
            (Role::Viewer { driver }, _) => format!("only looking: process {driver} drives"),
            (Role::Driver, None) => String::new(),
            (Role::Driver, Some(judged)) => match judged.standing {
                Standing::Ready => {
                    let phases = counted(judged.phases.phases.len(), "phase");
                    format!("y adds {phases} to the roadmap, x refuses")
                }
                Standing::Added => "y puts the file into accepted/, x into rejected/".to_owned(),
                Standing::Refused(_) => "it can't be added: e edits it, x refuses it".to_owned(),
            },
        };
        let hidden = outside(self.text.top(), self.text.below());
        let text = match (does.is_empty(), hidden.is_empty()) {
            (false, false) => format!("{does}   {hidden}"),
            (true, _) => hidden,
            (_, true) => does,
        };
        Line::styled(fit(&text, width, look), look.style(ColourRole::Muted))
    }
}

/// The line between list and text.
fn rule(frame: &mut Frame<'_>, (area, list): (Rect, Rect), look: &Look) {
    let style = look.style(ColourRole::Muted);
    if list.width < area.width {
        let place = Rect { x: list.right() + 1, width: 1, ..area };
        let line = Line::styled(look.pick("│", "|"), style);
        draw_lines(frame, place, &vec![line; usize::from(area.height)]);
    } else {
        let place = Rect { y: list.bottom(), height: 1, ..area };
        let line = look.pick("─", "-").repeat(usize::from(area.width));
        draw_lines(frame, place.intersection(area), &[Line::styled(line, style)]);
    }
}

/// One proposal in the list: its title, then its file and how many phases it has.
fn entry(
    proposal: &Proposal,
    roadmap: Option<&Roadmap>,
    (width, look): (usize, &Look),
) -> [Line<'static>; ROWS] {
    let collides = roadmap.is_some_and(|roadmap| !repeated(proposal, roadmap).is_empty());
    let (mark, role) = match (&proposal.drafted, collides) {
        (Err(_), _) => (look.pick("✗", "x"), ColourRole::Fail),
        (Ok(_), true) => ("!", ColourRole::Wait),
        (Ok(_), false) => (look.pick("◦", "+"), ColourRole::Accent),
    };
    let room = width.saturating_sub(2);
    let title = cut(proposal.title.as_str(), room, look);
    let count = match &proposal.drafted {
        Ok(_) => counted(proposal.count(), "phase"),
        Err(_) => "no phases".to_owned(),
    };
    let about = format!("{}  {count}", visible(&proposal.file.name));
    let about = Span::styled(cut(&about, room, look), look.style(ColourRole::Muted));
    [
        Line::from(vec![Span::styled(format!("{mark} "), look.style(role)), Span::raw(title)]),
        Line::from(vec![Span::raw("  "), about]),
    ]
}

/// What stands in a proposal, and what would come of it.
fn told((proposal, drawn): (&Proposal, &Drawn), width: u16, look: &Look) -> Vec<Line<'static>> {
    let columns = usize::from(width);
    let bold = look.style(ColourRole::Plain).add_modifier(Modifier::BOLD);
    let mut lines = wrap(&[Span::styled(proposal.title.to_string(), bold)], columns, 0);
    let mut say = |text: &str, role| {
        lines.extend(wrap(&[Span::styled(text.to_owned(), look.style(role))], columns, 2));
    };
    match &drawn.judgement.standing {
        Standing::Ready => {}
        Standing::Added => say("The roadmap has these phases already.", ColourRole::Accent),
        Standing::Refused(why) => {
            say(&format!("{} {why}", look.pick("✗", "x")), ColourRole::Fail);
        }
    }
    for remark in &drawn.judgement.remarks {
        say(&format!("! {remark}"), ColourRole::Wait);
    }
    if !proposal.intro.is_empty() {
        lines.push(Line::default());
        let mut end = proposal.intro.len().min(INTRO);
        while !proposal.intro.is_char_boundary(end) {
            end -= 1;
        }
        lines.extend(markdown::render(&proposal.intro[..end], width, look));
    }
    let phases = &drawn.judgement.phases;
    let first = phases.phases.first().map_or(0, |phase| phase.place.heading.start);
    for phase in &phases.phases {
        if phase.place.heading.start > first + SHOWN {
            let rest = "There is more than is shown here: e opens all of it in the editor.";
            lines.push(Line::default());
            lines.push(Line::styled(rest, look.style(ColourRole::Wait)));
            break;
        }
        lines.push(Line::default());
        lines.extend(headline(phase, (columns, look)));
        lines.extend(section(phases, phase, (width, look)));
    }
    lines
}

/// `4.2 Rate limits   Batch 4   Effort S`
fn headline(phase: &Phase, (columns, look): (usize, &Look)) -> Vec<Line<'static>> {
    let accent = look.style(ColourRole::Accent).add_modifier(Modifier::BOLD);
    let name = Printable::new(&format!("{} {}", phase.id, phase.name));
    let batch = phase.place.batch.map(|batch| format!("   Batch {batch}")).unwrap_or_default();
    let effort = match phase.effort {
        Some(Effort::S) => "   Effort S",
        Some(Effort::M) => "   Effort M",
        Some(Effort::L) => "   Effort L",
        None => "",
    };
    let about = Span::styled(format!("{batch}{effort}"), look.style(ColourRole::Muted));
    wrap(&[Span::styled(name.to_string(), accent), about], columns, 2)
}

/// The section of a phase below its heading; phases inside it follow by themselves.
fn section(roadmap: &Roadmap, phase: &Phase, (width, look): (u16, &Look)) -> Vec<Line<'static>> {
    let start = phase.place.heading.end;
    let inner = roadmap.phases.iter().map(|other| other.place.heading.start);
    let next = inner.filter(|other| *other >= start).min().unwrap_or(usize::MAX);
    let end = phase.place.section.end.min(next);
    let text = String::from_utf8_lossy(roadmap.bytes().get(start..end).unwrap_or_default());
    markdown::render(&text, width, look)
}

/// Where proposals go, while there is none.
fn empty(o: &Orchestrator, width: usize, look: &Look) -> Vec<Line<'static>> {
    let folder = &o.target().documents.proposals;
    let muted = look.style(ColourRole::Muted);
    let listing = o.view().proposals.listing.as_ref();
    let mut lines = Vec::new();
    let mut say = |text: &str| lines.extend(wrap(&[Span::raw(text.to_owned())], width, 0));
    if let Some(problem) = listing.and_then(|listing| listing.problem.as_ref()) {
        say(problem.as_str());
        return lines;
    }
    say("No proposal waits for you.");
    say("");
    say(
        "Whoever has an idea, person or agent, puts a Markdown file with new phases into this folder:",
    );
    say("");
    say(&format!("  {}", visible(&folder.to_string_lossy())));
    say("");
    say(
        "It is shown here then, and y adds its phases to the roadmap. A phase looks as in the roadmap:",
    );
    say("");
    lines.extend(EXAMPLE.map(|line| Line::styled(format!("  {line}"), muted)));
    lines
}
