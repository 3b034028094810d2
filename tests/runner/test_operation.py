"""For those who operate it: figures, health, logs, signals, and the command line."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from clarifai_cli._frame import program as clarifai
from clarifai_core.errors import PluginError, UserError
from clarifai_local import Platform
from clarifai_local.statuses import Refused
from clarifai_runner._commands import opened
from clarifai_runner._logs import JsonLines
from clarifai_runner._metrics import BUCKET_SECONDS, PATIENCE_SECONDS, Metrics
from clarifai_runner._reload import run_reloading
from clarifai_runner.handle import Runner
from tests.runner.desk import Echo

ROOT = Path(__file__).parents[2]


def page(metrics, path):
    """Status and text of a page."""
    try:
        with urllib.request.urlopen(f"http://{metrics.address}{path}", timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_what_happens_is_counted_and_served(desk, run):
    desk.put("item-1", "a", "bad", "c")
    desk.put("item-2", "d")
    running = run(num_parallel_polls=1, metrics_port=0)
    desk.answers("item-1", "item-2")
    metrics = running.runner.metrics
    while metrics.items_posted < 2:
        running.thread.join(0.01)
    assert (metrics.items, metrics.inputs, metrics.failures) == (2, 4, 1)
    assert metrics.latency.count == 2
    assert metrics.address.startswith("127.0.0.1:")
    status, text = page(metrics, "/metrics")
    assert status == 200
    assert 'clarifai_runner_items_total{runner="run-1"} 2\n' in text
    assert 'clarifai_runner_failures_total{runner="run-1"} 1\n' in text
    assert 'clarifai_runner_latency_seconds_bucket{runner="run-1",le="+Inf"} 2\n' in text
    assert page(metrics, "/healthz") == (200, "ok\n")
    assert page(metrics, "/other")[0] == 404


def test_the_port_is_free_again_after_the_end(desk, run):
    running = run(num_parallel_polls=1, metrics_port=0)
    while not running.runner.metrics.address:
        running.thread.join(0.01)
    port = int(running.runner.metrics.address.rpartition(":")[2])
    running.runner.stop()
    running.finish()
    assert running.runner.metrics.address == ""
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_refused_at_the_start(desk, base_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        runner = Echo("run-1", "alice", base_url=base_url, metrics_port=port)
        with pytest.raises(UserError, match=f"metrics_port {port} of 127.0.0.1 cannot be used"):
            runner.start()
    assert desk.polls == []


@pytest.mark.parametrize("port", [-1, 65536, "80", True])
def test_an_impossible_port_is_refused(desk, base_url, port):
    runner = Echo("run-1", "alice", base_url=base_url, metrics_port=port)
    with pytest.raises(UserError, match="metrics_port must be a whole number from 0 to 65535"):
        runner.start()


def test_figures_of_one_item():
    now = [100.0]
    metrics = Metrics(lambda: now[0])
    metrics.polled([7])
    now[0] += 0.3
    assert (metrics.in_hand, round(metrics.queue_age_seconds, 6)) == (1, 0.3)
    metrics.done(7, "items_posted")
    assert (metrics.in_hand, metrics.queue_age_seconds) == (0, 0.0)
    latency = metrics.latency
    assert (latency.count, round(latency.mean_seconds, 6)) == (1, 0.3)
    assert [latency.buckets[bound] for bound in BUCKET_SECONDS if bound in (0.25, 0.5)] == [0, 1]
    assert metrics.snapshot()["items_posted"] == 1


def test_long_failing_is_not_healthy():
    now = [0.0]
    metrics = Metrics(lambda: now[0])
    assert metrics.problem == "stopped"
    metrics.state = "running"
    metrics.poll_failed(RuntimeError("no way"))
    assert metrics.problem == ""
    now[0] += PATIENCE_SECONDS + 1
    assert metrics.problem == "no poll has succeeded for 31 seconds: no way"
    metrics.polled([])
    assert metrics.problem == ""


def test_a_name_with_odd_characters_is_quoted_for_prometheus():
    assert r'{runner="a\"b\\c"} 0' in Metrics().text('a"b\\c')


def samples(text):
    """Name and labels -> value, as Prometheus's own library reads a page."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_page_is_what_prometheus_reads():
    now = [0.0]
    metrics = Metrics(lambda: now[0])
    metrics.polled([1, 2, 3])
    for seconds, key in ((0.3, 1), (1.7, 2)):
        now[0] += seconds
        metrics.done(key, "items_posted")
    metrics.answered(inputs=5, failures=1)
    now[0] += 0.5
    read = samples(metrics.text('odd "name"\\\n'))
    runner = ("runner", 'odd "name"\\\n')
    assert read["clarifai_runner_items_total", runner] == 3
    assert read["clarifai_runner_inputs_total", runner] == 5
    assert read["clarifai_runner_in_hand", runner] == 1
    assert read["clarifai_runner_queue_age_seconds", runner] == 2.5
    assert read["clarifai_runner_healthy", runner] == 0
    assert read["clarifai_runner_latency_seconds_sum", runner] == pytest.approx(2.3)
    assert read["clarifai_runner_latency_seconds_count", runner] == 2
    buckets = {
        dict(labels)["le"]: value
        for (name, *labels), value in read.items()
        if name == "clarifai_runner_latency_seconds_bucket"
    }
    assert list(buckets) == [*(f"{bound:g}" for bound in BUCKET_SECONDS), "+Inf"]
    assert [buckets[bound] for bound in ("0.25", "0.5", "1", "2.5", "+Inf")] == [0, 1, 1, 2, 2]


def test_every_figure_has_its_kind_and_a_line_of_help():
    families = list(text_string_to_metric_families(Metrics().text("run-1")))
    assert {family.type for family in families} == {"counter", "gauge", "histogram"}
    assert len(families) == len(Metrics().snapshot()) - 2 + 2
    assert all(family.documentation.endswith(".") for family in families)


def test_without_the_extra_a_runner_with_a_port_says_so_at_the_start(desk, base_url, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    runner = Echo("run-1", "alice", base_url=base_url, metrics_port=0)
    with pytest.raises(PluginError, match=r'pip install "clarifai-runner\[metrics\]"'):
        runner.start()
    assert desk.polls == []


def test_log_records_carry_fields(desk, run, caplog):
    desk.post_failures = [Refused(10020, "scripted")]
    desk.put("item-1", "a")
    with caplog.at_level(logging.INFO, "clarifai.runner"):
        running = run(num_parallel_polls=1)
        desk.answers("item-1")
        running.runner.stop()
        running.finish()
    [again] = [record for record in caplog.records if "not posted" in record.getMessage()]
    line = json.loads(JsonLines().format(again))
    assert (line["level"], line["runner_id"], line["item_id"]) == ("WARNING", "run-1", "item-1")
    assert (line["failures"], line["poller"]) == (1, "long_poll")
    assert line["pause_seconds"] > 0
    [last] = [record for record in caplog.records if record.getMessage() == "stopped"]
    assert json.loads(JsonLines().format(last))["items_posted"] == 1


def test_outputs_that_are_refused_for_good_become_a_failure(desk, run, monkeypatch):
    monkeypatch.setattr("clarifai_runner._worker.MAX_REFUSALS", 1)
    desk.post_failures = [Refused(11102, "too large")]
    desk.put("item-1", "a", "b")
    run(num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert [output.status.code for output in answer.outputs] == [21313, 21313]
    assert "the platform refuses the outputs" in answer.outputs[0].status.details


PROGRAM = """
    import sys, threading
    from pathlib import Path
    from clarifai_local import _open_platforms
    from tests.runner.desk import Desk, Echo

    desk = Desk()
    _open_platforms.acquire(Path(sys.argv[1])).dispatcher.add(desk)
    desk.put("item-1", "a")
    go_on = threading.Event()

    class Slow(Echo):
        def run_input(self, input, output_info):
            print("running", flush=True)
            if sys.argv[2] == "for ever":
                go_on.wait()
            return super().run_input(input, output_info)

    runner = Slow("run-1", "alice", base_url=f"local:{sys.argv[1]}", num_parallel_polls=2)
    stop = runner.stop
    runner.stop = lambda: (stop(), print("stopping", flush=True))
    runner.start()
    print("posted", *desk.outputs)
"""


def program(tmp_path, how):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path), how]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_what_runs_and_the_exit_code_is_0(tmp_path, number):
    with program(tmp_path, "soon") as process:
        assert process.stdout.readline() == "running\n"
        os.kill(process.pid, number)
        rest, _ = process.communicate(timeout=60)
    assert (rest, process.returncode) == ("stopping\nposted item-1\n", 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(tmp_path, number):
    with program(tmp_path, "for ever") as process:
        assert process.stdout.readline() == "running\n"
        os.kill(process.pid, number)
        assert process.stdout.readline() == "stopping\n"
        os.kill(process.pid, number)
        rest, _ = process.communicate(timeout=60)
    assert rest == ""
    assert process.returncode in (-number, 1)


def test_handlers_of_the_program_are_back_afterwards(desk, base_url):
    runner = Echo("run-1", "alice", base_url=base_url, num_parallel_polls=1)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    desk.put("item-1", "a")
    threading.Thread(target=lambda: (desk.answers("item-1"), runner.stop())).start()
    runner.start()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


MODULE = """
from clarifai.client.runner import Runner
from clarifai_grpc.grpc.api import resources_pb2

def shout(input, output_info):
    return resources_pb2.Output(data={"text": {"raw": input.data.text.raw.upper()}})

class Shouting(Runner):
    def run_input(self, input, output_info):
        return shout(input, output_info)

NUMBER = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with a module of its own name."""
    name = f"mine_{os.getpid()}_{abs(hash(tmp_path))}"
    (tmp_path / f"{name}.py").write_text(MODULE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield name
    sys.modules.pop(name, None)


def test_a_target_is_a_class_or_a_function(folder):
    there = {"runner_id": "r", "user_id": "alice", "base_url": "", "num_parallel_polls": 2}
    there |= {"poller": "stream", "check_runner_exists": False, "graceful_shutdown_seconds": 5.0}
    runner, begin = opened(f"{folder}:Shouting", there)
    assert type(runner).__name__ == "Shouting"
    assert (runner.num_parallel_polls, runner.poller) == (2, "stream")
    assert (runner.graceful_shutdown_seconds, begin) == (5.0, runner.start)
    runner, begin = opened(f"{folder}:shout", there)
    assert type(runner) is Runner
    assert begin.func == runner.serve


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("no_such_module:Runner", "There is no module 'no_such_module'"),
        ("{}:Nothing", "has no 'Nothing'"),
        ("{}:NUMBER", "is 3, neither a Runner class nor a function"),
        ("{}", "TARGET must read module:Class"),
        ("{}:Shouting", "--runner-id is missing"),
    ],
)
def test_a_wrong_target_is_refused(folder, target, said):
    with pytest.raises(UserError, match=said):
        opened(target.format(folder), {})


def test_the_command_serves_until_sigterm(folder, tmp_path):
    from clarifai.client.model import Model
    from clarifai.client.user import User
    from clarifai_core.transport.session import close_sessions

    with Platform() as platform, platform.serve() as server:
        platform.runner_queue.poll_seconds = 0.2
        where = {"base_url": server.base_url, "pat": server.pat}
        user = User("alice", **where)
        user.create_runner("r", labels=["gpu"])
        user.create_app("zoo").create_model("m", model_type_id="multimodal-to-text").create_version(
            metadata={"runner_label": "gpu"}
        )
        program = str(Path(sys.executable).with_name("clarifai"))
        options = ["--runner-id", "r", "--user-id", "alice", "--base-url", server.base_url]
        command = [program, "runner", "start", f"{folder}:Shouting", *options, "--log-format=json"]
        environment = {**os.environ, "CLARIFAI_PAT": server.pat}
        with subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, text=True
        ) as process:
            model = Model(model_id="m", user_id="alice", app_id="zoo", **where)
            answer = model.predict_by_bytes(b"hello", "text").outputs[0].data.text.raw
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=60)
        close_sessions()
    assert (answer, process.returncode) == ("HELLO", 0)
    lines = told.splitlines()
    assert lines[0] == "runner r of alice asks for work"
    assert json.loads(lines[-1])["items_posted"] == 1


def test_the_command_has_a_help():
    shown = CliRunner().invoke(clarifai, ["runner", "start", "--help"]).output
    for option in ("--reload", "--poller", "--num-parallel-polls", "--metrics-port"):
        assert option in shown


def test_a_change_starts_the_program_again(tmp_path):
    source, log = tmp_path / "program.py", tmp_path / "log"
    lines = "import sys, time\nopen(sys.argv[1], 'a').write('{}\\n')\ntime.sleep(60)\n"
    source.write_text(lines.format("first"), "utf-8")
    ended, said = threading.Event(), []
    command = [sys.executable, str(source), str(log)]
    thread = threading.Thread(target=run_reloading, args=(command, tmp_path, said.append, ended))
    thread.start()

    def wait_for(words):
        while not (log.exists() and log.read_text("utf-8").split() == words):
            thread.join(0.05)
            assert thread.is_alive()

    wait_for(["first"])
    source.write_text(lines.format("second"), "utf-8")
    wait_for(["first", "second"])
    ended.set()
    thread.join(60)
    assert not thread.is_alive()
    assert said == [f"{source} changed: starting again"]
