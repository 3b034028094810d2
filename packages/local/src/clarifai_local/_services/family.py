"""What families of resources have in common: creating, getting, listing, changing and deleting.

`families` describes each once, as data: under which names its RPCs go, what answers each, and the
plain functions for what is its own. Names of fields follow from its kind: a `dataset_version` comes
as `dataset_versions` in requests, is named by `dataset_version_id`, and is kept under that kind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from google.protobuf.message import Message

from clarifai_local import _ids, _paging, _patching
from clarifai_local._clock import timestamp
from clarifai_local._context import ServiceContext
from clarifai_local._scope import Scope
from clarifai_local._store import Duplicate, Row
from clarifai_local.auth import Caller
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_local._scope import Scopes
    from clarifai_local._store import Store

M = TypeVar("M", bound=Message)


@attrs.frozen
class Call:
    """One request about a family, within a read or write block of the store."""

    family: Family[Any]
    context: ServiceContext
    db: sqlite3.Connection
    caller: Caller
    scope: Scope
    """The app that it works in; of what belongs to a user, one without `app_id`."""
    request: Any
    families: Mapping[str, Family[Any]]
    """All families, by kind."""
    parent: Row | None = None
    """What it belongs to: the dataset of a dataset version."""

    @property
    def store(self) -> Store:
        """The platform's."""
        return self.context.store

    @property
    def key(self) -> tuple[str, str]:
        """`(user_id, app_id)` of where the rows are: a public parent is in another app."""
        return self.scope.key if self.parent is None else _key(self.parent)

    @property
    def parent_id(self) -> str:
        """Id of what it belongs to, "" when that is the app or user itself."""
        return "" if self.parent is None else self.parent.id

    def about(self, kind: str, parent: Row | None = None) -> Call:
        """Return the same call, about another family."""
        return attrs.evolve(self, family=self.families[kind], parent=parent)

    def update(self, row: Row, message: Message, *, detail: str | None = None) -> Row:
        """Keep the changed message of a row."""
        now_us = self.context.clock.now_us()
        return self.store.resources.update(self.db, row, message, now_us=now_us, detail=detail)


@attrs.frozen
class Draft:
    """A resource that is about to be kept."""

    message: Any
    """With its id."""
    status: int = 0
    detail: str = ""


def in_app(
    scopes: Scopes, of: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
) -> Scope:
    """Return where the resources of an app are."""
    return scopes.app(of, caller, write=write)


def in_app_or_main(
    scopes: Scopes, of: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
) -> Scope:
    """Return where the resources of an app are; those of the public one, when none is named."""
    return scopes.app_or_main(of, caller, write=write)


def of_user(
    scopes: Scopes, of: resources_pb2.UserAppIDSet, caller: Caller, *, write: bool = False
) -> Scope:
    """Return where the resources of a user are that are in no app."""
    return Scope(scopes.user(of, caller, write=write), "", 0, "", writable=True)


def drafted(call: Call, given: Any) -> Draft:
    """Return what a request gives, but for the fields that the platform sets."""
    resource_id = new_id(call, given)
    clear(given, call.family.own)
    given.id = resource_id
    for name, value in zip(("user_id", "app_id"), call.key, strict=True):
        if has_field(given, name):
            setattr(given, name, value)
    if call.family.parent is not None and has_field(given, call.family.parent.id_field):
        setattr(given, call.family.parent.id_field, call.parent_id)
    refuse_bytes(given)
    default_to_private(given)
    return Draft(given)


def shown(call: Call, row: Row) -> Any:
    """Return a resource as answers show it."""
    message = row.message(call.family.message)
    message.created_at.CopyFrom(timestamp(row.created_at))
    message.modified_at.CopyFrom(timestamp(row.modified_at))
    return message


def patched(call: Call, row: Row, given: Any, action: str) -> Row:
    """Change a row by what a request gives, but for the fields that the platform sets."""
    family = call.family
    clear(given, ("id", *family.own))
    message = row.message(family.message)
    if family.patched_fields:
        refuse_changes(call, row, given, family.patched_fields)
    refuse_bytes(given)
    _patching.patch(message, given, action)
    return call.update(row, message)


def refuse_changes(call: Call, row: Row, given: Any, changing: Collection[str]) -> None:
    """Refuse to change what stays as it was made; what is given unchanged is fine, and cleared.

    Args:
        call: The request.
        row: What is to be changed.
        given: What the request says of it.
        changing: The fields that can change.

    Raises:
        Refused: 11102, naming the field.
    """
    staying = [field.name for field, _ in given.ListFields() if field.name not in changing]
    if not staying:
        return
    known = (row.message(call.family.message), call.family.show(call, row))
    for name in staying:
        if not any(_is_alike(given, other, name) for other in known):
            raise invalid(f"{name} of a {call.family.noun} cannot be changed")
    clear(given, staying)


def _is_alike(given: Message, other: Message, name: str) -> bool:
    one, two = (getattr(message, name) for message in (given, other))
    is_list = hasattr(one, "__len__") and not isinstance(one, (str, bytes, Message))
    return bool(list(one) == list(two) if is_list else one == two)


def by_id(call: Call, resource_id: str) -> Row:
    """Return a row by its id.

    Raises:
        Refused: It does not exist.
    """
    return call.family.require(call.store, call.db, call.key, resource_id, call.parent_id)


def removed(call: Call, row: Row) -> None:
    """Remove a row on which nothing hangs."""
    call.store.resources.delete(call.db, row)


def _nothing_more(call: Call, row: Row, given: Any) -> None:
    del call, row, given


@attrs.frozen(eq=False)
class Family(Generic[M]):
    """A family of resources that are kept as rows of one kind."""

    kind: str
    """Of the rows, and the name of the field that one comes in."""
    message: type[M]
    rpcs: Mapping[str, Callable[..., Message]]
    """What answers, by name of the RPC: `(family_rpcs.FamilyRpc, request, caller)` -> answer."""
    parent: Family[Any] | None = None
    """The family of what these belong to; None: an app, or a user."""
    owner: Callable[..., Scope] = in_app
    """`(scopes, user_app_id, caller, write=...)`: where they are."""
    own: Sequence[str] = ()
    """Fields that the platform sets: what a request says of them is not taken."""
    patched_fields: Sequence[str] = ()
    """The only fields that can change, others are refused; empty: all but `own`."""
    absent: str = "{noun} {id!r} does not exist"
    """Text of the refusal of one that is not there: with noun, id, user, app and parent."""
    absent_code: int = codes.CONN_DOES_NOT_EXIST
    duplicate_code: int = codes.CONN_INVALID_REQUEST
    id_field: str = attrs.field()
    """Field of requests that names one; by its kind when nothing else is said."""
    draft: Callable[[Call, M], Draft] = drafted
    added: Callable[[Call, Row, M], None] = _nothing_more
    """Called when one was added, with what the request gave; before the transaction ends."""
    change: Callable[[Call, Row, M, str], Row] = patched
    show: Callable[[Call, Row], M] = shown
    remove: Callable[[Call, Row], None] = removed
    to_read: Callable[[Call, str], Row] = by_id
    """Finds one to be read: some are also looked for among the public ones."""
    to_change: Callable[[Call, str], Row] = by_id

    @id_field.default
    def _own_id_field(self) -> str:
        return f"{self.kind}_id"

    @property
    def plural(self) -> str:
        """Name of the field that several come in."""
        return f"{self.kind}s"

    @property
    def noun(self) -> str:
        """What people call one."""
        return self.kind.replace("_", " ")

    def require(
        self,
        store: Store,
        db: sqlite3.Connection,
        key: tuple[str, str],
        resource_id: str,
        parent_id: str = "",
    ) -> Row:
        """Return a row by its id.

        Args:
            store: Where it is.
            db: The connection of a read or write block.
            key: `(user_id, app_id)`.
            resource_id: Its id.
            parent_id: Id of what it belongs to.

        Raises:
            Refused: It does not exist.
        """
        row = store.resources.get(db, self.kind, key, resource_id, parent_id)
        if row is None:
            user_id, app_id = key
            text = self.absent.format(
                noun=self.noun, id=resource_id, user=user_id, app=app_id, parent=parent_id
            )
            raise Refused(self.absent_code, text)
        return row

    def listed(
        self,
        store: Store,
        db: sqlite3.Connection,
        key: tuple[str, str],
        parent_id: str = "",
        wanted: _paging.PageRange | None = None,
    ) -> list[Row]:
        """Return the rows of an app, a user or a parent, newest first; all, or those of a page."""
        wanted = wanted or _ALL
        return store.resources.list(
            db, self.kind, key, parent=parent_id, limit=wanted.limit, offset=wanted.offset
        )


def add(call: Call, given: Any) -> Row:
    """Keep one more resource.

    Raises:
        Refused: Its id is none, or taken.
    """
    family = call.family
    draft = family.draft(call, given)
    try:
        row = call.store.resources.insert(
            call.db,
            family.kind,
            call.key,
            draft.message.id,
            draft.message,
            now_us=call.context.clock.now_us(),
            parent=call.parent_id,
            status=draft.status,
            detail=draft.detail,
        )
    except Duplicate:
        raise Refused(family.duplicate_code, _taken(call, draft.message.id)) from None
    family.added(call, row, given)
    return row


def new_id(call: Call, given: Any) -> str:
    """Return the id that a request gives, or a new one.

    Raises:
        Refused: 11102, for an impossible id.
    """
    return _ids.check(given.id or _ids.new_id(), f"{call.family.noun} id")


def clear(message: Message, names: Iterable[str]) -> None:
    """Clear fields, those that the installed release of the wire contract has."""
    for name in names:
        if has_field(message, name):
            message.ClearField(name)


def refuse_bytes(message: Any) -> None:
    """Refuse the bytes of a resource's picture: addresses are kept, bytes are not.

    Raises:
        Refused: 11102, naming the field.
    """
    if has_field(message, "image") and message.image.base64:
        raise invalid("image.base64: the picture of a resource is kept as image.url only")


def take(target: Message, given: Message, names: Collection[str]) -> None:
    """Copy what a request sets of some fields: others of the message are not a program's to set.

    Args:
        target: The resource; its lists grow by what is given.
        given: What the request holds.
        names: The fields.

    Raises:
        Refused: 11102, the bytes of a picture came along.
    """
    refuse_bytes(given)
    for field, value in given.ListFields():
        if field.name not in names:
            continue
        if _patching.is_repeated(field):
            getattr(target, field.name).extend(value)
        elif field.message_type is None:
            setattr(target, field.name, value)
        else:
            getattr(target, field.name).CopyFrom(value)


def default_to_private(message: Any) -> None:
    """Let only its owner see a resource of which the request does not say who may."""
    if has_field(message, "visibility") and not message.visibility.gettable:
        message.visibility.gettable = resources_pb2.Visibility.Gettable.PRIVATE


def _taken(call: Call, resource_id: str) -> str:
    if call.family.parent is not None:
        where = f"in {call.family.parent.noun} {call.parent_id!r}"
        return f"the version id {resource_id!r} already exists {where}"
    _, app_id = call.key
    where = f"in app {app_id!r}" if app_id else "for this user"
    return f"the {call.family.noun} id {resource_id!r} already exists {where}"


_ALL = _paging.PageRange(-1, 0)


def has_field(message: Message, field: str) -> bool:
    """Return whether the installed release of the wire contract knows a field."""
    return field in message.DESCRIPTOR.fields_by_name


def _key(row: Row) -> tuple[str, str]:
    return row.user_id, row.app_id
