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
//! | `again:COMMAND` | the same, once more after every prompt |
//! | `background:COMMAND` | runs `COMMAND` in the background, says so |
//! | `loop` | runs one command after the other, for ever |
//! | `held[:TEXT]` | `TEXT`, but the last word only after [`AnthropicStub::release`] |
//! | `slow:N` | a word every 100 ms for `N` seconds |
//! | `hang` | begins, then says nothing |
//! | `err:CODE` | an HTTP error |

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::DEADLINE;
use super::anthropic_script::{Block, scenario, script, since_prompt};
use super::http_stub::{self, read_request};
use super::loopback::Loopback;

/// How every prompt of orch-tui begins.
pub const PROMPT_MARK: &str = "Task: phase ";

/// The server. Dropping it ends every conversation.
pub struct AnthropicStub {
    server: Loopback,
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
    /// How many of them have come since the last prompt.
    pub since_prompt: usize,
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
}

impl AnthropicStub {
    /// A stub that answers as fast as it can.
    pub fn start() -> Self {
        Self::with_delay(Duration::ZERO)
    }

    /// A stub that waits before each piece of text or tool input.
    pub fn with_delay(delay: Duration) -> Self {
        let desk = Arc::new(Desk {
            delay,
            state: Mutex::default(),
            changed: Condvar::new(),
            next_id: AtomicUsize::new(1),
        });
        let shared = desk.clone();
        let server = Loopback::start(move |connection| converse(connection, &shared));
        Self { server, desk }
    }

    /// `http://127.0.0.1:port`, for `ANTHROPIC_BASE_URL`.
    pub fn url(&self) -> String {
        self.server.url()
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
        self.desk.lock().is_closed = true;
        self.desk.changed.notify_all();
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

/// Answers one request after the other on a connection.
fn converse(connection: &TcpStream, desk: &Desk) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some(request) = read_request(&mut reader)? {
        let request = Request::of(request);
        let answer = Answer { desk, out: connection };
        desk.lock().requests.push(request.clone());
        desk.changed.notify_all();
        answer.give(&request)?;
    }
    Ok(())
}

impl Request {
    fn of(request: http_stub::Request) -> Self {
        let http_stub::Request { method, path, body } = request;
        let (scenario, argument, step) = scenario(&body);
        let since_prompt = since_prompt(&body);
        Self { method, path, scenario, argument, step, since_prompt, body }
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
