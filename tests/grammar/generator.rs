//! Makes roadmaps of which the right answers are known.

use std::collections::BTreeSet;

use super::decisions::{Decisions, Ids};
use super::dice::Dice;
use super::wording::{self, Manner, State};

/// What a made phase waits for.
#[derive(Clone, Debug)]
enum Wait {
    /// A phase by its place, and whether it is ticked.
    Phase(usize, bool),
    /// From one phase to another, by place.
    Range(usize, usize),
    /// A batch by its number.
    Batch(usize),
    /// Every phase above.
    AllPrevious,
    /// A phase that is not in the file, and whether it is ticked.
    Absent(&'static str, bool),
    /// Something only a person can judge.
    Text(&'static str),
}

/// A made phase.
#[derive(Clone, Debug)]
struct Made {
    id: String,
    batch: usize,
    state: State,
    waits: Vec<Wait>,
}

/// A made roadmap.
#[derive(Clone, Debug)]
pub struct Sample {
    phases: Vec<Made>,
    /// The text of each phase.
    chunks: Vec<String>,
    /// A second phase with an id that is taken, at the end of the file.
    twin: Option<(usize, State)>,
    ending: &'static str,
    mark: &'static str,
}

/// Most phases of a batch.
const PER_BATCH: usize = 5;

impl Sample {
    /// Makes one.
    pub fn grow(seed: u64, manner: Manner) -> Self {
        let mut dice = Dice::new(seed);
        let count = if dice.chance(4) { 25 + dice.below(30) } else { 1 + dice.below(14) };
        let shape = dice.below(3);
        let mut phases: Vec<Made> = Vec::new();
        for at in 0..count {
            let (batch, n) = (at / PER_BATCH + 1, at % PER_BATCH + 1);
            let id = match shape {
                0 => format!("{batch}.{}", n + 7),
                1 => format!("WP-{batch}.{n}"),
                _ => format!("{}", at + 8),
            };
            let waits = waits(at, &mut dice);
            let state = state(&phases, &waits, &mut dice);
            phases.push(Made { id, batch, state, waits });
        }
        let made = |at: usize, dice: &mut Dice| chunk(&phases, at, manner, dice);
        let chunks = (0..count).map(|at| made(at, &mut dice)).collect();
        let messy = manner == Manner::Messy;
        let twin = (messy && dice.chance(10)).then(|| (dice.below(count), any_state(&mut dice)));
        let ending = if messy { dice.pick(&["\n", "\n", "\r\n", "\r"]) } else { "\n" };
        let mark = if messy && dice.chance(20) { "\u{feff}" } else { "" };
        Self { phases, chunks, twin, ending, mark }
    }

    /// Its bytes, phases in the given order within each batch.
    pub fn bytes(&self, order: Order) -> Vec<u8> {
        let mut text = format!("{}# Roadmap\n\nWhat is to be done.\n\n", self.mark);
        let last = self.phases.last().map_or(0, |phase| phase.batch);
        for batch in 1..=last {
            text.push_str(&format!("## Batch {batch} (Part {batch})\n\n"));
            let mut chunks: Vec<&String> = (0..self.phases.len())
                .filter(|at| self.phases[*at].batch == batch)
                .map(|at| &self.chunks[at])
                .collect();
            if order == Order::Turned {
                chunks.reverse();
            }
            chunks.into_iter().for_each(|chunk| text.push_str(chunk));
        }
        if let Some((at, state)) = self.twin {
            let status = wording::status(state, Manner::Tidy, &mut Dice::new(0));
            text.push_str(&format!(
                "## Batch 99\n### Phase {}: Twin\n- **Status:** {status}",
                self.phases[at].id
            ));
        }
        text.replace('\n', self.ending).into_bytes()
    }

    /// Whether the order of phases within a batch decides something.
    pub fn depends_on_order(&self) -> bool {
        let all = |wait: &Wait| matches!(wait, Wait::AllPrevious);
        self.phases.iter().any(|phase| phase.waits.iter().any(all))
    }

    /// The right answers, found without looking at any of the code under test.
    pub fn truth(&self) -> Decisions {
        let mut truth = Decisions::default();
        let twin = self.twin.map(|(at, _)| at);
        for (at, phase) in self.phases.iter().enumerate() {
            truth.states.insert((phase.id.clone(), 1, word(phase.state)));
            let (pending, opaque) = self.open_waits(at);
            if twin == Some(at) {
                continue;
            }
            let met = pending.is_empty() && !opaque;
            let blocked = matches!(phase.state, State::Blocked | State::Judged);
            let freed = phase.state == State::Blocked && met && !phase.waits.is_empty();
            let judged = phase.state == State::Judged || phase.waits.is_empty() || opaque;
            if freed {
                truth.unblocked.insert(phase.id.clone());
            }
            if blocked && !pending.is_empty() {
                truth.still_blocked.insert(phase.id.clone(), pending);
            }
            if (blocked && judged) || (phase.state == State::Open && opaque) {
                truth.needs_human.insert(phase.id.clone());
            }
            if freed || (phase.state == State::Open && met) {
                truth.ready.insert(phase.id.clone());
            }
        }
        if let Some((at, state)) = self.twin {
            truth.states.insert((self.phases[at].id.clone(), 2, word(state)));
        }
        truth
    }

    /// Ids a phase waits for, and whether it waits for a person.
    fn open_waits(&self, at: usize) -> (Ids, bool) {
        let mut pending = BTreeSet::new();
        let mut opaque = false;
        for wait in &self.phases[at].waits {
            let places: Vec<usize> = match wait {
                Wait::Phase(on, _) => vec![*on],
                Wait::Range(from, to) => (*from..=*to).collect(),
                Wait::Batch(batch) => {
                    (0..self.phases.len()).filter(|on| self.phases[*on].batch == *batch).collect()
                }
                Wait::AllPrevious => (0..at).collect(),
                Wait::Absent(id, ticked) => {
                    pending.extend((!ticked).then(|| (*id).to_owned()));
                    continue;
                }
                Wait::Text(_) => {
                    opaque = true;
                    continue;
                }
            };
            let scope = matches!(wait, Wait::Batch(_) | Wait::AllPrevious);
            let open = places.into_iter().filter(|on| !self.is_complete(*on, scope));
            pending.extend(open.map(|on| self.phases[on].id.clone()));
        }
        (pending, opaque)
    }

    /// A scope counts phases, everything else ids: of a twin both must be complete.
    fn is_complete(&self, at: usize, scope: bool) -> bool {
        let twin = self.twin.filter(|(of, _)| *of == at && !scope);
        self.phases[at].state == State::Complete
            && twin.is_none_or(|(_, state)| state == State::Complete)
    }
}

/// The order of phases within a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they were made.
    Made,
    /// The other way round.
    Turned,
}

/// The name a state is read by.
fn word(state: State) -> &'static str {
    match state {
        State::Complete => "complete",
        State::Progress => "in progress",
        State::Open => "not started",
        State::Blocked | State::Judged => "blocked",
        State::Deferred => "deferred",
        State::Unclear | State::Untold => "unknown",
    }
}

fn waits(at: usize, dice: &mut Dice) -> Vec<Wait> {
    if at == 0 || dice.chance(15) {
        return Vec::new();
    }
    let batch = at / PER_BATCH;
    (0..1 + dice.below(3))
        .map(|_| match dice.below(24) {
            0 if batch > 0 => Wait::Batch(1 + dice.below(batch)),
            1 if dice.chance(30) => Wait::AllPrevious,
            2 => Wait::Absent("90.1", true),
            3 if dice.chance(40) => Wait::Absent("90.2", false),
            4 if dice.chance(40) => Wait::Text("vendor approval"),
            5 if dice.chance(40) => Wait::Text("Python 3.11"),
            6 | 7 => {
                let from = dice.below(at);
                Wait::Range(from, from + dice.below((at - from).min(3)))
            }
            _ => Wait::Phase(dice.below(at), dice.chance(40)),
        })
        .collect()
}

fn any_state(dice: &mut Dice) -> State {
    [State::Complete, State::Progress, State::Open, State::Blocked][dice.below(4)]
}

/// Early phases are mostly complete, and what waits is mostly blocked.
fn state(before: &[Made], waits: &[Wait], dice: &mut Dice) -> State {
    let rare = dice.below(60);
    let special = [State::Judged, State::Deferred, State::Unclear, State::Untold, State::Progress];
    if let Some(state) = special.get(rare) {
        return *state;
    }
    let done = before.iter().filter(|phase| phase.state == State::Complete).count();
    if done == before.len() && dice.chance(80) || dice.chance(25) {
        return State::Complete;
    }
    let blocked = if waits.is_empty() { 10 } else { 75 };
    if dice.chance(blocked) { State::Blocked } else { State::Open }
}

/// The text of one phase, with what follows it.
fn chunk(phases: &[Made], at: usize, manner: Manner, dice: &mut Dice) -> String {
    let phase = &phases[at];
    let mut fields = Vec::new();
    if phase.state != State::Untold {
        let value = wording::status(phase.state, manner, dice);
        fields.push(wording::field("Status", &value, manner, dice));
    }
    if phase.state == State::Progress {
        fields.push(wording::field("Assigned To", "Mira", manner, dice));
    }
    if !phase.waits.is_empty() {
        fields.push(depends_on(phases, &phase.waits, manner, dice));
    }
    let messy = manner == Manner::Messy;
    if messy && dice.chance(20) {
        fields.reverse();
    }
    fields.push("- **Tasks:**\n  - [ ] one\n    - [x] two :** three\n  - [✅] four".to_owned());
    fields.push("- **Effort:** M\n- **Done When:** it stands; Phase 1.1 is complete".to_owned());
    if messy && dice.chance(20) {
        fields.insert(0, "Some words: Status: ✅ Complete\n".to_owned());
    }
    if messy && dice.chance(20) {
        fields.push("\nA note on \u{fffd} v2.0.\n\n- [x] a box".to_owned());
    }
    let mut heading = wording::heading(&phase.id, "Name of it", manner, dice);
    if phase.state == State::Untold {
        // Around deeper phases it would be a container, which no scope counts.
        heading = format!("####{}", heading.trim_start_matches('#'));
    }
    let gap = if messy && dice.chance(50) { "" } else { "\n" };
    let mut text = format!("{heading}\n{gap}{}\n\n", fields.join("\n"));
    if messy && dice.chance(25) {
        // Hidden copies only: a heading that is read would end the batch.
        let copy = wording::distraction(&phase.id, dice);
        text.push_str(if copy.starts_with('#') { "\n---\n" } else { &copy });
        text.push('\n');
    }
    text
}

/// The dependencies of a phase in one of many shapes.
fn depends_on(phases: &[Made], waits: &[Wait], manner: Manner, dice: &mut Dice) -> String {
    let messy = manner == Manner::Messy;
    let mut bare = false;
    let mut items = Vec::new();
    for wait in waits {
        // A bare number only carries the keyword on from an id before it.
        let word = if messy && bare && dice.chance(50) { "" } else { "Phase " };
        let (item, carries) = match wait {
            Wait::Phase(on, ticked) => {
                let tick = if *ticked { dice.pick(&[" ✅", " (complete)", " ✅"]) } else { "" };
                let note = if messy && dice.chance(15) { " (core, base)" } else { "" };
                (format!("{word}{}{note}{tick}", phases[*on].id), true)
            }
            Wait::Range(from, to) if from == to => (format!("{word}{}", phases[*from].id), true),
            Wait::Range(from, to) => {
                let join =
                    if messy { dice.pick(&["-", " – ", " to ", " through ", ".."]) } else { "-" };
                (format!("Phases {}{join}{}", phases[*from].id, phases[*to].id), true)
            }
            Wait::Batch(batch) => (format!("All Batch {batch} phases"), false),
            Wait::AllPrevious => ("All previous phases".to_owned(), false),
            Wait::Absent(id, ticked) => {
                (format!("Phase {id}{}", if *ticked { " ✅" } else { "" }), true)
            }
            Wait::Text(text) => ((*text).to_owned(), false),
        };
        bare = carries;
        items.push(item);
    }
    if !messy {
        return wording::field("Depends On", &items.join(", "), manner, dice);
    }
    let key = dice.pick(&["Depends On", "Dependencies", "Blocked By", "Prerequisites", "Depends"]);
    if dice.chance(20) {
        let list: String = items.iter().map(|item| format!("\n  - {item}")).collect();
        return format!("- **{key}:**{list}");
    }
    let join = dice.pick(&[", ", "; ", " and ", " + ", " & ", ", and "]);
    wording::field(key, &items.join(join), manner, dice)
}
