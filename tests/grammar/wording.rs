//! The many ways to write the same thing.

use super::dice::Dice;

/// State of a made phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Finished.
    Complete,
    /// Under way.
    Progress,
    /// Not begun.
    Open,
    /// Waits for its dependencies.
    Blocked,
    /// Waits for a person, who says why.
    Judged,
    /// Put off.
    Deferred,
    /// Words and mark contradict each other, or say nothing.
    Unclear,
    /// No Status field at all.
    Untold,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As orch-tui documents it.
    Tidy,
    /// In any way that is read.
    Messy,
}

/// A status value.
pub fn status(state: State, manner: Manner, dice: &mut Dice) -> String {
    let ways: &[&str] = match state {
        State::Complete => &[
            "✅ Complete",
            "Done",
            "Complete ✅ (2026-01-02)",
            "DELIVERED",
            ":white_check_mark: Done",
            "[x]",
            "🟢 Complete",
            "**Complete**",
            "✅\u{fe0f} complete",
            "✅ Complete | 2026-01-02",
            "100% complete",
            "✅",
        ],
        State::Progress => &[
            "🔄 In Progress",
            "WIP",
            "60% complete",
            "🟡 Code complete - pending validation",
            "in progress",
            "Not complete yet",
            "⚙️ Active",
            "3/5 tasks complete",
            "Started",
            "🔄",
        ],
        State::Open => &[
            "⚪ Not Started",
            "not started",
            "🟢 Ready",
            "TODO",
            "Planned",
            ":white_circle: Not Started",
            "[ ]",
            "NOT STARTED",
            "⚪ Not started - waits for nobody",
            "Pending",
            "⚪",
        ],
        State::Blocked => &[
            "🔴 Blocked",
            "BLOCKED",
            "blocked",
            ":red_circle: Blocked",
            "🔴\u{a0}Blocked",
            "**Blocked**",
            "🔴",
            "🚫 Blocked",
        ],
        State::Judged => &[
            "🔴 Blocked (legal review)",
            "Blocked - the vendor is late",
            "🔴 Blocked by the vendor",
            "BLOCKED (needs a decision, soon)",
        ],
        State::Deferred => {
            &["⏸ Deferred", "On hold", "Postponed", "❌ Deferred Indefinitely", "Cancelled"]
        }
        State::Unclear => &[
            "🟡 Complete",
            "soon",
            "⚪ Not Started | 🔄 In Progress | ✅ Complete",
            "🔴 Done",
            "Done?",
        ],
        State::Untold => &[""],
    };
    match manner {
        Manner::Tidy => ways[0].to_owned(),
        Manner::Messy => dice.pick(ways).to_owned(),
    }
}

/// A field line without its ending.
pub fn field(key: &str, value: &str, manner: Manner, dice: &mut Dice) -> String {
    let gap = if value.is_empty() { "" } else { " " };
    if manner == Manner::Tidy {
        return format!("- **{key}:**{gap}{value}");
    }
    let key = match dice.below(4) {
        0 => key.to_lowercase(),
        1 => key.to_uppercase(),
        _ => key.to_owned(),
    };
    match dice.below(8) {
        0 => format!("* **{key}:**{gap}{value}"),
        1 => format!("+ **{key}**:{gap}{value}"),
        2 => format!("**{key}:**{gap}{value}"),
        3 => format!("__{key}:__{gap}{value}  "),
        4 => format!("- {key}:{gap}{value}"),
        5 => format!("-\t**{key}:**\u{a0}{value}"),
        6 => format!("- **{key}** :{gap}{value}"),
        _ => format!("- **{key}:**{gap}{value}"),
    }
}

/// A phase heading.
pub fn heading(id: &str, name: &str, manner: Manner, dice: &mut Dice) -> String {
    if manner == Manner::Tidy {
        return format!("### Phase {id}: {name}");
    }
    let keyword = dice.pick(&[
        "Phase",
        "PHASE",
        "phase",
        "Work Stream",
        "Workstream",
        "Stage",
        "Milestone",
        "Sub-phase",
    ]);
    let hashes = dice.pick(&["###", "###", "####", "##"]);
    match dice.below(8) {
        0 => format!("{hashes} {keyword} {id} — {name}"),
        1 => format!("{hashes} **{keyword} {id}: {name}**"),
        2 => format!("{hashes} ✅ {keyword} {id} - {name}"),
        3 => format!("{hashes} {keyword} {id}) {name} {hashes}"),
        4 => format!("{hashes} {keyword} {id} (weeks 1-2): {name}"),
        5 => format!("{hashes} {keyword} {id}. {name} ⭐ HIGH PRIORITY"),
        6 => format!("{hashes}  {keyword}\u{a0}{id} – {name} ✅"),
        _ => format!("{hashes} {keyword} {id}: {name}"),
    }
}

/// Text between phases that says nothing about them.
pub fn distraction(id: &str, dice: &mut Dice) -> String {
    let copy =
        format!("### Phase {id}: copy\n- **Status:** ✅ Complete\n- **Depends On:** Phase 77.7\n");
    match dice.below(7) {
        0 => format!("```markdown\n{copy}```\n"),
        1 => format!("~~~~\n{copy}```\n~~~~\n"),
        2 => format!("<!--\n{copy}-->\n"),
        3 => "## Backlog\n\n- [ ] paint\n- [x] **Status:** ✅ Complete\n- **Status:** ✅ Complete\n".to_owned(),
        4 => "## Risks\n\nPhase 1.1 was complete in v2.0, says Python 3.11.\n\n| Phase | Status |\n|---|---|\n| 1.1 | ✅ Complete |\n"
            .to_owned(),
        5 => format!("> {}\n", copy.trim_end().replace('\n', "\n> ")),
        _ => "## Phases 1-9: an overview\n\n1. Phase 1.1 is ✅ Complete\n".to_owned(),
    }
}
