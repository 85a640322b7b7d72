//! Versions of programs, as they tell them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A version: numbers with dots between. A missing number counts as zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version(Vec<u64>);

impl Version {
    /// The first one in a text: `codex-cli 0.171.0` has one, and so has `2.1.330 (Claude Code)`.
    pub fn find(text: &str) -> Option<Self> {
        let digit_or_dot = |c: char| c.is_ascii_digit() || c == '.';
        text.split(|c| !digit_or_dot(c)).find_map(Self::read)
    }

    /// A text that is a version and nothing else: two numbers or more.
    pub fn read(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
        let mut numbers = numbers.filter(|numbers| numbers.len() > 1)?;
        while numbers.last() == Some(&0) && numbers.len() > 2 {
            numbers.pop();
        }
        Some(Self(numbers))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        if numbers.len() == 2 {
            numbers.push("0".to_owned());
        }
        f.write_str(&numbers.join("."))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_and_compared_by_number() {
        let find = |text| Version::find(text).unwrap();
        assert_eq!(find("2.1.330 (Claude Code)").to_string(), "2.1.330");
        assert_eq!(find("codex-cli 0.171.0-alpha.2"), find("v0.171"));
        assert!(find("0.61.0") > find("0.7.12"));
        assert!(find("2.1") < find("2.1.1"));
        assert_eq!(find("2.1.0").to_string(), "2.1.0");
        assert_eq!(Version::find("no 7 here."), None);
        assert_eq!(Version::read("2.1.x"), None);
    }
}
