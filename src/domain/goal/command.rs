//! Commands: a goal is one only when all of its words parse as one.

use crate::domain::goal::index::Index;
use crate::domain::goal::words::{PHASE_WORDS, Word, is_in};

/// A goal that is a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Garden the roadmap.
    Garden,
    /// Show the status.
    Status,
    /// List the agents.
    ListAgents,
    /// Show help.
    Help,
    /// Start nothing new for a while.
    Pause,
    /// List the ready phases.
    ListReady,
    /// Stop all agents.
    StopAll,
    /// Stop the agents of these phases; tokens that are no phase's id come second.
    Stop(Vec<usize>, Vec<String>),
}

const DETERMINERS: &str = "the all my our every";

/// The command these words are, if all of them are one.
pub(crate) fn parse(index: &Index<'_>, words: &[Word]) -> Option<Order> {
    let polite = words.iter().take_while(|word| word.text == "please").count();
    let thanks = words.iter().rev().take_while(|word| is_in(&word.text, "please now")).count();
    let words = words.get(polite..words.len() - thanks.min(words.len() - polite))?;
    let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    let (verb, rest) = texts.split_first()?;
    match *verb {
        "stop" | "kill" | "abort" | "halt" | "terminate" | "cancel" => stop(index, words),
        "pause" | "hold" => pause(rest),
        "garden" | "regarden" | "tend" | "refresh" | "unblock" => garden(verb, rest),
        "how" => counted(rest),
        _ => listed(&texts.join(" ")),
    }
}

/// `how many phases are left`, `how much is done`, `how far are we`.
fn counted(rest: &[&str]) -> Option<Order> {
    const COUNTED: &str = "phases phase work stages are is there have has been do we i still yet left remaining remain remains \
        open done complete completed finished blocked ready running in progress to go of the all our in total roadmap \
        more run";
    let (first, counted) = rest.split_first()?;
    let all = !counted.is_empty() && counted.iter().all(|word| is_in(word, COUNTED));
    let asks = is_in(first, "many much") && all || rest == ["far", "are", "we"];
    asks.then_some(Order::Status)
}

fn listed(text: &str) -> Option<Order> {
    match text {
        "help" | "help me" | "show help" | "usage" | "commands" | "show commands"
        | "what can i do" | "what can i say" | "what can i type" => Some(Order::Help),
        "status" | "show status" | "show the status" | "show me the status" | "project status"
        | "roadmap status" | "overall status" | "status report" | "what is the status"
        | "what's the status" | "what is left" | "what's left" | "what remains" | "progress"
        | "show progress" | "show the progress" => Some(Order::Status),
        "agents"
        | "list agents"
        | "list the agents"
        | "list all agents"
        | "list running agents"
        | "list my agents"
        | "show agents"
        | "show the agents"
        | "show all agents"
        | "show running agents"
        | "show me the agents"
        | "running agents"
        | "which agents are running"
        | "what agents are running"
        | "who is working" => Some(Order::ListAgents),
        "list ready"
        | "list phases"
        | "list ready phases"
        | "list the ready phases"
        | "list available phases"
        | "list all ready phases" => Some(Order::ListReady),
        _ => None,
    }
}

/// `pause`, `pause the run`, `hold everything`.
fn pause(rest: &[&str]) -> Option<Order> {
    const PAUSED: &str = "run runs queue plan agents everything all work";
    let object = without_determiner(rest);
    let whole = object.iter().all(|word| is_in(word, PAUSED));
    whole.then_some(Order::Pause)
}

/// What `unblock` may be asked of.
const UNBLOCKED: [&str; 9] = [
    "",
    "phase",
    "phases",
    "everything",
    "ready",
    "all",
    "blocked phases",
    "ready phases",
    "available phases",
];

/// `garden`, `garden the roadmap`, `unblock all phases`, `refresh the roadmap`.
fn garden(verb: &str, rest: &[&str]) -> Option<Order> {
    let rest = without_determiner(rest);
    let object = rest.join(" ");
    let objects = match verb {
        "garden" | "regarden" => ["", "roadmap", "phases", "everything"].as_slice(),
        "refresh" | "tend" => &["roadmap"],
        _ => &UNBLOCKED,
    };
    objects.contains(&object.as_str()).then_some(Order::Garden)
}

fn without_determiner<'r, 's>(rest: &'r [&'s str]) -> &'r [&'s str] {
    match rest {
        [first, tail @ ..] if is_in(first, DETERMINERS) && !tail.is_empty() => {
            without_determiner(tail)
        }
        _ => rest,
    }
}

/// `stop`, `stop all`, `kill all agents`, `stop 3.3`, `kill agents a-3.1 and 3.2`, `stop the http router` while it runs.
fn stop(index: &Index<'_>, words: &[Word]) -> Option<Order> {
    let rest = &words[1..];
    if rest
        .iter()
        .all(|word| is_in(&word.text, "all everything every the running agents agent phases"))
    {
        let all = rest.is_empty()
            || rest.iter().any(|word| is_in(&word.text, "all everything every agents"));
        return all.then_some(Order::StopAll);
    }
    stop_listed(index, rest).or_else(|| {
        let skip =
            rest.iter().take_while(|word| is_in(&word.text, "the agent of on phase")).count();
        let named = index.named(&rest[skip..]);
        let held =
            !named.is_empty() && named.iter().all(|at| index.held.contains(&index.phase(*at).id));
        held.then(|| Order::Stop(named.to_vec(), Vec::new()))
    })
}

fn stop_listed(index: &Index<'_>, rest: &[Word]) -> Option<Order> {
    let (mut phases, mut unknown) = (Vec::new(), Vec::new());
    let mut keyword = false;
    for word in rest {
        let text = word.text.as_str();
        if is_in(text, PHASE_WORDS) || is_in(text, "agent agents") {
            keyword = true;
        } else if !is_in(text, "and the of on for") {
            let id = text.strip_prefix("a-").filter(|id| index.find(id).is_some()).unwrap_or(text);
            let digits = id.bytes().any(|b| b.is_ascii_digit());
            match index.find(id) {
                Some(at) if digits || keyword => phases.push(at),
                Some(_) => return None,
                None if is_id_shaped(text) => unknown.push(text.to_owned()),
                None => return None,
            }
        }
    }
    let some = !phases.is_empty() || !unknown.is_empty();
    some.then_some(Order::Stop(phases, unknown))
}

/// Digits with dots, or an agent's id.
fn is_id_shaped(text: &str) -> bool {
    let id = text.strip_prefix("a-").unwrap_or(text);
    id.starts_with(|c: char| c.is_ascii_digit())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}
