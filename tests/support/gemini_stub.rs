//! A loopback stand-in for the Gemini generateContent API, enough for Gemini CLI. Scenarios as in the Anthropic stub:
//! `write[:FILE]`, `text[:TEXT]`, `err:CODE`.

use serde_json::{Value, json};

use super::http_stub::{HttpStub, Reply, Request, last_mark};

/// Starts it.
pub fn start() -> HttpStub {
    HttpStub::start(answer)
}

fn answer(request: &Request) -> Reply {
    if request.method != "POST" {
        return Reply::Json(200, json!({"models": []}));
    }
    if request.path.contains("countTokens") {
        return Reply::Json(200, json!({"totalTokens": 1000}));
    }
    let nothing = Vec::new();
    let contents = request.body["contents"].as_array().unwrap_or(&nothing);
    let parts = |content: &Value| content["parts"].as_array().cloned().unwrap_or_default();
    let named = contents.iter().enumerate().rev().find_map(|(index, content)| {
        let texts = parts(content).into_iter().filter(|_| content["role"] == "user");
        let mark = texts.rev().find_map(|part| last_mark(part["text"].as_str()?))?;
        Some((index, mark))
    });
    let (from, (scenario, argument)) = named.unwrap_or((0, ("text".into(), None)));
    let results = contents[from..].iter().flat_map(parts);
    let step = results.filter(|part| part["functionResponse"].is_object()).count();
    let parts = match (scenario.as_str(), step) {
        ("err", _) => {
            let code = argument.and_then(|code| code.parse().ok()).unwrap_or(500);
            let message = format!("the stub answers {code}");
            let error = json!({"code": code, "message": message, "status": "STUB"});
            return Reply::Json(code, json!({"error": error}));
        }
        ("write", 0) => {
            let file = argument.unwrap_or("hello.txt".into());
            let args = json!({"file_path": file, "content": "hello from the stub\n"});
            json!([
                {"text": "I will write the file."},
                {"functionCall": {"name": "write_file", "args": args}},
            ])
        }
        ("write", _) => json!([{"text": "Done: the file was written."}]),
        _ => json!([{"text": argument.unwrap_or("Hello.".into())}]),
    };
    let whole = response(&parts);
    match request.path.contains("streamGenerateContent") {
        true => Reply::Events(vec![whole]),
        false => Reply::Json(200, whole),
    }
}

fn response(parts: &Value) -> Value {
    let content = json!({"role": "model", "parts": parts});
    json!({
        "candidates": [{"index": 0, "content": content, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 20, "totalTokenCount": 1020},
        "modelVersion": "stub",
    })
}
