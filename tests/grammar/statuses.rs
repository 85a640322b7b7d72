//! Statuses as people write them, judged as a careful person does: what is in doubt is not complete.

use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::phase::Status;

/// The state of a phase with this status.
fn state(value: &str) -> Status {
    let text = format!("### Phase 1: Name\n- **Status:** {value}\n");
    Roadmap::parse(text.into_bytes()).phases[0].status.state
}

/// Every value is read as this state.
fn all(expected: Status, values: &[&str]) {
    let wrong: Vec<_> = values.iter().filter(|value| state(value) != expected).collect();
    let read: Vec<_> = wrong.iter().map(|value| format!("{value}: {:?}", state(value))).collect();
    assert!(wrong.is_empty(), "not {expected:?}:\n{}", read.join("\n"));
}

#[test]
fn a_part_of_the_work_is_not_all_of_it() {
    all(
        Status::InProgress,
        &[
            "✅ Complete 3/5",
            "Complete 3 of 5 tasks",
            "Complete: 3 out of 5",
            "Done (3/5)",
            "Done [3/5]",
            "Done - 3 of 5",
            "Done, 3/5 tasks",
            "Complete 3 / 5",
            "✅ 3/5",
            "Complete (60%)",
            "Complete, 60 %",
            "60 percent complete",
            "99.5% complete",
            "Complete 12/29",
            "Mostly done",
            "Done (mostly)",
            "Complete (partially)",
            "Done, almost",
            "Partly complete",
            "Some tasks done",
            "Most of it done",
            "Backend done",
            "Design complete",
            "Docs done",
            "Only the first half finished",
            "Done-ish",
            "Semi-complete",
            "Far from complete",
            "Close to done",
            "No tasks done",
            "Complete (2025-01-02, pending review)",
        ],
    );
}

#[test]
fn a_condition_is_not_met_yet() {
    all(
        Status::InProgress,
        &[
            "Complete once reviewed",
            "Done when merged",
            "Complete after QA",
            "Complete if approved",
            "Complete pending review",
            "Complete, pending review",
            "Complete (pending review)",
            "Complete - pending review",
            "Complete — needs review",
            "Complete: awaiting QA",
            "Complete. Pending review",
            "Done, waiting for deploy",
            "Done (awaiting deploy)",
            "Done. Not merged yet.",
            "Done but untested",
            "Done, but untested",
            "Done (untested)",
            "Done and reviewed, not deployed",
            "Done except the docs",
            "Done apart from the docs",
            "Complete (in review)",
            "Complete unless CI fails",
            "Complete subject to approval",
            "Complete assuming 2.1 holds",
            "Complete until further notice",
            "Complete (blocked by vendor)",
            "Complete, still flaky",
            "Finished, reopened",
            "Done (reverted)",
            "Done with tests failing",
            "[x] pending review",
            "✅ once merged",
            "Complete\u{a0}once\u{a0}reviewed",
        ],
    );
}

#[test]
fn what_is_to_come_has_not_come() {
    all(
        Status::InProgress,
        &[
            "Completed by Friday",
            "Complete by tomorrow",
            "Complete by next week",
            "Done by end of March",
            "Done by the end of the week",
            "Done by March",
            "Done by EOD",
            "Done by Q3",
            "Done by 2030-01-02",
            "Done soon",
            "Done (soon)",
            "Done (next week)",
            "Done tomorrow",
            "Done next week",
            "Done this week",
            "Done in 2 days",
            "Done later",
            "Will be done",
            "Should be complete",
            "Expected complete 2030-01-02",
            "ETA for done: Friday",
            "Hopefully done",
            "Maybe done",
            "Probably complete",
            "Was complete",
            "Previously complete",
            "No longer complete",
            "Hasn't been completed",
            "Can't be completed",
            "Non-complete",
        ],
    );
}

#[test]
fn what_is_finished_is_complete() {
    all(
        Status::Complete,
        &[
            "Completed 2025-01-02",
            "Complete (2025-12-29)",
            "Completed (March 1, 2026)",
            "Completed March 1, 2026",
            "Completed on Friday",
            "Completed on 12/29",
            "Completed 1/2/2026",
            "Completed by Alice",
            "Completed by: X",
            "Completed by the team",
            "Completed by: May",
            "Complete by a-2.1 on 2026-01-02",
            "Completed in 3 days",
            "5/5 done",
            "Done 5/5",
            "Done (5/5)",
            "Done, 5 of 5 tasks",
            "Complete (100%)",
            "100.0% complete",
            "Complete (coverage 95%)",
            "✅ Complete. All scope items implemented, docs deferred.",
            "✅ Complete. After this the next phase can start.",
            "All tasks done",
            "All done!",
            "Done ✅",
            "**Done**",
            "`complete`",
            "Complete (see https://example.org/?page=1)",
            "✅ Complete - merged in #12",
            "Done (was blocked by the vendor)",
            "Fully complete",
            "Successfully completed",
            "✅",
            "[x]",
        ],
    );
}

#[test]
fn what_is_asked_is_unknown() {
    all(
        Status::Unknown,
        &[
            "Done?",
            "Done yet?",
            "Done (?)",
            "Is it done?",
            "Complete, I think?",
            "✅?",
            "Done / Not Started",
            "Undone",
            "Completing",
            "🟡 Complete",
        ],
    );
}

#[test]
fn what_waits_is_not_ready() {
    all(
        Status::Blocked,
        &[
            "⚪ Not Started (blocked by the vendor)",
            "Not started - waiting for legal",
            "Not started, awaiting approval",
            "Not started (pending design)",
            "Ready (once approved)",
            "Ready, until frozen",
            "Todo — stuck on keys",
            "Planned (pending budget)",
        ],
    );
    all(Status::Unknown, &["Ready once approved", "Ready after review", "Ready for review"]);
    all(
        Status::NotStarted,
        &[
            "⚪ Not Started",
            "🟢 Ready",
            "Ready to start",
            "Not started (small)",
            "Not blocked",
            "Pending",
            "Todo - see the plan",
            "~~Complete~~ Not Started",
        ],
    );
}

#[test]
fn what_something_else_has_finished_does_not_finish_the_phase() {
    all(
        Status::NotStarted,
        &[
            "Ready to begin",
            "Ready to begin - All dependencies from Stage 2 complete",
            "Ready to begin (Phase 9 complete)",
            "⚪ Ready to begin - Prerequisites done",
            "Ready - Phase 9 complete",
        ],
    );
    all(
        Status::Unknown,
        &[
            "Draft - all dependencies complete",
            "Next up (Phase 5 complete)",
            "DEPENDENCIES SATISFIED - Phase 9 done",
            "All dependencies complete",
            "✅ All dependencies complete",
            "✅ Dependencies met",
            "Prerequisites: done",
            "Batch 2 - complete",
            "Phase 9 complete",
            "✅ Phase 9 complete",
            "✅ Stage B complete",
            "WP-7 done",
            "2.1 finished",
            "Draft - 2.1 and 2.2 finished",
        ],
    );
    all(Status::InProgress, &["Phase 9 complete, this one in progress", "Once Phase 9 is done"]);
    all(Status::Blocked, &["Phase 9 complete, blocked by legal"]);
    all(
        Status::Complete,
        &[
            "Phase 1 complete",
            "✅ Phase 1 Complete",
            "✅ Complete - all dependencies complete",
            "Complete (Phase 9 complete as well)",
            "Complete, Phase 9 is next",
            "Phase complete",
            "Milestone done",
            "2.1.2026 done",
            "Dependencies were met. Done",
        ],
    );
}
