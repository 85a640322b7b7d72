//! The person's editor: the screen is lent to it until it ends.

use std::io::Write as _;
use std::path::Path;

use super::{App, hand_over};
use crate::app::failure::Failure;
use crate::app::model::Msg;
use crate::app::update::update;
use crate::domain::id::PhaseId;

/// How an editor ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    /// As it says itself: well.
    Well,
    /// It could not be started, or ended with an error.
    Not,
}

impl App {
    /// Opens a file in the person's editor at a line and waits for it.
    pub(super) async fn lend_to_editor(
        &mut self,
        line: usize,
        file: &Path,
    ) -> Result<Edited, Failure> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let editor = variable("VISUAL").or_else(|| variable("EDITOR"));
        let editor = editor.unwrap_or_else(|| "vi".into());
        let mut words = editor.split_whitespace();
        let program = words.next().unwrap_or("vi").to_owned();
        self.screen.lend();
        let status = tokio::process::Command::new(program)
            .args(words)
            .arg(format!("+{line}"))
            .arg(file)
            .status()
            .await;
        self.screen.take_back().map_err(Failure::environment)?;
        self.title.clear();
        match status {
            Ok(status) if status.success() => Ok(Edited::Well),
            Ok(_) => Ok(Edited::Not),
            Err(error) => {
                self.tell(format!("the editor {editor} can't be started: {error}; set EDITOR"));
                Ok(Edited::Not)
            }
        }
    }

    /// Lets the person edit what an agent is told, in a private file that is gone afterwards.
    pub(super) async fn edit_prompt(&mut self, phase: PhaseId, text: &str) -> Result<(), Failure> {
        let written = tempfile::Builder::new().suffix(".md").tempfile().and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.flush()?;
            Ok(file)
        });
        let file = match written {
            Ok(file) => file,
            Err(error) => {
                self.tell(format!(
                    "the prompt can't be put into a file to edit: {error}; set TMPDIR"
                ));
                return Ok(());
            }
        };
        if self.lend_to_editor(1, file.path()).await? == Edited::Not {
            return Ok(());
        }
        match std::fs::read_to_string(file.path()) {
            Ok(edited) if edited.trim_end() != text.trim_end() => {
                let acts = update(&mut self.model, Msg::Prompt(phase, edited));
                hand_over(&self.engine, acts);
            }
            Ok(_) => {}
            Err(error) => {
                self.tell(format!("what was edited can't be read: {error}; it is left out"))
            }
        }
        Ok(())
    }
}
