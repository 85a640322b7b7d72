//! Text as a JSON string, quickly: recordings are hardly anything else.

/// Bytes looked at together.
const BLOCK: usize = 16;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string with its quotes (RFC 8259, section 7).
pub(super) fn push(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + text.len() / 8 + 2);
    out.push(b'"');
    let (bytes, mut copied) = (text.as_bytes(), 0);
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        // Without a branch a byte: nearly all blocks of plain text need nothing.
        if !block.iter().fold(false, |any, byte| any | is_special(*byte)) {
            continue;
        }
        for (at, byte) in (number * BLOCK..).zip(block) {
            if is_special(*byte) {
                out.extend_from_slice(&bytes[copied..at]);
                escape(out, *byte);
                copied = at + 1;
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        0..0x20 => {
            let (high, low) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
        _ => out.extend_from_slice(&[b'\\', byte]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_read_back(text in "([ -~]|[\\x00-\\x1f\"\\\\]|\\PC){0,80}") {
            let mut out = Vec::new();
            super::push(&mut out, &text);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
