"""A command of the `clarifai` program."""

# --8<-- [start:command]
from __future__ import annotations

import click


@click.command()
@click.argument("name")
def hello(name: str) -> None:
    """Greet NAME."""
    click.echo(f"Hello, {name}.")


# --8<-- [end:command]
