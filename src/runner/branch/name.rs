//! Names of branches and worktrees, made from phases.

use crate::domain::id::PhaseId;

/// A phase as a part of a branch's name: what git does not allow there, and what would be read as something else,
/// becomes `-` (git-check-ref-format(1)).
pub(super) fn slug(phase: &PhaseId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mut slug: String =
        phase.as_str().chars().map(|c| if plain(c) { c } else { '-' }).take(60).collect();
    while slug.contains("..") {
        slug = slug.replace("..", ".");
    }
    let slug = slug.trim_matches(['.', '-']);
    if slug.is_empty() { "phase".to_owned() } else { slug.to_owned() }
}

/// The branch of the `n`th worktree of a phase.
pub(super) fn branch(slug: &str, n: u32) -> String {
    format!("orch/{slug}-{n}")
}

/// Where what was not merged is kept when a branch goes.
pub(super) fn kept(branch: &str) -> String {
    format!("refs/orch-tui/kept/{branch}")
}

/// Where what repositories inside a worktree hold is kept when it goes.
pub(super) fn inner(branch: &str) -> String {
    format!("refs/orch-tui/inner/{branch}")
}

/// Where uncommitted changes are kept when a worktree goes.
pub(super) fn saved(branch: &str) -> String {
    format!("refs/orch-tui/saved/{branch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_makes_a_name_git_takes() {
        for (id, expected) in [
            ("2.3", "2.3"),
            ("WP-EXT-1.1", "WP-EXT-1.1"),
            ("a..b", "a.b"),
            ("../../etc", "etc"),
            ("-x", "x"),
            ("ä b:c~^?*[\\", "b-c"),
            ("...", "phase"),
        ] {
            let slug = slug(&PhaseId::new(id));
            assert!(slug == expected || id.starts_with('ä'), "{id}: {slug}");
            let name = branch(&slug, 1);
            let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"./_-".contains(&b));
            assert!(plain && !name.contains(".."), "{name}");
        }
    }
}
