//! Changes that mean nothing: whatever is decided about a roadmap is decided about its changed copy.

use super::decisions::{Decisions, decide};
use super::generator::{Order, Sample};
use super::wording::Manner;

/// A roadmap with everything in it, as orch-tui documents it.
const FIXTURE: &str = "\
# Lighthouse

Who reads this knows the coast.

## Batch 1 (Ground)

### Phase 1.1: Survey ⭐ BOOTSTRAP

- **Status:** ✅ Complete
- **Assigned To:** Mira
- **Tasks:**
  - [x] walk
  - [✅] draw
- **Effort:** S
- **Completed:** 2026-01-02

### Phase 1.2: Pier

- **Status:** 🔄 In Progress
- **Assigned To:** Otto
- **Depends On:** Phase 1.1 ✅
- **Effort:** L
- **Done When:** a boat can land

### Phase 1.10: Road

- **Status:** ✅ Complete
- **Depends On:** None
- **Effort:** M

## Batch 2 (Tower)

### Phase 2.1: Walls

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1 ✅, Phase 1.10
- **Tasks:**
  - [ ] east
  - [ ] west

### Phase 2.2: Stairs

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1, Phase 1.2, Phase 2.1

### Phase 2.3: Lamp

- **Status:** 🔴 Blocked (the glass is late)
- **Depends On:** Phase 1.1

### Phase 2.4: Door

- **Status:** ⚪ Not Started
- **Depends On:** Phase 1.10 ✅, Phase 1.1 ✅

### Phase 2.5: Garden

- **Status:** ⚪ Not Started
- **Depends On:** Phase 2.1

## Batch 3 (Keeper)

### Phase 3.1: Keeper

- **Status:** 🔴 Blocked
- **Depends On:** Phase 1.1, harbour office

### Phase 3.2: Boat

- **Status:** 🔴 Blocked

### Phase 3.3: Log

- **Status:** ⏸ Deferred
- **Depends On:** Phase 1.1

### Phase 3.4: Opening

- **Status:** 🔴 Blocked
- **Depends On:** Phase 2.1, Phase 3.3, Phase 1.2
";

/// A change and what it does.
type Mutation = (&'static str, fn(&str) -> String);

/// Every line changed by itself.
fn each(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

/// The lines of fields: their key and value.
fn fields(text: &str, change: impl Fn(&str, &str) -> String) -> String {
    each(text, |line| match line.strip_prefix("- **").and_then(|line| line.split_once(":**")) {
        Some((key, value)) => change(key, value),
        None => line.to_owned(),
    })
}

/// The values of one field.
fn values(text: &str, of: &str, change: impl Fn(&str) -> String) -> String {
    fields(text, |key, value| {
        let value = if key == of { change(value) } else { value.to_owned() };
        format!("- **{key}:**{value}")
    })
}

fn statuses(text: &str, change: impl Fn(&str) -> String) -> String {
    values(text, "Status", change)
}

fn lists(text: &str, change: impl Fn(&str) -> String) -> String {
    values(text, "Depends On", change)
}

/// The headings of phases, behind the keyword.
fn headings(text: &str, change: impl Fn(&str) -> String) -> String {
    each(text, |line| match line.strip_prefix("### Phase ") {
        Some(rest) => change(rest),
        None => line.to_owned(),
    })
}

/// The whole file once more, everything in it complete, where nobody reads.
fn copy(text: &str) -> String {
    text.replace("🔴 Blocked", "✅ Complete").replace("⚪ Not Started", "✅ Complete")
}

fn words(value: &str) -> String {
    value.replace(['✅', '🔄', '🔴', '⚪', '⏸'], "").replace("  ", " ")
}

fn coded(value: &str) -> String {
    let codes = [
        ("✅", ":white_check_mark:"),
        ("🔄", ":arrows_counterclockwise:"),
        ("🔴", ":red_circle:"),
        ("⚪", ":white_circle:"),
        ("⏸", ""),
    ];
    codes.iter().fold(value.to_owned(), |value, (mark, code)| value.replace(mark, code))
}

/// Ids after the first without their keyword.
fn bare(value: &str) -> String {
    let first = value.find("Phase ").map_or(0, |at| at + 6);
    format!("{}{}", &value[..first], value[first..].replace("Phase ", ""))
}

const LINES: [Mutation; 14] = [
    ("CRLF", |text| text.replace('\n', "\r\n")),
    ("lone CR", |text| text.replace('\n', "\r")),
    ("trailing blanks", |text| each(text, |line| format!("{line}  "))),
    ("a trailing tab", |text| each(text, |line| format!("{line}\t"))),
    ("a byte order mark", |text| format!("\u{feff}{text}")),
    ("no final newline", |text| text.trim_end().to_owned()),
    ("blank lines between fields", |text| text.replace("\n- **", "\n\n- **")),
    ("no blank lines", |text| text.replace("\n\n", "\n")),
    ("front matter", |text| format!("---\ntitle: Lighthouse\nstatus: done\n---\n{text}")),
    ("indented fields", |text| {
        text.replace("\n- **", "\n  - **").replace("\n  - [", "\n      - [")
    }),
    ("rules between phases", |text| text.replace("\n\n### ", "\n\n---\n\n### ")),
    ("soft hyphens in prose", |text| {
        text.replace("Who reads this", "Who\u{ad} reads\u{200b} this")
    }),
    ("an inline comment", |text| statuses(text, |value| format!("{value} <!-- ✅ Complete -->"))),
    ("a longer preamble", |text| {
        text.replacen(
            "\n\n",
            "\n\nPhase 2.1 is ✅ Complete, says v2.0.\n\n- [x] Phase 2.1: Walls\n\n",
            1,
        )
    }),
];

const KEYS: [Mutation; 14] = [
    ("* bullets", |text| fields(text, |key, value| format!("* **{key}:**{value}"))),
    ("+ bullets", |text| fields(text, |key, value| format!("+ **{key}:**{value}"))),
    ("a tab behind the bullet", |text| fields(text, |key, value| format!("-\t**{key}:**{value}"))),
    ("colon outside bold", |text| fields(text, |key, value| format!("- **{key}**:{value}"))),
    ("lower-case keys", |text| {
        fields(text, |key, value| format!("- **{}:**{value}", key.to_lowercase()))
    }),
    ("upper-case keys", |text| {
        fields(text, |key, value| format!("- **{}:**{value}", key.to_uppercase()))
    }),
    ("bold lines", |text| fields(text, |key, value| format!("**{key}:**{value}"))),
    ("all of it bold", |text| {
        statuses(text, |value| value.to_owned())
            .replace("- **Status:** ✅ Complete", "**Status: ✅ Complete**")
    }),
    ("underscores", |text| fields(text, |key, value| format!("- __{key}:__{value}"))),
    ("plain keys", |text| fields(text, |key, value| format!("- {key}:{value}"))),
    ("NBSP behind the colon", |text| {
        fields(text, |key, value| format!("- **{key}:**{}", value.replacen(' ', "\u{a0}", 1)))
    }),
    ("synonyms", |text| {
        text.replace("Depends On:", "Blocked by:").replace("Assigned To:", "Owner:")
    }),
    ("more synonyms", |text| {
        text.replace("Depends On:", "Prerequisites:").replace("Assigned To:", "Claimed By:")
    }),
    ("unknown fields", |text| {
        text.replace("- **Effort:**", "- **Risk:** Phase 9.9 is 🔴 Blocked\n- **Effort:**")
    }),
];

const HEADINGS: [Mutation; 14] = [
    ("####", |text| headings(text, |rest| format!("#### Phase {rest}"))),
    ("## for phases", |text| headings(text, |rest| format!("## Phase {rest}"))),
    ("an em dash", |text| {
        headings(text, |rest| format!("### Phase {}", rest.replacen(':', " —", 1)))
    }),
    ("an en dash", |text| {
        headings(text, |rest| format!("### Phase {}", rest.replacen(':', " –", 1)))
    }),
    ("a hyphen", |text| {
        headings(text, |rest| format!("### Phase {}", rest.replacen(':', " -", 1)))
    }),
    ("a bracket", |text| {
        headings(text, |rest| format!("### Phase {}", rest.replacen(':', ")", 1)))
    }),
    ("bold headings", |text| headings(text, |rest| format!("### **Phase {rest}**"))),
    ("a tick before the heading", |text| headings(text, |rest| format!("### ✅ Phase {rest}"))),
    ("a tick behind the heading", |text| headings(text, |rest| format!("### Phase {rest} ✅"))),
    ("closing hashes", |text| headings(text, |rest| format!("### Phase {rest} ###"))),
    ("another keyword", |text| headings(text, |rest| format!("### Work Stream {rest}"))),
    ("upper-case keyword", |text| headings(text, |rest| format!("### PHASE {rest}"))),
    ("NBSP in headings", |text| headings(text, |rest| format!("### Phase\u{a0}{rest}"))),
    ("a note behind the id", |text| {
        headings(text, |rest| format!("### Phase {}", rest.replacen(':', " (week 3):", 1)))
    }),
];

const STATES: [Mutation; 9] = [
    ("text-only status", |text| statuses(text, words)),
    ("upper-case status", |text| statuses(text, |value| value.to_uppercase())),
    ("lower-case status", |text| statuses(text, |value| value.to_lowercase())),
    ("shortcodes", |text| statuses(text, coded)),
    ("VS16 behind marks", |text| {
        statuses(text, |value| value.replace(['✅'], "✅\u{fe0f}").replace('⏸', "⏸\u{fe0f}"))
    }),
    ("NBSP behind marks", |text| statuses(text, |value| value.replacen(' ', "\u{a0}", 2))),
    ("bold states", |text| {
        statuses(text, |value| {
            if value.contains('(') { value.to_owned() } else { format!(" **{}**", value.trim()) }
        })
    }),
    ("a day behind complete", |text| {
        statuses(text, |value| value.replace("Complete", "Complete (2026-01-02)"))
    }),
    ("circles", |text| statuses(text, |value| value.replace('🔄', "🟡").replace('✅', "🟢"))),
];

const LISTS: [Mutation; 9] = [
    (" and ", |text| lists(text, |value| value.replace(", ", " and "))),
    ("semicolons", |text| lists(text, |value| value.replace(", ", "; "))),
    (" + ", |text| lists(text, |value| value.replace(", ", " + "))),
    (" & ", |text| lists(text, |value| value.replace(", ", " & "))),
    ("Oxford commas", |text| lists(text, |value| value.replace(", ", ", and "))),
    ("bare ids", |text| lists(text, bare)),
    ("lower-case ids", |text| lists(text, |value| value.replace("Phase", "phase"))),
    ("one item a line", |text| {
        lists(text, |value| format!("\n  - {}", value.trim().replace(", ", "\n  - ")))
    }),
    ("notes in brackets", |text| lists(text, |value| value.replace(',', " (stone, wood),"))),
];

const COPIES: [Mutation; 7] = [
    ("a fenced copy before", |text| format!("```markdown\n{}```\n{text}", copy(text))),
    ("a fenced copy behind", |text| format!("{text}\n~~~~\n{}```\n~~~~\n", copy(text))),
    ("a commented copy", |text| format!("<!--\n{}-->\n{text}", copy(text))),
    ("a quoted copy", |text| {
        format!("{text}\n> {}\n", copy(text).trim_end().replace('\n', "\n> "))
    }),
    ("an indented copy", |text| {
        format!("{text}\n## Old\n\n    {}\n", copy(text).trim_end().replace('\n', "\n    "))
    }),
    ("a backlog", |text| {
        format!(
            "{text}\n## Backlog\n\n- [ ] paint\n- **Status:** ✅ Complete\n- **Depends On:** Phase 9.9\n"
        )
    }),
    ("a table of states", |text| {
        format!(
            "{text}\n## Overview\n\n| Phase | Status |\n|---|---|\n| 2.1 | ✅ Complete |\n| 3.2 | Done |\n"
        )
    }),
];

fn all() -> impl Iterator<Item = &'static Mutation> {
    let groups: [&'static [Mutation]; 6] = [&LINES, &KEYS, &HEADINGS, &STATES, &LISTS, &COPIES];
    groups.into_iter().flatten()
}

fn assert_same(text: &str, before: &Decisions, (name, mutate): &Mutation) {
    let changed = mutate(text);
    assert_eq!(decide(changed.as_bytes()), *before, "{name}:\n{}", changed.replace('\r', "\n"));
}

#[test]
fn the_fixture_is_decided_as_a_person_would() {
    let decided = decide(FIXTURE.as_bytes());
    let list = |ids: &super::decisions::Ids| ids.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(list(&decided.unblocked), "2.1");
    assert_eq!(list(&decided.ready), "2.1 2.4");
    assert_eq!(list(&decided.needs_human), "2.3 3.1 3.2");
    let waits: Vec<_> =
        decided.still_blocked.iter().map(|(id, on)| format!("{id}: {}", list(on))).collect();
    assert_eq!(waits, ["2.2: 1.2 2.1", "3.4: 1.2 2.1 3.3"]);
}

#[test]
fn changes_that_mean_nothing_change_no_decision() {
    let before = decide(FIXTURE.as_bytes());
    let mut unchanged = Vec::new();
    for mutation in all() {
        assert_same(FIXTURE, &before, mutation);
        unchanged.extend((mutation.1(FIXTURE) == FIXTURE).then_some(mutation.0));
    }
    assert!(unchanged.is_empty(), "these changed nothing: {unchanged:?}");
    assert!(all().count() >= 60);
}

#[test]
fn nor_do_they_in_made_roadmaps() {
    let count = all().count();
    for seed in 0..u64::try_from(count * 4).unwrap() {
        let text = String::from_utf8(Sample::grow(seed, Manner::Tidy).bytes(Order::Made)).unwrap();
        let mutation = all().nth(usize::try_from(seed).unwrap() % count).unwrap();
        assert_same(&text, &decide(text.as_bytes()), mutation);
    }
}

#[test]
fn invalid_bytes_in_prose_change_no_decision() {
    let mut bytes = FIXTURE.replace("Who reads", "\u{1}Who reads").into_bytes();
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes.splice(at..=at, [0xff, 0xc3, 0x28, 0xf0, 0x9f]);
    assert_eq!(decide(&bytes), decide(FIXTURE.as_bytes()));
}

#[test]
fn changes_that_mean_something_are_seen() {
    let before = decide(FIXTURE.as_bytes());
    for (old, new) in [
        ("🔄 In Progress", "✅ Complete"),
        ("Phase 1.1 ✅, Phase 1.10", "Phase 1.2"),
        (" (the glass is late)", ""),
        (", harbour office", ""),
        ("### Phase 2.1:", "### Phase 2.9:"),
        ("⏸ Deferred", "✅ Complete"),
    ] {
        assert_ne!(decide(FIXTURE.replace(old, new).as_bytes()), before, "{old}");
    }
}
