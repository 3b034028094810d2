# Made of clarifai_core.ops by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Create, get, list, patch and delete: one path for every kind of resource.

handle method -> ops -> session.call -> flow.unary -> grpc callable
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._core.paging import Pager, listing
from clarifai_core.errors import UserError
from clarifai_core.ops import PatchAction as PatchAction
from clarifai_core.ops import T, _checked, _id_of, _one, _request
from clarifai_core.ops import done as done
from clarifai_core.ops import scope_of as scope_of
from clarifai_core.paging import PageLimits
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from google.protobuf.message import Message

    from clarifai_aio._core.handles import Handle
    from clarifai_core.kinds import ResourceKind


async def create(
    handle: Handle, kind: ResourceKind, fields: Mapping[str, Any], **request_fields: Any
) -> Message:
    """Create one resource and return the message that the platform answers.

    Args:
        handle: Whose scope it goes to.
        kind: What it is.
        fields: Fields of its message, as plain values or messages.
        **request_fields: Further fields of the request.
    """
    rpc = kind.rpc("create")
    message = fill(kind.message_class(), fields, kind.name.replace("_", " "))
    request = _request(handle, kind, "create", request_fields)
    getattr(request, kind.message_field("create")).append(message)
    made = _one(await handle.session.call(rpc.name, request), kind, "create")
    done(handle, "created", kind.name, [_id_of(made)])
    return made


async def get(
    handle: Handle, kind: ResourceKind, resource_id: str, **request_fields: Any
) -> Message:
    """Return the message of one resource."""
    request = _request(handle, kind, "get", request_fields)
    field = kind.id_field("get")
    if field and kind.name != "app":
        setattr(request, field, check_id(f"{kind.name}_id", resource_id))
    return _one(await handle.session.call(kind.rpc("get").name, request), kind, "get")


async def delete(
    handle: Handle, kind: ResourceKind, ids: Sequence[str], **request_fields: Any
) -> None:
    """Delete resources by id.

    Raises:
        UserError: There is no id, or an empty one: the platform might take that for "all".
    """
    request = _request(handle, kind, "delete", request_fields)
    field = kind.id_field("delete")
    checked = [check_id(f"{kind.name}_id", one) for one in ids]
    if not checked:
        raise UserError(f"Nothing to delete: no {kind.name} id was given.")
    if field and request.DESCRIPTOR.fields_by_name[field].is_repeated:
        getattr(request, field).extend(checked)
    elif field:
        setattr(request, field, checked[0])
    await handle.session.call(kind.rpc("delete").name, request)
    done(handle, "deleted", kind.name, checked)


async def patch(
    handle: Handle,
    kind: ResourceKind,
    fields: Mapping[str, Any],
    action: PatchAction = "merge",
    **request_fields: Any,
) -> Message:
    """Change one resource and return the message that the platform answers.

    Args:
        handle: Whose scope it is in.
        kind: What it is.
        fields: Its id and the fields to change.
        action: `"merge"`, `"overwrite"` or `"remove"`.
        **request_fields: Further fields of the request.
    """
    request = _request(handle, kind, "patch", {"action": action, **request_fields})
    message = fill(kind.message_class(), fields, kind.name.replace("_", " "))
    field = kind.message_field("patch")
    if request.DESCRIPTOR.fields_by_name[field].is_repeated:
        getattr(request, field).append(message)
    else:
        getattr(request, field).CopyFrom(message)
    made = _one(await handle.session.call(kind.rpc("patch").name, request), kind, "patch")
    done(handle, "changed", kind.name, [_id_of(made)])
    return made


def pager(
    handle: Handle,
    kind: ResourceKind,
    convert: Callable[[Any], T] | None,
    *,
    filter_by: Mapping[str, Any] | None = None,
    page_no: int | None = None,
    per_page: int | None = None,
    anywhere: bool = False,
    **request_fields: Any,
) -> Pager[T]:
    """Return the resources of a scope, lazily.

    Args:
        handle: Whose scope it is.
        kind: What to list.
        convert: Makes an item of a message.
        filter_by: Fields of the List request that narrow it down.
        page_no: Number of the only page to get, from 1.
        per_page: Items of that page.
        anywhere: Whether a handle without app lists those of all its user's apps, and one without
            user those that are public.
        **request_fields: Further fields of the request.
    """
    fields = {**_checked(filter_by, kind), **request_fields}
    request = _request(handle, kind, "list", fields, anywhere=anywhere)
    rpc = kind.rpc("list")
    return list_pages(
        handle, rpc.name, request, kind.reply_field("list"), convert, page_no, per_page
    )


def list_pages(
    handle: Handle,
    rpc_name: str,
    request: Any,
    items_field: str,
    convert: Callable[[Any], T] | None,
    page_no: int | None = None,
    per_page: int | None = None,
    pager_class: Callable[..., Pager[T]] = Pager,
) -> Pager[T]:
    """Return the items of any List method, lazily."""
    limits = PageLimits(page_no, per_page)
    return listing(
        lambda: handle.session, rpc_name, request, items_field, convert, limits, pager_class
    )
