//! A loopback stand-in for the OpenAI Responses API, enough for `codex exec`. Scenarios as in the Anthropic stub: `write[:FILE]`,
//! `text[:TEXT]`, `err:CODE`.

use serde_json::{Value, json};

use super::http_stub::{HttpStub, Reply, Request, last_mark};

/// Starts it.
pub fn start() -> HttpStub {
    HttpStub::start(answer)
}

fn answer(request: &Request) -> Reply {
    if !request.path.ends_with("/responses") {
        return Reply::Json(200, json!({"object": "list", "data": [], "models": []}));
    }
    let nothing = Vec::new();
    let items = request.body["input"].as_array().unwrap_or(&nothing);
    let named = items.iter().enumerate().rev().find_map(|(index, item)| {
        let texts = item["content"].as_array().filter(|_| item["role"] == "user")?;
        let mark = texts.iter().rev().find_map(|text| last_mark(text["text"].as_str()?))?;
        Some((index, mark))
    });
    let (from, (scenario, argument)) = named.unwrap_or((0, ("text".into(), None)));
    let is_output =
        |item: &&Value| item["type"].as_str().is_some_and(|kind| kind.ends_with("_call_output"));
    let step = items[from..].iter().filter(is_output).count();
    match (scenario.as_str(), step) {
        ("err", _) => {
            let code = argument.and_then(|code| code.parse().ok()).unwrap_or(500);
            let message = format!("the stub answers {code}");
            Reply::Json(code, json!({"error": {"message": message, "type": "stub", "code": null}}))
        }
        ("write", 0) => {
            let file = argument.unwrap_or("hello.txt".into());
            let command = format!("echo 'hello from the stub' > {file}; cat {file}");
            Reply::Events(response(&call(&request.body["tools"], &command)))
        }
        ("write", _) => Reply::Events(response(&says("Done: the file was written."))),
        _ => Reply::Events(response(&says(argument.as_deref().unwrap_or("Hello.")))),
    }
}

/// A command, for whichever of its shell tools the client offers.
fn call(tools: &Value, command: &str) -> Value {
    let offers = |name: &str| {
        tools.as_array().is_some_and(|tools| tools.iter().any(|tool| tool["name"] == name))
    };
    let (name, arguments) = if offers("exec_command") {
        ("exec_command", json!({"cmd": command}))
    } else if offers("shell_command") {
        ("shell_command", json!({"command": command}))
    } else {
        ("shell", json!({"command": ["bash", "-lc", command]}))
    };
    json!({"type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments.to_string()})
}

fn says(text: &str) -> Value {
    let content = json!([{"type": "output_text", "text": text}]);
    json!({"type": "message", "role": "assistant", "id": "msg_1", "content": content})
}

fn response(item: &Value) -> Vec<Value> {
    let usage = json!({
        "input_tokens": 1000, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1030,
    });
    vec![
        json!({"type": "response.created", "response": {"id": "resp_1"}}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        json!({"type": "response.completed", "response": {"id": "resp_1", "usage": usage}}),
    ]
}
