"""Work in, outputs out: what a caller of the model and the owner of the runner see."""

from __future__ import annotations

import itertools
import threading
import time

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.errors import NotFound, PermissionDenied
from clarifai_local.dispatch import Aborted
from clarifai_local.statuses import Refused
from clarifai_runner.handle import Runner
from tests.runner.desk import Echo

FAILED = 21313


def texts(answer) -> list[str]:
    return [output.data.text.raw for output in answer.outputs]


def status_codes(answer) -> list[int]:
    return [output.status.code for output in answer.outputs]


def test_every_input_of_an_item_is_answered_in_order(desk, run):
    desk.put("item-1", "a", "b", "c")
    run(num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["seen a", "seen b", "seen c"]
    assert status_codes(answer) == [codes.SUCCESS] * 3
    assert (answer.status.code, answer.status.description) == (codes.SUCCESS, "Success")


def test_requests_name_the_runner_and_its_user_only(desk, run):
    desk.put("item-1", "a")
    run(num_parallel_polls=1)
    desk.answers("item-1")
    for request in (desk.polls[0], desk.posts[0]):
        assert request.runner_id == "run-1"
        assert (request.user_app_id.user_id, request.user_app_id.app_id) == ("alice", "")
    assert desk.posts[0].runner_item_id == "item-1"


def test_an_item_without_inputs_succeeds(desk, run):
    desk.put("item-1")
    run(num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert answer.status.code == codes.SUCCESS
    assert not answer.outputs


@pytest.mark.parametrize("none_is_success", [True, False])
def test_polls_go_on_while_there_is_no_work(desk, run, none_is_success):
    desk.none_is_success = none_is_success
    running = run(num_parallel_polls=1)
    desk.put("item-1", "a")
    desk.answers("item-1")
    desk.put("item-2", "b")
    desk.answers("item-2")
    assert running.thread.is_alive()


def test_run_input_gets_the_output_info_of_the_request(desk, run):
    seen = []

    class Curious(Runner):
        def run_input(self, input, output_info):  # noqa: A002
            seen.append((type(output_info), output_info.params["temperature"]))
            return resources_pb2.Output()

    desk.put("item-1", "a", params={"temperature": 0.5})
    run(Curious, num_parallel_polls=1)
    desk.answers("item-1")
    assert seen == [(resources_pb2.OutputInfo, 0.5)]


def test_a_failing_input_harms_no_other(desk, run):
    desk.put("item-1", "a", "bad", "c")
    run(num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert texts(answer) == ["seen a", "", "seen c"]
    assert status_codes(answer) == [codes.SUCCESS, FAILED, codes.SUCCESS]
    assert answer.status.code == codes.MIXED_STATUS
    failed = answer.outputs[1].status
    assert failed.details == "ValueError: cannot read 'bad'"
    assert not failed.stack_trace


def test_an_item_whose_inputs_all_fail_is_a_failure(desk, run):
    desk.put("item-1", "bad", "odd")
    run(num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert answer.status.code == codes.FAILURE
    assert status_codes(answer) == [FAILED, FAILED]
    assert "must return a resources_pb2.Output, got {'text': 'odd'}" in (
        answer.outputs[1].status.details
    )


def test_a_plain_runner_says_what_is_missing_to_its_callers(desk, run):
    desk.put("item-1", "a")
    run(Runner, num_parallel_polls=1)
    [answer] = desk.answers("item-1")
    assert "subclass Runner and implement run_input" in answer.outputs[0].status.details


def test_an_item_of_another_kind_is_refused_and_the_next_is_served(desk, run):
    desk.work.put(service_pb2.RunnerItem(id="strange"))
    desk.put("item-1", "a")
    run(num_parallel_polls=1)
    strange, answer = desk.answers("strange", "item-1")
    assert strange.status.code == codes.FAILURE
    assert texts(answer) == ["seen a"]


def test_polls_in_parallel_run_items_side_by_side(desk, run):
    both = threading.Barrier(2, timeout=60)

    class Meeting(Echo):
        def run_input(self, input, output_info):  # noqa: A002
            both.wait()
            return super().run_input(input, output_info)

    desk.put("item-1", "a")
    desk.put("item-2", "b")
    run(Meeting, num_parallel_polls=2)
    assert [texts(answer) for answer in desk.answers("item-1", "item-2")] == [
        ["seen a"],
        ["seen b"],
    ]


@pytest.mark.parametrize(
    "failure",
    [
        Refused(codes.FAILURE, "scripted"),
        Refused(codes.INTERNAL_SERVER_ISSUE, "scripted"),
        Aborted(grpc.StatusCode.UNAVAILABLE, "gone for a moment"),
    ],
)
def test_a_failing_poll_is_made_again(desk, run, failure):
    desk.poll_failures = [failure]
    desk.put("item-1", "a")
    run(num_parallel_polls=1)
    assert [texts(answer) for answer in desk.answers("item-1")] == [["seen a"]]


@pytest.mark.parametrize(
    "failure",
    [
        Refused(codes.FAILURE, "scripted"),
        Refused(codes.INTERNAL_SERVER_ISSUE, "scripted"),
        Aborted(grpc.StatusCode.UNAVAILABLE, "gone for a moment"),
    ],
)
def test_outputs_are_posted_until_they_are_accepted(desk, run, failure):
    desk.post_failures = [failure]
    desk.put("item-1", "a")
    run(num_parallel_polls=1)
    assert [texts(answer) for answer in desk.answers("item-1")] == [["seen a"]]
    assert [post.runner_item_id for post in desk.posts] == ["item-1", "item-1"]


def test_outputs_of_an_item_that_is_gone_are_given_up(desk, run):
    desk.post_failures = [Refused(codes.CONN_DOES_NOT_EXIST)]
    desk.put("item-1", "a")
    desk.put("item-2", "b")
    run(num_parallel_polls=1)
    desk.answers("item-2")
    assert [post.runner_item_id for post in desk.posts] == ["item-1", "item-2"]


def test_a_clock_that_jumps_to_and_fro_changes_nothing(desk, run, monkeypatch):
    real, jumps = time.time, itertools.cycle((0.0, 1e9, -1e9))
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    desk.poll_failures = [Refused(codes.FAILURE, "scripted")]
    desk.post_failures = [Refused(codes.FAILURE, "scripted")]
    desk.put("item-1", "a")
    running = run(num_parallel_polls=1)
    assert [texts(answer) for answer in desk.answers("item-1")] == [["seen a"]]
    running.runner.stop()
    running.finish()
    metrics = running.runner.metrics
    assert (metrics.items_posted, metrics.poll_errors, metrics.post_errors) == (1, 1, 1)
    assert 0 < metrics.latency.sum_seconds < 1e6
    assert metrics.queue_age_seconds == 0


def test_a_failing_platform_is_not_asked_in_a_hot_loop(desk, run):
    desk.poll_failures = [Refused(codes.FAILURE, "scripted")] * 100
    running = run(num_parallel_polls=1)
    running.thread.join(1.5)
    running.runner.stop()
    running.finish()
    assert 1 <= len(desk.polls) <= 5


@pytest.mark.parametrize(
    ("code", "error"),
    [(codes.CONN_KEY_INVALID, PermissionDenied), (codes.RUNNER_DOES_NOT_EXIST, NotFound)],
)
def test_a_refusal_for_good_ends_the_runner_with_that_error(desk, run, code, error):
    desk.poll_failures = [Refused(code)] * 2
    running = run(num_parallel_polls=2)
    running.finish()
    assert isinstance(running.error, error)


def test_a_revoked_key_ends_it_when_posting_too(desk, run):
    desk.post_failures = [Refused(codes.CONN_KEY_INVALID)]
    desk.put("item-1", "a")
    running = run(num_parallel_polls=1)
    running.finish()
    assert isinstance(running.error, PermissionDenied)
