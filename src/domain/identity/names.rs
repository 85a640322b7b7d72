//! The names identities get, in this order: short, plain, and told apart by their first three letters.

/// Names for the first identities of a target; later ones get a name with a number.
pub const NAMES: [&str; 80] = [
    "Ada", "Ben", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "Lena",
    "Milo", "Nina", "Otto", "Pia", "Quin", "Rosa", "Sam", "Tess", "Uma", "Vera", "Walt", "Xena",
    "Yara", "Zoe", "Abel", "Bob", "Carl", "Dean", "Emma", "Finn", "Gina", "Hugo", "Iris", "Jack",
    "Kim", "Leo", "Mara", "Noel", "Olga", "Paul", "Remy", "Seth", "Tom", "Ugo", "Vito", "Wes",
    "Yves", "Zara", "Alma", "Bruno", "Cora", "Dirk", "Enzo", "Flora", "Greta", "Holly", "Ines",
    "Jonas", "Klara", "Lars", "Mona", "Nora", "Owen", "Petra", "Ralf", "Sofia", "Theo", "Ulla",
    "Vince", "Wilma", "Ella", "Anton", "Bella", "Clive", "Diana", "Erik", "Frida", "Gwen",
];

/// The name at a place: those of the list, then those of the list with 2, then with 3.
pub fn nth(place: usize) -> String {
    let name = NAMES[place % NAMES.len()];
    match place / NAMES.len() {
        0 => name.to_owned(),
        rounds => format!("{name}{}", rounds + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_short_plain_and_told_apart_by_three_letters() {
        let mut beginnings = BTreeSet::new();
        for name in NAMES {
            assert!((2..=6).contains(&name.len()), "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphabetic()), "{name}");
            assert!(name.starts_with(|c: char| c.is_ascii_uppercase()), "{name}");
            let beginning: String = name.to_lowercase().chars().take(3).collect();
            assert!(beginnings.insert(beginning), "{name}");
        }
    }

    #[test]
    fn numbers_come_after_the_list() {
        let places = [0, NAMES.len() - 1, NAMES.len(), 2 * NAMES.len() + 1];
        assert_eq!(places.map(nth), ["Ada", "Gwen", "Ada2", "Ben3"]);
        let all: BTreeSet<String> = (0..1_000).map(nth).collect();
        assert_eq!(all.len(), 1_000);
    }
}
