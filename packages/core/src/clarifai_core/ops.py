"""Create, get, list, patch and delete: one path for every kind of resource.

handle method -> ops -> session.call -> flow.unary -> grpc callable
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from logging import INFO
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from clarifai_core.errors import BadReply, UserError
from clarifai_core.loggers import logger_for
from clarifai_core.paging import PageLimits, Pager, listing
from clarifai_core.scope import Scope
from clarifai_core.wire.ids import check_id
from clarifai_core.wire.messages import fill, nearest

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from clarifai_core.handles import Handle
    from clarifai_core.kinds import ResourceKind

T = TypeVar("T")

PatchAction: TypeAlias = Literal["merge", "overwrite", "remove"]
"""What becomes of the fields that a change gives: added to what is there, put in its place, or
taken away."""

logger = logger_for(__name__)

_SHOWN_IDS = 3
"""Ids that a log line names; of more it tells how many."""


def done(handle: Handle, what: str, kind: str, ids: Sequence[str] = ()) -> None:
    """Log, in one line at INFO, what the platform has done for a handle.

    Args:
        handle: Whose user and app it is in.
        what: `"created"`, `"deleted"` ...
        kind: `"model_version"`, or words such as `"training of model"`.
        ids: Of what.
    """
    if not logger.isEnabledFor(INFO):
        return
    name = kind.replace("_", " ")
    few = " ".join((name, ", ".join(map(repr, ids))))
    things = few if len(ids) <= _SHOWN_IDS else f"{len(ids)} {name}s"
    # An app is in no other one.
    where = "/".join(filter(None, (handle.user_id, "" if kind == "app" else handle.app_id)))
    logger.info("%s %s%s", what, things.strip(), f" in {where}" if where else "")


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
    made = _one(handle.session.call(rpc.name, request), kind, "create")
    done(handle, "created", kind.name, [_id_of(made)])
    return made


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
    done(handle, "deleted", kind.name, checked)


def patch(
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
    made = _one(handle.session.call(kind.rpc("patch").name, request), kind, "patch")
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


def _request(
    handle: Handle,
    kind: ResourceKind,
    verb: str,
    fields: Mapping[str, Any],
    *,
    anywhere: bool = False,
) -> Message:
    """Return the request of a verb with its scope and its parent's id."""
    rpc = kind.rpc(verb)
    scope = handle.scope if anywhere else scope_of(handle, kind, verb)
    request: Message = rpc.request_class(user_app_id=scope.message())
    return fill(request, fields, f"{rpc.name} request")


def scope_of(handle: Handle, kind: ResourceKind, verb: str) -> Scope:
    """Return the ids that address the collection of a kind, or the app itself."""
    scope = handle.scope
    own = kind.name == "app" and verb in ("get", "patch", "delete")
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


def _id_of(message: Any) -> str:
    return str(message.id)


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
