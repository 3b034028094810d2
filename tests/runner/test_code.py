"""The four shapes of a runner's code, and what is refused before any work is taken."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Awaitable, Iterable, Sequence
from collections.abc import Coroutine as Coroutine_
from typing import Annotated, Any, List, Optional, Protocol, TypeVar  # noqa: UP035

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf.message import Message

from clarifai_core.errors import UserError
from clarifai_runner.handle import Runner

FAILED = 21313


def heard(given):
    """What these runners answer; the text "bad" is too much for them."""
    if given.data.text.raw == "bad":
        raise ValueError("cannot read 'bad'")
    return resources_pb2.Output(data={"text": {"raw": f"heard {given.data.text.raw}"}})


class OneByOne(Runner):
    def run_input(self, input, output_info):  # noqa: A002
        return heard(input)


class Coroutine(Runner):
    async def run_input(self, input, output_info):  # noqa: A002
        await asyncio.sleep(0)
        return heard(input)


class Batch(Runner):
    def run_batch(self, inputs, output_info):
        return [heard(given) for given in inputs]


class BatchCoroutine(Runner):
    async def run_batch(self, inputs, output_info):
        await asyncio.sleep(0)
        return [heard(given) for given in inputs]


SHAPES = [OneByOne, Coroutine, Batch, BatchCoroutine]


def texts(answer):
    return [output.data.text.raw for output in answer.outputs]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_answers_each_input_in_order(desk, run, shape):
    desk.put("item-1", "a", "b", "c")
    run(shape, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["heard a", "heard b", "heard c"]


@pytest.mark.parametrize("shape", [OneByOne, Coroutine])
def test_where_inputs_run_one_by_one_a_failure_is_its_own(desk, run, shape):
    desk.put("item-1", "a", "bad", "c")
    run(shape, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["heard a", "", "heard c"]
    assert answer.outputs[1].status.details == "ValueError: cannot read 'bad'"


@pytest.mark.parametrize("shape", [Batch, BatchCoroutine])
def test_where_they_run_together_a_failure_is_that_of_the_item_alone(desk, run, shape):
    desk.put("item-1", "a", "bad")
    desk.put("item-2", "c")
    run(shape, num_parallel_polls=1)
    first, second = desk.answers("item-1", "item-2")
    assert [output.status.code for output in first.outputs] == [FAILED, FAILED]
    assert texts(second) == ["heard c"]


def test_coroutines_run_side_by_side(desk, run):
    class Meeting(Runner):
        arrived = 0

        async def run_input(self, input, output_info):  # noqa: A002
            Meeting.arrived += 1
            while Meeting.arrived < 3:
                await asyncio.sleep(0)
            return heard(input)

    desk.put("item-1", "a", "b", "c")
    run(Meeting, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["heard a", "heard b", "heard c"]


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "run_batch must return a list of resources_pb2.Output, got None"),
        ([], "run_batch returned 0 outputs for 2 inputs"),
    ],
)
def test_a_batch_that_does_not_match_fails_with_the_reason(desk, run, returned, said):
    class Odd(Runner):
        def run_batch(self, inputs, output_info):
            return returned

    desk.put("item-1", "a", "b")
    run(Odd, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert all(said in output.status.details for output in answer.outputs)
    assert len(answer.outputs) == 2


def test_one_odd_output_of_a_batch_harms_no_other(desk, run):
    class Odd(Runner):
        def run_batch(self, inputs, output_info):
            return [heard(inputs[0]), "odd"]

    desk.put("item-1", "a", "b")
    run(Odd, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["heard a", ""]
    assert answer.outputs[1].status.code == FAILED


def serve(desk, base_url, function):
    """Serve a function until item-1 is answered; returns the answer."""
    runner = Runner("run-1", "alice", base_url=base_url, num_parallel_polls=1)
    desk.put("item-1", "a")
    thread = threading.Thread(target=runner.serve, args=(function,))
    thread.start()
    [answer] = desk.answers("item-1")
    runner.stop()
    thread.join(60)
    assert not thread.is_alive()
    return answer


async def coroutine(given, output_info):
    return heard(given)


class Callable:
    def __call__(self, given, output_info):
        return heard(given)


@pytest.mark.parametrize(
    "function",
    [
        lambda given, output_info: heard(given),
        coroutine,
        Callable(),
        functools.partial(coroutine, output_info=None),
        functools.partial(lambda extra, given, info: heard(given), 1),
    ],
)
def test_a_function_can_be_served(desk, base_url, function):
    if isinstance(function, functools.partial) and function.keywords:
        with pytest.raises(UserError, match="cannot be called as"):
            Runner("run-1", "alice", base_url=base_url).serve(function)
        return
    assert texts(serve(desk, base_url, function)) == ["heard a"]


def test_the_trace_of_a_failure_is_told_only_when_asked_for(desk, run):
    class Telling(OneByOne):
        send_stack_traces = True

    desk.put("item-1", "bad")
    run(Telling, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    trace = "".join(answer.outputs[0].status.stack_trace)
    assert "in heard" in trace
    assert "ValueError: cannot read 'bad'" in trace


class NothingToDo(Runner):
    pass


class TooFew(Runner):
    def run_input(self, input):  # noqa: A002
        return heard(input)


class Yielding(Runner):
    def run_input(self, input, output_info):  # noqa: A002
        yield heard(input)


class WrongType(Runner):
    def run_input(self, input, output_info) -> dict:  # type: ignore[override]  # noqa: A002
        return {}


class WrongBatch(Runner):
    def run_batch(self, inputs, output_info) -> resources_pb2.Output:  # type: ignore[override]
        return heard(inputs[0])


class WrongList(Runner):
    async def run_batch(self, inputs, output_info) -> list[str]:  # type: ignore[override]
        return []


@pytest.mark.parametrize(
    ("cls", "said"),
    [
        (NothingToDo, "NothingToDo does not say what to do with an input: subclass Runner and"),
        (TooFew, "TooFew.run_input.* cannot be called as .input, output_info.: too many"),
        (Yielding, "Yielding.run_input yields; it must return its outputs"),
        (WrongType, "must return a resources_pb2.Output, but says that it returns dict"),
        (WrongBatch, "must return a list of resources_pb2.Output, but says that it returns Output"),
        (WrongList, "must return a list of resources_pb2.Output, but says that it returns list"),
    ],
)
def test_code_that_cannot_work_is_refused_before_any_work_is_taken(desk, base_url, cls, said):
    desk.put("item-1", "a")
    with pytest.raises(UserError, match=said):
        cls("run-1", "alice", base_url=base_url).start()
    assert desk.polls == []


@pytest.mark.parametrize("function", [None, "run", 3])
def test_what_is_no_function_is_refused(desk, base_url, function):
    with pytest.raises(UserError, match="must be callable"):
        Runner("run-1", "alice", base_url=base_url).serve(function)


class Answering(Protocol):
    """What only type checkers can compare with an output."""

    status: Any


T = TypeVar("T")

OF_ONE = [
    Any,
    object,
    Optional[resources_pb2.Output],  # noqa: UP045 - as older programs write it
    Annotated[resources_pb2.Output, "answer"],
    resources_pb2.Output | None,
    Message,
    Answering,
    T,
    Awaitable[Any],
    Coroutine_[Any, Any, resources_pb2.Output],
    "resources_pb2.Output",
    "Any",
    "something.that.is.not.there",
]
OF_MANY = [
    Any,
    list,
    list[Any],
    List[resources_pb2.Output],  # noqa: UP006 - as older programs write it
    Sequence[Any],
    tuple[Any, ...],
    Iterable[object],
    Awaitable[list[Any]],
    list[Any] | None,
    "list[Any]",
    "list[resources_pb2.Output]",
]
NOT_OF_ONE = [
    None,
    int | str,
    Optional[str],  # noqa: UP045
    dict,
    dict[str, Any],
    str,
    int,
    list[Any],
    resources_pb2.Input,
    Awaitable[str],
]
NOT_OF_MANY = [resources_pb2.Output, str, dict[str, Any], list[str], Awaitable[list[int]]]


def annotated(base, method, annotation):
    """Return a runner of `base` whose method says that it returns this."""

    def coded(self, given, output_info):
        return getattr(base, method)(self, given, output_info)

    coded.__annotations__ = {"return": annotation}
    return type("Annotated", (Runner,), {method: coded})


@pytest.mark.parametrize("annotation", OF_ONE, ids=str)
def test_an_annotation_that_may_be_an_output_is_fine(desk, run, annotation):
    desk.put("item-1", "a")
    run(annotated(OneByOne, "run_input", annotation), num_parallel_polls=1)
    assert texts(desk.answers("item-1")[0]) == ["heard a"]


@pytest.mark.parametrize("annotation", OF_MANY, ids=str)
def test_an_annotation_that_may_be_a_list_of_outputs_is_fine(desk, run, annotation):
    desk.put("item-1", "a")
    run(annotated(Batch, "run_batch", annotation), num_parallel_polls=1)
    assert texts(desk.answers("item-1")[0]) == ["heard a"]


@pytest.mark.parametrize(
    ("method", "annotation"),
    [
        *(("run_input", one) for one in NOT_OF_ONE),
        *(("run_batch", one) for one in NOT_OF_MANY),
    ],
    ids=str,
)
def test_an_annotation_that_can_be_no_output_is_refused(desk, base_url, method, annotation):
    cls = annotated(OneByOne if method == "run_input" else Batch, method, annotation)
    with pytest.raises(UserError, match="says that it returns"):
        cls("run-1", "alice", base_url=base_url).start()


def test_the_right_annotations_are_fine(desk, run):
    class Annotated(Runner):
        def run_batch(
            self, inputs: list[resources_pb2.Input], output_info: resources_pb2.OutputInfo
        ) -> list[resources_pb2.Output]:
            return [heard(given) for given in inputs]

    desk.put("item-1", "a")
    run(Annotated, num_parallel_polls=1)
    assert texts(desk.answers("item-1")[0]) == ["heard a"]
