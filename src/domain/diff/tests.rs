//! What git prints, read back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn read(summary: &str, patch: &str) -> Vec<FileDiff> {
    let mut found = files(summary.as_bytes());
    assert_eq!(fill(&mut found, patch.as_bytes(), Ending::Whole), 0);
    found
}

fn lines(file: &FileDiff) -> Vec<String> {
    let number = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
    let line = |line: &DiffLine| {
        format!("{:?} {} {} {}", line.kind, number(line.old), number(line.new), line.text)
    };
    file.hunks.iter().flat_map(|hunk| hunk.lines.iter().map(line)).collect()
}

#[test]
fn lines_are_numbered_on_both_sides() {
    let summary = ":100644 100644 a b M\0src/a.rs\x002\t1\tsrc/a.rs\0";
    let patch = "diff --git a/src/a.rs b/src/a.rs\nindex a..b 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n\
        @@ -8,3 +8,4 @@ fn main() {\n one\n-two\n+\tzwei\r\n+drei\n three\n";
    let found = read(summary, patch);
    let [file] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((file.added, file.removed, file.kind), (2, 1, FileKind::Modified));
    assert_eq!(file.hunks[0].heading.as_str(), "fn main() {");
    let expected = [
        "Same 8 8 one",
        "Removed 9 - two",
        "Added - 9     zwei␍",
        "Added - 10 drei",
        "Same 10 11 three",
    ];
    assert_eq!(lines(file), expected);
}

#[test]
fn a_missing_line_end_is_a_remark_and_counts_nothing() {
    let summary = ":100644 100644 a b M\0a\x001\t1\ta\0";
    let patch = "diff --git a/a b/a\n@@ -1 +1 @@\n-old\n\\ No newline at end of file\n+new\n";
    let file = &read(summary, patch)[0];
    let expected = ["Removed 1 - old", "Remark - - No newline at end of file", "Added - 1 new"];
    assert_eq!(lines(file), expected);
}

#[test]
fn renames_modes_binaries_and_empty_files_are_told() {
    let summary = ":100644 100755 a b R090\0old name\0new\tname\0:000000 100644 0 e A\0empty\0\
        :100644 100644 a b M\0logo.png\0:100644 120000 a b T\0link\0:100644 000000 a 0 D\0gone\0\
        1\t0\t\0old name\0new\tname\x000\t0\tempty\0-\t-\tlogo.png\x001\t1\tlink\x000\t1\tgone\0";
    let patch = "diff --git a/old b/new\nold mode 100644\nnew mode 100755\n@@ -1,1 +1,2 @@\n a\n+b\n\
        diff --git a/empty b/empty\nnew file mode 100644\n\
        diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ\n\
        diff --git a/link b/link\ndeleted file mode 100644\n@@ -1 +0,0 @@\n-x\n\
        diff --git a/link b/link\nnew file mode 120000\n@@ -0,0 +1 @@\n+to\n\\ No newline at end of file\n\
        diff --git a/gone b/gone\ndeleted file mode 100644\n@@ -1 +0,0 @@\n-bye\n";
    let found = read(summary, patch);
    let told: Vec<String> = found
        .iter()
        .map(|f| {
            format!("{} {} {:?} {} {}", f.kind.letter(), f.path, f.content, f.added, f.hunks.len())
        })
        .collect();
    let expected = [
        "R new name Whole 1 1",
        "A empty Whole 0 0",
        "M logo.png Binary 0 0",
        "T link Whole 1 2",
        "D gone Whole 0 1",
    ];
    assert_eq!(told, expected);
    assert_eq!(found[0].old_path.as_ref().unwrap().as_str(), "old name");
    assert_eq!(found[0].modes.as_ref().unwrap().as_str(), "100644 to 100755");
    assert_eq!((found[0].name.as_str(), found[1].modes.as_ref()), ("new\tname", None));
    assert_eq!(files(b""), []);
}

#[test]
fn names_and_lines_can_t_pretend_to_be_something_else() {
    let summary = ":100644 100644 a b M\0:100644 x\0:100644 100644 a b M\0b\u{202e}\x1b[2J\0\
        1\t0\t:100644 x\x001\t0\tb\u{202e}\x1b[2J\0";
    let patch = "diff --git a/x b/x\n@@ -0,0 +1,2 @@\n+diff --git a/y b/y\n+@@ -1 +1 @@\n\
        diff --git a/b b/b\n@@ -1 +1 @@ \x1b]0;x\x07\n-\x1b[31m\n+\u{202e}x\n";
    let found = read(summary, patch);
    assert_eq!(lines(&found[0]), ["Added - 1 diff --git a/y b/y", "Added - 2 @@ -1 +1 @@"]);
    assert_eq!(found[1].path.as_str(), "b<202E>␛[2J");
    assert_eq!(lines(&found[1]), ["Removed 1 - ␛[31m", "Added - 1 <202E>x"]);
    assert!(!found[1].hunks[0].heading.as_str().contains('\x1b'));
}

#[test]
fn what_is_too_much_is_said() {
    let summary = ":100644 100644 a b M\0a\0:100644 100644 a b M\0b\0:100644 100644 a b M\0c\0";
    let patch = format!(
        "diff --git a/a b/a\n@@ -0,0 +1 @@\n+x\ndiff --git a/b b/b\n@@ -0,0 +1,{n} @@\n{}diff --git a/c b/c\n@@ -0,0 +1 @@\n+z\n",
        "+y\n".repeat(MOST_LINES),
        n = MOST_LINES,
    );
    let mut found = files(summary.as_bytes());
    assert_eq!(fill(&mut found, patch.as_bytes(), Ending::Whole), 2);
    let contents: Vec<Content> = found.iter().map(|file| file.content).collect();
    assert_eq!(contents, [Content::Whole, Content::Cut, Content::Cut]);
    // A patch that breaks off: the file it breaks off in, and all after it.
    let mut found = files(summary.as_bytes());
    assert_eq!(fill(&mut found, b"diff --git a/a b/a\n@@ -0,0 +1,9 @@\n+x\n+", Ending::Cut), 3);
    assert_eq!(lines(&found[0])[0], "Added - 1 x");
    let long = format!("diff --git a/a b/a\n@@ -0,0 +1 @@\n+{}\n", "x".repeat(9_000));
    let found = read(summary, &long);
    assert!(found[0].hunks[0].lines[0].text.as_str().ends_with("x (the line is longer)"));
}

/// A line as the property has it: its kind, and its text without line ends.
fn a_line() -> impl Strategy<Value = (LineKind, String)> {
    let kind = prop_oneof![Just(LineKind::Same), Just(LineKind::Added), Just(LineKind::Removed)];
    (kind, "[^\n\r\t\u{0}]{0,12}")
}

proptest! {
    /// Whatever files are called and hold, what is written as git writes it is read as it was.
    #[test]
    fn what_is_written_is_read(
        changes in vec(("[^\u{0}]{1,12}", vec(a_line(), 1..9), 1u32..500), 0..6)
    ) {
        let (mut raws, mut counts, mut patch) = (String::new(), String::new(), String::new());
        for (name, lines, first) in &changes {
            let count = |not: LineKind| lines.iter().filter(|(kind, _)| *kind != not).count();
            let (olds, news) = (count(LineKind::Added), count(LineKind::Removed));
            let same = lines.iter().filter(|(kind, _)| *kind == LineKind::Same).count();
            raws.push_str(&format!(":100644 100644 a b M\0{name}\0"));
            counts.push_str(&format!("{}\t{}\t{name}\0", news - same, olds - same));
            patch.push_str("diff --git \"a/?\" \"b/?\"\n--- \"a/?\"\n+++ \"b/?\"\n");
            patch.push_str(&format!("@@ -{first},{olds} +{first},{news} @@\n"));
            for (kind, text) in lines {
                let sign = match kind {
                    LineKind::Added => '+',
                    LineKind::Removed => '-',
                    LineKind::Same | LineKind::Remark => ' ',
                };
                patch.push_str(&format!("{sign}{text}\n"));
            }
        }
        let found = read(&format!("{raws}{counts}"), &patch);
        prop_assert_eq!(found.len(), changes.len());
        for (file, (name, lines, first)) in found.iter().zip(&changes) {
            prop_assert_eq!(&file.name, name);
            let read: Vec<_> =
                file.hunks[0].lines.iter().map(|line| (line.kind, line.text.clone())).collect();
            let written: Vec<_> =
                lines.iter().map(|(kind, text)| (*kind, Printable::new(text))).collect();
            prop_assert_eq!(read, written);
            let added = lines.iter().filter(|(kind, _)| *kind == LineKind::Added).count();
            prop_assert_eq!(file.added, added as u64);
            let last = file.hunks[0].lines.iter().filter_map(|line| line.new).max();
            let news = lines.iter().filter(|(kind, _)| *kind != LineKind::Removed).count() as u32;
            prop_assert_eq!(last, (news > 0).then_some(first + news.saturating_sub(1)));
        }
    }

    /// Whatever bytes come, reading ends and keeps its limits.
    #[test]
    fn anything_is_read(summary in vec(any::<u8>(), 0..300), patch in vec(any::<u8>(), 0..600)) {
        let mut found = files(&summary);
        fill(&mut found, &patch, Ending::Cut);
        prop_assert!(found.iter().all(|file| !file.path.as_str().contains('\x1b')));
    }
}
