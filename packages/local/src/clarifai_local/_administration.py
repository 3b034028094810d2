"""Serving, describing and erasing a platform's directory: what `commands` and programs ask for.

Writing and reading snapshots of one is in `snapshots`.
"""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from typing import TYPE_CHECKING

from clarifai_local._models import first_answers
from clarifai_local._snapshots import SnapshotError
from clarifai_local._store import (
    DATABASE_FILE,
    DamagedDirectory,
    UnknownVersion,
    directory_errors,
    erasing,
)
from clarifai_local._store.database import check, require_whole
from clarifai_local._store.directory import DOWNLOADS_DIRECTORY, PAT_FILE, is_made, is_ours, usable
from clarifai_local._store.indexing import REINDEXING_META, SPACES_META, how_far, noted
from clarifai_local._store.lock import is_locked, read_holder
from clarifai_local._store.recognition import read_only

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from clarifai_local._server import Server

REFUSED = (SnapshotError, UnknownVersion, DamagedDirectory, OSError)
"""What the functions here raise, each with a sentence for the user."""


class NoPlatform(Exception):
    """The directory holds no platform."""


def require_platform(directory: Path) -> None:
    """Refuse a directory that is no platform's.

    Raises:
        NoPlatform: It holds none.
    """
    if not is_ours(directory):
        raise NoPlatform(f"{directory} holds no platform: `clarifai local up` makes one.")


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
    from clarifai_local._url_fetcher import UrlFetcher
    from clarifai_local.platform import Platform

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
    require_platform(directory)
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
    else:
        yield "running    no"
        for what, count in _counts(directory).items():
            yield f"{what:<10} {count:,}"
    yield from _spaces(directory)


def erase(directory: Path) -> list[Path]:
    """Delete everything that a platform keeps in its directory; downloads stay.

    Returns:
        What somebody else keeps in the platform's folders; it stays, too.

    Raises:
        NoPlatform: The directory holds none.
        DirectoryInUse: A process has it open.
        UnknownVersion: A newer version of the package wrote it, or files there are another's.
        UnusableDirectory: The system does not let us delete something.
    """
    require_platform(directory)
    return erasing.erase(directory)


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


def _spaces(directory: Path) -> Iterator[str]:
    """Yield which spaces a platform has, as of its last start, and how far its reindexing is."""
    with _database(directory) as (db, is_empty):
        if is_empty:
            return
        meta = dict(db.execute("SELECT key, value FROM meta"))
        if SPACES_META in meta:
            yield f"spaces     {', '.join(json.loads(meta[SPACES_META]))}"
        for name, owner in json.loads(meta.get(first_answers.ANSWERING_META, "{}")).items():
            yield f"answers    {name}: {owner}"
        for line in first_answers.told(meta.get(first_answers.META, "")):
            yield f"cost       {line}"
        for app, (done, total) in noted(meta.get(REINDEXING_META, "")).items():
            query = "SELECT user_id || '/' || id FROM resources WHERE kind = 'app' AND seq = ?"
            for (name,) in db.execute(query, (app,)):
                yield f"app        {name}: {how_far(done, total)}"


def _counts(directory: Path) -> dict[str, int]:
    from clarifai_local._public_content import PUBLIC_USERS

    with _database(directory) as (db, is_empty):
        if is_empty:
            return {"apps": 0, "inputs": 0, "bytes": 0}
        # The public apps are in every directory: they are nobody's work.
        marks = ", ".join("?" * len(PUBLIC_USERS))
        count = f"SELECT COUNT(*) FROM resources WHERE kind = 'app' AND user_id NOT IN ({marks})"  # noqa: S608
        apps = db.execute(count, PUBLIC_USERS).fetchone()[0]
        inputs = db.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    return {"apps": apps, "inputs": inputs, "bytes": pages * size}


@contextlib.contextmanager
def _database(directory: Path) -> Iterator[tuple[sqlite3.Connection, bool]]:
    """Open the database to look at it; also says whether it is empty."""
    path = directory / DATABASE_FILE
    with (
        usable(directory),
        directory_errors.named(path),
        contextlib.closing(_looked_at(path)) as db,
    ):
        yield db, not check(db, path, made=is_made(directory))


def _looked_at(path: Path) -> sqlite3.Connection:
    require_whole(path, made=is_made(path.parent))
    return read_only(path)
