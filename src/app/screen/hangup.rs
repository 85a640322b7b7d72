//! Notices when the terminal is gone. crossterm does not, and would spin.

use std::io;

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::oneshot;

use crate::app::exit::Exit;
use crate::runner::pause::pause;

/// How long the loop may take to end after the terminal is gone: longer than it waits for hosts.
const GRACE: Duration = Duration::from_secs(15);

/// Resolves when the terminal on standard input hangs up. Costs nothing until then.
pub fn watch() -> oneshot::Receiver<()> {
    let (gone, heard) = oneshot::channel();
    std::thread::spawn(move || {
        let stdin = io::stdin();
        loop {
            // No events asked for: only hang-up and errors are told.
            let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
            match poll(&mut fds, None) {
                Ok(_) if hangs_up(&fds[0]) => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
        let _ = gone.send(());
        // The loop ends the process long before. Should crossterm have begun to read just then, nothing else will.
        pause(GRACE);
        std::process::exit(Exit::Interrupted.number().into());
    });
    heard
}

/// Whether the terminal on standard input hangs up now.
pub fn is_gone() -> bool {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&at_once)).is_ok() && hangs_up(&fds[0])
}

fn hangs_up(fd: &PollFd<'_>) -> bool {
    fd.revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}
