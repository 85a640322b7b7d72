//! What was done for phases that are complete or were worked on, as git and the devlog tell it: data, in bounded lines.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::domain::effect::{Before, Brief, BuiltOn, Made};
use crate::domain::id::PhaseId;
use crate::domain::printable::Printable;
use crate::runner::git::Git;
use crate::runner::plain_file;

/// So many commits are told of one phase.
const COMMITS: usize = 12;
/// So many changed files are told of one phase.
const FILES: usize = 30;
/// So many of the last lines of an entry in the devlog are told.
const LINES: usize = 12;
/// More of a line is cut.
const WIDTH: usize = 200;
/// More of what git says is not read.
const MOST: usize = 256 * 1024;
/// More of a devlog is not read.
const DEVLOG: u64 = 8 * 1024 * 1024;

/// In place of commits and files that are told of what a phase builds on.
const TOLD: &str = "its commits and files stand above, under what this phase builds on";

/// What git says of some work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    head: Vec<String>,
    files: Vec<String>,
}

/// Looks things up, each once.
#[derive(Debug)]
pub struct DoneWork {
    git: Git,
    devlog: String,
    known: HashMap<Made, Told>,
}

impl DoneWork {
    /// Looks things up in the repository a folder is in, and in a devlog.
    pub fn new(folder: &Path, devlog: &Path) -> Self {
        Self { git: Git::new(folder), devlog: beginning(devlog), known: HashMap::new() }
    }

    /// A text for every phase a phase builds on, if anything is known of it besides its name.
    pub async fn built_on(&mut self, brief: &Brief) -> Vec<String> {
        let mut texts = Vec::new();
        for one in &brief.built_on {
            texts.extend(self.result(one).await);
        }
        texts
    }

    /// A text for every phase an identity worked on before. What the phase builds on is told there.
    pub async fn before(&mut self, brief: &Brief) -> Vec<String> {
        let mut texts = Vec::new();
        for one in &brief.before {
            let told = brief.built_on.iter().find(|other| other.made == one.made);
            texts.extend(self.record(one, told).await);
        }
        texts
    }

    async fn result(&mut self, one: &BuiltOn) -> Option<String> {
        let mut lines = vec![format!("{} {}", one.phase, one.name)];
        lines.extend(self.made(&one.made).await);
        let entry = entry(&self.devlog, &one.phase);
        if !entry.is_empty() {
            lines.push("the end of its entry in the devlog:".to_owned());
            lines.extend(entry.into_iter().map(|line| format!("  {line}")));
        }
        (lines.len() > 1).then(|| text(lines))
    }

    async fn record(&mut self, one: &Before, told: Option<&BuiltOn>) -> Option<String> {
        let mut lines = vec![format!("{} {}: {}", one.phase, one.name, one.outcome)];
        let made = self.made(&one.made).await;
        match told.filter(|_| !made.is_empty()) {
            Some(_) => lines.push(TOLD.to_owned()),
            None => lines.extend(made),
        }
        for finding in &one.findings {
            lines.push(finding.line.clone());
            lines.extend(finding.said.iter().map(|line| format!("  {line}")));
        }
        let known = lines.len() > 1 || !one.outcome.is_empty();
        known.then(|| text(lines))
    }

    /// Commits and files, as lines.
    async fn made(&mut self, made: &Made) -> Vec<String> {
        if !self.known.contains_key(made) {
            let told = self.ask(made).await.unwrap_or_default();
            self.known.insert(made.clone(), told);
        }
        let Some(told) = self.known.get(made) else { return Vec::new() };
        let mut lines = told.head.clone();
        if !told.files.is_empty() {
            lines.push("files changed:".to_owned());
            lines.extend(bounded(&told.files, FILES));
        }
        lines
    }

    async fn ask(&self, made: &Made) -> Option<Told> {
        let format = "--format=%h %s";
        let most = format!("-{}", COMMITS + 1);
        match made {
            Made::Merge(merge) => {
                // A commit that is gone, or is no merge, tells nothing.
                let merged = self.lines(&["log", "-1", "--no-show-signature", format, merge]).await;
                let own = format!("{merge}^1..{merge}^2");
                let own = ["log", &most, "--no-show-signature", "--no-merges", format, &own];
                let commits = self.lines(&own).await.unwrap_or_default();
                let (from, to) = (format!("{merge}^1"), merge.as_str());
                let diff =
                    ["diff", "--no-ext-diff", "--no-renames", "--name-only", &from, to, "--"];
                let head = merged?.into_iter().map(|line| format!("merged as {line}"));
                Some(Told {
                    head: head.chain(bounded(&commits, COMMITS)).collect(),
                    files: self.lines(&diff).await.unwrap_or_default(),
                })
            }
            Made::Between(from, until) => {
                // The times of commits are cut to their second as well, and git takes both ends in.
                let since = format!("--since=@{}", from.0 / 1000);
                let until = format!("--until=@{}", until.0 / 1000);
                let log = ["log", &most, "--no-show-signature", "--no-merges", &since, &until];
                let commits = self.lines(&[&log[..], &[format]].concat()).await?;
                let names = ["--no-ext-diff", "--no-renames", "--name-only", "--format="];
                let files = self.lines(&[&log[..], &names].concat()).await.unwrap_or_default();
                let files: BTreeSet<String> = files.into_iter().collect();
                let head = (!commits.is_empty()).then(|| {
                    "commits made while it worked (others may have shared the checkout):".to_owned()
                });
                Some(Told {
                    head: head.into_iter().chain(bounded(&commits, COMMITS)).collect(),
                    files: files.into_iter().collect(),
                })
            }
            Made::Unknown => None,
        }
    }

    async fn lines(&self, args: &[&str]) -> Option<Vec<String>> {
        let (said, _) = self.git.beginning(args, MOST).await.ok()?;
        let said = String::from_utf8_lossy(&said);
        Some(said.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }
}

/// The first lines, indented, and how many more there are; one more than are told means that nobody counted them.
fn bounded(lines: &[String], most: usize) -> Vec<String> {
    let mut told: Vec<String> = lines.iter().take(most).map(|line| format!("  {line}")).collect();
    match lines.len().saturating_sub(most) {
        0 => {}
        more if most == COMMITS => told.push(format!("  and {more} or more others")),
        more => told.push(format!("  and {more} more")),
    }
    told
}

/// One text without what steers a terminal.
fn text(lines: Vec<String>) -> String {
    let clip = |line: String| {
        let line: String = line.chars().take(WIDTH).collect();
        Printable::new(line.trim_end()).to_string()
    };
    lines.into_iter().map(clip).collect::<Vec<_>>().join("\n")
}

/// The beginning of a file; nothing where there is none.
fn beginning(path: &Path) -> String {
    let bytes = plain_file::read(path, DEVLOG).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The end of the last entry of a devlog whose heading names a phase.
fn entry(devlog: &str, phase: &PhaseId) -> Vec<String> {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let mut found: Option<(usize, Vec<&str>)> = None;
    let mut open = false;
    for line in devlog.lines() {
        let depth = level(line);
        if depth > 0 && names(line, phase) {
            (found, open) = (Some((depth, Vec::new())), true);
        } else if let Some((of, lines)) = &mut found {
            open = open && !(1..=*of).contains(&depth);
            if open && !line.trim().is_empty() {
                lines.push(line);
            }
        }
    }
    let lines = found.map(|(_, lines)| lines).unwrap_or_default();
    let from = lines.len().saturating_sub(LINES);
    lines[from..].iter().map(|line| (*line).to_owned()).collect()
}

/// Whether a heading names a phase: its id, and not as a part of another.
fn names(heading: &str, phase: &PhaseId) -> bool {
    let id = phase.as_str();
    heading.match_indices(id).any(|(at, _)| {
        let joined = |c: char| c.is_alphanumeric();
        let (before, after) = (&heading[..at], &heading[at + id.len()..]);
        let mut after = after.chars();
        let ends = match (after.next(), after.next()) {
            (Some('.' | '-'), Some(next)) => !joined(next),
            (Some(next), _) => !joined(next),
            (None, _) => true,
        };
        let mut before = before.chars().rev();
        let begins = match (before.next(), before.next()) {
            (Some('.' | '-'), Some(next)) => !joined(next),
            (Some(next), _) => !joined(next),
            (None, _) => true,
        };
        begins && ends
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::domain::time::Timestamp;

    fn git(folder: &Path, args: &[&str]) -> String {
        let own = ["-c", "user.name=n", "-c", "user.email=e@e", "-c", "init.defaultBranch=main"];
        let output = Command::new("git").args(own).args(args).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(folder: &Path, file: &str, message: &str) {
        std::fs::write(folder.join(file), message).unwrap();
        git(folder, &["add", "."]);
        git(folder, &["commit", "-qm", message]);
    }

    #[tokio::test]
    async fn a_merge_tells_its_own_commits_and_files_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        git(at, &["init", "-q"]);
        commit(at, "first", "Begin");
        git(at, &["checkout", "-qb", "side"]);
        for n in 0..40 {
            std::fs::write(at.join(format!("file-{n:02}")), "x").unwrap();
        }
        commit(at, "store.rs", "Store: keep things");
        git(at, &["checkout", "-q", "main"]);
        commit(at, "other.rs", "Meanwhile");
        git(at, &["merge", "-q", "--no-ff", "-m", "Phase 1.1: Store", "side"]);
        let merge = git(at, &["rev-parse", "HEAD"]);
        std::fs::write(
            at.join("devlog.md"),
            "# Log\n\n## Phase 1.10\nno\n## Phase 1.1: Store\n\nkept \u{1b}[31mthings\n### How\nwell\n## Later\nno\n",
        )
        .unwrap();
        let mut work = DoneWork::new(at, &at.join("devlog.md"));
        let one = |made| BuiltOn { phase: PhaseId::new("1.1"), name: "Store".into(), made };
        let brief = Brief { built_on: vec![one(Made::Merge(merge.clone()))], ..Brief::default() };
        let told = work.built_on(&brief).await.join("");
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "1.1 Store");
        assert_eq!(lines[1], format!("merged as {} Phase 1.1: Store", &merge[..7]));
        assert!(lines[2].ends_with(" Store: keep things"), "{told}");
        assert_eq!(lines[3..6], ["files changed:", "  file-00", "  file-01"]);
        assert!(told.contains("\n  and 11 more\n"), "{told}");
        assert!(!told.contains("Meanwhile") && !told.contains("other.rs"), "{told}");
        let devlog =
            "the end of its entry in the devlog:\n  kept \u{241b}[31mthings\n  ### How\n  well";
        assert!(told.ends_with(devlog), "{told}");
        for gone in [Made::Merge("0".repeat(40)), Made::Unknown] {
            let brief = Brief { built_on: vec![one(gone)], ..Brief::default() };
            let mut work = DoneWork::new(at, Path::new("/nowhere"));
            assert_eq!(work.built_on(&brief).await, [""; 0], "a name alone tells nothing");
            let mut work = DoneWork::new(at, &at.join("devlog.md"));
            assert!(work.built_on(&brief).await[0].starts_with("1.1 Store\nthe end of its entry"));
        }
        let before = |made: Made, outcome: &str| Before {
            phase: PhaseId::new("1.1"),
            name: "Store".into(),
            outcome: outcome.into(),
            made,
            findings: Vec::new(),
        };
        let mut told = async |before: Vec<Before>| {
            let built_on = vec![one(Made::Merge(merge.clone())), one(Made::Unknown)];
            work.before(&Brief { built_on, before, ..Brief::default() }).await
        };
        let same = before(Made::Merge(merge.clone()), "succeeded");
        assert_eq!(told(vec![same]).await, [format!("1.1 Store: succeeded\n{TOLD}")]);
        let unknown = vec![before(Made::Unknown, "killed"), before(Made::Unknown, "")];
        assert_eq!(told(unknown).await, ["1.1 Store: killed"]);
    }

    #[tokio::test]
    async fn commits_are_told_from_the_second_an_agent_began_to_the_one_it_ended_in() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        git(at, &["init", "-q"]);
        for second in [1_700_000_099, 1_700_000_100, 1_700_000_105, 1_700_000_106] {
            let date = format!("@{second} +0000");
            std::fs::write(at.join("file"), &date).unwrap();
            git(at, &["add", "."]);
            let (when, message) = (format!("--date={date}"), format!("At {second}"));
            let mut commit = Command::new("git");
            commit.args(["-c", "user.name=n", "-c", "user.email=e@e", "commit", "-q"]);
            commit.args([&when, "-m", &message]).env("GIT_COMMITTER_DATE", &date);
            assert!(commit.current_dir(at).status().unwrap().success());
        }
        let mut work = DoneWork::new(at, Path::new("/nowhere"));
        let made = Made::Between(Timestamp(1_700_000_100_900), Timestamp(1_700_000_105_200));
        let told = work.made(&made).await.join("\n");
        for (second, is_told) in [
            (1_700_000_099, false),
            (1_700_000_100, true),
            (1_700_000_105, true),
            (1_700_000_106, false),
        ] {
            assert_eq!(told.contains(&format!("At {second}")), is_told, "{told}");
        }
    }

    #[test]
    fn a_heading_names_a_phase_and_not_a_part_of_another() {
        let phase = PhaseId::new("2.1");
        for heading in ["## 2.1", "## Phase 2.1: x", "## (2.1)", "# x 2.1.", "## 2.1 - y"] {
            assert!(names(heading, &phase), "{heading}");
        }
        for heading in ["## 12.1", "## 2.10", "## 2.1.3", "## 1.2.1", "## WP-2.1", "## 2.1-b", "#"]
        {
            assert!(!names(heading, &phase), "{heading}");
        }
        assert!(names("## WP-2.1: x", &PhaseId::new("WP-2.1")));
    }

    #[test]
    fn the_last_entry_counts_and_only_its_end() {
        let many: String = (0..40).map(|n| format!("line {n}\n")).collect();
        let devlog = format!("## 2.1\nold\n## 2.2\nx\n## 2.1 again\n{many}");
        let told = entry(&devlog, &PhaseId::new("2.1"));
        assert_eq!(
            (told.len(), told[0].as_str(), told[11].as_str()),
            (LINES, "line 28", "line 39")
        );
        assert!(entry("no heading 2.1\n", &PhaseId::new("2.1")).is_empty());
    }
}
