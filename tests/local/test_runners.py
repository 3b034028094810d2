"""Runners: their records, the queue of their work, and a running one; in process and served."""

from __future__ import annotations

import threading

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai.client.runner import Runner
from clarifai.client.user import User
from clarifai.errors import NotFound
from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform
from clarifai_local import _runner_queue as queues
from clarifai_local._runner_queue import RunnerGone, RunnerQueue

ALICE = resources_pb2.UserAppIDSet(user_id="alice")
RUNNER = ("alice", "r")


def request(*texts):
    inputs = [
        resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))
        for raw in texts
    ]
    return service_pb2.PostModelOutputsRequest(model_id="m", inputs=inputs)


def response(*texts):
    outputs = [
        resources_pb2.Output(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))
        for raw in texts
    ]
    return service_pb2.MultiOutputResponse(outputs=outputs)


def post(api, item_id, *texts, runner_id="r"):
    output = service_pb2.RunnerItemOutput(multi_output_response=response(*texts))
    return api.PostRunnerItemOutputs(
        user_app_id=ALICE,
        runner_id=runner_id,
        runner_item_id=item_id,
        runner_item_outputs=[output],
    )


@pytest.fixture
def runner(api, platform):
    """The runner `alice/r`, whose polls wait for next to nothing."""
    platform.runner_queue.poll_seconds = 0.01
    reply = api.PostRunners(
        user_app_id=ALICE,
        runners=[resources_pb2.Runner(id="r", description="D", labels=["gpu", "big"])],
    )
    assert reply.status.code == codes.SUCCESS
    return reply.runners[0]


def test_runners_are_created_found_listed_patched_and_deleted(api, runner):
    assert (runner.id, runner.description, list(runner.labels)) == ("r", "D", ["gpu", "big"])
    assert runner.HasField("created_at")
    assert api.GetRunner(user_app_id=ALICE, runner_id="r").runner == runner
    again = api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="r")]).status
    assert "already exists" in again.details
    api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="s")], nodepool_id="np")
    assert [r.id for r in api.ListRunners(user_app_id=ALICE).runners] == ["s", "r"]
    assert [r.id for r in api.ListRunners(user_app_id=ALICE, per_page=1, page=2).runners] == ["r"]
    assert [r.id for r in api.ListRunners(user_app_id=ALICE, nodepool_id="np").runners] == ["s"]
    bob = resources_pb2.UserAppIDSet(user_id="bob")
    assert not api.ListRunners(user_app_id=bob).runners

    patch = resources_pb2.Runner(id="r", description="E")
    patched = api.PatchRunners(user_app_id=ALICE, runners=[patch], action="merge").runners[0]
    assert (patched.description, list(patched.labels)) == ("E", ["gpu", "big"])

    assert api.DeleteRunners(user_app_id=ALICE).status.code == codes.CONN_INVALID_REQUEST
    assert api.DeleteRunners(user_app_id=ALICE, ids=["r"]).status.code == codes.SUCCESS
    gone = api.GetRunner(user_app_id=ALICE, runner_id="r").status
    assert (gone.code, gone.description) == (codes.RUNNER_DOES_NOT_EXIST, "Runner does not exist")
    assert api.DeleteRunners(user_app_id=ALICE, ids=["r"]).status.code == (
        codes.RUNNER_DOES_NOT_EXIST
    )


def test_work_goes_to_the_runner_and_the_outputs_come_back(api, platform, runner):
    work = platform.runner_queue.put(RUNNER, request("a", "b"))

    polled = api.ListRunnerItems(user_app_id=ALICE, runner_id="r")
    assert polled.status.code == codes.SUCCESS
    (item,) = polled.runner_items
    assert item.post_model_outputs_request == request("a", "b")
    with pytest.raises(TimeoutError):
        work.wait(0)
    assert post(api, item.id, "A", "B").status.code == codes.SUCCESS

    assert work.wait(0) == response("A", "B")
    assert post(api, item.id, "C").status.code == codes.SUCCESS
    assert work.wait(0) == response("A", "B")


def test_a_poll_without_work_asks_to_try_again(api, runner):
    reply = api.ListRunnerItems(user_app_id=ALICE, runner_id="r")
    assert reply.status.code == codes.RUNNER_NEEDS_RETRY
    assert not reply.runner_items


def test_each_item_is_given_out_once_and_to_its_runner_only(api, platform, runner):
    api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="s")])
    for raw in ("1", "2"):
        platform.runner_queue.put(RUNNER, request(raw))

    assert not api.ListRunnerItems(user_app_id=ALICE, runner_id="s").runner_items
    got = [api.ListRunnerItems(user_app_id=ALICE, runner_id="r").runner_items for _ in range(3)]

    said = [[i.post_model_outputs_request.inputs[0].data.text.raw for i in g] for g in got]
    assert said == [["1"], ["2"], []]
    assert post(api, got[0][0].id, "A", runner_id="s").status.code == codes.CONN_DOES_NOT_EXIST


def test_odd_answers_are_refused(api, platform, runner):
    work = platform.runner_queue.put(RUNNER, request("a"))
    assert post(api, "none", "A").status.code == codes.CONN_DOES_NOT_EXIST
    empty = api.PostRunnerItemOutputs(user_app_id=ALICE, runner_id="r", runner_item_id=work.id)
    assert empty.status.code == codes.CONN_INVALID_REQUEST
    unknown = api.ListRunnerItems(user_app_id=ALICE, runner_id="none").status
    assert unknown.code == codes.RUNNER_DOES_NOT_EXIST


def test_a_poll_waits_for_work(api, platform, runner):
    platform.runner_queue.poll_seconds = 30
    got = []
    poll = threading.Thread(
        target=lambda: got.append(api.ListRunnerItems(user_app_id=ALICE, runner_id="r"))
    )
    poll.start()
    platform.runner_queue.put(RUNNER, request("late"))
    poll.join(60)
    assert got[0].runner_items[0].post_model_outputs_request == request("late")


def test_deleting_the_runner_ends_its_polls_and_who_waits_is_told(api, platform, runner):
    platform.runner_queue.poll_seconds = 30
    work = platform.runner_queue.put(RUNNER, request("a"))
    api.ListRunnerItems(user_app_id=ALICE, runner_id="r")
    got = []
    poll = threading.Thread(
        target=lambda: got.append(api.ListRunnerItems(user_app_id=ALICE, runner_id="r"))
    )
    poll.start()
    api.DeleteRunners(user_app_id=ALICE, ids=["r"])
    poll.join(60)
    assert got[0].status.code == codes.RUNNER_DOES_NOT_EXIST
    with pytest.raises(RunnerGone):
        work.wait(60)


def test_closing_the_platform_ends_polls(connect):
    platform = Platform()
    api = connect(platform.channel())
    api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="r")])
    platform.runner_queue.poll_seconds = 30
    work = platform.runner_queue.put(("alice", "other"), request("a"))
    found = []
    polling = threading.Event()

    def poll():
        polling.set()
        found.append(platform.runner_queue.take(RUNNER))

    thread = threading.Thread(target=poll)
    thread.start()
    polling.wait(60)
    platform.close()
    thread.join(60)
    assert found == [[]]
    with pytest.raises(RunnerGone):
        work.wait(0)
    with pytest.raises(RunnerGone):
        platform.runner_queue.put(RUNNER, request("a"))


def test_an_item_that_nobody_answers_is_given_out_again():
    now = [0.0]
    queue = RunnerQueue(lambda: now[0])
    queue.poll_seconds = 0
    work = queue.put(RUNNER, request("a"))
    assert queue.take(RUNNER) == [work]
    now[0] = queues.LEASE_SECONDS / 2
    assert queue.take(RUNNER) == []
    now[0] = queues.LEASE_SECONDS
    assert queue.take(RUNNER) == [work]
    assert queue.answer(RUNNER, work.id, response("first"))
    assert queue.answer(RUNNER, work.id, response("second"))
    assert work.wait(0) == response("first")


def test_what_is_withdrawn_is_not_given_out():
    queue = RunnerQueue()
    queue.poll_seconds = 0
    work = queue.put(RUNNER, request("a"))
    queue.withdraw(work)
    assert queue.take(RUNNER) == []
    assert not queue.answer(RUNNER, work.id, response("a"))


def test_served(connect):
    with Platform() as platform, platform.serve() as server:
        platform.runner_queue.poll_seconds = 0.01
        with grpc.insecure_channel(server.address) as channel:
            api = connect(channel, (("authorization", f"Key {server.pat}"),))
            api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="r")])
            assert api.ListRunnerItems(user_app_id=ALICE, runner_id="r").status.code == (
                codes.RUNNER_NEEDS_RETRY
            )
            work = platform.runner_queue.put(RUNNER, request("a"))
            (item,) = api.ListRunnerItems(user_app_id=ALICE, runner_id="r").runner_items
            assert post(api, item.id, "A").status.code == codes.SUCCESS
            assert work.wait(0) == response("A")


class Shouting(Runner):
    def run_input(self, input, output_info):  # noqa: A002 - the documented name
        raw = input.data.text.raw.upper()
        return resources_pb2.Output(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))


def test_through_the_handles():
    with Platform() as platform, platform.serve() as server:
        login = {"base_url": server.base_url, "pat": server.pat}
        user = User("alice", **login)
        user.create_runner("r", labels=["gpu"], description="D")
        assert [r.id for r in user.list_runners()] == ["r"]
        platform.runner_queue.poll_seconds = 0.05
        runner = Shouting("r", user_id="alice", num_parallel_polls=2, **login)
        thread = threading.Thread(target=runner.start)
        thread.start()
        works = [platform.runner_queue.put(RUNNER, request(f"a{n}")) for n in range(5)]
        said = [work.wait(60).outputs[0].data.text.raw for work in works]
        runner.stop()
        thread.join(60)
        assert said == ["A0", "A1", "A2", "A3", "A4"]
        assert not thread.is_alive()
        user.delete_runner("r")
        with pytest.raises(NotFound):
            user.runner("r")
        close_sessions()
