"""What the request path asks of code around every call."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.errors import ApiError, ClarifaiError, NotFound
from clarifai_core.heavy import service_pb2
from clarifai_core.safe_text import failure
from clarifai_core.settings import Settings
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import Flow, RpcCall, Send
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, at_once, check, place, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_local import Platform

PAT = "c0nf0rm4nce7e5tk3y"
MADE = ["test_makes_a_policy", "test_is_a_generator_function"]
ROUND = [
    *MADE,
    "test_the_answer_is_passed_on",
    "test_the_call_goes_on_once",
    "test_steps_are_passed_on",
]


class _OwnError(ClarifaiError):
    """What the step below a policy raises."""


class PolicyContract(SpecContract):
    """Code around every call: steps, answers and failures go through it, and no key out of it.

    Say `plugin` and `name`.
    """

    hook = "clarifai_register_policies"

    def _made(self) -> Callable[..., Any]:
        settings = Settings.resolve(base_url="https://api.example.com", pat=PAT)
        made: Callable[..., Any] = self.target(settings)
        return made

    def _policy(self) -> Callable[..., Any]:
        try:
            return self._made()
        except Exception:  # noqa: BLE001  why: test_makes_a_policy tells it
            pytest.skip("test_makes_a_policy says what to mend first")

    @staticmethod
    def _call(**more: Any) -> RpcCall:
        rpc = catalogue.rpc("ListApps")
        return RpcCall(rpc, service_pb2.ListAppsRequest(), rpc.limits, where="conformance", **more)

    @check()
    def test_makes_a_policy(self) -> None:
        """It is called with the settings, and returns a function."""
        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a function of the settings.")
        made = self._made()
        if not callable(made):
            wrong(f"{self.title} makes a {type(made).__name__}, which cannot be called.")

    @check(after=["test_makes_a_policy"])
    def test_is_a_generator_function(self) -> None:
        """The policy is a generator function `(call, proceed)`."""
        steps = self._policy()(self._call(), _answering())
        if not hasattr(steps, "send"):
            wrong(
                f"{self.title} returns a {type(steps).__name__}: write a generator function, with "
                "`reply = yield from proceed(call)`."
            )
        steps.close()

    @check(after=MADE)
    def test_the_answer_is_passed_on(self) -> None:
        """What the call answers is what the policy returns."""
        answer = service_pb2.MultiAppResponse()
        answer.apps.add(id="there")
        found = _driven(self._policy()(self._call(), _answering(answer)))[0]
        if found != answer:
            wrong(
                f"{self.title} returns {type(found).__name__} instead of the answer: end with "
                "`return reply`."
            )

    @check(after=MADE)
    def test_the_call_goes_on_once(self) -> None:
        """A policy asks the platform once: retries are core's."""
        asked: list[RpcCall] = []
        _driven(self._policy()(self._call(), _answering(asked=asked)))
        if len(asked) != 1:
            wrong(f"{self.title} proceeds {len(asked)} times: once, as core retries by itself.")

    @check(after=[*MADE, "test_the_call_goes_on_once"])
    def test_steps_are_passed_on(self) -> None:
        """What the call yields goes through, and what comes back goes in, as `yield from` does."""
        seen: list[object] = []

        def proceed(call: RpcCall) -> Flow[Any]:
            for number in range(3):
                came = yield Send(call, number, 1.0)
                seen.append(came)
            return service_pb2.MultiAppResponse()

        _found, steps = _driven(self._policy()(self._call(), proceed))
        if [getattr(step, "attempt", step) for step in steps] != [0, 1, 2]:
            wrong(f"{self.title} yields {len(steps)} steps where the call has 3: `yield from` it.")
        if seen != ["came of 0", "came of 1", "came of 2"]:
            wrong(f"{self.title} does not give the call what came of its steps: `yield from` it.")

    @check(after=ROUND)
    def test_failures_go_through(self) -> None:
        """What the call raises, the policy raises."""

        def proceed(call: RpcCall) -> Iterator[Any]:
            yield Send(call, 0, 1.0)
            raise _OwnError("the call failed")

        try:
            found, _ = _driven(self._policy()(self._call(), proceed))
        except _OwnError:
            return
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} turns a failure of the call into {failure(error)}{place(error)}: "
                "raise it again as it is."
            )
        wrong(f"{self.title} swallows a failure of the call and returns {found!r}: raise it again.")

    @check(after=ROUND)
    def test_the_call_keeps_its_id(self) -> None:
        """A policy may add metadata, by attrs.evolve, but the call stays the call."""
        asked: list[RpcCall] = []
        call = self._call()
        _driven(self._policy()(call, _answering(asked=asked)))
        if asked and (asked[0].rpc, asked[0].request_id) != (call.rpc, call.request_id):
            wrong(f"{self.title} proceeds with another call: use attrs.evolve(call, metadata=...).")

    @check(after=ROUND)
    def test_requests_of_any_form_go_through(self) -> None:
        """A request may be bytes already: whoever reads its fields looks first what it is."""
        rpc = catalogue.rpc("ListApps")
        call = RpcCall(rpc, b"", rpc.limits, where="conformance")
        try:
            _driven(self._policy()(call, _answering()))
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} fails at a request that is bytes: {failure(error)}{place(error)}; "
                "look at call.rpc, or ask isinstance first."
            )

    @check(after=ROUND)
    def test_shows_no_key(
        self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither what it prints nor what it logs has the key."""
        with caplog.at_level(logging.DEBUG):
            policy = self._policy()
            call = self._call(metadata=(("authorization", f"Key {PAT}"),))
            _driven(policy(call, _answering()))
        said = capfd.readouterr()
        if PAT in said.out + said.err + caplog.text or PAT in repr(policy):
            wrong(f"{self.title} shows the key: print and log neither settings nor metadata.")

    @check(after=EVERY)
    def test_calls_go_through(self, clarifai_platform: Platform) -> None:
        """Calls of a handle do what they do without the policy."""
        user = User()
        user.create_app("through-the-policy", base_workflow="Empty")
        if "through-the-policy" not in [one.id for one in user.list_apps()]:
            wrong(f"{self.title}: what a call creates is not there.")

    @check(after=EVERY)
    def test_refusals_go_through(self, clarifai_platform: Platform) -> None:
        """What the platform refuses is the error that it is without the policy."""
        try:
            User().app("no-such-app")
        except NotFound:
            return
        except ApiError as error:
            wrong(f"{self.title} turns NotFound into {type(error).__name__}: raise it again.")
        wrong(f"{self.title} swallows that there is no such app: raise what the call raised.")

    @check(after=EVERY)
    def test_threads_call_at_once(self, clarifai_platform: Platform) -> None:
        """One policy serves all threads of a session."""
        user = User()
        user.list_apps().all()
        at_once(lambda: user.list_apps().all())


def _answering(
    answer: Any = None, asked: list[RpcCall] | None = None
) -> Callable[[RpcCall], Flow[Any]]:
    def proceed(call: RpcCall) -> Flow[Any]:
        if asked is not None:
            asked.append(call)
        yield Send(call, 0, 1.0)
        return answer if answer is not None else service_pb2.MultiAppResponse()

    return proceed


def _driven(steps: Any) -> tuple[Any, list[Any]]:
    """Return what a flow returns, and the steps that it yielded."""
    seen: list[Any] = []
    reply = None
    try:
        while True:
            step = steps.send(reply)
            seen.append(step)
            reply = f"came of {getattr(step, 'attempt', '?')}"
    except StopIteration as stop:
        return stop.value, seen
