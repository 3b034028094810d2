"""`clarifai config` and `clarifai context`: the contexts file, without its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.command_arguments import Argument, Option, command
from clarifai_core.contexts import FIELDS, Contexts
from clarifai_core.credentials import HIDDEN
from clarifai_core.errors import UserError
from clarifai_core.safe_text import named
from clarifai_core.settings import Settings, contexts_path
from clarifai_core.suggestions import suggestion

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

_SECRETS = ("pat", "token")


_NAME = Argument("name", "NAME", is_required=False)

_FIELDS = (
    Option("--user-id", "Your user id on the platform.", "ID"),
    Option("--app-id", "The app to use when a program names none.", "ID"),
    Option("--root-certificates-path", "PEM file of the roots to trust.", "FILE"),
    Option("--timeout-seconds", "Deadline of every call.", "SECONDS"),
)


@command(_NAME)
def show(context: CommandContext, name: str) -> None:
    """Show the context NAME, or the current one; keys are hidden.

    Args:
        context: The command's.
        name: Which.
    """
    contexts = Contexts.read(contexts_path())
    chosen = name or getattr(context, "context", "") or contexts.current
    if not chosen:
        raise UserError(f"No context is current in {contexts.path}: run `clarifai login`.")
    context.output.record({"file": str(contexts.path), **_row(contexts, _there(contexts, chosen))})


@command()
def list_contexts(context: CommandContext) -> None:
    """List the contexts; `yes` marks the current one.

    Args:
        context: The command's.
    """
    contexts = Contexts.read(contexts_path())
    rows = [
        {
            "name": name,
            "current": name == contexts.current,
            "base_url": values.get("base_url", ""),
            "user_id": values.get("user_id", ""),
            "app_id": values.get("app_id", ""),
            "key": next((kind for kind in _SECRETS if values.get(kind)), ""),
        }
        for name, values in contexts.named.items()
    ]
    empty = f"No contexts in {contexts.path}: `clarifai login` makes one."
    context.output.table(rows, empty=empty)


@command(Argument("name"))
def use(context: CommandContext, name: str) -> None:
    """Make the context NAME the current one.

    Args:
        context: The command's.
        name: Which.
    """
    contexts = Contexts.read(contexts_path())
    attrs.evolve(contexts, current=_there(contexts, name)).write()
    context.output.done(
        _row(contexts, name),
        f"Context {named(name)} is the current one. `clarifai whoami --explain` shows what is in "
        "force: the environment comes first.",
    )


@command(Argument("name"), *_FIELDS)
def create(context: CommandContext, name: str, **values: str) -> None:
    """Make the context NAME, without a key, and the current one. `clarifai login` stores a key.

    --base-url names its platform.

    Args:
        context: The command's.
        name: What it is called.
        **values: What it says.
    """
    contexts = Contexts.read(contexts_path())
    if name in contexts.named:
        raise UserError(f"There is a context {named(name)} already: use `clarifai config update`.")
    made = contexts.with_context(name, _values(context, values))
    made.write()
    context.output.done(_row(made, name), f"Context {named(name)} is made, and the current one.")


@command(Argument("name"), *_FIELDS)
def update(context: CommandContext, name: str, **values: str) -> None:
    """Change what the context NAME says; its key stays.

    Args:
        context: The command's.
        name: Which.
        **values: What it says.
    """
    contexts = Contexts.read(contexts_path())
    there = contexts.named[_there(contexts, name)]
    given = _values(context, values)
    if not given:
        raise UserError(f"Nothing to change in the context {named(name)}: give an option.")
    made = attrs.evolve(contexts, named={**contexts.named, name: {**there, **given}})
    made.write()
    context.output.done(_row(made, name), f"Changed the context {named(name)}.")


@command(Argument("names", "NAME", many=True))
def delete(context: CommandContext, names: tuple[str, ...]) -> None:
    """Delete each context that is named, with its key; you are asked.

    Args:
        context: The command's.
        names: Which.
    """
    contexts = Contexts.read(contexts_path())
    wanted = [_there(contexts, name) for name in context.words(names)]
    shown = ", ".join(map(named, wanted))
    context.confirm(f"Delete the context {shown}, with its key?")
    left = {name: values for name, values in contexts.named.items() if name not in wanted}
    current = contexts.current if contexts.current in left else ""
    attrs.evolve(contexts, named=left, current=current).write()
    rows = [{"name": name, "status": "deleted"} for name in wanted]
    context.output.done(rows, f"Deleted the context {shown}.")


def _there(contexts: Contexts, name: str) -> str:
    """Return the name of a context that there is; a near one is named where there is none."""
    try:
        contexts.get(name)
    except UserError as error:
        raise UserError(f"{error}{suggestion(name, contexts.named)}") from error
    return name


def _values(context: CommandContext, values: dict[str, str]) -> dict[str, str]:
    """Return what is given for a context, checked as settings are."""
    found: dict[str, Any] = {name: value for name, value in values.items() if value}
    address = getattr(context, "base_url", "")
    if address:
        found["base_url"] = address
    Settings.resolve(**found)  # refuses what is none
    return found


def _row(contexts: Contexts, name: str) -> dict[str, str]:
    values = contexts.named[name]
    shown = {
        field: HIDDEN if field in _SECRETS else values[field] for field in FIELDS if field in values
    }
    return {"context": name, **shown}
