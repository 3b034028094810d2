"""The flow without any network: a script of answers, and a clock that sleeping moves."""

import grpc
import pytest
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai.core import errors
from clarifai.core.transport.calls import CallLimits, Failure, RpcCall
from clarifai.core.transport.catalogue import rpc
from clarifai.core.transport.flow import drive, unary
from clarifai.core.transport.policies import RateLimiter, RetryBudget, RetryRules, Rules

UNAVAILABLE = Failure(grpc.StatusCode.UNAVAILABLE, "socket closed")
NEVER_SENT = Failure(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses")


def answer(code=10000, details=""):
    return service_pb2.MultiAppResponse(status=status_pb2.Status(code=code, details=details))


class World:
    def __init__(self, *answers, budget=None):
        self.now, self.slept, self.sent = 0.0, [], []
        self.answers = list(answers)
        self.rules = Rules(
            RetryRules(),
            budget or RetryBudget(),
            RateLimiter(lambda: self.now),
            lambda: self.now,
            lambda low, high: high,
        )

    def send(self, step):
        self.sent.append(step)
        reply = self.answers.pop(0)
        if isinstance(reply, Failure) and reply.code is grpc.StatusCode.DEADLINE_EXCEEDED:
            self.now += step.timeout_seconds
        return reply

    def sleep(self, seconds):
        self.now += seconds
        self.slept.append(seconds)

    def run(self, name="ListApps", total=60.0, accept=()):
        method = rpc(name)
        call = RpcCall(
            method, method.request_class(), CallLimits(total, total / 2), frozenset(accept), "host"
        )
        return drive(unary(call, self.rules), self.send, self.sleep)


def test_a_read_is_tried_again_with_growing_pauses():
    world = World(UNAVAILABLE, UNAVAILABLE, answer())

    assert world.run().status.code == 10000
    assert world.slept == [0.25, 0.5]
    assert {step.call.request_id for step in world.sent} == {world.sent[0].call.request_id}


def test_a_write_is_not_sent_twice_when_it_may_have_been_applied():
    world = World(UNAVAILABLE, answer())

    with pytest.raises(errors.Unreachable) as raised:
        world.run("PostApps")

    assert len(world.sent) == 1
    assert raised.value.maybe_applied


def test_a_write_that_never_left_is_sent_again():
    world = World(NEVER_SENT, answer())

    world.run("PostApps")

    assert len(world.sent) == 2


def test_a_refused_certificate_is_told_at_once():
    world = World(Failure(grpc.StatusCode.UNAVAILABLE, "Ssl handshake failed: CERTIFICATE_VERIFY"))

    with pytest.raises(errors.Unreachable, match="no trusted connection to host"):
        world.run()

    assert len(world.sent) == 1


def test_a_connection_that_breaks_early_is_tried_again():
    early = "failed to connect to all addresses; last error: ipv4: tcp handshaker shutdown"
    world = World(Failure(grpc.StatusCode.UNAVAILABLE, early), answer())

    world.run("PostApps")

    assert len(world.sent) == 2


def test_every_call_waits_when_the_platform_says_too_many_requests():
    limit = answer(11005, "exceeded limit of 10 requests per second")
    world = World(limit, answer(), answer())

    world.run("PostApps")
    world.run("PostApps")

    assert world.rules.limiter.requests_per_second == pytest.approx(10)
    assert sum(world.slept) >= 0.2
    assert len(world.sent) == 3


def test_attempts_never_add_up_to_more_than_the_deadline():
    timeout = Failure(grpc.StatusCode.DEADLINE_EXCEEDED)
    world = World(*[timeout] * 9)

    with pytest.raises(errors.DeadlineExceeded):
        world.run(total=10)

    assert world.sent[0].timeout_seconds == 5
    assert world.now <= 10


def test_the_retry_budget_runs_out():
    world = World(*[UNAVAILABLE] * 9, budget=RetryBudget(capacity_tokens=10, cost_tokens=5))

    with pytest.raises(errors.Unreachable):
        world.run()

    assert len(world.sent) == 3


def test_a_model_that_is_being_deployed_is_waited_for():
    world = World(answer(21351), answer(21351), answer(21351), answer())

    assert world.run("PostModelOutputs", total=600).status.code == 10000


@pytest.mark.parametrize(
    ("code", "details", "error"),
    [
        (11101, "", errors.NotFound),
        (21200, "", errors.NotFound),
        (11102, "", errors.InvalidArgument),
        (11102, "app 'x' already exists", errors.AlreadyExists),
        (11008, "", errors.PermissionDenied),
        (11003, "", errors.Throttled),
        (10010, "", errors.MixedStatus),
        (10040, "", errors.NotSupported),
        (77777, "", errors.ApiError),
    ],
)
def test_each_status_has_its_error(code, details, error):
    world = World(answer(code, details))

    with pytest.raises(error) as raised:
        world.run("PostApps")

    assert type(raised.value) is error
    assert raised.value.code == code
    assert raised.value.rpc == "PostApps"
    assert raised.value.response.status.code == code


def test_a_status_that_the_caller_handles_is_no_error():
    world = World(answer(10010))

    assert world.run("PostApps", accept=[10010]).status.code == 10010


def test_an_answer_without_status_is_a_bad_reply():
    with pytest.raises(errors.BadReply, match="without a status"):
        World(service_pb2.MultiAppResponse()).run()
