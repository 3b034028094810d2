"""Files that are written whole: at each moment there is the old one, or the new one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVATE = 0o600
"""Mode of a file that holds keys: its owner reads and writes it, nobody else."""

_ORDINARY = 0o666
"""The user's umask takes away what others may not."""


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = _ORDINARY) -> Iterator[BinaryIO]:
    """Open a draft beside a file, that takes its place when the block ends.

    When the block raises, the draft is deleted and the file is as before. A link stays a link: what
    it leads to is replaced.

    Args:
        path: The file; its folder exists.
        mode: Mode of the new file, such as `PRIVATE`.

    Raises:
        OSError: The draft cannot be written.

    Example:
        >>> with replacing(Path("notes.txt")) as file:  # doctest: +SKIP
        ...     file.write(b"all of it, or nothing")
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name[:40]}.{os.urandom(8).hex()}")
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:  # why: no half-written draft stays; raised again
        draft.unlink(missing_ok=True)
        raise
