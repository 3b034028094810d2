"""What the embedded platform asks of a service: what answers RPCs."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.heavy import message_factory, service_pb2
from clarifai_core.status import SUCCESS, is_success
from clarifai_testing._checks import EVERY, at_once, check, wrong
from clarifai_testing._contract import SpecContract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarifai_core.heavy import resources_pb2
    from clarifai_local import Platform
    from clarifai_local.auth import Caller

MADE = ["test_makes_a_service", "test_answers_rpcs", "test_rpcs_are_on_the_wire"]


class ServiceContract(SpecContract):
    """RPCs of the embedded platform: of its wire, of their types, and never a crash.

    Say `plugin`, `name`, and `requests` that succeed in an empty app.
    """

    hook = "clarifai_register_services"

    def requests(self, scope: Any) -> Sequence[tuple[str, Any]]:
        """Return RPCs with a request each, to be sent one after another; all are to succeed.

        Args:
            scope: The `UserAppIDSet` of an empty app.
        """
        return []

    def _service(self, platform: Platform) -> Mapping[str, Any]:
        from clarifai_local.dispatch import handlers_of

        try:
            made = self.target(platform)
        except Exception:  # noqa: BLE001  why: test_makes_a_service tells it
            pytest.skip("test_makes_a_service says what to mend first")
        return handlers_of(made)

    @pytest.fixture
    def own_platform(self) -> Iterator[Platform]:
        """Return a platform with the service, and an app."""
        from clarifai_local import Platform

        try:
            platform = Platform()
        except Exception:  # noqa: BLE001  why: test_makes_a_service tells it
            pytest.skip("test_makes_a_service says what to mend first")
        with platform:
            yield platform

    def _scope(self, platform: Platform, app_id: str = "test-app") -> resources_pb2.UserAppIDSet:
        from clarifai_core.heavy import resources_pb2

        scope = resources_pb2.UserAppIDSet(user_id="me")
        request = service_pb2.PostAppsRequest(user_app_id=scope)
        request.apps.add(id=app_id)
        self._asked(platform, "PostApps", request)
        return resources_pb2.UserAppIDSet(user_id="me", app_id=app_id)

    @staticmethod
    def _asked(platform: Platform, rpc: str, request: Any) -> Any:
        method = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name[rpc]
        answer = message_factory.GetMessageClass(method.output_type)
        call = platform.channel().unary_unary(
            f"/clarifai.api.V2/{rpc}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        return call(request)

    def _unary(self, platform: Platform) -> list[tuple[str, Any]]:
        """Return the RPCs that are asked once and answer once, with their request classes."""
        methods = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name
        found = [methods[name] for name in sorted(self._service(platform)) if name in methods]
        return [
            (one.name, message_factory.GetMessageClass(one.input_type))
            for one in found
            if not one.client_streaming and not one.server_streaming
        ]

    @check()
    def test_answers_rpcs(self) -> None:
        """Some of its methods are marked with @rpc."""
        from clarifai_local.dispatch import handlers_of

        target = self.target
        if isinstance(target, type) and not handlers_of(object.__new__(target)):
            wrong(
                f"{self.title} answers no RPC: mark its methods with clarifai_local.dispatch.rpc."
            )

    @check()
    def test_rpcs_are_on_the_wire(self) -> None:
        """The names at @rpc are RPCs that there are."""
        from clarifai_local.dispatch import handlers_of

        target = self.target
        known = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name
        found = handlers_of(object.__new__(target)) if isinstance(target, type) else {}
        unknown = sorted(name for name in found if name not in known)
        if unknown:
            wrong(f"{self.title} answers {unknown[0]!r}, which is no RPC: see service_pb2.")

    @check(after=["test_answers_rpcs", "test_rpcs_are_on_the_wire"])
    def test_makes_a_service(self) -> None:
        """It is called with the platform, and returns an object."""
        from clarifai_local import Platform

        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a class or function of a platform.")
        with Platform(services=[target]):
            pass

    @check(after=["test_answers_rpcs", "test_rpcs_are_on_the_wire"])
    def test_handlers_take_request_and_caller(self) -> None:
        """A handler is `(self, request, caller)`."""
        from clarifai_local.dispatch import handlers_of

        target = self.target
        found = handlers_of(object.__new__(target)) if isinstance(target, type) else {}
        for name, handler in found.items():
            try:
                inspect.signature(handler).bind(None, None)
            except TypeError:
                wrong(
                    f"{self.title}: {handler.__name__}, which answers {name}, must take a request "
                    "and a caller."
                )

    @check(after=[*MADE, "test_handlers_take_request_and_caller"])
    def test_good_requests_succeed(self, own_platform: Any) -> None:
        """What `requests` has is answered with SUCCESS."""
        asked = self.requests(self._scope(own_platform))
        if not asked:
            wrong(f"{type(self).__name__} asks nothing: return RPCs with requests in requests().")
        for rpc, request in asked:
            status = self._asked(own_platform, rpc, request).status
            if not is_success(status):
                wrong(
                    f"{self.title} answers {rpc} with {status.code} {status.description}: "
                    f"{status.details}."
                )

    @check(after=[*MADE, "test_good_requests_succeed"])
    def test_answers_are_of_the_rpcs_type(self, own_platform: Any) -> None:
        """A handler returns the message that the RPC answers with."""
        methods = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name
        handlers = self._service(own_platform)
        caller = _caller()
        for rpc, request in self.requests(self._scope(own_platform)):
            if rpc not in handlers:
                continue
            found = handlers[rpc](request, caller)
            wanted = methods[rpc].output_type.name
            kind = getattr(getattr(found, "DESCRIPTOR", None), "name", type(found).__name__)
            if kind != wanted:
                wrong(f"{self.title}: {rpc} answers with a {kind}: it must be a {wanted}.")

    @check(after=[*MADE, "test_handlers_take_request_and_caller"])
    def test_empty_requests_do_not_crash(self, own_platform: Any) -> None:
        """A request without fields is answered or refused; it is no crash."""
        for rpc, request_class in self._unary(own_platform):
            self._no_crash(own_platform, rpc, request_class(), "an empty request")

    @check(
        after=[*MADE, "test_handlers_take_request_and_caller", "test_empty_requests_do_not_crash"]
    )
    def test_unknown_apps_are_refused(self, own_platform: Any) -> None:
        """An app that does not exist has nothing: it is refused."""
        for rpc, request_class in self._unary(own_platform):
            if "user_app_id" not in request_class.DESCRIPTOR.fields_by_name:
                continue
            request = request_class()
            request.user_app_id.user_id, request.user_app_id.app_id = "me", "no-such-app"
            code = self._no_crash(own_platform, rpc, request, "an app that does not exist")
            if code == SUCCESS:
                wrong(
                    f"{self.title} answers {rpc} for an app that does not exist: ask "
                    "platform.scopes.app(request.user_app_id, caller), which refuses it."
                )

    @check(after=[*MADE, "test_good_requests_succeed"])
    def test_platforms_share_nothing(self, own_platform: Any) -> None:
        """Each platform has a service of its own."""
        from clarifai_local import Platform

        asked = self.requests(self._scope(own_platform))
        first = [self._asked(own_platform, rpc, request) for rpc, request in asked]
        with Platform() as other:
            requests = self.requests(self._scope(other))
            second = [self._asked(other, rpc, request) for rpc, request in requests]
        for one in (*first, *second):
            one.ClearField("status")
        if first != second:
            wrong(f"{self.title} shares what it keeps between platforms: keep it on self.")

    @check(after=[*MADE, "test_good_requests_succeed", "test_platforms_share_nothing"])
    def test_apps_share_nothing(self, own_platform: Any) -> None:
        """What is in one app is not in another."""
        runs = []
        for app_id in ("first-app", "second-app"):
            scope = self._scope(own_platform, app_id)
            runs.append([self._asked(own_platform, *one) for one in self.requests(scope)])
        for one in (*runs[0], *runs[1]):
            one.ClearField("status")
        first, second = ([_without_app(one) for one in run] for run in runs)
        if first != second:
            wrong(f"{self.title} shares what it keeps between apps: keep it by found.key.")

    @check(after=EVERY)
    def test_threads_ask_at_once(self, own_platform: Any) -> None:
        """Several calls are answered at a time."""
        scope = self._scope(own_platform)

        def ask() -> list[int]:
            return [self._asked(own_platform, *one).status.code for one in self.requests(scope)]

        from clarifai_local.statuses import CRASHED

        crashed = [code for run in at_once(ask) for code in run if code == CRASHED]
        if crashed:
            wrong(f"{self.title} crashes when several calls come at once: lock what it keeps.")

    def _no_crash(self, platform: Platform, rpc: str, request: Any, what: str) -> int:
        from clarifai_local.statuses import CRASHED

        status = self._asked(platform, rpc, request).status
        if status.code == CRASHED:
            wrong(
                f"{self.title} crashes at {rpc} with {what}: raise "
                "clarifai_local.statuses.Refused with a code and a sentence."
            )
        return int(status.code)


def _caller() -> Caller:
    from clarifai_local.auth import OWNER, Caller

    return Caller(OWNER)


def _without_app(message: Any) -> str:
    return str(message).replace("first-app", "").replace("second-app", "")
