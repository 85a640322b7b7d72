//! How a target wants phases tried again.

use super::agents::Adapters;
use super::section::Section;
use super::{ConfigError, targets::Layers};
use crate::domain::retry::RetryRules;

/// The keys this file reads.
pub(super) const KEYS: [&str; 4] = ["retries", "retry_wait", "most_wait", "fallback_agents"];

/// Reads the rules; `own` is the target's own adapter.
pub(super) fn read(
    layers: &Layers<'_>,
    own: &str,
    adapters: &Adapters,
) -> Result<RetryRules, ConfigError> {
    let usual = RetryRules::default();
    let time = |key| layers.of(key).pause(key);
    Ok(RetryRules {
        retries: layers.of("retries").whole("retries", 0..=100)?.unwrap_or(usual.retries),
        wait: time("retry_wait")?.unwrap_or(usual.wait),
        most_wait: time("most_wait")?.unwrap_or(usual.most_wait),
        fallback: fallback(layers.of("fallback_agents"), own, adapters)?,
    })
}

/// The adapters that take over, each once.
fn fallback(
    section: &Section<'_>,
    own: &str,
    adapters: &Adapters,
) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for name in section.texts("fallback_agents")?.unwrap_or_default() {
        if !adapters.by_name.contains_key(&name) {
            let why =
                format!("`fallback_agents`: there is no agent `{name}`. {}", adapters.hint(&name));
            return Err(section.error("fallback_agents", why));
        }
        if name == own || names.contains(&name) {
            let why = format!(
                "`fallback_agents` names `{name}` a second time. Name each agent once, without the target's own."
            );
            return Err(section.error("fallback_agents", why));
        }
        names.push(name);
    }
    Ok(names)
}
