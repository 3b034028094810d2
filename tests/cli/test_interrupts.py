"""Ctrl-C ends any command soon, whatever the server does, and says how to go on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from clarifai.client.user import User
from clarifai_local.platform import Platform
from tests.cli.silent import SilentProxy

ROOT = Path(__file__).parents[2]

SOON_SECONDS = 50.0
"""Less than the 60 of a call that nobody answers; a machine may be busy with other tests."""

RUN = """
import signal, sys
# In the background of a script it would be ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from clarifai_cli.main import main
sys.exit(main())
"""


@pytest.fixture
def platform(tmp_path):
    with Platform(tmp_path / "platform") as made:
        yield made


@pytest.fixture
def server(platform):
    with platform.serve(0) as server:
        yield server


@pytest.fixture
def proxy(server):
    with SilentProxy(server.port) as made:
        yield made


@pytest.fixture
def app(server):
    return User("me", base_url=server.base_url, pat=server.pat).create_app("a")


class Command:
    """A command in a process of its own, at the prompt of somebody who presses Ctrl-C."""

    def __init__(self, folder, proxy, server, *arguments, code=RUN):
        self.err = folder / "stderr"
        variables = {
            "CLARIFAI_PAT": server.pat,
            "CLARIFAI_USER_ID": "me",
            "CLARIFAI_APP_ID": "a",
            "CLARIFAI_API_BASE": proxy.url,
            "CLARIFAI_STATE_DIR": str(folder / "state"),
            "CLARIFAI_CONTEXTS_FILE": str(folder / "contexts.yaml"),
            "HOME": str(folder),
        }
        with self.err.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
                cwd=folder,
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=file,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def wait_for(self, happened):
        """Wait until something is true, as long as the command runs."""
        deadline = time.monotonic() + 60
        while not happened():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def says(self, text):
        self.wait_for(lambda: text in self.said())

    def said(self):
        return self.err.read_text("utf-8", "replace")

    def press_ctrl_c(self, times=1):
        """Press Ctrl-C, and return the exit code and what was said on stderr."""
        started = time.monotonic()
        for _ in range(times):
            self.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        self.process.communicate(timeout=60)
        assert time.monotonic() - started < SOON_SECONDS
        assert "Traceback" not in self.said()
        return self.process.returncode, self.said()


@pytest.fixture
def command(tmp_path, proxy, server):
    folder = tmp_path / "work"
    folder.mkdir()
    return lambda *arguments, **more: Command(folder, proxy, server, *arguments, **more)


def lines(path, count):
    path.write_text("".join(f'{{"id":"x{n}","text":"t{n}"}}\n' for n in range(count)))
    return path


def upload(command, app, tmp_path, count=100):
    source = lines(tmp_path / "x.jsonl", count)
    return command("dataset", "upload", source, "--dataset-id", "d")


def never_answer(platform, proxy, rpc):
    """Let the platform do the first call of an RPC, and nobody hear of it or of later ones."""
    platform.faults.on(rpc, times=1).run(proxy.silence, after_effect=True)


def is_silent_after(proxy, happened):
    if not happened():
        return False
    proxy.silence()
    return True


def test_an_upload_says_how_to_go_on_and_goes_on(command, app, platform, proxy, server, tmp_path):
    app.create_dataset("d")
    never_answer(platform, proxy, "PostInputs")
    with upload(command, app, tmp_path, 3000) as first:
        first.wait_for(lambda: proxy.is_silent)
        code, said = first.press_ctrl_c()
    assert code == 130
    assert re.search(
        r"Interrupted: [\d,]+ of 3,000 uploaded, [\d,]+ sent and not confirmed; ", said
    )
    assert "the same command goes on from there." in said

    with SilentProxy(server.port) as works:
        proxy.port = works.port
        with upload(command, app, tmp_path, 3000) as second:
            out, _ = second.process.communicate(timeout=120)
    assert second.process.returncode == 0, second.said()
    assert b"0 failed" in out
    assert len(app.inputs().list_inputs().all()) == 3000


def test_an_upload_that_was_never_answered_ends_too(command, app, proxy, tmp_path):
    app.create_dataset("d")
    proxy.silence()
    with upload(command, app, tmp_path) as running:
        state = tmp_path / "work" / "state"
        running.wait_for(lambda: any(state.rglob("*.db*")) or any(state.rglob("*sqlite*")))
        assert running.press_ctrl_c()[0] == 130


@pytest.mark.parametrize("times", [1, 2])
def test_an_export_ends_at_once(command, app, proxy, tmp_path, times):
    app.create_dataset("d")
    proxy.silence()
    with command("dataset", "export", "out.zip", "--dataset-id", "d") as running:
        running.wait_for((tmp_path / "work" / ".out.zip.partial").exists)
        code, said = running.press_ctrl_c(times)
    assert code == 130
    assert "Interrupted" in said
    if times == 1:
        assert "none exported; the same command goes on from there." in said


def test_a_demo_names_the_app_that_it_leaves(command, app, server, proxy, tmp_path):
    user = User("me", base_url=server.base_url, pat=server.pat)
    data = tmp_path / "data.csv"
    data.write_text("input,labels\n" + "".join(f"text {n},l{n % 2}\n" for n in range(40)))
    with command("--base-url", proxy.url, "demo", "--data", data, "--app-id", "mine") as running:

        def is_under_way():
            apps = [one for one in user.list_apps() if one.id == "mine"]
            return bool(apps and apps[0].list_datasets().first())

        running.wait_for(lambda: is_silent_after(proxy, is_under_way))
        code, said = running.press_ctrl_c()
    assert code == 130
    assert "The app 'mine' was left behind" in said
    assert "Interrupted" in said


RUNNER = """
from clarifai.client.runner import Runner

class Echo(Runner):
    def run_input(self, input, output_info):
        return input
"""


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("poller", ["long_poll", "stream"])
def test_a_runner_ends_though_the_server_is_silent(
    command, app, server, proxy, tmp_path, times, poller
):
    user = User("me", base_url=server.base_url, pat=server.pat)
    user.create_runner("r", labels=["x"])
    (tmp_path / "work" / "mine.py").write_text(RUNNER)
    arguments = ["runner", "start", "mine:Echo", "--runner-id", "r", "--poller", poller]
    with command(*arguments) as running:
        running.says("polling")
        proxy.silence()
        code, said = running.press_ctrl_c(times)
    assert code == 130
    assert "Interrupted." in said


def test_local_up_ends_with_130_too(command, tmp_path):
    with command("local", "up", "--path", tmp_path / "other", "--port", "0") as running:
        running.wait_for((tmp_path / "other" / "pat").exists)
        code, said = running.press_ctrl_c()
    assert (code, said) == (130, "Interrupted.\n")


def test_doctor_ends_while_it_waits(command, proxy):
    proxy.silence()
    with command("doctor") as running:
        # The hop "connection" makes one of its own; the next is the call that nobody answers.
        running.wait_for(lambda: proxy.connections == 2)
        code, said = running.press_ctrl_c()
    assert (code, said.strip()) == (130, "Interrupted.")


def test_whoami_asks_no_server(command, proxy):
    proxy.silence()
    with command("whoami") as running:
        assert running.process.wait(60) == 0
    assert (proxy.connections, running.said()) == (0, "")


STUCK = """
import signal, sys, click, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from clarifai_cli._frame import program
from clarifai_cli.main import main

@program.command()
def wait():
    print("so far")
    print("waiting", file=sys.stderr, flush=True)
    {wait}

sys.argv = ["clarifai", "wait"]
sys.exit(main())
"""

DEAF = {
    "a command that takes Ctrl-C for an error and goes on": """
    while True:
        try:
            time.sleep(100)
        except KeyboardInterrupt:
            pass
    """,
    "a thread that nobody ends": """
    import threading
    threading.Thread(target=time.sleep, args=(100,)).start()
    time.sleep(100)
    """,
    "code outside of Python that hears no signals": """
    import sqlite3
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    ).fetchone()
    """,
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("wait", DEAF.values(), ids=DEAF)
def test_what_does_not_hear_of_it_is_ended(command, wait, times):
    code = STUCK.replace("{wait}", textwrap.dedent(wait).replace("\n", "\n    "))
    with command(code=code) as running:
        running.says("waiting")
        running.process.send_signal(signal.SIGINT)
        started = time.monotonic()
        if times == 2:
            time.sleep(0.2)
            running.process.send_signal(signal.SIGINT)
        out, _ = running.process.communicate(timeout=60)
    assert time.monotonic() - started < SOON_SECONDS
    assert running.process.returncode == 130
    assert out == b"so far\n"
    assert running.said().endswith("Interrupted.\n")


UPLOADING = """
    import sys
    from clarifai.client.dataset import Dataset
    from clarifai_core.errors import Interrupted
    from clarifai_datasets.upload.loader import open_loader

    try:
        Dataset(dataset_id="d").upload_dataset(open_loader(sys.argv[1], "jsonl"))
    except KeyboardInterrupt as error:
        assert isinstance(error, Interrupted)
        report = error.report
        print(error, report.total, len(report.unconfirmed), file=sys.stderr)
        sys.exit(7)
"""


def test_a_program_hears_what_was_done_and_its_interpreter_ends(
    command, app, platform, proxy, tmp_path
):
    app.create_dataset("d")
    never_answer(platform, proxy, "PostInputs")
    source = lines(tmp_path / "x.jsonl", 100)
    default = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    with command(source, code=default + textwrap.dedent(UPLOADING)) as running:
        running.wait_for(lambda: proxy.is_silent)
        code, said = running.press_ctrl_c()
    assert code == 7
    assert (
        said.strip().splitlines()[-1].startswith("0 of 100 uploaded, 100 sent and not confirmed;")
    )


WAITING = {
    "a listing": "list(User('me').list_apps())",
    "many pages": "User('me').app('a').inputs().list_inputs().all()",
    "an upload of inputs": (
        "User('me').app('a').inputs().upload_inputs("
        "[User('me').app('a').inputs().get_text_input(f'i{n}', 'x') for n in range(500)])"
    ),
    "a download": "User('me').session.downloads.read(sys.argv[1])",
}


@pytest.mark.parametrize("what", WAITING)
def test_a_program_that_waits_for_a_silent_server_ends(command, app, proxy, what):
    proxy.silence()
    code = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from clarifai.client.user import User\n"
        "print('waiting', file=sys.stderr, flush=True)\n"
        f"{WAITING[what]}\n"
    )
    with command(f"{proxy.url}/x", code=code) as running:
        running.says("waiting")
        running.wait_for(lambda: proxy.connections)
        started = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        running.process.communicate(timeout=60)
    assert time.monotonic() - started < SOON_SECONDS
    assert running.said().strip().endswith("KeyboardInterrupt")
