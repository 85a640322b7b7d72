//! Fields of JSON values that may be missing or something else.

use serde_json::Value;

/// The text of a value; empty when it is none.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A number, rounded; zero when it is none.
pub(super) fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_f64().map(rounded)).unwrap_or(0)
}

/// Dollars as thousandths of a cent.
pub(super) fn millicents(dollars: &Value) -> u64 {
    rounded(dollars.as_f64().unwrap_or(0.0) * 100_000.0)
}

/// Nearest whole number; nothing below zero.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rounded(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

/// The items of a list; none when it is none.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

/// The beginning of a text, with a sign where it was cut.
pub(super) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

/// What a tool works on: the most telling of its arguments, paths from the agent's directory, which ends in a slash.
pub(super) fn tool_summary(name: &str, input: &Value, cwd: &str) -> String {
    const TELLING: [&str; 11] = [
        "command",
        "file_path",
        "filePath",
        "absolute_path",
        "notebook_path",
        "path",
        "pattern",
        "query",
        "url",
        "description",
        "prompt",
    ];
    // A search's pattern says more than the folder it searches.
    let searches = ["Grep", "Glob", "grep", "glob", "search_file_content"].contains(&name);
    let first = searches.then_some("pattern");
    let found = first.iter().chain(&TELLING).find_map(|key| input[*key].as_str());
    let line = found.unwrap_or_default().lines().next().unwrap_or_default();
    let within = if cwd.is_empty() { None } else { line.strip_prefix(cwd) };
    clip(within.unwrap_or(line), 200)
}
