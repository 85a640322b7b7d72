//! A screen as the output that draws it: what a part of a recording begins with, so that it can be played alone.

use std::fmt::Write as _;

use crate::domain::frame::{
    Attributes, CellStyle, Colour, Frame, InputModes, MouseCoding, MouseReports,
};

/// Output that makes a fresh terminal of the frame's size show the frame. Rows hold printable text only.
pub(super) fn redraw(frame: &Frame) -> String {
    let mut out = String::from("\x1bc");
    if frame.input.wheel_as_arrows {
        // What nothing else tells of the alternate screen.
        out.push_str("\x1b[?1049h");
    }
    for (number, row) in &frame.rows {
        if row.0.is_empty() {
            continue;
        }
        let _ = write!(out, "\x1b[{};1H", number + 1);
        for run in &row.0 {
            let _ = write!(out, "{}{}", sgr(run.style), run.text);
        }
    }
    out.push_str("\x1b[0m");
    out.push_str(&modes(frame.input));
    match frame.cursor {
        Some((column, row)) => {
            let _ = write!(out, "\x1b[{};{}H", row + 1, column + 1);
        }
        None => out.push_str("\x1b[?25l"),
    }
    out
}

/// Switches the input modes on that are on.
fn modes(input: InputModes) -> String {
    let mouse = match input.mouse {
        MouseReports::None => 0,
        MouseReports::Clicks => 1000,
        MouseReports::Drags => 1002,
        MouseReports::Moves => 1003,
    };
    let coding = match input.mouse_coding {
        MouseCoding::Bytes => 0,
        MouseCoding::Utf8 => 1005,
        MouseCoding::Sgr => 1006,
    };
    let flags = [(input.application_cursor, 1), (input.focus, 1004), (input.bracketed_paste, 2004)];
    let on = flags.into_iter().filter(|(on, _)| *on).map(|(_, mode)| mode);
    let on = on.chain([mouse, coding].into_iter().filter(|mode| *mode > 0));
    let keyboard = match input.keyboard.0 {
        0 => String::new(),
        flags => format!("\x1b[={flags}u"),
    };
    on.map(|mode| format!("\x1b[?{mode}h")).chain([keyboard]).collect()
}

fn sgr(style: CellStyle) -> String {
    let mut out = String::from("\x1b[0");
    let attributes = [
        (Attributes::BOLD, 1),
        (Attributes::DIM, 2),
        (Attributes::ITALIC, 3),
        (Attributes::UNDERLINE, 4),
        (Attributes::REVERSE, 7),
        (Attributes::HIDDEN, 8),
        (Attributes::STRIKE, 9),
    ];
    for (_, code) in attributes.iter().filter(|(bits, _)| style.attributes.has(*bits)) {
        let _ = write!(out, ";{code}");
    }
    for (base, colour) in [(38, style.fg), (48, style.bg)] {
        let _ = match colour {
            Colour::Default => Ok(()),
            Colour::Indexed(n) => write!(out, ";{base};5;{n}"),
            Colour::Rgb(r, g, b) => write!(out, ";{base};2;{r};{g};{b}"),
        };
    }
    out.push('m');
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::domain::frame::Size;
    use crate::runner::host::Terminal;

    #[test]
    fn a_redrawn_screen_is_the_same_screen() {
        let size = Size { cols: 30, rows: 6 };
        let shown = "plain \x1b[1;31mbold\x1b[0m\r\n\x1b[7;38;5;99;48;2;1;2;3mstyled 完\x1b[0m x\r\n\r\n\
                     \x1b[?1h\x1b[?2004h  indented e\u{301}\x1b[3;7H\x1b[4mmiddle\x1b[2;2H";
        for tail in
            ["", "\x1b[?25l", "\x1b[?1002;1006;1004h", "\x1b[?1049hinside", "\x1b[?1003;1005h"]
        {
            let mut terminal = Terminal::new(size);
            terminal.feed(shown.as_bytes(), Instant::now());
            terminal.feed(tail.as_bytes(), Instant::now());
            let (_, frame) = terminal.frame_since(0).unwrap();
            let mut again = Terminal::new(size);
            again.feed(redraw(&frame).as_bytes(), Instant::now());
            assert_eq!(again.frame_since(0).unwrap().1, frame);
        }
    }
}
