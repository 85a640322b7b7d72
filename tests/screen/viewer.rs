//! A second app on the same repository, and a folder with nothing in it.

use crate::demo::{Demo, Hands, agent_is, eventually, row_has};
use crate::support::home::Home;
use crate::support::key::Key;
use crate::support::pty::{Exit, Launch};

#[test]
fn a_second_app_looks_and_does_not_touch() {
    let demo = Demo::new();
    let driver = demo.launch("2").start();
    driver.start_plan("phases 2.1 and 2.3");
    driver.wait_for(agent_is("a-2.3", "RUN"), "the agents to run");
    let viewer = demo.again().start();
    let who = format!("{}", driver.pid());
    viewer.wait_for(|screen| screen.contains("VIEWER") && screen.contains(&who), "its role");
    viewer.wait_for(|screen| screen.contains("I'll start with"), "the agent's terminal");
    viewer.press_until(Key::Char('p'), |screen| screen.contains("only looking"), "the refusal");
    viewer.press_until(Key::Char('i'), |screen| screen.contains("only it can type"), "a refusal");
    assert!(!driver.screen().contains(" HOLD ") && !viewer.screen().contains("TYPE"));
    driver.wait_for(agent_is("a-2.1", "DONE"), "the first agent to finish");
    viewer.wait_for(agent_is("a-2.1", "DONE"), "the viewer to follow");
    viewer.wait_for(agent_is("a-2.3", "DONE"), "the viewer to follow to the end");
    viewer.wait_for_text("6/18");
    for screen in [viewer.screen(), driver.screen()] {
        assert!(row_has(&screen, "a-2.1", "gates 5/5"), "each gate ran once\n{screen}");
    }
    driver.press(&Key::Char('q'));
    assert_eq!(driver.wait_for_exit(), Exit::Code(0));
    viewer.press_until(Key::Char('p'), |screen| screen.contains(" HOLD "), "to drive, by itself");
    viewer.press(&Key::Char('q'));
    assert_eq!(viewer.wait_for_exit(), Exit::Code(0), "a viewer is never asked");
    demo.wait_deserted();
}

#[test]
fn a_folder_without_a_roadmap_gets_a_starter_once_its_files_were_shown() {
    let home = Home::new();
    let folder = home.join("empty");
    std::fs::create_dir(&folder).unwrap();
    let session = Launch::orch_tui(&home).folder(&folder).start();
    session.wait_for(|screen| screen.contains("write a starter"), "the hint of a first run");
    session.press(&Key::Char('i'));
    session.wait_for(|screen| screen.contains("Write these 6 files into"), "the question");
    session.wait_for(|screen| screen.contains("config/targets.yaml"), "the files");
    assert!(!folder.join("plans").exists(), "nothing is written before it was asked");
    let said = "wrote 6 files; e opens";
    session.press_until(Key::Char('y'), |screen| screen.contains(said), "what was done");
    assert!(!session.screen().contains("! wrote"), "it is no trouble");
    eventually("the starter roadmap", || {
        std::fs::read_to_string(folder.join("plans/roadmap.md")).map_err(|error| error.to_string())
    });
    session.wait_for(|screen| screen.contains("1.1"), "the roadmap to appear");
    session.press(&Key::Char('q'));
    assert_eq!(session.wait_for_exit(), Exit::Code(0));
}
