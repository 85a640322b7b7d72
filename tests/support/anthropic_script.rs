//! What the stand-in for the Anthropic API understands of a request, and what it says to it.

use serde_json::{Value, json};

use super::anthropic_stub::{PROMPT_MARK, Request};
use super::http_stub::last_mark;

/// Tool results behind the last message that is a prompt: text of the client's own comes along with results, too.
pub(super) fn since_prompt(body: &Value) -> usize {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let results = |message: &Value| {
        let blocks = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        blocks.iter().filter(|block| block["type"] == "tool_result").count()
    };
    let is_prompt =
        |message: &&Value| message["role"] == "user" && user_text(message).contains(PROMPT_MARK);
    let behind = messages.iter().rev().take_while(|message| !is_prompt(message));
    behind.map(results).sum()
}

/// The scenario's name and argument, and the step.
pub(super) fn scenario(body: &Value) -> (String, Option<String>, usize) {
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
pub(super) enum Block {
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
pub(super) fn script(request: &Request) -> (Vec<Block>, &'static str) {
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
        ("again", _) if request.since_prompt == 0 => {
            let command = argument.unwrap_or("true");
            let input = json!({"command": command, "description": "Run the command"});
            (vec![text("Running a command. "), Block::Tool { name: "Bash", input }], "tool_use")
        }
        ("again", _) => (vec![text("The command has finished at last.")], "end_turn"),
        _ => (vec![text(argument.unwrap_or("Hello from the stub."))], "end_turn"),
    }
}
