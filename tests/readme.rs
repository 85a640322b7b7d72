//! The README's key table is the program's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use orch_tui::ui::keys::markdown;

const START: &str = "<!-- keys:start -->";
const END: &str = "<!-- keys:end -->";

/// What stands between the markers, without blank lines around it.
fn between(text: &str) -> Result<&str, String> {
    let missing = |marker| {
        format!("README.md has no line {marker}: put the key table between {START} and {END}")
    };
    let (_, behind) = text.split_once(START).ok_or_else(|| missing(START))?;
    let (table, rest) = behind.split_once(END).ok_or_else(|| missing(END))?;
    if rest.contains(START) {
        return Err(format!("README.md has {START} twice: keep one key table"));
    }
    Ok(table.trim_matches('\n'))
}

#[test]
fn the_key_table_of_the_readme_is_the_one_in_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("README.md can't be read ({error}): it must be there, with the key table between {START} and {END}")
    });
    let table = between(&text).unwrap_or_else(|problem| panic!("{problem}"));
    let wanted = markdown();
    assert!(
        table == wanted.trim_end(),
        "the key table of README.md is not that of src/ui/keys/table.rs; between the markers it must read:\n\n{wanted}"
    );
}

#[test]
fn the_readme_names_every_key_of_the_player() {
    let text = include_str!("../README.md");
    let (_, keys) = text.split_once("Keys of `replay`: ").unwrap();
    let keys = keys.split("\n\n").next().unwrap();
    for (chords, deed, ..) in orch_tui::ui::player::KEYS {
        let label = format!("`{}`", chords[0].label());
        assert!(keys.contains(&label), "{label} ({deed:?}) is not told in: {keys}");
    }
}

#[test]
fn a_table_without_its_markers_is_refused() {
    assert_eq!(between(&format!("a\n{START}\n\n| x |\n\n{END}\nb")), Ok("| x |"));
    for bad in ["", START, &format!("{END}{START}"), &format!("{START}{END}{START}{END}")] {
        assert!(between(bad).is_err(), "{bad}");
    }
}
