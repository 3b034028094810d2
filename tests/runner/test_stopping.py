"""How a runner ends: what is under way is finished and posted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.errors import UserError
from clarifai_local.statuses import Refused
from tests.runner.desk import Echo


class Slow(Echo):
    """Waits in `run_input` until the test lets it go on."""

    entered = threading.Event()
    go_on = threading.Event()

    def run_input(self, input, output_info):  # noqa: A002
        self.entered.set()
        self.go_on.wait(60)
        return super().run_input(input, output_info)


def test_stop_finishes_and_posts_what_runs(desk, run):
    desk.put("item-1", "a")
    running = run(Slow, num_parallel_polls=1)
    assert Slow.entered.wait(60)
    running.runner.stop()
    Slow.go_on.set()
    running.finish()
    assert running.error is None
    assert desk.outputs["item-1"].outputs[0].data.text.raw == "seen a"


def test_after_a_stop_nothing_more_is_asked_for(desk, run):
    running = run(num_parallel_polls=3)
    running.runner.stop()
    running.finish()
    asked = len(desk.polls)
    desk.put("item-1", "a")
    assert len(desk.polls) == asked <= 3 * 2
    assert desk.work.qsize() == 1


def test_a_stopped_runner_can_be_started_again(desk, run):
    running = run(num_parallel_polls=1)
    running.runner.stop()
    running.finish()
    desk.put("item-1", "a")
    again = threading.Thread(target=running.runner.start)
    again.start()
    desk.answers("item-1")
    running.runner.stop()
    again.join(20)
    assert not again.is_alive()


def test_a_stop_before_the_start_ends_it_at_once(desk, base_url):
    runner = Echo("run-1", "alice", base_url=base_url, num_parallel_polls=1)
    runner.stop()
    runner.start()
    assert len(desk.polls) <= 1


def test_a_second_start_is_refused_while_it_runs(desk, run, base_url):
    desk.put("item-1", "a")
    running = run(num_parallel_polls=1)
    desk.answers("item-1")
    with pytest.raises(UserError, match="'run-1' runs already; stop"):
        running.runner.start()
    assert running.thread.is_alive()


def test_outputs_that_cannot_be_posted_end_with_the_graceful_time(desk, run):
    class Hasty(Echo):
        graceful_shutdown_seconds = 0.1

    desk.post_failures = [Refused(codes.FAILURE, "scripted")] * 1000
    desk.put("item-1", "a")
    running = run(Hasty, num_parallel_polls=1)
    while not desk.posts:
        running.thread.join(0.01)
    running.runner.stop()
    running.finish()
    assert desk.outputs == {}


def test_work_that_comes_after_the_graceful_time_is_left_alone(desk, run):
    class Hasty(Echo):
        graceful_shutdown_seconds = 0.0

    running = run(Hasty, num_parallel_polls=1)
    while not desk.polls:
        running.thread.join(0.01)
    running.runner.stop()
    running.finish()
    desk.put("late", "a")
    for thread in threading.enumerate():
        if thread.name.startswith("clarifai-runner"):
            thread.join(60)
            assert not thread.is_alive()
    assert desk.outputs == {}
    assert desk.posts == []


ROOT = Path(__file__).parents[2]

PROGRAM = """
    import sys
    from clarifai_local import _open_platforms
    from pathlib import Path
    from tests.runner.desk import Desk, Echo

    platform = _open_platforms.acquire(Path(sys.argv[1]))
    desk = Desk()
    platform.dispatcher.add(desk)
    desk.put("item-1", "a")

    class Loud(Echo):
        def run_input(self, input, output_info):
            print("running", flush=True)
            return super().run_input(input, output_info)

    Loud("run-1", "alice", base_url=f"local:{sys.argv[1]}", num_parallel_polls=2).start()
    print("posted", *desk.outputs)
"""


def test_ctrl_c_finishes_what_runs_and_start_returns(tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        os.kill(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert (rest, process.returncode) == ("posted item-1\n", 0)


def test_importing_the_handle_loads_nothing_heavy():
    code = (
        "import sys, clarifai_runner.handle, clarifai_search.handle; "
        "print([m for m in ('attrs', 'grpc', 'google.protobuf', 'logging', 'numpy') "
        "if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
