"""`clarifai local up | status | models | reset | export | import`: platforms at the prompt."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_core.command_context import CommandContext
    from clarifai_local._snapshots import Summary

DEFAULT_PORT = 18080
DEFAULT_DIRECTORY = "~/.clarifai/local"

_path_option = click.option(
    "--path",
    default=DEFAULT_DIRECTORY,
    show_default=True,
    metavar="DIRECTORY",
    help="The platform's directory.",
)
_file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@_path_option
@click.option(
    "--port",
    type=click.IntRange(0, 65534),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of gRPC and HTTP; 0 takes any free one.",
)
@click.option(
    "--downloads/--no-downloads",
    default=False,
    help="Download inputs that are given by URL (public addresses only).",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="TEXT",
    help="Misbehave, for example 'PostInputs: throttled, times=3' or 'disk: full, after=100'. "
    "May be given several times.",
)
def up(path: str, port: int, downloads: bool, faults: tuple[str, ...]) -> None:
    """Serve an embedded platform on loopback until Ctrl-C or SIGTERM."""
    from clarifai_local._administration import REFUSED, serve  # why: help needs none of it
    from clarifai_local._faults import Faults

    try:
        for text in faults:
            Faults().add(text)
    except ValueError as error:
        raise click.UsageError(f"--fault: {error}") from error
    try:
        serve(_resolved(path), port, downloads=downloads, say=click.echo, faults=faults)
    except REFUSED as error:
        more = "; see --path and --port" if type(error) is OSError else ""
        raise click.ClickException(f"{error}{more}") from error


@click.command("status")
@_path_option
def show(path: str) -> None:
    """Say where a platform is, whether it runs, and what it holds."""
    from clarifai_local._administration import describe

    with _refusals():
        lines = list(describe(_resolved(path)))
    _report(dict(_parted(line) for line in lines), "\n".join(lines))


@click.command()
def models() -> None:
    """Say what answers for each public model, and whose weights are used under which licence."""
    from clarifai_local._models.answering import told
    from clarifai_local._models.engines import Engines

    engines = Engines()
    lines = [*told(engines)]
    notices = [*engines.notices()]
    _report(
        {"models": lines, "notices": notices}, "\n".join([*lines, *(f"\n{n}" for n in notices)])
    )


@click.command()
@_path_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(path: str, yes: bool) -> None:
    """Delete everything that a platform keeps in its directory; downloads stay."""
    from clarifai_local._administration import erase, require_platform

    directory = _resolved(path)
    with _refusals():
        require_platform(directory)
        if not yes:
            _confirm(f"Delete the platform in {directory}?")
        left = erase(directory)
    lines = [f"left alone: {other}, which is not the platform's" for other in left]
    row = {"directory": str(directory), "status": "deleted", "left_alone": [*map(str, left)]}
    _done(row, "\n".join([f"deleted the platform in {directory}", *lines]))


@click.command("export")
@_file_argument
@_path_option
def save(file: Path, path: str) -> None:
    """Write everything that a platform keeps to FILE, also while it runs.

    Not in it are the key, which the imported platform makes anew, and the downloads.
    """
    from clarifai_local._administration import require_platform
    from clarifai_local._snapshots import export_state

    directory = _resolved(path)
    with _refusals():
        require_platform(directory)
        found = export_state(directory, file)
    _done(_row(found, file=file), f"wrote {file}: {_summary(found)}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@_path_option
def load(file: Path, path: str) -> None:
    """Make a platform out of FILE, which `clarifai local export` wrote.

    The directory must be missing or empty.
    """
    from clarifai_local._snapshots import import_state

    directory = _resolved(path)
    with _refusals():
        found = import_state(file, directory)
    _done(_row(found, directory=directory), f"made {directory}: {_summary(found)}")


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Say what is refused as click does: wrong usage, or an error of the command."""
    from clarifai_local._administration import REFUSED, NoPlatform

    try:
        yield
    except NoPlatform as error:
        raise click.UsageError(str(error)) from error
    except REFUSED as error:
        raise click.ClickException(str(error)) from error


def _resolved(path: str) -> Path:
    return Path(path).expanduser().resolve()


def _context() -> CommandContext | None:
    """Return the context of the program, or None where a command is called by itself."""
    found: CommandContext | None = click.get_current_context().obj
    return found


def _report(summary: Mapping[str, object], text: str) -> None:
    context = _context()
    if context is None:
        click.echo(text)
    else:
        context.output.report(summary, text)


def _done(row: Mapping[str, object], sentence: str) -> None:
    context = _context()
    if context is None:
        click.echo(sentence)
    else:
        context.output.done(row, sentence)


def _confirm(question: str) -> None:
    context = _context()
    if context is None:
        click.confirm(question, abort=True)
    else:
        context.confirm(question)


def _parted(line: str) -> tuple[str, str]:
    name, _, value = line.partition(" ")
    return name, value.strip()


def _row(found: Summary, **where: Path) -> dict[str, object]:
    counts = {"inputs": found.inputs, "blobs": found.blobs, "missing": found.missing}
    return {**{name: str(path) for name, path in where.items()}, **counts}


def _summary(found: Summary) -> str:
    lost = f", {found.missing:,} lost" if found.missing else ""
    return f"{found.inputs:,} inputs, {found.blobs:,} large blobs{lost}"
