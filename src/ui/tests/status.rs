//! The status bar: it names the place, and says whole sentences.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::scene::*;
use crate::domain::orchestrator::Role;
use crate::ui::dashboard::Dashboard;
use crate::ui::keys::Pane;

fn last_line(o: &crate::domain::orchestrator::Orchestrator, d: &Dashboard) -> String {
    screen_text(o, d, (120, 36)).trim_end().lines().last().unwrap().trim().to_owned()
}

#[test]
fn the_badge_names_where_one_is() {
    let o = busy();
    for (key, place) in [
        ("", "BROWSE"),
        ("?", "HELP"),
        ("H", "HEALTH"),
        ("E", "EVENTS"),
        ("W", "REPORT"),
        ("D", "GRAPH"),
        ("x", "STOP"),
        ("r", "RESTART"),
        ("q", "QUIT"),
        ("n", "GOAL"),
        ("/", "FILTER"),
    ] {
        let mut d = dashboard(120, 36);
        d.focus.pane = Pane::Streams;
        if key == "/" {
            d.focus.pane = Pane::Roadmap;
        }
        d.agent.shown = Some(agent("3.3").id);
        keys(&mut d, &o, key);
        let last = last_line(&o, &d);
        assert!(last.starts_with(place), "{place}: {last}");
    }
}

#[test]
fn a_sentence_is_never_cut_where_its_advice_stands() {
    let viewer = unread(Role::Viewer { driver: 4242 });
    let mut d = dashboard(80, 24);
    keys(&mut d, &viewer, "i");
    let screen = screen_text(&viewer, &d, (80, 24));
    assert!(screen.contains("only it can type into agents"), "{screen}");
    for text in ["word ".repeat(40), "word ".repeat(200)] {
        let mut o = reading(&roadmap());
        let why = format!("it broke: {text}and this is what to do");
        o.observe(
            NOW,
            crate::domain::report::Report::Document(crate::domain::report::DocumentReport::Kept(
                crate::domain::effect::Document::Plan,
                Err(why.as_str().into()),
            )),
        );
        let screen = screen_text(&o, &dashboard(80, 24), (80, 24));
        let (lines, bar) = screen.trim_end().rsplit_once('\n').unwrap();
        assert!(bar.contains("BROWSE") && bar.ends_with("? help"), "{screen}");
        assert!(lines.contains("it broke"), "{screen}");
        let words = lines.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words.contains("this is what to do"), text.len() < 300, "{screen}");
        assert!(lines.contains("1 Roadmap") && lines.lines().count() == 23, "{screen}");
    }
}

#[test]
fn only_keys_that_do_something_to_the_agent_in_view_are_hinted() {
    let o = busy();
    let hinted = |phase: &str| {
        let mut d = dashboard(120, 36);
        d.focus.pane = Pane::Agent;
        d.agent.shown = Some(agent(phase).id);
        let line = last_line(&o, &d);
        ["i type", "x stop", "r restart", "z zoom"].map(|hint| line.contains(hint))
    };
    assert_eq!(hinted("3.3"), [true, true, true, true], "it runs");
    assert_eq!(hinted("3.1"), [false, false, false, true], "its phase is complete");
    assert_eq!(hinted("3.2"), [false, false, true, true], "it failed");
    let mut d = dashboard(120, 36);
    d.focus.pane = Pane::Agent;
    d.agent.shown = Some(agent("3.1").id);
    let screen = screen_text(&o, &d, (120, 36));
    assert!(!screen.contains("r restart"), "{screen}");
}

#[test]
fn the_header_tells_what_was_used_once_agents_told() {
    let (mut o, d) = (busy(), dashboard(120, 36));
    let header = |o: &crate::domain::orchestrator::Orchestrator| {
        screen_text(o, &d, (120, 36)).lines().next().unwrap().to_owned()
    };
    assert!(!header(&o).contains("tok "), "{}", header(&o));
    let usage = crate::domain::agent::Usage {
        input_tokens: 400_000,
        output_tokens: 12_345,
        ..Default::default()
    };
    let pulse = crate::domain::report::Pulse {
        last_output: NOW,
        events: 1,
        waiting: None,
        doing: "works".into(),
        usage,
    };
    o.observe(NOW, crate::domain::report::Report::Activity { agent: agent("3.3"), pulse });
    assert!(header(&o).contains("   tok 412k"), "{}", header(&o));
}
