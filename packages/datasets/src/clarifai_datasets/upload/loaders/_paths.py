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
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

import attrs

from clarifai_core.safe_text import plain, redacted
from clarifai_datasets.upload.limits import MIB
from clarifai_inputs.file_names import hidden_in
from clarifai_inputs.media_limits import MAX_FILE_BYTES
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

HIDDEN = "left alone, hidden"
"""What is remarked of files and folders that people are not shown; a folder of them counts once."""

AGAIN = "left alone, copies of files of the same name"

REMEDY = "allow_outside=True admits files from elsewhere"

_ODD = re.compile(r"\.\.|[\\:\x00]|^\.?/|/\.?/")
"""Names without it are what they look like; nearly all are."""

_ELSEWHERE = re.compile(r"/|\\|[A-Za-z]:[/\\]|file:|[A-Za-z][A-Za-z0-9+.-]*://", re.IGNORECASE)
"""How names begin that count from somewhere else, on whatever system: a root, a drive, a URL."""


class OutsideSource(OSError):
    """A name that leads out of the data set."""

    def __init__(self, name: str, where: str) -> None:
        super().__init__(f"'{plain(name)}' is refused: it leads out of {where!r}; {REMEDY}")
        self._args = name, where

    def __reduce__(self) -> tuple[type[OutsideSource], tuple[str, str]]:
        return OutsideSource, self._args


def inside(name: str, where: str) -> str:
    """Return a name in its plain form, `a/../b` as `b`.

    Args:
        name: What the data set says.
        where: The place of the data set, for the error.

    Raises:
        OutsideSource: It leads out of there.
        OSError: No file can have such a name.

    Example:
        >>> inside("images/../labels/./a.txt", "pets")
        'labels/a.txt'
    """
    usable(name)
    if not _ODD.search(name):
        return name
    if is_absolute(name) or (os.name == "nt" and ":" in name):
        raise OutsideSource(name, where)
    for read in (name.replace("\\", "/"), name):  # what Windows would make of it, too
        found = posixpath.normpath(read)
        if found == ".." or found.startswith(("../", "/")):
            raise OutsideSource(name, where)
    return found


def is_absolute(name: str) -> bool:
    """Return whether a name counts from somewhere else, on whatever system: a root, a drive, a URL.

    Example:
        >>> is_absolute("/etc/passwd"), is_absolute("C:/x.png"), is_absolute("a/b.png")
        (True, True, False)
    """
    return _ELSEWHERE.match(name) is not None


def portable(stored: str) -> str:
    r"""Return the name of a member with `/` between its folders, without detours.

    Windows puts `\` between them where it should not (APPNOTE 4.4.17.1). What leads out of the
    set stays as it is, and is refused when it is read.

    Example:
        >>> portable("cat\\1.png"), portable("./a//b.png"), portable("..\\x.png")
        ('cat/1.png', 'a/b.png', '../x.png')
    """
    if not _ODD.search(stored):
        return stored
    name = stored.replace("\\", "/")
    if is_absolute(name) or "\0" in name:
        return name
    found = posixpath.normpath(name)
    return name if found == ".." or found.startswith("../") else found


@attrs.frozen
class FilesByName(Generic[T]):
    """What a store holds, by the names of its files."""

    files: dict[str, T]
    """Name -> what the store says of the file; of copies the last one, which programs unpack."""
    hidden: list[str]
    """Names that people are not shown; they may be read all the same."""
    again: list[str]
    """Names that the store holds again, one for each further copy."""
    unlike: set[str]
    """Those whose copies differ."""

    def names(self) -> list[str]:
        """Return the names of what is shown, sorted."""
        unseen = set(self.hidden)
        return sorted(name for name in self.files if name not in unseen)

    def remarks(self) -> Remarks:
        """Return what of the store is not used."""
        found = Remarks()
        found.add_all(HIDDEN, sorted({hidden_in(name) for name in self.hidden}))
        found.add_all(AGAIN, sorted(self.again))
        return found

    def check(self, name: str, path: str) -> None:
        """Refuse a name that stands for different files.

        Raises:
            Unreadable: It does.
        """
        if name in self.unlike:
            raise Unreadable("there are several different files of this name; keep one", path)


def _differ(one: object, other: object) -> bool:
    return one is other


def named(
    stored: Iterable[tuple[str, T]], are_same: Callable[[T, T], bool] = _differ
) -> FilesByName[T]:
    """Return what a store holds by plain names, and what is odd about the names in it.

    Args:
        stored: The name of each file in the store, and what is known of it.
        are_same: Whether two files are copies; by default that cannot be told.
    """
    files: dict[str, T] = {}
    again, unlike = [], set()
    for raw, info in stored:
        name = portable(raw)
        if name in files:
            again.append(name)
            if not are_same(files[name], info):
                unlike.add(name)
        files[name] = info
    return FilesByName(files, [name for name in files if hidden_in(name)], again, unlike)


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
