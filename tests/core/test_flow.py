"""The flow without any network: a script of answers, and a clock that sleeping moves."""

import attrs
import grpc
import pytest
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core import errors
from clarifai_core.transport._flow import drive, unary
from clarifai_core.transport.calls import Failure, RpcCall
from clarifai_core.transport.catalogue import CallLimits, rpc
from clarifai_core.transport.policies import (
    FIRST_CONTACT_SECONDS,
    CallRules,
    RateLimiter,
    RetryBudget,
    RetryRules,
)

UNAVAILABLE = Failure(grpc.StatusCode.UNAVAILABLE, "socket closed")
NEVER_SENT = Failure(grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses")


def answer(code=10000, details=""):
    return service_pb2.MultiAppResponse(status=status_pb2.Status(code=code, details=details))


class World:
    def __init__(self, *answers, budget=None):
        self.now, self.slept, self.sent = 0.0, [], []
        self.answers = list(answers)
        self.rules = CallRules(
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

    def run(self, name="ListApps", total=60.0, accept=(), asked=False):
        method = rpc(name)
        limits = CallLimits(total, total / 2, asked=asked)
        call = RpcCall(method, method.request_class(), limits, frozenset(accept), "host")
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


def test_what_never_left_spends_neither_attempts_nor_budget():
    """As gRFC A6 has it: such a request cost the platform nothing."""
    world = World(answer(), *[NEVER_SENT] * 30, answer(), budget=RetryBudget(5, 5))
    world.run()  # it was there

    world.run("PostApps")

    assert len(world.sent) == 32
    assert world.rules.budget.spend(), "the budget is as full as it was"
    assert max(world.slept) == 1.0


def test_a_platform_that_was_there_is_waited_for_until_the_deadline():
    world = World(answer(), *[NEVER_SENT] * 99)
    world.run()

    with pytest.raises(errors.Unreachable, match="cannot reach host") as raised:
        world.run(total=30)

    assert 28 <= world.now <= 30
    assert not raised.value.maybe_applied


def test_a_platform_that_was_never_there_is_given_up_sooner():
    world = World(*[NEVER_SENT] * 99)

    with pytest.raises(errors.Unreachable):
        world.run(total=300)

    assert FIRST_CONTACT_SECONDS <= world.now <= FIRST_CONTACT_SECONDS + 2


def test_a_deadline_that_is_over_before_anything_was_sent_sends_nothing():
    world = World(answer())
    ticks = iter(range(9))
    world.rules = attrs.evolve(world.rules, clock=lambda: next(ticks))

    with pytest.raises(errors.DeadlineExceeded, match="timeout_seconds=1e-09 was over") as raised:
        world.run(total=1e-9)

    assert not world.sent
    assert not raised.value.maybe_applied


def test_an_outage_that_lasts_ends_calls_whatever_their_deadline():
    world = World(answer(), *[NEVER_SENT] * 999)
    world.run()
    outage = world.rules.retry.outage_seconds

    with pytest.raises(errors.Unreachable, match="cannot reach host"):
        world.run(total=900)
    assert outage <= world.now <= outage + 2

    began = world.now
    with pytest.raises(errors.Unreachable):
        world.run(total=900)
    assert FIRST_CONTACT_SECONDS <= world.now - began <= FIRST_CONTACT_SECONDS + 2


def test_a_deadline_that_the_user_gave_holds_in_an_outage_too():
    world = World(answer(), *[NEVER_SENT] * 9999)
    world.run()
    with pytest.raises(errors.Unreachable, match="cannot reach host"):
        world.run(total=900, asked=True)
    assert 890 <= world.now <= 900


def test_an_answer_ends_an_outage():
    world = World(answer(), *[NEVER_SENT] * 9, answer(), *[NEVER_SENT] * 60, answer())
    world.run()

    world.run(total=900)
    assert world.rules.contact.lost_at is None

    world.run(total=900)  # the next one is an outage of its own
    assert not world.answers


def test_the_environment_says_how_long_an_outage_is_waited_for(monkeypatch):
    monkeypatch.setenv("CLARIFAI_OUTAGE_SECONDS", "7")
    world = World(answer(), *[NEVER_SENT] * 99)
    world.run()
    with pytest.raises(errors.Unreachable):
        world.run(total=900)
    assert 7 <= world.now <= 9


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_an_outage_that_is_no_time_is_refused(value, monkeypatch):
    monkeypatch.setenv("CLARIFAI_OUTAGE_SECONDS", value)
    with pytest.raises(errors.UserError, match="CLARIFAI_OUTAGE_SECONDS must be a number of sec"):
        RetryRules()


def test_an_outage_is_told_once_and_throttling_is_none(caplog):
    limit = answer(11005, "exceeded limit of 10 requests per second")
    world = World(answer(), NEVER_SENT, NEVER_SENT, limit, limit, answer())
    world.run()

    world.run()

    told = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(told) == 1
    assert "cannot reach host" in told[0]


def test_a_refusal_counts_as_being_there():
    world = World(answer(11101), *[NEVER_SENT] * 25, answer())
    with pytest.raises(errors.NotFound):
        world.run()

    assert world.run().status.code == 10000


def test_a_caller_that_repeats_by_itself_hears_of_it_at_once():
    world = World(NEVER_SENT)
    method = rpc("ListApps")
    call = RpcCall(method, method.request_class(), CallLimits(60, 30, once=True), where="host")

    with pytest.raises(errors.Unreachable):
        drive(unary(call, world.rules), world.send, world.sleep)

    assert world.slept == []


# Words of grpcio 1.85, seen with openssl certificates that are what the names say.
_CONNECTING = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: "
REFUSED_CERTIFICATES = {
    "unknown-issuer": "Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:1000007d:"
    "SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: self signed certificate: OK",
    "another-name": "Custom verification check failed with error: UNAUTHENTICATED: Hostname "
    "Verification Check failed.",
    "older-words": "Ssl handshake failed: CERTIFICATE_VERIFY",
    "ours-is-wanted": "SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED",
}
BROKEN_HANDSHAKES = {
    "reset": "Handshake read failed (recvmsg:Connection reset by peer (104))",
    "shut-down": "tcp handshaker shutdown",
    "too-late": "connection attempt timed out before receiving SETTINGS frame",
    "alert": "Tls handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:10000410:SSL "
    "routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE: Invalid certificate verification "
    "context: OK",
}


@pytest.mark.parametrize("words", REFUSED_CERTIFICATES.values(), ids=REFUSED_CERTIFICATES)
def test_a_refused_certificate_is_told_at_once(words):
    world = World(Failure(grpc.StatusCode.UNAVAILABLE, _CONNECTING + words))

    with pytest.raises(errors.Unreachable, match="no trusted connection to host"):
        world.run()

    assert len(world.sent) == 1


@pytest.mark.parametrize("words", BROKEN_HANDSHAKES.values(), ids=BROKEN_HANDSHAKES)
def test_a_handshake_that_breaks_is_no_refused_certificate(words):
    world = World(*[Failure(grpc.StatusCode.UNAVAILABLE, _CONNECTING + words)] * 99)

    with pytest.raises(errors.Unreachable, match="cannot reach host"):
        world.run()

    assert len(world.sent) > 5


def test_a_name_that_cannot_be_resolved_was_never_sent():
    words = "errors resolving nosuch.invalid:80: [field:hostname lookup error:Name not found]"

    assert Failure(grpc.StatusCode.UNAVAILABLE, words).never_sent


def test_the_words_of_others_are_shown_without_secrets():
    words = "connection refused by proxy http://me:secret@proxy:3128"
    refused = Failure(grpc.StatusCode.UNAUTHENTICATED, words)
    world = World(refused, Failure(UNAVAILABLE.code, words), budget=RetryBudget(0))

    for _ in range(2):
        with pytest.raises(errors.ClarifaiError) as raised:
            world.run(total=0.01)
        assert "secret" not in str(raised.value)
        assert "proxy" in str(raised.value)


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
