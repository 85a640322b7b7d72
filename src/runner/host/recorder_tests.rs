//! Recordings: the same in any pieces, bounded, and never without their end.

use std::path::Path;

use super::*;
use crate::domain::adapter::{AdapterKind, Limits};
use crate::domain::id::{AgentId, AgentRef, Life};
use crate::runner::host::RECORDING_FILE;

fn recorder(folder: &Path, most: u64) -> Recorder {
    let spec = HostSpec {
        agent: AgentRef { id: AgentId::new("a-1"), life: Life(1) },
        argv: Vec::new(),
        cwd: "/".into(),
        env: Default::default(),
        kind: AdapterKind::Text,
        parser: None,
        via: None,
        limits: Limits { recording: most, ..Limits::default() },
        size: Size { cols: 80, rows: 24 },
        prompt_file: "/".into(),
        folder: folder.to_owned(),
        socket: "/".into(),
    };
    Recorder::new(&spec).unwrap()
}

fn events(part: &Path) -> Vec<(f64, String, String)> {
    let text = std::fs::read_to_string(part).unwrap();
    let mut lines = text.lines();
    let header: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!((&header["version"], &header["width"]), (&2.into(), &80.into()));
    assert!(header["timestamp"].as_u64().unwrap() > 1_600_000_000 && header["height"] == 24);
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn said(part: &Path) -> String {
    let events = events(part).into_iter();
    events.filter(|(_, code, _)| code == "o").map(|(_, _, data)| data).collect()
}

#[test]
fn a_recording_is_the_same_text_in_any_pieces() {
    let text = "plain ä 完 👩 \u{1b}[31m\u{7f}";
    for piece in 1..9 {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = recorder(folder.path(), 1 << 20);
        for chunk in text.as_bytes().chunks(piece) {
            recorder.output(chunk);
        }
        recorder.flush();
        assert_eq!(said(&folder.path().join(RECORDING_FILE)), text, "pieces of {piece}");
    }
}

#[test]
fn a_recording_keeps_its_newest_parts_and_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = recorder(folder.path(), 8_000);
    let mut all = String::new();
    for number in 0..400 {
        let line = format!("line {number} of many words that take some room\r\n");
        recorder.output(line.as_bytes());
        all.push_str(&line);
        if recorder.is_full() {
            recorder.next_part(Some("\x1bcREDRAWN"));
        }
    }
    recorder.mark("a\x1bmarker");
    recorder.resized(Size { cols: 90, rows: 30 });
    recorder.flush();
    let mut parts: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.retain(|part| part.extension().is_some_and(|end| end == "cast"));
    let number = |part: &Path| {
        let name = part.file_stem().unwrap().to_str().unwrap().to_owned();
        name.strip_prefix("recording.").map_or(u32::MAX, |number| number.parse().unwrap())
    };
    parts.sort_by_key(|part| number(part));
    assert_eq!(parts.len(), 4, "{parts:?}");
    let size: u64 = parts.iter().map(|part| part.metadata().unwrap().len()).sum();
    assert!((6_000..9_000).contains(&size), "{size}");
    let told: String = parts
        .iter()
        .map(|part| said(part).strip_prefix("\x1bcREDRAWN").unwrap().to_owned())
        .collect();
    assert!(all.ends_with(&told) && told.len() > 4_000);
    let last = events(parts.last().unwrap());
    let last: Vec<_> =
        last[last.len() - 2..].iter().map(|(_, code, data)| (&**code, &**data)).collect();
    assert_eq!(last, [("m", "a\u{241b}marker"), ("r", "90x30")]);
    for part in &parts {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(part.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let times: Vec<_> = events(part).iter().map(|(at, ..)| *at).collect();
        assert!(times.is_sorted() && times[0] < 5.0, "{times:?}");
    }
}
