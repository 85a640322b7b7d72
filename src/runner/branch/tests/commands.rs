//! Commands in the repository's configuration that agents wrote.

use super::*;

/// Writes a filter into the shared configuration and work that goes through it, as an agent can.
fn filter(bed: &Bed, one: &Worktree) -> PathBuf {
    let ran = bed.folder.path().join("ran");
    work(one, ".gitattributes", "*.txt filter=e\n");
    work(one, "b.txt", "new\n");
    git(&one.root, &["config", "filter.e.smudge", &format!("touch '{}'; cat", ran.display())]);
    ran
}

#[tokio::test]
async fn what_an_agent_has_git_run_is_not_run_and_told() {
    let bed = Bed::new();
    let one = bed.worktree("1").await;
    let ran = filter(&bed, &one);
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    let why = why.as_str();
    assert!(
        why.contains("filter.e.smudge in ") && why.contains(".git/config has git run"),
        "{why}"
    );
    assert!(why.contains("`git config --unset-all filter.e.smudge` in "), "{why}");
    let refused = [
        bed.try_worktree("2", None).await.map(|_| ()).unwrap_err(),
        bed.try_worktree("1", Some(one.clone())).await.map(|_| ()).unwrap_err(),
        remove::discard(&bed.world, &bed.order("1", &one)).await.unwrap_err().to_string(),
    ];
    assert!(refused.iter().all(|why| why.contains("filter.e.smudge")), "{refused:?}");
    assert!(one.root.exists() && !ran.exists());
    git(&bed.repository(), &["config", "--unset-all", "filter.e.smudge"]);
    let merge = bed.merge("1", &one).await.unwrap();
    // Gates run what agents wrote, too.
    git(&bed.repository(), &["config", "core.sshCommand", "touch ran"]);
    let Err(Unlanded::Blocked(why)) = bed.land(&one, &merge).await else { panic!("it landed") };
    assert!(why.as_str().contains("core.sshcommand"), "{why}");
    git(&bed.repository(), &["config", "--unset-all", "core.sshcommand"]);
    bed.land(&one, &merge).await.unwrap();
    assert!(bed.repository().join("b.txt").exists() && !ran.exists());
}

#[tokio::test]
async fn what_was_there_before_agents_began_is_run() {
    let bed = Bed::new();
    let ran = bed.folder.path().join("ran");
    let tell = format!("touch '{}'; cat", ran.display());
    git(&bed.repository(), &["config", "filter.e.smudge", &tell]);
    let one = bed.worktree("1").await;
    work(&one, ".gitattributes", "*.txt filter=e\n");
    work(&one, "b.txt", "new\n");
    // What runs no command for us may be set.
    for (key, value) in [("core.hooksPath", ".husky"), ("alias.x", "!x"), ("user.name", "another")]
    {
        git(&one.root, &["config", key, value]);
    }
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    assert!(ran.exists());
    // Another value is another command.
    git(&one.root, &["config", "filter.e.smudge", "cat"]);
    let refused = remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await;
    assert!(refused.unwrap_err().to_string().contains("filter.e.smudge"));
    git(&one.root, &["config", "filter.e.smudge", &tell]);
    remove::remove(&bed.world, &bed.order("1", &one), MergeTree::Drop).await.unwrap();
    // Where nobody works, what a person sets is wanted.
    git(&bed.repository(), &["config", "filter.e.clean", "cat"]);
    bed.worktree("2").await;
}

#[tokio::test]
async fn what_set_up_has_git_run_is_wanted_and_a_file_that_is_included_counts() {
    let bed = Bed::with(|spaces| {
        let setup = ["sh", "-c", "git config filter.e.clean \"$PWD/clean\""];
        spaces.setup = vec![setup.map(str::to_owned).to_vec()];
    });
    let one = bed.worktree("1").await;
    bed.worktree("2").await;
    work(&one, "b.txt", "new\n");
    let merge = bed.merge("1", &one).await.unwrap();
    bed.land(&one, &merge).await.unwrap();
    let more = bed.folder.path().join("more");
    fs::write(&more, "[merge \"e;x\"]\n\tdriver = x\n").unwrap();
    git(&one.root, &["config", "include.path", more.to_str().unwrap()]);
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    let told = format!("merge.e;x.driver in {} has git run", more.display());
    assert!(why.as_str().contains(&told), "{why}");
    assert!(why.as_str().contains("take it out of that file"), "{why}");
    git(&one.root, &["config", "--unset", "include.path"]);
    git(&one.root, &["config", "credential.https://e;x.helper", "!x"]);
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    assert!(why.as_str().contains("`git config --edit` in "), "{why}");
    git(&one.root, &["config", "--unset", "credential.https://e;x.helper"]);
    git(&one.root, &["config", "extensions.worktreeConfig", "true"]);
    git(&one.root, &["config", "--worktree", "filter.mine.clean", "x"]);
    let Err(Unmerged::Blocked(why)) = bed.merge("1", &one).await else { panic!("it is merged") };
    assert!(why.as_str().contains("filter.mine.clean in "), "{why}");
    assert!(why.as_str().contains("worktrees/1-1/config.worktree has git run"), "{why}");
}
