"""`clarifai plugins new`: a plugin to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clarifai_testing._new import KINDS, write

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext


@click.command()
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.argument("name")
@click.option(
    "--path",
    default=".",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="In which the distribution's folder is made.",
)
@click.pass_obj
def new(context: CommandContext, kind: str, name: str, path: Path) -> None:
    """Write a distribution called NAME, with a plugin of KIND and tests that it passes.

    What is there already is never written over.
    """
    folder = write(kind, name, path)
    context.output.report({"id": name, "kind": kind, "path": str(folder)}, str(folder))
    context.output.remark(f"Try it: cd {folder} && pytest")
