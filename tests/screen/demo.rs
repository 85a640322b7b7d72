//! The demo as a person plays it: its screen, its roadmap on disk, its processes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use orch_tui::domain::id::PhaseId;
use orch_tui::domain::roadmap::Roadmap;
use orch_tui::domain::roadmap::phase::Status;

use crate::support::DEADLINE;
use crate::support::home::{Home, Resident};
use crate::support::key::Key;
use crate::support::pty::{Launch, Session};
use crate::support::screen::Screen;

/// How long a whole plan may take on a busy machine.
pub const PLAN: Duration = Duration::from_secs(90);

/// One demo repository in a home of its own.
pub struct Demo {
    pub home: Home,
    pub path: PathBuf,
}

impl Demo {
    pub fn new() -> Self {
        let home = Home::new();
        let path = home.join("d");
        Self { home, path }
    }

    /// The command that makes the repository and opens it.
    pub fn launch(&self, speed: &str) -> Launch {
        let folder = self.path.to_string_lossy().into_owned();
        Launch::orch_tui(&self.home)
            .arguments(["demo", "--speed", speed, "--dir", &folder])
            .variable("COLORTERM", "truecolor")
            .deadline(PLAN)
    }

    /// The command that opens it again.
    pub fn again(&self) -> Launch {
        let folder = self.path.to_string_lossy().into_owned();
        Launch::orch_tui(&self.home)
            .arguments(["-C", &folder])
            .variable("COLORTERM", "truecolor")
            .deadline(PLAN)
    }

    /// The roadmap's bytes as they stand on disk.
    pub fn roadmap(&self) -> String {
        std::fs::read_to_string(self.path.join("plans/roadmap.md")).unwrap()
    }

    /// What the file on disk says of a phase.
    pub fn status(&self, phase: &str) -> Status {
        let roadmap = Roadmap::parse(self.roadmap().into_bytes());
        roadmap.phase(&PhaseId::new(phase)).unwrap().status.state
    }

    /// Waits until the file on disk says `status` of a phase.
    pub fn wait_status(&self, phase: &str, status: Status) {
        eventually(&format!("phase {phase} to be {status:?}"), || {
            let now = self.status(phase);
            if now == status { Ok(()) } else { Err(format!("{now:?}")) }
        });
    }

    /// Processes of this home whose environment belongs to a phase's agent.
    pub fn agents_of(&self, phase: &str) -> Vec<Resident> {
        let mark = format!("WORK_STREAM_ID={phase}");
        let marked = |resident: &Resident| {
            std::fs::read(format!("/proc/{}/environ", resident.pid)).is_ok_and(|environment| {
                environment.split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes())
            })
        };
        self.home.residents().into_iter().filter(marked).collect()
    }

    /// Hosts that live.
    pub fn hosts(&self) -> Vec<Resident> {
        let residents = self.home.residents().into_iter();
        residents.filter(|resident| resident.command.contains(" host ")).collect()
    }

    /// Nobody lives here any more, soon.
    pub fn wait_deserted(&self) {
        eventually("no process to be left", || {
            let residents = self.home.residents();
            if residents.is_empty() { Ok(()) } else { Err(format!("{residents:?}")) }
        });
    }

    /// No line of the roadmap is torn: it has the lines it began with, but for its status and owner fields and the ticks
    /// of agents.
    pub fn assert_roadmap_whole(&self) {
        let now = self.roadmap();
        let now = now.replace("  - [x] ", "  - [ ] ");
        let begun = include_str!("../../assets/demo/roadmap.md").replace("  - [x] ", "  - [ ] ");
        let (now, begun) = (skeleton(&now), skeleton(&begun));
        assert_eq!(now, begun);
    }
}

/// Lines that nobody may change.
fn skeleton(roadmap: &str) -> Vec<&str> {
    const FIELDS: [&str; 3] = ["- **Status:** ", "- **Assigned To:** ", "- **Completed:** "];
    roadmap.lines().filter(|line| !FIELDS.iter().any(|field| line.starts_with(field))).collect()
}

/// Looks again and again until something is so; the last complaint is shown at the deadline.
pub fn eventually<T>(what: &str, look: impl Fn() -> Result<T, String>) -> T {
    let began = Instant::now();
    loop {
        match look() {
            Ok(value) => return value,
            Err(why) => assert!(began.elapsed() < PLAN, "waited {PLAN:?} for {what}: {why}"),
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// What a person does on the screen.
pub trait Hands {
    /// Presses a key again and again until the screen answers: dialogs ignore the first moments.
    fn press_until(&self, key: Key, condition: impl Fn(&Screen) -> bool, what: &str) -> Screen;
    /// Types a goal and waits for its plan.
    fn plan(&self, goal: &str) -> Screen;
    /// Approves the plan that is open.
    fn approve(&self);
    /// Plans and approves.
    fn start_plan(&self, goal: &str) {
        self.plan(goal);
        self.approve();
    }
}

impl Hands for Session {
    fn press_until(&self, key: Key, condition: impl Fn(&Screen) -> bool, what: &str) -> Screen {
        let began = Instant::now();
        loop {
            self.press(&key);
            // Longer than a dialog's deafness, or each press would begin it anew.
            let until = Instant::now() + Duration::from_millis(400);
            while Instant::now() < until {
                let screen = self.screen();
                if condition(&screen) {
                    return screen;
                }
                std::thread::park_timeout(Duration::from_millis(10));
            }
            assert!(began.elapsed() < DEADLINE, "{key:?} for {what}\n{}", self.screen());
        }
    }

    fn plan(&self, goal: &str) -> Screen {
        self.wait_for(|screen| screen.contains("2.5 Write lock"), "the roadmap");
        self.press(&Key::Char('n'));
        self.wait_for(|screen| screen.contains("GOAL"), "the goal field");
        self.type_text(goal);
        self.wait_for_text(goal);
        self.press(&Key::Enter);
        self.wait_for(|screen| screen.contains("Read as"), "the plan")
    }

    fn approve(&self) {
        self.press_until(Key::Char('y'), |screen| !screen.contains("Read as"), "the plan to go");
    }
}

/// Presses a key until the screen has this.
pub fn until(session: &Session, key: Key, text: &str) -> Screen {
    session.press_until(key, |screen| screen.contains(text), text)
}

/// The row of an agent in the streams pane says this word.
pub fn agent_is<'a>(agent: &'a str, word: &'a str) -> impl Fn(&Screen) -> bool + 'a {
    move |screen| row_has(screen, agent, word)
}

/// Some line holds both texts.
pub fn row_has(screen: &Screen, one: &str, other: &str) -> bool {
    screen.lines().iter().any(|line| line.contains(one) && line.contains(other))
}
