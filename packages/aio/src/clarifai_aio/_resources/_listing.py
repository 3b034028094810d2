# Made of clarifai_resources._listing by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What `Lister` does once it is asked."""

from __future__ import annotations

import functools
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from clarifai_aio._core.paging import Pager, listing, message_pages
from clarifai_aio._core.session import Session, session_for, wrapped
from clarifai_core.heavy import grpc
from clarifai_core.paging import PageLimits
from clarifai_core.settings import Settings
from clarifai_core.status import error_from, error_from_failure, is_success
from clarifai_core.transport.calls import RpcCall
from clarifai_core.transport.session import failure_from
from clarifai_core.wire.messages import fill
from clarifai_resources._listing import Paged, _item, _method
from clarifai_resources._listing import checked_page_size as checked_page_size

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from google.protobuf.message import Message

    from clarifai_core.transport.catalogue import Rpc


def items(
    lister: Paged,
    endpoint: Callable[..., Any] | str,
    proto_message: type[Any] | None,
    request_data: Mapping[str, Any],
    page_no: int | None,
    per_page: int | None,
) -> AsyncIterator[dict[str, Any]]:
    """Return the items of a listing as dicts; see `Lister.list_pages_generator`."""
    session = None
    if not isinstance(endpoint, (str, grpc.aio.UnaryUnaryMultiCallable)):
        session, endpoint = _of_stub(endpoint)
    rpc = _method(endpoint, proto_message)
    request = fill(rpc.request_class(), request_data, f"{rpc.name} request")
    if per_page is None and page_no:
        per_page = lister.page_size
    limits = PageLimits(page_no, per_page)
    convert = functools.partial(_item, rpc.items_field)
    if isinstance(endpoint, str):
        asks = session if session is not None else _session_of(lister)
        return aiter(listing(lambda: asks, rpc.name, request, rpc.items_field, convert, limits))
    own = endpoint
    fetch = message_pages(lambda asked: _call(own, rpc, asked), request, rpc.items_field, convert)
    return aiter(Pager(fetch, limits))


def _of_stub(endpoint: Any) -> tuple[Session | None, Any]:
    """Return session and name of an RPC of our own stub; of another endpoint None and itself."""
    session, name = (getattr(endpoint, one, None) for one in ("session", "rpc_name"))
    session = wrapped(session)
    return (session, name) if isinstance(session, Session) else (None, endpoint)


def _session_of(lister: Paged) -> Session:
    found: Session | None = getattr(lister, "session", None)
    return found if found is not None else session_for(Settings.resolve())


async def _call(endpoint: Callable[..., Any], rpc: Rpc, request: Any) -> Message:
    """Call a callable of the caller's own, once."""
    call = RpcCall(rpc, request, rpc.limits, where="the given endpoint")
    try:
        if isinstance(endpoint, grpc.aio.UnaryUnaryMultiCallable):
            response: Any = endpoint(request, timeout=rpc.limits.total_seconds)
        else:
            response = endpoint(request)
        if isinstance(response, Awaitable):
            response = await response
    except grpc.RpcError as error:
        raise error_from_failure(failure_from(error), call, 1) from error
    if not is_success(response.status):
        raise error_from(response, call, 1)
    answer: Message = response
    return answer
