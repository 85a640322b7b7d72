//! What hosts and their viewers say to each other: length-prefixed JSON over a local socket.
//!
//! Every message is its length in bytes (32 bits, little-endian) and a JSON text.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::domain::agent::{Exit, Processes};
use crate::domain::effect::StopKind;
use crate::domain::frame::{Frame, Size};
use crate::domain::id::AgentRef;
use crate::domain::report::Pulse;
use crate::domain::scrollback::{Page, Wanted};
use crate::domain::time::Timestamp;

/// Version of this protocol. Both sides must speak the same.
pub const VERSION: u32 = 2;
/// What hosts of this version can do besides; viewers ask only for what a host can.
pub const LEVEL: u32 = LINES;
/// Hosts of this level and above give lines above the screen.
pub const LINES: u32 = 1;
/// Longest message in bytes.
pub const LONGEST_MESSAGE: usize = 8 * 1024 * 1024;

/// From a viewer to a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToHost {
    /// First message.
    Hello {
        /// The viewer's protocol version.
        version: u32,
    },
    /// Send the screen: all of it, then what changes.
    Watch,
    /// Send no more frames.
    Unwatch,
    /// Send lines above the screen, from [`LINES`] on. The newest such wish counts.
    Lines(Wanted),
    /// Type this into the agent's terminal.
    Keys(Vec<u8>),
    /// The size this viewer has room for. The terminal takes it unless another viewer writes.
    Resize(Size),
    /// This viewer writes from now on, as if it had typed.
    Take,
    /// Put a marker into the recording.
    Mark(String),
    /// End the agent.
    Stop(StopKind),
    /// The result is known: the host may go, and with it its claim. Ignored while the agent runs.
    Collect,
}

/// From a host to a viewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromHost {
    /// First message.
    Hello(Hello),
    /// A change of the screen.
    Frame(Frame),
    /// Lines above the screen.
    Lines(Page),
    /// What the agent does.
    Pulse(Pulse),
    /// Who writes; told when it changes for this viewer, to begin with nobody.
    Writing(Writing),
    /// The agent ended and its tree is gone.
    Exited(Exit),
}

/// Who typed or attached last, and so decides the terminal's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// Nobody who is still there.
    Nobody,
    /// The viewer that is told.
    You,
    /// Another viewer.
    Another,
}

/// Who a host is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The host's protocol version.
    pub version: u32,
    /// What it can do besides; hosts of earlier times don't tell.
    #[serde(default)]
    pub level: u32,
    /// The agent it runs.
    pub agent: AgentRef,
    /// The processes.
    pub processes: Processes,
    /// When the agent started.
    pub started_at: Timestamp,
    /// Size of its terminal.
    pub size: Size,
}

/// A message with its length before it.
///
/// # Errors
/// When the message is longer than [`LONGEST_MESSAGE`].
pub fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > LONGEST_MESSAGE {
        return Err(too_long(length));
    }
    let prefix = u32::try_from(length).map_err(|_| too_long(length))?;
    bytes[..4].copy_from_slice(&prefix.to_le_bytes());
    Ok(bytes)
}

/// Reads a message; `None` at the end of the stream.
///
/// # Errors
/// When the stream breaks off in a message, or what comes is none.
pub async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    match stream.read_exact(&mut prefix).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(prefix) as usize;
    if length > LONGEST_MESSAGE {
        return Err(too_long(length));
    }
    let mut bytes = Vec::new();
    // Reads what comes, so that a false length costs no memory.
    stream.take(length as u64).read_to_end(&mut bytes).await?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&bytes)?))
}

fn too_long(length: usize) -> io::Error {
    let what = format!("a message of {length} bytes is longer than {LONGEST_MESSAGE}");
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn messages_survive_the_way() {
        let sent = [
            ToHost::Hello { version: 1 },
            ToHost::Take,
            ToHost::Keys(vec![27, 0, 255]),
            ToHost::Collect,
        ];
        let bytes: Vec<u8> = sent.iter().flat_map(|message| encode(message).unwrap()).collect();
        let mut stream = bytes.as_slice();
        for message in sent {
            assert_eq!(block(read::<ToHost>(&mut stream)).unwrap(), Some(message));
        }
        assert_eq!(block(read::<ToHost>(&mut stream)).unwrap(), None);
    }

    #[test]
    fn hosts_of_earlier_versions_are_understood() {
        let hello = r#"{"hello":{"version":1,"agent":{"id":"a-1.1","life":1},"processes":{"agent":2,"host":1},
            "started_at":5,"size":{"cols":80,"rows":24}}}"#;
        let FromHost::Hello(hello) = serde_json::from_str(hello).unwrap() else { panic!() };
        assert!(hello.level < LINES, "it is not asked for lines");
        let frame = r#"{"frame":{"size":{"cols":80,"rows":24},"rows":[],"cursor":null,
            "input":{"application_cursor":false,"bracketed_paste":true}}}"#;
        let FromHost::Frame(frame) = serde_json::from_str(frame).unwrap() else { panic!() };
        assert_eq!((frame.past.above, frame.input.bracketed_paste), (0, true));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut stream = bytes.as_slice();
            while let Ok(Some(_)) = block(read::<ToHost>(&mut stream)) {}
        }
    }
}
