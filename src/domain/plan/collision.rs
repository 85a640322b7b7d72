//! Collisions: phases of one wave whose text names the same file.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::id::PhaseId;
use crate::domain::plan::waves::Graph;
use crate::domain::plan::{Collision, PlanRow};
use crate::domain::roadmap::phase::Phase;

/// Collisions among ticked rows, by wave, then file.
pub(super) fn find(rows: &[PlanRow], graph: &Graph<'_>) -> Vec<Collision> {
    let mut named: BTreeMap<(usize, String), Vec<PhaseId>> = BTreeMap::new();
    for row in rows {
        let Some(phase) = graph.phase(&row.id) else { continue };
        for file in files(phase) {
            named.entry((row.wave, file)).or_default().push(row.id.clone());
        }
    }
    let shared = named.into_iter().filter(|(_, phases)| phases.len() > 1);
    shared.map(|((_, file), phases)| Collision { phases, file }).collect()
}

/// Files a phase's tasks and fields name.
fn files(phase: &Phase) -> BTreeSet<String> {
    const SKIPPED: &[&str] =
        &["status", "assigned to", "depends on", "dependencies", "plan", "quality gates", "target"];
    let tasks = phase.tasks.iter().map(|task| phase.task_text(task).to_string());
    let fields = phase.fields.iter().filter(|field| {
        !SKIPPED.iter().any(|skipped| field.key.as_str().eq_ignore_ascii_case(skipped))
    });
    let texts = tasks.chain(fields.map(|field| phase.value(field).into_owned()));
    texts.flat_map(|text| tokens(&text).filter_map(path).collect::<Vec<_>>()).collect()
}

fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || matches!(c, '`' | '"' | '\'' | '(' | ')' | '[' | ']' | '<' | '>' | ',' | ';')
    })
}

/// The file a token names, without `./` in front and a line number behind.
fn path(token: &str) -> Option<String> {
    if !token.bytes().any(|byte| byte == b'/' || byte == b'.') {
        return None;
    }
    let token = token.trim_end_matches(['.', ':', '!', '?', '*']).trim_start_matches('*');
    let token = token.strip_prefix("./").unwrap_or(token);
    let token = token.split_once(':').map_or(token, |(file, _)| file);
    let (folder, file) = token.rsplit_once('/').unwrap_or(("", token));
    let sane = token.len() > 2
        && !token.starts_with('-')
        && token.chars().all(|c| c.is_alphanumeric() || "/._-+@*{}".contains(c))
        && token.chars().any(char::is_alphabetic);
    (sane && (has_extension(file, folder) || is_folder(token))).then(|| token.to_owned())
}

/// With a folder in front any extension will do, alone only a known one: `e.g.` and `v2.0` are no files.
fn has_extension(file: &str, folder: &str) -> bool {
    const KNOWN: &str = "rs toml md json yaml yml py js ts tsx jsx css html sql sh go java kt c h \
        cpp hpp rb php lock txt proto graphql xml svg swift cs ex lua vue svelte tf ini cfg env";
    let Some((stem, extension)) = file.rsplit_once('.') else { return false };
    if KNOWN.split(' ').any(|known| known.eq_ignore_ascii_case(extension)) {
        return !stem.is_empty() || !folder.is_empty();
    }
    !folder.is_empty() && extension.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// `src/api/` and `src/api/router` are places, `and/or` and `TCP/IP` are not.
fn is_folder(token: &str) -> bool {
    const ROOTS: &str = "src test tests docs doc lib libs app apps crates packages cmd internal \
        scripts config configs plans examples benches migrations pkg server client web api ui";
    let Some((root, rest)) = token.split_once('/') else { return false };
    rest.contains('/') || token.ends_with('/') || ROOTS.split(' ').any(|known| known == root)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn files_and_folders_are_told_from_slashes() {
        for (token, file) in [
            ("`src/api/mod.rs`", None),
            ("src/api/mod.rs", Some("src/api/mod.rs")),
            ("./src/lib.rs:12", Some("src/lib.rs")),
            ("Cargo.toml.", Some("Cargo.toml")),
            ("crates/core/", Some("crates/core/")),
            ("and/or", None),
            ("TCP/IP", None),
            ("https://example.org/a.rs", None),
            ("v2.0", None),
            ("e.g.", None),
            ("3/4", None),
            ("/", None),
        ] {
            assert_eq!(path(token).as_deref(), file, "{token}");
        }
    }
}
