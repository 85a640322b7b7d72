//! Two repositories under one configuration, which lies in the first.

use super::crew::Crew;
use super::home::Home;
use super::repository::Repository;

/// Two targets, `tide` and `aurora`, whose agents are one script.
pub struct TwoTargets {
    /// Where everything lives.
    pub home: Home,
    /// The first, which is the default.
    pub tide: Repository,
    /// The other one.
    pub aurora: Repository,
    /// The agents.
    pub crew: Crew,
}

impl TwoTargets {
    /// With these roadmaps, this agent, and what `defaults` says of both targets besides: keys with two blanks before them.
    pub fn new([tide, aurora]: [&str; 2], script: &str, defaults: &str) -> Self {
        let home = Home::new();
        let tide = Repository::with_roadmap(&home, "tide", tide);
        let aurora = Repository::with_roadmap(&home, "aurora", aurora);
        let targets = format!(
            "default_target: tide\ndefaults:\n  roadmap: roadmap.md\n  agent: crew\n{defaults}targets:\n  \
             tide:\n    path: {}\n  aurora:\n    path: {}\n",
            tide.path().display(),
            aurora.path().display()
        );
        let crew = Crew::hire_for((&home, &tide), &targets, script);
        Self { home, tide, aurora, crew }
    }

    /// Adds a target.
    pub fn add(&self, name: &str, path: &str) {
        let before = self.tide.read("config/targets.yaml");
        let targets = format!("{before}  {name}:\n    path: {path}\n");
        self.tide.commit_file("config/targets.yaml", &targets);
    }
}
