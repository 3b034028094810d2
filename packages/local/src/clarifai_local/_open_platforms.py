"""The platforms that this process has open by URL: one in memory, one per directory.

Connections of the same URL share a platform. One in a directory closes with its last connection, so
that another process can open it; the one in memory stays until the process ends. A forked child
starts with none: `local:` is a new, empty platform there, and a directory that the parent has open
is refused as in use.

A platform that a program made itself has a URL, too: `Platform.url`. It belongs to the program, and
connections neither open nor close it.
"""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING

import attrs

from clarifai_local import _platform_urls
from clarifai_local.platform import Platform

if TYPE_CHECKING:
    from pathlib import Path

    from clarifai_local._url_fetcher import UrlFetcher


@attrs.define
class _Entry:
    platform: Platform
    users: int = 0


def acquire(path: Path | None, url_fetcher: UrlFetcher | None = None) -> Platform:
    """Return the process's platform for a directory (None: in memory), opened when it is not.

    Args:
        path: The directory.
        url_fetcher: How a newly opened platform downloads; one that is open keeps its own.

    Raises:
        DirectoryInUse: Another process has the directory open.
    """
    key = _key(path)
    with _lock:
        entry = _open.get(key)
        if entry is None or entry.platform.closed:
            entry = _open[key] = _Entry(Platform(path, url_fetcher=url_fetcher))
        entry.users += 1
        return entry.platform


def named(name: str) -> Platform:
    """Return the platform whose `Platform.url` has a name.

    Raises:
        ValueError: It is not of this process, or closed.
    """
    platform = _platform_urls.find(name)
    if not isinstance(platform, Platform) or platform.closed:
        raise ValueError("the platform of this URL is closed, or is another process's")
    return platform


def release(platform: Platform) -> None:
    """Give a platform back; the last one to do so closes it, unless it is the one in memory."""
    key = _key(platform.path)
    with _lock:
        entry = _open.get(key)
        if entry is None or entry.platform is not platform:
            return
        entry.users -= 1
        if entry.users > 0 or platform.path is None:
            return
        del _open[key]
    platform.close()


def close_all() -> None:
    """Close every open platform; runs when the process ends."""
    with _lock:
        entries = list(_open.values())
        _open.clear()
    for entry in entries:
        entry.platform.close()


_open: dict[Path | None, _Entry] = {}
_lock = threading.Lock()


def _key(path: Path | None) -> Path | None:
    return None if path is None else path.expanduser().resolve()


def _forget_all() -> None:
    global _lock
    _lock = threading.Lock()
    for entry in _open.values():
        entry.platform.abandon()
    _open.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
