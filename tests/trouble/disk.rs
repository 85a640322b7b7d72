//! Disks that are full.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::support::home::Home;
use crate::{Bench, ONE, WORKER, told};

/// A small disk under the state folder.
struct Disk {
    place: PathBuf,
}

impl Disk {
    /// Mounts it; says why not where that is not possible.
    fn under(home: &Home, size: &str) -> Option<Self> {
        let place = home.join(".local/state");
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "orch-tui-test"])
            .arg(&place)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { place });
        }
        let _ = writeln!(std::io::stderr(), "skipped: a full disk needs leave to mount one");
        None
    }

    fn grow(&self) {
        let grown =
            Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.place).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.place).status();
    }
}

/// Puts a file of that many kilobytes into the repository.
fn burden(bench: &Bench, kilobytes: usize) {
    let text: String = (0..kilobytes * 64).map(|n| format!("{n:015}\n")).collect();
    bench.repository.commit_file("burden", &text);
}

/// Fills the disk of the state folder but for that many kilobytes.
fn fill_but(kilobytes: u32) -> String {
    format!(
        "state=${{desk%/*}}/.local/state\nfree=$(df --output=avail -k $state | tail -n 1)\n\
         [ -e $desk/full ] || head -c $(((free - {kilobytes}) * 1024)) /dev/zero > $state/filler\ntouch $desk/full\n"
    )
}

fn is_untouched(bench: &Bench, head: &str) {
    assert_eq!(bench.repository.git(["rev-parse", "main"]), head);
    assert_eq!(bench.repository.git(["status", "--porcelain", "--", ":!roadmap.md"]), "");
}

#[test]
fn a_disk_too_full_for_a_worktree_is_told() {
    let bench = Bench::new(ONE, WORKER, "");
    let Some(disk) = Disk::under(&bench.home, "1m") else { return };
    burden(&bench, 2_000);
    let head = bench.repository.git(["rev-parse", "main"]);
    bench.fails(5, &["worktree can't be written to", "make space"]);
    bench.is_as_before();
    is_untouched(&bench, &head);
    assert_eq!(bench.branches(), "");
    disk.grow();
    bench.completes();
    assert_eq!(bench.show("main:made-1"), "made");
}

#[test]
fn a_disk_too_full_for_a_merge_is_told_and_the_work_is_merged_when_there_is_space() {
    let bench = Bench::new(ONE, &(WORKER.to_owned() + &fill_but(400)), "");
    let Some(disk) = Disk::under(&bench.home, "8m") else { return };
    burden(&bench, 2_000);
    let head = bench.repository.git(["rev-parse", "main"]);
    bench.fails(4, &["waits to be merged", "make space", "run again"]);
    is_untouched(&bench, &head);
    assert_eq!(bench.show("orch/1-1:made-1"), "made");
    disk.grow();
    bench.completes();
    assert_eq!(bench.show("main:made-1"), "made");
}

#[test]
fn a_disk_too_full_for_the_journal_is_told_and_the_next_run_goes_on() {
    // Long answers of gates fill what is left of the journal's last block.
    let gate = "    gates:\n      - {name: long, run: 'seq -f %0100g 1 100; test -e made-1'}\n";
    let bench = Bench::new(ONE, &(WORKER.to_owned() + &fill_but(0)), gate);
    let Some(disk) = Disk::under(&bench.home, "8m") else { return };
    let head = bench.repository.git(["rev-parse", "main"]);
    let told = bench.run();
    let text = self::told(&told);
    assert_eq!(told.code, Some(5), "{text}");
    assert!(text.contains("journal") && text.contains("No space left on device"), "{text}");
    is_untouched(&bench, &head);
    assert_eq!(bench.show("orch/1-1:made-1"), "made");
    disk.grow();
    bench.completes();
    assert_eq!(bench.show("main:made-1"), "made");
}
