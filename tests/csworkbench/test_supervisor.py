"""The supervisor over small fake commands: restarts, orderly and forced ends, canary, lock, welcome."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csworkbench.devservices.processes import free_port, is_alive
from csworkbench.supervisor import canary, children, commands, preparation
from csworkbench.supervisor.children import Child, run_once, stop_all
from csworkbench.supervisor.output import Output, welcome

CHECKOUT = Path(__file__).resolve().parents[2]

# The real supervisor over fake parts: web answers /readyz, worker and beat sleep (with a child of their own).
FAKE = """
import sys
from csworkbench.supervisor import commands, run
web = '''
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{"canary_age_seconds": 1}')
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
'''
sleeper = '''
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
'''
commands.web = lambda host, port: [sys.executable, "-c", web, str(port), sys.argv[1]]
commands.worker = lambda: [sys.executable, "-c", sleeper, sys.argv[1] + "-worker"]
commands.beat = lambda folder: [sys.executable, "-c", sleeper, sys.argv[1] + "-beat"]
commands.as_module = lambda command: command
commands.manage = lambda *arguments: [sys.executable, "-c", "print('prepared')"]
run.has_demo = lambda checkout: False
sys.exit(run.main(sys.argv[2:]))
"""


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def make(tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Child]]:
    """Children that run a line of Python; none outlives the test, and pauses are short."""
    monkeypatch.setattr(children, "FIRST_PAUSE", 0.1)
    made: list[Child] = []

    def child(code: str, *, restarts: bool = True, patience: float = 5.0) -> Child:
        made.append(
            Child(
                "part",
                [sys.executable, "-c", code],
                folder=tmp_path,
                environment=dict(os.environ),
                output=Output(lines),
                restarts=restarts,
                patience=patience,
            )
        )
        return made[-1]

    yield child
    hurry = threading.Event()
    hurry.set()
    stop_all(made, hurry)


def tick_until(child: Child, condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        child.tick()
        time.sleep(0.01)


def test_a_child_that_dies_is_started_again_and_says_so(make: Callable[..., Child], lines: io.StringIO) -> None:
    child = make("import sys; print('hello'); sys.exit(3)")
    child.start()
    tick_until(child, lambda: lines.getvalue().count("hello") >= 3)
    assert "part   | hello" in lines.getvalue()
    assert "exit code 3" in lines.getvalue()


def test_pauses_grow_to_a_limit(
    make: Callable[..., Child], lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LONGEST_PAUSE", 0.3)
    child = make("raise SystemExit(1)")
    child.start()
    tick_until(child, lambda: lines.getvalue().count("again in") >= 4)
    assert [line.rpartition("again in ")[2] for line in lines.getvalue().splitlines()][:4] == [
        "0.1 s",
        "0.2 s",
        "0.3 s",
        "0.3 s",
    ]


def test_a_killed_child_comes_back(make: Callable[..., Child], lines: io.StringIO) -> None:
    child = make("import time; time.sleep(600)")
    child.start()
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    tick_until(child, lambda: child.pid not in (first, None))
    assert "killed by SIGKILL" in lines.getvalue()


def test_what_a_dead_child_left_in_its_group_is_cleared(
    make: Callable[..., Child], tmp_path: Path, lines: io.StringIO
) -> None:
    code = "import subprocess as s, sys; p = s.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    child = make(f"{code}; open('grandchild', 'w').write(str(p.pid)); sys.exit(1)")
    child.start()
    tick_until(child, lambda: "exit code 1" in lines.getvalue())
    grandchild = int((tmp_path / "grandchild").read_text())
    tick_until(child, lambda: not is_alive(grandchild))


def test_stop_asks_first_and_does_not_restart(make: Callable[..., Child]) -> None:
    child = make("import time; time.sleep(600)")
    child.start()
    stop_all([child], threading.Event())
    assert child.code == -signal.SIGTERM
    child.tick()
    assert not child.running


def test_stop_kills_what_does_not_listen(make: Callable[..., Child], lines: io.StringIO) -> None:
    deaf = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True)"
    child = make(f"{deaf}; time.sleep(600)", patience=0.3)
    child.start()
    tick_until(child, lambda: "deaf" in lines.getvalue())
    stop_all([child], threading.Event())
    assert child.code == -signal.SIGKILL
    assert "did not stop within" in lines.getvalue()


def test_restart_is_prompt_and_unpunished(make: Callable[..., Child], lines: io.StringIO) -> None:
    child = make("import time; time.sleep(600)")
    child.start()
    first = child.pid
    child.restart()
    tick_until(child, lambda: child.pid not in (first, None))
    assert "again in" not in lines.getvalue()


def test_run_once_returns_the_code_or_none_when_stopped(make: Callable[..., Child]) -> None:
    assert run_once(make("raise SystemExit(4)", restarts=False), threading.Event()) == 4
    stopping = threading.Event()
    threading.Timer(0.3, stopping.set).start()
    assert run_once(make("import time; time.sleep(600)", restarts=False), stopping) is None


def test_the_canary_is_judged_by_our_own_clock() -> None:
    watch = canary.CanaryWatch(now=0)
    # Left over from yesterday's run: the worker has five minutes to sing.
    watch.observe({"canary_age_seconds": 80_000}, 299)
    assert not watch.worker_is_deaf(299)
    watch.observe({"canary_age_seconds": 30}, 300)
    watch.observe({"canary_age_seconds": None}, 500)
    watch.observe({"canary_age_seconds": 400}, 600)
    assert not watch.worker_is_deaf(600)
    assert watch.worker_is_deaf(601)
    # Once; then the restarted worker has its five minutes.
    assert not watch.worker_is_deaf(602)
    assert watch.worker_is_deaf(902)


def test_a_silent_web_says_nothing_about_the_worker() -> None:
    watch = canary.CanaryWatch(now=0)
    for moment in range(0, 2000, 15):
        watch.observe(None if moment % 2 else {"ready": False, "database": "unreachable"}, moment)
        assert not watch.worker_is_deaf(moment)


def test_the_next_free_port_is_taken() -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        assert preparation.free_web_port("127.0.0.1", taken) > taken


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("::", "http://localhost:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("workbench.example.org", "http://workbench.example.org:8000"),
    ],
)
def test_the_address_shown_is_one_a_browser_can_open(host: str, shown: str) -> None:
    assert preparation.address(host, 8000) == shown


def test_static_files_are_collected_again_only_after_a_change(tmp_path: Path) -> None:
    checkout, data = tmp_path / "checkout", tmp_path / "data"
    for folder in (checkout / "static", checkout / "csworkbench", data):
        folder.mkdir(parents=True)
    for file in ("uv.lock", "csworkbench/settings.py", "static/site.css"):
        (checkout / file).write_text("one")
    static = preparation.StaticFiles(checkout, data)
    assert static.stale()
    static.mark()
    assert not static.stale()
    (checkout / "static" / "site.css").write_text("two, longer")
    assert static.stale()


def test_the_welcome_lists_the_demo_logins_in_a_table(tmp_path: Path) -> None:
    logins = tmp_path / "demo-logins.json"
    assert welcome("http://localhost:8000", logins).splitlines() == [
        "  CS Workbench is at http://localhost:8000    (Ctrl-C ends it)"
    ]
    keys = ("workspace", "role", "email", "password")
    rows = [
        ("Northwind", "csm", "quinn@example.org", "one"),
        ("Elsewhere Care", "lead", "i@example.org", "two"),
    ]
    logins.write_text(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
    table = welcome("http://localhost:8000", logins).splitlines()[2:]
    assert [line.split() for line in (table[0], table[2])] == [list(keys), list(rows[0])]
    assert len({line.index("example.org") > 0 and line.index("@") for line in table[2:]}) == 2
    assert [line.find(word) for line, word in zip(table[2:], ("quinn", "i@ex"), strict=True)] == [
        table[0].index("email")
    ] * 2


def test_a_damaged_login_file_hides_nothing_else(tmp_path: Path) -> None:
    for content in ("{", "[1]", "3"):
        (tmp_path / "logins").write_text(content)
        assert "http://localhost:1" in welcome("http://localhost:1", tmp_path / "logins")


def test_every_queue_has_its_worker() -> None:
    from csworkbench.celery import app

    worker = commands.worker()
    consumed = worker[worker.index("--queues") + 1].split(",")
    routed = {route["queue"] for route in app.conf.task_routes.values()}
    assert routed | {app.conf.task_default_queue} <= set(consumed)
    assert {queue.name for queue in app.conf.task_queues} == set(consumed)


# -- The whole, as a process


class Whole:
    """The supervisor over fake parts, marked on its command lines by `mark`."""

    def __init__(
        self,
        data: Path,
        mark: str,
        *arguments: str,
        under: str | None = None,
        stdin: int = subprocess.DEVNULL,
        environment: dict[str, str],
    ) -> None:
        self.mark = mark
        parent = [sys.executable, "-c", under] if under else []
        self.log = data / "supervisor.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*parent, sys.executable, "-c", FAKE, mark, *arguments],
                cwd=CHECKOUT,
                env=os.environ
                | {"DATA_DIR": str(data), "DATABASE_URL": "postgres://none/none", "REDIS_URL": "redis://none"}
                | environment,
                stdin=stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def parts(self) -> dict[int, str]:
        """Its living descendants: process id -> command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_text()
            except OSError:
                continue
            if self.mark in line and int(entry.name) != self.process.pid and is_alive(int(entry.name)):
                found[int(entry.name)] = line
        return found

    def wait_for(self, text: str) -> None:
        self.until(lambda: text in self.log.read_text())

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "static.collected").write_text(preparation.StaticFiles(CHECKOUT, tmp_path)._fingerprint())
    return tmp_path


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Whole]]:
    started: list[Whole] = []

    def whole(*arguments: str, under: str | None = None, **environment: str) -> Whole:
        environment = {"PORT": str(free_port())} | environment
        mark = f"mark-{os.getpid()}-{len(started)}"
        started.append(Whole(data, mark, *arguments, under=under, environment=environment))
        return started[-1]

    yield whole
    for each in started:
        each.process.terminate()
        each.process.wait(30)
        each.until(lambda each=each: not each.parts())  # type: ignore[misc]


def test_a_signal_ends_everything(start: Callable[..., Whole]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        whole = start()
        whole.wait_for("CS Workbench is at http://localhost:")
        assert len(whole.parts()) >= 5  # web, and worker and beat with a child each
        whole.process.send_signal(number)
        assert whole.process.wait(30) == 0
        assert not whole.parts()
        assert whole.log.read_text().endswith("run    | stopped\n")


def test_kill_leaves_no_part(start: Callable[..., Whole]) -> None:
    whole = start()
    whole.wait_for("CS Workbench is at")
    direct = [pid for pid, line in whole.parts().items() if "sleep(600)" not in line or "subprocess" in line]
    whole.process.kill()
    whole.process.wait()
    whole.until(lambda: not any(is_alive(pid) for pid in direct))
    for pid in whole.parts():  # children of the fakes, which know nothing of their parents
        os.kill(pid, signal.SIGKILL)


def test_kill_of_make_ends_everything(start: Callable[..., Whole]) -> None:
    whole = start("--until-parent-ends", under="import subprocess, sys; subprocess.run(sys.argv[1:])")
    whole.wait_for("CS Workbench is at")
    whole.process.kill()  # the one that started the supervisor, as make does
    whole.process.wait()
    whole.until(lambda: not whole.parts())
    assert whole.log.read_text().endswith("run    | stopped\n")


def test_a_closed_terminal_ends_everything_even_if_nobody_is_told(data: Path) -> None:
    ours, theirs = os.openpty()
    # No session of its own, so no SIGHUP: only the terminal's end is to be noticed.
    whole = Whole(data, f"mark-{os.getpid()}-terminal", stdin=theirs, environment={"PORT": str(free_port())})
    os.close(theirs)
    whole.wait_for("CS Workbench is at")
    os.close(ours)
    assert whole.process.wait(20) == 0
    assert not whole.parts()


def test_a_dead_part_is_replaced(start: Callable[..., Whole]) -> None:
    whole = start()
    whole.wait_for("CS Workbench is at")
    worker = next(pid for pid, line in whole.parts().items() if "-worker" in line and "subprocess" in line)
    os.kill(worker, signal.SIGKILL)
    whole.wait_for("worker | ended after")
    whole.until(lambda: any("-worker" in line and pid != worker for pid, line in whole.parts().items()))


def test_a_second_supervisor_says_where_the_first_is(start: Callable[..., Whole]) -> None:
    first = start()
    first.wait_for("CS Workbench is at")
    second = start()
    assert second.process.wait(20) == 1
    assert f"Already running at http://localhost:{_port(first)}" in second.log.read_text()


def test_a_taken_port_is_said(start: Callable[..., Whole]) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        whole = start(PORT=str(taken))
        whole.wait_for("CS Workbench is at")
    assert f"port {taken} is taken, using {taken + 1}" in whole.log.read_text()


def _port(whole: Whole) -> str:
    return whole.log.read_text().partition("http://localhost:")[2].partition(" ")[0]
