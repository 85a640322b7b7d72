//! Repositories without a commit inside a worktree.

use super::*;

/// A file, with the folders it lies in.
fn file(at: &Path, name: &str, text: &str) {
    let path = at.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn init(at: &Path, name: &str) {
    fs::create_dir_all(at.join(name)).unwrap();
    git(&at.join(name), &["init", "-q", "-b", "main"]);
}

#[tokio::test]
async fn the_files_of_a_repository_without_a_commit_are_kept_when_its_worktree_goes() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    for name in ["deep/scratch", "deep/scratch/inside", "empty"] {
        init(&one.root, name);
    }
    file(&one.root, "deep/scratch/f.txt", "scratch");
    file(&one.root, "deep/scratch/inside/g.txt", "inside");
    file(&one.root, "deep/notes.txt", "notes");
    // Nobody has to be known there.
    git(&one.root.join("deep/scratch"), &["config", "user.name", ""]);
    let kept = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    assert!(!one.root.exists());
    let [saved, scratch, inside] = &kept[..] else { panic!("{kept:?}") };
    let show =
        |name: &str, file: &str| git(&bed.repository(), &["show", &format!("{name}:{file}")]);
    assert_eq!(show(saved, "deep/notes.txt"), "notes");
    assert_eq!(show(scratch, "f.txt"), "scratch");
    assert_eq!(show(inside, "g.txt"), "inside");
    // A second time the first is not overwritten.
    let again = bed.worktree("1").await;
    init(&again.root, "deep/scratch");
    file(&again.root, "deep/scratch/f.txt", "again");
    let more = remove::remove(&bed.world, &bed.order("1", &again), MergeTree::Drop).await.unwrap();
    let [more] = &more[..] else { panic!("{more:?}") };
    assert_eq!((show(scratch, "f.txt"), show(more, "f.txt")), ("scratch".into(), "again".into()));
}

#[tokio::test]
async fn a_repository_around_files_git_knows_already_and_one_on_a_branch_without_a_commit_are_kept()
{
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    init(&one.root, "plans");
    file(&one.root, "plans/roadmap.md", "# mine\n");
    file(&one.root, "plans/new.md", "new");
    init(&one.root, "other");
    file(&one.root, "other/o.txt", "committed");
    let person = ["-c", "user.name=n", "-c", "user.email=e"];
    git(&one.root.join("other"), &["add", "."]);
    git(&one.root.join("other"), &[&person[..], &["commit", "-q", "-m", "o"]].concat());
    let commit = git(&one.root.join("other"), &["rev-parse", "HEAD"]);
    git(&one.root.join("other"), &["checkout", "-q", "--orphan", "fresh"]);
    file(&one.root, "other/o.txt", "changed");
    let kept = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    assert!(!one.root.exists());
    let [saved, other, _plans] = &kept[..] else { panic!("{kept:?}") };
    let show =
        |name: &str, file: &str| git(&bed.repository(), &["show", &format!("{name}:{file}")]);
    assert_eq!(show(saved, "plans/new.md"), "new");
    assert_eq!(show(other, "o.txt"), "changed");
    let refs = git(&bed.repository(), &["for-each-ref", "--points-at", &commit]);
    assert!(refs.contains("refs/orch-tui/inner/"), "{refs}");
}

#[tokio::test]
async fn a_submodule_without_a_commit_does_not_keep_its_worktree() {
    let bed = Bed::new();
    let part = "160000,1111111111111111111111111111111111111111,part";
    git(&bed.repository(), &["update-index", "--add", "--cacheinfo", part]);
    git(&bed.repository(), &["commit", "-q", "-m", "with a part"]);
    let one = bed.worktree("1").await;
    init(&one.root, "part");
    file(&one.root, "part/p.txt", "part");
    let kept = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    assert!(!one.root.exists());
    let [part] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(git(&bed.repository(), &["show", &format!("{part}:p.txt")]), "part");
}
