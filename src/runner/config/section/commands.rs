//! Commands in a configuration file.

use super::{Checked, Node, Section, scalar};

impl Section<'_> {
    /// Commands, one or several. A text is the person's own, to be read by a shell; a list is a program with its
    /// arguments.
    ///
    /// # Errors
    /// When it is something else.
    pub fn commands(&self, key: &str) -> Checked<Vec<Vec<String>>> {
        let Some(node) = self.get(key) else { return Ok(Vec::new()) };
        let items = match node {
            Node::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        items.iter().map(|item| self.command(key, item)).collect()
    }

    fn command(&self, key: &str, item: &Node) -> Checked<Vec<String>> {
        let wrong = |node: &Node| self.reader.mismatch(&self.at(key), "a list of commands", node);
        match item {
            Node::Text(script) => Ok(["sh", "-c", script].map(str::to_owned).to_vec()),
            Node::List(argv) if !argv.is_empty() => {
                argv.iter().map(|part| scalar(part).ok_or_else(|| wrong(part))).collect()
            }
            other => Err(wrong(other)),
        }
    }
}
