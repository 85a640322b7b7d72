//! The scripted agent behind `orch-tui demo-agent`: prints like Claude Code, and really writes, tests and commits.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use super::errand::{Clerk, DemoErrand};
use super::pace::Pace;
use super::script::{self, Act, Part};
use super::voice::Voice;
use super::{DemoError, work};
use crate::runner::environment::Variables;
use crate::runner::prompt::RETRY_HEADING;

/// How long it waits for a person, in the script's time.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one life of the demo agent is given.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoSettings {
    /// The phase to work on.
    pub phase: String,
    /// Which life this is, from 1.
    pub life: u32,
    /// The prompt, empty when there is none.
    pub prompt: String,
    /// What the delays are made from.
    pub seed: u64,
    /// Divides every delay; 0 leaves them out.
    pub speed: f64,
    /// Where it works.
    pub directory: PathBuf,
    /// What it does, if it works on no phase.
    pub errand: Option<DemoErrand>,
}

impl DemoSettings {
    /// Reads `WORK_STREAM_ID`, `AGENT_LIFE`, `ORCH_TUI_PROMPT_FILE`, `ORCH_TUI_DEMO_SEED` and `ORCH_TUI_DEMO_SPEED`.
    pub fn from_environment(env: &Variables, directory: PathBuf) -> Self {
        let prompt = env.get("ORCH_TUI_PROMPT_FILE").and_then(|file| std::fs::read(file).ok());
        let prompt = String::from_utf8_lossy(&prompt.unwrap_or_default()).into_owned();
        let phase = env.get("WORK_STREAM_ID").cloned().or_else(|| phase_in(&prompt));
        Self {
            phase: phase.unwrap_or_default(),
            life: number(env, "AGENT_LIFE").unwrap_or(1),
            seed: number(env, "ORCH_TUI_DEMO_SEED").unwrap_or(7),
            speed: number(env, "ORCH_TUI_DEMO_SPEED")
                .filter(|s: &f64| s.is_finite())
                .unwrap_or(1.0),
            prompt,
            directory,
            errand: DemoErrand::from_environment(env),
        }
    }

    fn is_first_try(&self) -> bool {
        self.life <= 1 && !self.prompt.contains(RETRY_HEADING)
    }
}

/// Works on a phase to its end, printing to `out`.
///
/// # Errors
/// When there is no script for the phase, its output is gone, or a file, `sh` or `git` fails.
pub fn run(settings: &DemoSettings, out: impl Write) -> Result<(), DemoError> {
    let part = script::part(&settings.phase).filter(|part| !part.is_given());
    let mut pace = Pace::new(settings.seed, &settings.phase, settings.life, settings.speed);
    let session = format!(
        "{:08x}-0000-4000-8000-{:012x}",
        pace.number(0, u32::MAX.into()),
        pace.number(0, (1 << 48) - 1)
    );
    let voice = Voice::new(out, session);
    let part = match (&settings.errand, part) {
        (Some(errand), _) => return Clerk { settings, errand, voice, pace }.work(),
        (None, Some(part)) => part,
        (None, None) => return Err(DemoError::UnknownPhase(settings.phase.clone())),
    };
    let mut agent = Agent { settings, part, voice, pace };
    agent.voice.begin(&settings.directory.to_string_lossy())?;
    agent.begin()?;
    let wrote = match part.act {
        Act::FailsFirst if settings.is_first_try() => agent.make_a_mistake(),
        Act::HangsFirst if settings.is_first_try() => agent.hang(),
        Act::FailsFirst | Act::HangsFirst if !settings.is_first_try() => agent.mend(),
        Act::Asks => agent.ask_and_build(),
        Act::Plain | Act::FailsFirst | Act::HangsFirst => agent.build(part.source),
    };
    match wrote {
        Ok(text) => Ok(agent.voice.end(&mut agent.pace, &text, Ok(()))?),
        Err(error) => {
            agent.voice.end(&mut agent.pace, &error.to_string(), Err(()))?;
            Err(error)
        }
    }
}

struct Agent<'a, W: Write> {
    settings: &'a DemoSettings,
    part: &'static Part,
    voice: Voice<W>,
    pace: Pace,
}

/// The last words of a life that ended well.
type Words = Result<String, DemoError>;

impl<W: Write> Agent<'_, W> {
    /// What every life does first: read.
    fn begin(&mut self) -> Result<(), DemoError> {
        self.pace.wait(900, 1_800);
        self.say(&format!("I'll start with what phase {} asks for.", self.part.phase))?;
        let section = format!("grep -n -A 9 'Phase {}:' plans/roadmap.md", self.part.phase);
        self.bash(&section)?;
        self.read("src/store.sh")
    }

    fn build(&mut self, source: &str) -> Words {
        self.say(self.part.thought)?;
        self.write(&self.part.source_path(), source)?;
        self.bash(&format!("sh -n {}", self.part.source_path()))?;
        self.write(&self.part.test_path(), self.part.test)?;
        self.test()?;
        self.commit(&format!("Phase {}: {}", self.part.phase, self.part.title))?;
        self.tick(None)?;
        let words = format!("{}: done, tested and committed.", self.part.title);
        self.say(&words)?;
        Ok(words)
    }

    fn ask_and_build(&mut self) -> Words {
        self.say(
            "Two versions of the cookie are about. I can go on reading the old one, or drop it.",
        )?;
        self.say(script::QUESTION)?;
        self.voice.wait_for_person(script::QUESTION)?;
        let answer = self.listen();
        let drops = answer.as_deref().is_some_and(|text| text.trim_start().starts_with(['n', 'N']));
        match (&answer, drops) {
            (Some(_), true) => self.say("Dropping it: version 1 cookies will be refused.")?,
            (Some(_), false) => self.say("Keeping it: version 1 cookies stay readable.")?,
            (None, _) => {
                self.say("No answer, so I keep the safe choice: version 1 stays readable.")?
            }
        }
        if drops {
            self.build(&without_old_cookies(self.part.source))
        } else {
            self.build(self.part.source)
        }
    }

    /// Commits a source that its own quick check likes and its test does not.
    fn make_a_mistake(&mut self) -> Words {
        self.say(self.part.thought)?;
        self.write(&self.part.source_path(), script::MISTAKE)?;
        self.write(&self.part.test_path(), self.part.test)?;
        self.bash("sh -c '. src/query.sh; TIDE_DATA=tests/phases; query_count 2.'")?;
        self.say("A quick try on a real file counts right.")?;
        self.commit(&format!("Phase {}: {}", self.part.phase, self.part.title))?;
        self.tick(Some("1"))?;
        let words = "The query planner counts keys by prefix.".to_owned();
        self.say(&words)?;
        Ok(words)
    }

    /// Never returns: a person or a time limit ends this life.
    fn hang(&mut self) -> Words {
        self.say(self.part.thought)?;
        self.say(&format!("Another writer seems to be at work: {}.", script::HANGING))?;
        self.voice
            .tool("Bash", &json!({"command": "until mkdir .write.lock; do sleep 1; done"}))?;
        loop {
            std::thread::park();
        }
    }

    /// A later life of a phase whose first one went wrong.
    fn mend(&mut self) -> Words {
        self.say("The last try left something behind. First I look at what is there.")?;
        self.bash("git log --oneline -3")?;
        if !self.settings.directory.join(self.part.source_path()).is_file() {
            self.say("Nothing was written, so I build it without waiting for anybody.")?;
            return self.build(self.part.source);
        }
        self.test()?;
        self.say(
            "There it is: the match must stand at the beginning of the key, not anywhere in it.",
        )?;
        self.write(&self.part.source_path(), self.part.source)?;
        self.write(&self.part.test_path(), self.part.test)?;
        self.test()?;
        self.commit(&format!("Phase {}: match only at the beginning", self.part.phase))?;
        self.tick(None)?;
        let words = "Fixed; the gate's test passes now.".to_owned();
        self.say(&words)?;
        Ok(words)
    }

    fn say(&mut self, text: &str) -> Result<(), DemoError> {
        Ok(self.voice.say(&mut self.pace, text)?)
    }

    fn read(&mut self, file: &str) -> Result<(), DemoError> {
        let path = self.settings.directory.join(file);
        self.voice.tool("Read", &json!({"file_path": path}))?;
        self.pace.wait(150, 450);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        Ok(self.voice.answer(&text, Ok(()))?)
    }

    fn write(&mut self, file: &str, text: &str) -> Result<(), DemoError> {
        let path = self.settings.directory.join(file);
        let tool = if path.is_file() { "Edit" } else { "Write" };
        self.pace.wait(500, 1_300);
        let input = json!({"file_path": path, "content": text});
        self.voice.tool(tool, &input)?;
        work::write(&self.settings.directory, file, text)?;
        Ok(self.voice.answer(&format!("{file} written"), Ok(()))?)
    }

    /// Ticks a task of the phase, by its number, or all of them. The roadmap is not the agent's to commit.
    fn tick(&mut self, task: Option<&str>) -> Result<(), DemoError> {
        let path = self.settings.directory.join(work::ROADMAP);
        let (old, new) = ("  - [ ] ", "  - [x] ");
        let input = json!({"file_path": path, "old_string": old, "new_string": new});
        self.voice.tool("Edit", &input)?;
        self.pace.wait(150, 450);
        // Without its ticks the work is done all the same.
        let (said, result) = match work::tick(&self.settings.directory, self.part.phase, task) {
            Ok(said) => (said, Ok(())),
            Err(why) => (why, Err(())),
        };
        Ok(self.voice.answer(&said, result)?)
    }

    fn test(&mut self) -> Result<(), DemoError> {
        self.bash(&format!("sh tests/run.sh {}", self.part.name))
    }

    /// Runs one of the script's own command lines.
    fn bash(&mut self, command: &str) -> Result<(), DemoError> {
        self.voice.tool("Bash", &json!({"command": command}))?;
        self.pace.wait(400, 1_100);
        let ran = work::run(&self.settings.directory, &["sh", "-c", command])?;
        Ok(self.voice.answer(&ran.output, ran.result)?)
    }

    fn commit(&mut self, message: &str) -> Result<(), DemoError> {
        let (source, test) = (self.part.source_path(), self.part.test_path());
        self.voice.tool(
            "Bash",
            &json!({"command": format!("git commit -m '{message}' -- {source} {test}")}),
        )?;
        self.pace.wait(200, 500);
        let said = work::commit(&self.settings.directory, message, &[&source, &test])?;
        Ok(self.voice.answer(&said, Ok(()))?)
    }

    /// A line from the person at the terminal; `None` after a while, or at once when there are no delays.
    fn listen(&self) -> Option<String> {
        let patience = self.pace.scaled(PATIENCE)?;
        let (heard, answer) = mpsc::channel();
        // The thread outlives a person who says nothing; the process ends soon after.
        std::thread::spawn(move || heard.send(read_terminal()));
        answer.recv_timeout(patience).ok().flatten()
    }
}

/// A line typed at the terminal, which is standard input unless the prompt came there.
fn read_terminal() -> Option<String> {
    let mut line = String::new();
    let read = if std::io::stdin().is_terminal() {
        std::io::stdin().lock().read_line(&mut line)
    } else {
        BufReader::new(std::fs::File::open("/dev/tty").ok()?).read_line(&mut line)
    };
    read.ok().filter(|bytes| *bytes > 0).map(|_| line)
}

/// The cookie source without version 1.
fn without_old_cookies(source: &str) -> String {
    let kept = source.split("\n# cookie_read_old").next().unwrap_or(source);
    let lines = kept.lines().filter(|line| !line.contains("cookie_read_old"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// The phase named in a prompt's first line.
fn phase_in(prompt: &str) -> Option<String> {
    let rest = prompt.lines().next()?.strip_prefix("Task: phase ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn number<T: std::str::FromStr>(env: &Variables, name: &str) -> Option<T> {
    env.get(name)?.trim().parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Instant;

    use serde_json::Value;

    use super::*;
    use crate::runner::demo::{repository, script::PARTS};

    fn settings(phase: &str, life: u32, directory: PathBuf) -> DemoSettings {
        let (phase, prompt) = (phase.to_owned(), String::new());
        DemoSettings { phase, life, prompt, seed: 7, speed: 0.0, directory, errand: None }
    }

    fn play(settings: &DemoSettings) -> Vec<Value> {
        let mut out = Vec::new();
        run(settings, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
    }

    #[test]
    fn all_phases_together_leave_a_repository_whose_tests_pass() {
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(&folder.path().join("tide"), 7, 0.0).unwrap();
        work::must(&demo.path, &["sh", "tests/run.sh"]).unwrap();
        for part in PARTS.iter().filter(|part| !part.is_given()) {
            if part.act == Act::FailsFirst {
                play(&settings(part.phase, 1, demo.path.clone()));
                let gate = work::run(&demo.path, &["sh", "tests/run.sh"]).unwrap();
                assert!(gate.result.is_err() && gate.output.contains("FAIL"), "{}", gate.output);
            }
            let life = if part.act == Act::Plain || part.act == Act::Asks { 1 } else { 2 };
            let events = play(&settings(part.phase, life, demo.path.clone()));
            assert_eq!(events[0]["subtype"], "init");
            let last = events.last().unwrap();
            assert_eq!((&last["type"], &last["is_error"]), (&"result".into(), &false.into()));
            work::must(&demo.path, &["sh", "tests/run.sh"]).unwrap();
            let log = work::must(&demo.path, &["git", "log", "--format=%s"]).unwrap();
            let wanted = format!("Phase {}:", part.phase);
            assert!(log.lines().any(|line| line.starts_with(&wanted)), "{wanted} {log}");
        }
        let roadmap = std::fs::read_to_string(demo.path.join(work::ROADMAP)).unwrap();
        assert!(roadmap.contains("- [x]") && !roadmap.contains("- [ ]"), "{roadmap}");
        work::must(&demo.path, &["sh", "tests/syntax.sh"]).unwrap();
        let status = work::must(&demo.path, &["git", "status", "--porcelain"]).unwrap();
        assert_eq!(status.trim(), format!("M {}", work::ROADMAP));
    }

    #[test]
    fn agents_may_commit_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(&folder.path().join("tide"), 7, 0.0).unwrap();
        let phases = ["2.1", "2.2", "3.3", "3.4", "4.3"];
        std::thread::scope(|scope| {
            for phase in phases {
                let settings = settings(phase, 1, demo.path.clone());
                scope.spawn(move || play(&settings));
            }
        });
        let log = work::must(&demo.path, &["git", "log", "--format=%s", "--name-only"]).unwrap();
        let commits: BTreeSet<_> = log.lines().filter(|l| l.starts_with("Phase ")).collect();
        assert_eq!(commits.len(), phases.len(), "{log}");
        let status = work::must(&demo.path, &["git", "status", "--porcelain"]).unwrap();
        assert_eq!(status.trim(), format!("M {}", work::ROADMAP));
    }

    #[test]
    fn a_seed_gives_the_same_words_again() {
        let told = |seed| {
            let folder = tempfile::tempdir().unwrap();
            let demo = repository::create(folder.path(), seed, 0.0).unwrap();
            let mut told = play(&DemoSettings { seed, ..settings("2.2", 1, demo.path) });
            // Paths and commit ids may differ: they stand in the others.
            told.retain(|event| {
                ["stream_event", "result"].iter().any(|kind| event["type"] == *kind)
                    || event["subtype"] == "waiting"
            });
            told
        };
        let first = told(7);
        assert_eq!(first, told(7));
        assert_ne!(first, told(8));
        let asked: Vec<_> = first.iter().filter(|event| event["subtype"] == "waiting").collect();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0]["message"], script::QUESTION);
    }

    #[test]
    fn a_phase_takes_between_6_and_20_seconds() {
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(folder.path(), 7, 0.0).unwrap();
        for part in PARTS.iter().filter(|part| !part.is_given()) {
            for seed in [1, 7] {
                let life = if part.act == Act::HangsFirst { 2 } else { 1 };
                let again = settings(part.phase, life, demo.path.clone());
                let told = play(&DemoSettings { seed, ..again });
                let took = told.last().unwrap()["duration_ms"].as_u64().unwrap();
                assert!((6_000..=20_000).contains(&took), "{} seed {seed}: {took} ms", part.phase);
            }
        }
    }

    #[test]
    fn the_phase_that_hangs_says_so_and_goes_on_for_ever() {
        struct Lines(mpsc::Sender<String>);
        impl Write for Lines {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(folder.path(), 7, 0.0).unwrap();
        let (said, heard) = mpsc::channel();
        let hanging = settings("2.5", 1, demo.path);
        let agent = std::thread::spawn(move || run(&hanging, Lines(said)).is_ok());
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut all = String::new();
        while !(all.contains(script::HANGING) && all.contains("until mkdir")) {
            let left = deadline.saturating_duration_since(Instant::now());
            all.push_str(&heard.recv_timeout(left).expect("the agent says what it waits for"));
        }
        assert!(!agent.is_finished());
    }

    #[test]
    fn settings_come_from_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("prompt.md");
        std::fs::write(&file, "Task: phase 2.3 Query planner of tide\n").unwrap();
        let mut env = Variables::new();
        env.insert("ORCH_TUI_PROMPT_FILE".into(), file.to_string_lossy().into_owned());
        env.insert("ORCH_TUI_DEMO_SPEED".into(), "0".into());
        let read = DemoSettings::from_environment(&env, "/w".into());
        assert_eq!((read.phase.as_str(), read.life, read.seed, read.speed), ("2.3", 1, 7, 0.0));
        assert!(read.is_first_try());
        env.insert("AGENT_LIFE".into(), "2".into());
        assert!(!DemoSettings::from_environment(&env, "/w".into()).is_first_try());
        let unknown = run(&settings("9.9", 1, "/w".into()), Vec::new()).unwrap_err();
        assert!(unknown.to_string().contains("`9.9`"), "{unknown}");
    }

    #[test]
    fn dropping_old_cookies_leaves_a_good_source() {
        let part = script::part("2.2").unwrap();
        let source = without_old_cookies(part.source);
        assert!(!source.contains("cookie_read_old") && source.contains("cookie_user"));
        let folder = tempfile::tempdir().unwrap();
        let demo = repository::create(folder.path(), 7, 0.0).unwrap();
        work::write(&demo.path, &part.source_path(), &source).unwrap();
        work::write(&demo.path, &part.test_path(), part.test).unwrap();
        work::must(&demo.path, &["sh", "tests/run.sh", "cookie"]).unwrap();
    }
}
