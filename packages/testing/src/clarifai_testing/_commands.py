"""`clarifai plugins new`: a plugin to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from clarifai_testing._new import KINDS, write


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
def new(kind: str, name: str, path: Path) -> None:
    """Write a distribution called NAME, with a plugin of KIND and tests that it passes.

    What is there already is never written over.
    """
    folder = write(kind, name, path)
    click.echo(str(folder))
    click.echo(f"Try it: cd {folder} && pytest", err=True)
