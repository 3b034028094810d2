"""A command of the `clarifai` program."""

from __future__ import annotations

# --8<-- [start:command]
import click


@click.command()
@click.argument("name")
def hello(name: str) -> None:
    """Greet NAME."""
    click.echo(f"Hello, {name}.")


# --8<-- [end:command]
