"""Runners and callers on an embedded platform, by both pollers, in process and served."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai.client.model import Model
from clarifai.client.runner import Runner
from clarifai.client.user import User
from clarifai.errors import ApiError, ClarifaiError, NotFound, PermissionDenied
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform


class Shouting(Runner):
    """Says its text in capitals; the text "bad" is too much for it."""

    def run_input(self, input, output_info):  # noqa: A002
        if input.data.text.raw == "bad":
            raise ValueError("cannot read 'bad'")
        raw = input.data.text.raw.upper()
        return resources_pb2.Output(data={"text": {"raw": raw}})


class World:
    """A platform with the runner `r`, labelled "gpu", and a model that it answers for."""

    def __init__(self, where):
        self.where = where
        user = User("alice", **where)
        user.create_runner("r", labels=["gpu"], description="D")
        model = user.create_app("zoo").create_model("m", model_type_id="multimodal-to-text")
        model.create_version(metadata={"runner_label": "gpu"})
        self.model = Model(model_id="m", user_id="alice", app_id="zoo", **where)
        self.started = []

    def start(self, cls=Shouting, **options):
        runner = cls("r", user_id="alice", **{**self.where, **options})
        errors = []

        def run():
            try:
                runner.start()
            except ClarifaiError as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.started.append((runner, thread))
        runner.errors, runner.thread = errors, thread
        return runner

    def ask(self, raw):
        return self.model.predict_by_bytes(raw.encode(), "text").outputs[0].data.text.raw

    def stop(self):
        for runner, _ in self.started:
            runner.stop()
        for _, thread in self.started:
            thread.join(60)
            assert not thread.is_alive()


@pytest.fixture
def make():
    """`make(where)`: a world; its runners are stopped at the end."""
    made = []
    yield lambda where: made.append(World(where)) or made[-1]
    for world in made:
        world.stop()
    close_sessions()


@pytest.fixture
def platform():
    with Platform() as made:
        made.runner_queue.poll_seconds = 0.2
        made.runner_queue.answer_seconds = 20
        yield made


@pytest.fixture(params=["in process", "served"])
def where(request, platform):
    if request.param == "in process":
        yield {"base_url": platform.url}
        return
    with platform.serve() as server:
        yield {"base_url": server.base_url, "pat": server.pat}


@pytest.fixture
def world(where, make):
    return make(where)


POLLERS = pytest.mark.parametrize("poller", ["long_poll", "stream"])


@POLLERS
def test_callers_of_the_model_get_the_answers_of_the_runner(world, poller):
    runner = world.start(poller=poller, num_parallel_polls=3)
    questions = [f"a{number}" for number in range(40)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(world.ask, questions))
    assert answers == [question.upper() for question in questions]
    runner.stop()
    runner.thread.join(60)
    metrics = runner.metrics
    assert (metrics.items, metrics.items_posted, metrics.failures) == (40, 40, 0)
    assert metrics.in_hand == 0


@POLLERS
def test_a_caller_is_told_what_failed(world, poller):
    world.start(poller=poller)
    with pytest.raises(ApiError, match="cannot read 'bad'") as caught:
        world.ask("bad")
    assert caught.value.code == codes.MODEL_PREDICTION_FAILED
    assert world.ask("good") == "GOOD"


@POLLERS
def test_code_that_exits_and_errors_in_no_utf_8_are_told_and_work_goes_on(world, poller):
    class Odd(Shouting):
        def run_input(self, input, output_info):  # noqa: A002
            raw = input.data.text.raw
            if raw == "exit":
                sys.exit(3)
            if raw == "half":
                raise ValueError("caf\udce9.jpg")
            return super().run_input(input, output_info)

    world.start(Odd, poller=poller, num_parallel_polls=1)
    for raw, said in (("exit", "SystemExit: 3"), ("half", r"caf\\udce9.jpg")):
        with pytest.raises(ApiError, match=said):
            world.ask(raw)
        assert world.ask("good") == "GOOD"


@POLLERS
def test_a_runner_that_is_deleted_ends_with_that_error(world, poller):
    runner = world.start(poller=poller)
    assert world.ask("a") == "A"
    User("alice", **world.where).delete_runner("r")
    runner.thread.join(60)
    assert isinstance(runner.errors[0], NotFound)


@POLLERS
def test_a_refused_key_ends_it(platform, make, poller):
    with platform.serve() as server:
        world = make({"base_url": server.base_url, "pat": server.pat})
        runner = world.start(poller=poller, pat="revoked", check_runner_exists=False)
        runner.thread.join(60)
        assert isinstance(runner.errors[0], PermissionDenied)


@POLLERS
def test_it_goes_on_after_the_server_went_away_and_came_back(tmp_path, make, monkeypatch, poller):
    monkeypatch.setattr("clarifai_runner._stream.IDLE_SECONDS", 0.2)
    with Platform(tmp_path) as platform:
        platform.runner_queue.poll_seconds = 0.2
        with platform.serve() as server:
            world = make({"base_url": server.base_url, "pat": server.pat})
            runner = world.start(poller=poller)
            assert world.ask("before") == "BEFORE"
            port = server.port
        while not runner.metrics.poll_errors:
            runner.thread.join(0.01)
        polls = runner.metrics.polls
        with platform.serve(port):
            while runner.metrics.polls == polls:
                runner.thread.join(0.01)
            assert world.ask("after") == "AFTER"
            world.stop()
        assert runner.errors == []


@POLLERS
def test_outputs_are_delivered_although_the_way_back_breaks(platform, make, poller):
    world = make({"base_url": platform.url})
    lost = {"long_poll": "PostRunnerItemOutputs", "stream": "ProcessRunnerItems"}[poller]
    if poller == "stream":
        platform.faults.on(lost, times=1).breaks_stream()
    else:
        platform.faults.on(lost, times=2).unavailable(after_effect=True)
    runner = world.start(poller=poller)
    assert [world.ask(raw) for raw in ("a", "b")] == ["A", "B"]
    world.stop()
    assert runner.metrics.post_errors + runner.metrics.poll_errors >= 1
    assert runner.errors == []


def test_a_stop_gives_up_polls_that_wait_and_no_item_gets_lost_in_them(platform, make):
    platform.runner_queue.poll_seconds = platform.runner_queue.lease_seconds = 600
    with platform.serve() as server:
        world = make({"base_url": server.base_url, "pat": server.pat})
        for _ in range(3):
            runner = world.start(num_parallel_polls=4)
            assert world.ask("a") == "A"
            runner.stop()
            runner.thread.join(60)
            assert not runner.thread.is_alive()
            assert runner.metrics.poll_errors == 0
            while platform.runner_queue.connected(("alice", "label", "gpu")):
                runner.thread.join(0.01)  # it has not heard yet that the runner hung up
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(world.ask, f"b{number}") for number in range(8)]
            world.start()
            assert [one.result() for one in asked] == [f"B{number}" for number in range(8)]
        world.stop()


def test_an_item_that_was_handed_out_to_a_dead_poll_is_handed_out_again(platform, make):
    platform.runner_queue.lease_seconds = 0.3
    with platform.serve() as server:
        world = make({"base_url": server.base_url, "pat": server.pat})
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(world.ask, "a")
            while not platform.runner_queue.take(("alice", "r"), also=[("alice", "label", "gpu")]):
                pass  # as a poll does that nobody waits for: it has the item, and says nothing
            world.start()
            assert asked.result() == "A"
        world.stop()


@POLLERS
def test_a_runner_whose_session_is_closed_ends_with_that_error(platform, make, poller):
    with platform.serve() as server:
        world = make({"base_url": server.base_url, "pat": server.pat})
        runner = world.start(poller=poller)
        assert world.ask("a") == "A"
        runner.session.close()
        runner.thread.join(60)
        assert not runner.thread.is_alive()
        assert "The session of runner 'r' was closed while it ran" in str(runner.errors[0])


def test_a_key_that_is_revoked_while_it_polls_ends_it_with_that_error(platform, make):
    with platform.serve() as server:
        world = make({"base_url": server.base_url, "pat": server.pat})
        runner = world.start(num_parallel_polls=2)
        assert world.ask("a") == "A"
        with platform.faults.on("ListRunnerItems").status(codes.CONN_KEY_INVALID):
            runner.thread.join(60)
        assert not runner.thread.is_alive()
        assert isinstance(runner.errors[0], PermissionDenied)


def test_failing_polls_leave_the_retries_to_the_other_calls(platform, make):
    world = make({"base_url": platform.url})
    app = User("alice", **world.where).app("zoo")
    with platform.faults.on("ListRunnerItems").unavailable():
        runner = world.start(num_parallel_polls=64)
        while runner.metrics.poll_errors < 64:
            runner.thread.join(0.01)
        platform.faults.on("GetModel", times=1).unavailable()
        assert app.model("m").id == "m"


def test_stopping_a_stream_ends_polls_that_wait_at_once(world):
    runner = world.start(poller="stream", num_parallel_polls=4)
    assert world.ask("a") == "A"
    runner.stop()
    runner.thread.join(60)
    assert not runner.thread.is_alive()
    assert runner.metrics.problem == "stopped"


def test_a_class_can_choose_its_poller(world):
    class Streaming(Shouting):
        poller = "stream"

    world.start(Streaming)
    assert world.ask("a") == "A"
