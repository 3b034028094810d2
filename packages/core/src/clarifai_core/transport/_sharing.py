"""Objects that are shared by key, and let go when nobody needs them any more.

What is in somebody's hands stays. Of what is in nobody's, the few that were used last stay open for
who comes next: a program that makes a handle for each request would connect anew each time. All
others are closed, by a thread of its own: the last reference to an object can go anywhere, in the
middle of a lock too, and closing waits for others.
"""

from __future__ import annotations

import queue
import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

KEPT_UNUSED = 4
"""Objects that stay open though nobody holds them."""


class Closeables(Protocol):
    """What has to be closed when an object is gone."""

    def close(self) -> None:
        """Give up sockets, threads and secrets."""


class Owner(Protocol):
    """An object that is shared."""

    belongings: Closeables


T = TypeVar("T", bound=Owner)


class Shared(Generic[T]):
    """The shared objects of one kind. Thread-safe.

    Args:
        kept_unused: How many stay open though nobody holds them.
    """

    def __init__(self, kept_unused: int = KEPT_UNUSED) -> None:
        self._kept_unused = kept_unused
        self._lock = threading.RLock()
        self._all: weakref.WeakValueDictionary[Hashable, T] = weakref.WeakValueDictionary()
        self._recent: OrderedDict[Hashable, T] = OrderedDict()
        self._closer = _Closer()
        self._of_parents: list[T] = []

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the object of a key, made when there is none."""
        found = self._all.get(key)
        if found is not None and next(reversed(self._recent), None) == key:
            return found
        with self._lock:
            found = self._all.get(key)
            if found is None:
                found = self._all[key] = make()
                weakref.finalize(found, self._closer.put, found.belongings).atexit = False
            self._recent[key] = found
            self._recent.move_to_end(key)
            while len(self._recent) > self._kept_unused:
                self._closer.start()
                self._recent.popitem(last=False)
        return found

    def forget(self, key: Hashable, one: T) -> None:
        """Let the next `get` of a key make a new object, unless it does already."""
        with self._lock:
            if self._all.get(key) is one:
                del self._all[key]
                self._recent.pop(key, None)

    def all(self) -> list[T]:
        """Return those that are open."""
        with self._lock:
            return list(self._all.values())

    def after_fork(self) -> list[T]:
        """Begin anew in a forked child, and return the parent's objects, which stay as they are.

        They are kept: what they have open is the parent's to close.
        """
        parents = [*self._of_parents, *self._all.values()]
        self.__init__(self._kept_unused)  # type: ignore[misc]
        self._of_parents = parents
        return parents


class _Closer:
    """A thread that closes what it is given; there is none before it is needed."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Closeables] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, one: Closeables) -> None:
        # SimpleQueue.put may be called from finalizers, even in the middle of another put. Without
        # a thread nothing was let go: what is gone was closed by its user.
        if self._thread is not None:
            self._waiting.put(one)

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=_close_each, args=(self._waiting,), name="clarifai-closer", daemon=True
            )
            self._thread.start()


def _close_each(waiting: queue.SimpleQueue[Closeables]) -> None:
    while True:
        one = waiting.get()
        one.close()
        del one
