//! What agent CLIs say when they fail, as reasons.

use jiff::Zoned;
use serde_json::Value;

use crate::domain::printable::Printable;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

use super::CLAUSE;
use super::fields::clip;
use super::until::until;

/// What was said of a failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    /// In words.
    pub(super) text: &'a str,
    /// The status of the failed request, if it was told.
    pub(super) status: Option<u64>,
    /// Its kind, as the CLI calls it; empty if it was not told.
    pub(super) kind: &'a str,
    /// When requests are taken again, if it was told apart from the words.
    pub(super) until: Option<Timestamp>,
}

impl<'a> Said<'a> {
    /// Words alone.
    pub(super) fn text(text: &'a str) -> Self {
        Self { text, status: None, kind: "", until: None }
    }
}

/// Phrases in lower case, and what one of them means. The first that is found counts.
const PHRASES: [(&[&str], Meaning); 7] = [
    (&["cannot be used with root/sudo"], Meaning::Root),
    (
        &[
            "no conversation found",
            "session not found",
            "thread not found",
            "no rollout found",
            "invalid session identifier",
            "error resuming session",
            "no session found",
        ],
        Meaning::NoSession,
    ),
    (&["reached max turns", "max session turns", "maximum session turns"], Meaning::Turns),
    (&["exceeded usd budget"], Meaning::Budget),
    (
        &[
            "please run /login",
            "invalid api key",
            "api key not valid",
            "api key not found",
            "not logged in",
            "401 unauthorized",
            "sign in again",
            "set an auth method",
            "token has expired",
            "token has been revoked",
            "authentication_error",
            // Nothing but a person's word to the account helps.
            "credit balance is too low",
        ],
        Meaning::Login,
    ),
    (
        &[
            "usage limit",
            "rate limit",
            "rate_limit",
            "ratelimit",
            "hit your limit",
            "hit your session limit",
            "hit your weekly limit",
            "hour limit reached",
            "weekly limit reached",
            "too many requests",
            "quota",
            "resource_exhausted",
            "resource has been exhausted",
        ],
        Meaning::Limited,
    ),
    (
        &[
            "api error",
            "overloaded",
            "connection error",
            "connection refused",
            "econnrefused",
            "econnreset",
            "etimedout",
            "socket hang up",
            "fetch failed",
            "stream disconnected",
            "error sending request",
            "unexpected status",
            "last status",
            "internal server error",
            "bad gateway",
            "service unavailable",
            "gateway timeout",
            "request timed out",
            "experiencing high demand",
            "terminated unexpectedly",
        ],
        Meaning::Service,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Root,
    NoSession,
    Turns,
    Budget,
    Login,
    Limited,
    Service,
}

/// The reason behind what was said.
pub(super) fn reason(said: &Said<'_>) -> Reason {
    reason_at(said, Zoned::now)
}

/// The reason a line tells that is no event, if it tells one.
pub(super) fn telling(line: &str) -> Option<Reason> {
    meaning(&Said::text(line)).map(|meaning| read(meaning, &Said::text(line), Zoned::now))
}

fn reason_at(said: &Said<'_>, now: impl FnOnce() -> Zoned) -> Reason {
    let (text, is_answer) = worded(said.text);
    let said = &Said { text: &text, status: said.status.or(status_in(said.text)), ..*said };
    match meaning(said) {
        Some(meaning) => read(meaning, said, now),
        None if is_answer => Reason::Service(clause(said.text)),
        None => Reason::Failed(clause(said.text)),
    }
}

/// A text whose JSON, if it has some, is replaced by the message in it; and whether that was the answer of a service.
fn worded(text: &str) -> (String, bool) {
    let (Some(from), Some(to)) = (text.find('{'), text.rfind('}')) else {
        return (text.to_owned(), false);
    };
    let answer: Option<Value> =
        text.get(from..=to).and_then(|json| serde_json::from_str(json).ok());
    match answer.as_ref().and_then(|answer| answer["error"]["message"].as_str()) {
        Some(message) => (format!("{}{message}{}", &text[..from], &text[to + 1..]), true),
        None => (text.to_owned(), false),
    }
}

fn read(meaning: Meaning, said: &Said<'_>, now: impl FnOnce() -> Zoned) -> Reason {
    let clause = clause(said.text);
    match meaning {
        Meaning::Root => Reason::RootRefused(clause),
        Meaning::NoSession => Reason::NoSession(clause),
        Meaning::Turns => Reason::TurnLimit,
        Meaning::Budget => Reason::BudgetLimit,
        Meaning::Login => Reason::NeedsLogin(clause),
        Meaning::Limited => {
            let until = said.until.or_else(|| until(said.text, &now()));
            Reason::RateLimited { until, said: clause }
        }
        Meaning::Service => Reason::Service(clause),
    }
}

/// What a failure means: by its words first, because a status says less, except of log-ins and limits.
fn meaning(said: &Said<'_>) -> Option<Meaning> {
    let text = said.text.to_lowercase();
    let status = said.status.or_else(|| status_in(said.text));
    let kind = said.kind.to_lowercase();
    let by_words = || {
        let found = PHRASES.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
        found.map(|(_, meaning)| *meaning)
    };
    if text.contains("session") && text.contains("already in use") {
        return Some(Meaning::NoSession);
    }
    match (status, by_words()) {
        (_, Some(meaning)) if meaning != Meaning::Service => Some(meaning),
        (Some(401), _) => Some(Meaning::Login),
        (Some(429), _) => Some(Meaning::Limited),
        (Some(400..=599), _) => by_kind(&kind).or(Some(Meaning::Service)),
        (_, found) => by_kind(&kind).or(found),
    }
}

fn by_kind(kind: &str) -> Option<Meaning> {
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if is(&["authentication", "providerauth", "oauth", "billing"]) {
        Some(Meaning::Login)
    } else if is(&["rate_limit", "ratelimit", "quota"]) {
        Some(Meaning::Limited)
    } else if is(&["turnlimit", "maxsessionturns"]) {
        Some(Meaning::Turns)
    } else if is(&["server_error", "overloaded", "api_error", "apierror", "invalid_request"])
        || is(&["model_not_found", "connection"])
    {
        Some(Meaning::Service)
    } else {
        None
    }
}

/// The status of a request in words such as `API Error: 529 …` or `last status: 429 Too Many Requests`.
fn status_in(text: &str) -> Option<u64> {
    const MARKS: [&str; 5] =
        ["api error: ", "status code ", "status: ", "unexpected status ", "\"code\":"];
    let text = text.to_lowercase();
    MARKS.iter().find_map(|mark| {
        let (_, rest) = text.split_once(mark)?;
        let rest = rest.trim_start();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest[..digits].parse().ok().filter(|status| (400..600).contains(status))
    })
}

/// The first line that says something.
fn clause(text: &str) -> Printable {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("error");
    Printable::new(&clip(line, CLAUSE))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// Noon of a day in winter, in a zone an hour ahead.
    fn noon() -> Zoned {
        "2026-11-27T12:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn words_mean_what_they_say() {
        type Kind = fn(Printable) -> Reason;
        let (failed, service): (Kind, Kind) = (Reason::Failed, Reason::Service);
        let (login, gone): (Kind, Kind) = (Reason::NeedsLogin, Reason::NoSession);
        let limited: Kind = |said| Reason::RateLimited { until: None, said };
        let table: [(&str, Kind); 34] = [
            ("It did not work out", failed),
            ("The limit of the test was reached", failed),
            ("Tests for the login page fail", failed),
            ("exit status: 1", failed),
            ("API Error: 400 {\"type\":\"error\"}", service),
            ("API Error: 404 model: nowhere", service),
            ("API Error: 500 Internal server error", service),
            ("API Error: 529 {\"type\":\"overloaded_error\"}", service),
            ("API Error: Connection error.", service),
            ("Overloaded", service),
            ("stream disconnected before completion: closed", service),
            ("unexpected status 503 Service Unavailable: later", service),
            ("exceeded retry limit, last status: 500 Internal Server Error", service),
            ("error sending request for url (http://x)", service),
            ("fetch failed", service),
            ("API Error: 401 {\"type\":\"authentication_error\"}", login),
            ("Invalid API key · Please run /login", login),
            ("Invalid API key · Fix external API key", login),
            ("OAuth token has expired. Please run /login", login),
            ("unexpected status 401 Unauthorized: no", login),
            ("API key not valid. Please pass a valid API key.", login),
            ("Credit balance is too low", login),
            ("Please set an Auth method in your settings", login),
            ("API Error: 429 {\"type\":\"rate_limit_error\"}", limited),
            ("exceeded retry limit, last status: 429 Too Many Requests", limited),
            ("Claude AI usage limit reached", limited),
            ("You've hit your usage limit. Try again later.", limited),
            ("5-hour limit reached ∙ /upgrade", limited),
            ("You exceeded your current quota", limited),
            (
                "--dangerously-skip-permissions cannot be used with root/sudo privileges",
                Reason::RootRefused,
            ),
            ("No conversation found with session ID: 7", gone),
            ("Error: Session ID 7 is already in use.", gone),
            ("Error resuming session: Invalid session identifier \"7\".", gone),
            ("thread/resume failed: no rollout found for thread id 7", gone),
        ];
        for (text, expected) in table {
            assert_eq!(reason_at(&Said::text(text), noon), expected(text.into()), "{text}");
        }
        assert_eq!(reason_at(&Said::text("Error: Reached max turns (2)"), noon), Reason::TurnLimit);
        let budget = "Error: Exceeded USD budget (0.01)";
        assert_eq!(reason_at(&Said::text(budget), noon), Reason::BudgetLimit);
    }

    #[test]
    fn a_status_or_kind_tells_what_words_do_not() {
        let said = |status, kind| reason_at(&Said { status, kind, ..Said::text("no") }, noon);
        assert_eq!(said(Some(500), ""), Reason::Service("no".into()));
        assert_eq!(said(Some(403), ""), Reason::Service("no".into()));
        assert_eq!(said(Some(401), "server_error"), Reason::NeedsLogin("no".into()));
        assert_eq!(said(None, "authentication_failed"), Reason::NeedsLogin("no".into()));
        assert_eq!(said(None, "billing_error"), Reason::NeedsLogin("no".into()));
        assert_eq!(said(None, "server_error"), Reason::Service("no".into()));
        let limited = Reason::RateLimited { until: None, said: "no".into() };
        assert_eq!(said(None, "rate_limit"), limited);
        assert_eq!(said(Some(429), ""), limited);
        assert_eq!(said(None, "max_output_tokens"), Reason::Failed("no".into()));
        assert_eq!(said(Some(200), ""), Reason::Failed("no".into()));
    }

    #[test]
    fn json_in_a_reason_is_replaced_by_its_message() {
        let said = |text| reason_at(&Said::text(text), noon);
        let bare = r#"{"error": {"message": "No such thing", "type": "x"}}"#;
        assert_eq!(said(bare), Reason::Service("No such thing".into()));
        let api = r#"API Error: 400 {"type":"error","error":{"type":"x","message":"Too long"}}"#;
        assert_eq!(said(api), Reason::Service("API Error: 400 Too long".into()));
        let key = r#"[API Error: {"error":{"code":401,"message":"no key"}}]"#;
        assert_eq!(said(key), Reason::NeedsLogin("[API Error: no key]".into()));
        assert_eq!(said("bad {x} } {"), Reason::Failed("bad {x} } {".into()));
        assert_eq!(said("} {"), Reason::Failed("} {".into()));
    }

    #[test]
    fn a_limit_tells_when_it_ends() {
        let told =
            Said { until: Some(Timestamp(7)), ..Said::text("usage limit reached|1796000000") };
        let limit = |said: &Said<'_>| match reason_at(said, noon) {
            Reason::RateLimited { until, .. } => until,
            other => panic!("{other:?}"),
        };
        assert_eq!(limit(&told), Some(Timestamp(7)));
        let epoch = Timestamp(1_796_000_000_000);
        assert_eq!(limit(&Said::text("Claude AI usage limit reached|1796000000")), Some(epoch));
    }

    #[test]
    fn a_reason_is_one_clause() {
        let long = format!("\n  {}\u{1b}[0m\nmore", "x".repeat(300));
        let Reason::Failed(clause) = reason_at(&Said::text(&long), noon) else { panic!() };
        assert_eq!(clause.as_str(), format!("{}…", "x".repeat(200)));
    }
}
