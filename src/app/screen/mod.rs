//! The full-screen app: one loop, keys first, drawing only what changed.

pub mod attach;
mod clipboard;
mod clock;
mod editor;
mod hangup;
mod keyboard;
mod keys;
mod look;
mod pace;
pub mod replay;
mod solo;
mod terminal;

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use crate::app::cli::Global;
use crate::app::commands::setup;
use crate::app::engine::Engine;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::model::{Act, Leave, Model, Msg};
use crate::app::place::Place;
use crate::app::update::update;
use crate::app::{headless, out};
use crate::domain::effect::Effect;
use crate::domain::report::Report;
use crate::runner::world::now;
use crate::ui::dashboard::Dashboard;
use crate::ui::draw::draw;
use clipboard::Copied;
use clock::{Clock, Wanted};
use keys::Keys;
use pace::{Cause, Pace};
use terminal::{PANICKED, Screen};

/// Longest time spent on reports before keys are looked at again.
const REPORT_BUDGET: Duration = Duration::from_millis(16);

/// How the screen was left, for what is said afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The exit code.
    pub exit: Exit,
    /// Agents that still run.
    pub running: usize,
}

/// Opens the dashboard on a target and runs it until the person leaves.
///
/// # Errors
/// When state or terminal can't be used.
pub async fn show(place: &Place, global: &Global) -> Result<Left, Failure> {
    let engine = Engine::open(place)?;
    let settings = look::settings(global);
    let screen = Screen::take().map_err(Failure::environment)?;
    terminal::restore_on_panic();
    let mut app = App::new(engine, Dashboard::new(settings), screen)?;
    let left = app.run(place).await;
    drop(app.screen);
    let mut engine = app.engine;
    engine.orchestrator = app.model.orchestrator;
    let exit = match left {
        Ok(Leave::AfterStop) => {
            out::note("stopping all agents");
            headless::stop_and_wait(&mut engine).await;
            Exit::Ok
        }
        Ok(Leave::Quit | Leave::Detach) => Exit::Ok,
        Err(failure) => return Err(failure),
    };
    engine.runner.settle().await;
    Ok(Left { exit, running: engine.orchestrator.busy_agents() })
}

struct App {
    model: Model,
    engine: Engine,
    screen: Screen,
    keys: Keys,
    clock: Clock,
    pace: Pace,
    title: String,
}

/// What woke the loop.
enum Woken {
    Event(Option<io::Result<Event>>),
    Report(Option<Report>),
    Tick,
    Draw,
    End,
    Panic,
}

impl App {
    fn new(mut engine: Engine, mut dashboard: Dashboard, screen: Screen) -> Result<Self, Failure> {
        let (cols, rows) = screen.size().map_err(Failure::environment)?;
        dashboard.resize(cols, rows);
        let warnings = std::mem::take(&mut engine.warnings);
        let setup = engine.orchestrator.setup().clone();
        let role = engine.orchestrator.role();
        let placeholder = crate::domain::orchestrator::Orchestrator::new(setup, role);
        let orchestrator = std::mem::replace(&mut engine.orchestrator, placeholder);
        let mut model = Model { orchestrator, dashboard, now: now(), watched: Vec::new() };
        for warning in warnings {
            let acts = update(&mut model, Msg::Report(Report::Trouble(warning.into())));
            hand_over(&engine, acts);
        }
        let keys = Keys::listen();
        let clock = Clock::new().map_err(Failure::environment)?;
        let (pace, title) = (Pace::new(Instant::now()), String::new());
        Ok(Self { model, engine, screen, keys, clock, pace, title })
    }

    async fn run(&mut self, place: &Place) -> Result<Leave, Failure> {
        let mut ends = Ends::listen()?;
        // Later only changes are told.
        let watching = self.model.dashboard.watching(&self.model.orchestrator, self.model.now);
        self.engine.runner.execute(vec![Effect::Watch(watching)]);
        self.act(Msg::Tick, place).await?;
        loop {
            let woken = self.wait(&mut ends).await;
            let left = match woken {
                Woken::Event(Some(Ok(event))) => match message(event) {
                    Some(msg) => self.act(msg, place).await?,
                    None => None,
                },
                Woken::Report(Some(report)) => self.reports(report, place).await?,
                Woken::Tick => self.act(Msg::Tick, place).await?,
                Woken::Draw => match self.draw().await {
                    Err(_) if hangup::is_gone() => Some(Leave::Detach),
                    drawn => drawn.map(|()| None)?,
                },
                Woken::Event(Some(Err(_)) | None) | Woken::Report(None) | Woken::End => {
                    Some(Leave::Detach)
                }
                Woken::Panic => {
                    return Err(Failure::new(
                        Exit::Failed,
                        "a part of orch-tui panicked; agents go on",
                    ));
                }
            };
            if let Some(leave) = left {
                return Ok(leave);
            }
        }
    }

    /// Waits for the next thing, keys before everything else.
    async fn wait(&mut self, ends: &mut Ends) -> Woken {
        let ticking = self.model.dashboard.needs_tick(&self.model.orchestrator);
        // Without a clock times stand still until something else happens.
        let _stands = self.clock.want(if ticking { Wanted::Ticks } else { Wanted::Nothing });
        let due = self.pace.wait(Instant::now());
        tokio::select! {
            biased;
            event = self.keys.next() => Woken::Event(event),
            () = ends.any() => Woken::End,
            () = PANICKED.notified() => Woken::Panic,
            () = pass(due.unwrap_or_default()), if due.is_some() => Woken::Draw,
            report = self.engine.reports.recv() => Woken::Report(report),
            Ok(()) = self.clock.tick() => Woken::Tick,
        }
    }

    async fn reports(&mut self, first: Report, place: &Place) -> Result<Option<Leave>, Failure> {
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(report) = next {
            if let Some(leave) = self.act(Msg::Report(report), place).await? {
                return Ok(Some(leave));
            }
            next = match begun.elapsed() < REPORT_BUDGET {
                true => self.engine.reports.try_recv().ok(),
                false => None,
            };
        }
        Ok(None)
    }

    /// Takes over a message and does what follows from it.
    async fn act(&mut self, msg: Msg, place: &Place) -> Result<Option<Leave>, Failure> {
        self.model.now = now();
        let (cause, mut left) = (cause(&msg), None);
        let acts = update(&mut self.model, msg);
        let typed = acts.iter().any(|act| matches!(act, Act::Effect(Effect::Type { .. })));
        self.pace.changed(if typed { Cause::Typed } else { cause }, Instant::now());
        for act in hand_over(&self.engine, acts) {
            match act {
                Act::Effect(_) => {}
                Act::Leave(leave) => left = Some(leave),
                Act::Redraw => self.screen.redraw().map_err(Failure::environment)?,
                Act::Mouse(mouse) => self.screen.mouse(mouse),
                Act::Copy(text) => match clipboard::copy(text) {
                    Copied::Asked => {}
                    Copied::TooLong => self.model.dashboard.not_copied(),
                },
                Act::Edit(line) => self.edit(line, place).await?,
                Act::Open(path, line) => self.open_in_editor(line, &path).await?,
                Act::EditPrompt(phase, text) => self.edit_prompt(phase, &text).await?,
                Act::Read(line, text) => self.read_in_editor(line, &text).await?,
                Act::Init => self.ask_for_starter(place),
                Act::WriteStarter => self.write_starter(place),
            }
        }
        Ok(left)
    }

    async fn draw(&mut self) -> Result<(), Failure> {
        fail_for_tests();
        // What was typed goes to its agent first.
        tokio::task::yield_now().await;
        let model = &self.model;
        let look = model.dashboard.look(model.now);
        let drawn =
            self.screen.draw(|frame| draw(frame, &model.orchestrator, &model.dashboard, &look));
        drawn.map_err(Failure::environment)?;
        keyboard::ask(model.dashboard.keyboard(&model.orchestrator));
        let title = model.dashboard.title(&model.orchestrator, model.now);
        if title != self.title {
            self.screen.title(&title);
            self.title = title;
        }
        self.pace.drew(Instant::now());
        Ok(())
    }

    /// Opens the roadmap in the person's editor and waits for it.
    async fn edit(&mut self, line: usize, place: &Place) -> Result<(), Failure> {
        self.lend_to_editor(line, &place.target.roadmap).await?;
        Ok(())
    }

    /// Says something to the person.
    fn tell(&mut self, text: String) {
        let acts = update(&mut self.model, Msg::Report(Report::Trouble(text.into())));
        hand_over(&self.engine, acts);
    }

    fn ask_for_starter(&mut self, place: &Place) {
        let folder = &place.target.path;
        let files = setup::missing(folder);
        self.model.dashboard.ask_for_starter(folder.display().to_string(), files);
    }

    fn write_starter(&mut self, place: &Place) {
        match setup::write_missing(&place.target) {
            Ok(said) => self.model.dashboard.say(&said),
            Err(failure) => self.tell(failure.to_string()),
        }
        let target = place.target.id.clone();
        self.engine.runner.execute(vec![Effect::ReadRoadmap(target)]);
    }
}

/// Hands the effects over, in one list and before anything else can fail, and gives back the other acts.
fn hand_over(engine: &Engine, acts: Vec<Act>) -> Vec<Act> {
    let mut effects = Vec::new();
    let mut others = Vec::new();
    for act in acts {
        match act {
            Act::Effect(effect) => effects.push(effect),
            other => others.push(other),
        }
    }
    engine.runner.execute(effects);
    others
}

/// Lets time pass; none at all needs no timer.
async fn pass(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

/// Signals and hang-up: all end the screen and leave the agents alone.
struct Ends {
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    interrupt: Signal,
    gone: tokio::sync::oneshot::Receiver<()>,
}

impl Ends {
    fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(Failure::environment);
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            hangup: on(SignalKind::hangup())?,
            quit: on(SignalKind::quit())?,
            interrupt: on(SignalKind::interrupt())?,
            gone: hangup::watch(),
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.quit.recv() => {}
            _ = self.interrupt.recv() => {}
            Ok(()) = &mut self.gone => {}
        }
    }
}

/// What a message changes the screen for.
fn cause(msg: &Msg) -> Cause {
    match msg {
        Msg::Key(_) | Msg::Paste(_) | Msg::Mouse(_) | Msg::Resize(..) | Msg::Prompt(..) => {
            Cause::Person
        }
        Msg::Report(Report::Frame { .. } | Report::Lines { .. }) => Cause::Terminal,
        Msg::Report(Report::Activity { .. }) => Cause::Pulse,
        Msg::Report(_) | Msg::Tick => Cause::Other,
    }
}

/// The message an event of the terminal means.
fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Mouse(mouse) => Some(Msg::Mouse(mouse)),
        Event::Resize(cols, rows) => Some(Msg::Resize(cols, rows)),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// Lets a test see what a panic while drawing does. Never in a release build.
#[allow(clippy::panic)]
fn fail_for_tests() {
    #[cfg(debug_assertions)]
    if std::env::var_os("ORCH_TUI_TEST_PANIC").is_some_and(|place| place == "draw") {
        panic!("asked for by ORCH_TUI_TEST_PANIC");
    }
}
