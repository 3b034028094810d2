"""Where a command works and what it names: a user, an app, a thing that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clarifai_core import existing as core_existing
from clarifai_core import kinds, ops
from clarifai_core.errors import ClarifaiError, NotFound
from clarifai_core.handles import Handle, open_class
from clarifai_core.safe_text import named
from clarifai_core.scope import ResourceUrl
from clarifai_core.suggestions import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from clarifai_core.command_context import CommandContext
    from clarifai_core.kinds import ResourceKind

WHOEVER = "me"
"""The user that the key belongs to."""

IDS_LOOKED_AT = 200
"""Of so many a near one is looked for."""


def place(context: CommandContext, *, app_id: str = "", user_id: str = "") -> Handle:
    """Return a handle for the user and app that a command names, on the platform it names.

    Args:
        context: The command's.
        app_id: Else that of the settings.
        user_id: Else that of the settings, else whose key it is.
    """
    made = Handle(**context.connection(app_id=app_id, user_id=user_id))
    if not made.user_id:
        made.user_id = WHOEVER
    return made


def located(parent: Handle, kind: ResourceKind, name: str) -> tuple[Handle, str]:
    """Return where a thing is and its id; a web address names both.

    Args:
        parent: Where it is if it is named by its id.
        kind: What it is.
        name: Its id, or `https://clarifai.com/USER/APP/models/ID`.
    """
    if "://" in name:
        address = ResourceUrl.parse(name, kind.name)
        parent, name = core_existing.scoped(parent, address.user_id, address.app_id), address.id
    if kind.name == "app":
        parent = core_existing.scoped(parent, parent.user_id, name)
    elif kind.name == "user":
        parent = core_existing.scoped(parent, name, parent.app_id)
    return parent, name


def fetched(parent: Handle, kind: ResourceKind, name: str) -> Any:
    """Return the message of a thing.

    Raises:
        click.ClickException: There is none; a near one is named.
    """
    where, resource_id = located(parent, kind, name)
    try:
        return ops.get(where, kind, resource_id)
    except NotFound as error:
        raise absent(parent, kind, [resource_id]) from error


def opened(context: CommandContext, kind_name: str, name: str, **where: str) -> Handle:
    """Return the handle of a thing that exists.

    Args:
        context: The command's.
        kind_name: As it is registered: `"model"`.
        name: Its id or web address.
        **where: `app_id` and `user_id`.
    """
    kind = kinds.kind_named(kind_name)
    parent, resource_id = located(place(context, **where), kind, name)
    made: Handle = open_class(kind_name).of(fetched(parent, kind, resource_id), parent)
    return made


def absent(parent: Handle, kind: ResourceKind, ids: list[str]) -> click.ClickException:
    """Return what says that things are not there, with the nearest that is.

    Args:
        parent: Where they were looked for.
        kind: What they are.
        ids: Of the things.
    """
    title = kind.name.replace("_", " ")
    shown = ", ".join(map(named, ids))
    thing = f"no {title} {shown}" if len(ids) == 1 else f"none of the {title}s {shown}"
    in_app = f" in the app {named(parent.app_id)}" if kind.in_app and parent.app_id else ""
    owner = f" of the user {named(parent.user_id)}" if kind.name != "user" else ""
    near = suggestion(ids[0], known_ids(parent, kind)) if len(ids) == 1 else ""
    remedy = f" `clarifai {kind.name} list` shows what there is." if kind.name != "user" else ""
    return click.ClickException(f"There is {thing}{in_app}{owner}.{near or remedy}")


def known_ids(parent: Handle, kind: ResourceKind) -> Iterator[str]:
    """Yield the ids of the first things of a kind; none when they cannot be listed."""
    try:
        found: Any = ops.pager(parent, kind, None, page_no=1, per_page=IDS_LOOKED_AT)
        for message in found:
            yield str(message.id)
    except ClarifaiError:  # why: it is about a remedy only
        return
