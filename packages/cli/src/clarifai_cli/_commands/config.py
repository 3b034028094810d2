"""`clarifai config show | list | use`: the contexts file, without its keys."""

from __future__ import annotations

import attrs
import click

from clarifai_cli._invocation import Invocation
from clarifai_cli._options import common_options
from clarifai_core.contexts import FIELDS, Contexts
from clarifai_core.credentials import HIDDEN
from clarifai_core.errors import UserError
from clarifai_core.safe_text import named
from clarifai_core.settings import contexts_path

_SECRETS = ("pat", "token")


@click.command()
@common_options
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """Show the context NAME, or the current one; keys are hidden."""
    invocation = Invocation.current()
    contexts = Contexts.read(contexts_path())
    chosen = name or invocation.context or contexts.current
    if not chosen:
        raise UserError(f"No context is current in {contexts.path}: run `clarifai login`.")
    values = contexts.get(chosen)
    shown = {field: HIDDEN if field in _SECRETS else values[field] for field in _ordered(values)}
    invocation.output.record({"file": str(contexts.path), "context": chosen, **shown})


@click.command("list")
@common_options
def list_contexts() -> None:
    """List the contexts; `yes` marks the current one."""
    contexts = Contexts.read(contexts_path())
    rows = [
        {
            "name": name,
            "current": name == contexts.current,
            "base_url": values.get("base_url", ""),
            "user_id": values.get("user_id", ""),
            "key": next((kind for kind in _SECRETS if values.get(kind)), ""),
        }
        for name, values in contexts.named.items()
    ]
    empty = f"No contexts in {contexts.path}: `clarifai login` makes one."
    Invocation.current().output.table(rows, empty=empty)


@click.command()
@common_options
@click.argument("name")
def use(name: str) -> None:
    """Make the context NAME the current one."""
    contexts = Contexts.read(contexts_path())
    contexts.get(name)
    attrs.evolve(contexts, current=name).write()
    Invocation.current().output.remark(
        f"Context {named(name)} is the current one. `clarifai whoami --explain` shows what is in "
        "force: the environment comes first."
    )


def _ordered(values: object) -> list[str]:
    return [field for field in FIELDS if field in values]  # type: ignore[operator]
