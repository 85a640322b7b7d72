//! Diffs: what a branch changes, file by file, read from what git prints.

use crate::domain::printable::Printable;

/// Lines of all files together that are kept; the rest is counted out.
pub const MOST_LINES: usize = 20_000;

/// Files that are listed.
pub const MOST_FILES: usize = 2_000;

/// Characters of one line that are kept.
const MOST_CHARACTERS: usize = 1_000;

/// Columns between tab stops.
const TAB: usize = 4;

/// What a branch changes against the branch its work goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The branch.
    pub branch: Printable,
    /// The branch its work goes to.
    pub onto: Printable,
    /// What it changes, in git's order. The roadmap is not among it: it is never merged.
    pub files: Vec<FileDiff>,
    /// How many commits it has that the other has not.
    pub commits: usize,
    /// Files of the worktree that are changed and not committed: they are not merged.
    pub uncommitted: Vec<Printable>,
    /// Whether a merge would go well now.
    pub merge: MergeOutlook,
    /// What is left out because it is too much, in one clause.
    pub cut: Option<Printable>,
}

/// How a merge would go now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeOutlook {
    /// Without conflicts.
    Clean,
    /// Both sides changed these files.
    Conflicts(Vec<Printable>),
    /// Nobody knows: why, in one clause.
    Unknown(Printable),
}

/// What is changed in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its name in the repository, as it is; parts that are not UTF-8 are replaced.
    pub name: String,
    /// Its name for the screen.
    pub path: Printable,
    /// What it was called before, when it was renamed or copied.
    pub old_path: Option<Printable>,
    /// What happened to it.
    pub kind: FileKind,
    /// Its modes before and after, when they differ: `100644 to 100755`.
    pub modes: Option<Printable>,
    /// Lines added.
    pub added: u64,
    /// Lines removed.
    pub removed: u64,
    /// What is known of its lines.
    pub content: Content,
    /// What is changed in it.
    pub hunks: Vec<Hunk>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It was changed.
    Modified,
    /// It has another name, and may be changed.
    Renamed,
    /// It was made from another one.
    Copied,
    /// It was a file and is a link, or the like.
    Retyped,
}

impl FileKind {
    /// The letter git has for it.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Added => "A",
            Self::Deleted => "D",
            Self::Modified => "M",
            Self::Renamed => "R",
            Self::Copied => "C",
            Self::Retyped => "T",
        }
    }
}

/// What is known of the lines of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// All hunks are there.
    Whole,
    /// It is no text.
    Binary,
    /// Lines are left out because it is too much.
    Cut,
}

/// Lines changed together, with some around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// What git found above it: a function, a section.
    pub heading: Printable,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// What happened to it.
    pub kind: LineKind,
    /// Its number before, from 1.
    pub old: Option<u32>,
    /// Its number now, from 1.
    pub new: Option<u32>,
    /// What stands in it.
    pub text: Printable,
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// A remark of git on the line above: no line end follows it.
    Remark,
}

impl Diff {
    /// Lines added and removed in all files.
    pub fn lines(&self) -> (u64, u64) {
        self.files.iter().fold((0, 0), |(added, removed), file| {
            (added.saturating_add(file.added), removed.saturating_add(file.removed))
        })
    }
}

/// Reads what `git diff --raw --numstat -z` printed: the files, without their lines.
pub fn files(summary: &[u8]) -> Vec<FileDiff> {
    let mut files: Vec<FileDiff> = Vec::new();
    let mut counted = 0;
    let mut records = summary.split(|byte| *byte == 0);
    while let Some(record) = records.next() {
        if let Some(header) = record.strip_prefix(b":").filter(|_| counted == 0) {
            files.extend(raw(header, &mut records));
        } else if !record.is_empty() {
            // Where there are two names they follow in records of their own.
            let renamed = record.splitn(3, |byte| *byte == b'\t').nth(2) == Some(&[]);
            if let Some(file) = files.get_mut(counted) {
                count(file, record);
            }
            counted += 1;
            if renamed {
                let _names = (records.next(), records.next());
            }
        }
    }
    files
}

/// `100644 100755 abc def R090`, then one name or two.
fn raw<'a>(header: &[u8], names: &mut impl Iterator<Item = &'a [u8]>) -> Option<FileDiff> {
    let header = String::from_utf8_lossy(header);
    let mut words = header.split(' ');
    let (before, after) = (words.next()?.to_owned(), words.next()?.to_owned());
    let kind = match words.nth(2)?.chars().next()? {
        'A' => FileKind::Added,
        'D' => FileKind::Deleted,
        'R' => FileKind::Renamed,
        'C' => FileKind::Copied,
        'T' => FileKind::Retyped,
        _ => FileKind::Modified,
    };
    let first = String::from_utf8_lossy(names.next()?).into_owned();
    let (old, name) = match kind {
        FileKind::Renamed | FileKind::Copied => {
            (Some(first), String::from_utf8_lossy(names.next()?).into_owned())
        }
        FileKind::Added | FileKind::Deleted | FileKind::Modified | FileKind::Retyped => {
            (None, first)
        }
    };
    let both = before != "000000" && after != "000000" && before != after;
    Some(FileDiff {
        path: Printable::new(&name),
        name,
        old_path: old.map(|old| Printable::new(&old)),
        kind,
        modes: both.then(|| Printable::new(&format!("{before} to {after}"))),
        added: 0,
        removed: 0,
        content: Content::Whole,
        hunks: Vec::new(),
    })
}

/// `12\t3\tname`; a file that is no text has no numbers.
fn count(file: &mut FileDiff, record: &[u8]) {
    let mut fields = record.splitn(3, |byte| *byte == b'\t');
    let mut number = || -> Option<u64> {
        std::str::from_utf8(fields.next()?).ok().and_then(|field| field.parse().ok())
    };
    match (number(), number()) {
        (Some(added), Some(removed)) => (file.added, file.removed) = (added, removed),
        _ => file.content = Content::Binary,
    }
}

/// Reads the lines of the files from what `git diff --patch` printed about them, in the same order. Files it does not
/// reach, for it was cut short or has too many lines, are marked; the answer is how many these are.
pub fn fill(files: &mut [FileDiff], patch: &[u8], ending: Ending) -> usize {
    let mut reader = Reader { lines: patch.split(|byte| *byte == b'\n'), kept: 0 };
    let mut at = None;
    let mut sections = 0;
    while let Some(line) = reader.lines.next() {
        if line.starts_with(b"diff --git ") {
            // A file that became something else has two sections.
            let again = at
                .and_then(|at: usize| files.get(at))
                .is_some_and(|file| file.kind == FileKind::Retyped && sections == 1);
            (at, sections) = match at {
                Some(at) if again => (Some(at), 2),
                at => (Some(at.map_or(0, |at| at + 1)), 1),
            };
        } else if let Some(header) = line.strip_prefix(b"@@ ")
            && let Some(file) = at.and_then(|at| files.get_mut(at))
        {
            reader.hunk(file, header);
        }
    }
    if ending == Ending::Cut {
        let first = at.unwrap_or(0);
        for file in files.iter_mut().skip(first).filter(|file| file.content == Content::Whole) {
            file.content = Content::Cut;
        }
    }
    files.iter().filter(|file| file.content == Content::Cut).count()
}

/// Whether all of a text is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of it.
    Whole,
    /// More would follow.
    Cut,
}

/// Lines of a patch, and how many of them were kept.
struct Reader<'a, I: Iterator<Item = &'a [u8]>> {
    lines: I,
    kept: usize,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Reader<'a, I> {
    /// One hunk: as many lines as its header says, so nothing in them can be taken for a header.
    fn hunk(&mut self, file: &mut FileDiff, header: &[u8]) {
        let header = String::from_utf8_lossy(header);
        let Some((ranges, heading)) = header.split_once(" @@") else { return };
        let Some(((mut old, mut olds), (mut new, mut news))) = spans(ranges) else { return };
        let mut hunk = Hunk { heading: Printable::new(heading.trim()), lines: Vec::new() };
        while olds > 0 || news > 0 {
            let Some(line) = self.lines.next() else { break };
            let (kind, text) = kind_of(line);
            let numbers = match kind {
                LineKind::Same => (Some(old), Some(new)),
                LineKind::Removed => (Some(old), None),
                LineKind::Added => (None, Some(new)),
                LineKind::Remark => (None, None),
            };
            if numbers.0.is_some() {
                (old, olds) = (old.saturating_add(1), olds.saturating_sub(1));
            }
            if numbers.1.is_some() {
                (new, news) = (new.saturating_add(1), news.saturating_sub(1));
            }
            self.keep(file, &mut hunk, DiffLine { kind, old: numbers.0, new: numbers.1, text });
        }
        if !hunk.lines.is_empty() {
            file.hunks.push(hunk);
        }
    }

    fn keep(&mut self, file: &mut FileDiff, hunk: &mut Hunk, line: DiffLine) {
        self.kept += 1;
        if self.kept > MOST_LINES {
            file.content = Content::Cut;
        } else {
            hunk.lines.push(line);
        }
    }
}

/// A line without its sign. Git leaves the blank of an empty line away where it is told to.
fn kind_of(line: &[u8]) -> (LineKind, Printable) {
    match line.split_first() {
        Some((b'+', text)) => (LineKind::Added, shown(text)),
        Some((b'-', text)) => (LineKind::Removed, shown(text)),
        Some((b'\\', text)) => (LineKind::Remark, shown(text.trim_ascii())),
        Some((_, text)) => (LineKind::Same, shown(text)),
        None => (LineKind::Same, Printable::default()),
    }
}

/// `-1,5 +1,6`: first line and number of lines, before and now.
fn spans(ranges: &str) -> Option<((u32, u32), (u32, u32))> {
    let span = |text: &str| -> Option<(u32, u32)> {
        match text.split_once(',') {
            Some((first, count)) => Some((first.parse().ok()?, count.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let (old, new) = ranges.split_once(' ')?;
    Some((span(old.strip_prefix('-')?)?, span(new.strip_prefix('+')?)?))
}

/// A line as it is shown: tabs reach to the next stop, a carriage return at its end is seen, its length has a limit.
fn shown(line: &[u8]) -> Printable {
    let (line, end) = match line.split_last() {
        Some((b'\r', rest)) => (rest, "\u{240d}"),
        Some(_) | None => (line, ""),
    };
    let mut text = String::new();
    let mut column = 0;
    for c in String::from_utf8_lossy(line).chars() {
        if column >= MOST_CHARACTERS {
            return Printable::new(&format!("{text} (the line is longer)"));
        }
        let count = if c == '\t' { TAB - column % TAB } else { 1 };
        match c {
            '\t' => text.extend(std::iter::repeat_n(' ', count)),
            c => text.push(c),
        }
        column += count;
    }
    Printable::new(&(text + end))
}

#[cfg(test)]
mod tests;
