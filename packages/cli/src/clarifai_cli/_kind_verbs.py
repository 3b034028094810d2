"""list, show, create, update and delete of every kind of resource, made of the table of kinds.

Nothing here knows a kind: which verbs one has, and which of its fields have an option, its plugin
says in its `ResourceSpec`; the methods and their fields follow from its `ResourceKind`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_cli import _handles
from clarifai_cli._described import click_command
from clarifai_cli._invocation import STDIN
from clarifai_core import kinds, ops
from clarifai_core.command_arguments import (
    APP,
    FILTER,
    IDS,
    USER,
    Argument,
    Option,
    fields_of,
    pairs_of,
)
from clarifai_core.contracts import ResourceSpec
from clarifai_core.errors import NotFound, UserError
from clarifai_core.safe_text import shown
from clarifai_core.wire import ids as core_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

    from clarifai_core.command_context import CommandContext
    from clarifai_core.handles import Handle
    from clarifai_core.kinds import ResourceKind

SET = Option(
    "--set", "A further field of its message; VALUE is JSON, or text.", "FIELD=VALUE", many=True,
    name="pairs",
)  # fmt: skip
ACTION = Option(
    "--action",
    "What becomes of the fields: added to what is there, put in its place, or taken away.",
    choices=("merge", "overwrite", "remove"),
)

PER_PAGE = 1000
"""A listing that is limited to fewer asks for no more."""

AT_ONCE = 64
"""How many things are looked for, and deleted, by one round of requests."""

_MOST_NAMED = 5


def command_of(spec: ResourceSpec, verb: str, help_text: str) -> click.Command:
    """Return the command of one verb of a kind.

    Args:
        spec: Of the kind.
        verb: list, show, create, update or delete.
        help_text: Its line of help.
    """
    kind = kinds.kind_named(spec.name)
    where = () if kind.name == "user" else APP if kind.in_app else (USER,)
    does = _VERBS[verb]

    def run(context: CommandContext, **values: Any) -> int | None:
        place = {name: values.pop(name) for name in ("app_id", "user_id") if name in values}
        return does.run(context, kind, _handles.place(context, **place), **values)

    return click_command(run, (*does.parameters(spec), *where), verb, help_text, kind.name)


@attrs.frozen
class _Verb:
    run: Callable[..., int | None]
    parameters: Callable[[ResourceSpec], Sequence[Argument | Option]]


def _list(
    context: CommandContext, kind: ResourceKind, parent: Handle, filter_by: tuple[str, ...]
) -> None:
    most = context.limit
    page: Any = {"page_no": 1, "per_page": most} if most and most <= PER_PAGE else {}
    found: Any = ops.pager(parent, kind, None, filter_by=pairs_of(filter_by, "--filter"), **page)
    context.output.table(found, empty=f"There are no {kind.name.replace('_', ' ')}s.")


def _show(context: CommandContext, kind: ResourceKind, parent: Handle, resource_id: str) -> None:
    if resource_id == STDIN:
        every = context.words([resource_id])
        context.output.table(_handles.fetched(parent, kind, one) for one in every)
        return
    default = parent.user_id if kind.name == "user" else parent.app_id
    context.output.record(_handles.fetched(parent, kind, resource_id or default))


def _create(
    context: CommandContext,
    kind: ResourceKind,
    parent: Handle,
    ids: tuple[str, ...],
    pairs: tuple[str, ...],
    **values: Any,
) -> None:
    fields = fields_of(values, pairs)
    wanted = [core_ids.check_new_id("ID", one) for one in context.words(ids)]
    if not wanted:
        return
    made = [ops.create(parent, kind, {**fields, "id": one}) for one in wanted]
    context.output.done(made, f"Created {_things(kind, wanted)}.")


def _update(
    context: CommandContext,
    kind: ResourceKind,
    parent: Handle,
    resource_id: str,
    pairs: tuple[str, ...],
    action: Any,
    **values: Any,
) -> None:
    fields = fields_of(values, pairs)
    if not fields:
        thing = _things(kind, [resource_id])
        raise UserError(f"Nothing to change in {thing}: give an option, or --set FIELD=VALUE.")
    where, own_id = _handles.located(parent, kind, resource_id)
    try:
        made = ops.patch(where, kind, {**fields, "id": own_id}, action or kind.patch_action)
    except NotFound as error:
        raise _handles.absent(parent, kind, [own_id]) from error
    context.output.done(made, f"Changed {_things(kind, [own_id])}.")


def _delete(
    context: CommandContext, kind: ResourceKind, parent: Handle, ids: tuple[str, ...]
) -> int:
    wanted = list(dict.fromkeys(context.words(ids)))
    if not wanted:
        context.output.remark("Nothing to delete: no id was given.")
        return 0
    whole = " and everything in it" if kind.name == "app" else ""
    where = parent.settings.endpoint.where
    context.confirm(f"Delete {_things(kind, wanted)}{whole}, on {where}?")
    gone: list[str] = []
    missing: list[str] = []
    with context.progress("deleting", len(wanted)) as show:
        for some in _chunks(wanted):
            there, not_there = _split(parent, kind, some)
            for request in _by_request(kind, parent, there):
                ops.delete(*request)
            gone += there
            missing += not_there
            show(len(gone) + len(missing))
    if gone or not missing:
        rows = [{"id": one, "status": "deleted"} for one in gone]
        context.output.done(rows, f"Deleted {_things(kind, gone)}.")
    if missing:
        raise _handles.absent(parent, kind, missing[:_MOST_NAMED])
    return 0


def _split(parent: Handle, kind: ResourceKind, some: list[str]) -> tuple[list[str], list[str]]:
    """Return those that are there and those that are not, asked all at once.

    The platform answers a request to delete what is not there as if it had done so.
    """
    session, rpc = parent.session, kind.rpc("get")
    answers = []
    for name in some:
        where, resource_id = _handles.located(parent, kind, name)
        request = rpc.request_class(user_app_id=ops.scope_of(where, kind, "get").message())
        field = kind.id_field("get")
        if field and kind.name != "app":
            setattr(request, field, core_ids.check_id(f"{kind.name}_id", resource_id))
        answers.append((name, session.start(session.prepare(rpc.name, request))))
    there, missing = list[str](), list[str]()
    for name, answer in answers:
        try:
            answer.result()
        except NotFound:
            missing.append(name)
        else:
            there.append(name)
    return there, missing


def _by_request(
    kind: ResourceKind, parent: Handle, names: list[str]
) -> Iterator[tuple[Handle, ResourceKind, list[str]]]:
    """Yield what is deleted by one request each: all of one place, where the method takes many."""
    found = [_handles.located(parent, kind, name) for name in names]
    field = kind.id_field("delete")
    takes_many = field and kind.rpc("delete").request_class.DESCRIPTOR.fields_by_name[field]
    if takes_many and takes_many.is_repeated:
        places: dict[Any, tuple[Handle, list[str]]] = {}
        for where, resource_id in found:
            places.setdefault(where.scope, (where, []))[1].append(resource_id)
        yield from ((where, kind, ids) for where, ids in places.values())
    else:
        yield from ((where, kind, [resource_id]) for where, resource_id in found)


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    every = iter(ids)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _things(kind: ResourceKind, ids: Sequence[str]) -> str:
    title = kind.name.replace("_", " ")
    if len(ids) == 1:
        return f"the {title} {shown(ids[0])}"
    if len(ids) <= _MOST_NAMED:
        return f"the {title}s {', '.join(map(shown, ids))}"
    return f"{len(ids)} {title}s"


_HELPS = {
    "description": "What it is, for people.",
    "metadata": "What you want to keep with it, as a JSON object.",
    "name": "A name, for people.",
    "notes": "Notes, for people.",
}


def _field_options(spec: ResourceSpec) -> tuple[Option, ...]:
    return tuple(
        Option(
            f"--{field.replace('_', '-')}",
            _HELPS.get(field, "A field of its message."),
            "JSON" if field == "metadata" else "TEXT",
            name=field,
        )
        for field in spec.fields
    )


def _one(spec: ResourceSpec) -> Argument:
    return Argument("resource_id", "ID", is_required=spec.name not in ("user", "app"))


_VERBS = {
    "list": _Verb(_list, lambda _: (FILTER,)),
    "show": _Verb(_show, lambda spec: (_one(spec),)),
    "create": _Verb(_create, lambda spec: (IDS, *_field_options(spec), SET)),
    "update": _Verb(
        _update,
        lambda spec: (Argument("resource_id", "ID"), *_field_options(spec), SET, ACTION),
    ),
    "delete": _Verb(_delete, lambda _: (IDS,)),
}
"""Verb -> what it does, and with what."""
