//! Others edit the roadmap all the time, in the ways editors save, while the full screen works on it: no edit is lost on
//! either side, the screen shows what stands in the file, and orch-tui writes no more than it has to say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;
#[path = "edit_storm/writers.rs"]
mod writers;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecursiveMode, Watcher};
use support::crew::{Crew, pass, wait_until};
use support::home::Home;
use support::key::Key;
use support::pty::{Launch, Session};
use support::repository::Repository;
use writers::{Writers, with_status};

const COMPLETE: &str = "✅ Complete";
const NOT_STARTED: &str = "⚪ Not Started";
const BLOCKED: &str = "🔴 Blocked";
/// Phases each of the two writers flips.
const EACH: usize = 5;
/// Phases that wait for one of a writer's: orch-tui unblocks them.
const WAITING: usize = 4;
/// Phases agents work on.
const WORKED_ON: usize = 4;

fn edits() -> usize {
    std::env::var("ORCH_TUI_STORM_EDITS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

fn phase(id: &str, status: &str, depends_on: &str) -> String {
    format!(
        "### Phase {id}: Part {id}\n\n- **Status:** {status}\n- **Assigned To:** TBD\n\
         - **Depends On:** {depends_on}\n- **Done When:** {id} is done\n\n"
    )
}

/// Batch 1 is worked on, 2 and 3 belong to the writers, 4 waits for them. The last of each batch keeps it unfolded.
fn roadmap() -> String {
    let mut text = "# Roadmap\n\nrename: -\n\nSome text.\n\ntruncate: -\n\n".to_owned();
    for (batch, count) in [(1, WORKED_ON), (2, EACH), (3, EACH)] {
        write!(text, "## Batch {batch}\n\n").unwrap();
        for number in 1..=count {
            text += &phase(&format!("{batch}.{number}"), NOT_STARTED, "None");
        }
        text += &phase(&format!("{batch}.9"), BLOCKED, "None");
    }
    text += "## Batch 4\n\n";
    for number in 1..=WAITING {
        text += &phase(&format!("4.{number}"), BLOCKED, &format!("Phase 2.{number}"));
    }
    text + &phase("4.9", BLOCKED, "None") + "## Remarks\n"
}

fn status_of<'a>(text: &'a str, id: &str) -> &'a str {
    let phase = text.find(&format!("### Phase {id}:")).unwrap();
    let at = phase + text[phase..].find("**Status:** ").unwrap() + "**Status:** ".len();
    text[at..].lines().next().unwrap()
}

/// Counts the temporary files orch-tui makes beside the roadmap: one for each try to write it.
fn count_tries(folder: PathBuf) -> (impl Watcher, Arc<AtomicUsize>) {
    let tries = Arc::new(AtomicUsize::new(0));
    let seen = tries.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let Ok(Event { kind: EventKind::Create(_), paths, .. }) = event else { return };
        let ours = paths.iter().any(|path| path.to_string_lossy().ends_with(".new.orch-tui"));
        seen.fetch_add(usize::from(ours), Ordering::Relaxed);
    })
    .unwrap();
    watcher.watch(&folder, RecursiveMode::NonRecursive).unwrap();
    (watcher, tries)
}

/// `orch-tui`'s own edits of the roadmap, as its journal tells: what for, and how many.
fn own_edits(home: &Home) -> BTreeMap<String, usize> {
    let state = fs::read_dir(home.join(".local/state/orch-tui")).unwrap().next().unwrap().unwrap();
    let journal = fs::read_to_string(state.path().join("journal.jsonl")).unwrap();
    let mut edits = BTreeMap::new();
    for line in journal.lines().filter(|line| line.contains("\"roadmap_edited\"")) {
        let why = line.split("\"why\":\"").nth(1).unwrap().split('"').next().unwrap();
        *edits.entry(why.to_owned()).or_default() += 1;
    }
    edits
}

/// Types the goal and approves its plan.
fn approve(app: &Session, goal: &str) {
    app.wait_for_text("type a goal");
    app.type_text("n");
    app.wait_for_text("GOAL");
    app.type_text(goal);
    app.press(&Key::Enter);
    app.wait_for_text("y start");
    // One that comes close behind other keys is ignored.
    while app.screen().contains("y start") {
        app.type_text("y");
        pass(Duration::from_millis(500));
    }
}

fn stamp(path: &std::path::Path) -> (u64, i64, i64) {
    let about = fs::metadata(path).unwrap();
    (about.ino(), about.mtime(), about.mtime_nsec())
}

/// `ORCH_TUI_STORM_EDITS` makes it longer.
#[test]
fn a_storm_of_edits_loses_nothing_and_is_shown() {
    let edits = edits();
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "storm", &roadmap());
    let crew = Crew::hire(&home, &repository, 2);
    let path = repository.join("roadmap.md");
    let seed = u64::from(std::process::id());
    let mut writers = Writers::new(path.clone(), seed);
    let (_watcher, tries) = count_tries(repository.path().into());
    let app = Launch::orch_tui(&home)
        .folder(repository.path())
        .size(140, 60)
        .deadline(Duration::from_secs(60))
        .start();
    approve(&app, "batch 1");
    let state = || format!("seed {seed}\n{}\n{}", repository.roadmap(), app.screen());
    wait_until(|| crew.log().started.len() == 2, "two agents", state);
    let (mut made, mut times) = (0, Vec::new());
    while made < edits {
        // Mostly one at a time, sometimes a burst.
        let burst = if writers.dice.below(5) == 0 { 2 + writers.dice.below(6) as usize } else { 1 };
        for _edit in 0..burst.min(edits - made) {
            writers.edit();
            made += 1;
            if let Some(number) = (1..=WORKED_ON).find(|number| made == edits * number / 5) {
                crew.let_go(&format!("1.{number}"));
            }
            pass(Duration::from_millis(writers.dice.below(12)));
        }
        let saved = Instant::now();
        let what = format!("the screen to show edit {made}: {:?} (seed {seed})", writers.given);
        app.wait_for(|screen| writers.are_shown(screen), &what);
        if burst == 1 {
            times.push(saved.elapsed());
        }
    }
    crew.let_all_go();
    let complete = || {
        let text = repository.roadmap();
        (1..=WORKED_ON).all(|number| status_of(&text, &format!("1.{number}")).starts_with(COMPLETE))
    };
    wait_until(complete, "our own phases to be complete", state);
    app.wait_for(|screen| writers.are_shown(screen), "the screen to show the end");
    check_quiet(&path, &repository);
    let own = own_edits(&home);
    let tries = tries.load(Ordering::Relaxed);
    check(&repository, &writers);
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    writeln!(
        std::io::stderr(),
        "edit-storm edits={edits} lost=0 repeated=0 own_edits={own:?} blocked_anew={} tries={tries} shown p50={:?} p99={:?}",
        writers.blocked,
        at(50),
        at(99),
    )
    .unwrap();
    let (garden, claims) = (own.get("garden").copied().unwrap_or(0), WORKED_ON);
    assert!(garden <= writers.blocked, "{own:?}, blocked {} times", writers.blocked);
    // Each mark once, and once more for each time a writer that had read the file before took it out again.
    let marks = own["claim"] + own["complete"];
    assert!(own["claim"] >= claims && own["complete"] >= claims && own.len() == 3, "{own:?}");
    assert!(marks <= 2 * claims + edits / 4, "{own:?}");
    // Beside its own edits it writes when it has to put in again what others were about to lose.
    let most = garden + 2 * claims + 2 * edits;
    assert!(tries <= most, "{tries} tries to write, at most {most} make sense");
    app.wait_for_text("0/2 slots");
    app.type_text("q");
    app.wait_for_exit();
}

/// Somebody opens the file, is held up while orch-tui replaces it, and writes when nobody looks there any more.
#[test]
fn what_is_written_long_after_the_file_was_replaced_is_kept_and_shown() {
    let home = Home::new();
    let repository = Repository::with_roadmap(&home, "storm", &roadmap());
    let path = repository.join("roadmap.md");
    let app = Launch::orch_tui(&home).folder(repository.path()).size(140, 60).start();
    app.wait_for_text("type a goal");
    let mut held_up = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let old = repository.roadmap();
    let freed = with_status(&old, "2.1", COMPLETE);
    fs::write(&path, &freed).unwrap();
    app.wait_for(|screen| screen.contains(" ◦ 4.1 "), "4.1 to be unblocked");
    // No event is on its way any more.
    check_quiet(&path, &repository);
    let late = with_status(&freed, "3.1", COMPLETE) + "- late\n";
    held_up.set_len(0).unwrap();
    held_up.write_all(late.as_bytes()).unwrap();
    app.wait_for(|screen| screen.contains(" ✓ 3.1 "), "the late edit to be shown");
    let text = repository.roadmap();
    assert_eq!(text, with_status(&late, "4.1", NOT_STARTED), "both edits, and nothing else");
    app.type_text("q");
    app.wait_for_exit();
}

/// Nobody has anything to say any more: the file stays as it is.
fn check_quiet(path: &std::path::Path, repository: &Repository) {
    let quiet = Duration::from_millis(1_500);
    let (mut before, mut since) = (stamp(path), Instant::now());
    let deadline = Instant::now() + 3 * support::DEADLINE;
    while since.elapsed() < quiet {
        assert!(Instant::now() < deadline, "orch-tui goes on writing\n{}", repository.roadmap());
        pass(Duration::from_millis(50));
        if stamp(path) != before {
            (before, since) = (stamp(path), Instant::now());
        }
    }
}

/// Every edit of the writers is in the file exactly once, and so is every change of orch-tui's.
fn check(repository: &Repository, writers: &Writers) {
    let text = repository.roadmap();
    for remark in &writers.remarks {
        let count = text.lines().filter(|line| line == remark).count();
        assert_eq!(count, 1, "{remark}\n{text}");
    }
    for (word, count) in &writers.counts {
        let last = if *count == 0 { "-".into() } else { count.to_string() };
        assert!(text.contains(&format!("\n{word}: {last}\n")), "{word} {count}\n{text}");
    }
    for (id, status) in &writers.given {
        assert_eq!(status_of(&text, id), *status, "{id}\n{text}");
    }
    for number in 1..=WAITING {
        let free = writers.given[&format!("2.{number}")] == COMPLETE;
        let status = status_of(&text, &format!("4.{number}"));
        assert!(!free || status == NOT_STARTED, "4.{number} is {status}\n{text}");
    }
    let assigned =
        (1..=WORKED_ON).all(|number| text.contains(&format!("**Assigned To:** a-1.{number}\n")));
    assert!(assigned, "{text}");
    let lines = roadmap().lines().count() + writers.remarks.len() + WORKED_ON;
    assert_eq!(text.lines().count(), lines, "a completion date each, a remark each\n{text}");
    let names = fs::read_dir(repository.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with(".orch-tui")).collect();
    assert!(left.is_empty(), "{left:?}");
}
