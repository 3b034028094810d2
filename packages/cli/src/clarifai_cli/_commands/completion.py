"""`clarifai completion bash | zsh | fish | install`: the shell proposes verbs, options and ids."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_core.command_arguments import Argument, command
from clarifai_core.errors import FileError, UserError
from clarifai_core.safe_text import named
from clarifai_core.suggestions import suggestion

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

SHELLS = ("bash", "zsh", "fish")

_MARK = "# clarifai completion"
_PLACES = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": "~/.config/fish/completions/clarifai.fish",
}
_LINES = {
    "bash": f'eval "$(clarifai completion bash)"  {_MARK}',
    "zsh": f'eval "$(clarifai completion zsh)"  {_MARK}',
    "fish": f"clarifai completion fish | source  {_MARK}",
}


@command()
def bash(context: CommandContext) -> None:
    """Print what bash needs: `eval "$(clarifai completion bash)"`.

    Args:
        context: The command's.
    """
    _print(context, "bash")


@command()
def zsh(context: CommandContext) -> None:
    """Print what zsh needs: `eval "$(clarifai completion zsh)"`.

    Args:
        context: The command's.
    """
    _print(context, "zsh")


@command()
def fish(context: CommandContext) -> None:
    """Print what fish needs: `clarifai completion fish | source`.

    Args:
        context: The command's.
    """
    _print(context, "fish")


@command(Argument("shell", "SHELL", is_required=False))
def install(context: CommandContext, shell: str) -> None:
    """Add the completion to the start-up file of SHELL; of your own ($SHELL) if none is named.

    Args:
        context: The command's.
        shell: bash, zsh or fish.
    """
    wanted = shell or Path(os.environ.get("SHELL", "")).name
    if wanted not in SHELLS:
        remedy = suggestion(wanted, SHELLS) or f" Name one of {', '.join(SHELLS)}."
        raise UserError(f"There is no completion for the shell {named(wanted)}.{remedy}")
    path = Path(_PLACES[wanted]).expanduser()
    row = {"shell": wanted, "path": str(path)}
    try:
        before = path.read_text() if path.is_file() else ""
        if _MARK in before:
            context.output.done(row, f"It is in {path} already.")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        gap = "" if not before or before.endswith("\n") else "\n"
        with path.open("a") as file:
            file.write(f"{gap}{_LINES[wanted]}\n")
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror or error}."
        raise FileError.of(text, error) from error
    context.output.done(row, f"Added the completion to {path}: open a new shell to have it.")


def _print(context: CommandContext, shell: str) -> None:
    from click.shell_completion import get_completion_class

    from clarifai_cli._completion import VARIABLE
    from clarifai_cli._frame import program
    from clarifai_cli._front_page import NAME

    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f"click knows no shell {shell!r}.")
    source = kind(program, {}, NAME, VARIABLE).source()
    context.output.report({"shell": shell, "source": source}, source)
