//! Ten agents that end in known ways, under an app that is killed again and again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::crew::{Crew, Dice, Log, pass, wait_until};
use crate::support::home::Home;
use crate::support::key::Key;
use crate::support::pty::{Launch, Session};
use crate::support::repository::Repository;
use crate::{is_alive, journal, roadmap};

const SLOTS: usize = 10;

/// Notes, works until it may end, and ends with a status that its phase and life decide.
const SCRIPT: &str = r#"me=$WORK_STREAM_ID.$AGENT_LIFE
code=$(( (${WORK_STREAM_ID#1.} + AGENT_LIFE) % 3 * 7 ))
echo "start $me $$" >> "$1/log"
echo "working on $me"
while [ ! -e "$1/go-$me" ] && [ ! -e "$1/go-all" ]; do sleep 0.25; done
echo "end $me $code" >> "$1/log"
exit $code
"#;

struct Bench {
    home: Home,
    repository: Repository,
    crew: Crew,
    phases: usize,
}

impl Bench {
    fn new(phases: usize) -> Self {
        let home = Home::new();
        let repository = Repository::with_roadmap(&home, "storm", &roadmap(phases));
        let crew = Crew::hire_with(&home, &repository, SLOTS, SCRIPT);
        Self { home, repository, crew, phases }
    }

    fn open(&self) -> Session {
        Launch::orch_tui(&self.home).folder(self.repository.path()).size(200, 60).start()
    }

    fn run(&self) -> Session {
        let words = ["run", "--yes", "--max", "10", "batch", "1"];
        let launch = Launch::orch_tui(&self.home).folder(self.repository.path());
        // The last one does all that is left.
        launch.arguments(words).deadline(Duration::from_secs(900)).start()
    }

    fn complete(&self) -> usize {
        self.repository.roadmap().matches("✅ Complete").count()
    }

    fn journal(&self) -> String {
        journal(&self.home)
    }

    /// Every agent that has not ended lives, and none was begun twice.
    fn check(&self, round: usize) -> Log {
        let log = self.crew.log();
        for (life, pid) in log.working() {
            let lives = is_alive(pid) || self.crew.log().ended.contains_key(&life);
            assert!(lives, "round {round}: the agent {life} is lost\n{}", self.journal());
        }
        for (life, pids) in &log.started {
            assert_eq!(pids.len(), 1, "round {round}: {life} was begun again\n{}", self.journal());
        }
        assert!(log.working().len() <= SLOTS, "round {round}: {:?}", log.working());
        log
    }

    /// Runs until nothing is left to do.
    fn finish(&self) {
        self.crew.let_all_go();
        let deadline = Instant::now() + Duration::from_secs(900);
        while self.complete() < self.phases {
            assert!(Instant::now() < deadline, "{}", self.repository.roadmap());
            self.run().wait_for_exit();
        }
        let screen = self.open();
        screen.wait_for_text(&format!("{0}/{0}", self.phases));
        screen.press(&Key::Char('q'));
        screen.wait_for_exit();
        let state = || format!("{:?}", self.home.residents());
        wait_until(|| self.home.residents().is_empty(), "all processes to go", state);
    }

    /// Exit statuses of lives, as the journal tells them.
    fn told(&self) -> BTreeMap<String, Vec<Option<i64>>> {
        let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for line in self.journal().lines() {
            let Some(at) = line.find('{') else { continue };
            let Ok(entry) = serde_json::from_str::<Value>(&line[at..line.rfind('}').unwrap() + 1])
            else {
                continue;
            };
            if entry["event"] == "stopped" {
                let id = entry["agent"]["id"].as_str().unwrap().trim_start_matches("a-");
                let life = format!("{id}.{}", entry["agent"]["life"]);
                told.entry(life).or_default().push(entry["exit"]["code"].as_i64());
            }
        }
        told
    }
}

/// All that work are shown as running by an app that was just opened.
fn wait_until_adopted(app: &Session, bench: &Bench, working: &[(String, i32)]) {
    let shown = |lines: &[String], life: &String| {
        let phase = life.rsplit_once('.').unwrap().0;
        let name = format!("a-{phase} ");
        lines.iter().any(|line| line.contains(&name) && line.contains("▸ RUN"))
    };
    app.wait_for(
        |screen| {
            // One may be just about to end.
            let ended = bench.crew.log().ended;
            let here = |life| shown(&screen.lines(), life) || ended.contains_key(life);
            working.iter().all(|(life, _)| here(life))
        },
        &format!("the agents of {working:?} to be adopted"),
    );
}

/// `ORCH_TUI_TEN_ROUNDS` makes it longer.
#[test]
fn ten_agents_survive_an_app_that_is_killed() {
    let rounds = std::env::var("ORCH_TUI_TEN_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds: usize = rounds.unwrap_or(12);
    let bench = Bench::new(SLOTS + rounds / 3);
    let mut dice = Dice::new(u64::from(std::process::id()));
    let (mut adopted, mut most) = (0, 0);
    for round in 0..rounds {
        let app = if round % 2 == 0 { bench.run() } else { bench.open() };
        let working = bench.crew.log().working();
        most = most.max(working.len());
        if round % 4 == 3 {
            wait_until_adopted(&app, &bench, &working);
            adopted += working.len();
        }
        pass(Duration::from_millis(dice.below(700)));
        let working = bench.crew.log().working();
        if !working.is_empty() && dice.below(3) < 2 {
            let (life, _) = &working[dice.below(working.len() as u64) as usize];
            bench.crew.let_go(life);
            pass(Duration::from_millis(dice.below(400)));
        }
        app.kill9();
        app.wait_for_exit();
        bench.check(round);
    }
    bench.finish();
    let log = bench.check(rounds);
    assert!(log.working().is_empty());
    let told = bench.told();
    let wrong = |(life, codes): &(&String, &Vec<i32>)| {
        let said = told.get(*life).map(Vec::as_slice).unwrap_or_default();
        said != [Some(i64::from(codes[0]))]
    };
    let wrong: Vec<_> = log.ended.iter().filter(wrong).collect();
    writeln!(
        std::io::stderr(),
        "crash-ten rounds={rounds} lives={} at_once={most} lost={} wrong_codes={} adopted_on_screen={adopted}",
        log.started.len(),
        log.started.len() - log.ended.len(),
        wrong.len(),
    )
    .unwrap();
    assert!(wrong.is_empty(), "{wrong:?}\n{told:?}\n{}", bench.journal());
    assert_eq!(log.started.len(), log.ended.len());
}

/// One host of three is killed while the app looks on.
#[test]
fn a_killed_host_takes_only_its_own_agent_along() {
    for screen in [false, true] {
        let bench = Bench::new(3);
        let run = bench.run();
        let state = || format!("{:?}", bench.crew.log());
        wait_until(|| bench.crew.log().working().len() == 3, "three agents", state);
        let known = || bench.journal().matches("\"agent_running\"").count();
        wait_until(|| known() == 3, "the journal to know them", || bench.journal());
        let app = if screen {
            run.kill9();
            run.wait_for_exit();
            let app = bench.open();
            wait_until_adopted(&app, &bench, &bench.crew.log().working());
            app
        } else {
            run
        };
        let hosts = || {
            let all = bench.home.residents().into_iter();
            all.filter(|one| one.command.contains(" host --spec")).collect::<Vec<_>>()
        };
        let victim = hosts().into_iter().find(|one| one.command.contains("a-1.2")).unwrap();
        let began = Instant::now();
        kill_process(Pid::from_raw(victim.pid).unwrap(), Signal::KILL).unwrap();
        app.wait_for_text(if screen { "its host disappea" } else { "lost: its host disappeared" });
        let told = began.elapsed();
        let pids = bench.crew.log().started;
        let pid = |life: &str| pids[life][0];
        wait_until(|| !is_alive(pid("1.2.1")), "its agent to go", state);
        writeln!(std::io::stderr(), "crash-one screen={screen} told={told:?}").unwrap();
        assert!(is_alive(pid("1.1.1")) && is_alive(pid("1.3.1")));
        assert_eq!(hosts().len(), 2, "{:?}", hosts());
        app.kill9();
        app.wait_for_exit();
        bench.finish();
        let told = bench.told();
        for life in ["1.1.1", "1.3.1"] {
            let code = i64::from(bench.crew.log().ended[life][0]);
            assert_eq!(told[life], [Some(code)], "{life}");
        }
        assert!(!told.contains_key("1.2.1"));
    }
}
