"""The entry point of the `clarifai` program.

It starts at once: `--version` and `--help` answer without click, and everything else comes in with
the frame. Nothing but `sys` may be imported at the top.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: What stands behind the program's name; the process's own when None.

    Returns:
        0 when all went well, 2 for a mistake of the user, 1 for a failure, 130 after Ctrl-C.
    """
    is_program = arguments is None
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments == ["--version"]:
        from clarifai_cli._version import version_line

        try:
            print(version_line(), flush=True)
        except OSError as error:
            print(f"Error: The result cannot be written: {error.strerror}.", file=sys.stderr)
            return 1
        return 0
    import os

    if is_program and "_CLARIFAI_COMPLETE" in os.environ:
        from clarifai_cli import _completion

        return _completion.complete()
    from clarifai_cli._interrupts import INTERRUPTED, Watch

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # characters that its encoding lacks end no command
            stream.reconfigure(errors="backslashreplace")
    with Watch(is_program=is_program) as watch:
        try:
            if arguments in (["--help"], ["-h"]):
                from clarifai_cli import _front_page

                return watch.exit_code(_front_page.show())
            from clarifai_cli._frame import program

            code = program.run(arguments)
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            code = INTERRUPTED
        return watch.exit_code(code)


def find_command(name: str) -> click.Command | None:
    """Return a command as the program runs it, with the options that every command has.

    Args:
        name: One word, or two: `"plugins new"`.

    Returns:
        None when the program has no such command.

    Raises:
        PluginError: It cannot be imported, or is no command.

    Example:
        >>> find_command("whoami").name, find_command("no such")
        ('whoami', None)
    """
    import click

    from clarifai_cli._frame import program

    found: click.Command | None = program
    for word in name.split():
        group = found
        if not isinstance(group, click.Group):
            return None
        found = group.get_command(click.Context(group), word)
    return found
