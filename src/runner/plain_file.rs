//! Reading files that an agent may have put there: never a pipe that nobody writes to, never a device without an end.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

/// No more of a roadmap or a devlog is looked at: 256 MiB.
pub const LARGEST_TEXT: u64 = 256 << 20;

/// The beginning of an ordinary file, at most so many bytes. Links are followed.
///
/// # Errors
/// What the system says, or that it is no ordinary file.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_with(path, limit, OFlags::empty())
}

/// The same of a file that must be no link.
///
/// # Errors
/// As [`read`], and for a link.
pub fn read_own(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_with(path, limit, OFlags::NOFOLLOW)
}

fn read_with(path: &Path, limit: u64, more: OFlags) -> io::Result<Vec<u8>> {
    // Opening a pipe waits for its other end, unless told not to.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY | more;
    let file = File::from(open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no ordinary file"));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_an_ordinary_file_is_read_and_of_that_no_more_than_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 3).unwrap(), b"123");
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for odd in [&pipe, &link, &folder.path().to_owned()] {
            assert_eq!(read(odd, 9).unwrap_err().to_string(), "it is no ordinary file");
        }
        let other = folder.path().join("other");
        std::os::unix::fs::symlink(&file, &other).unwrap();
        assert_eq!(read(&other, 9).unwrap(), b"12345");
        assert!(read_own(&other, 9).is_err(), "a link");
    }
}
