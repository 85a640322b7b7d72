//! The text of one block: styled runs, with the styles of what is open around them.

use pulldown_cmark::HeadingLevel;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

use crate::domain::printable::Printable;
use crate::ui::look::{ColourRole, Glyphs, Look, Theme};

/// Styled runs of the block that is being read.
#[derive(Debug, Default)]
pub(super) struct Inline {
    runs: Vec<Span<'static>>,
    styles: Vec<Modifier>,
    links: Vec<usize>,
    targets: Vec<String>,
}

impl Inline {
    /// Opens a style.
    pub(super) fn open(&mut self, modifier: Modifier) {
        self.styles.push(modifier);
    }

    /// Closes the style opened last.
    pub(super) fn close(&mut self) {
        self.styles.pop();
    }

    /// Opens a link or an image. One target has one number.
    pub(super) fn open_link(&mut self, target: &str) {
        let target = Printable::new(target).to_string();
        let known = self.targets.iter().position(|known| *known == target);
        let number = known.unwrap_or(self.targets.len());
        if known.is_none() {
            self.targets.push(target);
        }
        self.links.push(number + 1);
        self.open(Modifier::UNDERLINED);
    }

    /// Closes a link: its number follows its text.
    pub(super) fn close_link(&mut self, look: &Look) {
        self.close();
        if let Some(number) = self.links.pop() {
            self.runs.push(Span::styled(format!("[{number}]"), look.style(ColourRole::Muted)));
        }
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: &str) {
        self.styled(text, Style::new());
    }

    /// Adds text in a style besides those that are open.
    pub(super) fn styled(&mut self, text: &str, style: Style) {
        let style = self.styles.iter().fold(style, |style, open| style.add_modifier(*open));
        self.runs.push(Span::styled(Printable::new(text).to_string(), style));
    }

    /// Adds code; where its colour tells what it is, without its marks.
    pub(super) fn code(&mut self, code: &str, look: &Look) {
        let marked = look.theme == Theme::Mono || look.glyphs == Glyphs::Ascii;
        let text = if marked { format!("`{code}`") } else { code.to_owned() };
        self.styled(&text, look.style(ColourRole::Accent));
    }

    /// The runs so far; the next block begins.
    pub(super) fn take(&mut self) -> Vec<Span<'static>> {
        std::mem::take(&mut self.runs)
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Where the links lead, in order.
    pub(super) fn targets(&self) -> &[String] {
        &self.targets
    }
}

/// How a heading stands out.
pub(super) fn heading_style(level: HeadingLevel) -> Modifier {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 | HeadingLevel::H3 => {
            Modifier::BOLD | Modifier::UNDERLINED
        }
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => Modifier::BOLD,
    }
}
