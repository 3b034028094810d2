"""Items of a source that can be read only once, kept in a file until they are sent.

Memory does not grow with their number: of each only its place in the file is kept.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import threading
import weakref
from array import array
from typing import Any


class Spool:
    """A list of objects on disk, in a temporary file that goes when the list does. Thread-safe.

    Example:
        >>> spool = Spool()
        >>> spool.append("one"), spool.append(b"two")
        (None, None)
        >>> len(spool), spool[1]
        (2, b'two')
    """

    def __init__(self) -> None:
        handle, self._path = tempfile.mkstemp(prefix="clarifai-rows-")
        self._file = os.fdopen(handle, "w+b")
        self._starts = array("Q", [0])
        self._lock = threading.Lock()
        self._end = weakref.finalize(self, _remove, self._file, self._path)

    def append(self, item: Any) -> None:
        """Add one at the end."""
        content = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._file.seek(self._starts[-1])
            self._file.write(content)
            self._starts.append(self._starts[-1] + len(content))

    def __getitem__(self, index: int) -> Any:
        start, end = self._starts[index], self._starts[index + 1]
        with self._lock:
            self._file.seek(start)
            content = self._file.read(end - start)
        return pickle.loads(content)  # noqa: S301 - written above, by this process

    def __getstate__(self) -> tuple[array[int], bytes]:
        """Return all of it, for another process: there it gets a file of its own."""
        with self._lock:
            self._file.seek(0)
            return self._starts, self._file.read(self._starts[-1])

    def __setstate__(self, state: tuple[array[int], bytes]) -> None:
        Spool.__init__(self)
        self._starts, content = state
        self._file.write(content)

    def __len__(self) -> int:
        return len(self._starts) - 1


def _remove(file: Any, path: str) -> None:
    file.close()
    os.unlink(path)  # noqa: PTH108 - at the end of a process pathlib may be gone
