"""The answer to a shell that completes a command line."""

from __future__ import annotations

import os

from click.shell_completion import shell_complete

from clarifai_cli._frame import NAME, program

VARIABLE = "_CLARIFAI_COMPLETE"
"""The environment variable by which the shell asks; the script of `completion` sets it."""


def complete() -> int:
    """Answer the shell by what stands in the variable, and return the exit code."""
    return shell_complete(program, {}, NAME, VARIABLE, os.environ.get(VARIABLE, ""))
