"""The answer to a shell that completes a command line."""

from __future__ import annotations

import os

import click
from click.shell_completion import shell_complete

from clarifai_cli._frame import program
from clarifai_cli._front_page import NAME
from clarifai_core.errors import ClarifaiError

VARIABLE = "_CLARIFAI_COMPLETE"
"""The environment variable by which the shell asks; the script of `completion` sets it."""


def complete() -> int:
    """Answer the shell by what stands in the variable, and return the exit code.

    A line that is wrong already has nothing to complete: whoever types it is not interrupted, and
    is told when the line is run.
    """
    try:
        return shell_complete(program, {}, NAME, VARIABLE, os.environ.get(VARIABLE, ""))
    except (click.ClickException, ClarifaiError):
        return 1
