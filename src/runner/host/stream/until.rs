//! When a limit ends, as agent CLIs say it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Zoned};

use crate::domain::time::Timestamp;

/// Longest wait that is believed.
const LONGEST_DAYS: i64 = 40;

/// The end of a limit that a text tells: `…limit reached|1800000000`, `resets 3pm (Europe/Berlin)`,
/// `try again at Nov 28th, 2026 3:05 PM`, `retry in 32.5s`, `retry-after: 30`.
pub(super) fn until(text: &str, now: &Zoned) -> Option<Timestamp> {
    let text = text.to_lowercase();
    let found = epoch(&text).or_else(|| moment(&text, now)).or_else(|| delay(&text, now))?;
    let from_now = found.as_second() - now.timestamp().as_second();
    let is_sane = (0..=LONGEST_DAYS * 86_400).contains(&from_now);
    is_sane.then(|| Timestamp(u64::try_from(found.as_millisecond()).unwrap_or(0)))
}

/// Seconds since 1970 behind a bar.
fn epoch(text: &str) -> Option<jiff::Timestamp> {
    let (_, rest) = text.split_once("limit reached|")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    jiff::Timestamp::from_second(if digits.len() > 11 { number / 1000 } else { number }).ok()
}

/// A time of day, with or without a date, in the zone that is named or else in ours.
fn moment(text: &str, now: &Zoned) -> Option<jiff::Timestamp> {
    let rest = behind(text, &["resets at ", "reset at ", "resets ", "try again at ", "retry at "])?;
    let zone = zone(rest).unwrap_or_else(|| now.time_zone().clone());
    let here = now.with_time_zone(zone.clone());
    let rest = rest.split(['(', '\n']).next().unwrap_or_default();
    let words: Vec<&str> =
        rest.split([' ', ',', '·', '∙']).filter(|word| !word.is_empty() && *word != "at").collect();
    let (date, words) = date(&words, here.date());
    let time = time(words)?;
    let at = |date: Date| DateTime::from_parts(date, time).to_zoned(zone.clone()).ok();
    let first = at(date.unwrap_or(here.date()))?;
    match date {
        Some(_) => Some(first.timestamp()),
        // A time that is over today is one of tomorrow.
        None if first <= here => Some(at(here.date().tomorrow().ok()?)?.timestamp()),
        None => Some(first.timestamp()),
    }
}

/// What stands behind the first of some marks that is there.
fn behind<'a>(text: &'a str, marks: &[&str]) -> Option<&'a str> {
    marks.iter().find_map(|mark| text.split_once(mark)).map(|(_, rest)| rest)
}

/// The zone in brackets.
fn zone(text: &str) -> Option<TimeZone> {
    let (_, rest) = text.split_once('(')?;
    TimeZone::get(rest.split_once(')')?.0).ok()
}

/// A date at the beginning: `nov 28th 2026`, `nov 28`; and the words behind it.
fn date<'a, 'w>(words: &'a [&'w str], today: Date) -> (Option<Date>, &'a [&'w str]) {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let read = || {
        let name = words.first()?.get(..3)?;
        let month = (1..).zip(MONTHS).find(|(_, known)| *known == name).map(|(n, _)| n)?;
        let day = words.get(1)?.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()?;
        let year = words.get(2).filter(|word| word.len() == 4);
        let year: Option<i16> = year.and_then(|word| word.parse().ok());
        let date = Date::new(year.unwrap_or(today.year()), month, day).ok()?;
        // A date without a year that is over is one of next year.
        let date = match year {
            None if date < today => date.checked_add(1.year()).ok()?,
            None | Some(_) => date,
        };
        Some((date, if year.is_some() { 3 } else { 2 }))
    };
    match read() {
        Some((date, length)) => (Some(date), &words[length..]),
        None => (None, words),
    }
}

/// A time of day at the beginning: `3pm`, `3:05 pm`, `15:00`.
fn time(words: &[&str]) -> Option<Time> {
    let first = words.first()?.trim_end_matches('.');
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &first[digits.len()..];
    let next = words.get(1).map_or("", |word| word.trim_end_matches('.'));
    let half = match (suffix, next) {
        ("am", _) | ("", "am") => Some(0),
        ("pm", _) | ("", "pm") => Some(12),
        ("", _) if digits.contains(':') => None,
        _ => return None,
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// A length of time: `3 days 5 hours 2 minutes`, `2h30m15s`, `32.5s`; a bare number counts seconds.
fn delay(text: &str, now: &Zoned) -> Option<jiff::Timestamp> {
    const MARKS: [&str; 9] = [
        "try again in ",
        "retry in ",
        "retry after ",
        "retry-after: ",
        "retry-after\":",
        "reset after ",
        "resets in ",
        "reset in ",
        "resets after ",
    ];
    let mut rest = behind(text, &MARKS)?.trim_start_matches([' ', '"']);
    let mut milliseconds = 0.0_f64;
    let mut parts = 0;
    while rest.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = rest[..rest.len() - digits.len()].trim_end_matches('.').parse().ok()?;
        let behind = digits.trim_start();
        let word = behind.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &behind[..behind.len() - word.len()] {
            "ms" => 1.0,
            "d" | "day" | "days" => 86_400_000.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
            "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
            _ if parts == 0 => 1000.0,
            _ => break,
        };
        milliseconds += number * unit;
        parts += 1;
        rest = word.trim_start_matches([' ', ',']).trim_start_matches("and ");
    }
    let span = (parts > 0).then(|| whole(milliseconds))?;
    now.timestamp().checked_add(span).ok()
}

/// Milliseconds, rounded up.
#[allow(clippy::cast_possible_truncation)]
fn whole(milliseconds: f64) -> Span {
    Span::new().milliseconds(milliseconds.ceil().clamp(0.0, 1e13) as i64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_limits_are_understood() {
        let now: Zoned = "2026-11-27T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let table = [
            ("Claude AI usage limit reached|1796000000", "2026-11-30T00:53:20Z"),
            ("usage limit reached|1796000000000", "2026-11-30T00:53:20Z"),
            ("5-hour limit reached ∙ resets 3pm", "2026-11-27T14:00:00Z"),
            ("You've hit your limit · resets 3:30pm (Europe/London)", "2026-11-27T15:30:00Z"),
            ("limit reached ∙ resets 11am (Europe/Berlin)", "2026-11-28T10:00:00Z"),
            ("limit reached · resets 12am (UTC)", "2026-11-28T00:00:00Z"),
            ("weekly limit reached ∙ resets Nov 30, 3pm (UTC)", "2026-11-30T15:00:00Z"),
            ("weekly limit reached ∙ resets Jan 2 at 9am", "2027-01-02T08:00:00Z"),
            ("Your limit will reset at 15:00.", "2026-11-27T14:00:00Z"),
            ("usage limit. Try again at 3:05 PM.", "2026-11-27T14:05:00Z"),
            ("usage limit. Try again at Nov 28th, 2026 3:05 PM.", "2026-11-28T14:05:00Z"),
            ("or try again in 3 days 5 hours 2 minutes.", "2026-11-30T16:02:00Z"),
            ("try again in 1 hour and 30 minutes", "2026-11-27T12:30:00Z"),
            ("Please retry in 32.5s.", "2026-11-27T11:00:32.5Z"),
            ("Please try again in 20ms.", "2026-11-27T11:00:00.02Z"),
            ("quota will reset after 2h30m15s.", "2026-11-27T13:30:15Z"),
            ("429 Too Many Requests, retry-after: 30", "2026-11-27T11:00:30Z"),
        ];
        for (text, expected) in table {
            let expected: jiff::Timestamp = expected.parse().unwrap();
            let told = until(text, &now).map(|at| at.0);
            assert_eq!(told, u64::try_from(expected.as_millisecond()).ok(), "{text}");
        }
    }

    #[test]
    fn what_tells_no_end_tells_none() {
        let now: Zoned = "2026-11-27T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        for text in [
            "usage limit reached",
            "usage limit reached|soon",
            "limit reached|1500000000",
            "limit reached|99999999999",
            "resets soon",
            "resets 3",
            "resets 25:00",
            "resets 13pm",
            "resets Feb 30, 3pm",
            "try again in a while",
            "try again later",
            "try again in 99999 days",
            "resets ",
            "retry in 99999999999999999999999999s",
        ] {
            assert_eq!(until(text, &now), None, "{text}");
        }
    }
}
