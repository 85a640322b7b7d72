//! Several viewers, one writer: whose size the agent's terminal has.
//!
//! Whoever typed or attached last is the writer, and the terminal has the writer's size. Without a writer it has the size
//! that was asked for last. Nobody's keys are refused: typing makes one the writer.

use crate::domain::frame::Size;

use super::protocol::Writing;

/// Who is there, and who writes.
#[derive(Debug, Default)]
pub(super) struct Rights {
    joined: u64,
    writer: Option<u64>,
    /// Viewers with the sizes they asked for, the latest wish last.
    wishes: Vec<(u64, Size)>,
}

impl Rights {
    /// A number for a new viewer.
    pub(super) fn join(&mut self) -> u64 {
        self.joined += 1;
        self.joined
    }

    /// A viewer wishes a size; what the terminal is to become.
    pub(super) fn wish(&mut self, viewer: u64, size: Size) -> Option<Size> {
        self.wishes.retain(|(other, _)| *other != viewer);
        self.wishes.push((viewer, size));
        self.writer.is_none_or(|writer| writer == viewer).then_some(size)
    }

    /// A viewer types or attaches; what the terminal is to become, if the writer changes.
    pub(super) fn take(&mut self, viewer: u64) -> Option<Size> {
        if self.writer.replace(viewer) == Some(viewer) {
            return None;
        }
        self.wishes.iter().find(|(other, _)| *other == viewer).map(|(_, size)| *size)
    }

    /// A viewer goes; what the terminal is to become when it was the writer.
    pub(super) fn leave(&mut self, viewer: u64) -> Option<Size> {
        self.wishes.retain(|(other, _)| *other != viewer);
        self.writer.take_if(|writer| *writer == viewer)?;
        self.wishes.last().map(|(_, size)| *size)
    }

    /// Who writes, as one viewer is told.
    pub(super) fn writing(&self, viewer: u64) -> Writing {
        match self.writer {
            None => Writing::Nobody,
            Some(writer) if writer == viewer => Writing::You,
            Some(_) => Writing::Another,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Size = Size { cols: 80, rows: 24 };
    const LARGE: Size = Size { cols: 150, rows: 50 };
    const HUGE: Size = Size { cols: 200, rows: 60 };

    #[test]
    fn the_size_is_that_of_whoever_typed_or_attached_last() {
        let mut rights = Rights::default();
        let (pane, attached) = (rights.join(), rights.join());
        assert_eq!(rights.wish(pane, SMALL), Some(SMALL));
        assert_eq!(rights.wish(attached, LARGE), Some(LARGE));
        assert_eq!(rights.take(attached), Some(LARGE));
        assert_eq!(
            (rights.writing(attached), rights.writing(pane)),
            (Writing::You, Writing::Another)
        );
        assert_eq!(rights.wish(pane, HUGE), None, "it does not write");
        assert_eq!(rights.take(pane), Some(HUGE), "it types");
        assert_eq!(rights.take(pane), None, "it goes on typing");
        assert_eq!(rights.take(attached), Some(LARGE));
        assert_eq!(rights.leave(attached), Some(HUGE));
        assert_eq!(rights.writing(pane), Writing::Nobody);
        assert_eq!(rights.leave(pane), None);
    }
}
