//! Binds an agent's own process to its host: when the host dies, whoever looks on or not, the kernel ends the agent too.
//!
//! What the agent started and moved away from it is ended by the next app, which finds it by its mark.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use super::HostError;

/// This program, to start the agent through; `None` where the kernel can't bind, or the program was replaced meanwhile.
pub(super) fn program() -> Option<PathBuf> {
    if cfg!(not(target_os = "linux")) {
        return None;
    }
    std::env::current_exe().ok().filter(|path| path.is_file())
}

/// Binds the calling process to its host and makes it the agent. Returns only when that can't be done.
pub fn become_bound(host: u32, argv: &[OsString]) -> HostError {
    let Some((program, arguments)) = argv.split_first() else { return HostError::NoCommand };
    let failed = |cause: std::io::Error| HostError::Start {
        command: program.to_string_lossy().into_owned(),
        cause: cause.to_string(),
    };
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        if let Err(cause) = set_parent_process_death_signal(Some(Signal::KILL)) {
            return failed(cause.into());
        }
        // It may have died before it could be asked to take this process along.
        if getppid().is_none_or(|parent| parent.as_raw_nonzero().get().unsigned_abs() != host) {
            return HostError::Orphaned;
        }
    }
    failed(Command::new(program).args(arguments).exec())
}
