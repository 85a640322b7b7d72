//! The few HTML tags that roadmaps use and that mean something in a terminal.

/// A tag that is obeyed instead of shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `<br>`.
    Break,
    /// `<details>` and `<summary>`: nothing is folded here, so that only what is in them is shown.
    Fold,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// A tag.
    Tag(Tag),
    /// Anything else.
    Text(&'t str),
}

/// What a tag, from `<` to `>`, means.
pub(super) fn tag(text: &str) -> Option<Tag> {
    let inner = text.trim().strip_prefix('<')?.strip_suffix('>')?;
    let name = inner.trim_start_matches('/').trim_end_matches('/');
    let name = name.split(char::is_whitespace).next().unwrap_or_default();
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("br") {
        return Some(Tag::Break);
    }
    (is("details") || is("summary")).then_some(Tag::Fold)
}

/// A line in pieces, those without anything to show left out.
pub(super) fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(open) = line[at..].find('<').map(|open| at + open) {
        let Some(end) = line[open..].find('>').map(|close| open + close + 1) else { break };
        if let Some(tag) = tag(&line[open..end]) {
            pieces.extend([Piece::Text(&line[start..open]), Piece::Tag(tag)]);
            start = end;
        }
        at = end;
    }
    pieces.push(Piece::Text(&line[start..]));
    pieces.retain(|piece| match piece {
        Piece::Text(text) => !text.trim().is_empty(),
        Piece::Tag(_) => true,
    });
    pieces
}
