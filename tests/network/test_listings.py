"""Every List method over the wire, of servers that cut pages or refuse their size: whole.

The methods and what they answer come from the descriptor of the service; what a server may do is
that of `tests.core.page_servers`. The official SDK's `Lister` asks until a page is empty, without a
size: it is whole with all of these, in more requests.
"""

from __future__ import annotations

import functools
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.errors import InvalidArgument
from clarifai_core.transport import catalogue
from clarifai_core.wire.messages import plain
from clarifai_resources.lister import Lister
from clarifai_resources.user import User
from tests.core.page_servers import Server, TooMany

TOTAL = 620
PAGED = [
    method.name
    for method in catalogue.SERVICE.methods
    if method.name.startswith("List") and "page" in method.input_type.fields_by_name
]


def named(message, name):
    """Return a message that is told from others by a text somewhere in it."""
    fields = [field for field in message.DESCRIPTOR.fields if not field.is_repeated]
    texts = [field.name for field in fields if field.type == field.TYPE_STRING]
    if texts:
        setattr(message, "id" if "id" in texts else texts[0], name)
        return message
    for field in fields:
        if field.message_type and field.message_type.file.package != "google.protobuf":
            named(getattr(message, field.name), name)
            break
    return message


def item_of(method, message):
    """Return what a `Lister` makes of a message: an id is there by the name of its kind, too.

    It was the plain message at first; programs read `item["app_id"]`, as the official SDK names it.
    """
    kind = catalogue.rpc(method).items_field.removesuffix("s")
    item = plain(message.input if kind == "dataset_input" else message)
    if "id" in item:
        item.setdefault(f"{kind}_id", item["id"])
    return item


@functools.cache
def there_of(method):
    """Return all that there is to be listed by a method; every server has the same."""
    rpc = catalogue.rpc(method)
    kind = rpc.response_class.DESCRIPTOR.fields_by_name[rpc.items_field]
    item = catalogue.message_factory.GetMessageClass(kind.message_type)
    return tuple(named(item(), f"item-{n}") for n in range(TOTAL))


@functools.cache
def items_of(method):
    """Return what a `Lister` makes of all that there is."""
    return [item_of(method, message) for message in there_of(method)]


class PagedServer(grpc.GenericRpcHandler):
    """A gRPC server whose every List method gives pages of `TOTAL` items, each in its own way."""

    def __init__(self, make, refuse_by_grpc=False):
        self.make, self.refuse_by_grpc = make, refuse_by_grpc
        self.methods, self.lock = {}, threading.Lock()
        self.server = grpc.server(ThreadPoolExecutor(8))
        self.server.add_generic_rpc_handlers((self,))
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def of(self, name):
        with self.lock:
            if name not in self.methods:
                self.methods[name] = self.make(list(there_of(name)))
            return self.methods[name]

    def service(self, details):
        rpc = catalogue.rpc(details.method.rpartition("/")[2])

        def answer(request, context):
            response = rpc.response_class()
            response.status.code = codes.SUCCESS
            try:
                page = self.of(rpc.name).page(request.page, request.per_page)
            except TooMany as error:
                if self.refuse_by_grpc:
                    context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
                response.status.code = codes.CONN_BAD_REQUEST_FORMAT
                response.status.details = str(error)
                return response
            getattr(response, rpc.items_field).extend(page)
            return response

        return grpc.unary_unary_rpc_method_handler(
            answer, rpc.request_class.FromString, rpc.response_class.SerializeToString
        )


@pytest.fixture
def open_server(monkeypatch):
    opened = []

    def make(*args, **options):
        opened.append(PagedServer(*args, **options))
        monkeypatch.setenv("CLARIFAI_API_BASE", f"http://127.0.0.1:{opened[-1].port}")
        monkeypatch.setenv("CLARIFAI_PAT", "a-key")
        return opened[-1]

    yield make
    for one in opened:
        one.server.stop(0).wait()


def in_pages_of(size, *, first=(1, 1000)):
    """Return the pages of all items, in the order of their numbers; the first is asked for so."""
    return [first, *((number, size) for number in range(2, -(-TOTAL // size) + 1))]


WAYS = {
    "gives what is asked for": (lambda there: Server(there), [(1, 1000), (2, TOTAL)]),
    "cuts to 128": (lambda there: Server(there, 128), in_pages_of(128)),
    "cuts to 200": (lambda there: Server(there, 200), in_pages_of(200)),
    "cuts to 500": (lambda there: Server(there, 500), in_pages_of(500)),
    "always gives 128": (
        lambda there: Server(there, size_of=lambda size: 128),
        in_pages_of(128),
    ),
    "refuses above 128": (
        lambda there: Server(there, refuses_above=128),
        [(1, 1000), *in_pages_of(128, first=(1, 128))],
    ),
    "refuses above 500": (
        lambda there: Server(there, refuses_above=500),
        [(1, 1000), *in_pages_of(128, first=(1, 128))],
    ),
    "cuts to 500, refuses above 600": (
        lambda there: Server(there, 500, refuses_above=600),
        [(1, 1000), *in_pages_of(128, first=(1, 128))],
    ),
}
"""What a server does -> how it is made, and the requests that a listing takes, one by one."""


def test_there_are_as_many_list_methods_as_ever():
    assert len(PAGED) >= 40, PAGED


@pytest.mark.parametrize("way", WAYS)
def test_every_method_is_listed_whole_one_page_after_another(open_server, way):
    make, requests = WAYS[way]
    server, asked = open_server(make), {}
    lister = Lister()
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for name in PAGED:
            rpc = catalogue.rpc(name)
            call = channel.unary_unary(
                rpc.path,
                request_serializer=rpc.request_class.SerializeToString,
                response_deserializer=rpc.response_class.FromString,
            )
            found = list(lister.list_pages_generator(call, rpc.request_class, {}))
            assert found == items_of(name), name
            asked[name] = server.of(name).asked
    assert asked == dict.fromkeys(PAGED, requests)


@pytest.mark.parametrize("way", WAYS)
def test_every_method_is_listed_whole_with_pages_ahead(open_server, way):
    make, requests = WAYS[way]
    server, user = open_server(make), User("ann")
    for name in PAGED:
        found = list(user.list_pages_generator(name))
        assert found == items_of(name), name
        # What was asked for ahead and given up may still arrive while this looks.
        asked = list(server.of(name).asked)
        beyond = set(asked) - set(requests)
        assert sorted([*requests, *beyond]) == sorted(asked), name
        assert len(beyond) <= 7, name
        assert {size for _, size in beyond} <= {requests[-1][1]}, name


@pytest.mark.parametrize("way", ["cuts to 128", "refuses above 500"])
def test_what_one_listing_found_out_the_next_one_of_the_session_knows(open_server, way):
    make, _ = WAYS[way]
    server, user = open_server(make), User("ann")
    for name in PAGED:
        list(user.list_pages_generator(name))
        server.of(name).asked.clear()
        assert len(list(user.list_pages_generator(name))) == TOTAL
        asked = server.of(name).asked
        again = in_pages_of(128, first=(1, 128))
        assert sorted(asked)[: len(again)] == again, name


def test_a_size_that_grpc_itself_refuses(open_server):
    server = open_server(lambda there: Server(there, refuses_above=128), refuse_by_grpc=True)
    assert len(list(User("ann").list_apps())) == TOTAL
    assert server.of("ListApps").asked[:3] == [(1, 1000), (1, 128), (2, 128)]


def test_a_refusal_of_whatever_size_is_raised(open_server):
    server = open_server(lambda there: Server(there, refuses_above=-1))
    with pytest.raises(InvalidArgument, match="at page 1"):
        list(User("ann").list_apps())
    assert server.of("ListApps").asked == [(1, 1000), (1, 128)]


@pytest.mark.parametrize(
    ("limits", "asked"),
    [
        ({"page_no": 0}, (1, 16)),
        ({"page_no": 2}, (2, 16)),
        ({"per_page": 500}, (1, 500)),
        ({"page_no": 0, "per_page": 500}, (1, 500)),
    ],
)
def test_a_page_that_is_asked_for_is_one_page(open_server, limits, asked):
    server = open_server(lambda there: Server(there, 128))
    assert len(list(User("ann").list_apps(**limits))) == min(asked[1], 128)
    assert server.of("ListApps").asked == [asked]
