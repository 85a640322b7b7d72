//! Budgets as `config/targets.yaml` writes them.

use super::ConfigError;
use super::section::Section;
use super::yaml::Node;
use crate::domain::budget::Budget;

/// The `budget` of a target, if it gives one.
pub(super) fn read(target: &Section<'_>) -> Result<Budget, ConfigError> {
    let Some(section) = target.section("budget")? else { return Ok(Budget::default()) };
    section.expect_keys(&["tokens", "usd"]);
    let tokens = section.whole("tokens", 1..=u32::MAX)?.map(u64::from);
    Ok(Budget { tokens, millicents: dollars(&section)? })
}

/// Dollars as thousandths of a cent.
fn dollars(section: &Section<'_>) -> Result<Option<u64>, ConfigError> {
    let Some(node) = section.get("usd") else { return Ok(None) };
    let dollars = match node {
        Node::Whole(whole) => i32::try_from(*whole).ok().map(f64::from),
        Node::Fraction(fraction) => Some(*fraction),
        _ => None,
    };
    let fit = dollars.filter(|dollars| *dollars > 0.0 && *dollars <= 1_000_000.0);
    let Some(dollars) = fit else {
        let why = "`usd` must be a number of US dollars above 0, at most 1000000, e.g. 5 or 2.50.";
        return Err(section.error("usd", why.to_owned()));
    };
    Ok(Some(rounded(dollars * 100_000.0)))
}

/// Nearest whole number of one that is known to fit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rounded(value: f64) -> u64 {
    value.round() as u64
}
