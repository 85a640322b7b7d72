//! The argument groups of an adapter: autonomy, session, options, prompt and probe.

use super::ConfigError;
use super::agents::replace;
use super::section::{Section, nearest};
use super::yaml::Node;
use crate::domain::adapter::{
    Adapter, Autonomy, Group, Level, Options, Probe, Prompt, Session, SessionId, Setting, Via,
};
use crate::domain::version::Version;

const LEVELS: [(&str, Level); 3] =
    [("full", Level::Full), ("tools", Level::Tools), ("plan", Level::Plan)];
const IDS: [(&str, SessionId); 2] =
    [("chosen", SessionId::Chosen), ("reported", SessionId::Reported)];
const WAYS: [(&str, Via); 3] = [("stdin", Via::Stdin), ("arg", Via::Arg), ("file", Via::File)];
const PLACEHOLDERS: [&str; 7] = [
    "{session}",
    "{new_session}",
    "{prompt_file}",
    "{prompt}",
    "{model}",
    "{max_turns}",
    "{budget_usd}",
];
/// Turns nobody means to limit.
const MOST_TURNS: u32 = 100_000;

type Checked<T> = Result<T, ConfigError>;

/// Reads the groups an entry gives; those it does not speak of stay.
pub(super) fn read(adapter: &mut Adapter, fields: &Section<'_>) -> Checked<()> {
    read_autonomy(&mut adapter.autonomy, fields)?;
    if let Some(session) = fields.section("session")? {
        read_session(&mut adapter.session, &session)?;
    }
    read_options(&mut adapter.options, fields)?;
    if let Some(prompt) = fields.section("prompt")? {
        read_prompt(&mut adapter.prompt, &prompt)?;
    }
    if let Some(probe) = fields.section("probe")? {
        read_probe(&mut adapter.probe, &probe)?;
    }
    carry_prompt(adapter, fields)
}

/// What fits together only when all is read: a value needs arguments that carry it.
pub(super) fn check(adapter: &Adapter, fields: &Section<'_>) -> Checked<()> {
    level_exists(adapter, fields)?;
    let options = &adapter.options;
    for (key, setting) in [
        ("model", &options.model),
        ("max_turns", &options.max_turns),
        ("budget_usd", &options.budget_usd),
    ] {
        if setting.value.is_some() && setting.args.is_empty() {
            let why = format!(
                "agent `{}` has no arguments for `{key}`. Add them: `options: {{{key}: [--…, \"{{{key}}}\"]}}`.",
                adapter.name
            );
            return Err(fields.error(key, why));
        }
    }
    Ok(())
}

/// A level the adapter has no arguments for would be no level at all.
pub(super) fn level_exists(adapter: &Adapter, fields: &Section<'_>) -> Checked<()> {
    if adapter.autonomy.group().is_some() {
        return Ok(());
    }
    let word = adapter.autonomy.level.word();
    let why = format!(
        "agent `{}` has no arguments for autonomy `{word}`. Add them in agents.yaml: `autonomy: {{{word}: [--…]}}`.",
        adapter.name
    );
    Err(fields.error("autonomy", why))
}

/// The level named by a key, if there is one.
pub(super) fn level(fields: &Section<'_>, key: &str) -> Checked<Option<Level>> {
    fields.choice(key, &LEVELS)
}

/// Arguments. A placeholder that is nearly one is worth a warning.
pub(super) fn group(fields: &Section<'_>, key: &str) -> Checked<Option<Group>> {
    let Some(group) = fields.texts(key)? else { return Ok(None) };
    for word in group.iter().flat_map(|arg| placeholders(arg)) {
        if !PLACEHOLDERS.contains(&word)
            && let Some(near) = nearest(word, PLACEHOLDERS.into_iter())
        {
            fields.warn(key, format!("`{word}` is not filled in. Did you mean `{near}`?"));
        }
    }
    Ok(Some(group))
}

/// The parts of an argument that look like placeholders: `{a_word}`.
fn placeholders(arg: &str) -> impl Iterator<Item = &str> {
    arg.match_indices('{').filter_map(|(at, _)| {
        let word = &arg[at..];
        let end = word.find('}')?;
        let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
        word[1..end].chars().all(is_name).then_some(&word[..=end])
    })
}

/// `autonomy: plan` chooses a level; `autonomy: {level: plan, plan: [...]}` says what it means, too.
fn read_autonomy(autonomy: &mut Autonomy, fields: &Section<'_>) -> Checked<()> {
    if let Some(Node::Text(_)) = fields.get("autonomy") {
        replace(&mut autonomy.level, level(fields, "autonomy")?);
        return Ok(());
    }
    let Some(groups) = fields.section("autonomy")? else { return Ok(()) };
    groups.expect_keys(&["level", "full", "tools", "plan"]);
    replace(&mut autonomy.level, level(&groups, "level")?);
    replace(&mut autonomy.full, group(&groups, "full")?);
    replace(&mut autonomy.tools, group(&groups, "tools")?.map(Some));
    replace(&mut autonomy.plan, group(&groups, "plan")?.map(Some));
    Ok(())
}

fn read_session(session: &mut Session, fields: &Section<'_>) -> Checked<()> {
    fields.expect_keys(&["id", "new", "resume", "fork", "resume_replaces_args"]);
    replace(&mut session.id, fields.choice("id", &IDS)?);
    replace(&mut session.new, group(fields, "new")?);
    replace(&mut session.resume, group(fields, "resume")?);
    replace(&mut session.fork, group(fields, "fork")?);
    replace(&mut session.resume_replaces_args, fields.flag("resume_replaces_args")?);
    for (key, args) in [("resume", &session.resume), ("fork", &session.fork)] {
        if !args.is_empty() && !args.iter().any(|arg| arg.contains("{session}")) {
            let why = format!("`{key}` must name the session it goes on with: `{{session}}`.");
            return Err(fields.error(key, why));
        }
    }
    Ok(())
}

fn read_options(options: &mut Options, fields: &Section<'_>) -> Checked<()> {
    if let Some(groups) = fields.section("options")? {
        groups.expect_keys(&["model", "max_turns", "budget_usd"]);
        for (key, setting) in [
            ("model", &mut options.model),
            ("max_turns", &mut options.max_turns),
            ("budget_usd", &mut options.budget_usd),
        ] {
            read_setting(setting, &groups, key)?;
        }
    }
    let turns = fields.whole("max_turns", 1..=MOST_TURNS)?.map(|turns| turns.to_string());
    replace(&mut options.model.value, fields.text("model")?.map(|name| Some(name.to_owned())));
    replace(&mut options.max_turns.value, turns.map(Some));
    replace(&mut options.budget_usd.value, fields.amount("budget_usd")?.map(Some));
    Ok(())
}

/// Arguments that do not carry the value would carry nothing.
fn read_setting(setting: &mut Setting, groups: &Section<'_>, key: &str) -> Checked<()> {
    let Some(args) = group(groups, key)? else { return Ok(()) };
    let placeholder = format!("{{{key}}}");
    if !args.is_empty() && !args.iter().any(|arg| arg.contains(&placeholder)) {
        let why = format!("the arguments for `{key}` must hold its value: `{placeholder}`.");
        return Err(groups.error(key, why));
    }
    setting.args = args;
    Ok(())
}

fn read_prompt(prompt: &mut Prompt, fields: &Section<'_>) -> Checked<()> {
    fields.expect_keys(&["via", "args"]);
    replace(&mut prompt.via, fields.choice("via", &WAYS)?);
    replace(&mut prompt.args, group(fields, "args")?);
    Ok(())
}

/// A prompt that goes by argument is one of them; the last, unless it is said where.
fn carry_prompt(adapter: &mut Adapter, fields: &Section<'_>) -> Checked<()> {
    let prompt = &mut adapter.prompt;
    let holds = adapter.args.iter().chain(&prompt.args).any(|arg| arg.contains("{prompt}"));
    match (prompt.via, holds) {
        (Via::Arg, false) => prompt.args.push("{prompt}".to_owned()),
        (Via::Stdin | Via::File, true) => {
            let why = "`{prompt}` stands for the prompt only with `prompt: {via: arg}`. Use `{prompt_file}` for its path.";
            return Err(fields.error("prompt", why.to_owned()));
        }
        (Via::Arg, true) | (Via::Stdin | Via::File, false) => {}
    }
    Ok(())
}

fn read_probe(probe: &mut Probe, fields: &Section<'_>) -> Checked<()> {
    fields.expect_keys(&["args", "min", "auth", "login"]);
    replace(&mut probe.args, fields.texts("args")?);
    replace(&mut probe.auth, fields.texts("auth")?);
    replace(&mut probe.login, fields.texts("login")?);
    if let Some(text) = fields.text("min")? {
        let version = Version::read(text).ok_or_else(|| {
            let why = format!("`min` must be a version such as `2.1.0`, but it is `{text}`.");
            fields.error("min", why)
        })?;
        probe.min = Some(version);
    }
    Ok(())
}
