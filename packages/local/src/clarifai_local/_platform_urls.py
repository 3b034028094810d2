"""The URLs of platforms that a program made itself: `local:?platform=NAME`, in this process only.

A platform is known by its URL as long as somebody else keeps it. A forked child has none of them.
"""

from __future__ import annotations

import os
import secrets
import threading
import weakref
from typing import Protocol


class Abandonable(Protocol):
    """What a URL leads to: a `Platform`, which imports this module."""

    def abandon(self) -> None:
        """Forget it in a forked child: it goes on in the parent only."""


def url_of(platform: Abandonable) -> str:
    """Return the URL of a platform of this process, the same one each time."""
    with _lock:
        for name, known in _named.items():
            if known is platform:
                return f"local:?platform={name}"
        name = secrets.token_hex(8)
        _named[name] = platform
    return f"local:?platform={name}"


def find(name: str) -> Abandonable | None:
    """Return the platform of a URL's name, None when this process knows none."""
    with _lock:
        return _named.get(name)


_named: weakref.WeakValueDictionary[str, Abandonable] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def _abandon_all() -> None:
    global _lock
    _lock = threading.Lock()
    for platform in list(_named.values()):
        platform.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)
