//! What stands inside a claim file: the fence, the owner, and which stream it is.
//!
//! Two 256-byte slots take turns, so that a write torn by a crash never costs the last good one.
//! Behind them stands the stream's name, written once.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::domain::claim::{Fence, Owner, StreamKey};
use crate::domain::id::{AgentId, AgentRef, Life};
use crate::runner::journal_line::crc32;

/// Bytes of one slot.
const SLOT: usize = 256;
/// Marks a slot and its format.
const MAGIC: &[u8; 4] = b"OTC1";
/// Longest agent id stored whole.
const AGENT_MAX: usize = 150;
/// Longest machine name stored whole.
const MACHINE_MAX: usize = 70;
/// Where the texts begin in a slot.
const TEXTS: usize = 26;
/// Longest stored name of a stream.
const NAME_MAX: usize = 1 << 16;

/// The newest owner and its fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its fence.
    pub fence: Fence,
    /// Who took the claim.
    pub owner: Owner,
}

/// What a claim file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Never claimed.
    Empty,
    /// Claimed at least once.
    Last(Record),
    /// Nothing in it can be trusted.
    Damaged,
}

/// One slot's bytes.
enum Slot {
    Blank,
    Good(Record),
    Bad,
}

/// Reads the newest record.
///
/// # Errors
/// What the system said.
pub fn read(file: &File) -> io::Result<Reading> {
    let slots = (read_slot(file, 0)?, read_slot(file, 1)?);
    Ok(match slots {
        (Slot::Good(a), Slot::Good(b)) => Reading::Last(if a.fence > b.fence { a } else { b }),
        (Slot::Good(one), Slot::Blank | Slot::Bad) | (Slot::Blank | Slot::Bad, Slot::Good(one)) => {
            Reading::Last(one)
        }
        // The first claim ever, torn before anybody was told that it was won.
        (Slot::Blank, Slot::Blank) | (Slot::Bad, Slot::Blank) | (Slot::Blank, Slot::Bad)
            if file.metadata()?.len() <= (2 * SLOT) as u64 =>
        {
            Reading::Empty
        }
        (Slot::Blank | Slot::Bad, Slot::Blank | Slot::Bad) => Reading::Damaged,
    })
}

/// Writes `owner` with the fence after `last` and makes it durable. Only under the exclusive lock.
///
/// # Errors
/// What the system said; the claim is not won then.
pub fn write(file: &File, last: Option<Fence>, owner: &Owner) -> io::Result<Fence> {
    let used_up = || io::Error::other("its fences are used up");
    // Two further, not one: a bad slot may hold a fence that was given away before it went bad.
    let step = if last.is_some() && has_bad_slot(file)? { 2 } else { 1 };
    let next = last.map_or(0, |fence| fence.0).checked_add(step).ok_or_else(used_up)?;
    let taken_by_last = last.map_or(Ok(1), |fence| slot_of(file, fence))?;
    file.write_all_at(&encode(Fence(next), owner), ((1 - taken_by_last) * SLOT) as u64)?;
    file.sync_data()?;
    Ok(Fence(next))
}

/// Writes the stream's name, unless it is there. Only under the exclusive lock, after the first [`write()`].
///
/// # Errors
/// What the system said.
pub fn write_name(file: &File, stream: &StreamKey) -> io::Result<()> {
    if read_name(file)?.as_ref() == Some(stream) {
        return Ok(());
    }
    let mut name = serde_json::to_vec(stream)?;
    name.push(b'\n');
    file.write_all_at(&name, (2 * SLOT) as u64)
}

/// The stream's name.
///
/// # Errors
/// What the system said.
pub fn read_name(file: &File) -> io::Result<Option<StreamKey>> {
    let len = file.metadata()?.len().saturating_sub((2 * SLOT) as u64);
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(NAME_MAX).min(NAME_MAX)];
    let read = file.read_at(&mut bytes, (2 * SLOT) as u64)?;
    let line = bytes[..read].split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(serde_json::from_slice(line).ok())
}

/// In which slot a fence stands.
fn slot_of(file: &File, fence: Fence) -> io::Result<usize> {
    match read_slot(file, 0)? {
        Slot::Good(record) if record.fence == fence => Ok(0),
        Slot::Good(_) | Slot::Blank | Slot::Bad => Ok(1),
    }
}

fn has_bad_slot(file: &File) -> io::Result<bool> {
    for at in 0..2 {
        match read_slot(file, at)? {
            Slot::Bad => return Ok(true),
            Slot::Good(_) | Slot::Blank => {}
        }
    }
    Ok(false)
}

fn read_slot(file: &File, at: usize) -> io::Result<Slot> {
    let mut bytes = [0; SLOT];
    let mut read = 0;
    while read < SLOT {
        match file.read_at(&mut bytes[read..], (at * SLOT + read) as u64)? {
            0 => break,
            more => read += more,
        }
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Slot::Blank);
    }
    Ok(decode(&bytes).map_or(Slot::Bad, Slot::Good))
}

/// Layout: checksum of the rest, magic, fence, process, life, length of agent and machine, agent, machine, zeros.
fn encode(fence: Fence, owner: &Owner) -> [u8; SLOT] {
    let agent = clip(owner.agent.id.as_str(), AGENT_MAX);
    let machine = clip(&owner.machine, MACHINE_MAX);
    let mut bytes = [0; SLOT];
    bytes[4..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&fence.0.to_le_bytes());
    bytes[16..20].copy_from_slice(&owner.pid.to_le_bytes());
    bytes[20..24].copy_from_slice(&owner.agent.life.0.to_le_bytes());
    bytes[24] = u8::try_from(agent.len()).unwrap_or_default();
    bytes[25] = u8::try_from(machine.len()).unwrap_or_default();
    let texts = agent.bytes().chain(machine.bytes());
    bytes[TEXTS..].iter_mut().zip(texts).for_each(|(to, from)| *to = from);
    let crc = crc32(&bytes[4..]);
    bytes[..4].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8; SLOT]) -> Option<Record> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if number(0)? != crc32(&bytes[4..]) || bytes[4..8] != *MAGIC {
        return None;
    }
    let split = TEXTS + usize::from(bytes[24]);
    let agent = std::str::from_utf8(bytes.get(TEXTS..split)?).ok()?;
    let machine = std::str::from_utf8(bytes.get(split..split + usize::from(bytes[25]))?).ok()?;
    let fence = Fence(u64::from(number(8)?) | u64::from(number(12)?) << 32);
    let agent = AgentRef { id: AgentId::new(agent), life: Life(number(20)?) };
    Some(Record { fence, owner: Owner { agent, pid: number(16)?, machine: machine.to_owned() } })
}

/// The first `max` bytes of `text`, whole characters only.
fn clip(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::id::{PhaseId, TargetId};

    fn owner(id: &str, machine: &str) -> Owner {
        let agent = AgentRef { id: AgentId::new(id), life: Life(2) };
        Owner { agent, pid: 4_000_000, machine: machine.into() }
    }

    #[test]
    fn records_take_turns_and_read_back() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(read(&file).unwrap(), Reading::Empty);
        let mut last = None;
        for expected in 1..=5 {
            let fence = write(&file, last, &owner("a-2.1", "box")).unwrap();
            assert_eq!(fence, Fence(expected));
            let record = Record { fence, owner: owner("a-2.1", "box") };
            assert_eq!(read(&file).unwrap(), Reading::Last(record));
            last = Some(fence);
        }
    }

    #[test]
    fn long_names_are_clipped_at_a_character() {
        let bytes = encode(Fence(u64::MAX), &owner(&"é".repeat(200), &"完".repeat(200)));
        let record = decode(&bytes).unwrap();
        assert_eq!(record.fence, Fence(u64::MAX));
        assert_eq!(record.owner.agent.id.as_str(), "é".repeat(75));
        assert_eq!(record.owner.machine, "完".repeat(23));
    }

    #[test]
    fn a_torn_write_costs_nothing_and_repeats_no_fence() {
        let file = tempfile::tempfile().unwrap();
        let first = write(&file, None, &owner("a-1", "m")).unwrap();
        let second = write(&file, Some(first), &owner("a-2", "m")).unwrap();
        file.write_all_at(b"??", ((1 - slot_of(&file, first).unwrap()) * SLOT + 9) as u64).unwrap();
        let Reading::Last(left) = read(&file).unwrap() else { panic!("nothing left") };
        assert_eq!(left.fence, first);
        assert!(write(&file, Some(first), &owner("a-3", "m")).unwrap() > second);
    }

    #[test]
    fn a_file_of_rubbish_is_damaged_not_empty() {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&[7; 4 * SLOT], 0).unwrap();
        assert_eq!(read(&file).unwrap(), Reading::Damaged);
    }

    #[test]
    fn the_stream_is_named_inside() {
        let file = tempfile::tempfile().unwrap();
        write(&file, None, &owner("a-1", "m")).unwrap();
        assert_eq!(read_name(&file).unwrap(), None);
        let stream = StreamKey { target: TargetId::new("t\n"), phase: PhaseId::new("2.1") };
        write_name(&file, &stream).unwrap();
        assert_eq!(read_name(&file).unwrap(), Some(stream));
    }
}
