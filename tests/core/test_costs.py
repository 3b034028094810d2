"""What listings and large requests cost, in figures that no machine changes: calls, memory, faults.

The bounds are a few times what it costs today, and a fraction of what it cost before: for inputs
0.1 Python calls an item (a wrapper for each would be 1), for 128 pictures 1 page fault a request
(850 when memory goes back to the system in between).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections import defaultdict, deque
from concurrent.futures import Future
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.page_sizes import PageSizes
from clarifai_core.paging import PageLimits, listing
from clarifai_core.wire import preserialized
from clarifai_core.wire.preserialized import JoinedRequest, serialize
from clarifai_resources.app import App
from clarifai_resources.model import Model

ROOT = Path(__file__).parents[2]
OK = status_pb2.Status(code=10000)
COUNT = 8_000


class Canned:
    """A session whose answers are there before they are asked for."""

    def __init__(self, response_class, field, items):
        self.response_class = response_class
        self.pages = [
            response_class(status=OK, **{field: items[start : start + 1000]}).SerializeToString()
            for start in range(0, len(items), 1000)
        ]
        self.asked = []
        self.page_sizes = defaultdict(PageSizes)
        self.closed = False

    def call(self, _name, request):
        self.asked.append((request.page, request.per_page))
        raw = self.pages[request.page - 1] if request.page <= len(self.pages) else b""
        return self.response_class.FromString(raw)

    def prepare(self, name, request):
        return name, request

    def start(self, call, *, can_cancel):
        assert can_cancel
        future = Future()
        future.set_result(self.call(*call))
        return future


@pytest.fixture
def inputs():
    made = [resources_pb2.Input(id=f"i{n}") for n in range(COUNT - 1)]
    return Canned(service_pb2.MultiInputResponse, "inputs", made)


def all_inputs(session):
    request = service_pb2.ListInputsRequest()
    return listing(lambda: session, "ListInputs", request, "inputs", None, PageLimits())


def python_calls(work):
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def consumed(items):
    deque(items, maxlen=0)


def test_python_calls_of_an_input_that_is_listed(inputs):
    calls = python_calls(lambda: consumed(all_inputs(inputs)))
    assert calls / COUNT < 0.3


def test_python_calls_of_a_model_that_is_listed():
    version = resources_pb2.ModelVersion(id="v")
    models = [
        resources_pb2.Model(id=f"m{n}", user_id="ann", app_id="zoo", model_version=version)
        for n in range(999)
    ]
    app = App(user_id="ann", app_id="zoo", pat="x", base_url="http://127.0.0.1:1")
    app._held = Canned(service_pb2.MultiModelResponse, "models", models)
    assert all(isinstance(one, Model) for one in app.list_models())
    calls = python_calls(lambda: consumed(app.list_models()))
    assert calls / 999 < 6


def test_an_item_that_nobody_keeps_takes_no_memory(inputs):
    """Of the 8 pages that may be there at once, no item has an object of its own."""
    consumed(all_inputs(inputs))
    start, most = sys.getallocatedblocks(), 0
    for number, _ in enumerate(all_inputs(inputs)):
        if number % 100 == 0:
            most = max(most, sys.getallocatedblocks() - start)
    assert most < 1000


def test_no_request_is_sent_that_is_not_needed_or_ahead(inputs):
    consumed(all_inputs(inputs))
    assert inputs.asked == [(number, 1000) for number in range(1, len(inputs.asked) + 1)]
    assert len(inputs.asked) <= len(inputs.pages) + 7


PICTURES = [
    resources_pb2.Input(
        id=f"i{n}",
        data=resources_pb2.Data(image=resources_pb2.Image(base64=bytes([n]) * 10_000)),
    )
    for n in range(128)
]


def predicting():
    return JoinedRequest(service_pb2.PostModelOutputsRequest(model_id="m"), "inputs", PICTURES)


def test_a_large_request_is_there_once_while_it_is_made():
    """The bytes of 128 messages beside those of the whole would be twice as much."""
    length = len(serialize(predicting()))
    preserialized._kept.last = b""
    tracemalloc.start()
    try:
        raw = serialize(predicting())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert service_pb2.PostModelOutputsRequest.FromString(raw).inputs[127] == PICTURES[127]
    assert peak < 1.1 * length


@pytest.mark.parametrize(
    ("count", "size"), [(1, 100), (3, 9_000), (4, 9_000), (900, 10_000), (9, 1_200_000)]
)
def test_what_a_thread_keeps_is_bounded(count, size):
    """Requests up to, and larger than, what is kept are the bytes that protobuf would write."""
    messages = [
        resources_pb2.Input(
            id=f"i{n}", data=resources_pb2.Data(image=resources_pb2.Image(base64=bytes(size)))
        )
        for n in range(count)
    ]
    head = service_pb2.PostModelOutputsRequest(model_id="m")
    for _ in range(2):
        raw = serialize(JoinedRequest(head, "inputs", messages))
        whole = service_pb2.PostModelOutputsRequest.FromString(raw)
        assert (whole.model_id, list(whole.inputs)) == ("m", messages)
    kept = preserialized._kept
    assert len(kept.last) <= preserialized.MOST_KEPT_BYTES
    assert len(kept.buffer) <= preserialized.MOST_KEPT_BYTES


_PROGRAM = """
import json, resource, sys
from benchmarks.contestants import program
work = program.predict_same(sys.argv[1], count=10, batch=128, size=10_000)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
results = work() + work()
print(json.dumps([results, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="others give memory back in their own ways")
def test_page_faults_of_the_same_prediction_again_and_again():
    """Memory that a request needs is not taken from the system anew each time."""
    from benchmarks.stub_server import Stub

    with Stub() as stub:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, stub.target],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    results, faults = json.loads(done.stdout)
    assert results == 20 * 128
    assert faults / 20 < 100
