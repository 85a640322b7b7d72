//! Places in which keys mean something.

/// A dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// Before an agent is stopped.
    Stop,
    /// Before an agent that runs is restarted.
    Restart,
    /// Before starter files are written.
    Init,
    /// Before leaving with agents at work.
    Quit,
    /// What shall be sent to agents.
    Words,
    /// Before a text is sent to agents.
    Send,
    /// Before proven work is merged.
    Merge,
    /// Before work is given up.
    Discard,
}

/// A place where one reads what agents said or changed, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reading {
    /// SCROLL mode.
    Lines,
    /// The text that is searched for in SCROLL mode.
    Needle,
    /// What was found in all agents.
    Hits,
    /// What an agent's branch changes.
    Changes,
    /// What a person says of a line of it.
    Comment,
    /// The report of the last plan.
    Report,
}

/// A screen over the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sheet {
    /// What happened.
    Events,
    /// One phase.
    Phase,
    /// What is odd in the roadmap.
    Health,
    /// The dependency graph.
    Graph,
    /// The targets.
    Targets,
    /// The proposals.
    Proposals,
}

/// Where a key means something. A key is looked up in the scope itself, then in its wider scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere but in TYPE mode and in overlays.
    Browse,
    /// Any list: roadmap, streams.
    List,
    /// The roadmap pane.
    Roadmap,
    /// The pane of claimed streams.
    Streams,
    /// The agent pane.
    Agent,
    /// All agents as tiles.
    Grid,
    /// No roadmap yet.
    Welcome,
    /// The goal text.
    Goal,
    /// The filter text of the roadmap pane.
    Filter,
    /// TYPE mode: keys go to the agent.
    Type,
    /// The plan overlay.
    Plan,
    /// A page over the plan that is only read.
    Page,
    /// What an agent is told, in an editor over the plan.
    Prompt,
    /// The help overlay.
    Help,
    /// A dialog.
    Ask(Question),
    /// What an agent said.
    Reading(Reading),
    /// A screen over the dashboard.
    Sheet(Sheet),
}

impl Scope {
    /// The scopes a key is looked up in, narrowest first.
    pub fn chain(self) -> &'static [Scope] {
        match self {
            Self::Browse => &[Self::Browse],
            Self::List => &[Self::List, Self::Browse],
            Self::Roadmap => &[Self::Roadmap, Self::List, Self::Browse],
            Self::Streams => &[Self::Streams, Self::List, Self::Browse],
            Self::Agent => &[Self::Agent, Self::Browse],
            Self::Grid => &[Self::Grid, Self::Browse],
            Self::Welcome => &[Self::Welcome, Self::Browse],
            Self::Goal => &[Self::Goal],
            Self::Filter => &[Self::Filter],
            Self::Type => &[Self::Type],
            Self::Plan => &[Self::Plan],
            Self::Page => &[Self::Page],
            Self::Prompt => &[Self::Prompt],
            Self::Help => &[Self::Help],
            Self::Ask(Question::Stop) => &[Self::Ask(Question::Stop)],
            Self::Ask(Question::Restart) => &[Self::Ask(Question::Restart)],
            Self::Ask(Question::Init) => &[Self::Ask(Question::Init)],
            Self::Ask(Question::Quit) => &[Self::Ask(Question::Quit)],
            Self::Ask(Question::Words) => &[Self::Ask(Question::Words)],
            Self::Ask(Question::Send) => &[Self::Ask(Question::Send)],
            Self::Ask(Question::Merge) => &[Self::Ask(Question::Merge)],
            Self::Ask(Question::Discard) => &[Self::Ask(Question::Discard)],
            Self::Reading(Reading::Lines) => &[Self::Reading(Reading::Lines)],
            Self::Reading(Reading::Needle) => &[Self::Reading(Reading::Needle)],
            Self::Reading(Reading::Hits) => &[Self::Reading(Reading::Hits)],
            Self::Reading(Reading::Changes) => &[Self::Reading(Reading::Changes)],
            Self::Reading(Reading::Comment) => &[Self::Reading(Reading::Comment)],
            Self::Reading(Reading::Report) => &[Self::Reading(Reading::Report)],
            Self::Sheet(Sheet::Events) => &[Self::Sheet(Sheet::Events)],
            Self::Sheet(Sheet::Phase) => &[Self::Sheet(Sheet::Phase)],
            Self::Sheet(Sheet::Health) => &[Self::Sheet(Sheet::Health)],
            Self::Sheet(Sheet::Graph) => &[Self::Sheet(Sheet::Graph)],
            Self::Sheet(Sheet::Targets) => &[Self::Sheet(Sheet::Targets)],
            Self::Sheet(Sheet::Proposals) => &[Self::Sheet(Sheet::Proposals)],
        }
    }

    /// Its name for people, as the help shows it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Browse => "Everywhere",
            Self::List => "Lists",
            Self::Roadmap => "Roadmap",
            Self::Streams => "Claimed streams",
            Self::Agent => "Agent",
            Self::Grid => "Agent grid",
            Self::Welcome => "No roadmap",
            Self::Goal => "Goal",
            Self::Filter => "Filter",
            Self::Type => "TYPE mode",
            Self::Plan => "Plan",
            Self::Page => "Pages of the plan",
            Self::Prompt => "Prompt",
            Self::Help => "Help",
            Self::Ask(Question::Stop) => "Stop dialog",
            Self::Ask(Question::Restart) => "Restart dialog",
            Self::Ask(Question::Init) => "Starter dialog",
            Self::Ask(Question::Quit) => "Quit dialog",
            Self::Ask(Question::Words) => "Text for agents",
            Self::Ask(Question::Send) => "Send dialog",
            Self::Ask(Question::Merge) => "Merge dialog",
            Self::Ask(Question::Discard) => "Discard dialog",
            Self::Reading(Reading::Lines) => "SCROLL mode",
            Self::Reading(Reading::Needle) => "Search in SCROLL",
            Self::Reading(Reading::Hits) => "Search in all agents",
            Self::Reading(Reading::Changes) => "Diff",
            Self::Reading(Reading::Comment) => "Comment on a line",
            Self::Reading(Reading::Report) => "Report",
            Self::Sheet(Sheet::Events) => "Events",
            Self::Sheet(Sheet::Phase) => "Phase detail",
            Self::Sheet(Sheet::Health) => "Health",
            Self::Sheet(Sheet::Graph) => "Graph",
            Self::Sheet(Sheet::Targets) => "Targets",
            Self::Sheet(Sheet::Proposals) => "Proposals",
        }
    }
}
