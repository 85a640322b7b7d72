//! Reading an agent's terminal to its end.

use std::io::{ErrorKind, Read};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// How often the end is told, with nothing between, until it is believed. Where the last process that has the terminal open
/// prints and ends while the end is looked for, Linux may tell the end before it hands over what was printed; whoever reads
/// again gets it.
const ENDS: u32 = 2;

/// Hands over all that comes until the terminal was closed by all who had it open.
pub(super) fn read_out(mut output: impl Read, mut take_in: impl FnMut(&[u8])) {
    let mut chunk = vec![0; CHUNK];
    let mut ends = 0;
    while ends < ENDS {
        match output.read(&mut chunk) {
            Ok(0) => ends += 1,
            Ok(length) => {
                ends = 0;
                take_in(&chunk[..length]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::VecDeque;
    use std::io;

    use super::*;

    /// A terminal that is read piece by piece, and nothing but ends behind them.
    struct Pieces(VecDeque<io::Result<&'static str>>);

    impl Read for Pieces {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.pop_front().unwrap_or(Ok(""))?;
            into[..piece.len()].copy_from_slice(piece.as_bytes());
            Ok(piece.len())
        }
    }

    fn read(pieces: impl IntoIterator<Item = io::Result<&'static str>>) -> String {
        let mut all = Vec::new();
        read_out(Pieces(pieces.into_iter().collect()), |bytes| all.extend_from_slice(bytes));
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn what_comes_behind_an_end_that_was_told_too_early_is_read() {
        assert_eq!(read([Ok("one "), Ok(""), Ok("two "), Ok(""), Ok("last")]), "one two last");
        assert_eq!(read([Ok("one "), Ok(""), Ok(""), Ok("of another time")]), "one ");
    }

    #[test]
    fn only_trouble_ends_it_at_once() {
        let interrupted = || Err(ErrorKind::Interrupted.into());
        let broken = Err(ErrorKind::PermissionDenied.into());
        assert_eq!(read([Ok("one "), interrupted(), Ok("two"), broken, Ok("three")]), "one two");
    }
}
