//! Worktrees whose branch was renamed, deleted or left.

use super::*;

fn file(at: &Path, name: &str, text: &str) {
    fs::write(at.join(name), text).unwrap();
}

#[tokio::test]
async fn work_goes_on_in_the_same_worktree_after_its_branch_was_renamed() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["branch", "-m", "feature/one"]);
    work(&one, "b.txt", "new\n");
    let commit = git(&one.root, &["rev-parse", "HEAD"]);
    file(&one.root, "half.txt", "half done");
    file(&one.root, "a.txt", "staged\n");
    git(&one.root, &["add", "a.txt"]);
    let before = git(&one.root, &["status", "--porcelain"]);
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert_eq!(again, one);
    assert_eq!(git(&one.root, &["branch", "--show-current"]), "orch/1-1");
    assert_eq!(git(&one.root, &["rev-parse", "orch/1-1", "feature/one"]), {
        format!("{commit}\n{commit}")
    });
    assert_eq!(git(&one.root, &["status", "--porcelain"]), before);
    let merge = bed.merge("1", &again).await.unwrap();
    bed.land(&again, &merge).await.unwrap();
    assert!(bed.repository().join("b.txt").exists());
}

#[tokio::test]
async fn what_was_done_after_a_renaming_is_shown_and_merged() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["branch", "-m", "feature/one"]);
    work(&one, "b.txt", "new\n");
    let told = diff::diff(&bed.world, &bed.order("1", &one)).await.unwrap();
    assert_eq!((told.files.len(), told.commits), (1, 1));
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    assert!(bed.repository().join("b.txt").exists());
    remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    // The name the agent gave is its own.
    assert_eq!(git(&bed.repository(), &["branch", "--list", "--format=%(refname:short)"]), {
        "feature/one\nmain"
    });
    assert!(!one.root.exists());
}

#[tokio::test]
async fn a_branch_that_was_deleted_is_made_again_where_nothing_is_checked_out_by_name() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["checkout", "-q", "--detach"]);
    git(&one.root, &["branch", "-q", "-D", "orch/1-1"]);
    work(&one, "b.txt", "new\n");
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert_eq!(git(&again.root, &["branch", "--show-current"]), "orch/1-1");
    assert!(again.root.join("b.txt").exists());
}

#[tokio::test]
async fn what_is_not_known_to_be_the_work_is_told_with_the_command_that_mends_it() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    // Another history.
    git(&one.root, &["branch", "-m", "feature/one"]);
    git(&one.root, &["checkout", "-q", "--orphan", "other"]);
    git(&one.root, &["commit", "-q", "--allow-empty", "-m", "other"]);
    let told = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(told.contains("orch/1-1 is gone") && told.contains("has other checked out"), "{told}");
    assert!(told.contains("run `git branch -m orch/1-1` there, then press r"), "{told}");
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    assert!(why.as_str().ends_with("run `git branch -m orch/1-1` there; m merges again"), "{why}");
    git(&one.root, &["branch", "-m", "orch/1-1"]);
    assert_eq!(bed.try_worktree("1", Some(one.clone())).await.unwrap(), one);
    // No commit at all.
    git(&one.root, &["update-ref", "-d", "HEAD"]);
    let told = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(told.contains("run `git reset --soft COMMIT` (`git fsck"), "{told}");
}

#[tokio::test]
async fn a_name_below_the_old_one_is_told_with_the_command_that_takes_it_back() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["branch", "-m", "orch/1-1/part"]);
    work(&one, "b.txt", "new\n");
    let told = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(told.contains("has orch/1-1/part checked out"), "{told}");
    git(&one.root, &["branch", "-m", "orch/1-1"]);
    assert_eq!(bed.try_worktree("1", Some(one.clone())).await.unwrap(), one);
}

#[tokio::test]
async fn a_worktree_on_another_branch_is_told_with_both() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    git(&one.root, &["switch", "-q", "-c", "side"]);
    work(&one, "b.txt", "new\n");
    let told = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    let commit = git(&one.root, &["rev-parse", "--short=10", "side"]);
    assert!(told.contains("has side checked out, not its branch orch/1-1"), "{told}");
    assert!(told.contains("`git switch orch/1-1`"), "{told}");
    assert!(told.contains(&format!("`git merge {commit}`")), "{told}");
}

#[tokio::test]
async fn a_rebase_under_way_is_to_be_ended_first() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "a.txt", "mine\n");
    file(&bed.repository(), "a.txt", "theirs\n");
    git(&bed.repository(), &["commit", "-q", "-am", "theirs"]);
    let _ = Command::new("git").current_dir(&one.root).args(["rebase", "-q", "main"]).output();
    let told = bed.try_worktree("1", Some(one.clone())).await.unwrap_err();
    assert!(told.contains("`git rebase --abort`"), "{told}");
    git(&one.root, &["rebase", "--abort"]);
    assert_eq!(bed.try_worktree("1", Some(one.clone())).await.unwrap(), one);
}

#[tokio::test]
async fn a_checkout_on_no_branch_does_not_keep_work_from_going_on() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    work(&one, "b.txt", "new\n");
    git(&bed.repository(), &["switch", "-q", "--detach"]);
    let again = bed.try_worktree("1", Some(one.clone())).await.unwrap();
    assert_eq!(again, one);
    let fresh = bed.try_worktree("2", None).await.unwrap_err();
    assert!(fresh.contains("git switch main"), "{fresh}");
}
