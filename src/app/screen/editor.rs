//! The person's editor: the screen is lent to it until it ends.

use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::App;
use crate::app::failure::Failure;
use crate::app::model::Msg;
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
        let (variable, editor) = chosen(|name| std::env::var(name).ok());
        let Some((program, arguments)) = words(&editor) else {
            self.tell(format!("{variable} is not a command line: {editor}"));
            return Ok(Edited::Not);
        };
        self.keys.pause();
        self.screen.lend();
        let status = tokio::process::Command::new(program)
            .args(arguments)
            .arg(format!("+{line}"))
            .arg(file)
            .status()
            .await;
        self.keys.go_on();
        self.screen.take_back().map_err(Failure::environment)?;
        self.title.clear();
        match status {
            Ok(status) if status.success() => Ok(Edited::Well),
            Ok(_) => Ok(Edited::Not),
            Err(error) => {
                self.tell(format!("the editor {editor} can't be started: {error}; set {variable}"));
                Ok(Edited::Not)
            }
        }
    }

    /// Opens a file of an agent's worktree, if it is one.
    pub(super) async fn open_in_editor(&mut self, line: usize, file: &Path) -> Result<(), Failure> {
        if file.is_file() {
            self.lend_to_editor(line, file).await?;
        } else {
            self.tell(format!("{} is no file any more: nothing to open", file.display()));
        }
        Ok(())
    }

    /// Lets the person read a text in their editor, in a private file that is gone afterwards.
    pub(super) async fn read_in_editor(&mut self, line: usize, text: &str) -> Result<(), Failure> {
        match private_file(".txt", text) {
            Ok(file) => {
                self.lend_to_editor(line, file.path()).await?;
            }
            Err(error) => {
                self.tell(format!("the text can't be put into a file to read: {error}; set TMPDIR"))
            }
        }
        Ok(())
    }

    /// Lets the person edit what an agent is told, in a private file that is gone afterwards.
    pub(super) async fn edit_prompt(&mut self, phase: PhaseId, text: &str) -> Result<(), Failure> {
        let file = match private_file(".md", text) {
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
                if let Some(here) = self.sites.here_mut() {
                    let _for_the_screen = here.take(Msg::Prompt(phase, edited));
                }
            }
            Ok(_) => {}
            Err(error) => {
                self.tell(format!("what was edited can't be read: {error}; it is left out"))
            }
        }
        Ok(())
    }
}

/// The person's editor, and the variable that names it or could.
fn chosen(value: impl Fn(&str) -> Option<String>) -> (&'static str, String) {
    let named = |name| Some((name, value(name).filter(|value| !value.is_empty())?));
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or(("EDITOR", "vi".to_owned()))
}

/// A file that only the person can read, and that goes with its handle.
fn private_file(suffix: &str, text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("orch-tui-").suffix(suffix).tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    Ok(file)
}

/// Program and arguments of a command line: blanks part words, quotes and backslashes keep them together. Nothing else
/// that a shell knows means anything. `None` for an empty one and for a quote that does not end.
fn words(line: &str) -> Option<(String, Vec<String>)> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().push(characters.next()?),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    let is_whole = quote.is_none() && !words.is_empty();
    is_whole.then(|| (words.remove(0), words))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_is_a_program_with_arguments_and_no_shell_line() {
        let of = |line| words(line).map(|(program, rest)| (program, rest.join("|")));
        let is = |program: &str, rest: &str| Some((program.to_owned(), rest.to_owned()));
        assert_eq!(of("vi"), is("vi", ""));
        assert_eq!(of(" code  --wait "), is("code", "--wait"));
        assert_eq!(
            of(r#""/my tools/ed" -c 'set x' a\ b "c\"d" '' "#),
            is("/my tools/ed", r#"-c|set x|a b|c"d|"#)
        );
        assert_eq!(of("vi; rm -rf $HOME"), is("vi;", "rm|-rf|$HOME"));
        assert_eq!([of(""), of("  "), of("vi 'x"), of("vi \\")], [None, None, None, None]);
    }

    #[test]
    fn the_variable_that_names_the_editor_is_the_one_spoken_of() {
        let with = |visual: &str, editor: &str| {
            chosen(|name| Some(if name == "VISUAL" { visual } else { editor }.to_owned()))
        };
        assert_eq!(with("code", "vim"), ("VISUAL", "code".to_owned()));
        assert_eq!(with("", "vim"), ("EDITOR", "vim".to_owned()));
        assert_eq!(with("", ""), ("EDITOR", "vi".to_owned()));
    }

    #[test]
    fn what_is_read_in_an_editor_is_for_the_person_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = private_file(".txt", "said").unwrap();
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "said");
    }
}
