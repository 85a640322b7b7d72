//! Phase ids in a goal: single ones, lists, ranges and wildcards. A number is an id only where one can stand.

use crate::domain::goal::index::Index;
use crate::domain::goal::record::{gives, is_order};
use crate::domain::goal::words::{Break, CONNECTIVES, PHASE_WORDS, Word, is_filler, is_in, number};
use crate::domain::id::PhaseId;

/// Ids found in chunks `from..to` of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdHit {
    /// The first chunk.
    pub from: usize,
    /// The chunk behind the last.
    pub to: usize,
    /// What they stand for.
    pub what: Ids,
    /// Only spoken of (`after 3.2`): not asked for.
    pub aside: bool,
}

impl IdHit {
    /// The phases it stands for.
    pub fn phases(&self) -> &[usize] {
        match &self.what {
            Ids::One(phase) => std::slice::from_ref(phase),
            Ids::Many(phases) => phases,
            Ids::Unknown(_) => &[],
        }
    }
}

/// What an id token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    /// One phase.
    One(usize),
    /// Phases of a range, a wildcard or a list in one token.
    Many(Vec<usize>),
    /// No phase of this roadmap.
    Unknown(String),
}

/// In front of a number, these make it something else than an id.
const QUALIFIERS: &str = "version versions ver v release releases ticket tickets issue issues pr bug case rfc cve port \
    ports python node nodejs rust go java php ruby perl kotlin swift django rails react angular \
    vue spring postgres postgresql mysql mariadb sqlite redis kafka mongo ubuntu debian fedora \
    windows macos ios android linux kernel openssl ssl tls http https http/2 html css openapi api \
    typescript javascript dotnet cuda tag section sections chapter chapters page pages line lines \
    figure table appendix score level factor ratio rate upgrade upgrading bump downgrade pin \
    migrate target targets";
/// A phase behind these is spoken of, not asked for.
const RELATIONS: &str =
    "before after since until till unblocks depends depend dependent requires like than blocked";
/// `to` behind these leads to a phase, elsewhere to a version.
const MOVES: &str = "go skip jump move proceed continue on over back get straight";
/// In front of a whole number, these make it a time.
const TIMES: &str = "at by around @";
/// Behind a number, these make it a quantity.
const UNITS: &str = "ms s sec secs second seconds minute minutes min mins hour hours h day days weeks am pm o'clock gb mb kb tb \
    gib mib kib percent % times x px em million thousand users points stars";

/// All ids of a goal.
pub(crate) fn read_ids(index: &Index<'_>, words: &[Word]) -> Vec<IdHit> {
    let id = |word: &Word| index.find(&word.text).is_some();
    let bare = words.iter().all(|word| is_filler(word) || number(&word.text).is_some() || id(word));
    let mut reader = Reader { index, words, bare, last: None };
    let mut hits = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (hit, next) = reader.hit_at(at);
        hits.extend(hit);
        at = next;
    }
    hits
}

/// What was made of the id-like token before.
#[derive(Clone, Copy)]
struct Last {
    end: usize,
    stands: bool,
    keyword: bool,
    aside: bool,
}

struct Reader<'r, 'a> {
    index: &'r Index<'a>,
    words: &'r [Word],
    /// Nothing but fillers, numbers and ids: whole numbers and letters may be ids.
    bare: bool,
    last: Option<Last>,
}

/// A word such as `phase` stands before a token, or in front of a list it carries on.
#[derive(Clone, Copy)]
struct Keyword;

impl Reader<'_, '_> {
    fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// What the token at `at` is, and where to read on.
    fn hit_at(&mut self, at: usize) -> (Option<IdHit>, usize) {
        let carried = self.last.filter(|last| self.carries_on(last.end, at));
        let lead = self.lead(at);
        let keyword = lead < at && self.has_keyword(lead, at) || carried.is_some_and(|c| c.keyword);
        if !keyword && self.is_time(at) {
            return (None, at + 1);
        }
        let Some((what, to)) = self.token_at(at, keyword.then_some(Keyword)) else {
            return (None, at + 1);
        };
        let stands = match carried {
            Some(last) if lead == at => last.stands,
            _ => self.stands(lead, at, &what),
        } && !is_in(self.text(to), UNITS);
        let aside = carried.map_or_else(|| self.is_aside(lead), |last| last.aside);
        self.last = Some(Last { end: to, stands, keyword, aside });
        (stands.then_some(IdHit { from: at, to, what, aside }), to)
    }

    /// Whole numbers behind `at` and its like tell when, not which: `at 10`, `by 9 or 10`, `around 9-10`.
    fn is_time(&self, at: usize) -> bool {
        let number = |at: &usize| {
            let text = self.text(*at);
            has_digit(text) && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':'))
        };
        let joins =
            |at: &usize| is_in(self.text(*at), CONNECTIVES) || is_in(self.text(*at), "to -");
        let goes_on = |at: &usize| self.words[*at].before == Break::Space;
        let mut back = (0..at).rev().skip_while(|at| (number(at) || joins(at)) && goes_on(at));
        let word = back.next().map_or("", |at| self.text(at));
        number(&at) && goes_on(&at) && is_in(word, TIMES)
    }

    /// Where the phase words and articles in front of a token begin.
    fn lead(&self, at: usize) -> usize {
        let mut lead = at;
        while lead > 0
            && self.words[lead].before == Break::Space
            && (is_in(self.text(lead - 1), PHASE_WORDS) || is_in(self.text(lead - 1), "the both"))
        {
            lead -= 1;
        }
        lead
    }

    fn has_keyword(&self, from: usize, to: usize) -> bool {
        self.words[from..to].iter().any(|word| is_in(&word.text, PHASE_WORDS))
    }

    /// Only words that carry on a list stand between two ids.
    fn carries_on(&self, end: usize, at: usize) -> bool {
        end <= at
            && self.words[end..at].iter().all(|word| is_in(&word.text, CONNECTIVES))
            && self.words[end..=at].iter().all(|word| word.before != Break::Clause)
    }

    /// The token at `at`, alone or as the start of a range over several chunks, and where it ends.
    fn token_at(&self, at: usize, keyword: Option<Keyword>) -> Option<(Ids, usize)> {
        let first = self.text(at);
        let between = at > 0 && self.text(at - 1) == "between";
        let joins = is_in(self.text(at + 1), "to - through thru .. up")
            || between && self.text(at + 1) == "and";
        if joins {
            let end = if self.text(at + 1) == "up" { at + 3 } else { at + 2 };
            if let Some(range) = self.range(first, self.text(end)) {
                return Some((Ids::Many(range), end + 1));
            }
        }
        self.token(first, at, keyword).map(|ids| (ids, at + 1))
    }

    fn token(&self, text: &str, at: usize, keyword: Option<Keyword>) -> Option<Ids> {
        let (text, keyword) = match strip_keyword(text) {
            Some(rest) => (rest, Some(Keyword)),
            None => (text, keyword),
        };
        if let Some(found) = self.index.find(text) {
            let free = text.bytes().any(|b| b.is_ascii_digit()) && number(text).is_none();
            let alone = self.may_be_whole(text, at) || self.may_be_letter(text, at);
            return (free || keyword.is_some() || alone).then_some(Ids::One(found));
        }
        self.group(text).map(Ids::Many).or_else(|| {
            let like = is_dotted(text)
                || keyword.is_some() && text.starts_with(|c: char| c.is_ascii_digit());
            like.then(|| Ids::Unknown(text.to_owned()))
        })
    }

    /// Whether a whole number may be an id here though no phase word stands before it.
    fn may_be_whole(&self, text: &str, at: usize) -> bool {
        let before = if at > 0 { self.text(at - 1) } else { "" };
        self.bare
            && text.bytes().all(|b| b.is_ascii_digit())
            && !is_in(before, "next batch batches first last")
            && !is_in(self.text(at + 1), PHASE_WORDS)
            && !is_in(self.text(at + 1), "agent agents task tasks items things")
    }

    /// Whether a letter may be an id here: nothing is said but letters, numbers and fillers, and it is no article.
    fn may_be_letter(&self, text: &str, at: usize) -> bool {
        let ends = self
            .words
            .get(at + 1)
            .is_none_or(|next| next.before != Break::Space || is_in(&next.text, CONNECTIVES));
        self.bare && is_letter(text) && ends
    }

    /// `2.*`, `2.1-2.4`, `2.1..2.4`, `2.1/2.2`.
    fn group(&self, text: &str) -> Option<Vec<usize>> {
        if let Some(prefix) = text.strip_suffix('*').or_else(|| text.strip_suffix('x')) {
            let digits = prefix.ends_with('.') && prefix.len() > 1;
            return if digits { self.with_prefix(prefix) } else { None };
        }
        let dashes = text.match_indices('-').map(|(at, _)| (at, at + 1));
        let dots = text.match_indices("..").map(|(at, _)| (at, at + 2));
        let range = dashes.chain(dots).find_map(|(to, from)| {
            self.range(&text[..to], text[from..].trim_start_matches(['.', '=']))
        });
        range.or_else(|| {
            let ids: Option<Vec<_>> =
                text.split(['/', '+', '&']).map(|id| self.index.find(id)).collect();
            ids.filter(|ids| ids.len() > 1 && text.bytes().any(|b| b.is_ascii_digit()))
        })
    }

    fn with_prefix(&self, prefix: &str) -> Option<Vec<usize>> {
        let starts = |at: &usize| self.id(*at).as_str().to_lowercase().starts_with(prefix);
        let found: Vec<_> = self.all().filter(starts).collect();
        (!found.is_empty()).then_some(found)
    }

    /// Phases from one id to another, both included, in natural order.
    fn range(&self, from: &str, to: &str) -> Option<Vec<usize>> {
        if !has_digit(from) || !has_digit(to) || from.starts_with('.') {
            return None;
        }
        let known = self.index.find(from);
        let short = from.rfind('.').filter(|_| number(to).is_some());
        let to = short.map_or_else(|| to.to_owned(), |dot| format!("{}{to}", &from[..=dot]));
        let end = self.index.find(&to);
        if known.is_none() && end.is_none() {
            return None;
        }
        let bound = |found: Option<usize>, text: &str| {
            found.map_or_else(|| PhaseId::new(text), |at| self.id(at).clone())
        };
        let (a, b) = (bound(known, from), bound(end, &to));
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let mut found: Vec<_> =
            self.all().filter(|at| (&low..=&high).contains(&self.id(*at))).collect();
        found.sort_by(|x, y| self.id(*x).cmp(self.id(*y)));
        (!found.is_empty()).then_some(found)
    }

    fn all(&self) -> impl Iterator<Item = usize> {
        let phases = &self.index.roadmap.phases;
        (0..phases.len()).filter(|at| phases[*at].place.occurrence <= 1)
    }

    fn id(&self, at: usize) -> &PhaseId {
        &self.index.phase(at).id
    }

    /// Whether what stands before the token lets it be an id.
    fn stands(&self, lead: usize, at: usize, what: &Ids) -> bool {
        if lead == 0 || self.words[lead].before != Break::Space || self.has_keyword(lead, at) {
            return true;
        }
        let before = self.text(lead - 1);
        if is_in(before, QUALIFIERS) || before.starts_with('#') {
            return false;
        }
        if is_in(before, "to from on at by about with") && lead > 1 {
            let verb = self.text(lead - 2);
            // `1.1 at 10.30` tells when.
            if before == "at" && has_digit(verb) {
                return false;
            }
            let moves = is_in(verb, MOVES) || has_digit(verb) || gives(self.words, lead - 1);
            return moves || !is_in(verb, QUALIFIERS) && before != "to";
        }
        is_filler(&self.words[lead - 1])
            || lead == 1
            || is_in(before, RELATIONS)
            || is_in(before, NEGATIVE)
            || is_order(before)
            || self.belongs(before, what)
    }

    /// The word before the id is one of the phase's own name.
    fn belongs(&self, word: &str, what: &Ids) -> bool {
        match what {
            Ids::One(at) => {
                let name = self.index.phase(*at).name.as_str().to_lowercase();
                name.split(|c: char| !c.is_alphanumeric()).any(|part| part == word)
            }
            Ids::Many(_) => true,
            Ids::Unknown(_) => false,
        }
    }

    fn is_aside(&self, lead: usize) -> bool {
        let near = &self.words[lead.saturating_sub(2)..lead];
        near.last().is_some_and(|word| is_in(&word.text, RELATIONS))
            || near.len() == 2
                && is_in(&near[0].text, "depends depend dependent blocked waits wait")
                && is_in(&near[1].text, "on by for")
    }
}

/// Negating words that are no fillers.
const NEGATIVE: &str = "skipping omit omitting ignore ignoring exclude avoid drop leave besides \
    never excepting stop kill abort halt cancel terminate pause interrupt unblock review check mark \
    declare consider finished completed";

/// One letter and nothing else.
fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
}

/// `phase-3.1` and `phase3.1` without the word.
fn strip_keyword(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("phase")?;
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    rest.starts_with(|c: char| c.is_ascii_digit()).then_some(rest)
}

/// Numbers with dots between, e.g. `7.65` or `3.1.2b`.
fn is_dotted(text: &str) -> bool {
    let body = text.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(text);
    body.contains('.')
        && body.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
