"""Listings of more than one page whose later pages fail, or change while they are read.

A listing gives everything, or an error behind everything before it: it never just ends.
"""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import PermissionDenied, ServerError, Unreachable
from clarifai_local._faults import Faults
from clarifai_resources.inputs import Inputs

COUNT = 2300
"""Three pages of up to 1000."""


@pytest.fixture
def inputs(app) -> Inputs:
    made = app.inputs()
    post(made, "t", COUNT)
    return made


@pytest.fixture
def platform(inputs):
    found = inputs.session.connection.platform
    found.faults = Faults()
    return found


def post(inputs, prefix, count):
    for start in range(0, count, 128):
        numbers = range(start, min(start + 128, count))
        texts = [Inputs.get_text_input(f"{prefix}{n}", "words") for n in numbers]
        inputs.upload_inputs(texts, show_log=False)


def ids(listed):
    return [one.id for one in listed]


EVERYTHING = {f"t{n}" for n in range(COUNT)}


@pytest.mark.parametrize(
    "fail",
    [
        lambda on: on("ListInputs", after=1, times=2).status(98004),
        lambda on: on("ListInputs", after=1, times=2).unavailable(),
        lambda on: on("ListInputs", after=1, times=3).throttled(),
        lambda on: on("ListInputs", every=2, times=4).reset(),
    ],
    ids=["internal error", "unavailable", "throttled", "reset"],
)
def test_a_page_that_fails_for_a_moment_is_asked_for_again(inputs, platform, fail):
    fault = fail(platform.faults.on)
    listed = ids(inputs.list_inputs())
    assert fault.struck >= 2
    assert len(listed) == COUNT
    assert set(listed) == EVERYTHING


@pytest.mark.parametrize(
    ("fail", "error", "page_no"),
    [
        (lambda on: on("ListInputs", after=1).status(98004), ServerError, 2),
        (lambda on: on("ListInputs", after=1).status(11007), PermissionDenied, 2),
        (lambda on: on("ListInputs", after=1).unavailable(), Unreachable, None),
    ],
    ids=["internal error", "permission ends", "platform away"],
)
def test_page_2_that_fails_is_an_error_behind_page_1_and_one_goes_on_there(
    inputs, platform, fail, error, page_no
):
    fail(platform.faults.on)
    seen = []
    with pytest.raises(error) as caught:
        seen.extend(ids_as_they_come(inputs))
    assert len(seen) == 1000
    assert getattr(caught.value, "page_no", None) == page_no
    platform.faults.clear()
    for number in (2, 3):
        seen += ids(inputs.list_inputs(page_no=number, per_page=1000))
    assert len(seen) == COUNT
    assert set(seen) == EVERYTHING


def ids_as_they_come(inputs):
    for one in inputs.list_inputs():
        yield one.id


def test_inputs_that_are_added_meanwhile_make_none_come_twice_or_not_at_all(inputs, platform):
    rounds = iter(range(100))
    platform.faults.on("ListInputs").run(lambda: post(inputs, f"new{next(rounds)}-", 7))
    listed = ids(inputs.list_inputs())
    assert len(set(listed)) == len(listed)
    assert set(listed) >= EVERYTHING
    assert {one for one in listed if one.startswith("t")} == EVERYTHING


def test_many_that_are_added_between_two_pages_make_none_come_twice(inputs, platform):
    listing = iter(inputs.list_inputs(input_type="text"))
    seen = [next(listing).id]
    post(inputs, "new", 1500)
    seen += ids(listing)
    assert len(set(seen)) == len(seen)
    assert set(seen) >= EVERYTHING


def test_annotations_that_are_added_meanwhile_make_none_come_twice(inputs, platform):
    concept = resources_pb2.Concept(id="c", value=1)
    rounds = iter(range(100))

    def annotate(number, count):
        inputs.upload_annotations(
            [
                resources_pb2.Annotation(
                    id=f"a{number}-{n}",
                    input_id=f"t{n}",
                    data=resources_pb2.Data(concepts=[concept]),
                )
                for n in range(count)
            ],
            show_log=False,
        )

    annotate("first", 100)
    before = {(one.input_id, one.id) for one in inputs.list_annotations()}
    assert len(before) >= 1100
    platform.faults.on("ListAnnotations").run(lambda: annotate(next(rounds), 5))
    listed = [(one.input_id, one.id) for one in inputs.list_annotations()]
    assert len(set(listed)) == len(listed)
    assert set(listed) >= before


def test_inputs_that_are_deleted_meanwhile_let_the_listing_end(inputs, platform):
    left = [f"t{n}" for n in range(COUNT)]
    gone = []

    def delete():
        gone.extend(left.pop() for _ in range(40))
        inputs.delete_inputs([resources_pb2.Input(id=one) for one in gone[-40:]])

    platform.faults.on("ListInputs").run(delete)
    listed = ids(inputs.list_inputs())
    assert len(set(listed)) == len(listed)
    assert set(listed) <= EVERYTHING
    assert len(listed) >= COUNT - 2 * len(gone)
    assert gone


def test_what_all_returns_can_be_deleted_to_the_last(inputs):
    everything = inputs.list_inputs().all()
    for start in range(0, len(everything), 128):
        inputs.delete_inputs(everything[start : start + 128])
    assert inputs.list_inputs().first() is None
