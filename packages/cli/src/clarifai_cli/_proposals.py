"""What the shell proposes: ids of the platform, for options and arguments that name one.

A proposal must never fail, nor wait for long, nor ask for anything: where the platform does not
answer in time there is none.
"""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

MOST = 100
SECONDS = 2.0


def proposer(kind: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return what proposes the ids of a kind.

    Args:
        kind: Its name: `"app"`.
    """

    def propose(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        found: list[str] = []
        thread = threading.Thread(target=_collect, args=(ctx, kind, incomplete, found), daemon=True)
        thread.start()
        thread.join(SECONDS)
        return list(found)

    return propose


def kind_of(name: str, command: str) -> str:
    """Return the kind that a parameter names an id of, or `""`.

    Args:
        name: Of the parameter: `"dataset_id"`, `"ids"` ...
        command: What the command is about: `"dataset"`, or `""`.

    Example:
        >>> kind_of("dataset_id", "model"), kind_of("ids", "input"), kind_of("name", "config")
        ('dataset', 'input', 'context')
    """
    from clarifai_core.command_arguments import KINDS_OF_IDS  # why: help proposes nothing

    if command in ("config", "context") and name in ("name", "names"):
        return "context"
    if name in ("ids", "resource_id"):
        return command
    return KINDS_OF_IDS.get(name, "")


def _collect(ctx: click.Context, kind_name: str, incomplete: str, found: list[str]) -> None:
    """Add the ids that begin so, as they come; what fails adds none."""
    try:
        from clarifai_cli import _handles
        from clarifai_cli._invocation import Invocation
        from clarifai_core import kinds, ops

        invocation = ctx.ensure_object(Invocation)
        params = {name: ctx.params.get(name) or "" for name in ("app_id", "user_id")}
        if kind_name == "context":
            found += [name for name in _contexts() if name.startswith(incomplete)]
            return
        place = _handles.place(invocation, **params)
        listed: Any = ops.pager(place, kinds.kind_named(kind_name), None)
        ids = (str(one.id) for one in listed)
        for one in islice((one for one in ids if one.startswith(incomplete)), MOST):
            found.append(one)
    except Exception:  # noqa: BLE001  why: there is nowhere to say it, and nobody asked for it
        return


def _contexts() -> list[str]:
    from clarifai_core.contexts import Contexts
    from clarifai_core.settings import contexts_path

    return sorted(Contexts.read(contexts_path()).named)
