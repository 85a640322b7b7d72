//! Markdown as styled lines: enough for a section of a roadmap, safe for any text.

mod blocks;
mod code;
mod html;
mod inline;
mod table;
pub mod wrap;

use pulldown_cmark::{Options, Parser};
use ratatui::text::Line;

use crate::ui::look::Look;

/// `text` rendered into lines of at most `width` columns. Links are numbered and listed at the end.
pub fn render(text: &str, width: u16, look: &Look) -> Vec<Line<'static>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    let mut page = blocks::Page::new(usize::from(width), look);
    let text = with_glyphs(text, look);
    for event in Parser::new_ext(&text, options) {
        page.take(event);
    }
    page.finish()
}

/// The marks of roadmaps as glyphs of one column; variation selectors would make widths unsure and go.
fn with_glyphs(text: &str, look: &Look) -> String {
    let glyph = |c: char| match c {
        '⚪' => look.pick('◦', '.'),
        '🔄' | '🟡' => look.pick('▸', '>'),
        '✅' | '🟢' => look.pick('✓', '+'),
        '🔴' => look.pick('⊘', '#'),
        '⭐' => look.pick('✶', '*'),
        other => other,
    };
    text.chars().filter(|c| *c != '\u{fe0f}').map(glyph).collect()
}

#[cfg(test)]
#[path = "markdown/tests.rs"]
mod tests;
