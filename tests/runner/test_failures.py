"""Whatever a runner's code raises or returns is the failure of that input; the worker goes on.

The cases `34-runner-whose-code-exits` (dask/distributed#301, apache/airflow#36986, luigi#440) and
`35-runner-whose-error-has-half-a-character` (WeblateOrg/weblate#5041), and their siblings.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf.message import DecodeError

from clarifai_runner.handle import Runner

FAILED = 21313


class OfTheirs(BaseException):
    """Derived from BaseException, as pytest's and trio's own are."""


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Exiting(Exception):
    def __str__(self):
        sys.exit(4)


class Shapeless:
    def __repr__(self):
        raise RuntimeError("no shape")

    __str__ = __repr__


def raising(error):
    def fail():
        raise error

    return fail


def in_a_thread():
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(sys.exit, 3).result()


def in_a_process(function, *arguments):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        return processes.submit(function, *arguments).result()


def nested(levels):
    """An output that protobuf writes and no reader takes: more than 100 messages deep."""
    output = resources_pb2.Output()
    inner = output.data.metadata
    for _ in range(levels):
        inner = inner.fields["a"].struct_value
    inner.fields["a"].string_value = "end"
    return output


FAILURES = {
    "exit": (lambda: sys.exit(3), "SystemExit: 3"),
    "exit without a word": (sys.exit, "SystemExit"),
    "end of a generator": (raising(GeneratorExit()), "GeneratorExit"),
    "cancelled": (raising(asyncio.CancelledError()), "CancelledError"),
    "interrupt of its own": (raising(KeyboardInterrupt()), "KeyboardInterrupt"),
    "no Exception": (raising(OfTheirs("stop")), "OfTheirs: stop"),
    "half a character": (raising(ValueError("caf\udce9.jpg")), r"ValueError: caf\udce9.jpg"),
    "NUL and colours": (raising(ValueError("a\0b\x1b[2J")), r"ValueError: a\x00b\x1b[2J"),
    "megabytes": (raising(ValueError("a" * 10**7)), "ValueError: aaaa"),
    "without words": (raising(Silent()), "Silent: (its text cannot be had: RuntimeError)"),
    "words that exit": (raising(Exiting()), "Exiting: (its text cannot be had: SystemExit)"),
    "exit in a thread": (in_a_thread, "SystemExit: 3"),
    "text that is none": (
        lambda: output("\udce9"),
        "UnicodeEncodeError",
    ),
    "generator": (lambda: (x for x in "ab"), "must return a resources_pb2.Output, got <generator"),
    "without a shape": (Shapeless, "must return a resources_pb2.Output, got a Shapeless"),
    "an exception returned": (lambda: ValueError("a"), "must return a resources_pb2.Output, got"),
    "too deep": (lambda: nested(120), "ValueError: the output cannot be sent: "),
}


def output(text):
    return resources_pb2.Output(data=resources_pb2.Data(text=resources_pb2.Text(raw=text)))


def answer(text):
    if text in FAILURES:
        return FAILURES[text][0]()
    return output(text.upper())


class OneByOne(Runner):
    def run_input(self, input, output_info):  # noqa: A002
        return answer(input.data.text.raw)


class Coroutine(Runner):
    async def run_input(self, input, output_info):  # noqa: A002
        await asyncio.sleep(0)
        return answer(input.data.text.raw)


class Hidden(Runner):
    """A plain method that returns a coroutine."""

    def run_input(self, input, output_info):  # noqa: A002
        return Coroutine.run_input(self, input, output_info)


class Batch(Runner):
    def run_batch(self, inputs, output_info):
        return [answer(given.data.text.raw) for given in inputs]


class BatchCoroutine(Runner):
    async def run_batch(self, inputs, output_info):
        await asyncio.sleep(0)
        return [answer(given.data.text.raw) for given in inputs]


def texts(made):
    return [output.data.text.raw for output in made.outputs]


@pytest.mark.parametrize("name", FAILURES)
def test_what_an_input_makes_the_code_do_is_its_own_failure(desk, run, name):
    desk.put("item-1", "a", name, "b")
    desk.put("item-2", "good")
    running = run(OneByOne, num_parallel_polls=1)
    first, second = desk.answers("item-1", "item-2")
    assert texts(first) == ["A", "", "B"]
    assert first.outputs[1].status.code == FAILED
    assert FAILURES[name][1] in first.outputs[1].status.details
    assert len(first.outputs[1].status.details) <= 500
    assert texts(second) == ["GOOD"]
    assert running.thread.is_alive()


@pytest.mark.parametrize("shape", [Coroutine, Hidden, Batch, BatchCoroutine])
@pytest.mark.parametrize("name", FAILURES)
def test_it_is_so_in_every_shape(desk, run, shape, name):
    desk.put("item-1", name)
    desk.put("item-2", "good")
    running = run(shape, num_parallel_polls=1)
    first, second = desk.answers("item-1", "item-2")
    assert [output.status.code for output in first.outputs] == [FAILED]
    assert FAILURES[name][1] in first.outputs[0].status.details
    assert texts(second) == ["GOOD"]
    assert running.thread.is_alive()


def test_coroutines_of_one_item_fail_each_for_itself(desk, run):
    desk.put("item-1", "a", "exit", "cancelled", "no Exception", "b")
    run(Coroutine, num_parallel_polls=1)
    [made] = desk.answers("item-1")
    assert texts(made) == ["A", "", "", "", "B"]


def test_a_task_that_the_code_began_does_not_end_the_loop(desk, run, caplog):
    async def leave():
        sys.exit(5)

    class Spawning(Runner):
        async def run_input(self, input, output_info):  # noqa: A002
            if input.data.text.raw == "bad":
                await asyncio.create_task(leave())
            return answer(input.data.text.raw)

    desk.put("item-1", "bad")
    desk.put("item-2", "good")
    run(Spawning, num_parallel_polls=1)
    first, second = desk.answers("item-1", "item-2")
    assert first.outputs[0].status.details == "SystemExit: 5"
    assert texts(second) == ["GOOD"]
    assert "a task that the code began ended with SystemExit: 5" in caplog.text


@pytest.mark.parametrize(
    ("function", "said"), [(sys.exit, "SystemExit: 7"), (os._exit, BrokenProcessPool.__name__)]
)
def test_the_end_of_a_worker_process_is_a_failure(desk, run, function, said):
    class Pooled(Runner):
        def run_input(self, input, output_info):  # noqa: A002
            if input.data.text.raw == "bad":
                in_a_process(function, 7)
            return answer(input.data.text.raw)

    desk.put("item-1", "bad", "good")
    run(Pooled, num_parallel_polls=1)
    [made] = desk.answers("item-1")
    assert said in made.outputs[0].status.details
    assert texts(made) == ["", "GOOD"]


def test_the_trace_can_be_sent_too(desk, run):
    class Telling(OneByOne):
        send_stack_traces = True

    desk.put("item-1", "half a character", "megabytes", "without words")
    run(Telling, num_parallel_polls=1)
    [made] = desk.answers("item-1")
    traces = ["".join(output.status.stack_trace) for output in made.outputs]
    assert r"ValueError: caf\udce9.jpg" in traces[0]
    assert "ValueError: aaa" in traces[1]
    assert "Silent" in traces[2]
    assert all(len(trace) < 100_000 for trace in traces)


def test_the_log_names_what_failed_whatever_it_is(desk, run, caplog):
    caplog.set_level(logging.WARNING)
    desk.put("item-1", "half a character", "without words")
    run(OneByOne, num_parallel_polls=1)
    desk.answers("item-1")
    said = [record.getMessage() for record in caplog.records if hasattr(record, "position")]
    assert said == [
        r"an input failed: ValueError: caf\udce9.jpg",
        "an input failed: Silent: (its text cannot be had: RuntimeError)",
    ]


def deepest():
    """The deepest output that there is: the request around it is too deep by one to four."""
    for levels in range(20, 100):
        try:
            resources_pb2.Output().MergeFrom(nested(levels + 1))
        except DecodeError:
            return nested(levels)
    raise AssertionError


def test_an_output_that_is_too_deep_for_the_request_alone_is_found_when_it_is_refused(desk, run):
    class Deep(Runner):
        def run_input(self, input, output_info):  # noqa: A002
            return deepest() if input.data.text.raw == "deep" else answer(input.data.text.raw)

    desk.put("item-1", "a", "deep", "b")
    running = run(Deep, num_parallel_polls=1)
    [made] = desk.answers("item-1")
    assert texts(made) == ["A", "", "B"]
    assert "the output cannot be sent: " in made.outputs[1].status.details
    running.runner.stop()
    running.finish()
    metrics = running.runner.metrics
    assert (metrics.items_posted, metrics.post_errors, metrics.failures) == (1, 1, 1)
