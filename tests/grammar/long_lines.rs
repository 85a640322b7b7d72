//! Lines of many kilobytes: each is read once, whatever it is made of. Where a line were read again from each of
//! its words, these would take minutes; a stack as deep as a line is long would end the program.

use std::collections::BTreeSet;

use orch_tui::domain::gardener::RoadmapGardener;
use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::phase::Status;

/// Bytes of what is repeated.
const MUCH: usize = 60_000;

/// A blocked phase with a line around much of the same.
fn gardened(before: &str, again: &str, after: &str) {
    let much = again.repeat((MUCH / again.len()).max(1));
    let line = format!("{before}{much}{after}\n");
    let text = format!("### Phase 1: A\n- **Status:** Blocked\n- **Depends On:** 2\n{line}");
    let roadmap = Roadmap::parse(text.into_bytes());
    let garden = RoadmapGardener.garden(&roadmap, None, &BTreeSet::new());
    assert!(garden.unblocked.is_empty(), "{before}{again}");
}

#[test]
fn values_of_many_words() {
    for again in ["on ", "needs ", "depends on ", "1.1 ", "1.1, ", "(", "a - ", "and ", "✅ "] {
        gardened("- **Status:** Blocked (", again, ")");
        gardened("- **Blocker:** ", again, "");
        gardened("- **Blocked by:** ", again, "");
        gardened("> needs ", again, "");
    }
    for again in ["depend ", "approval ", "blocked ", "before start "] {
        gardened("> needs ", again, "");
        gardened("- ", again, ": x");
        gardened("- **Needs ", again, ":** x");
    }
}

#[test]
fn a_reason_of_leading_words_needs_no_stack() {
    let much = "on ".repeat(200_000);
    gardened("- **Status:** Blocked (", &much, ")");
}

#[test]
fn lines_of_many_marks() {
    for again in
        ["|", "| **", "blocked | ", "*", "_", "**a:** ", "`", "`` ", "· ", "· d", "; blocked by: "]
    {
        gardened("- **Status:** Blocked ", again, "");
        gardened("- **Notes:** ", again, "");
        gardened("- **Depends On:** 1.2: ", again, "");
        gardened("", again, "");
        gardened("### Phase 1.1: ", again, "");
    }
}

#[test]
fn many_lines_of_one_field() {
    for again in
        ["- **Status:** Blocked\n", "- **Depends On:** 2\n", "- Notes: a\n", "- a: b | c: d\n"]
    {
        gardened("", again, "");
    }
}

#[test]
fn code_is_no_field() {
    for quoted in ["`a | Status: ✅ Complete`", "``a`b | **Status:** ✅ Complete``"] {
        let text = format!(
            "### Phase 1: A\n- **Done When:** output is {quoted}\n- **Status:** ⚪ Not Started\n"
        );
        let roadmap = Roadmap::parse(text.into_bytes());
        assert_eq!(roadmap.phases[0].status.state, Status::NotStarted, "{quoted}");
        assert!(roadmap.findings.is_empty(), "{:?}", roadmap.findings);
    }
    let text =
        "### Phase 1: A\n- **Notes:** `a | b` | **Status:** ✅ Complete | **Effort:** S | c\n";
    let roadmap = Roadmap::parse(text.as_bytes());
    assert_eq!(roadmap.phases[0].status.state, Status::Complete);
    let effort = roadmap.phases[0].field("Effort").expect("a third field");
    assert_eq!(roadmap.phases[0].value(effort), "S | c");
}
