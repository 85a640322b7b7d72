//! Which agent a person means, by its id or by the name of its identity.

use std::collections::BTreeMap;

use crate::domain::agent::Agent;
use crate::domain::id::AgentId;
use crate::domain::orchestrator::run::Run;
use crate::domain::printable::visible;

/// So many candidates are named.
const NAMED: usize = 8;

/// Why no agent is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeant {
    /// There is none of this id or name.
    Nobody,
    /// Several are: `Ada (a-2.1)`.
    Several(Vec<String>),
}

impl NotMeant {
    /// One sentence that says what to do.
    pub fn sentence(&self, text: &str) -> String {
        let text = visible(text);
        match self {
            Self::Nobody => format!("there is no agent {text}; `orch-tui agents` lists them"),
            Self::Several(candidates) => {
                let more = match candidates.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" or {more} more"),
                };
                let named = &candidates[..candidates.len().min(NAMED)];
                format!("{text} may be {}{more}; give the whole name or the id", named.join(" or "))
            }
        }
    }
}

impl Run {
    /// The agent with this id; or else the one that an identity of this name, or with a name that begins so, worked as
    /// last. Names are the same in small and capital letters.
    ///
    /// # Errors
    /// When there is none, or when several names begin so.
    pub fn meant(&self, text: &str) -> Result<&Agent, NotMeant> {
        if let Some(agent) = self.known(&AgentId::new(text)) {
            return Ok(agent);
        }
        let newest = self.newest();
        let text = text.to_lowercase();
        if let Some(agent) = newest.get(&text) {
            return Ok(agent);
        }
        let begins = newest.iter().filter(|(name, _)| name.starts_with(&text) && !text.is_empty());
        let found: Vec<&Agent> = begins.map(|(_, agent)| *agent).collect();
        match found.as_slice() {
            [] => Err(NotMeant::Nobody),
            [one] => Ok(*one),
            several => {
                Err(NotMeant::Several(several.iter().map(|agent| candidate(agent)).collect()))
            }
        }
    }

    /// The agent each identity worked as last, by its name in small letters.
    fn newest(&self) -> BTreeMap<String, &Agent> {
        let mut newest: BTreeMap<String, &Agent> = BTreeMap::new();
        for agent in self.agents.values() {
            let Some(name) = agent.name() else { continue };
            let known = newest.entry(name.to_lowercase()).or_insert(agent);
            let age = |agent: &Agent| (agent.is_live(), agent.times.asked);
            if age(agent) > age(known) {
                *known = agent;
            }
        }
        newest
    }
}

fn candidate(agent: &Agent) -> String {
    format!("{} ({})", visible(agent.name().unwrap_or_default()), agent.me().id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::id::{AgentRef, Life, PhaseId, TargetId};
    use crate::domain::journal::{Birth, Entry, Fact};
    use crate::domain::time::Timestamp;

    fn run(births: &[(&str, &str)]) -> Run {
        let entry = |(at, (phase, name)): (u64, &(&str, &str))| {
            let phase = PhaseId::new(phase);
            let agent = AgentRef { id: AgentId::for_phase(&phase), life: Life(1) };
            let birth = Birth::first(agent.clone(), phase, TargetId::new("t"), "text");
            let name = (!name.is_empty()).then(|| (*name).to_owned());
            let over = Fact::AgentCompleted { agent, document: None };
            [Fact::AgentSpawned(Birth { name, ..birth }), over]
                .map(|fact| Entry { at: Timestamp(at), fact })
        };
        Run::replay(&(0..).zip(births).flat_map(entry).collect::<Vec<_>>())
    }

    #[test]
    fn an_id_a_name_and_the_beginning_of_one_are_understood() {
        let run =
            run(&[("2.1", "Ada"), ("1.1", "Ada"), ("1.2", "Adam"), ("1.3", "Ben"), ("9", "")]);
        let id = |text| run.meant(text).map(|agent| agent.me().id.to_string());
        assert_eq!(id("a-2.1"), Ok("a-2.1".into()));
        assert_eq!(id("ada"), Ok("a-1.1".into()), "the newest of that name");
        assert_eq!(id("ADAM"), Ok("a-1.2".into()));
        assert_eq!(id("b"), Ok("a-1.3".into()));
        let both = NotMeant::Several(vec!["Ada (a-1.1)".into(), "Adam (a-1.2)".into()]);
        assert_eq!(id("ad"), Err(both.clone()));
        assert_eq!(
            both.sentence("ad"),
            "ad may be Ada (a-1.1) or Adam (a-1.2); give the whole name or the id"
        );
        for nobody in ["", "a-9.9", "zoe", "a-"] {
            assert_eq!(id(nobody), Err(NotMeant::Nobody), "{nobody}");
        }
    }
}
