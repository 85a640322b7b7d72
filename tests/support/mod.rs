//! What integration tests share: the real program in a real terminal, isolated homes, repositories, a loopback model.
//!
//! Nothing here sleeps: waits are for conditions, with a deadline, and a failed wait shows the screen.

#![allow(dead_code, reason = "every test binary uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken test bed fails the test"
)]

pub mod agent_cli;
pub mod allow_list;
mod anthropic_script;
pub mod anthropic_stub;
pub mod command;
pub mod crew;
pub mod gemini_stub;
pub mod home;
pub mod http_stub;
pub mod key;
mod launch;
mod loopback;
pub mod openai_stub;
pub mod project;
pub mod pty;
pub mod repository;
pub mod screen;
pub mod targets;
pub mod terminal_modes;

use std::time::Duration;

/// How long a wait may take before the test fails.
pub const DEADLINE: Duration = Duration::from_secs(20);
