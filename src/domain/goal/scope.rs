//! Phases meant by where they stand: a batch, the next ones, everything that is ready.

use crate::domain::goal::index::Index;
use crate::domain::goal::negate::Polarity;
use crate::domain::goal::words::{
    ALL_WORDS, Break, CONNECTIVES, PHASE_WORDS, RUN_VERBS, STOP_VERBS, Word, is_filler, is_in,
    is_stop_word, number, parts_of, plain, words,
};

/// A selection by place or state. Its parts narrow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Only these batches.
    pub batches: Vec<u32>,
    /// Batches asked for that the roadmap does not have.
    pub unknown_batches: Vec<u32>,
    /// Only the first so many ready phases.
    pub next: Option<usize>,
    /// Only ready phases.
    pub ready: bool,
    /// Only bootstrap phases.
    pub bootstrap: bool,
    /// A word for the whole was used.
    pub all: bool,
    /// Go on until nothing is left.
    pub keep_going: bool,
    /// Words that belong to it.
    pub words: Vec<String>,
    /// Positions of wanted words that are neither fillers nor part of the scope.
    pub residual: Vec<usize>,
}

impl Scope {
    /// Whether it selects anything by itself.
    pub fn selects(&self) -> bool {
        !self.batches.is_empty()
            || self.residual.is_empty()
                && (self.next.is_some()
                    || self.ready
                    || self.bootstrap
                    || self.all
                    || self.keep_going)
    }
}

impl Scope {
    /// The words that chose a phase of this batch: of several batches only its own.
    pub fn words_for(&self, batch: Option<u32>) -> Vec<String> {
        let own = batch.filter(|_| self.batches.len() > 1);
        let own = own.map(|number| ["batch".to_owned(), number.to_string()]);
        let said = |own: &[String; 2]| self.words.windows(2).any(|two| two == own);
        own.filter(said).map_or_else(|| self.words.clone(), Vec::from)
    }
}

/// Reads the scope of all words of one polarity that are not `used` yet.
pub(crate) fn read_scope(
    index: &Index<'_>,
    words: &[Word],
    polarity: &[Polarity],
    (meant, used): (Polarity, &[bool]),
) -> Scope {
    let open = |at: usize| at < words.len() && polarity[at] == meant && !used[at];
    let mut reader = Reader { index, words, scope: Scope::default() };
    if (0..words.len()).all(open) && reader.whole_title() {
        return reader.scope;
    }
    let mut at = 0;
    while at < words.len() {
        at += if open(at) { reader.step(at) } else { 1 };
    }
    reader.by_title();
    reader.scope
}

struct Reader<'r, 'a> {
    index: &'r Index<'a>,
    words: &'r [Word],
    scope: Scope,
}

impl<'r> Reader<'r, '_> {
    fn text(&self, at: usize) -> &'r str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// Reads what begins at `at`; says how many words it took.
    fn step(&mut self, at: usize) -> usize {
        let taken = match self.text(at) {
            "batch" | "batches" => self.batch(at),
            "next" => self.next(at),
            "ready" | "available" | "startable" | "unblocked" | "runnable" => {
                self.scope.ready = true;
                1
            }
            "bootstrap" | "bootstraps" => {
                self.scope.bootstrap = true;
                1
            }
            "until" | "till" => self.until(at),
            "keep" if self.text(at + 1) == "going" => {
                self.scope.keep_going = true;
                2
            }
            "roadmap" if self.words[..at].iter().any(|w| is_in(&w.text, RUN_VERBS)) => {
                self.scope.all = true;
                1
            }
            word if is_in(word, ALL_WORDS) => {
                self.scope.all = true;
                1
            }
            "any" => self.any(at),
            word => match number(word).filter(|n| *n > 0) {
                Some(count) => self.count(at, count),
                None => 0,
            },
        };
        if taken == 0 {
            if !is_filler(&self.words[at]) && !self.goes_on(at) {
                self.scope.residual.push(at);
            }
            return 1;
        }
        let said: Vec<_> = self.words[at..at + taken].iter().map(|w| w.text.clone()).collect();
        self.scope.words.extend(said);
        taken
    }

    /// The `stop` of `don't stop`.
    fn goes_on(&self, at: usize) -> bool {
        at > 0
            && is_in(self.text(at), STOP_VERBS)
            && is_in(self.text(at - 1), "don't dont not never without")
    }

    /// `batch 3`, `batches 2 and 3`, `batches 1-3`. A noun right behind makes it something else.
    fn batch(&mut self, at: usize) -> usize {
        let mut numbers = Vec::new();
        let mut end = at + 1;
        loop {
            let from =
                if numbers.is_empty() || !is_in(self.text(end), "and or") { end } else { end + 1 };
            let Some(found) = batch_numbers(self.text(from)) else { break };
            numbers.extend(found);
            end = from + 1;
        }
        let noun = self.words.get(end).is_some_and(|word| {
            let time = is_in(&word.text, "tomorrow later");
            word.before == Break::Space && !is_filler(word) && !is_scope_word(&word.text) && !time
        });
        if numbers.is_empty() || noun && !self.is_title_word(self.text(end), &numbers) {
            return self.relative_batch(at);
        }
        for number in numbers {
            let list = if self.has_batch(number) {
                &mut self.scope.batches
            } else {
                &mut self.scope.unknown_batches
            };
            if !list.contains(&number) {
                list.push(number);
            }
        }
        end - at
    }

    /// `next batch`, `the current batch`, `the second batch`.
    fn relative_batch(&mut self, at: usize) -> usize {
        const ORDINALS: &[&str] =
            &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
        let before = at.checked_sub(1).map_or("", |at| self.text(at));
        let ordinal = ORDINALS.iter().position(|word| *word == before);
        let found = match (ordinal, before) {
            (Some(n), _) => u32::try_from(n + 1).ok().filter(|n| self.has_batch(*n)),
            (None, "next" | "current") => {
                self.index.evaluator.ready().iter().filter_map(|phase| phase.place.batch).min()
            }
            (None, _) => None,
        };
        let Some(number) = found else { return 0 };
        self.scope.batches.push(number);
        if before == "next" {
            self.scope.next = None;
        }
        self.scope.residual.retain(|place| place + 1 != at);
        1
    }

    fn has_batch(&self, number: u32) -> bool {
        self.index.roadmap.phases.iter().any(|phase| phase.place.batch == Some(number))
    }

    fn is_title_word(&self, word: &str, numbers: &[u32]) -> bool {
        let batches = &self.index.roadmap.batches;
        batches.iter().filter(|batch| numbers.contains(&batch.number)).any(|batch| {
            words(batch.title.as_str()).iter().any(|w| w.parts.iter().any(|part| part == word))
        })
    }

    /// `next`, `next two`, `next 3 phases`.
    fn next(&mut self, at: usize) -> usize {
        let count = number(self.text(at + 1)).filter(|n| *n > 0);
        self.scope.next = Some(count.unwrap_or(1));
        if count.is_some() { 2 } else { 1 }
    }

    /// `any phase`, `any ready phase`: one will do.
    fn any(&mut self, at: usize) -> usize {
        let skipped = usize::from(is_scope_word(self.text(at + 1)));
        let one = self.text(at + 1 + skipped) == "phase";
        if one {
            self.scope.next = Some(1);
        }
        usize::from(one)
    }

    /// `two phases`, `3 ready phases`; other numbers mean nothing here.
    fn count(&mut self, at: usize, count: usize) -> usize {
        let skipped = usize::from(is_scope_word(self.text(at + 1)));
        if is_in(self.text(at + 1 + skipped), PHASE_WORDS) {
            self.scope.next = Some(count);
            return 1;
        }
        // `with 3 agents` says how many at once, not which.
        if is_in(self.text(at + 1), "agent agents slot slots") { 2 } else { 0 }
    }

    /// `until nothing is left`, `until everything is done`.
    fn until(&mut self, at: usize) -> usize {
        let clause: Vec<_> = self.words[at + 1..]
            .iter()
            .take_while(|word| word.before == Break::Space)
            .map(|word| word.text.as_str())
            .collect();
        let whole = clause.iter().any(|word| is_in(word, "nothing everything all none"));
        let ends = "left remains remaining ready done complete completed finished over more";
        if whole && clause.last().is_some_and(|word| is_in(word, ends)) {
            self.scope.keep_going = true;
            return clause.len() + 1;
        }
        0
    }

    /// The title of one batch, typed as it stands.
    fn whole_title(&mut self) -> bool {
        let said = parts_of(self.words.iter());
        let is = |title: &str| title.contains(' ') && plain(title) == said.join(" ");
        let batches = self.index.roadmap.batches.iter();
        let found = batches.filter(|batch| is(batch.title.as_str())).map(|batch| batch.number);
        let found: Vec<u32> = found.filter(|number| self.has_batch(*number)).collect();
        if found.len() == 1 {
            self.scope.batches = found;
            self.scope.words = said.iter().map(|word| (*word).to_owned()).collect();
        }
        !self.scope.batches.is_empty()
    }

    /// The title of a batch, when nothing else is said: `finish the storage batch`.
    fn by_title(&mut self) {
        if self.scope.residual.is_empty() || !self.scope.batches.is_empty() {
            return;
        }
        let words = self.words;
        let said: Vec<_> = self
            .scope
            .residual
            .iter()
            .flat_map(|at| words[*at].parts.iter().map(String::as_str))
            .filter(|part| !is_in(part, "batch batches"))
            .collect();
        for batch in &self.index.roadmap.batches {
            if has_title(batch.title.as_str(), &said) && self.has_batch(batch.number) {
                self.scope.batches.push(batch.number);
                self.scope.words.extend(said.iter().map(|word| (*word).to_owned()));
            }
        }
        if !self.scope.batches.is_empty() {
            self.scope.residual.clear();
        }
    }
}

/// Whether a batch is one of several things in a list: `batch 3 and the router`, but not `the router of batch 3`.
pub(crate) fn is_batch_joined(words: &[Word]) -> bool {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let joined = |at: usize| {
        let before = at.checked_sub(1).map_or("", text);
        let numbers = words[at + 1..].iter().take_while(|w| batch_numbers(&w.text).is_some());
        let end = at + 1 + numbers.count();
        let behind = is_in(text(end), CONNECTIVES) && batch_numbers(text(end + 1)).is_none();
        is_in(before, CONNECTIVES) || behind && !is_in(before, "of from in within inside")
    };
    (0..words.len()).any(|at| is_in(text(at), "batch batches") && joined(at))
}

/// All telling words of a title were said, and nothing else.
fn has_title(title: &str, said: &[&str]) -> bool {
    let telling = title_words(title);
    !telling.is_empty()
        && telling.iter().all(|part| said.contains(&part.as_str()))
        && said.iter().all(|part| telling.iter().any(|own| own == part))
}

/// The telling words of a batch's title.
pub(crate) fn title_words(title: &str) -> Vec<String> {
    let parts = words(title).into_iter().flat_map(|word| word.parts);
    parts.filter(|part| !is_stop_word(part) && !is_in(part, "batch batches")).collect()
}

fn is_scope_word(word: &str) -> bool {
    is_in(word, "ready available next bootstrap remaining open until till except unblocked")
}

/// `3`, `#3`, `three`, `1-3`.
fn batch_numbers(text: &str) -> Option<Vec<u32>> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if let Some((from, to)) = text.split_once('-') {
        let (from, to) = (number(from)?, number(to)?);
        return (from <= to && to - from < 100)
            .then(|| (from..=to).filter_map(|n| u32::try_from(n).ok()).collect());
    }
    Some(vec![u32::try_from(number(text)?).ok()?])
}
