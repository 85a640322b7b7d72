//! Session ids for agent CLIs that let us choose them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use crate::domain::id::AgentRef;
use crate::domain::time::Timestamp;

/// The id of the session a life begins, in the form of a random UUID (RFC 9562, section 5.4). It has to be unique, not
/// secret: no other life has the same name, begins at the same moment and works in the same place.
pub fn of(life: &AgentRef, place: &Path, born: Timestamp) -> String {
    let half = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, life, place, born).hash(&mut hasher);
        hasher.finish().to_be_bytes()
    };
    let mut bytes = [0u8; 16];
    bytes[..8].copy_from_slice(&half(1));
    bytes[8..].copy_from_slice(&half(2));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{AgentId, Life};

    #[test]
    fn ids_have_the_form_of_a_uuid_and_are_those_of_one_life() {
        let life = |life| AgentRef { id: AgentId::new("a-1.1"), life: Life(life) };
        let id = of(&life(1), Path::new("/here"), Timestamp(7));
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_eq!(id, of(&life(1), Path::new("/here"), Timestamp(7)));
        let others = [
            of(&life(2), Path::new("/here"), Timestamp(7)),
            of(&life(1), Path::new("/there"), Timestamp(7)),
            of(&life(1), Path::new("/here"), Timestamp(8)),
        ];
        assert!(!others.contains(&id), "{id} {others:?}");
    }
}
