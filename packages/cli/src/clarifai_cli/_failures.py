"""What an error looks like at the prompt: one sentence on stderr, and the exit code.

2    a mistake of the user: wrong usage, or a `UserError`
1    a failure: `ApiError`, `ApiClientError`, or a defect of ours
130  Ctrl-C
"""

from __future__ import annotations

import errno
import re
import traceback
from typing import Any

import click

from clarifai_cli._interrupts import INTERRUPTED
from clarifai_cli._words import in_words_of, remedies
from clarifai_core.errors import ClarifaiError, Interrupted, UserError
from clarifai_core.safe_text import failure, fit, masked
from clarifai_core.suggestions import suggestion

MISTAKE = 2
FAILURE = 1

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What stdout fails with when it is a file for which there is no room."""

_SHORT = re.compile("-[^-]")

_SECRET_OPTIONS = {"--pat", "--token", "--key", "--api-key"}


def report(error: Exception, *, debug: bool = False, command: click.Command | None = None) -> int:
    """Say what went wrong, on stderr, and return the exit code.

    Args:
        error: What a command raised.
        debug: Show the traceback before the sentence.
        command: Whose words are used.
    """
    if isinstance(error, click.Abort):
        return _aborted(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return MISTAKE
    if debug and not isinstance(error, click.ClickException):
        click.echo(fit("".join(traceback.format_exception(error))), err=True, nl=False)
    said = sentence(error)
    if isinstance(error, UserError) and command is not None:
        said = in_words_of(command, said)
    elif isinstance(error, ClarifaiError):
        said = remedies(said)
    click.echo(f"Error: {fit(said)}", err=True)
    return exit_code(error)


def exit_code(error: Exception) -> int:
    """Return the exit code of an error.

    Example:
        >>> exit_code(UserError("There is no file 'x.csv'."))
        2
    """
    if isinstance(error, click.ClickException):
        return error.exit_code
    return MISTAKE if isinstance(error, UserError) else FAILURE


def sentence(error: Exception) -> str:
    """Return what to tell the user about an error."""
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, ClarifaiError):
        return str(error)
    if isinstance(error, OSError) and error.errno in _FULL and not error.filename:
        return f"The result cannot be written: {error.strerror}."
    return f"unexpected {failure(error)} (--debug shows where; please report it)"


def _usage(error: click.UsageError) -> str:
    message = masked(error.format_message())  # why: it quotes the command line
    message = message.replace("is not a valid integer range", "is no whole number")
    message = message.replace("is not a valid float range", "is no number")
    kind = getattr(getattr(error, "param", None), "type", None)
    if isinstance(kind, click.Choice) and isinstance(error, click.MissingParameter):
        message = _missing_choice(error, kind)
    elif isinstance(kind, click.Choice) and isinstance(error, click.BadParameter):
        written = re.search(r"'([^']*)' is not one of", message)
        message += suggestion(written[1], map(str, kind.choices)) if written else ""
    if isinstance(error, click.NoSuchOption) and error.option_name in _SECRET_OPTIONS:
        return f"{message} Keys never go on a command line: set CLARIFAI_PAT or run clarifai login."
    if isinstance(error, click.NoSuchOption) and _SHORT.fullmatch(error.option_name):
        message += " Write -- before what begins with a dash and is no option."
    if error.ctx is None:
        return message
    return f"{message} See: {error.ctx.command_path} --help"


def _missing_choice(error: click.MissingParameter, kind: click.Choice[Any]) -> str:
    """Return the sentence for click's list of lines."""
    param = error.param
    is_option = isinstance(param, click.Option)
    what = param.opts[0] if param and is_option else str(param and param.name).upper()
    choices = ", ".join(map(str, kind.choices))
    return f"Missing {'option' if is_option else 'argument'} '{what}': one of {choices}."


def _aborted(error: click.Abort) -> int:
    # click raises Abort for Ctrl-C, for the end of stdin at a prompt, and for a "no"
    cause = error.__cause__ or error.__context__
    if isinstance(cause, KeyboardInterrupt):
        click.echo(_interrupted(cause), err=True)
        return INTERRUPTED
    click.echo("Aborted.", err=True)
    return FAILURE


def _interrupted(error: KeyboardInterrupt) -> str:
    if not isinstance(error, Interrupted):
        return "Interrupted."
    further = "; the same command goes on from there" if error.goes_on else ""
    return fit(f"Interrupted: {error.done}{further}.")
