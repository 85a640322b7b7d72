//! What the scripted agents do: one part of the demo's project per phase.

/// What is special about a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing: it just works.
    Plain,
    /// It asks a person and waits for the answer.
    Asks,
    /// Its first life commits a mistake that only the gate finds.
    FailsFirst,
    /// Its first life waits for something that never comes.
    HangsFirst,
}

/// One phase and the files it adds.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The phase's id.
    pub phase: &'static str,
    /// Name of its source file and of its test, without `.sh`.
    pub name: &'static str,
    /// The phase's name.
    pub title: &'static str,
    /// Its source file.
    pub source: &'static str,
    /// Its test.
    pub test: &'static str,
    /// What the agent says before it writes.
    pub thought: &'static str,
    /// What is special about it.
    pub act: Act,
}

/// The question of the phase that asks.
pub const QUESTION: &str = "Keep the v1 cookie readable? [y/n]";
/// What the phase that hangs says.
pub const HANGING: &str = "waiting for a lock that never comes";
/// The source with the mistake of the phase that fails first.
pub const MISTAKE: &str = include_str!("../../../assets/demo/src/query_buggy.sh");

macro_rules! part {
    ($phase:literal, $name:literal, $title:literal, $act:ident, $thought:literal) => {
        Part {
            phase: $phase,
            name: $name,
            title: $title,
            source: include_str!(concat!("../../../assets/demo/src/", $name, ".sh")),
            test: include_str!(concat!("../../../assets/demo/tests/", $name, ".sh")),
            thought: $thought,
            act: Act::$act,
        }
    };
}

/// All parts in an order that respects dependencies. Those of batch 1 are there from the start.
pub const PARTS: [Part; 18] = [
    part!("1.1", "text", "Text helpers", Plain, ""),
    part!("1.2", "store", "Record store", Plain, ""),
    part!("1.3", "envelope", "Error envelope", Plain, ""),
    part!("1.4", "args", "Argument reader", Plain, ""),
    part!(
        "2.1",
        "snapshot",
        "Snapshot export",
        Plain,
        "The store only appends, so a snapshot has to keep the newest value of each key. Sorting by bytes makes equal stores give equal snapshots."
    ),
    part!(
        "2.2",
        "cookie",
        "Session cookies",
        Asks,
        "Version 2 cookies start with v2, so both versions can be told apart by their first characters."
    ),
    part!(
        "2.3",
        "query",
        "Query planner",
        FailsFirst,
        "Counting keys by prefix is one pass: take the keys, drop repeats, keep those that match."
    ),
    part!(
        "2.4",
        "migrate",
        "Migration runner",
        Plain,
        "The store can remember the last step itself, under a key of its own. A step that fails must not be remembered."
    ),
    part!(
        "2.5",
        "lock",
        "Write lock",
        HangsFirst,
        "Making a directory is atomic everywhere, so a directory will do as the lock."
    ),
    part!(
        "3.1",
        "router",
        "Request router",
        Plain,
        "A case over method and path is all the table this needs. Unknown methods get 405, unknown paths 404."
    ),
    part!(
        "3.2",
        "settings",
        "Settings",
        Plain,
        "Settings are records with a prefix; a default stands in for those that were never set."
    ),
    part!(
        "3.3",
        "limit",
        "Rate limiter",
        Plain,
        "Counting lines per caller and window is enough, and a new window starts at nothing by itself."
    ),
    part!(
        "3.4",
        "token",
        "Auth tokens",
        Plain,
        "A token carries its own check sum. This is a demo: real tokens want a real signature."
    ),
    part!(
        "3.5",
        "requests",
        "Request log",
        Plain,
        "One line per request keeps the log easy to read and to count."
    ),
    part!(
        "4.1",
        "help",
        "Help pages",
        Plain,
        "The comments above the functions are already usage lines; the help can be read straight out of them."
    ),
    part!(
        "4.2",
        "console",
        "Admin console",
        Plain,
        "Every command checks the token first. A bad one gets 401 and nothing else."
    ),
    part!(
        "4.3",
        "audit",
        "Audit log",
        Plain,
        "If each line carries the check sum of the line before, nobody can take one out unseen."
    ),
    part!(
        "4.4",
        "load",
        "Load harness",
        Plain,
        "Calling a function many times and counting equal answers shows at once whether one went wrong."
    ),
];

/// The part of a phase.
pub fn part(phase: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.phase == phase)
}

impl Part {
    /// Its source file in the repository.
    pub fn source_path(&self) -> String {
        format!("src/{}.sh", self.name)
    }

    /// Its test in the repository.
    pub fn test_path(&self) -> String {
        format!("tests/{}.sh", self.name)
    }

    /// It is complete from the start.
    pub fn is_given(&self) -> bool {
        self.phase.starts_with("1.")
    }
}
