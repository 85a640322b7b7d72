//! `orch-tui init`, `doctor`, `completions` and `demo`.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use crate::app::cli::{Cli, DemoArgs, Global, RunArgs};
use crate::app::commands::{garden::Doing, run};
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::out::Answer;
use crate::app::place::{Place, directory};
use crate::app::{json, out, screen};
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::{counted, visible};
use crate::domain::target::Target;
use crate::runner::config::{Config, ConfigError, Places};
use crate::runner::demo::repository;
use crate::runner::doctor::{self, Check, Facts, Health};
use crate::runner::environment;
use crate::runner::init::{self, InitFile, InitState};
use crate::runner::left_worktrees;
use crate::runner::roadmap_file::RoadmapFile;
use crate::runner::state_dir::{StateDir, base_folder};
use crate::ui::keys::label;

/// How the program shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The full screen.
    Screen,
    /// Lines on standard output.
    Lines,
}

/// Whether the person is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Ask.
    Ask,
    /// The person said yes already.
    Agreed,
}

/// Writes what a repository needs, and overwrites nothing.
///
/// # Errors
/// When the directory can't be written.
pub fn init(global: &Global, asking: Asking, doing: Doing) -> Result<Exit, Failure> {
    let folder = directory(global)?;
    let files = init::plan(&folder);
    let new: Vec<_> = files.iter().filter(|file| file.state == InitState::New).collect();
    if global.json {
        out::json(&json::init(&files))?;
    } else {
        list(&folder, &files)?;
    }
    if new.is_empty() {
        say(global, "everything is there already; nothing was changed")?;
        return Ok(Exit::Ok);
    }
    if doing == Doing::DryRun {
        if !global.json {
            out::line("nothing was written")?;
        }
        return Ok(Exit::Ok);
    }
    if asking == Asking::Ask {
        match out::agreed(&format!("Write {}?", counted(new.len(), "file"))) {
            Answer::Yes => {}
            Answer::No => return Ok(Exit::Approval),
            Answer::Nobody => {
                out::note("nobody is there to ask: add --yes");
                return Ok(Exit::Approval);
            }
        }
    }
    let written = init::write(&files).map_err(Failure::environment)?;
    say(global, &format!("wrote {} files\n{NEXT}", written.len()))?;
    Ok(Exit::Ok)
}

/// What is there and what is not, for a person.
fn list(folder: &Path, files: &[InitFile]) -> Result<(), Failure> {
    out::line(format!("in {}", shown(folder)))?;
    for file in files {
        let word = match file.state {
            InitState::New => "new   ",
            InitState::Exists => "exists",
        };
        let path = file.path.strip_prefix(folder).unwrap_or(&file.path);
        out::line(format!("  {word} {}", shown(path)))?;
    }
    Ok(())
}

/// What it comes to: a line for a person, a note beside JSON.
fn say(global: &Global, sentence: &str) -> Result<(), Failure> {
    if global.json {
        out::note(sentence);
        return Ok(());
    }
    out::line(sentence)
}

/// What to do after `init`.
const NEXT: &str = "next:
  1. write your phases into plans/roadmap.md
  2. say under `gates` in config/targets.yaml what must pass before a phase is complete
  3. commit both, so that git shows you every change agents make
  4. `orch-tui doctor` checks what is missing; `orch-tui` starts";

/// Writes the starter files that a target lacks and says so in one sentence.
///
/// # Errors
/// When the directory can't be written.
pub fn write_missing(target: &Target) -> Result<String, Failure> {
    let written = init::write(&init::plan(&target.path)).map_err(Failure::environment)?;
    let told = format!("wrote {}", counted(written.len(), "file"));
    if written.contains(&target.roadmap) {
        return Ok(format!("{told}; {} opens the roadmap in $EDITOR", label("phase.edit")));
    }
    Ok(told)
}

/// The starter files that are missing in a folder, named from it on.
pub fn missing(folder: &Path) -> Vec<String> {
    let files = init::plan(folder);
    let new = files.iter().filter(|file| file.state == InitState::New);
    let named = |file: &InitFile| file.path.strip_prefix(folder).unwrap_or(&file.path).to_owned();
    new.map(|file| named(file).display().to_string()).collect()
}

/// Checks what orch-tui needs and prints every path it uses.
///
/// # Errors
/// When the report can't be written.
pub fn doctor(global: &Global) -> Result<Exit, Failure> {
    let cwd = directory(global)?;
    let places = Places::discover(&cwd);
    let config = match &global.roadmap {
        Some(path) => Config::for_roadmap(&places, &cwd.join(path)),
        None => Config::load(&places),
    };
    let config = named(config, global)?;
    let target = config.as_ref().ok().and_then(|c| c.targets.get(&c.default_target));
    let folder = target.map_or(&cwd, |target| &target.path);
    let state = StateDir::open(folder).map(|state| state.folder().to_owned());
    let state = state.unwrap_or_else(|_| folder.clone());
    let base = base_folder().unwrap_or_else(|_| state.clone());
    let env = environment::own();
    let left = config.as_ref().map(|config| left_worktrees(&places, config)).unwrap_or_default();
    let facts = Facts {
        places: &places,
        config: &config,
        state: &state,
        base: &base,
        env: &env,
        left: &left,
        count: phases_in,
    };
    let checks = doctor::examine(&facts);
    if global.json {
        out::json(&json::doctor(&checks))?;
    }
    for check in checks.iter().filter(|_| !global.json) {
        out::line(format!("{:<5} {:<14} {}", check.state.word(), check.name, check.sentence))?;
    }
    let (exit, verdict) = match doctor::verdict(&checks) {
        Health::Ok => (Exit::Ok, "all is well: `orch-tui` starts"),
        Health::Warn => (Exit::Ok, "good enough: `orch-tui` starts"),
        Health::Fail => (
            Exit::Environment,
            "agents can't run before every `fail` is mended; `orch-tui demo` needs only git",
        ),
    };
    say(global, verdict)?;
    Ok(exit)
}

/// Worktrees of the default target in which nobody works. Of a journal that can't be read others tell.
fn left_worktrees(places: &Places, config: &Config) -> Vec<Check> {
    let Some(target) = config.targets.get(&config.default_target) else { return Vec::new() };
    let (places, config, target) = (places.clone(), config.clone(), target.clone());
    let place = Place { places, config, target };
    let (Ok(state), Ok(journal)) = (place.state(), place.journal()) else { return Vec::new() };
    left_worktrees::examine(&state, &Run::replay(&journal), &place.target.path)
}

/// The configuration with the target of the command line as the one that is looked at.
fn named(
    config: Result<Config, ConfigError>,
    global: &Global,
) -> Result<Result<Config, ConfigError>, Failure> {
    match (config, global.targets.first()) {
        (Ok(mut config), Some(key)) => {
            let target = config.target(key).map_err(|error| Failure::new(Exit::Usage, error))?;
            config.default_target = target.id.clone();
            Ok(Ok(config))
        }
        (config, _) => Ok(config),
    }
}

fn phases_in(roadmap: &Path) -> Result<usize, String> {
    let read = RoadmapFile::new(roadmap).read();
    read.map(|roadmap| roadmap.phases.len()).map_err(|error| error.to_string())
}

/// Prints completions for a shell.
///
/// # Errors
/// When they can't be written.
pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "orch-tui", &mut text);
    out::bytes(&text)?;
    Ok(Exit::Ok)
}

/// Makes the demo repository and opens it, or runs a goal in it without a screen.
///
/// # Errors
/// When the repository can't be made or the run can't begin.
pub async fn demo(global: &Global, args: &DemoArgs, view: View) -> Result<Exit, Failure> {
    let folder = demo_folder(args)?;
    repository::create(&folder, args.seed, args.speed).map_err(Failure::environment)?;
    let global = Global { directory: Some(folder.clone()), ..global.clone() };
    let exit = match (&args.goal, view) {
        (None, View::Screen) => {
            let place = Place::find(&global)?;
            screen::show(vec![place], &global).await?.exit
        }
        (goal, _) => {
            let goal = goal.clone().unwrap_or_else(|| "everything".into());
            run::run(&global, &goal_args(goal)).await?
        }
    };
    out::note(&format!("the demo is in {0}; `orch-tui -C {0}` opens it again", shown(&folder)));
    Ok(exit)
}

fn goal_args(goal: String) -> RunArgs {
    RunArgs {
        goal: vec![goal],
        phases: vec![],
        mode: None,
        max: None,
        merge: None,
        dry_run: false,
        yes: true,
        agent: None,
        simulate: None,
        size: None,
    }
}

fn demo_folder(args: &DemoArgs) -> Result<PathBuf, Failure> {
    match &args.dir {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(Failure::environment)?;
            folder.canonicalize().map_err(Failure::environment)
        }
        None => {
            let made = tempfile::Builder::new().prefix("orch-tui-demo-").tempdir();
            made.map(tempfile::TempDir::keep).map_err(Failure::environment)
        }
    }
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
