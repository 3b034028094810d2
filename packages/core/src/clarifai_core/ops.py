"""Create, get, list, patch and delete: one path for every kind of resource.

handle method -> ops -> session.call -> flow.unary -> grpc callable
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from clarifai_core.errors import BadReply, UserError
from clarifai_core.paging import PageLimits, Pager, message_pages
from clarifai_core.scope import Scope
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill, nearest

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_core.handles import Handle
    from clarifai_core.kinds import ResourceKind

T = TypeVar("T")


def create(
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
    return _one(handle.session.call(rpc.name, request), kind, "create")


def get(handle: Handle, kind: ResourceKind, resource_id: str, **request_fields: Any) -> Message:
    """Return the message of one resource."""
    request = _request(handle, kind, "get", request_fields)
    field = kind.id_field("get")
    if field and kind.name != "app":
        setattr(request, field, check_id(f"{kind.name}_id", resource_id))
    return _one(handle.session.call(kind.rpc("get").name, request), kind, "get")


def delete(handle: Handle, kind: ResourceKind, ids: Sequence[str], **request_fields: Any) -> None:
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
    handle.session.call(kind.rpc("delete").name, request)


def patch(
    handle: Handle,
    kind: ResourceKind,
    fields: Mapping[str, Any],
    action: Literal["merge", "overwrite", "remove"] = "merge",
) -> Message:
    """Change one resource and return the message that the platform answers.

    Args:
        handle: Whose scope it is in.
        kind: What it is.
        fields: Its id and the fields to change.
        action: `"merge"`, `"overwrite"` or `"remove"`.
    """
    request = _request(handle, kind, "patch", {"action": action})
    message = fill(kind.message_class(), fields, kind.name.replace("_", " "))
    field = kind.message_field("patch")
    if request.DESCRIPTOR.fields_by_name[field].is_repeated:
        getattr(request, field).append(message)
    else:
        getattr(request, field).CopyFrom(message)
    return _one(handle.session.call(kind.rpc("patch").name, request), kind, "patch")


def pager(
    handle: Handle,
    kind: ResourceKind,
    convert: Callable[[Any], T] | None,
    *,
    filter_by: Mapping[str, Any] | None = None,
    page_no: int | None = None,
    per_page: int | None = None,
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
        **request_fields: Further fields of the request.
    """
    request = _request(handle, kind, "list", {**_checked(filter_by, kind), **request_fields})
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
) -> Pager[T]:
    """Return the items of any List method, lazily."""
    fetch = message_pages(
        lambda asked: handle.session.call(rpc_name, asked), request, items_field, convert
    )
    limits = PageLimits(page_no, per_page)
    return Pager(fetch, limits, lambda: handle.session.executor)


def _checked(filter_by: Mapping[str, Any] | None, kind: ResourceKind) -> Mapping[str, Any]:
    if not filter_by:
        return {}
    if not isinstance(filter_by, Mapping):
        raise UserError(f"filter_by must be a dict, got {filter_by!r}.")
    known = kind.rpc("list").request_class.DESCRIPTOR.fields_by_name
    faults = [f"{key}: unknown{nearest(str(key), known)}" for key in filter_by if key not in known]
    if faults:
        raise UserError.listing(f"filter_by of {kind.rpc('list').name} has faults", faults)
    return filter_by


def _request(handle: Handle, kind: ResourceKind, verb: str, fields: Mapping[str, Any]) -> Message:
    """Return the request of a verb with its scope and its parent's id."""
    rpc = kind.rpc(verb)
    request: Message = rpc.request_class(user_app_id=scope_of(handle, kind, verb).message())
    return fill(request, fields, f"{rpc.name} request")


def scope_of(handle: Handle, kind: ResourceKind, verb: str) -> Scope:
    """Return the ids that address the collection of a kind, or the app itself."""
    scope = handle.scope
    own = kind.name == "app" and verb in ("get", "delete")
    app_id = scope.app_id if kind.in_app or own else ""
    if scope.user_id and app_id:
        return scope
    missing = [
        name
        for name, value, needed in (
            ("user_id", scope.user_id, True),
            ("app_id", app_id, kind.in_app or own),
        )
        if needed and not value
    ]
    if missing:
        raise UserError(
            f"{kind.rpc(verb).name} needs {' and '.join(missing)}; nothing was sent. "
            f"Give {missing[0]}= or set CLARIFAI_{missing[0].upper()}."
        )
    return Scope(scope.user_id, app_id)


def _one(response: Any, kind: ResourceKind, verb: str) -> Message:
    field = kind.reply_field(verb)
    value: Any = getattr(response, field)
    if not response.DESCRIPTOR.fields_by_name[field].is_repeated:
        one: Message = value
        return one
    if not value:
        raise BadReply(f"{kind.rpc(verb).name}: the answer holds no {kind.name}.")
    first: Message = value[0]
    return first
