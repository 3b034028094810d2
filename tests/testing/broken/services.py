"""Services of the embedded platform with one fault each."""

from __future__ import annotations

import threading
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.contracts import ServiceSpec
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused
from clarifai_testing import ServiceContract
from tests.testing.cases import Cases, giving


class Contract(ServiceContract):
    name = "collectors"

    def requests(self, scope: Any) -> Any:
        one = resources_pb2.Collector(id="asked")
        post = service_pb2.PostCollectorsRequest(user_app_id=scope, collectors=[one])
        listed = service_pb2.ListCollectorsRequest(user_app_id=scope)
        return [("PostCollectors", post), ("ListCollectors", listed)]


def spec(target: Any) -> ServiceSpec:
    return ServiceSpec("collectors", f"{__name__}:{target.__name__}", "Keeps collectors.")


cases = Cases(__name__, Contract, lambda target: giving("services", spec(target)))


@cases.good
class Collectors:
    def __init__(self, platform: Any) -> None:
        self.platform = platform
        self.apps: Any = {}
        self.lock = threading.Lock()

    def kept(self, request: Any, caller: Any) -> Any:
        found = self.platform.scopes.app(request.user_app_id, caller)
        return self.apps.setdefault(found.key, {})

    @rpc("PostCollectors")
    def post(self, request: Any, caller: Any) -> Any:
        with self.lock:
            self.kept(request, caller).update((one.id, one) for one in request.collectors)
        return service_pb2.MultiCollectorResponse(collectors=request.collectors)

    @rpc("GetCollector")
    def get(self, request: Any, caller: Any) -> Any:
        found = self.kept(request, caller).get(request.collector_id)
        if found is None:
            raise Refused(codes.CONN_DOES_NOT_EXIST, f"collector {request.collector_id!r}")
        return service_pb2.SingleCollectorResponse(collector=found)

    @rpc("ListCollectors")
    def list_all(self, request: Any, caller: Any) -> Any:
        size = request.per_page or 128
        start = (max(request.page, 1) - 1) * size
        with self.lock:
            found = [*self.kept(request, caller).values()]
        return service_pb2.MultiCollectorResponse(collectors=found[start : start + size])

    @rpc("DeleteCollectors")
    def delete(self, request: Any, caller: Any) -> Any:
        kept = self.kept(request, caller)
        for one in request.ids:
            kept.pop(one, None)
        return status_pb2.BaseResponse()


class Inventing(Collectors):
    """For resources.py: what is not there is made up."""

    @rpc("GetCollector")
    def get(self, request: Any, caller: Any) -> Any:
        one = resources_pb2.Collector(id=request.collector_id)
        return service_pb2.SingleCollectorResponse(collector=one)


class Undying(Collectors):
    """For resources.py: what is deleted stays."""

    @rpc("DeleteCollectors")
    def delete(self, request: Any, caller: Any) -> Any:
        return status_pb2.BaseResponse()


class Unlisting(Collectors):
    """For resources.py: nothing is listed."""

    @rpc("ListCollectors")
    def list_all(self, request: Any, caller: Any) -> Any:
        return service_pb2.MultiCollectorResponse()


@cases.fails("test_makes_a_service", "TypeError")
class Platformless(Collectors):
    def __init__(self) -> None:
        raise AssertionError("it is never called")


@cases.fails("test_answers_rpcs", "answers no RPC")
class Unmarked:
    def __init__(self, platform: Any) -> None:
        self.platform = platform

    def post(self, request: Any, caller: Any) -> Any:
        return service_pb2.MultiCollectorResponse()


@cases.fails("test_rpcs_are_on_the_wire", "'PostShelves', which is no RPC")
class Unknown(Collectors):
    @rpc("PostShelves")
    def shelve(self, request: Any, caller: Any) -> Any:
        return None


@cases.fails("test_handlers_take_request_and_caller", "a request and a caller")
class Callerless(Collectors):
    @rpc("GetCollector")
    def get(self, request: Any) -> Any:  # type: ignore[override]
        return service_pb2.SingleCollectorResponse()


@cases.fails("test_good_requests_succeed", "answers PostCollectors with")
class Refusing(Collectors):
    @rpc("PostCollectors")
    def post(self, request: Any, caller: Any) -> Any:
        raise Refused(codes.CONN_BAD_REQUEST_FORMAT, "no collectors today")


cases.add(
    "Untried",
    "test_good_requests_succeed",
    giving("services", spec(Collectors)),
    {"requests": lambda self, scope: []},
    "asks nothing",
)


@cases.fails("test_answers_are_of_the_rpcs_type", "must be a MultiCollectorResponse")
class Single(Collectors):
    @rpc("PostCollectors")
    def post(self, request: Any, caller: Any) -> Any:
        super().post(request, caller)
        return service_pb2.SingleCollectorResponse()


@cases.fails("test_empty_requests_do_not_crash", "crashes at PostCollectors with an empty request")
class Careless(Collectors):
    @rpc("PostCollectors")
    def post(self, request: Any, caller: Any) -> Any:
        _ = request.collectors[0]
        return super().post(request, caller)


@cases.fails("test_unknown_apps_are_refused", "an app that does not exist")
class Lenient(Collectors):
    def kept(self, request: Any, caller: Any) -> Any:
        return self.apps.setdefault(str(request.user_app_id), {})


NUMBERS: list[int] = []


@cases.fails("test_platforms_share_nothing", "keep it on self")
class Shared(Collectors):
    @rpc("ListCollectors")
    def list_all(self, request: Any, caller: Any) -> Any:
        self.kept(request, caller)
        with self.lock:
            NUMBERS.append(1)
        one = resources_pb2.Collector(id=f"number-{len(NUMBERS)}")
        return service_pb2.MultiCollectorResponse(collectors=[one])


@cases.fails("test_apps_share_nothing", "between apps")
class Mixed(Collectors):
    def __init__(self, platform: Any) -> None:
        super().__init__(platform)
        self.count = 0

    @rpc("ListCollectors")
    def list_all(self, request: Any, caller: Any) -> Any:
        self.kept(request, caller)
        self.count += 1
        one = resources_pb2.Collector(id=f"number-{self.count}")
        return service_pb2.MultiCollectorResponse(collectors=[one])


@cases.fails("test_threads_ask_at_once", "crashes when several calls come at once")
class Unlocked(Collectors):
    def __init__(self, platform: Any) -> None:
        super().__init__(platform)
        self.busy = threading.Lock()
        self.met = threading.Barrier(2)
        self.calls = 0

    @rpc("PostCollectors")
    def post(self, request: Any, caller: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            try:
                self.met.wait(0.5)
            except threading.BrokenBarrierError:
                return super().post(request, caller)
            raise RuntimeError("changed while it is read")
        return super().post(request, caller)
