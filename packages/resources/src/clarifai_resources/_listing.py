"""What `Lister` does once it is asked."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

from clarifai_core.errors import UserError
from clarifai_core.heavy import grpc
from clarifai_core.paging import MAX_PER_PAGE, PageLimits, Pager, listing, message_pages
from clarifai_core.settings import Settings
from clarifai_core.status import error_from, error_from_failure, is_success
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import RpcCall
from clarifai_core.transport.session import Session, failure_from, session_for
from clarifai_core.wire.messages import arguments_of, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from google.protobuf.message import Message

    from clarifai_core.transport.catalogue import Rpc


class Paged(Protocol):
    """A `Lister`: what has a `session`, too, is asked by that."""

    page_size: int


class StubMethod(Protocol):
    """An RPC of our own stub, `STUB.ListApps`: the session that it goes through is asked."""

    @property
    def session(self) -> Session:
        """Return the session."""

    @property
    def rpc_name(self) -> str:
        """Return the name of the RPC."""


def checked_page_size(page_size: int) -> int:
    """Return `page_size` when a page may have so many items."""
    if isinstance(page_size, bool) or not isinstance(page_size, int):
        raise UserError(f"page_size must be a whole number, got {page_size!r}.")
    if not 1 <= page_size <= MAX_PER_PAGE:
        raise UserError(f"page_size must be from 1 to {MAX_PER_PAGE}, got {page_size}.")
    return page_size


def items(
    lister: Paged,
    endpoint: Callable[..., Any] | str,
    proto_message: type[Any] | None,
    request_data: Mapping[str, Any],
    page_no: int | None,
    per_page: int | None,
) -> Iterator[dict[str, Any]]:
    """Return the items of a listing as dicts; see `Lister.list_pages_generator`."""
    session = None
    if not isinstance(endpoint, (str, grpc.UnaryUnaryMultiCallable)):
        session, endpoint = _of_stub(endpoint)
    rpc = _method(endpoint, proto_message)
    request = fill(rpc.request_class(), request_data, f"{rpc.name} request")
    if per_page is None and page_no:
        per_page = lister.page_size
    limits = PageLimits(page_no, per_page)
    convert = functools.partial(_item, rpc.items_field)
    if isinstance(endpoint, str):
        asks = session if session is not None else _session_of(lister)
        return iter(listing(lambda: asks, rpc.name, request, rpc.items_field, convert, limits))
    own = endpoint
    fetch = message_pages(lambda asked: _call(own, rpc, asked), request, rpc.items_field, convert)
    return iter(Pager(fetch, limits))


def _of_stub(endpoint: Any) -> tuple[Session | None, Any]:
    """Return session and name of an RPC of our own stub; of another endpoint None and itself."""
    session, name = (getattr(endpoint, one, None) for one in ("session", "rpc_name"))
    return (session, name) if isinstance(session, Session) else (None, endpoint)


def _item(items_field: str, message: Message) -> dict[str, Any]:
    """Return an item as arguments of its message, with its id under the name of its kind, too.

    The kind is the singular of the answer's field; the link of an input to a dataset is its input.
    """
    if items_field == "dataset_inputs":
        message = message.input  # type: ignore[attr-defined]
    item = arguments_of(message)
    kind = items_field.removesuffix("s")  # the answer of ListBulkOperations says `bulk_operation`
    return {f"{kind}_id": item["id"], **item} if "id" in item else item


def _method(endpoint: Callable[..., Any] | str, proto_message: type[Any] | None) -> Rpc:
    if isinstance(endpoint, str):
        rpc = catalogue.rpc(endpoint)
        if proto_message not in (None, rpc.request_class):
            raise UserError(
                f"proto_message must be {rpc.request_class.__name__} for {endpoint}, "
                f"got {proto_message!r}."
            )
    elif callable(endpoint):
        rpc = _method_of_request(proto_message)
    else:
        raise UserError(
            f"endpoint must be the name of a method or a gRPC callable, got {endpoint!r}."
        )
    if "page" not in rpc.request_class.DESCRIPTOR.fields_by_name or not rpc.items_field:
        raise UserError(f"endpoint: {rpc.name} has no pages to list.")
    return rpc


def _method_of_request(proto_message: type[Any] | None) -> Rpc:
    descriptor = getattr(proto_message, "DESCRIPTOR", None)
    name = getattr(descriptor, "full_name", None)
    for method in catalogue.SERVICE.methods:
        if method.input_type.full_name == name:
            return catalogue.rpc(method.name)
    raise UserError(
        f"proto_message must be the class of a request, such as ListAppsRequest, "
        f"got {proto_message!r}."
    )


def _session_of(lister: Paged) -> Session:
    found: Session | None = getattr(lister, "session", None)
    return found if found is not None else session_for(Settings.resolve())


def _call(endpoint: Callable[..., Any], rpc: Rpc, request: Any) -> Message:
    """Call a callable of the caller's own, once."""
    call = RpcCall(rpc, request, rpc.limits, where="the given endpoint")
    try:
        if isinstance(endpoint, grpc.UnaryUnaryMultiCallable):
            response = endpoint(request, timeout=rpc.limits.total_seconds)
        else:
            response = endpoint(request)
    except grpc.RpcError as error:
        raise error_from_failure(failure_from(error), call, 1) from error
    if not is_success(response.status):
        raise error_from(response, call, 1)
    answer: Message = response
    return answer
