"""The stub server and the verdicts can be relied on; how fast anything is, is not tested."""

from __future__ import annotations

import socket
import subprocess
import sys

import attrs
import grpc
import pytest
from clarifai_grpc.grpc.api import service_pb2

from benchmarks.harness import Outcome, Race, our_python
from benchmarks.report import document, verdicts
from benchmarks.stub_server import ROOT, Stub
from benchmarks.workloads import ROWS, Target, Workload
from clarifai.client.app import App
from clarifai.client.model import Model

WHERE = {"user_id": "bench-user", "app_id": "bench-app", "pat": "x"}


def get_app(stub, times):
    """Ask `times` times; a status code of the platform, or a gRPC code, for each."""
    seen = []
    with grpc.insecure_channel(stub.target) as channel:
        send = channel.unary_unary(
            "/clarifai.api.V2/GetApp",
            response_deserializer=service_pb2.SingleAppResponse.FromString,
        )
        for _ in range(times):
            try:
                seen.append(send(b"").status)
            except grpc.RpcError as error:
                seen.append(error.code())
    return seen


def test_the_stub_serves_what_programs_list_and_counts_the_requests():
    with Stub() as stub:
        models = App(base_url=stub.base_url, **WHERE).list_models().all()
        assert [model.id for model in models[:2]] == ["model-000", "model-001"]
        assert len(models) == 300
        # 300 of the 1000 asked for may be a page that was cut: the second request tells, once.
        assert stub.take_counts() == {"ListModels": 2}
        assert stub.take_counts() == {}
        assert len(App(base_url=stub.base_url, **WHERE).list_models().all()) == 300
        assert stub.take_counts() == {"ListModels": 1}


def test_the_stub_answers_each_input_of_a_prediction():
    with Stub(latency_ms=1) as stub:
        model = Model(model_id="any", base_url=stub.base_url, **WHERE)
        outputs = model.predict_by_bytes(b"\xff\xd8\xff\xe0" + bytes(1000), "image").outputs
    assert [len(output.data.concepts) for output in outputs] == [5]


def test_the_stub_refuses_what_is_over_its_rate():
    with Stub(throttle_rate=2) as stub:
        taken, refused = get_app(stub, 1), get_app(stub, 40)
    assert taken[0].code == 10000
    assert {status.code for status in refused} >= {11005}
    throttled = next(status for status in refused if status.code == 11005)
    assert throttled.details == "exceeded limit of 2 requests per second"


def test_the_stub_tells_when_it_refused():
    with Stub(throttle_rate=2) as stub:
        get_app(stub, 1)
        stub.take_refusals()
        refused = [status for status in get_app(stub, 40) if status.code == 11005]
        after = stub.take_refusals()
        assert stub.take_refusals() == []
    assert len(after) == len(refused) > 0
    assert after == sorted(after)
    assert after[0] >= 0


def test_the_same_seed_fails_the_same_requests():
    def pattern(seed):
        with Stub(fail_rate=0.5, seed=seed) as stub:
            return [one == grpc.StatusCode.UNAVAILABLE for one in get_app(stub, 30)]

    first = pattern(7)
    assert set(first) == {True, False}
    assert pattern(7) == first
    assert pattern(8) != first


def test_the_stub_ends_with_the_process_that_started_it():
    code = (
        "import sys; from benchmarks.stub_server import Stub; stub = Stub().__enter__(); "
        "print(stub.target, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    host, _, port = parent.stdout.readline().strip().rpartition(":")
    parent.kill()
    parent.communicate(timeout=60)  # the stub has the other end of stderr: this waits for it, too
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_a_target_is_met_only_by_a_figure_that_was_measured():
    row = Workload("any", "any", "any", (Target("cpu_ms", 1.5), Target("channels", 1, False)))
    good = Outcome(row, {"limit": {"cpu_ms": 2.0}, "ours": {"cpu_ms": 3.0, "channels": 1}})
    slow = Outcome(row, {"limit": {"cpu_ms": 2.0}, "ours": {"cpu_ms": 3.1, "channels": 2}})
    assert [verdict.met for verdict in verdicts(good)] == [True, True]
    assert [verdict.met for verdict in verdicts(slow)] == [False, False]
    assert [verdict.met for verdict in verdicts(Outcome(row))] == [False, False]


def test_a_target_may_be_the_least():
    row = Workload("any", "any", "any", (Target("rate", 1400, relative=False, at_least=True),))
    outcomes = [Outcome(row, {"ours": {"rate": rate}}) for rate in (1400, 1399)]
    assert [verdict.met for one in outcomes for verdict in verdicts(one)] == [True, False]
    assert verdicts(outcomes[0])[0].wanted == ">= 1400"


def test_the_official_sdk_may_get_less_of_the_same_work():
    row = Workload(
        "any", "any", "any", parameters={"rows": 9, "size": 2}, results=9, slow_iterations=1
    )
    assert (row.for_official().parameters, row.for_official().results) == (row.parameters, 9)
    less = attrs.evolve(row, slow_parameters={"rows": 3}, slow_results=3).for_official()
    assert (dict(less.parameters), less.results, less.iterations) == ({"rows": 3, "size": 2}, 3, 1)


def test_rows_with_a_rate_limit_and_with_a_smaller_run_have_their_figures():
    workload = Workload(
        "any",
        "upload_csv",
        "any",
        throttle_rate=3,
        parameters={"rows": 700},
        results=700,
        iterations=1,
        smaller={"rows": 10},
        contestants=("ours",),
    )
    outcome = Race({"ours": our_python()}, 1).run(workload)
    assert outcome.notes == {}
    figures = outcome.figures["ours"]
    assert figures["rate"] > 0
    assert figures["refusals"] >= figures["late_refusals"] >= 0
    assert abs(figures["growth_mib"]) < 100


def test_the_report_says_what_is_missing_and_which_targets_are_not_met():
    row = Workload("any", "any", "list things", (Target("cpu_ms", 1.5),))
    slow = Outcome(
        row, {"limit": {"cpu_ms": 2.0, "wall_ms": 4.0}, "ours": {"cpu_ms": 6.0, "wall_ms": 4.0}}
    )
    text = document([slow], 1, official="uv is not on the path")
    assert "| list things | 0 ms | CPU, x limit | - | 3.00 x | <= 1.50 x | **no** |" in text
    assert "The official SDK is missing: uv is not on the path." in text


def test_every_row_has_its_function_in_each_contestant():
    folder = ROOT / "benchmarks/contestants"
    program = "".join(path.read_text("utf-8") for path in folder.glob("*program.py"))
    limit = "".join(path.read_text("utf-8") for path in folder.glob("*limit.py"))
    workloads = [row for row in ROWS if isinstance(row, Workload)]
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(f"def {row.function}(" in program for row in workloads)
    assert all(f"def {row.function}(" in limit for row in workloads if "limit" in row.contestants)
