//! A loopback stand-in for the Anthropic Messages API: no network, no credentials.
//!
//! A request chooses its scenario by `STUB:name` or `STUB:name:argument` (up to the end of the line) in the last user text
//! that has one; the number of tool results behind that text is the step. So the stub has no memory, and retries,
//! resumed sessions and parallel agents just work.
//!
//! | scenario | answer |
//! |---|---|
//! | `text[:TEXT]` | `TEXT`, word by word (also without any `STUB:`) |
//! | `write[:FILE]` | says so, writes `FILE` (`hello.txt`), shows it with `cat`, says it is done |
//! | `bash:COMMAND` | runs `COMMAND`, says it is done |
//! | `background:COMMAND` | runs `COMMAND` in the background, says so |
//! | `loop` | runs one command after the other, for ever |
//! | `held[:TEXT]` | `TEXT`, but the last word only after [`AnthropicStub::release`] |
//! | `slow:N` | a word every 100 ms for `N` seconds |
//! | `hang` | begins, then says nothing |
//! | `err:CODE` | an HTTP error |

use std::io::{BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::DEADLINE;
use super::http_stub::{last_mark, read_bytes, read_chunks, read_line};

/// The server. Dropping it ends every conversation.
pub struct AnthropicStub {
    address: SocketAddr,
    desk: Arc<Desk>,
}

/// One request as it was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `POST`.
    pub method: String,
    /// `/v1/messages`, without what stands behind `?`.
    pub path: String,
    /// The scenario: `text` when none was named.
    pub scenario: String,
    /// What stands behind the scenario's name.
    pub argument: Option<String>,
    /// How many tool results have come since the scenario was named.
    pub step: usize,
    /// The whole body.
    pub body: Value,
}

/// What the connections share.
struct Desk {
    delay: Duration,
    state: Mutex<State>,
    changed: Condvar,
    next_id: AtomicUsize,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    is_released: bool,
    is_closed: bool,
    connections: Vec<TcpStream>,
}

impl AnthropicStub {
    /// A stub that answers as fast as it can.
    pub fn start() -> Self {
        Self::with_delay(Duration::ZERO)
    }

    /// A stub that waits before each piece of text or tool input.
    pub fn with_delay(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk {
            delay,
            state: Mutex::default(),
            changed: Condvar::new(),
            next_id: AtomicUsize::new(1),
        });
        std::thread::spawn({
            let desk = desk.clone();
            move || accept(&listener, &desk)
        });
        Self { address, desk }
    }

    /// `http://127.0.0.1:port`, for `ANTHROPIC_BASE_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.desk.lock().requests.clone()
    }

    /// Waits until a request fulfils a condition. Panics at the deadline with all requests so far.
    pub fn wait_for_request(&self, condition: impl Fn(&Request) -> bool, what: &str) -> Request {
        let began = Instant::now();
        let mut state = self.desk.lock();
        loop {
            if let Some(request) = state.requests.iter().find(|request| condition(request)) {
                return request.clone();
            }
            let rest = DEADLINE.saturating_sub(began.elapsed());
            let seen: Vec<_> =
                state.requests.iter().map(|r| (&r.path, &r.scenario, r.step)).collect();
            assert!(!rest.is_zero(), "waited {DEADLINE:?} for {what}, requests: {seen:?}");
            state = self.desk.wait(state, rest);
        }
    }

    /// Lets `held` answers go on, those to come too.
    pub fn release(&self) {
        self.desk.lock().is_released = true;
        self.desk.changed.notify_all();
    }
}

impl Drop for AnthropicStub {
    fn drop(&mut self) {
        let mut state = self.desk.lock();
        state.is_closed = true;
        for connection in state.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(state);
        self.desk.changed.notify_all();
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, rest: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Passes time; ends early with `false` when the stub is dropped.
    fn pause(&self, duration: Duration) -> bool {
        let until = Instant::now() + duration;
        self.hold(|_| Instant::now() >= until, Some(until))
    }

    /// Waits for a condition; `false` when the stub is dropped.
    fn hold(&self, is_over: impl Fn(&State) -> bool, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        while !state.is_closed && !is_over(&state) {
            let rest = until.map_or(Duration::from_secs(60), |until| {
                until.saturating_duration_since(Instant::now())
            });
            state = self.wait(state, rest);
        }
        !state.is_closed
    }

    fn id(&self, kind: &str) -> String {
        format!("{kind}_stub_{:08}", self.next_id.fetch_add(1, Ordering::Relaxed))
    }
}

fn accept(listener: &TcpListener, desk: &Arc<Desk>) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { continue };
        let mut state = desk.lock();
        if state.is_closed {
            return;
        }
        state.connections.extend(connection.try_clone());
        drop(state);
        let desk = desk.clone();
        // An error is a client that went away: its test will say so.
        std::thread::spawn(move || converse(&connection, &desk));
    }
}

/// Answers one request after the other on a connection.
fn converse(connection: &TcpStream, desk: &Desk) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    while let Some(request) = read_request(&mut reader)? {
        let answer = Answer { desk, out: connection };
        desk.lock().requests.push(request.clone());
        desk.changed.notify_all();
        answer.give(&request)?;
    }
    connection.shutdown(Shutdown::Both)
}

/// The next request, `None` at the end of the connection.
fn read_request(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Request>> {
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
    let (scenario, argument, step) = scenario(&body);
    Ok(Some(Request { method, path, scenario, argument, step, body }))
}

/// The scenario's name and argument, and the step.
fn scenario(body: &Value) -> (String, Option<String>, usize) {
    let nothing = Vec::new();
    let messages = body["messages"].as_array().unwrap_or(&nothing);
    let users = || messages.iter().enumerate().filter(|(_, message)| message["role"] == "user");
    let named = users().rev().find_map(|(index, message)| {
        let (name, argument) = last_mark(&user_text(message))?;
        Some((index, name, argument))
    });
    let (from, name, argument) = named.unwrap_or((0, "text".into(), None));
    let results = users()
        .filter(|(index, _)| *index >= from)
        .filter_map(|(_, message)| message["content"].as_array())
        .flatten()
        .filter(|block| block["type"] == "tool_result");
    (name, argument, results.count())
}

fn user_text(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts: Vec<&str> = blocks
                .iter()
                .filter(|block| block["type"] == "text")
                .filter_map(|block| block["text"].as_str())
                .collect();
            texts.join("\n")
        }
        _ => String::new(),
    }
}

/// A piece of the model's answer.
enum Block {
    Text(String),
    Tool { name: &'static str, input: Value },
}

/// Where the client works, as it tells the model.
fn working_directory(body: &Value) -> String {
    let mark = "orking directory: ";
    let text = format!("{}\n{}", body["system"], body["messages"]);
    text.split_once(mark)
        .map(|(_, rest)| rest.split(['\\', '"', '\n', ' ']).next().unwrap_or(".").to_string())
        .unwrap_or_else(|| ".".into())
}

/// The shell tool by the name the client gives it.
fn shell(tools: &Value) -> &'static str {
    let is_small = |tool: &Value| tool["name"] == "bash";
    match tools.as_array().is_some_and(|tools| tools.iter().any(is_small)) {
        true => "bash",
        false => "Bash",
    }
}

/// What the model says in a scenario that runs to its end, and why it stops.
fn script(request: &Request) -> (Vec<Block>, &'static str) {
    let text = |text: &str| Block::Text(text.into());
    let argument = request.argument.as_deref();
    match (request.scenario.as_str(), request.step) {
        ("write", 0) => {
            let file = argument.unwrap_or("hello.txt");
            let path = format!("{}/{file}", working_directory(&request.body));
            let input = json!({"file_path": path, "content": "hello from the stub\n"});
            let says = text(&format!("I will write {file}. "));
            (vec![says, Block::Tool { name: "Write", input }], "tool_use")
        }
        ("write", 1) => {
            let command = format!("cat {}", argument.unwrap_or("hello.txt"));
            let input = json!({"command": command, "description": "Show the file"});
            (vec![Block::Tool { name: "Bash", input }], "tool_use")
        }
        ("write", _) => (vec![text("Done: the file was written and checked.")], "end_turn"),
        ("loop", step) => {
            let input = json!({"command": format!("echo {step}"), "description": "Go on"});
            (vec![Block::Tool { name: "Bash", input }], "tool_use")
        }
        ("background", 0) => {
            let command = argument.unwrap_or("true");
            let input =
                json!({"command": command, "description": "Begin", "run_in_background": true});
            (vec![Block::Tool { name: "Bash", input }], "tool_use")
        }
        ("background", _) => (vec![text("It goes on in the background.")], "end_turn"),
        ("bash", 0) => {
            let command = argument.unwrap_or("true");
            let input = json!({"command": command, "description": "Run the command"});
            let name = shell(&request.body["tools"]);
            (vec![text("Running a command. "), Block::Tool { name, input }], "tool_use")
        }
        ("bash", _) => (vec![text("The command has finished.")], "end_turn"),
        _ => (vec![text(argument.unwrap_or("Hello from the stub."))], "end_turn"),
    }
}

/// The answer to one request.
struct Answer<'a> {
    desk: &'a Desk,
    out: &'a TcpStream,
}

impl Answer<'_> {
    fn give(&self, request: &Request) -> std::io::Result<()> {
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/v1/messages/count_tokens") => self.json(200, &json!({"input_tokens": 1000})),
            ("POST", "/v1/messages") if request.scenario == "err" => self.error(
                request.argument.as_deref().and_then(|code| code.parse().ok()).unwrap_or(500),
            ),
            ("POST", "/v1/messages") if request.body["stream"] == true => self.stream(request),
            ("POST", "/v1/messages") => self.whole(request),
            ("GET", "/v1/models") => self.json(200, &json!({"data": [], "has_more": false})),
            _ => self.json(200, &json!({})),
        }
    }

    fn json(&self, code: u16, body: &Value) -> std::io::Result<()> {
        let body = body.to_string();
        let retry = if code == 429 || code == 529 { "retry-after: 1\r\n" } else { "" };
        write!(
            &mut &*self.out,
            "HTTP/1.1 {code} Stub\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             request-id: {}\r\n{retry}\r\n{body}",
            body.len(),
            self.desk.id("req"),
        )
    }

    fn error(&self, code: u16) -> std::io::Result<()> {
        let kind = match code {
            400 => "invalid_request_error",
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            _ => "api_error",
        };
        let message = format!("the stub answers {code}");
        self.json(code, &json!({"type": "error", "error": {"type": kind, "message": message}}))
    }

    fn whole(&self, request: &Request) -> std::io::Result<()> {
        let (blocks, reason) = script(request);
        let content: Vec<Value> = blocks
            .into_iter()
            .map(|block| match block {
                Block::Text(text) => json!({"type": "text", "text": text}),
                Block::Tool { name, input } => {
                    json!({"type": "tool_use", "id": self.desk.id("toolu"), "name": name, "input": input})
                }
            })
            .collect();
        self.json(200, &self.message(request, &content, Some(reason)))
    }

    fn message(&self, request: &Request, content: &[Value], reason: Option<&str>) -> Value {
        json!({
            "id": self.desk.id("msg"), "type": "message", "role": "assistant",
            "model": request.body["model"], "content": content,
            "stop_reason": reason, "stop_sequence": null,
            "usage": {"input_tokens": 1200, "cache_creation_input_tokens": 0,
                      "cache_read_input_tokens": 0, "output_tokens": 20},
        })
    }

    fn stream(&self, request: &Request) -> std::io::Result<()> {
        write!(
            &mut &*self.out,
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n\
             request-id: {}\r\ntransfer-encoding: chunked\r\n\r\n",
            self.desk.id("req"),
        )?;
        self.event("message_start", json!({"message": self.message(request, &[], None)}))?;
        self.event("ping", json!({}))?;
        let reason = match request.scenario.as_str() {
            "hang" => {
                self.desk.hold(|_| false, None);
                return Ok(());
            }
            "slow" => {
                self.slowly(request)?;
                "end_turn"
            }
            "held" => {
                self.held(request.argument.as_deref().unwrap_or("first second last"))?;
                "end_turn"
            }
            _ => {
                let (blocks, reason) = script(request);
                for (index, block) in blocks.iter().enumerate() {
                    self.block(index, block)?;
                }
                reason
            }
        };
        let delta = json!({"stop_reason": reason, "stop_sequence": null});
        self.event("message_delta", json!({"delta": delta, "usage": {"output_tokens": 20}}))?;
        self.event("message_stop", json!({}))?;
        (&mut &*self.out).write_all(b"0\r\n\r\n")
    }

    /// One server-sent event, as one chunk.
    fn event(&self, kind: &str, mut data: Value) -> std::io::Result<()> {
        data["type"] = kind.into();
        let event = format!("event: {kind}\ndata: {data}\n\n");
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        (&mut &*self.out).write_all(chunk.as_bytes())
    }

    fn begin(&self, index: usize, block: Value) -> std::io::Result<()> {
        self.event("content_block_start", json!({"index": index, "content_block": block}))
    }

    fn end(&self, index: usize) -> std::io::Result<()> {
        self.event("content_block_stop", json!({"index": index}))
    }

    fn say(&self, index: usize, text: &str) -> std::io::Result<()> {
        let delta = json!({"type": "text_delta", "text": text});
        self.event("content_block_delta", json!({"index": index, "delta": delta}))
    }

    fn block(&self, index: usize, block: &Block) -> std::io::Result<()> {
        match block {
            Block::Text(text) => {
                self.begin(index, json!({"type": "text", "text": ""}))?;
                for word in text.split_inclusive(' ') {
                    self.desk.pause(self.desk.delay);
                    self.say(index, word)?;
                }
            }
            Block::Tool { name, input } => {
                let id = self.desk.id("toolu");
                self.begin(
                    index,
                    json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
                )?;
                let input: Vec<char> = input.to_string().chars().collect();
                for piece in input.chunks(24) {
                    self.desk.pause(self.desk.delay);
                    let piece: String = piece.iter().collect();
                    let delta = json!({"type": "input_json_delta", "partial_json": piece});
                    self.event("content_block_delta", json!({"index": index, "delta": delta}))?;
                }
            }
        }
        self.end(index)
    }

    fn slowly(&self, request: &Request) -> std::io::Result<()> {
        let seconds =
            request.argument.as_deref().and_then(|text| text.parse().ok()).unwrap_or(10.0);
        let until = Instant::now() + Duration::from_secs_f64(seconds);
        self.begin(0, json!({"type": "text", "text": ""}))?;
        let mut count = 0;
        while Instant::now() < until && self.desk.pause(Duration::from_millis(100)) {
            self.say(0, &format!("word{count} "))?;
            count += 1;
        }
        self.end(0)
    }

    fn held(&self, text: &str) -> std::io::Result<()> {
        let words: Vec<&str> = text.split_inclusive(' ').collect();
        let (last, before) = words.split_last().unwrap_or((&"", &[]));
        self.begin(0, json!({"type": "text", "text": ""}))?;
        for word in before {
            self.desk.pause(self.desk.delay);
            self.say(0, word)?;
        }
        self.desk.hold(|state| state.is_released, None);
        self.say(0, last)?;
        self.end(0)
    }
}
