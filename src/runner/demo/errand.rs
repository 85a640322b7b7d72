//! The demo agent on demand: it looks at a phase, proposes one, or sums a plan up, and leaves a document.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::agent::DemoSettings;
use super::pace::Pace;
use super::script;
use super::voice::Voice;
use super::{DemoError, work};
use crate::runner::environment::Variables;
use crate::runner::errand_prompt::{DOCUMENT_VARIABLE, PROPOSALS_VARIABLE};

/// What the agent is there for, if it works on no phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoErrand {
    /// Its role: `qa`, `project_manager` or `orchestrator`.
    pub role: String,
    /// Where its document goes.
    pub document: PathBuf,
    /// Where proposals go.
    pub proposals: PathBuf,
}

impl DemoErrand {
    /// Reads `AGENT_ROLE`, `ORCH_TUI_DOCUMENT` and `ORCH_TUI_PROPOSALS`; none without a document to write.
    pub fn from_environment(env: &Variables) -> Option<Self> {
        let path = |name: &str| env.get(name).map(PathBuf::from);
        Some(Self {
            role: env.get("AGENT_ROLE")?.clone(),
            document: path(DOCUMENT_VARIABLE)?,
            proposals: path(PROPOSALS_VARIABLE).unwrap_or_default(),
        })
    }
}

/// An agent with an errand at work.
pub(super) struct Clerk<'a, W: Write> {
    pub(super) settings: &'a DemoSettings,
    pub(super) errand: &'a DemoErrand,
    pub(super) voice: Voice<W>,
    pub(super) pace: Pace,
}

impl<W: Write> Clerk<'_, W> {
    /// Does what it is there for to the end.
    pub(super) fn work(mut self) -> Result<(), DemoError> {
        self.voice.begin(&self.settings.directory.to_string_lossy())?;
        let done = match self.errand.role.as_str() {
            "qa" => self.look_at_phase(),
            "project_manager" => self.propose(),
            _ => self.sum_up(),
        };
        match done {
            Ok(words) => Ok(self.voice.end(&mut self.pace, &words, Ok(()))?),
            Err(error) => {
                self.voice.end(&mut self.pace, &error.to_string(), Err(()))?;
                Err(error)
            }
        }
    }

    fn look_at_phase(&mut self) -> Result<String, DemoError> {
        let phase = self.settings.phase.clone();
        self.say(&format!("Phase {phase} says it is done. I try to show that it is not."))?;
        self.bash(&format!("grep -n -A 9 'Phase {phase}:' plans/roadmap.md"))?;
        self.bash("git log --oneline -3")?;
        let part = script::part(&phase);
        let tested = match part {
            Some(part) => self.bash(&format!("sh tests/run.sh {}", part.name))?,
            None => false,
        };
        let source = part.map_or_else(|| "plans/roadmap.md".to_owned(), |part| part.source_path());
        let tests = match tested {
            true => "The test of this phase passes on the committed state.",
            false => "There is no test of this phase, or it fails: see the first finding.",
        };
        let blocks = match tested {
            true => String::new(),
            false => format!(
                "## Blocks: nothing shows that {phase} works\n\n- **Where:** tests\n- **Shows it:** `sh tests/run.sh`\n- **Expected:** a test that passes\n- **Happened:** none does\n\n"
            ),
        };
        let text = format!(
            "# QA of phase {phase}\n\n{tests} Tried: empty input, a name with blanks, two at once.\n\n{blocks}## Note: an empty name is taken\n\n- **Where:** `{source}`\n- **Shows it:** `sh -n {source}`\n- **Expected:** a refusal of the empty name\n- **Happened:** it is stored\n"
        );
        self.document(&text)?;
        self.close("One note, written down.")
    }

    fn propose(&mut self) -> Result<String, DemoError> {
        let wish = wish_in(&self.settings.prompt).unwrap_or_else(|| "Export as CSV".to_owned());
        self.say(&format!("What is wanted: {wish}. First I read the whole roadmap."))?;
        self.bash("grep -c '^### Phase ' plans/roadmap.md")?;
        let name = file_name(&wish);
        let phase = format!(
            "### Phase 5.1: {wish}\n\n- **Status:** ⚪ Not Started\n- **Depends On:** None\n- **Tasks:**\n  - [ ] write a test that shows what is missing\n  - [ ] make it pass\n- **Effort:** S\n- **Done When:** `sh tests/run.sh` passes with the new test\n"
        );
        let path = self.errand.proposals.join(&name);
        self.write(&path, &phase)?;
        let text = format!(
            "# Proposals\n\n- `{name}`: one phase, 5.1. Without it nobody can say whether \"{wish}\" is there.\n"
        );
        self.document(&text)?;
        self.close("One proposal, for you to take or to leave.")
    }

    fn sum_up(&mut self) -> Result<String, DemoError> {
        self.say("I read the report and write down what counts.")?;
        let told = |what: &str| counted_in(&self.settings.prompt, what);
        let (done, left) = (told("## Complete: "), told("## Not complete: "));
        let people = told("## Open questions: ");
        let text = format!(
            "# Summary\n\n- **Achieved:** {done} phases are complete, each proven by its gates.\n- **Left:** {left} phases were begun and are not complete.\n- **Needs a person:** {people}.\n"
        );
        self.document(&text)?;
        self.close("Summed up on less than a page.")
    }

    fn close(&mut self, words: &str) -> Result<String, DemoError> {
        self.say(words)?;
        Ok(words.to_owned())
    }

    fn document(&mut self, text: &str) -> Result<(), DemoError> {
        let path = self.errand.document.clone();
        self.write(&path, text)
    }

    fn say(&mut self, text: &str) -> Result<(), DemoError> {
        Ok(self.voice.say(&mut self.pace, text)?)
    }

    /// Runs one of the script's own command lines, and says whether it succeeded.
    fn bash(&mut self, command: &str) -> Result<bool, DemoError> {
        self.voice.tool("Bash", &json!({"command": command}))?;
        self.pace.wait(400, 1_100);
        let ran = work::run(&self.settings.directory, &["sh", "-c", command])?;
        self.voice.answer(&ran.output, ran.result)?;
        Ok(ran.result.is_ok())
    }

    fn write(&mut self, path: &Path, text: &str) -> Result<(), DemoError> {
        self.pace.wait(500, 1_300);
        self.voice.tool("Write", &json!({"file_path": path, "content": text}))?;
        work::write(&self.settings.directory, &path.to_string_lossy(), text)?;
        Ok(self.voice.answer(&format!("{} written", path.display()), Ok(()))?)
    }
}

/// What a person wants, as the prompt quotes it.
fn wish_in(prompt: &str) -> Option<String> {
    let rest = prompt.split("A person says this, word for word:").nth(1)?;
    let line = rest.lines().find(|line| !line.trim().is_empty() && !line.starts_with('`'))?;
    Some(line.trim().to_owned())
}

/// The number behind a heading of the report; 0 without that heading.
fn counted_in(prompt: &str, heading: &str) -> usize {
    let line = prompt.lines().find_map(|line| line.strip_prefix(heading));
    line.and_then(|rest| rest.trim().parse().ok()).unwrap_or(0)
}

/// `export-as-csv.md`.
fn file_name(wish: &str) -> String {
    let lower = wish.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.take(6).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "proposal.md".to_owned() } else { format!("{slug}.md") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_its_prompt() {
        let prompt =
            "## What is wanted\n\nA person says this, word for word:\n\n```\nfaster search\n```\n";
        assert_eq!(wish_in(prompt).as_deref(), Some("faster search"));
        assert_eq!(file_name("Faster Search, ä!"), "faster-search.md");
        assert_eq!(counted_in("a\n## Complete: 12\n", "## Complete: "), 12);
        assert_eq!(counted_in("", "## Complete: "), 0);
    }
}
