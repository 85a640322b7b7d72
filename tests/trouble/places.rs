//! Places in which nobody can work.

use crate::{Bench, ONE, WORKER};

#[test]
fn a_bare_repository_is_no_place_to_work() {
    let bench = Bench::new(ONE, WORKER, "");
    let bare = bench.home.join("bare.git");
    bench.repository.git(["clone", "--quiet", "--bare", ".", &bare.to_string_lossy()]);
    bench.target(&bare.to_string_lossy(), "");
    bench.fails(5, &["is a bare repository", "clone it"]);
    // With a roadmap in it, too.
    std::fs::write(bare.join("roadmap.md"), ONE).unwrap();
    bench.fails(5, &["is a bare repository", "clone it"]);
    assert_eq!(std::fs::read_to_string(bare.join("roadmap.md")).unwrap(), ONE);
}

#[test]
fn a_submodule_that_can_t_be_fetched_is_told() {
    let bench = Bench::new(ONE, WORKER, "");
    let gone = bench.home.join("gone.git");
    let modules = format!("[submodule \"sub\"]\n\tpath = sub\n\turl = {}\n", gone.display());
    let head = bench.repository.git(["rev-parse", "HEAD"]);
    bench.repository.write(".gitmodules", &modules);
    bench.repository.git(["add", ".gitmodules"]);
    let link = format!("160000,{head},sub");
    bench.repository.git(["update-index", "--add", "--cacheinfo", &link]);
    bench.repository.git(["commit", "--quiet", "-m", "Add sub"]);
    bench.fails(5, &["submodules of", "can't be fetched", "gone.git", ".gitmodules"]);
    bench.is_as_before();
    assert_eq!(bench.branches(), "");
    assert_eq!(bench.repository.git(["worktree", "list"]).lines().count(), 1);
    bench.repository.git(["rm", "--quiet", "--cached", "sub"]);
    bench.repository.git(["rm", "--quiet", "-f", ".gitmodules"]);
    bench.repository.git(["commit", "--quiet", "-m", "No sub"]);
    bench.completes();
}

#[test]
fn a_place_that_is_gone_is_told() {
    let bench = Bench::new(ONE, WORKER, "");
    let away = bench.home.join("away");
    std::fs::rename(bench.repository.path(), &away).unwrap();
    bench.fails(5, &["/work` of target", "does not exist", "Correct its `path`"]);
    assert!(!bench.repository.path().exists());
    std::fs::rename(&away, bench.repository.path()).unwrap();
    bench.completes();
}

#[test]
fn a_repository_without_a_commit_has_nothing_to_begin_from() {
    let bench = Bench::new(ONE, WORKER, "");
    bench.repository.git(["update-ref", "-d", "HEAD"]);
    bench.fails(5, &["has no commit yet", "commit something"]);
    bench.is_as_before();
    bench.repository.git(["commit", "--quiet", "-m", "First"]);
    bench.completes();
}
