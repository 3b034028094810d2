"""`Inputs.upload_inputs` with more than one request, on a platform in trouble."""

from __future__ import annotations

import pytest

from clarifai_core.errors import PermissionDenied, Unreachable
from clarifai_local._faults import Faults
from clarifai_resources.inputs import Inputs

COUNT = 1000
IDS = [f"t{n}" for n in range(COUNT)]
ACCEPTED = (30000, 30001, 30003)


@pytest.fixture
def inputs(app) -> Inputs:
    return app.inputs()


@pytest.fixture
def platform(inputs):
    found = inputs.session.connection.platform
    found.faults = Faults()
    return found


def texts():
    return [Inputs.get_text_input(one, "words") for one in IDS]


def accepted(response):
    return [one.id for one in response.inputs if one.status.code in ACCEPTED]


@pytest.mark.parametrize(
    "fail",
    [
        lambda on: on("PostInputs", every=3, times=2).unavailable(after_effect=True),
        lambda on: on("PostInputs", every=3, times=2).unavailable(),
        lambda on: on("PostInputs", times=3).throttled(),
        lambda on: on("*", every=4, times=3).reset(),
    ],
    ids=["answers lost", "requests lost", "throttled", "reset"],
)
def test_trouble_that_passes_costs_nothing(inputs, platform, fail):
    fault = fail(platform.faults.on)
    _, response = inputs.upload_inputs(texts(), show_log=False)
    platform.faults.clear()
    assert fault.struck
    assert [one.id for one in response.inputs] == IDS
    assert accepted(response) == IDS
    assert sorted(one.id for one in inputs.list_inputs()) == sorted(IDS)


def test_when_the_platform_stops_taking_them_each_input_says_so(inputs, platform):
    platform.faults.on("PostInputs", after=3).status(11102)
    _, response = inputs.upload_inputs(texts(), show_log=False)
    platform.faults.clear()
    assert [one.id for one in response.inputs] == IDS
    arrived = {one.id for one in inputs.list_inputs()}
    assert set(accepted(response)) == arrived
    assert 0 < len(arrived) < COUNT
    refused = [one for one in response.inputs if one.status.code not in ACCEPTED]
    assert all(one.status.description for one in refused)
    assert response.status.code == 10010


def test_a_revoked_key_is_an_error_when_nothing_arrived(inputs, platform):
    platform.faults.on("PostInputs").status(11009)
    with pytest.raises(PermissionDenied):
        inputs.upload_inputs(texts(), show_log=False)
    platform.faults.clear()
    assert inputs.list_inputs().all() == []


def test_a_platform_that_is_gone_is_an_error(inputs, platform):
    platform.faults.on("*").unavailable()
    with pytest.raises(Unreachable):
        inputs.upload_inputs(texts()[:200], show_log=False)
