"""The runner as an object: what makes one, and what it refuses."""

from __future__ import annotations

import copy
import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.errors import NotFound, PluginError, UserError
from clarifai_core.handles import Handle, open_class
from clarifai_runner.handle import Runner


def test_it_asks_for_the_runner_and_keeps_what_it_is(desk, base_url):
    runner = Runner(runner_id="run-1", user_id="alice", base_url=base_url)
    assert (runner.id, runner.runner_id, runner.user_id) == ("run-1", "run-1", "alice")
    assert list(runner.labels) == ["gpu", "lab"]
    assert runner.num_parallel_polls == 4


def test_a_runner_that_does_not_exist_is_refused(desk, base_url):
    with pytest.raises(NotFound) as caught:
        Runner(runner_id="nobody", user_id="alice", base_url=base_url)
    assert caught.value.code == 25600


def test_without_the_check_nothing_is_sent():
    nowhere = "http://127.0.0.1:9"
    runner = Runner("nobody", "alice", check_runner_exists=False, base_url=nowhere, pat="p")
    assert runner.runner_id == "nobody"


def test_a_runner_from_an_answer_needs_no_network():
    parent = Handle(base_url="http://127.0.0.1:9", pat="p", user_id="alice")
    cls = open_class("runner")
    assert cls is Runner
    runner = Runner.of(resources_pb2.Runner(id="run-7", labels=["gpu"]), parent)
    assert (runner.runner_id, runner.user_id, list(runner.labels)) == ("run-7", "alice", ["gpu"])
    assert runner.num_parallel_polls == 4
    assert parent.child("runner").user_id == "alice"


def test_run_input_must_be_implemented(desk, base_url):
    runner = Runner(runner_id="run-1", user_id="alice", base_url=base_url)
    with pytest.raises(UserError, match="subclass Runner and implement run_input"):
        runner.run_input(input=resources_pb2.Input(), output_info=resources_pb2.OutputInfo())


@pytest.mark.parametrize("polls", [0, 65, "4", True, 1.5])
def test_impossible_numbers_of_polls_are_refused(polls):
    with pytest.raises(UserError, match="num_parallel_polls must be a whole number from 1 to 64"):
        Runner("run-1", "alice", check_runner_exists=False, pat="p", num_parallel_polls=polls)


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_user_id_is_refused(desk, base_url, check):
    with pytest.raises(UserError, match="needs user_id"):
        Runner("run-1", check_runner_exists=check, base_url=base_url)


@pytest.mark.parametrize("runner_id", ["", None, 3])
def test_a_missing_runner_id_is_refused(runner_id):
    with pytest.raises(UserError, match="runner_id"):
        Runner(runner_id, "alice", pat="p")


def test_an_unknown_parameter_is_refused_with_the_nearest_known_one(desk, base_url):
    with pytest.raises(UserError, match="labels"):
        Runner("run-1", "alice", base_url=base_url, label=["x"])


def test_an_unknown_poller_is_refused_at_the_start(desk, base_url):
    runner = Runner("run-1", "alice", base_url=base_url)
    runner.poller = "carrier_pigeon"
    with pytest.raises(PluginError, match="carrier_pigeon"):
        runner.start()


def test_a_runner_survives_copy_and_pickle_even_after_a_stop(desk, base_url):
    runner = Runner("run-1", "alice", base_url=base_url, num_parallel_polls=2)
    runner.stop()
    for twin in (copy.copy(runner), pickle.loads(pickle.dumps(runner))):
        assert (twin.runner_id, twin.num_parallel_polls, list(twin.labels)) == (
            "run-1",
            2,
            ["gpu", "lab"],
        )
