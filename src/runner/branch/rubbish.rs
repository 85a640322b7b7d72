//! Folders that go: out of the way in one step, then deleted on a thread of their own, which may take long.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::BranchError;

/// Where they wait, beside where they were.
pub const FOLDER: &str = ".gone";

/// Deletes a folder if it is there. Nobody finds half of it, and what was left when the app ended goes with it.
pub(super) async fn remove(root: &Path) -> Result<(), BranchError> {
    let (path, failed) =
        (root.to_owned(), |source| BranchError::File { path: root.into(), source });
    match tokio::task::spawn_blocking(move || remove_now(&path)).await {
        Ok(removed) => removed.map_err(failed),
        Err(panic) => Err(failed(io::Error::other(panic))),
    }
}

fn remove_now(root: &Path) -> io::Result<()> {
    let aside = match put_aside(root) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        // It goes where it is.
        Err(_) => return gone(root),
        Ok(aside) => aside,
    };
    gone(&aside)?;
    let Some(folder) = aside.parent() else { return Ok(()) };
    for left in fs::read_dir(folder)?.flatten() {
        let _ = gone(&left.path());
    }
    // Only if nothing is left in it.
    let _ = fs::remove_dir(folder);
    Ok(())
}

fn put_aside(root: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    root.symlink_metadata()?;
    let folder = root.with_file_name(FOLDER);
    fs::create_dir_all(&folder)?;
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let aside = folder.join(format!("{}-{number}", std::process::id()));
    fs::rename(root, &aside)?;
    Ok(aside)
}

/// Deletes a folder that another may delete at the same time.
fn gone(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_goes_with_what_was_left_of_others_and_one_that_is_not_there_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["one/deep", ".gone/1-0/deep", "other"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("one/deep/file"), "x").unwrap();
        std::os::unix::fs::symlink(at("other"), at("one/link")).unwrap();
        remove(&at("one")).await.unwrap();
        remove(&at("one")).await.unwrap();
        let left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["other"]);
    }

    #[tokio::test]
    async fn a_folder_that_can_t_be_put_aside_goes_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("one/deep")).unwrap();
        fs::write(at(FOLDER), "a file").unwrap();
        remove(&at("one")).await.unwrap();
        assert!(!at("one").exists());
    }

    /// The one thread the app runs on goes on while a large folder is deleted.
    #[tokio::test]
    async fn nothing_waits_while_a_large_folder_goes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("one");
        fs::create_dir(&root).unwrap();
        for n in 0..5_000 {
            fs::write(root.join(n.to_string()), "").unwrap();
        }
        let removing = remove(&root);
        tokio::pin!(removing);
        let first = std::future::poll_fn(|context| {
            std::task::Poll::Ready(removing.as_mut().poll(context).is_pending())
        });
        assert!(first.await, "it was deleted on the spot");
        removing.await.unwrap();
        assert!(!root.exists());
    }
}
