"""What the measuring scripts share: a home and a repository of their own, the full screen in a terminal, costs of processes.

Linux: everything is read from /proc.
"""
import atexit
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def wait(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"{Path(sys.argv[0]).name}: waited {seconds} s for {what}")
        time.sleep(0.02)


def roadmap(phases, batch=12):
    text = "# Roadmap\n"
    for number in range(phases):
        if number % batch == 0:
            text += f"\n## Batch {number // batch + 1}\n"
        text += (f"\n### Phase {number // batch + 1}.{number % batch + 1}: Part {number}\n\n- **Status:** ⚪ Not Started\n"
                 f"- **Assigned To:** TBD\n- **Depends On:** None\n- **Effort:** S\n- **Tasks:**\n"
                 f"  - [ ] One\n  - [ ] Two\n- **Done When:** part {number} is done\n")
    return text


class Bed:
    """A home and a repository of their own. Agents run `script` with /bin/sh."""

    def __init__(self, program, agents, phases, script):
        self.program = str(Path(program).resolve())
        self.is_open = True
        # Agents outlive whoever started them: nobody else would end these.
        atexit.register(self.close)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.folder = Path(tempfile.mkdtemp(prefix="otm", dir="/tmp"))
        self.repository = self.folder / "bed"
        (self.repository / "config").mkdir(parents=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TERM": "xterm-256color",
                    "LANG": "C.UTF-8", "XDG_STATE_HOME": str(self.folder / "state"), "XDG_RUNTIME_DIR": str(self.folder)}
        (self.repository / "roadmap.md").write_text(roadmap(phases, max(agents, 12)))
        (self.folder / "agent.sh").write_text(script)
        (self.repository / "config/agents.yaml").write_text(
            "version: 1\ndefault: measured\nagents:\n  measured:\n    kind: text\n    command: /bin/sh\n"
            f"    args: [{self.folder}/agent.sh]\n"
            "    limits: {total_s: 3600, idle_s: 3600, grace_s: 1}\n")
        (self.repository / "config/targets.yaml").write_text(
            f"default_target: bed\ntargets:\n  bed:\n    name: Bed\n    path: {self.repository}\n"
            f"    roadmap: roadmap.md\n    agent: measured\n    shared_agents: {max(agents, 1)}\n    gates: []\n")
        for words in (["init", "-q", "-b", "main"], ["add", "."],
                      ["-c", "user.name=T", "-c", "user.email=t@e", "commit", "-q", "-m", "begin"]):
            subprocess.run(["git", *words], cwd=self.repository, env=self.env, check=True)

    def hosts(self):
        return [pid for pid in self.residents() if "host" in command(pid)[1:2]]

    def residents(self):
        mark = f"HOME={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
                except OSError:
                    pass
        return found

    def start_agents(self, count):
        """`run` starts them, is told to go, and leaves them."""
        run = subprocess.Popen([self.program, "run", "--yes", "--max", str(count), "batch", "1"], cwd=self.repository,
                               env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait(lambda: self.running() == count, "the agents")
        run.send_signal(signal.SIGTERM)
        run.wait()

    def running(self):
        return len(self.starts())

    def starts(self):
        """Milliseconds from "is being started" to running, for each agent."""
        asked, times = {}, []
        for journal in (self.folder / "state").glob("orch-tui/*/journal.jsonl"):
            for line in journal.read_text().splitlines():
                try:
                    entry = json.loads(line[line.index("{"):line.rindex("}") + 1])
                except ValueError:
                    continue
                entry = entry.get("entry", entry)
                if entry.get("event") == "spawning_agent":
                    asked[str(entry["agent"])] = entry["at"]
                if entry.get("event") == "agent_running":
                    times.append(entry["started"] - asked[str(entry["agent"])])
        return times

    def close(self):
        if not self.is_open:
            return
        self.is_open = False
        for pid in self.residents():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


class Terminal:
    """A program in a terminal of its own, whose output is read and counted."""

    def __init__(self, argv, folder, env, size=(120, 36)):
        self.began = time.monotonic()
        self.heard, self.frames, self.count = b"", 0, 0
        self.lock = threading.Condition()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                select.select([self.terminal], [], [])
                chunk = os.read(self.terminal, 65536)
            except OSError:
                return
            if not chunk:
                return
            with self.lock:
                self.heard = (self.heard + chunk)[-262144:]
                self.count += len(chunk)
                self.frames += chunk.count(b"\x1b[?2026h")
                self.lock.notify_all()

    def hears(self, words, what, seconds=30):
        """Waits for words in the output; the moment they came."""
        deadline = time.monotonic() + seconds
        with self.lock:
            while not all(word in self.heard for word in words):
                if not self.lock.wait(deadline - time.monotonic()) and time.monotonic() > deadline:
                    sys.exit(f"{Path(sys.argv[0]).name}: waited {seconds} s for {what}")
        return time.monotonic()

    def forget(self):
        with self.lock:
            self.heard = b""

    def type(self, text):
        os.write(self.terminal, text.encode())

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(self.pid, 0)


def screen(bed, size=(120, 36)):
    """The full screen of orch-tui, once its first frame is whole: the status line is the last to be drawn."""
    shown = Terminal([bed.program], bed.repository, bed.env, size)
    shown.whole = shown.hears([b"BROWSE", b"help"], "the first frame") - shown.began
    return shown


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def processor(pid):
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cost(pid):
    """Processor seconds of a process, and wake-ups by thread."""
    wakes = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        wakes[task.name, status["Name"]] = int(status["voluntary_ctxt_switches"])
    return processor(pid), wakes


def private_memory(pid):
    """MiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def resident_memory(pid):
    """MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
