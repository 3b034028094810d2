"""`clarifai local up | status | reset | export | import`: an embedded platform on the command line.

The functions do the work and can be called by a program, as can those of `snapshots`. The
commands `up`, `show`, `reset`, `save` and `load` wrap them with click, which the command line
brings: they are made when first asked for.
"""

from __future__ import annotations

import contextlib
import functools
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_local.faults import Faults
from clarifai_local.snapshots import SnapshotError, export_state, import_state
from clarifai_local.store import (
    DATABASE_FILE,
    DamagedDirectory,
    UnknownVersion,
    directory_errors,
    erasing,
)
from clarifai_local.store.database import check, require_whole
from clarifai_local.store.directory import DOWNLOADS_DIRECTORY, PAT_FILE, is_made, is_ours, usable
from clarifai_local.store.lock import is_locked, read_holder
from clarifai_local.store.recognition import read_only

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

    from clarifai_local.server import Server
    from clarifai_local.snapshots import Summary

DEFAULT_PORT = 18080
DEFAULT_DIRECTORY = "~/.clarifai/local"

_REFUSED = (SnapshotError, UnknownVersion, DamagedDirectory, OSError)
"""What the functions here raise, each with a sentence for the user."""


class NoPlatform(Exception):
    """The directory holds no platform."""


def serve(
    directory: Path,
    port: int,
    *,
    downloads: bool,
    say: Callable[[str], None],
    faults: Iterable[str] = (),
) -> None:
    """Serve the platform in a directory on loopback until SIGINT or SIGTERM.

    Args:
        directory: Created when missing.
        port: Port of gRPC and HTTP; 0 takes any free one.
        downloads: Download inputs that are given by URL, at public addresses.
        say: Called with each line for the user.
        faults: Faults to switch on, such as `"PostInputs: throttled, times=3"`.

    Raises:
        ValueError: A fault is not understood.
        DirectoryInUse: Another process has the directory open.
        UnknownVersion: A newer version of the package wrote it, or files there are another's.
        DamagedDirectory: Files of the platform are lost or cannot be understood.
        OSError: The port is taken, or the directory cannot be used.
    """
    from clarifai_local.platform import Platform
    from clarifai_local.url_fetcher import UrlFetcher

    url_fetcher = UrlFetcher(cache=directory / DOWNLOADS_DIRECTORY, allow_network=downloads)
    with (
        _stopped_by_signal() as stop,
        Platform(directory, url_fetcher=url_fetcher) as platform,
    ):
        for text in faults:
            platform.faults.add(text)
        with platform.serve(port) as server:
            for line in _announcement(directory, server):
                say(line)
            for fault in platform.faults.active():
                say(f"fault      {fault.name}")
            _wait(stop)
        say("stopping")


def describe(directory: Path) -> Iterator[str]:
    """Yield lines that say where a platform is, whether it runs and what it holds.

    It only looks: whoever opens the directory meanwhile is not kept out.

    Raises:
        NoPlatform: The directory holds none.
        UnknownVersion: A newer version of the package wrote it, or files there are another's.
        DamagedDirectory: The database is lost or cannot be read.
        UnusableDirectory: The system does not let us read it.
    """
    _require_platform(directory)
    yield f"directory  {directory}"
    yield f"key        {directory / PAT_FILE}"
    with usable(directory):
        locked = is_locked(directory)
    if locked:
        holder = read_holder(directory)
        yield f"running    process {holder.get('pid', 'unknown')}"
        if "address" in holder:
            yield f"gRPC       http://{holder['address']}"
            yield f"HTTP       {holder.get('http_url')}"
        return
    yield "running    no"
    for what, count in _counts(directory).items():
        yield f"{what:<10} {count:,}"


def erase(directory: Path) -> list[Path]:
    """Delete everything that a platform keeps in its directory; downloads stay.

    Returns:
        What somebody else keeps in the platform's folder of blobs; it stays, too.

    Raises:
        NoPlatform: The directory holds none.
        DirectoryInUse: A process has it open.
        UnknownVersion: A newer version of the package wrote it, or files there are another's.
        UnusableDirectory: The system does not let us delete something.
    """
    _require_platform(directory)
    return erasing.erase(directory)


def __getattr__(name: str) -> object:
    if name in {"up", "show", "reset", "save", "load"}:
        return _commands()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _commands() -> dict[str, Any]:
    import click

    path_option = click.option(
        "--path",
        default=DEFAULT_DIRECTORY,
        show_default=True,
        metavar="DIRECTORY",
        help="The platform's directory.",
    )

    @click.command()
    @path_option
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
        try:
            for text in faults:
                Faults().add(text)
        except ValueError as error:
            raise click.UsageError(f"--fault: {error}") from error
        try:
            serve(_resolved(path), port, downloads=downloads, say=click.echo, faults=faults)
        except _REFUSED as error:
            more = "; see --path and --port" if type(error) is OSError else ""
            raise click.ClickException(f"{error}{more}") from error

    @click.command("status")
    @path_option
    def show(path: str) -> None:
        """Say where a platform is, whether it runs, and what it holds."""
        try:
            for line in describe(_resolved(path)):
                click.echo(line)
        except NoPlatform as error:
            raise click.UsageError(str(error)) from error
        except _REFUSED as error:
            raise click.ClickException(str(error)) from error

    @click.command()
    @path_option
    @click.option("--yes", is_flag=True, help="Do not ask.")
    def reset(path: str, yes: bool) -> None:
        """Delete everything that a platform keeps in its directory; downloads stay."""
        directory = _resolved(path)
        try:
            _require_platform(directory)
            if not yes:
                click.confirm(f"Delete the platform in {directory}?", abort=True)
            left = erase(directory)
        except NoPlatform as error:
            raise click.UsageError(str(error)) from error
        except _REFUSED as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"deleted the platform in {directory}")
        for other in left:
            click.echo(f"left alone: {other}, which is not the platform's")

    file_argument = click.argument("file", type=click.Path(path_type=Path))

    @click.command("export")
    @file_argument
    @path_option
    def save(file: Path, path: str) -> None:
        """Write everything that a platform keeps to FILE, also while it runs.

        Not in it are the key, which the imported platform makes anew, and the downloads.
        """
        directory = _resolved(path)
        try:
            _require_platform(directory)
            found = export_state(directory, file)
        except NoPlatform as error:
            raise click.UsageError(str(error)) from error
        except _REFUSED as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"wrote {file}: {_summary(found)}")

    @click.command("import")
    @file_argument
    @path_option
    def load(file: Path, path: str) -> None:
        """Make a platform out of FILE, which `clarifai local export` wrote.

        The directory must be missing or empty.
        """
        directory = _resolved(path)
        try:
            found = import_state(file, directory)
        except _REFUSED as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"made {directory}: {_summary(found)}")

    return {"up": up, "show": show, "reset": reset, "save": save, "load": load}


class _stopped_by_signal:  # noqa: N801 - used as a function
    """Sets an event on SIGINT and SIGTERM; installed first, so that no signal is missed."""

    def __enter__(self) -> threading.Event:
        stop = threading.Event()
        self._previous = {
            number: signal.signal(number, lambda *_: stop.set())
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return stop

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)


def _wait(stop: threading.Event) -> None:
    # A wait without a timeout would not be interrupted on Windows.
    while not stop.wait(1):
        pass


def _summary(found: Summary) -> str:
    lost = f", {found.missing:,} lost" if found.missing else ""
    return f"{found.inputs:,} inputs, {found.blobs:,} large blobs{lost}"


def _announcement(directory: Path, server: Server) -> tuple[str, ...]:
    return (
        f"gRPC       {server.base_url}",
        f"HTTP       {server.http_url}",
        f"directory  {directory}",
        f"key        {directory / PAT_FILE}",
        "",
        "In another shell:",
        f"  export CLARIFAI_API_BASE={server.base_url}",
        f'  export CLARIFAI_PAT="$(cat "{directory / PAT_FILE}")"',
        "  export CLARIFAI_USER_ID=me",
        "",
        "Ctrl-C stops it.",
    )


def _resolved(path: str) -> Path:
    return Path(path).expanduser().resolve()


def _require_platform(directory: Path) -> None:
    if not is_ours(directory):
        raise NoPlatform(f"{directory} holds no platform: `clarifai local up` makes one")


def _counts(directory: Path) -> dict[str, int]:
    from clarifai_local.public_content import PUBLIC_USERS

    path = directory / DATABASE_FILE
    with (
        usable(directory),
        directory_errors.named(path),
        contextlib.closing(_looked_at(path)) as db,
    ):
        if not check(db, path, made=is_made(directory)):
            return {"apps": 0, "inputs": 0, "bytes": 0}
        # The public apps are in every directory: they are nobody's work.
        marks = ", ".join("?" * len(PUBLIC_USERS))
        count = f"SELECT COUNT(*) FROM resources WHERE kind = 'app' AND user_id NOT IN ({marks})"  # noqa: S608
        apps = db.execute(count, PUBLIC_USERS).fetchone()[0]
        inputs = db.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    return {"apps": apps, "inputs": inputs, "bytes": pages * size}


def _looked_at(path: Path) -> sqlite3.Connection:
    require_whole(path, made=is_made(path.parent))
    return read_only(path)
