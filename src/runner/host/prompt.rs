//! Whether a line with the cursor behind it asks a person for something.

use std::time::Duration;

/// An agent that has printed nothing for so long behind a question waits for its answer.
pub(super) const SILENCE: Duration = Duration::from_secs(3);

/// How questions end, in small letters and without the blanks and colon behind them.
const ENDS: [&str; 11] = [
    "(y/n)",
    "[y/n]",
    "(yes/no)",
    "[yes/no]",
    "(yes/no/[fingerprint])",
    "password",
    "passphrase",
    "press enter",
    "press return",
    "press any key",
    "continue?",
];

/// What may stand behind the words of a question on its line, in small letters.
const TAILS: [&str; 3] = ["to continue", "to proceed", "when ready"];

/// The question that a line asks whose end is the cursor's place: `Overwrite file? [y/N]`. Progress, paths and the prompt
/// of a shell are none.
pub(super) fn asked(line: &str) -> Option<&str> {
    let asked = line.trim();
    let small = asked.to_lowercase();
    // `Password: `, `Press any key to continue . . . `, `Continue? [y/N] > `
    let bare = small.trim_end_matches([' ', '.', ':', '>', '…', '›', '❯']);
    let tail = TAILS.iter().find_map(|tail| bare.strip_suffix(tail));
    let bare = tail.map_or(bare, str::trim_end);
    let secret = asked.ends_with(':') && is_secret(bare);
    let known = secret || ENDS.iter().any(|end| bare.ends_with(end));
    let open = line.ends_with("? ") || asked.ends_with("?:");
    (known || open && asked.contains(char::is_alphabetic)).then_some(asked)
}

/// `password for root`, `enter passphrase for key '/home/x/.ssh/id'`: who or what it is for comes last.
fn is_secret(bare: &str) -> bool {
    ["password for ", "passphrase for ", "password of "].iter().any(|words| bare.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_known_by_how_they_end() {
        let questions = [
            "Overwrite file? [y/N] ",
            "Overwrite file? [Y/n]",
            "Proceed (y/n)? ",
            "Proceed? (y/n): ",
            "? Install now? (Y/n) ",
            "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
            "Are you sure [yes/no] > ",
            "Password: ",
            "[sudo] password for ada: ",
            "ada@host's password: ",
            "Enter passphrase for key '/home/ada/.ssh/id_ed25519': ",
            "Press Enter to continue...",
            "Press any key to continue . . . ",
            "press RETURN",
            "Continue? ",
            "Which branch? ",
            "Name of the release?: ",
        ];
        for line in questions {
            assert_eq!(asked(line), Some(line.trim()), "{line}");
        }
    }

    #[test]
    fn what_is_no_question_is_none() {
        let others = [
            "",
            "   ",
            "$ ",
            "? ",
            "ada@host:~/tide$ ",
            ">>> ",
            "compiling 12/80",
            "Downloading... 45% ",
            "is it done? no",
            "what next?",
            "https://example.org/?q=",
            "Overwrite file? [y/N] y",
            "the password was changed",
            "the password for ada was changed",
            "12 passwords: ",
        ];
        for line in others {
            assert_eq!(asked(line), None, "{line}");
        }
    }
}
