//! `.worktreeinclude`: ignored files a worktree needs, such as `.env`, copied from the checkout.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

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
    let listed = |exclude: String| async move {
        let args = ["ls-files", "--others", "--ignored", "-z", &exclude];
        Git::new(top).answer(&args).await
    };
    let wanted = listed(format!("--exclude-from={FILE}")).await?;
    let ignored =
        git.answer(&["ls-files", "--others", "--ignored", "-z", "--exclude-standard"]).await?;
    let ignored: BTreeSet<&str> = ignored.split('\0').collect();
    for name in wanted.split('\0').filter(|name| !name.is_empty() && ignored.contains(name)) {
        let (from, to) = (top.join(name), root.join(name));
        copy_one(&from, &to).map_err(|source| BranchError::File { path: to.clone(), source })?;
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
