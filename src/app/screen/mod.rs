//! The full-screen app: one loop, keys first, drawing only what changed.

pub mod attach;
mod clipboard;
mod clock;
mod editor;
mod ends;
mod glimpse;
mod hangup;
mod keyboard;
mod keys;
pub(super) mod look;
mod opening;
mod pace;
pub mod replay;
mod site;
mod sites;
mod solo;
mod switch;
mod terminal;

use std::io;
use std::time::{Duration, Instant};

use crossterm::event::Event;
use tokio::time::sleep;

use crate::app::cli::Global;
use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::model::{Act, Leave, Msg};
use crate::app::out;
use crate::app::place::Place;
use crate::domain::effect::Effect;
use crate::domain::glance::LeftBehind;
use crate::domain::id::TargetId;
use crate::domain::report::Report;
use crate::ui::dashboard::Settings;
use crate::ui::draw::draw;
use crate::ui::intent::Arrival;
use clipboard::Copied;
use clock::{Clock, Wanted};
use ends::Ends;
use keys::Keys;
use pace::{Cause, Pace};
use site::Site;
use sites::{Happened, Sites};
use terminal::{PANICKED, Screen};

/// Longest time spent on reports before keys are looked at again.
const REPORT_BUDGET: Duration = Duration::from_millis(16);

/// How the screen was left, for what is said afterwards.
#[derive(Debug)]
pub struct Left {
    /// The exit code.
    pub exit: Exit,
    /// Targets in which something is left behind.
    pub behind: Vec<(Place, LeftBehind)>,
}

/// Opens the dashboard on targets, the first of them in view, and runs it until the person leaves.
///
/// # Errors
/// When there is none, or when state or terminal can't be used.
pub async fn show(places: Vec<Place>, global: &Global) -> Result<Left, Failure> {
    let settings = look::settings(global);
    let mut places = places.into_iter();
    let Some(first) = places.next() else {
        return Err(Failure::environment("there is no target to show"));
    };
    let mut sites = Sites::new(Site::open(first, settings)?);
    for place in places {
        sites.open(&place.target.id, settings)?;
    }
    let screen = Screen::take().map_err(Failure::environment)?;
    terminal::restore_on_panic();
    let mut app = App::new(sites, settings, screen)?;
    let left = app.run().await;
    drop(app.screen);
    let mut engines = app.sites.without_screen();
    let exit = match left {
        Ok(Leave::AfterStop) => {
            out::note("stopping all agents");
            sites::stop_all(&mut engines).await;
            Exit::Ok
        }
        Ok(Leave::Quit) => {
            sites::tidy_up(&mut engines).await;
            Exit::Ok
        }
        Ok(Leave::Detach) => Exit::Ok,
        Err(failure) => return Err(failure),
    };
    let mut behind = Vec::new();
    for (place, engine) in engines {
        engine.runner.settle().await;
        behind.push((place, LeftBehind::of(&engine.orchestrator)));
    }
    behind.retain(|(_, left)| !left.is_nothing());
    Ok(Left { exit, behind })
}

struct App {
    sites: Sites,
    settings: Settings,
    screen: Screen,
    keys: Keys,
    clock: Clock,
    pace: Pace,
    title: String,
    /// Targets whose agents nobody looked after before.
    taken_up: Vec<TargetId>,
    /// The target that comes on the screen as soon as it is open.
    coming: Option<Coming>,
}

/// A target a person wants to see.
struct Coming {
    target: TargetId,
    arrival: Arrival,
    hands: Hands,
}

/// Whether the person did something since.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    /// Nothing.
    Off,
    /// A key was pressed, or the like.
    On,
}

/// What woke the loop.
enum Woken {
    Event(Option<io::Result<Event>>),
    Happened(Happened),
    Tick,
    Draw,
    End,
    Panic,
}

impl App {
    fn new(mut sites: Sites, settings: Settings, screen: Screen) -> Result<Self, Failure> {
        let (cols, rows) = screen.size().map_err(Failure::environment)?;
        for site in sites.all_mut() {
            site.model.dashboard.resize(cols, rows);
        }
        let keys = Keys::listen();
        let clock = Clock::new().map_err(Failure::environment)?;
        let (pace, title) = (Pace::new(Instant::now()), String::new());
        let (taken_up, coming) = (Vec::new(), None);
        Ok(Self { sites, settings, screen, keys, clock, pace, title, taken_up, coming })
    }

    async fn run(&mut self) -> Result<Leave, Failure> {
        let mut ends = Ends::listen()?;
        self.begin();
        // What other targets are like is found out once something is seen of this one.
        let mut begun = false;
        loop {
            let woken = self.wait(&mut ends).await;
            if let Some(leave) = self.woken(woken).await? {
                return Ok(leave);
            }
            if !begun && self.pace.wait(Instant::now()).is_none() {
                begun = true;
                self.survey();
            }
        }
    }

    /// The first look at what is on the screen.
    fn begin(&mut self) {
        if let Some(here) = self.sites.here() {
            // Later only changes are told.
            let watching = here.model.dashboard.watching(&here.model.orchestrator, here.model.now);
            here.engine.runner.execute(vec![Effect::Watch(watching)]);
        }
        self.tick();
    }

    /// Does what follows from what woke the loop.
    async fn woken(&mut self, woken: Woken) -> Result<Option<Leave>, Failure> {
        match woken {
            Woken::Event(Some(Ok(event))) => {
                if let Some(msg) = message(event) {
                    return self.act(msg).await;
                }
            }
            Woken::Happened(Happened::Report(target, report)) => {
                return self.reports(&target, *report).await;
            }
            Woken::Happened(Happened::Seen(glance)) => self.seen(*glance),
            Woken::Happened(Happened::Opened(opened)) => self.opened(*opened)?,
            Woken::Tick => self.tick(),
            Woken::Draw => match self.draw().await {
                Err(_) if hangup::is_gone() => return Ok(Some(Leave::Detach)),
                drawn => drawn?,
            },
            Woken::Event(Some(Err(_)) | None) | Woken::End => return Ok(Some(Leave::Detach)),
            Woken::Happened(Happened::Nothing) => return Ok(Some(Leave::Detach)),
            Woken::Panic => {
                let why = "a part of orch-tui panicked; agents go on";
                return Err(Failure::new(Exit::Failed, why));
            }
        }
        Ok(None)
    }

    /// Waits for the next thing, keys before everything else.
    async fn wait(&mut self, ends: &mut Ends) -> Woken {
        let ticking = self.sites.all().any(Site::needs_tick);
        // Without a clock times stand still until something else happens.
        let _stands = self.clock.want(if ticking { Wanted::Ticks } else { Wanted::Nothing });
        let due = self.pace.wait(Instant::now());
        tokio::select! {
            biased;
            event = self.keys.next() => Woken::Event(event),
            () = ends.any() => Woken::End,
            () = PANICKED.notified() => Woken::Panic,
            () = pass(due.unwrap_or_default()), if due.is_some() => Woken::Draw,
            happened = self.sites.next() => Woken::Happened(happened),
            Ok(()) = self.clock.tick() => Woken::Tick,
        }
    }

    async fn reports(
        &mut self,
        target: &TargetId,
        first: Report,
    ) -> Result<Option<Leave>, Failure> {
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(report) = next {
            if !self.sites.is_here(target) {
                self.hear(target, report);
            } else if let Some(leave) = self.act(Msg::Report(report)).await? {
                return Ok(Some(leave));
            }
            next = match begun.elapsed() < REPORT_BUDGET {
                true => self.sites.try_next(target),
                false => None,
            };
        }
        Ok(None)
    }

    /// Takes over what happened at a target behind the screen. Only what a person has to know shows.
    fn hear(&mut self, target: &TargetId, report: Report) {
        if let Some(site) = self.sites.get_mut(target) {
            let _for_the_screen = site.take(Msg::Report(report));
        }
        self.glance();
    }

    /// Takes over a message for the target on the screen, and does what follows from it.
    async fn act(&mut self, msg: Msg) -> Result<Option<Leave>, Failure> {
        if let Msg::Resize(cols, rows) = msg {
            self.resize_hidden(cols, rows);
        }
        let cause = cause(&msg);
        if cause == Cause::Person {
            self.coming.iter_mut().for_each(|coming| coming.hands = Hands::On);
        }
        let Some(here) = self.sites.here_mut() else { return Ok(Some(Leave::Detach)) };
        let done = here.take(msg);
        self.pace.changed(if done.typed { Cause::Typed } else { cause }, Instant::now());
        let mut left = None;
        for act in done.acts {
            left = self.carry_out(act).await?.or(left);
        }
        Ok(left)
    }

    async fn carry_out(&mut self, act: Act) -> Result<Option<Leave>, Failure> {
        match act {
            Act::Effect(_) => {}
            Act::Leave(leave) => {
                if leave == Leave::AfterStop {
                    self.stop_hidden();
                }
                return Ok(Some(leave));
            }
            Act::Redraw => self.screen.redraw().map_err(Failure::environment)?,
            Act::Mouse(mouse) => self.screen.mouse(mouse),
            Act::Copy(text) => match (clipboard::copy(text), self.sites.here_mut()) {
                (Copied::TooLong, Some(here)) => here.model.dashboard.not_copied(),
                (Copied::Asked | Copied::TooLong, _) => {}
            },
            Act::Edit(line) => self.edit(line).await?,
            Act::Open(path, line) => self.open_in_editor(line, &path).await?,
            Act::EditPrompt(phase, text) => self.edit_prompt(phase, &text).await?,
            Act::Read(line, text) => self.read_in_editor(line, &text).await?,
            Act::Init => self.ask_for_starter(),
            Act::WriteStarter => self.write_starter(),
            Act::Survey => self.survey(),
            Act::Switch(target, arrival) => self.switch(&target, arrival)?,
            Act::Close(target) => self.close(&target),
        }
        Ok(None)
    }

    async fn draw(&mut self) -> Result<(), Failure> {
        fail_for_tests();
        // What was typed goes to its agent first.
        tokio::task::yield_now().await;
        let Some(model) = self.sites.here().map(|here| &here.model) else { return Ok(()) };
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
}

/// Lets time pass; none at all needs no timer.
async fn pass(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

/// What a message changes the screen for.
fn cause(msg: &Msg) -> Cause {
    match msg {
        Msg::Key(_)
        | Msg::Paste(_)
        | Msg::Mouse(_)
        | Msg::Resize(..)
        | Msg::Prompt(..)
        | Msg::Arrive(..) => Cause::Person,
        Msg::Report(Report::Frame { .. } | Report::Lines { .. }) => Cause::Terminal,
        Msg::Report(Report::Activity { .. }) => Cause::Pulse,
        Msg::Report(_) | Msg::Tick | Msg::StopAll | Msg::Depart => Cause::Other,
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
