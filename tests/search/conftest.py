"""An embedded platform in a directory of the test's own, and one that only counts out hits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform, _open_platforms
from clarifai_local.dispatch import rpc
from clarifai_local.statuses import Refused
from clarifai_search.handle import Search


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """What `base_url=f"local:{tmp_path}"` opens."""
    opened = _open_platforms.acquire(tmp_path)
    yield opened
    close_sessions()
    _open_platforms.release(opened)


@pytest.fixture
def open_search(platform: Platform, monkeypatch):
    """`open_search(top_k=3)`: a search of the app alice/zoo."""
    for name in ("USER_ID", "APP_ID", "PAT", "CONTEXT"):
        monkeypatch.delenv(f"CLARIFAI_{name}", raising=False)

    def opened(**options) -> Search:
        return Search(**{"user_id": "alice", "app_id": "zoo", **options}, base_url=url(platform))

    return opened


def url(platform: Platform) -> str:
    return f"local:{platform.path}"


class Shelf:
    """Answers every search with hits `hit-0`, `hit-1` ... of which there are `total`."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.most = 1000
        """A page has no more hits."""
        self.refuses_above = 1000
        self.counts_pages = True
        self.asked: list[tuple[str, service_pb2.PostInputsSearchesRequest]] = []

    @rpc("PostInputsSearches")
    def inputs(self, request, caller) -> service_pb2.MultiSearchResponse:
        self.asked.append(("PostInputsSearches", request))
        return self._page(request)

    @rpc("PostAnnotationsSearches")
    def annotations(self, request, caller) -> service_pb2.MultiSearchResponse:
        self.asked.append(("PostAnnotationsSearches", request))
        return self._page(request)

    def _page(self, request) -> service_pb2.MultiSearchResponse:
        size = min(request.pagination.per_page, self.most)
        if size > self.refuses_above:
            raise Refused(codes.CONN_INVALID_REQUEST, f"at most {self.refuses_above} a page")
        first = (request.pagination.page - 1) * size if self.counts_pages else 0
        numbers = range(first, min(first + size, self.total))
        hits = [resources_pb2.Hit(input=resources_pb2.Input(id=f"hit-{n}")) for n in numbers]
        return service_pb2.MultiSearchResponse(hits=hits)

    def pages(self) -> list[tuple[int, int]]:
        return sorted((r.pagination.page, r.pagination.per_page) for _, r in self.asked)


@pytest.fixture
def shelf(platform: Platform) -> Shelf:
    """The platform's searches, replaced."""
    made = Shelf(total=10_000)
    platform.dispatcher.add(made)
    return made


def boxes(input_name: str, *names: str) -> list[resources_pb2.Annotation]:
    """An annotation of the input for each concept."""
    made = []
    for name in names:
        one = resources_pb2.Annotation(input_id=input_name)
        region = one.data.regions.add()
        box = region.region_info.bounding_box
        box.top_row, box.left_col, box.bottom_row, box.right_col = 0.1, 0.1, 0.5, 0.5
        region.data.concepts.add(id=f"id-{name}", name=name, value=1)
        made.append(one)
    return made


@pytest.fixture
def farm(open_search, platform):
    """Six texts: the even ones about dogs, each with a place and a number; three have boxes."""
    search = open_search(top_k=100)
    owner, app = search.user_app_id, resources_pb2.App(id="zoo")
    platform_user = resources_pb2.UserAppIDSet(user_id="alice")
    search.session.call(
        "PostApps", service_pb2.PostAppsRequest(user_app_id=platform_user, apps=[app])
    )
    inputs = []
    for number in range(6):
        one = resources_pb2.Input(id=f"t{number}")
        name = ("dog", "cat")[number % 2]
        one.data.text.raw = f"a small {name} in the garden, number {number}"
        one.data.concepts.add(id=f"id-{name}", name=name, value=1)
        one.data.metadata.update({"number": number, "parity": number % 2})
        one.data.geo.geo_point.longitude, one.data.geo.geo_point.latitude = 10 + number, 50
        inputs.append(one)
    search.session.call(
        "PostInputs", service_pb2.PostInputsRequest(user_app_id=owner, inputs=inputs)
    )
    platform.wait_idle(300)
    annotations = [*boxes("t0", "nose", "tail"), *boxes("t1", "tail"), *boxes("t2", "tail")]
    request = service_pb2.PostAnnotationsRequest(user_app_id=owner, annotations=annotations)
    search.session.call("PostAnnotations", request)
    platform.wait_idle(300)
    return search
