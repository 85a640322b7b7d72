//! Which theme and glyphs suit the person's terminal.

use crate::app::cli::{ColourWhen, Global, ThemeChoice};
use crate::ui::dashboard::Settings;
use crate::ui::look::{Glyphs, Theme};

/// The settings for this terminal: what was asked for, else what the environment tells.
pub fn settings(global: &Global) -> Settings {
    let theme = theme(global);
    if theme == Theme::Mono {
        // Under NO_COLOR crossterm would turn every colour change into a full reset, and reverse video would be lost.
        crossterm::style::force_color_output(true);
    }
    Settings { theme, glyphs: glyphs(global) }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn theme(global: &Global) -> Theme {
    match global.color {
        ColourWhen::Never => return Theme::Mono,
        ColourWhen::Auto if !variable("NO_COLOR").is_empty() => return Theme::Mono,
        ColourWhen::Auto | ColourWhen::Always => {}
    }
    match global.theme {
        ThemeChoice::Dark => Theme::Dark,
        ThemeChoice::Light => Theme::Light,
        ThemeChoice::Ansi => Theme::Ansi,
        ThemeChoice::Mono => Theme::Mono,
        ThemeChoice::Auto if !has_true_colour() => Theme::Ansi,
        ThemeChoice::Auto if is_light(&variable("COLORFGBG")) => Theme::Light,
        ThemeChoice::Auto => Theme::Dark,
    }
}

fn has_true_colour() -> bool {
    let colours = variable("COLORTERM");
    colours == "truecolor" || colours == "24bit" || variable("TERM").ends_with("-direct")
}

/// `COLORFGBG` holds `foreground;background` in the 16-colour palette; 7 and 9 to 15 are light.
fn is_light(colours: &str) -> bool {
    let background = colours.rsplit(';').next().and_then(|text| text.parse::<u8>().ok());
    background.is_some_and(|colour| colour == 7 || (9..=15).contains(&colour))
}

/// The glyphs to draw and cut with.
pub fn glyphs(global: &Global) -> Glyphs {
    let locale = [variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG")];
    let locale = locale.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
    let utf8 = locale.to_lowercase().replace('-', "").contains("utf8");
    if global.ascii || !utf8 || variable("TERM") == "linux" {
        Glyphs::Ascii
    } else {
        Glyphs::Unicode
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_backgrounds_are_recognised() {
        assert!(is_light("0;15"));
        assert!(is_light("0;default;7"));
        assert!(!is_light("15;0"));
        assert!(!is_light(""));
    }
}
