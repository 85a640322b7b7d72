//! Names of phases as headings give them: plain text, whole, and without a state.

use orch_tui::domain::roadmap::Roadmap;

#[test]
fn names_are_plain_and_whole() {
    let names = [
        ("A `code` and *em*", "A code and em"),
        ("`css()` style ✅ Complete", "css() style"),
        ("`css()` compile-time…", "css() compile-time…"),
        ("`css()`", "css()"),
        ("*em*", "em"),
        ("**Core**", "Core"),
        ("**Core** and *more*", "Core and more"),
        ("***Core***", "Core"),
        ("~~Old~~ New", "Old New"),
        ("~~Old~~", "Old"),
        ("_Core_", "Core"),
        ("snake_case_name", "snake_case_name"),
        ("`__init__`", "__init__"),
        ("``a ` b``", "a ` b"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("glob *.rs", "glob *.rs"),
        ("Party 🎉", "Party 🎉"),
        ("Family 👩‍👩‍👧", "Family 👩‍👩‍👧"),
        ("🎉 Party", "🎉 Party"),
        ("🎉", "🎉"),
        ("“Quoted”", "“Quoted”"),
        ("Costs in €", "Costs in €"),
        ("Walls ✅", "Walls"),
        ("Walls ✔️", "Walls"),
        ("Walls 🚧 ✅", "Walls"),
        ("✅ Walls", "Walls"),
        ("🔴 Walls", "Walls"),
        ("Walls — COMPLETE", "Walls"),
        ("Walls - DONE", "Walls"),
        ("Walls – In Progress", "Walls"),
        ("Walls (Complete)", "Walls"),
        ("Walls (✅ Complete)", "Walls"),
        ("Walls ✅ (Complete)", "Walls"),
        ("Walls [DONE]", "Walls"),
        ("Walls **[DONE]**", "Walls"),
        ("Walls — **COMPLETE**", "Walls"),
        ("Walls 🔴 Blocked", "Walls"),
        ("Walls ✅ Complete", "Walls"),
        ("Walls — ✅ Complete", "Walls"),
        ("Walls (not complete)", "Walls"),
        ("Walls (2 weeks)", "Walls (2 weeks)"),
        ("Walls (complete rewrite)", "Walls (complete rewrite)"),
        ("Walls (Dependencies complete)", "Walls (Dependencies complete)"),
        ("Order - complete checkout", "Order - complete checkout"),
        ("Vite plugin complete", "Vite plugin complete"),
        ("Done", "Done"),
        ("Complete", "Complete"),
        ("(Complete)", "(Complete)"),
        ("A ✅ button", "A ✅ button"),
        ("Core ⭐ BOOTSTRAP", "Core"),
        ("`core` ⭐ BOOTSTRAP", "core"),
        ("Core (a [b])", "Core (a [b])"),
        ("Über 完了", "Über 完了"),
        ("Core `", "Core"),
        ("Core **", "Core"),
    ];
    let read = |name: &str| {
        let text = format!("### Phase 1: {name}\n- **Status:** Done\n");
        Roadmap::parse(text.into_bytes()).phases[0].name.to_string()
    };
    let wrong = names.iter().filter(|(name, plain)| read(name) != *plain);
    let wrong: Vec<_> = wrong.map(|(name, _)| format!("{name} → {}", read(name))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn marks_around_a_heading_are_no_name() {
    for heading in [
        "## **Phase 1: Core**",
        "## **Phase 1:** Core",
        "## ~~Phase 1: Core~~",
        "## *Phase 1* — Core",
        "## `Phase 1`: Core",
        "## Phase 1 ✅ — Core",
        "## Phase 1 ✅: Core",
        "## Phase 1 ✅ Core",
        "## ✅ Phase 1: Core ✅",
        "## **Phase 1: Core [DONE]**",
        "## **Phase 1: Core** ✅",
        "## Phase 1 [DONE] - Core",
        "## Phase 1 -- Core --",
        "## Phase 1: Core ##",
    ] {
        let roadmap = Roadmap::parse(heading.as_bytes());
        let name = roadmap.phases[0].name.as_str();
        assert_eq!(name.trim_end_matches(" --"), "Core", "{heading}");
    }
}
