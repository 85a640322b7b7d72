//! A loopback HTTP server whose answers are a function of the request: no network, no memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::loopback::Loopback;

/// The server. Dropping it ends every conversation.
pub struct HttpStub {
    server: Loopback,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST`.
    pub method: String,
    /// Its path, without what stands behind `?`.
    pub path: String,
    /// Its body; null when it is no JSON.
    pub body: Value,
}

/// An answer.
#[derive(Debug)]
pub enum Reply {
    /// A status and a JSON body.
    Json(u16, Value),
    /// Server-sent events.
    Events(Vec<Value>),
}

impl HttpStub {
    /// A server that answers like this.
    pub fn start(answer: fn(&Request) -> Reply) -> Self {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let noted = requests.clone();
        let server = Loopback::start(move |connection| converse(connection, answer, &noted));
        Self { server, requests }
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }
}

fn lock(requests: &Mutex<Vec<Request>>) -> MutexGuard<'_, Vec<Request>> {
    requests.lock().unwrap_or_else(PoisonError::into_inner)
}

fn converse(
    connection: &TcpStream,
    answer: fn(&Request) -> Reply,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some(request) = read_request(&mut reader)? {
        let reply = answer(&request);
        lock(requests).push(request);
        match reply {
            Reply::Json(code, body) => json(connection, code, &body)?,
            Reply::Events(events) => stream(connection, &events)?,
        }
    }
    Ok(())
}

fn json(mut out: &TcpStream, code: u16, body: &Value) -> std::io::Result<()> {
    let body = body.to_string();
    let length = body.len();
    write!(
        out,
        "HTTP/1.1 {code} Stub\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Events with a type are named by it.
fn stream(mut out: &TcpStream, events: &[Value]) -> std::io::Result<()> {
    write!(
        out,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )?;
    for event in events {
        let name = event["type"].as_str().map(|name| format!("event: {name}\n"));
        let text = format!("{}data: {event}\n\n", name.unwrap_or_default());
        write!(out, "{:x}\r\n{text}\r\n", text.len())?;
    }
    write!(out, "0\r\n\r\n")
}

/// The next request, `None` at the end of the connection.
pub(super) fn read_request(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Request>> {
    let Some(first) = read_line(reader)? else { return Ok(None) };
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_string();
    let path = words.next().unwrap_or_default().split('?').next().unwrap_or_default().to_string();
    let (mut length, mut is_chunked) = (0, false);
    while let Some(line) = read_line(reader)?.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "transfer-encoding" => is_chunked = value.contains("chunked"),
            _ => {}
        }
    }
    let body = if is_chunked { read_chunks(reader)? } else { read_bytes(reader, length)? };
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(Some(Request { method, path, body }))
}

fn read_line(reader: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let count = reader.read_line(&mut line)?;
    Ok((count > 0).then(|| line.trim_end().to_string()))
}

fn read_bytes(reader: &mut impl Read, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(line) = read_line(reader)? {
        let length = usize::from_str_radix(line.split(';').next().unwrap_or("0"), 16).unwrap_or(0);
        body.extend(read_bytes(reader, length)?);
        read_line(reader)?;
        if length == 0 {
            break;
        }
    }
    Ok(body)
}

/// The last `STUB:name[:argument]` of a text.
pub(super) fn last_mark(text: &str) -> Option<(String, Option<String>)> {
    let (_, mark) = text.rsplit_once("STUB:")?;
    let end = mark.find(|char: char| !char.is_ascii_lowercase()).unwrap_or(mark.len());
    let (name, rest) = mark.split_at(end);
    let argument = rest
        .strip_prefix(':')
        .map(|rest| rest.split(['\n', '"']).next().unwrap_or_default().trim_end().to_string());
    (!name.is_empty()).then(|| (name.to_string(), argument.filter(|text| !text.is_empty())))
}
