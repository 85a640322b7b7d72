//! Running a quality gate: a command in the agent's workspace whose exit status is the proof.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::domain::effect::StopKind;
use crate::domain::gate;
use crate::domain::gate::{Check, Gate, GateResult, Receipt};
use crate::domain::printable::Printable;
use crate::domain::workspace::Workspace;
use crate::runner::git::Git;
use crate::runner::process::{GraceCut, ProcessIdentity, Tree, end_tree};

/// Environment variable that marks the processes of a gate.
pub const GATE_VARIABLE: &str = "ORCH_TUI_GATE";

/// Variables of the app's own environment a gate sees, beside those it is given: what tools need to be found and to
/// find their caches, and no secret. A trailing `*` is a prefix.
pub const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_*",
    "TZ",
    "TMPDIR",
    "XDG_*",
    "CARGO_HOME",
    "RUSTUP_*",
    "GOPATH",
    "GOROOT",
    "JAVA_HOME",
    "NVM_*",
    "VIRTUAL_ENV",
    "PYENV_*",
    "CI",
];

/// Lines of output kept.
const TAIL_LINES: usize = 40;
/// Bytes of output kept.
const TAIL_BYTES: usize = 16 * 1024;
/// From SIGTERM to SIGKILL when the time is up.
const GRACE: Duration = Duration::from_secs(2);
/// Wait for the rest of the output once every process is gone.
const DRAIN: Duration = Duration::from_millis(500);

/// Runs a gate and gives its receipt, whatever happens. `env` is added to [`PASSED_ON`]. Ends the gate's whole process tree.
pub async fn run(gate: &Gate, workspace: &Workspace, env: &BTreeMap<String, String>) -> Receipt {
    all_ended().await;
    let commit = Git::new(workspace.path()).head().await.ok().flatten();
    let start = Instant::now();
    let (result, tail) = match Running::start(gate, workspace, env) {
        Ok(running) => running.finish(gate.timeout).await,
        Err(why) => (GateResult::Unavailable(why), Vec::new()),
    };
    Receipt {
        gate: gate.name.clone(),
        required: gate.required,
        result,
        took: start.elapsed(),
        commit,
        tree: gate::Tree::Work,
        tail,
    }
}

/// A gate's processes.
struct Running {
    /// Gone once all of them are seen off.
    child: Option<Child>,
    output: Receiver,
    marker: String,
    name: String,
}

/// A gate that nobody waits for any more ends with all its processes. All there are on the machine have to be looked
/// through for them, so that a thread of its own does it; see [`all_ended`].
impl Drop for Running {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else { return };
        let marker = format!("{GATE_VARIABLE}={}", self.marker);
        let given_up = GivenUp { child, marker, _ending: Ending::begin() };
        if let Ok(runtime) = Handle::try_current() {
            // Where the app ends it is dropped all the same, if need be on the spot.
            runtime.spawn_blocking(move || drop(given_up));
        }
    }
}

/// Gates whose processes are being ended.
static ENDING: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Waits until nothing runs any more of gates that nobody waits for: whoever works where they did begins after that.
pub async fn all_ended() {
    // The sender is always there.
    let _ = ENDING.subscribe().wait_for(|gates| *gates == 0).await;
}

/// A gate nobody waits for: dropping it ends its processes.
struct GivenUp {
    child: Child,
    marker: String,
    _ending: Ending,
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        let leader = self.child.id().unwrap_or(u32::MAX);
        let tree = Tree { root: leader, leader, marker: std::mem::take(&mut self.marker) };
        let _left = end_tree(&tree, StopKind::Kill, Duration::ZERO, &GraceCut::default());
    }
}

/// Counts among those that are being ended, whatever becomes of the ending.
struct Ending;

impl Ending {
    fn begin() -> Self {
        ENDING.send_modify(|gates| *gates += 1);
        Self
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        ENDING.send_modify(|gates| *gates -= 1);
    }
}

impl Running {
    fn start(
        gate: &Gate,
        workspace: &Workspace,
        env: &BTreeMap<String, String>,
    ) -> Result<Self, Printable> {
        let unavailable = |why: String| Printable::new(&format!("gate {}: {why}", gate.name));
        let argv = match &gate.check {
            Check::Command(argv) => argv.as_slice(),
            Check::Clean | Check::Commits | Check::Roadmap | Check::Devlog | Check::Tests => &[],
        };
        let Some((program, args)) = argv.split_first() else {
            let why = "no command is known for it; give it one in targets.yaml (`run`)";
            return Err(unavailable(why.into()));
        };
        let directory = workspace.path();
        if !directory.is_dir() {
            let path = directory.display();
            return Err(unavailable(format!("its workspace {path} is missing; make it again")));
        }
        let marker = marker();
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(directory)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed_on)))
            .env("TERM", "dumb")
            .env("NO_COLOR", "1")
            .envs(env)
            .env(GATE_VARIABLE, &marker);
        let (child, output) = spawn(command).map_err(|error| {
            let next = "install it, or change the gate in targets.yaml";
            unavailable(format!("cannot start `{program}`: {error}; {next}"))
        })?;
        Ok(Self { child: Some(child), output, marker, name: gate.name.clone() })
    }

    /// Waits for the end or the timeout, then ends what is left of the tree.
    async fn finish(mut self, timeout: Duration) -> (GateResult, Vec<Printable>) {
        let mut tail = Tail::default();
        let leader = self.child.as_ref().and_then(Child::id).unwrap_or(u32::MAX);
        let ended = {
            let reading = tail.read(&mut self.output);
            tokio::pin!(reading);
            let waiting = tokio::time::timeout(timeout, ended(&mut self.child));
            tokio::pin!(waiting);
            tokio::select! {
                ended = &mut waiting => ended,
                // The output is closed; the process may live on without it.
                () = &mut reading => waiting.await,
            }
        };
        let (result, root) = match ended {
            // Once waited for, its pid means nothing any more: strays are known by the marker alone.
            Ok(Ok(status)) => (judged(status), u32::MAX),
            Ok(Err(error)) => {
                let why = format!("gate {}: cannot wait for it: {error}; run it again", self.name);
                (GateResult::Unavailable(Printable::new(&why)), leader)
            }
            Err(_) => (GateResult::TimedOut, leader),
        };
        let tree = Tree { root, leader, marker: format!("{GATE_VARIABLE}={}", self.marker) };
        self.end(tree).await;
        // A survivor could hold the pipe for ever.
        let _rest = tokio::time::timeout(DRAIN, tail.read(&mut self.output)).await;
        (result, tail.lines())
    }

    /// Ends the tree while its leader is waited for, as it must be to be gone.
    async fn end(&mut self, tree: Tree) {
        let how = if tree.root == u32::MAX { StopKind::Kill } else { StopKind::Term };
        let ending =
            tokio::task::spawn_blocking(move || end_tree(&tree, how, GRACE, &GraceCut::default()));
        let (_status, _survivors) = tokio::join!(ended(&mut self.child), ending);
        self.child = None;
    }
}

async fn ended(child: &mut Option<Child>) -> io::Result<ExitStatus> {
    match child {
        Some(child) => child.wait().await,
        None => Err(io::Error::other("it has ended already")),
    }
}

/// Starts a command in a process group of its own, with its output and errors in one pipe.
fn spawn(mut command: Command) -> io::Result<(Child, Receiver)> {
    let (reader, writer) = io::pipe()?;
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .kill_on_drop(true)
        .spawn()?;
    Ok((child, Receiver::from_owned_fd(reader.into())?))
}

fn judged(status: ExitStatus) -> GateResult {
    if status.success() { GateResult::Passed } else { GateResult::Failed(status.code()) }
}

/// Whether a gate sees this variable of the app's environment.
pub(super) fn is_passed_on(name: &str) -> bool {
    PASSED_ON.iter().any(|allowed| match allowed.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *allowed,
    })
}

/// A value no other gate run on this machine has, and that tells who started it: `PID.START.NUMBER`.
fn marker() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{}{}", own_marker(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What the marks of all gates begin with that this process starts.
pub fn own_marker() -> String {
    let pid = std::process::id();
    let start = ProcessIdentity::of(pid).map_or(0, |own| own.start_time);
    format!("{pid}.{start}.")
}

/// The end of an output.
#[derive(Default)]
struct Tail {
    bytes: VecDeque<u8>,
    cut: bool,
}

impl Tail {
    /// Reads until the output ends.
    async fn read(&mut self, output: &mut Receiver) {
        let mut chunk = [0; 8192];
        while let Ok(read @ 1..) = output.read(&mut chunk).await {
            self.bytes.extend(&chunk[..read]);
            let surplus = self.bytes.len().saturating_sub(TAIL_BYTES);
            self.cut |= surplus > 0;
            self.bytes.drain(..surplus);
        }
    }

    /// Its last lines, without colours.
    fn lines(mut self) -> Vec<Printable> {
        let bytes = self.bytes.make_contiguous();
        let text = String::from_utf8_lossy(bytes).into_owned();
        // The first line of a cut output is probably half a line.
        let whole =
            if self.cut { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
        let lines: Vec<&str> = whole.lines().collect();
        let last = lines.len().saturating_sub(TAIL_LINES);
        lines[last..].iter().map(|line| Printable::new(&without_colours(line))).collect()
    }
}

/// `line` without SGR sequences; anything else stays and becomes visible.
fn without_colours(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        match end.filter(|end| after[*end..].starts_with('m')) {
            Some(end) => rest = &after[end + 1..],
            None => {
                out.push_str("\u{1b}[");
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::gate::When;
    use crate::runner::process::marked;

    fn gate(run: &[&str], timeout: Duration) -> Gate {
        let run = run.iter().map(ToString::to_string).collect();
        let check = Check::Command(run);
        Gate { name: "tests".into(), check, timeout, required: true, when: When::Always }
    }

    async fn judge(run: &[&str], timeout: Duration) -> Receipt {
        let folder = crate::runner::git::tests::repository();
        let workspace = Workspace::Checkout { path: folder.path().to_owned() };
        let env = BTreeMap::from([("GIVEN".to_owned(), "yes".to_owned())]);
        super::run(&gate(run, timeout), &workspace, &env).await
    }

    fn text(receipt: &Receipt) -> Vec<&str> {
        receipt.tail.iter().map(Printable::as_str).collect()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn exit_status_decides_and_output_is_kept() {
        let passed = judge(&["sh", "-c", "echo out; echo err >&2; pwd; echo $GIVEN"], LONG).await;
        assert_eq!(passed.result, GateResult::Passed);
        assert_eq!(text(&passed)[..2], ["out", "err"]);
        assert_eq!(text(&passed)[3], "yes");
        assert_eq!(passed.commit.unwrap().len(), 40);
        let failed =
            judge(&["sh", "-c", "printf '\\033[31mred\\033[0m\\033]0;x\\007'; exit 3"], LONG).await;
        assert_eq!(failed.result, GateResult::Failed(Some(3)));
        assert_eq!(text(&failed), ["red\u{241b}]0;x\u{2407}"]);
        let killed = judge(&["sh", "-c", "kill -9 $$"], LONG).await;
        assert_eq!(killed.result, GateResult::Failed(None));
    }

    #[tokio::test]
    async fn only_the_end_of_a_long_output_is_kept() {
        let receipt = judge(&["sh", "-c", "seq 1 200000; echo 'the end'"], LONG).await;
        assert_eq!(receipt.tail.len(), TAIL_LINES);
        assert_eq!(text(&receipt)[TAIL_LINES - 2..], ["200000", "the end"]);
        let one_line =
            judge(&["sh", "-c", "yes | head -c 100000 | tr '\\n' x; echo; echo end"], LONG).await;
        assert_eq!(text(&one_line), ["end"]);
    }

    #[tokio::test]
    async fn a_timeout_ends_the_whole_tree() {
        let script =
            "trap '' TERM; (setsid sleep 71 &); (sleep 72 &); echo $ORCH_TUI_GATE; sleep 73";
        let receipt = judge(&["sh", "-c", script], Duration::from_millis(400)).await;
        assert_eq!(receipt.result, GateResult::TimedOut);
        let marker = format!("{GATE_VARIABLE}={}", text(&receipt)[0]);
        assert_eq!(marked(&marker), []);
    }

    #[tokio::test]
    async fn what_a_gate_leaves_behind_is_ended() {
        let receipt = judge(&["sh", "-c", "(setsid sleep 74 &); echo $ORCH_TUI_GATE"], LONG).await;
        assert_eq!(receipt.result, GateResult::Passed);
        assert!(receipt.took < Duration::from_secs(30));
        assert_eq!(marked(&format!("{GATE_VARIABLE}={}", text(&receipt)[0])), []);
    }

    #[tokio::test]
    async fn a_gate_nobody_waits_for_ends_with_all_its_processes() {
        let folder = crate::runner::git::tests::repository();
        let workspace = Workspace::Checkout { path: folder.path().to_owned() };
        let script = "setsid sleep 600 & trap '' TERM; echo up > up; while :; do sleep 1; done";
        let running =
            Running::start(&gate(&["sh", "-c", script], LONG), &workspace, &BTreeMap::new());
        let running = running.unwrap_or_else(|why| panic!("{why}"));
        let marker = format!("{GATE_VARIABLE}={}", running.marker);
        let judged = tokio::spawn(running.finish(LONG));
        let up = async {
            while !folder.path().join("up").exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, up).await.unwrap();
        judged.abort();
        assert!(judged.await.unwrap_err().is_cancelled());
        // The next gate begins only then.
        let next = super::run(&gate(&["true"], LONG), &workspace, &BTreeMap::new()).await;
        assert_eq!(next.result, GateResult::Passed);
        assert!(marked(&marker).is_empty(), "something is left");
    }

    #[test]
    fn a_gate_ends_with_the_app() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = crate::runner::git::tests::repository();
        let workspace = Workspace::Checkout { path: folder.path().to_owned() };
        let script = gate(&["sh", "-c", "setsid sleep 600 & sleep 600"], LONG);
        let running = runtime.block_on(async {
            Running::start(&script, &workspace, &BTreeMap::new())
                .unwrap_or_else(|why| panic!("{why}"))
        });
        let marker = format!("{GATE_VARIABLE}={}", running.marker);
        runtime.spawn(running.finish(LONG));
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
        assert_eq!(marked(&marker), []);
    }

    #[tokio::test]
    async fn what_cannot_start_is_said() {
        let receipt = judge(&["/no/such/program"], LONG).await;
        let GateResult::Unavailable(why) = receipt.result else { panic!("{:?}", receipt.result) };
        assert!(why.as_str().starts_with("gate tests: cannot start `/no/such/program`: "), "{why}");
        assert!(matches!(judge(&[], LONG).await.result, GateResult::Unavailable(_)));
        let gone = Workspace::Checkout { path: "/no/such/folder".into() };
        let receipt = super::run(&gate(&["true"], LONG), &gone, &BTreeMap::new()).await;
        assert!(matches!(receipt.result, GateResult::Unavailable(_)));
    }

    #[test]
    fn secrets_are_not_passed_on() {
        assert!(is_passed_on("PATH") && is_passed_on("LC_ALL"));
        assert!(!is_passed_on("ANTHROPIC_API_KEY") && !is_passed_on("AWS_SECRET_ACCESS_KEY"));
    }
}
