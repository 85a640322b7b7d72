//! The line scanner against pulldown-cmark: the same headings, outside of the same fences and comments.

use std::collections::BTreeSet;

use orch_tui::domain::roadmap::Roadmap;
use pulldown_cmark::{Event, Parser, Tag};

use super::dice::Dice;

/// Lines that open, close or nearly open something, and headings in every shape.
const LINES: [&str; 34] = [
    "### Phase ID: a",
    "### Phase ID: a",
    "# Phase ID — b",
    "###### Phase ID",
    "## Phase ID: c ##",
    "   ### Phase ID: three blanks",
    "    ### Phase ID: four blanks",
    "###Phase ID: none",
    "####### Phase ID: seven",
    "> ### Phase ID: quoted",
    "\\### Phase ID: escaped",
    "#\tPhase ID: tab",
    "### Phase ID: d #hash",
    "```",
    "```",
    "````",
    "```text",
    "~~~",
    "~~~~",
    "``` a`b",
    "~~~ a`b",
    "``` ",
    "   ```",
    " ~~~",
    "<!--",
    "-->",
    "<!-- x -->",
    "<!-- ### Phase ID: e -->",
    "text <!-- x --> text",
    "",
    "",
    "text",
    "text ```",
    "## Other",
];

/// A document of such lines, with an id for each heading.
fn document(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut text = String::from("# Plan\n\n");
    for at in 0..dice.below(30) {
        let ending = dice.pick(&["\n", "\n", "\n", "\r\n", "  \n"]);
        text.push_str(&dice.pick(&LINES).replace("ID", &format!("{}.{}", seed % 90, at + 1)));
        text.push_str(ending);
        if dice.chance(30) {
            text.push('\n');
        }
    }
    text
}

/// Where headings of phases begin for pulldown-cmark. Quoted ones are not the document's own; underlined text is no
/// phase here.
fn by_commonmark(text: &str) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut quotes = 0usize;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(pulldown_cmark::TagEnd::BlockQuote(_)) => quotes -= 1,
            Event::Start(Tag::Heading { .. }) if quotes == 0 => {
                let line = text[range.start..].lines().next().unwrap_or_default();
                if line.starts_with('#') && line.contains("Phase ") {
                    found.insert(range.start);
                }
            }
            _ => {}
        }
    }
    found
}

/// Where headings of phases begin for the roadmap, behind their indentation.
fn by_roadmap(text: &str) -> BTreeSet<usize> {
    let roadmap = Roadmap::parse(text.as_bytes());
    let starts = roadmap.phases.iter().map(|phase| {
        let line = &text[phase.place.heading.clone()];
        phase.place.heading.start + line.len() - line.trim_start().len()
    });
    starts.collect()
}

#[test]
fn headings_fences_and_comments_are_those_of_commonmark() {
    let (mut headings, mut hidden) = (0, 0);
    for seed in 0..4_000 {
        let text = document(seed);
        let expected = by_commonmark(&text);
        assert_eq!(by_roadmap(&text), expected, "seed {seed}\n{text}");
        headings += expected.len();
        hidden += text.matches("Phase ").count() - expected.len();
    }
    assert!(headings > 4_000 && hidden > 4_000, "{headings} headings, {hidden} hidden");
}

#[test]
fn the_check_can_fail() {
    let text = "### Phase 1: a\n```\n### Phase 2: b\n```\n";
    assert_eq!(by_commonmark(text), BTreeSet::from([0]));
    assert_eq!(by_commonmark("### Phase 1: a\n<div>\n### Phase 2: b\n").len(), 1);
    assert_eq!(by_roadmap("### Phase 1: a\n<div>\n### Phase 2: b\n").len(), 2);
}
