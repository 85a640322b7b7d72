//! The one place where messages change the model. It only routes.

use crate::app::model::{Act, Leave, Model, Msg, Sight};
use crate::domain::branch::BranchReport;
use crate::domain::command::{Command, PlanEdit};
use crate::domain::effect::{Effect, StopKind};
use crate::domain::report::{DocumentReport, Report};
use crate::ui::dashboard::Bearing;
use crate::ui::intent::{Arrival, Intent};

/// Takes over a message; what it returns is for the loop to carry out, in order.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Act> {
    // What a screen shows changes nothing about which are seen, and nothing comes as often.
    let is_frame = matches!(msg, Msg::Report(Report::Frame { .. }));
    let mut acts = match msg {
        Msg::Key(key) => {
            let intents = model.dashboard.key(key, &model.orchestrator, model.now);
            fulfil(model, intents)
        }
        Msg::Paste(text) => {
            let intents = model.dashboard.paste(&text, &model.orchestrator);
            fulfil(model, intents)
        }
        Msg::Mouse(mouse) => {
            model.dashboard.tick(model.now);
            let intents = model.dashboard.mouse(mouse, &model.orchestrator);
            fulfil(model, intents)
        }
        Msg::Resize(cols, rows) => {
            model.dashboard.resize(cols, rows);
            vec![Act::Redraw]
        }
        Msg::Prompt(phase, text) => {
            run(model, Command::EditPlan(PlanEdit::Prompt(phase, Some(text))))
        }
        Msg::Report(report) => observe(model, report),
        Msg::StopAll => stop_all(model),
        Msg::Arrive(from, arrival) => arrive(model, from, arrival),
        Msg::Depart => depart(model),
        Msg::Tick => {
            model.dashboard.tick(model.now);
            effects(model.orchestrator.tick(model.now))
        }
    };
    acts.extend(effects(shown(model)));
    if !is_frame {
        acts.extend(watch(model));
    }
    acts
}

/// The target comes on the screen.
fn arrive(model: &mut Model, from: Bearing, arrival: Arrival) -> Vec<Act> {
    model.sight = Sight::Shown;
    let intents = model.dashboard.arrive(from, arrival, &model.orchestrator);
    fulfil(model, intents)
}

/// The target leaves the screen.
fn depart(model: &mut Model) -> Vec<Act> {
    model.sight = Sight::Hidden;
    Vec::new()
}

/// Takes over what the world answered: the screen's share, or the orchestrator's.
fn observe(model: &mut Model, report: Report) -> Vec<Act> {
    match report {
        Report::Frame { agent, frame } => model.dashboard.frame(agent, frame),
        Report::Lines { agent, page } => {
            let intents = model.dashboard.lines(&agent, page);
            return fulfil(model, intents);
        }
        Report::Older { agent, older } => {
            let intents = model.dashboard.older(&agent, older);
            return fulfil(model, intents);
        }
        Report::Branch(BranchReport::Diffed { agent, outcome }) => {
            model.dashboard.diffed(&agent, &outcome);
        }
        Report::Document(DocumentReport::Opened { agent, outcome }) => {
            model.dashboard.opened(&agent, &outcome);
        }
        report => return effects(model.orchestrator.observe(model.now, report)),
    }
    Vec::new()
}

/// What the screen needs of the world: terminals of its size, lines that are read.
fn shown(model: &mut Model) -> Vec<Effect> {
    let size = model.dashboard.terminal_size();
    let mut wanted = model.orchestrator.resize_terminals(size);
    let lines = model.dashboard.wants();
    wanted.extend(lines.into_iter().map(|(agent, wanted)| Effect::Lines { agent, wanted }));
    let older = model.dashboard.wants_older();
    wanted.extend(older.map(|(agent, wanted)| Effect::Older { agent, wanted }));
    wanted
}

/// Tells the world whose screens are seen, when that has changed.
fn watch(model: &mut Model) -> Option<Act> {
    let watching = match model.sight {
        Sight::Shown => model.dashboard.watching(&model.orchestrator, model.now),
        Sight::Hidden => Vec::new(),
    };
    if watching == model.watched {
        return None;
    }
    model.watched.clone_from(&watching);
    Some(Act::Effect(Effect::Watch(watching)))
}

fn effects(effects: Vec<Effect>) -> Vec<Act> {
    effects.into_iter().map(Act::Effect).collect()
}

fn fulfil(model: &mut Model, intents: Vec<Intent>) -> Vec<Act> {
    intents.into_iter().flat_map(|intent| fulfil_one(model, intent)).collect()
}

fn fulfil_one(model: &mut Model, intent: Intent) -> Vec<Act> {
    match intent {
        Intent::Run(command) => run(model, command),
        Intent::Type(agent, bytes) => {
            model.orchestrator.typed(&agent);
            vec![Act::Effect(Effect::Type { agent, bytes })]
        }
        Intent::Detach => vec![Act::Leave(Leave::Detach)],
        Intent::StopAndQuit => {
            let mut acts = stop_all(model);
            acts.push(Act::Leave(Leave::AfterStop));
            acts
        }
        Intent::Quit => vec![Act::Leave(Leave::Quit)],
        Intent::Redraw => vec![Act::Redraw],
        Intent::Mouse(mouse) => vec![Act::Mouse(mouse)],
        Intent::Copy(text) => vec![Act::Copy(text)],
        Intent::Read { line, text } => vec![Act::Read(line, text)],
        Intent::Open { path, line } => vec![Act::Open(path, line)],
        Intent::Edit { line } => vec![Act::Edit(line)],
        Intent::EditPrompt { phase, text } => vec![Act::EditPrompt(phase, text)],
        Intent::Init => vec![Act::Init],
        Intent::WriteStarter => vec![Act::WriteStarter],
        Intent::Survey => vec![Act::Survey],
        Intent::Switch(target, arrival) => vec![Act::Switch(target, arrival)],
        Intent::Close(target) => vec![Act::Close(target)],
    }
}

/// Stops what is under way. Where nothing is, nothing is held either.
fn stop_all(model: &mut Model) -> Vec<Act> {
    let o = &model.orchestrator;
    if o.busy_agents() == 0 && o.wakes_at(model.now).is_none() {
        return Vec::new();
    }
    run(model, Command::StopAll(StopKind::Term))
}

fn run(model: &mut Model, command: Command) -> Vec<Act> {
    let done = effects(model.orchestrator.command(model.now, command));
    model.dashboard.answered(&model.orchestrator);
    done
}
