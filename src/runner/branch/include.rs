//! `.worktreeinclude`: ignored files a worktree needs, such as `.env`, copied from the checkout.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{BranchError, Repository};
use crate::runner::git::Git;

/// Its name, at the top of the repository. It holds patterns as `.gitignore` does.
const FILE: &str = ".worktreeinclude";

/// Copies files that match a pattern of `.worktreeinclude` and that git ignores.
pub(super) async fn copy(repository: &Repository, root: &Path) -> Result<(), BranchError> {
    let top = repository.git.answer(&["rev-parse", "--show-toplevel"]).await?;
    let top = Path::new(&top);
    if !top.join(FILE).is_file() {
        return Ok(());
    }
    let git = Git::new(top);
    // It looks at all files there are, a large build among them: that takes as long as a change may.
    let listed = |exclude: String| {
        let git = &git;
        async move { git.change(&["ls-files", "--others", "--ignored", "-z", &exclude]).await }
    };
    let wanted = listed(format!("--exclude-from={FILE}")).await?;
    let ignored = listed("--exclude-standard".to_owned()).await?;
    let (from, to) = (top.to_owned(), root.to_owned());
    let copied =
        tokio::task::spawn_blocking(move || copy_all((&from, &to), (&wanted, &ignored))).await;
    copied
        .unwrap_or_else(|panic| Err((root.to_owned(), io::Error::other(panic))))
        .map_err(|(path, source)| BranchError::File { path, source })
}

/// Copies the wanted files that are ignored; names the one that could not be.
fn copy_all(
    (top, root): (&Path, &Path),
    (wanted, ignored): (&str, &str),
) -> Result<(), (PathBuf, io::Error)> {
    let ignored: BTreeSet<&str> = ignored.split('\0').collect();
    for name in wanted.split('\0').filter(|name| !name.is_empty() && ignored.contains(name)) {
        let to = root.join(name);
        copy_one(&top.join(name), &to).map_err(|source| (to, source))?;
    }
    Ok(())
}

/// Copies a file or a link, never over something that is there.
fn copy_one(from: &Path, to: &Path) -> io::Result<()> {
    if to.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let kind = from.symlink_metadata()?.file_type();
    if kind.is_symlink() {
        symlink(fs::read_link(from)?, to)
    } else if kind.is_file() {
        fs::copy(from, to).map(|_| ())
    } else {
        Ok(())
    }
}
