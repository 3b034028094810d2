"""Commands with one fault each."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from clarifai_core.contracts import CommandSpec
from clarifai_testing import CommandContract
from tests.testing.cases import Cases, giving

T = TypeVar("T")


class Contract(CommandContract):
    name = "shelve"


def spec(name: str, target: str = "") -> CommandSpec:
    return CommandSpec(name, f"{__name__}:{target}", "Put away.")


cases = Cases(__name__, Contract, lambda target: giving("commands", spec("shelve", target.name)))


@click.command()
def shelve() -> None:
    """Put away."""


cases.add("Good", "", giving("commands", spec("shelve", "shelve")), {})
cases.add(
    "GoodOfTwoWords", "", giving("commands", spec("shelf put", "shelve")), {"name": "shelf put"}
)


def function() -> None:
    """No command."""


def fault(check: str, says: str = "", **attributes: Any) -> Callable[[T], T]:
    """Mark a command that makes one check fail."""

    def mark(command: T) -> T:
        name = command.callback.__name__  # type: ignore[attr-defined]
        cases.add(name, check, giving("commands", spec("shelve", name)), attributes, says)
        return command

    return mark


cases.add(
    "Function",
    "test_is_a_command",
    giving("commands", spec("shelve", "function")),
    {},
    "or a click.Command",
)
cases.add(
    "Shouting",
    "test_name_can_be_typed",
    giving("commands", spec("Shelve It", "shelve")),
    {"name": "Shelve It"},
    "hyphens",
)


cases.add(
    "Unreachable",
    "test_is_listed",
    giving("commands", spec("whoami deep", "shelve")),
    {"name": "whoami deep"},
    "is not listed by `clarifai whoami --help`",
)


@fault("test_help_is_shown", "give the function a docstring")
@click.command()
def speechless() -> None:
    pass


@fault("test_options_are_documented", "--deep has no help")
@click.command()
@click.option("--deep", is_flag=True)
def undocumented(deep: bool) -> None:
    """Put away."""


@fault("test_options_are_spelled_alike", "--Deep_down is spelled oddly")
@click.command()
@click.option("--Deep_down", "deep", is_flag=True, help="Deep.")
def odd(deep: bool) -> None:
    """Put away."""


@fault("test_keys_are_no_options", "list of processes")
@click.command()
@click.option("--api-key", default="", help="The key.")
def revealing(api_key: str) -> None:
    """Put away."""


@fault("test_runs", "ends with 1")
@click.command()
def breaking() -> None:
    """Put away."""
    raise RuntimeError("the shelf is full")


@fault("test_shows_no_key", "prints the key")
@click.command()
def talking() -> None:
    """Put away."""
    click.echo(f"by the key {os.environ.get('CLARIFAI_PAT')}")


@fault("test_mistakes_are_said_in_one_sentence", "ends with 0")
@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def lenient() -> None:
    """Put away."""


@fault("test_mistakes_are_said_in_one_sentence", "ends with 1", bad_arguments=("nothing",))
@click.command()
@click.argument("what", default="")
def failing(what: str) -> None:
    """Put away."""
    if what == "nothing":
        raise RuntimeError("nothing to put away")


@fault("test_mistakes_are_said_in_one_sentence", "on stdout", bad_arguments=("nothing",))
@click.command()
@click.argument("what", default="")
def misplaced(what: str) -> None:
    """Put away."""
    if what == "nothing":
        click.echo("There is nothing to put away.")
        raise click.UsageError("There is nothing.")


@fault("test_writes_nothing_here", "'shelf.log'", bad_arguments=("nothing",))
@click.command()
@click.argument("what", default="")
def littering(what: str) -> None:
    """Put away."""
    if what == "nothing":
        Path("shelf.log").write_text("nothing")
        raise click.UsageError("There is nothing to put away.")
