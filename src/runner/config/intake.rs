//! What a targets file says of proposals: where they lie, and how they are noticed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ConfigError;
use super::places::Places;
use super::section::Section;
use super::targets::Layers;
use crate::runner::roadmap_archive::is_same_file;

/// Name of the folder of proposals beside a roadmap.
const FOLDER: &str = "proposals";
/// Longest description of a target, in characters.
const LONGEST: usize = 500;

/// How proposals are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intake {
    /// Whether the folders of proposals are watched; without that they are read when a person asks.
    pub watch: bool,
    /// Time between two looks at a folder whose changes the system does not tell.
    pub interval: Duration,
}

impl Default for Intake {
    fn default() -> Self {
        Self { watch: true, interval: Duration::from_secs(5) }
    }
}

/// Where phases are proposed unless the configuration says otherwise.
pub(super) fn proposals_beside(roadmap: &Path) -> PathBuf {
    roadmap.with_file_name(FOLDER)
}

/// `task_intake`.
pub(super) fn read(top: &Section<'_>) -> Result<Intake, ConfigError> {
    let usual = Intake::default();
    let Some(intake) = top.section("task_intake")? else { return Ok(usual) };
    intake.expect_keys(&["watch_proposals", "poll_interval_seconds", "nats_subjects"]);
    let watch = intake.flag("watch_proposals")?.unwrap_or(usual.watch);
    let seconds = intake.whole("poll_interval_seconds", 1..=86_400)?;
    let interval = seconds.map_or(usual.interval, |seconds| Duration::from_secs(seconds.into()));
    subjects(&intake)?;
    Ok(Intake { watch, interval })
}

/// `nats_subjects` are checked, so that a file stays correct; nothing listens to them yet.
fn subjects(intake: &Section<'_>) -> Result<(), ConfigError> {
    let subjects = intake.texts("nats_subjects")?.unwrap_or_default();
    if let Some(wrong) = subjects.iter().find(|subject| !is_subject(subject)) {
        let why = format!(
            "`nats_subjects` must hold subjects such as `tasks.new`, `tasks.*` or `tasks.>`, but one is `{wrong}`."
        );
        return Err(intake.error("nats_subjects", why));
    }
    if !subjects.is_empty() {
        let why = "`nats_subjects` is not acted on: there is no connection to NATS. Proposals come by the folder only.";
        intake.warn("nats_subjects", why.to_owned());
    }
    Ok(())
}

/// Tokens without blanks between dots; `*` stands for one of them, `>` for all that follow.
fn is_subject(subject: &str) -> bool {
    let tokens: Vec<&str> = subject.split('.').collect();
    let last = tokens.len() - 1;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '*' && c != '>';
    tokens.iter().enumerate().all(|(at, token)| match *token {
        "" => false,
        "*" => true,
        ">" => at == last,
        token => token.chars().all(plain),
    })
}

/// `proposals_dir`: never a file's place, and never the folder of the roadmap itself.
pub(super) fn proposals(
    layers: &Layers<'_>,
    (places, path): (&Places, &Path),
    roadmap: &Path,
) -> Result<PathBuf, ConfigError> {
    let Some(given) = layers.text("proposals_dir")? else { return Ok(proposals_beside(roadmap)) };
    let refuse = |why: &str| Err(layers.of("proposals_dir").error("proposals_dir", why.to_owned()));
    let folder = places.resolve(path, given);
    if given.trim().is_empty() {
        return refuse("`proposals_dir` must be the path of a folder, but it is empty.");
    }
    if folder.is_file() {
        return refuse("`proposals_dir` must be a folder, but it is a file.");
    }
    if is_same_file(&folder, path) {
        return refuse(
            "`proposals_dir` is the target's directory itself, whose documents would be taken for proposals. Give it a folder of its own.",
        );
    }
    if roadmap.parent().is_some_and(|beside| is_same_file(&folder, beside)) {
        return refuse(
            "`proposals_dir` is the folder of the roadmap, which would be taken for a proposal. Give it a folder of its own.",
        );
    }
    Ok(folder)
}

/// `identity_context`: a file. One that is missing is a warning.
pub(super) fn identity_context(
    layers: &Layers<'_>,
    (places, path): (&Places, &Path),
) -> Result<Option<PathBuf>, ConfigError> {
    let Some(given) = layers.text("identity_context")? else { return Ok(None) };
    let section = layers.of("identity_context");
    let file = places.resolve(path, given);
    if given.trim().is_empty() || file.is_dir() {
        let found = if file.is_dir() && !given.trim().is_empty() { "a folder" } else { "empty" };
        let why = format!("`identity_context` must be the path of a file, but it is {found}.");
        return Err(section.error("identity_context", why));
    }
    if !file.is_file() && path.is_dir() {
        let why = format!(
            "`identity_context` names {}, which does not exist: agents are told no background. Write it, or take the line out.",
            file.display()
        );
        section.warn("identity_context", why);
    }
    Ok(Some(file))
}

/// `description`: some words for people.
pub(super) fn description(layers: &Layers<'_>) -> Result<Option<String>, ConfigError> {
    let Some(given) = layers.text("description")? else { return Ok(None) };
    if given.chars().count() > LONGEST {
        let why = format!("`description` must have at most {LONGEST} characters.");
        return Err(layers.of("description").error("description", why));
    }
    let line = given.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(line).filter(|line| !line.is_empty()))
}
