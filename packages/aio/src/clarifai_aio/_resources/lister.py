# Made of clarifai_resources.lister by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Pages of any List method, for programs that call one that no handle covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._resources import _listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping


class Lister:
    """Obtains what a List method of the platform returns, page by page.

    User, App, Workflow and Module are listers too; theirs use the handle's own credentials. A
    lister of its own takes them from the environment or the current context.

    Args:
        page_size: Items of a page that is asked for by its number only.

    Raises:
        UserError: `page_size` is no whole number from 1 to 1000.
    """

    page_size: int = 16

    def __init__(self, page_size: int = 16) -> None:
        self.page_size = _listing.checked_page_size(page_size)

    @property
    def default_page_size(self) -> int:
        """Return `page_size`, under the name that the official SDK uses; it can be set."""
        return self.page_size

    @default_page_size.setter
    def default_page_size(self, value: int) -> None:
        self.page_size = _listing.checked_page_size(value)

    def list_pages_generator(
        self,
        endpoint: Callable[..., Any] | str,
        proto_message: type[Any] | None = None,
        request_data: Mapping[str, Any] | None = None,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the items of a listing as dicts with the field names of the wire.

        Of a listing of apps, `item["app_id"]` and `item["id"]` are the id, and so for each kind;
        of an input in a dataset the input comes. Nested messages are dicts; times, structs and
        wrappers are messages: so the constructors of messages take what an item holds. All items
        come, unless `page_no` or `per_page` asks for one page.

        Args:
            endpoint: The name of a method, such as `"ListApps"`, a method of a handle's `STUB`, or
                a gRPC callable: that one carries its own credentials and is called with each
                request and a deadline.
            proto_message: The class of the request; None takes that of the named method.
            request_data: Fields of the request.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: No such method or field, or a method without pages; nothing was sent.
            ApiError: The platform refused a page.

        Example:
            >>> from clarifai_grpc.grpc.api import resources_pb2, service_pb2
            >>> from clarifai.aio import User
            >>> scope = resources_pb2.UserAppIDSet(user_id="clarifai")
            >>> pages = User("clarifai").list_pages_generator(
            ...     "ListApps", service_pb2.ListAppsRequest, {"user_app_id": scope}
            ... )
            >>> "main" in [app["app_id"] async for app in pages]
            True
        """
        return _listing.items(self, endpoint, proto_message, request_data or {}, page_no, per_page)


__all__ = ["Lister"]
