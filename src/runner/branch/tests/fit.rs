//! Branches that are not what was proven, and what is begun from.

use super::*;

fn head(at: &Path) -> String {
    git(at, &["rev-parse", "HEAD"])
}

fn commit(at: &Path, file: &str) -> String {
    fs::write(at.join(file), file).unwrap();
    git(at, &["add", "."]);
    git(at, &["commit", "-q", "-m", file]);
    head(at)
}

async fn refused(bed: &Bed, one: &Worktree, proven: &str) -> String {
    match bed.merge_proven("1", one, Some(proven)).await {
        Err(Unmerged::Blocked(why)) => why.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_branch_without_what_was_proven_is_not_merged() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    // The agent worked on a branch of its own, and somebody switched back.
    git(&one.root, &["switch", "-q", "-c", "feature/alpha"]);
    let proven = commit(&one.root, "alpha");
    git(&one.root, &["switch", "-q", &one.branch]);
    let why = refused(&bed, &one, &proven).await;
    assert!(why.contains(&format!("does not hold {}", &proven[..10])), "{why}");
    // Half of it is not enough either.
    git(&one.root, &["reset", "-q", "--hard", &proven]);
    let whole = commit(&one.root, "beta");
    git(&one.root, &["reset", "-q", "--hard", &proven]);
    let why = refused(&bed, &one, &whole).await;
    assert!(why.contains(&format!("git -C {} merge", one.root.display())), "{why}");
    git(&one.root, &["merge", "-q", "--ff-only", &whole]);
    let merge = bed.merge_proven("1", &one, Some(&whole)).await.unwrap();
    assert_ne!(merge.commit, merge.tip);
}

#[tokio::test]
async fn commits_that_were_written_anew_are_merged() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    commit(&one.root, "alpha");
    let proven = commit(&one.root, "beta");
    git(&one.root, &["reset", "-q", "--soft", &one.base]);
    git(&one.root, &["commit", "-q", "-m", "both at once"]);
    let merge = bed.merge_proven("1", &one, Some(&proven)).await.unwrap();
    assert_ne!(merge.commit, merge.tip);
}

#[tokio::test]
async fn work_that_somebody_merged_by_hand_is_merged() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    let proven = commit(&one.root, "alpha");
    git(&bed.repository(), &["merge", "-q", "--no-ff", "-m", "by hand", &one.branch]);
    git(&bed.repository(), &["worktree", "remove", "--force", &one.root.to_string_lossy()]);
    git(&bed.repository(), &["branch", "-d", &one.branch]);
    let merge = bed.merge_proven("1", &one, Some(&proven)).await.unwrap();
    assert_eq!((&merge.commit, &merge.tip), (&head(&bed.repository()), &merge.commit));
    let why = refused(&bed, &one, &one.base).await;
    assert!(why.contains("is gone"), "nothing shows that it was merged: {why}");
}

#[tokio::test]
async fn what_was_amended_away_meanwhile_does_not_come_back() {
    let bed = Bed::new();
    let repository = bed.repository();
    commit(&repository, "key.pem");
    let one = bed.worktree("1").await;
    let proven = commit(&one.root, "alpha");
    git(&repository, &["rm", "-q", "key.pem"]);
    git(&repository, &["commit", "-q", "--amend", "--allow-empty", "-m", "no key"]);
    let why = refused(&bed, &one, &proven).await;
    let advice = format!("git -C {} rebase --onto main {}", one.root.display(), &one.base[..10]);
    assert!(why.contains("which main no longer holds") && why.contains(&advice), "{why}");
    git(&one.root, &["rebase", "-q", "--onto", "main", &one.base[..10]]);
    let merge = bed.merge_proven("1", &one, Some(&proven)).await.unwrap();
    let files = git(&repository, &["ls-tree", "-r", "--name-only", &merge.commit]);
    assert!(files.contains("alpha") && !files.contains("key.pem"), "{files}");
}

#[tokio::test]
async fn a_dependent_begins_where_what_it_needs_was_merged() {
    let bed = Bed::new();
    let repository = bed.repository();
    let needed = commit(&repository, "merged");
    git(&repository, &["switch", "-q", "-c", "person-work", "HEAD~1"]);
    let begin = || {
        let (agent, phase) = (agent("3"), PhaseId::new("3"));
        let (world, needs) = (bed.world.clone(), [needed.clone()]);
        async move { prepare(&world, (&agent, &phase), (None, &needs)).await }
    };
    let why = begin().await.unwrap_err().to_string();
    assert!(why.contains("(person-work) does not hold") && why.contains("and main does"), "{why}");
    git(&repository, &["merge", "-q", "main"]);
    begin().await.unwrap();
    // Where nobody holds it, it was written anew.
    git(&repository, &["switch", "-q", "main"]);
    git(&repository, &["branch", "-q", "-D", "person-work"]);
    git(&repository, &["commit", "-q", "--amend", "-m", "reworded"]);
    begin().await.unwrap();
}
