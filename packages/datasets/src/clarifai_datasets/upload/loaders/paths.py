"""What a name in a data set may lead to, and what is said of files that cannot be read.

A data set comes from anybody. What it names is looked for within the data set, and nowhere else
unless the user says so: `allow_outside=True`.
"""

from __future__ import annotations

import abc
import contextlib
import errno
import os
import posixpath
import re
from typing import TYPE_CHECKING, BinaryIO

from clarifai_core.safe_text import plain, redacted
from clarifai_datasets.upload.limits import MIB
from clarifai_inputs.media_limits import MAX_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEDY = "allow_outside=True admits files from elsewhere"

_ODD = re.compile(r"\.\.|[\\:\x00]|^\.?/|/\.?/")
"""Names without it are what they look like; nearly all are."""

_ELSEWHERE = re.compile(r"/|\\|[A-Za-z]:[/\\]|file:|[A-Za-z][A-Za-z0-9+.-]*://", re.IGNORECASE)
"""How names begin that count from somewhere else, on whatever system: a root, a drive, a URL."""


class Outside(OSError):
    """A name that leads out of the data set."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(f"'{plain(name)}' is refused: it leads out of {where!r}; {REMEDY}")
        self._args = name, where

    def __reduce__(self) -> tuple[type[Outside], tuple[str, str]]:
        return Outside, self._args


def inside(name: str, where: str) -> str:
    """Return a name in its plain form, `a/../b` as `b`.

    Args:
        name: What the data set says.
        where: The place of the data set, for the error.

    Raises:
        Outside: It leads out of there.
        OSError: No file can have such a name.

    Example:
        >>> inside("images/../labels/./a.txt", "pets")
        'labels/a.txt'
    """
    usable(name)
    if not _ODD.search(name):
        return name
    if is_absolute(name) or (os.name == "nt" and ":" in name):
        raise Outside(name, where)
    for read in (name.replace("\\", "/"), name):  # what Windows would make of it, too
        found = posixpath.normpath(read)
        if found == ".." or found.startswith(("../", "/")):
            raise Outside(name, where)
    return found


def is_absolute(name: str) -> bool:
    """Return whether a name counts from somewhere else, on whatever system: a root, a drive, a URL.

    Example:
        >>> is_absolute("/etc/passwd"), is_absolute("C:/x.png"), is_absolute("a/b.png")
        (True, True, False)
    """
    return _ELSEWHERE.match(name) is not None


def usable(name: str) -> str:
    """Return the name itself, if it can be the name of a file.

    Raises:
        OSError: It holds a NUL, or half a character.
    """
    try:
        if "\0" not in name and (name.isascii() or os.fsencode(name)):
            return name
    except UnicodeError:
        pass  # half a character, which no system can write down
    raise OSError(f"'{plain(name)}' is refused: no file can have such a name; mend it")


def missing(path: str) -> FileNotFoundError:
    """Return the error for a file that is not there."""
    return FileNotFoundError(errno.ENOENT, "no such file", path)


class Unreadable(OSError):
    """A file whose content is not to be had."""

    def __init__(self, why: str, path: str) -> None:
        super().__init__(errno.EIO, why, path)

    def __reduce__(self) -> tuple[type[Unreadable], tuple[str, str]]:
        return Unreadable, (self.strerror or "", str(self.filename))


def shown_source(source: object) -> str:
    """Return how a source is called in texts: as the user wrote it, a URL without secrets.

    Example:
        >>> shown_source("https://me:secret@host/a.csv?signature=secret"), shown_source("a@b.csv")
        ('https://host/a.csv', 'a@b.csv')
    """
    text = str(source)
    return redacted(text, _LONGEST) if "://" in text and _SECRET.search(text) else text


_SECRET = re.compile("[@?#]")
_LONGEST = 1000


def limited(file: BinaryIO, path: str, most_bytes: int) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: It has more bytes than it may have.
    """
    content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        most = (
            f"{most_bytes / MIB:.4g} MiB" if most_bytes % MIB == 0 else f"{most_bytes / 1e6:g} MB"
        )
        raise Unreadable(f"it is over the limit of {most}; make it smaller", path)
    return content


class ReadByOpening(abc.ABC):
    """Reads the files of a set that knows how to open one."""

    @abc.abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file."""

    @abc.abstractmethod
    def shown(self, name: str) -> str:
        """Return where a file is, for people."""

    def read(self, name: str, most_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the content of a file."""
        with self.open(name) as file:
            return limited(file, self.shown(name), most_bytes)

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file."""
        with self.open(name) as file:
            return file.read(size)


@contextlib.contextmanager
def damage(path: str) -> Iterator[None]:
    """Tell as OSError whatever a library raises about a file: its bytes may be anything."""
    try:
        yield
    except OSError:
        raise
    except MemoryError as error:
        raise Unreadable("it takes more memory than there is", path) from error
    except Exception as error:
        # why: BadZipFile, zlib.error, struct.error, RuntimeError (a password), those of fsspec ...
        raise Unreadable(f"it cannot be read: {redacted(error)}", path) from error
