//! Characters that come in two pieces.

/// Length of an unfinished character at the end.
pub(super) fn unfinished(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    for (offset, byte) in tail.iter().enumerate() {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => continue,
        };
        let have = tail.len() - offset;
        let valid = std::str::from_utf8(&tail[offset..]).err();
        if have < length && valid.is_some_and(|error| error.error_len().is_none()) {
            return have;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::unfinished;

    #[test]
    fn only_characters_that_can_still_be_finished_are_held() {
        for (bytes, held) in [
            (&b"abc"[..], 0),
            (b"a\xc3", 1),
            (b"a\xe5\xae", 2),
            (b"\xf0\x9f\x91", 3),
            ("完".as_bytes(), 0),
            (b"a\xe5a", 0),
            (b"\x80\x80", 0),
            (b"\xff", 0),
        ] {
            assert_eq!(unfinished(bytes), held, "{bytes:?}");
        }
    }
}
