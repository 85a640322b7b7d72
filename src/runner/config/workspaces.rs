//! Where the agents of a target work: `isolation`, `max_agents`, `merge`, `setup`, `reuse`.

use super::ConfigError;
use super::section::Section;
use super::targets::Layers;
use crate::domain::branch::MergePolicy;
use crate::domain::identity::Reuse;
use crate::domain::plan::MOST_SLOTS;
use crate::domain::target::Workspaces;
use crate::domain::workspace::Isolation;

/// Where agents work. A target that says how many may share its checkout lets them share it.
pub(super) fn read(layers: &Layers<'_>) -> Result<Workspaces, ConfigError> {
    let whole = |key| layers.of(key).whole(key, 1..=u32::from(MOST_SLOTS));
    let cap = whole("max_agents")?.unwrap_or(u32::from(MOST_SLOTS));
    let sharing = whole("shared_agents")?;
    let isolation = match (one_of(layers, "isolation", ["worktree", "shared"])?, sharing) {
        (Some("shared"), _) | (None, Some(_)) => Isolation::Shared,
        (Some(_), Some(_)) => {
            let why = "`shared_agents` counts only with `isolation: shared`.";
            layers.of("shared_agents").warn("shared_agents", why.to_owned());
            Isolation::Worktree
        }
        (Some(_) | None, None) => Isolation::Worktree,
    };
    let most = match isolation {
        Isolation::Shared => sharing.unwrap_or(1).min(cap),
        Isolation::Worktree => cap,
    };
    let merge = match one_of(layers, "merge", ["review", "auto"])? {
        Some("auto") => MergePolicy::Auto,
        Some(_) | None => MergePolicy::Review,
    };
    let most = u16::try_from(most).unwrap_or(MOST_SLOTS);
    let reuse = reuse(layers.of("reuse"), isolation)?;
    Ok(Workspaces { isolation, most, setup: layers.of("setup").commands("setup")?, merge, reuse })
}

/// What agents take along from what they did before.
fn reuse(section: &Section<'_>, isolation: Isolation) -> Result<Reuse, ConfigError> {
    let known = [("brief", Reuse::Brief), ("resume", Reuse::Resume), ("none", Reuse::Nothing)];
    let reuse = section.choice("reuse", &known)?.unwrap_or_default();
    if (reuse, isolation) == (Reuse::Resume, Isolation::Worktree) {
        let why = "`reuse: resume` needs `isolation: shared`: agents keep their sessions by the directory they worked in, and a worktree is another one each time. They are told in words what they did.";
        section.warn("reuse", why.to_owned());
    }
    Ok(reuse)
}

fn one_of<'a>(
    layers: &Layers<'a>,
    key: &str,
    known: [&str; 2],
) -> Result<Option<&'a str>, ConfigError> {
    match layers.text(key)? {
        Some(given) if !known.contains(&given) => {
            let [one, other] = known;
            let why = format!("`{key}` must be `{one}` or `{other}`, but it is `{given}`.");
            Err(layers.of(key).error(key, why))
        }
        given => Ok(given),
    }
}
