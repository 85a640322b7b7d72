//! The colours told to agents that ask: those of xterm, on a dark ground.

use alacritty_terminal::vte::ansi::{NamedColor, Rgb};

const FOREGROUND: Rgb = Rgb { r: 0xd0, g: 0xd0, b: 0xd0 };
const BACKGROUND: Rgb = Rgb { r: 0x10, g: 0x10, b: 0x10 };
/// The first sixteen, as `0xrrggbb`.
const NAMED: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5,
    0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

/// An entry of the palette, the foreground, the background or the cursor.
pub(super) fn colour(index: usize) -> Option<Rgb> {
    const FIRST_NAMED: usize = NamedColor::Foreground as usize;
    const BACK: usize = NamedColor::Background as usize;
    const CURSOR: usize = NamedColor::Cursor as usize;
    match index {
        0..=15 => Some(from_number(NAMED[index])),
        16..=231 => {
            let index = index - 16;
            let (r, g, b) = (step(index / 36), step(index / 6 % 6), step(index % 6));
            Some(Rgb { r, g, b })
        }
        232..=255 => {
            let grey = u8::try_from(8 + 10 * (index - 232)).ok()?;
            Some(Rgb { r: grey, g: grey, b: grey })
        }
        FIRST_NAMED | CURSOR => Some(FOREGROUND),
        BACK => Some(BACKGROUND),
        _ => None,
    }
}

fn step(step: usize) -> u8 {
    [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff].get(step).copied().unwrap_or(0)
}

fn from_number(number: u32) -> Rgb {
    let [_, r, g, b] = number.to_be_bytes();
    Rgb { r, g, b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_palette_is_that_of_xterm() {
        for (index, number) in [
            (1, 0xcd_0000),
            (15, 0xff_ffff),
            (16, 0),
            (196, 0xff_0000),
            (231, 0xff_ffff),
            (244, 0x80_8080),
        ] {
            assert_eq!(colour(index), Some(from_number(number)), "{index}");
        }
        assert_eq!(colour(NamedColor::Background as usize), Some(BACKGROUND));
        assert_eq!(colour(NamedColor::DimBlack as usize), None);
    }
}
