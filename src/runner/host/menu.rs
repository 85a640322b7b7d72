//! Whether a screen shows a menu that a person is to choose from, as full-screen agents ask for permission.

/// What points at the choice that Enter would take.
const POINTERS: [char; 6] = ['❯', '›', '>', '▶', '▸', '→'];

/// What frames a dialog.
const FRAMES: [char; 5] = ['│', '┃', '║', '|', '▌'];

/// Rows above the first choice, at most, in which the question stands.
const ABOVE: usize = 8;

/// The question of a menu of numbered choices, one of which is pointed at:
///
/// ```text
/// Do you want to create hello.txt?
/// ❯ 1. Yes
///   2. No
/// ```
pub(super) fn asked(screen: &str) -> Option<&str> {
    let rows: Vec<&str> = screen.lines().map(unframed).collect();
    // The lowest one: what scrolled up was answered.
    let at = rows.iter().rposition(|row| pointed(row).is_some_and(|row| number(row).is_some()))?;
    let mine = pointed(rows[at]).and_then(number)?;
    let first = (1..mine).try_fold(at, |below, wanted| {
        let found = rows[..below].iter().rposition(|row| number(row) == Some(mine - wanted))?;
        (below - found <= ABOVE).then_some(found)
    })?;
    let next = rows[at + 1..].iter().take(ABOVE).any(|row| number(row) == Some(mine + 1));
    if mine == 1 && !next {
        return None;
    }
    let mut above = rows[..first].iter().rev().take(ABOVE);
    let question = above.clone().find(|row| row.ends_with('?'));
    question.or_else(|| above.find(|row| row.contains(char::is_alphabetic))).copied()
}

/// A row without the frame of a dialog.
fn unframed(row: &str) -> &str {
    row.trim().trim_matches(FRAMES).trim()
}

/// A row behind its pointer.
fn pointed(row: &str) -> Option<&str> {
    let rest = row.strip_prefix(POINTERS)?;
    rest.starts_with([' ', '\u{a0}']).then(|| rest.trim_start())
}

/// The number a choice begins with: `1. Yes`, `1) Yes`.
fn number(row: &str) -> Option<u32> {
    let digits = row.bytes().take_while(u8::is_ascii_digit).count();
    let number = row.get(..digits).filter(|_| digits <= 2)?.parse().ok()?;
    let rest = row[digits..].strip_prefix(['.', ')'])?;
    rest.trim_start().starts_with(char::is_alphabetic).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_are_known_by_their_choices() {
        let menus = [
            (
                " Do you want to go on?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel",
                "Do you want to go on?",
            ),
            (
                "Do you want to go on?\n  1. Yes\n  2. Yes, always\n❯ 3. No\n",
                "Do you want to go on?",
            ),
            ("╭───╮\n│ Allow this? │\n│ › 1) Allow │\n│   2) Deny  │\n╰───╯", "Allow this?"),
            ("Do you trust it?\nIt is new\n> 1. Yes\n\n  2. No\n", "Do you trust it?"),
            ("Pick a theme\n\n  1. Dark\n❯ 2. Light\n", "Pick a theme"),
            ("1. of a list\nWhich one?\n> 1. This\n2. That\n", "Which one?"),
        ];
        for (screen, question) in menus {
            assert_eq!(asked(screen), Some(question), "{screen}");
        }
    }

    #[test]
    fn lists_and_what_was_typed_are_no_menus() {
        let others = [
            "",
            "Steps?\n1. this\n2. that\n",
            "❯ say hello\n\n1. one\n2. two\n❯ \n",
            "> 1. a quotation that is alone\n",
            "Which?\n> 1.5 seconds\n> 2.5 seconds\n",
            "Which?\n❯ 3. No\n",
            "Which?\n❯1. Yes\n 2. No\n",
            "$ echo > 1. x\n",
        ];
        for screen in others {
            assert_eq!(asked(screen), None, "{screen}");
        }
    }
}
