//! Tells what happens during a run: lines for people, NDJSON for programs.

use std::io::{ErrorKind, Write};

use serde_json::{Map, Value, json};

use crate::app::exit::Exit;
use crate::app::failure::Failure;
use crate::app::{json, out};
use crate::domain::id::{AgentRef, TargetId};
use crate::domain::journal::{Entry, Fact};
use crate::domain::journal_text::sentence;
use crate::domain::orchestrator::run::subject;
use crate::domain::orchestrator::{Level, Notice, Orchestrator};
use crate::domain::printable::{Printable, visible};
use crate::domain::report::Report;

/// Columns of who is told of.
const WHO: usize = 12;

/// For whom it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A line an event.
    Lines,
    /// A JSON object a line.
    Json,
}

/// Tells each journal entry once, and what did not go as asked.
#[derive(Debug)]
pub struct Narrator<W> {
    out: W,
    style: Style,
    told: Option<Entry>,
    /// The last sentence for the person that was looked at.
    heard: Option<Notice>,
    /// The last one that was told on standard error.
    complained: Option<Printable>,
    /// Which target it tells of, where there are several.
    target: Option<TargetId>,
    /// Nobody reads any more; the run goes on.
    deaf: bool,
}

impl<W: Write> Narrator<W> {
    /// A narrator that begins after what the journal already holds.
    pub fn new(out: W, style: Style, orchestrator: &Orchestrator) -> Self {
        let told = orchestrator.run().log.back().cloned();
        Self { out, style, told, heard: None, complained: None, target: None, deaf: false }
    }

    /// One of several: each line names its target.
    #[must_use]
    pub fn one_of_several(self, target: TargetId) -> Self {
        Self { target: Some(target), ..self }
    }

    /// Says something beside what is told, on standard error.
    pub fn note(&self, sentence: &str) {
        match &self.target {
            Some(target) => out::note(&format!("{target}: {sentence}")),
            None => out::note(sentence),
        }
    }

    /// Says a complaint once more, unless it is what was said last.
    pub fn remind(&self, complaint: &str) {
        if self.complained.as_ref().is_none_or(|last| last.as_str() != complaint) {
            self.note(complaint);
        }
    }

    /// Tells what did not go as asked, where no new entry tells the same. A failure that ends the run is told at its end.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn complain(&mut self, orchestrator: &Orchestrator) -> Result<(), Failure> {
        let notices = orchestrator.notices();
        let at = |last: &Notice| notices.iter().rposition(|notice| notice == last);
        let start = self.heard.as_ref().and_then(at).map_or(0, |at| at + 1);
        let errors = notices.range(start..).filter(|notice| notice.level == Level::Error);
        let mut errors: Vec<Notice> = errors.cloned().collect();
        if !orchestrator.can_record() {
            errors.pop();
        }
        self.heard = notices.back().cloned();
        let said: Vec<String> =
            entries_after(&self.told, orchestrator).map(|e| sentence(&e.fact)).collect();
        for notice in errors {
            let text = notice.text.as_str();
            let bare = text.split_once(": ").map_or(text, |(_, rest)| rest);
            if said.iter().any(|said| said.contains(bare)) {
                continue;
            }
            match self.style {
                Style::Lines => {
                    self.note(text);
                    self.complained = Some(notice.text);
                }
                Style::Json => {
                    let event = json!({ "event": "complaint", "at": notice.at, "text": text });
                    self.write(&self.object(event))?;
                }
            }
        }
        Ok(())
    }

    /// Tells what is new in the journal, and before it what is wrong.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn tell(&mut self, orchestrator: &Orchestrator) -> Result<(), Failure> {
        self.complain(orchestrator)?;
        for entry in entries_after(&self.told, orchestrator) {
            let line = match self.style {
                Style::Lines => text_line(entry, orchestrator),
                Style::Json => self.object(json_line(entry, orchestrator)),
            };
            self.write(&line)?;
            if let Some(line) = self.outlook(entry, orchestrator) {
                self.write(&line)?;
            }
        }
        self.told = orchestrator.run().log.back().cloned().or(self.told.take());
        Ok(())
    }

    /// What follows a life that is just over, where that is not at once.
    fn outlook(&self, entry: &Entry, orchestrator: &Orchestrator) -> Option<String> {
        let me = match &entry.fact {
            Fact::Released { agent } | Fact::AgentFailed { agent, .. } => agent,
            _ => return None,
        };
        let agent = orchestrator.agent(&me.id)?;
        let over = agent.me() == me && agent.times.ended == Some(entry.at);
        let outlook = orchestrator.outlook(agent, entry.at).filter(|_| over)?;
        let next = json::next(agent, orchestrator, entry.at);
        Some(match self.style {
            Style::Lines => {
                format!("{:<WHO$} {}", called(me, orchestrator), visible(outlook.text()))
            }
            Style::Json => self.object(json!({
                "event": "agent_waits", "at": entry.at, "agent": me, "phase": agent.phase(),
                "next": next,
            })),
        })
    }

    /// Tells what an agent does, which is not in the journal.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn hear(&mut self, report: &Report, orchestrator: &Orchestrator) -> Result<(), Failure> {
        let Report::Activity { agent, pulse } = report else { return Ok(()) };
        let before = orchestrator.run().live(agent).map(|known| &known.activity);
        if before.is_some_and(|activity| activity.doing == pulse.doing) {
            return Ok(());
        }
        let line = match self.style {
            Style::Lines => format!("{:<WHO$} {}", called(agent, orchestrator), pulse.doing),
            Style::Json => self.object(json!({
                "event": "agent_activity", "at": pulse.last_output, "agent": agent,
                "doing": pulse.doing, "waiting": pulse.waiting,
            })),
        };
        self.write(&line)
    }

    /// Adds a sentence that is no decision, for people alone.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn add(&mut self, sentence: &str) -> Result<(), Failure> {
        match self.style {
            Style::Lines => self.write(&format!("{:<WHO$} {sentence}", "-")),
            Style::Json => Ok(()),
        }
    }

    /// An event; one of several targets is named in it.
    fn object(&self, mut event: Value) -> String {
        if let (Some(target), Value::Object(fields)) = (&self.target, &mut event) {
            fields.insert("target".into(), json!(target));
        }
        out::json_text(&event)
    }

    fn write(&mut self, line: &str) -> Result<(), Failure> {
        if self.deaf {
            return Ok(());
        }
        let whose = match (&self.target, self.style) {
            (Some(target), Style::Lines) => format!("{target:<10} "),
            (None, Style::Lines) | (_, Style::Json) => String::new(),
        };
        let written = writeln!(self.out, "{whose}{line}").and_then(|()| self.out.flush());
        if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            self.deaf = true;
            return Ok(());
        }
        written.map_err(|error| Failure::new(Exit::Failed, format!("output closed: {error}")))
    }
}

/// The entries of the journal behind this one; all when it is not there any more.
fn entries_after<'o>(
    told: &Option<Entry>,
    orchestrator: &'o Orchestrator,
) -> impl Iterator<Item = &'o Entry> + use<'o> {
    let log = &orchestrator.run().log;
    let start = match told {
        Some(last) => log.iter().rposition(|entry| entry == last).map_or(0, |at| at + 1),
        None => 0,
    };
    log.range(start..)
}

fn text_line(entry: &Entry, orchestrator: &Orchestrator) -> String {
    let who = subject(&entry.fact).map_or_else(|| "-".to_owned(), |me| called(me, orchestrator));
    format!("{who:<WHO$} {}", sentence(&entry.fact))
}

/// The id of an agent, with its name where that is told.
fn called(me: &AgentRef, orchestrator: &Orchestrator) -> String {
    let lives = orchestrator.run().story.timeline.lives();
    match lives
        .iter()
        .rev()
        .find(|life| life.birth.agent == *me)
        .and_then(|life| life.birth.name.as_ref())
    {
        Some(name) => format!("{} {}", me.id, visible(name)),
        None => me.id.to_string(),
    }
}

/// A journal entry with its phase, as an NDJSON event. `plan_finished` also carries the outcome of every phase.
pub fn json_line(entry: &Entry, orchestrator: &Orchestrator) -> Value {
    let mut object = match serde_json::to_value(entry) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    };
    if let Some(agent) = subject(&entry.fact).and_then(|me| orchestrator.agent(&me.id)) {
        object.insert("phase".into(), json!(agent.about()));
    }
    // Where an edit is found again is the journal's own business.
    object.remove("undo");
    if let Fact::PlanFinished { left, .. } = &entry.fact {
        let outcome = if left.is_empty() { "complete" } else { "incomplete" };
        object.insert("outcome".into(), json!(outcome));
        object.insert("phases".into(), phases(orchestrator));
    }
    Value::Object(object)
}

fn phases(orchestrator: &Orchestrator) -> Value {
    let Some(plan) = &orchestrator.run().plan else { return json!([]) };
    let one = |id| {
        let given_up = plan.given_up.get(id).map(|outcome| outcome.clause());
        let outcome = if plan.done.contains(id) { Some("complete".into()) } else { given_up };
        json!({ "id": id, "outcome": outcome.unwrap_or_else(|| "not started".into()) })
    };
    plan.approved.phases.iter().map(one).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::orchestrator::Role;
    use crate::domain::orchestrator::tests::setup;
    use crate::domain::time::Timestamp;

    fn told(style: Style, reports: &[Report]) -> (String, Option<String>) {
        let mut o = Orchestrator::new(setup(1), Role::Driver);
        let mut narrator = Narrator::new(Vec::new(), style, &o);
        for (at, report) in (1..).zip(reports) {
            o.observe(Timestamp(at), report.clone());
            narrator.tell(&o).unwrap();
            narrator.tell(&o).unwrap();
        }
        let complained = narrator.complained.map(|text| text.to_string());
        (String::from_utf8(narrator.out).unwrap(), complained)
    }

    #[test]
    fn what_went_wrong_is_told_once() {
        let reports = ["the disk is full", "the disk is full", "it is worse"]
            .map(|why| Report::Trouble(why.into()));
        let (out, complained) = told(Style::Json, &reports);
        let events: Vec<Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let complaint = |at: u64, text| json!({ "event": "complaint", "at": at, "text": text });
        let each = [(1, "the disk is full"), (2, "the disk is full"), (3, "it is worse")];
        assert_eq!(events, each.map(|(at, text)| complaint(at, text)));
        assert_eq!(complained, None);
        let (out, complained) = told(Style::Lines, &reports);
        assert_eq!((out.as_str(), complained.as_deref()), ("", Some("it is worse")));
    }

    #[test]
    fn what_ends_the_run_is_left_to_its_end() {
        let reports = [Report::Trouble("slow".into()), Report::JournalFailed("disk full".into())];
        let (_, complained) = told(Style::Lines, &reports);
        assert_eq!(complained.as_deref(), Some("slow"));
    }
}
