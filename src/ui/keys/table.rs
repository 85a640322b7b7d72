//! The rows of the key table, by scope; within a scope the most useful hint first.

mod overlays;

use std::sync::LazyLock;

use ratatui::crossterm::event::KeyCode;

use super::{
    Action, AgentAction, Choice, Chord, Direction, FocusMove, KeyRow, Motion, Pane, PlanAction,
    Question, ReadAction, Reading, ReviewAction, RowAction, Scope, Shown, Span, Step, Tend,
    TerminalAction, TextAction,
};

const fn row(
    scope: Scope,
    chords: &'static [Chord],
    action: Action,
    text: (&'static str, &'static str, &'static str),
) -> KeyRow {
    KeyRow { scope, chords, action, name: text.0, hint: text.1, help: text.2 }
}

const fn c(c: char) -> Chord {
    Chord::char(c)
}

const fn k(code: KeyCode) -> Chord {
    Chord::key(code)
}

const ENTER: Chord = k(KeyCode::Enter);
const ESC: Chord = k(KeyCode::Esc);
const SPACE: Chord = c(' ');
const DOWN: &[Chord] = &[c('j'), k(KeyCode::Down)];
const UP: &[Chord] = &[c('k'), k(KeyCode::Up)];
const PAGE_DOWN: &[Chord] = &[k(KeyCode::PageDown), Chord::ctrl('d')];
const PAGE_UP: &[Chord] = &[k(KeyCode::PageUp), Chord::ctrl('u')];
const TOP: &[Chord] = &[c('g'), k(KeyCode::Home)];
const BOTTOM: &[Chord] = &[c('G'), k(KeyCode::End)];
const CUT_TO_START: &[Chord] = &[Chord::ctrl('u')];
const CUT_TO_END: &[Chord] = &[Chord::ctrl('k')];
const CUT_WORD: &[Chord] = &[Chord::ctrl('w')];
const LINE_START: &[Chord] = &[Chord::ctrl('a'), k(KeyCode::Home)];
const LINE_END: &[Chord] = &[Chord::ctrl('e'), k(KeyCode::End)];
const UNDO: &[Chord] = &[Chord::ctrl('z')];
const DIGITS: &[Chord] = &[c('1'), c('2'), c('3'), c('4'), c('5'), c('6'), c('7'), c('8'), c('9')];
const NO: &[Chord] = &[ESC, ENTER, c('n')];

const READ: Scope = Scope::Reading(Reading::Lines);
const HITS: Scope = Scope::Reading(Reading::Hits);
const REPORT: Scope = Scope::Reading(Reading::Report);
const NEEDLE: Scope = Scope::Reading(Reading::Needle);
const DIFF: Scope = Scope::Reading(Reading::Changes);
const COMMENT: Scope = Scope::Reading(Reading::Comment);

const fn go(motion: Motion) -> Action {
    Action::Read(ReadAction::Move(motion))
}

const fn review(action: ReviewAction) -> Action {
    Action::Agent(AgentAction::Review(action))
}

use Action as A;
use Question as Q;
use Scope as S;

/// All rows.
pub fn table() -> &'static [KeyRow] {
    static ALL: LazyLock<Vec<KeyRow>> = LazyLock::new(|| [DASHBOARD, overlays::TABLE].concat());
    &ALL
}

#[rustfmt::skip]
static DASHBOARD: &[KeyRow] = &[
    row(S::Roadmap, &[ENTER], A::Row(RowAction::Open), ("phase.open", "open", "open the phase, or fold the batch")),
    row(S::Roadmap, &[c('s')], A::Row(RowAction::Plan), ("phase.plan", "plan it", "plan just this phase, or the marked ones")),
    row(S::Roadmap, &[SPACE], A::Row(RowAction::Mark), ("phase.mark", "mark", "mark the phase, or fold the batch")),
    row(S::Roadmap, &[c('/')], A::Row(RowAction::Filter), ("roadmap.filter", "filter", "show only phases with this text")),
    row(S::Roadmap, &[c('Q')], A::Row(RowAction::Qa), ("phase.qa", "qa", "let an agent look for what is wrong with the phase (asks)")),
    row(S::Streams, &[ENTER], A::Row(RowAction::Open), ("stream.open", "open", "zoom the agent; what it changed while that waits for you")),
    row(S::Streams, &[SPACE], A::Row(RowAction::Mark), ("agents.mark", "", "mark the agent: x, r and b are about all that are marked")),
    row(S::Streams, &[c('*')], A::Row(RowAction::MarkAll), ("agents.mark-all", "", "mark all agents that run, or none")),
    row(S::Streams, &[c('b')], A::Agent(AgentAction::Broadcast), ("agents.send", "", "send one text to all marked agents, or to this one (asks)")),

    row(S::List, DOWN, A::Go(Step::Down), ("list.down", "", "next row")),
    row(S::List, UP, A::Go(Step::Up), ("list.up", "", "row before")),
    row(S::List, PAGE_DOWN, A::Go(Step::PageDown), ("list.page-down", "", "page down")),
    row(S::List, PAGE_UP, A::Go(Step::PageUp), ("list.page-up", "", "page up")),
    row(S::List, TOP, A::Go(Step::Top), ("list.top", "", "first row")),
    row(S::List, BOTTOM, A::Go(Step::Bottom), ("list.bottom", "", "last row")),

    row(S::Agent, &[c('i')], A::Agent(AgentAction::Type), ("agent.type", "type", "TYPE mode: every key goes to the agent")),
    row(S::Agent, &[c('z')], A::Agent(AgentAction::Zoom), ("agent.zoom", "zoom", "the agent on the whole screen, and back")),
    row(S::Agent, &[ENTER], A::Row(RowAction::Open), ("agent.open", "", "zoom the agent, and back; what it changed while that waits for you")),
    row(S::Agent, &[c('v')], A::Read(ReadAction::Enter), ("agent.scroll", "scroll", "SCROLL mode: read, search and copy what it said")),
    row(S::Agent, &[c('/')], A::Read(ReadAction::Search(Direction::Back)), ("agent.search", "", "search in what it said, newest first")),
    row(S::Agent, DOWN, A::Go(Step::Down), ("agent.down", "", "view down, where the screen is cropped")),
    row(S::Agent, UP, A::Go(Step::Up), ("agent.up", "", "view up, where the screen is cropped")),
    row(S::Agent, PAGE_DOWN, A::Go(Step::PageDown), ("agent.page-down", "", "page down")),
    row(S::Agent, PAGE_UP, A::Go(Step::PageUp), ("agent.page-up", "", "page up")),
    row(S::Agent, TOP, A::Go(Step::Top), ("agent.top", "", "first line of the screen")),
    row(S::Agent, BOTTOM, A::Go(Step::Bottom), ("agent.bottom", "", "last line of the screen")),

    row(S::Grid, &[ENTER], A::Row(RowAction::Open), ("grid.open", "open", "zoom the agent, and back; what it changed while that waits for you")),
    row(S::Grid, &[SPACE], A::Row(RowAction::Mark), ("agents.mark", "mark", "mark the agent: x, r and b are about all that are marked")),
    row(S::Grid, &[c('b')], A::Agent(AgentAction::Broadcast), ("agents.send", "send text", "send one text to all marked agents, or to this one (asks)")),
    row(S::Grid, &[c('a')], A::Show(Shown::Grid), ("app.grid", "back", "back to the dashboard")),
    row(S::Grid, &[c('f')], A::Row(RowAction::Range), ("grid.tiles", "layout", "2x2, 3x2 or 4x3 tiles on a page, as many as fit")),
    row(S::Grid, &[c('*')], A::Row(RowAction::MarkAll), ("agents.mark-all", "all", "mark all agents that run, or none")),
    row(S::Grid, &[c('!')], A::NextNeedy, ("agent.next-needy", "", "next agent that needs you")),
    row(S::Grid, DIGITS, A::Row(RowAction::Pick), ("grid.pick", "", "the tile with this number")),
    row(S::Grid, DOWN, A::Go(Step::Down), ("grid.down", "", "tile below")),
    row(S::Grid, UP, A::Go(Step::Up), ("grid.up", "", "tile above")),
    row(S::Grid, &[c('l'), k(KeyCode::Right), k(KeyCode::Tab)], A::Focus(FocusMove::Right), ("grid.right", "", "next tile")),
    row(S::Grid, &[c('h'), k(KeyCode::Left), k(KeyCode::BackTab)], A::Focus(FocusMove::Left), ("grid.left", "", "tile before")),
    row(S::Grid, PAGE_DOWN, A::Go(Step::PageDown), ("grid.page-down", "", "next page of tiles")),
    row(S::Grid, PAGE_UP, A::Go(Step::PageUp), ("grid.page-up", "", "page of tiles before")),
    row(S::Grid, TOP, A::Go(Step::Top), ("grid.top", "", "first tile")),
    row(S::Grid, BOTTOM, A::Go(Step::Bottom), ("grid.bottom", "", "last tile")),
    row(S::Grid, &[ESC], A::Back, ("app.back", "", "clear the marks, or back to the dashboard")),

    row(S::Welcome, &[c('i')], A::Init, ("app.init", "write a starter", "write a starter roadmap (shows the files and asks)")),

    row(S::Browse, &[c('?'), k(KeyCode::F(1))], A::Help, ("app.help", "help", "all keys, those of this place first")),
    row(S::Browse, &[c('n')], A::Goal, ("goal.new", "goal", "type a goal")),
    row(S::Browse, &[c('!')], A::NextNeedy, ("agent.next-needy", "", "next agent that needs you")),
    row(S::Browse, &[c('i')], A::Agent(AgentAction::Type), ("agent.type", "type", "TYPE mode: every key goes to the agent")),
    row(S::Browse, &[c('z')], A::Agent(AgentAction::Zoom), ("agent.zoom", "zoom", "the agent on the whole screen, and back")),
    row(S::Browse, &[c('d')], review(ReviewAction::Look), ("review.diff", "diff", "what the agent's branch changes, or the document it left")),
    row(S::Browse, &[c('m')], review(ReviewAction::Merge), ("review.merge", "merge", "merge the agent's proven work (asks)")),
    row(S::Browse, &[c('x'), c('X')], A::Agent(AgentAction::Stop), ("agent.stop", "stop", "stop or kill the agent (asks)")),
    row(S::Browse, &[c('r')], A::Agent(AgentAction::Restart), ("agent.restart", "restart", "restart the agent (asks while it runs)")),
    row(S::Browse, &[c('a')], A::Show(Shown::Grid), ("app.grid", "grid", "all agents as tiles, those that need you first")),
    row(S::Browse, &[c('v')], A::Read(ReadAction::Enter), ("agent.scroll", "", "SCROLL mode: read, search and copy what it said")),
    row(S::Browse, &[c('S')], A::Read(ReadAction::All), ("agents.search", "", "search in what all agents said")),
    row(S::Browse, &[c(']')], A::Agent(AgentAction::Next), ("agent.next", "", "next agent")),
    row(S::Browse, &[c('[')], A::Agent(AgentAction::Previous), ("agent.previous", "", "agent before")),
    row(S::Browse, &[c('p')], A::Hold, ("run.hold", "hold", "start nothing new, or go on; running agents go on")),
    row(S::Browse, &[c('R')], A::Tend(Tend::Garden), ("roadmap.garden", "", "read the roadmap again and garden it")),
    row(S::Browse, &[c('u')], A::Tend(Tend::Undo), ("roadmap.undo", "", "take back the last gardening, fix or added phases, one more each time")),
    row(S::Browse, &[c('H')], A::Show(Shown::Health), ("app.health", "health", "what is odd in the roadmap, and what mends it")),
    row(S::Browse, &[c('D')], A::Row(RowAction::Graph), ("app.graph", "graph", "the dependency graph: what waits for what")),
    row(S::Browse, &[c('E')], A::Show(Shown::Events), ("app.events", "events", "what happened")),
    row(S::Browse, &[c('W')], A::Show(Shown::Report), ("app.report", "", "what the last plan came to")),
    row(S::Browse, &[c('t')], A::Show(Shown::Targets), ("app.targets", "", "the targets: where each stands, and a way to each")),
    row(S::Browse, &[c('P')], A::Show(Shown::Proposals), ("app.proposals", "", "the proposals: new phases that wait for you")),
    row(S::Browse, &[c('e')], A::Row(RowAction::Edit), ("phase.edit", "", "the roadmap in $EDITOR at the phase")),
    row(S::Browse, &[c('y')], A::Row(RowAction::Copy), ("row.copy", "", "copy the id")),
    row(S::Browse, &[k(KeyCode::Tab)], A::Focus(FocusMove::Next), ("pane.next", "", "next pane")),
    row(S::Browse, &[k(KeyCode::BackTab)], A::Focus(FocusMove::Previous), ("pane.previous", "", "pane before")),
    row(S::Browse, &[c('1')], A::Focus(FocusMove::Pane(Pane::Roadmap)), ("pane.roadmap", "", "roadmap")),
    row(S::Browse, &[c('2')], A::Focus(FocusMove::Pane(Pane::Streams)), ("pane.streams", "", "claimed streams")),
    row(S::Browse, &[c('3')], A::Focus(FocusMove::Pane(Pane::Agent)), ("pane.agent", "", "agent")),
    row(S::Browse, &[c('4')], A::Focus(FocusMove::Pane(Pane::Goal)), ("pane.goal", "", "goal")),
    row(S::Browse, &[c('h'), k(KeyCode::Left)], A::Focus(FocusMove::Left), ("pane.left", "", "pane to the left")),
    row(S::Browse, &[c('l'), k(KeyCode::Right)], A::Focus(FocusMove::Right), ("pane.right", "", "pane to the right")),
    row(S::Browse, &[ESC], A::Back, ("app.back", "", "leave zoom, clear marks of agents, filter, marks of phases; never quits")),
    row(S::Browse, &[Chord::ctrl('l')], A::Terminal(TerminalAction::Redraw), ("app.redraw", "", "draw everything anew")),
    row(S::Browse, &[c('M')], A::Terminal(TerminalAction::Mouse), ("app.mouse", "", "leave the mouse to the terminal, or take it again")),
    row(S::Browse, &[c('q')], A::Quit, ("app.quit", "", "quit (asks while agents work)")),
    row(S::Browse, &[Chord::ctrl('c')], A::Interrupt, ("app.interrupt", "", "twice within a second: quit")),

    row(S::Goal, &[ENTER], A::Text(TextAction::Submit), ("goal.plan", "shows a plan", "show a plan; nothing starts before you approve it")),
    row(S::Goal, &[k(KeyCode::Up)], A::Text(TextAction::Older), ("goal.older", "history", "goal before")),
    row(S::Goal, &[k(KeyCode::Down)], A::Text(TextAction::Newer), ("goal.newer", "", "goal after")),
    row(S::Goal, &[Chord::ctrl('j')], A::Text(TextAction::Newline), ("goal.newline", "new line", "break the line")),
    row(S::Goal, CUT_TO_START, A::Text(TextAction::CutToStart), ("text.cut-to-start", "clear", "cut what is before the cursor")),
    row(S::Goal, CUT_TO_END, A::Text(TextAction::CutToEnd), ("text.cut-to-end", "", "cut what is behind the cursor")),
    row(S::Goal, CUT_WORD, A::Text(TextAction::CutWord), ("text.cut-word", "", "cut the word before the cursor")),
    row(S::Goal, LINE_START, A::Text(TextAction::Start), ("text.start", "", "start of the line")),
    row(S::Goal, LINE_END, A::Text(TextAction::End), ("text.end", "", "end of the line")),
    row(S::Goal, UNDO, A::Text(TextAction::Undo), ("text.undo", "", "undo the last change of the text")),
    row(S::Goal, &[k(KeyCode::Tab)], A::Focus(FocusMove::Next), ("pane.next", "", "next pane")),
    row(S::Goal, &[k(KeyCode::BackTab)], A::Focus(FocusMove::Previous), ("pane.previous", "", "pane before")),
    row(S::Goal, &[k(KeyCode::F(1))], A::Help, ("app.help", "", "all keys")),
    row(S::Goal, &[ESC], A::Text(TextAction::Leave), ("goal.leave", "back", "back; the text stays, what is typed next replaces it")),
    row(S::Goal, &[Chord::ctrl('c')], A::Interrupt, ("app.interrupt", "", "twice within a second: quit")),

    row(S::Filter, &[ENTER], A::Text(TextAction::Submit), ("filter.keep", "keep", "keep the filter")),
    row(S::Filter, &[ESC], A::Text(TextAction::Leave), ("filter.clear", "clear", "clear the filter")),
    row(S::Filter, CUT_TO_START, A::Text(TextAction::CutToStart), ("text.cut-to-start", "", "cut what is before the cursor")),
    row(S::Filter, CUT_WORD, A::Text(TextAction::CutWord), ("text.cut-word", "", "cut the word before the cursor")),
    row(S::Filter, &[Chord::ctrl('c')], A::Interrupt, ("app.interrupt", "", "twice within a second: quit")),

    row(S::Type, &[Chord::ctrl('z')], A::LeaveType, ("type.leave", "stop typing", "back to the dashboard; every other key goes to the agent")),

    row(READ, &[k(KeyCode::F(1))], A::Help, ("app.help", "help", "all keys, those of this place first")),
    row(READ, &[c('/')], A::Read(ReadAction::Search(Direction::On)), ("read.search", "search", "search down; small letters find capitals too")),
    row(READ, &[c('?')], A::Read(ReadAction::Search(Direction::Back)), ("read.search-up", "", "search up")),
    row(READ, &[c('n')], A::Read(ReadAction::Next(Direction::On)), ("read.next", "", "next match")),
    row(READ, &[c('N')], A::Read(ReadAction::Next(Direction::Back)), ("read.previous", "", "match before")),
    row(READ, &[c('S')], A::Read(ReadAction::All), ("agents.search", "", "search in what all agents said")),
    row(READ, &[c('v')], A::Read(ReadAction::Select(Span::Characters)), ("read.select", "select", "select characters, or no longer")),
    row(READ, &[c('V')], A::Read(ReadAction::Select(Span::Lines)), ("read.select-lines", "", "select lines, or no longer")),
    row(READ, &[c('y'), ENTER], A::Read(ReadAction::Copy), ("read.copy", "copy", "copy the selection, or the line")),
    row(READ, &[c('e')], A::Read(ReadAction::Editor), ("read.edit", "editor", "all of it in $EDITOR, at this line")),
    row(READ, &[ESC, c('q')], A::Read(ReadAction::Leave), ("read.leave", "back", "drop the number, the selection, or go back to the newest output")),
    row(READ, &[c('h'), k(KeyCode::Left)], go(Motion::Left), ("read.left", "", "left (a number before a motion repeats it: 5j)")),
    row(READ, &[c('j'), k(KeyCode::Down)], go(Motion::Down), ("read.down", "", "down")),
    row(READ, &[c('k'), k(KeyCode::Up)], go(Motion::Up), ("read.up", "", "up")),
    row(READ, &[c('l'), k(KeyCode::Right)], go(Motion::Right), ("read.right", "", "right")),
    row(READ, &[c('w')], go(Motion::NextWord), ("read.word", "", "next word")),
    row(READ, &[c('b')], go(Motion::PreviousWord), ("read.word-before", "", "word before")),
    row(READ, &[c('E')], go(Motion::WordEnd), ("read.word-end", "", "end of the word")),
    row(READ, &[c('0'), k(KeyCode::Home)], go(Motion::LineStart), ("read.line-start", "", "begin of the line")),
    row(READ, &[c('$'), k(KeyCode::End)], go(Motion::LineEnd), ("read.line-end", "", "end of the line")),
    row(READ, &[c('g')], go(Motion::Top), ("read.top", "", "oldest line; after a number, the line of that number")),
    row(READ, &[c('G')], go(Motion::Bottom), ("read.bottom", "newest", "newest line, and follow the output")),
    row(READ, &[Chord::ctrl('u')], go(Motion::HalfUp), ("read.half-up", "", "half a page up")),
    row(READ, &[Chord::ctrl('d')], go(Motion::HalfDown), ("read.half-down", "", "half a page down")),
    row(READ, &[Chord::ctrl('b'), k(KeyCode::PageUp)], go(Motion::PageUp), ("read.page-up", "", "page up")),
    row(READ, &[Chord::ctrl('f'), k(KeyCode::PageDown)], go(Motion::PageDown), ("read.page-down", "", "page down")),
    row(READ, &[c('H')], go(Motion::High), ("read.high", "", "first line in view")),
    row(READ, &[c('M')], go(Motion::Middle), ("read.middle", "", "middle of the view")),
    row(READ, &[c('L')], go(Motion::Low), ("read.low", "", "last line in view")),
    row(READ, &[Chord::ctrl('l')], A::Terminal(TerminalAction::Redraw), ("app.redraw", "", "draw everything anew")),
    row(READ, &[Chord::ctrl('c')], A::Interrupt, ("app.interrupt", "", "twice within a second: quit")),

    row(HITS, &[ENTER], A::Read(ReadAction::Submit), ("hits.read", "read it", "read the agent at this line")),
    row(HITS, &[k(KeyCode::Down), Chord::ctrl('n')], A::Go(Step::Down), ("hits.down", "", "next line")),
    row(HITS, &[k(KeyCode::Up), Chord::ctrl('p')], A::Go(Step::Up), ("hits.up", "", "line before")),
    row(HITS, &[k(KeyCode::PageDown)], A::Go(Step::PageDown), ("hits.page-down", "", "ten lines down")),
    row(HITS, &[k(KeyCode::PageUp)], A::Go(Step::PageUp), ("hits.page-up", "", "ten lines up")),
    row(HITS, &[k(KeyCode::Home)], A::Go(Step::Top), ("hits.top", "", "first line")),
    row(HITS, &[k(KeyCode::End)], A::Go(Step::Bottom), ("hits.bottom", "", "last line")),
    row(HITS, &[k(KeyCode::F(1))], A::Help, ("app.help", "help", "all keys, those of this place first")),
    row(HITS, &[ESC], A::Back, ("hits.close", "back", "close the search")),

    row(NEEDLE, &[ENTER], A::Read(ReadAction::Submit), ("needle.keep", "find", "to the match; n and N go on")),
    row(NEEDLE, &[ESC], A::Read(ReadAction::Leave), ("needle.drop", "back", "back to where the search began")),
    row(NEEDLE, &[Chord::ctrl('c')], A::Interrupt, ("app.interrupt", "", "twice within a second: quit")),

    row(DIFF, &[c('m')], review(ReviewAction::Merge), ("review.merge", "merge", "merge it (asks)")),
    row(DIFF, &[c('c')], review(ReviewAction::Comment), ("review.comment", "comment", "say something of the line, or change what is said")),
    row(DIFF, &[c('R')], review(ReviewAction::SendBack), ("review.send-back", "send back", "send all comments to the agent: it goes on in its worktree")),
    row(DIFF, &[c('n')], review(ReviewAction::Hunk(Direction::On)), ("review.hunk", "hunk", "next hunk")),
    row(DIFF, &[c(']')], review(ReviewAction::File(Direction::On)), ("review.file", "file", "next file")),
    row(DIFF, &[k(KeyCode::Tab), ENTER], review(ReviewAction::Side), ("review.side", "files", "from the hunks to the files and their gates, and back")),
    row(DIFF, &[c('e')], review(ReviewAction::Edit), ("review.edit", "editor", "the file in $EDITOR at the line")),
    row(DIFF, &[c('X')], review(ReviewAction::Discard), ("review.discard", "discard", "give the work up (asks for the phase id)")),
    row(DIFF, &[c('N')], review(ReviewAction::Hunk(Direction::Back)), ("review.hunk-before", "", "hunk before")),
    row(DIFF, &[c('[')], review(ReviewAction::File(Direction::Back)), ("review.file-before", "", "file before")),
    row(DIFF, DOWN, A::Go(Step::Down), ("review.down", "", "next line, or file")),
    row(DIFF, UP, A::Go(Step::Up), ("review.up", "", "line before, or file")),
    row(DIFF, PAGE_DOWN, A::Go(Step::PageDown), ("review.page-down", "", "page down")),
    row(DIFF, PAGE_UP, A::Go(Step::PageUp), ("review.page-up", "", "page up")),
    row(DIFF, TOP, A::Go(Step::Top), ("review.top", "", "first line, or file")),
    row(DIFF, BOTTOM, A::Go(Step::Bottom), ("review.bottom", "", "last line, or file")),
    row(DIFF, &[c('?'), k(KeyCode::F(1))], A::Help, ("app.help", "help", "all keys, those of this place first")),
    row(DIFF, &[ESC, c('d'), c('q')], A::Back, ("review.close", "close", "close the diff; comments stay")),

    row(COMMENT, &[ENTER], A::Text(TextAction::Submit), ("comment.keep", "keep", "keep the comment; an empty one goes")),
    row(COMMENT, &[ESC], A::Back, ("comment.drop", "drop", "leave it as it was")),
    row(COMMENT, &[k(KeyCode::F(1))], A::Help, ("app.help", "help", "all keys")),
    row(COMMENT, CUT_TO_START, A::Text(TextAction::CutToStart), ("text.cut-to-start", "", "cut what is before the cursor")),
    row(COMMENT, CUT_TO_END, A::Text(TextAction::CutToEnd), ("text.cut-to-end", "", "cut what is behind the cursor")),
    row(COMMENT, CUT_WORD, A::Text(TextAction::CutWord), ("text.cut-word", "", "cut the word before the cursor")),
    row(COMMENT, LINE_START, A::Text(TextAction::Start), ("text.start", "", "start of the line")),
    row(COMMENT, LINE_END, A::Text(TextAction::End), ("text.end", "", "end of the line")),
    row(COMMENT, UNDO, A::Text(TextAction::Undo), ("text.undo", "", "undo the last change of the text")),
];
