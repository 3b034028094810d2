"""Where a loader's files are: in a folder, in a zip, or behind any URL that fsspec knows.

Names are relative, with `/` between folders, whatever the system. Nothing is unpacked: a member of
a zip is read by its name.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias, cast

import attrs

from clarifai_core.errors import FileError, MissingFile, PluginError, UserError
from clarifai_core.safe_text import plain, redacted
from clarifai_datasets._extras import optional
from clarifai_datasets.upload._broken import describe
from clarifai_datasets.upload.limits import (
    GIB,
    MAX_COPY_BYTES,
    MAX_FILES,
    MAX_LIST_BYTES,
)
from clarifai_datasets.upload.loaders._folders import FolderFiles
from clarifai_datasets.upload.loaders._paths import (
    FilesByName,
    Unreadable,
    damage,
    inside,
    is_absolute,
    limited,
    missing,
    named,
    shown_source,
)
from clarifai_datasets.upload.loaders._zips import ZipFiles
from clarifai_inputs import texts
from clarifai_inputs.media_limits import MAX_FILE_BYTES
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

COPY_BYTES = 1024 * 1024

_LINE_END = re.compile("\r\n?|\n")
"""`splitlines` knows others, which may stand in names."""

UNKNOWN = -1
"""Size of a file of which its system does not tell it."""


class Files(Protocol):
    """A set of files under one root.

    A name that leads out of it is refused with an OSError, unless the user admits such names.
    """

    where: str
    """The root, as the user named it."""
    is_local: bool
    """Whether `path` names files that can be opened."""

    @property
    def remarks(self) -> Remarks:
        """What `names` left out, or may have wrong; it is complete once that was called."""

    def names(self) -> list[str]:
        """Return the names of all files, sorted, but for those that people are not shown."""

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""

    def size(self, name: str) -> int:
        """Return how many bytes a file has, or `UNKNOWN`; raises OSError when there is none."""

    def read(self, name: str, most_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the content of a file; raises OSError, also when it has more bytes."""

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file; raises OSError."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading from its beginning to its end; raises OSError."""

    def path(self, name: str) -> str:
        """Return where a file is, for programs when `is_local`; raises OSError when refused."""

    def shown(self, name: str) -> str:
        """Return where a file is, for people; never raises."""


def is_url(source: str) -> bool:
    """Return whether a source is for fsspec: `"s3://bucket/x"`, `"zip://a.csv::x.zip"`.

    Example:
        >>> is_url("s3://bucket/data"), is_url("data/x.json")
        (True, False)
    """
    return "://" in source or "::" in source


FolderSource: TypeAlias = "str | os.PathLike[str] | Files"
"""A path or a URL, or what was opened already."""


def open_files(source: FolderSource, what: str = "source", *, allow_outside: bool = False) -> Files:
    """Return the files of a folder, a zip or a URL.

    Args:
        source: Where they are.
        what: The parameter that named it, for errors.
        allow_outside: Whether names and links may lead out of there.

    Raises:
        UserError: There is no such folder or zip.
        PluginError: It is a URL, and the extra for URLs is missing.
    """
    if not isinstance(source, (str, os.PathLike)):
        return source
    text = _local(os.fspath(source))
    if is_url(text):
        return RemoteFiles(text, allow_outside=allow_outside)
    path = Path(text)
    if _is(path, "is_dir", what):
        return FolderFiles(path, allow_outside=allow_outside)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipFiles(path, allow_outside=allow_outside)
    why = "is a file, neither a folder nor a zip" if path.exists() else "does not exist"
    raise UserError(f"{what} {text!r} {why}.")


@attrs.frozen
class FileAt:
    """A file among others."""

    files: Files
    name: str
    """Empty: the source is no single file."""

    def __str__(self) -> str:
        return self.files.shown(self.name)


FileSource: TypeAlias = "str | os.PathLike[str] | FileAt"


def file_at(source: FileSource, what: str = "source", *, allow_outside: bool = False) -> FileAt:
    """Return a file among those beside it; for a folder or a zip, without a name.

    The file itself is the user's choice, and may be a link to anywhere.

    Raises:
        UserError: There is no such file.
        PluginError: It is a URL, and the extra for URLs is missing.
    """
    if isinstance(source, FileAt):
        return source
    text = _local(os.fspath(source))
    if is_url(text):
        remote = RemoteFiles(text, allow_outside=allow_outside)
        return FileAt(*remote.beside()) if remote.is_file() else FileAt(remote, "")
    path = Path(text)
    if _is(path, "is_dir", what) or (path.suffix.lower() == ".zip" and path.is_file()):
        return FileAt(open_files(path, what, allow_outside=allow_outside), "")
    if not path.exists():
        raise MissingFile(f"{what} {text!r} does not exist.")
    return file_beside(path, allow_outside=allow_outside)


def file_beside(path: Path, *, allow_outside: bool = False) -> FileAt:
    """Return a local file among those beside it; whether it is there is not looked at."""
    return FileAt(_Beside(path, allow_outside=allow_outside), path.name)


class _Beside(FolderFiles):
    """The files beside one that the user named, which itself may be a link to anywhere."""

    def __init__(self, path: Path, *, allow_outside: bool) -> None:
        super().__init__(path.parent, allow_outside=allow_outside)
        self._chosen = path.name

    def path(self, name: str) -> str:
        """Return the path of a file; raises OSError when the name leads out of the folder."""
        return self.shown(name) if name == self._chosen else super().path(name)


def _local(text: str) -> str:
    """Return a path for a URL that names a local one, whose links are ours to look at."""
    for start in ("file://", "local://"):
        if text.startswith(start) and "::" not in text:
            path = text.removeprefix(start)
            return path.lstrip("/") if os.name == "nt" else path
    return text


def _is(path: Path, what: str, parameter: str) -> bool:
    try:
        return bool(getattr(path, what)())
    except (OSError, ValueError) as error:
        raise UserError(f"{parameter} '{plain(path)}' is no path: {redacted(error)}.") from error


def within(files: Files, folder: str) -> Files:
    """Return the files of a sub-folder; `""` is all of them."""
    return _Within(files, f"{folder}/") if folder else files


def lines_of(files: Files, name: str) -> list[str]:
    """Return the lines of a small text file, without a byte order mark.

    Raises:
        UserError: It is neither UTF-8, nor UTF-16 with a mark.
    """
    try:
        return _LINE_END.split(texts.decode(files.read(name, MAX_LIST_BYTES)))
    except UnicodeDecodeError as error:
        raise UserError(f"{files.shown(name)}: {texts.fault_of(error)}.") from error


class _Within:
    """The files of a sub-folder of other files; names in it may lead out of it, not of those."""

    def __init__(self, files: Files, prefix: str) -> None:
        self._files, self._prefix = files, prefix
        self.where, self.is_local = files.shown(prefix.rstrip("/")), files.is_local

    @property
    def remarks(self) -> Remarks:
        return self._files.remarks

    def __str__(self) -> str:
        return self.where

    def names(self) -> list[str]:
        cut = len(self._prefix)
        return [name[cut:] for name in self._files.names() if name.startswith(self._prefix)]

    def exists(self, name: str) -> bool:
        return self._files.exists(self._full(name))

    def size(self, name: str) -> int:
        return self._files.size(self._full(name))

    def read(self, name: str, most_bytes: int = MAX_FILE_BYTES) -> bytes:
        return self._files.read(self._full(name), most_bytes)

    def head(self, name: str, size: int) -> bytes:
        return self._files.head(self._full(name), size)

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._full(name))

    def path(self, name: str) -> str:
        return self._files.path(self._full(name))

    def shown(self, name: str) -> str:
        return self._files.shown(self._full(name))

    def _full(self, name: str) -> str:
        """Return a name from the root; an absolute one stays what it is, and is refused there."""
        return name if is_absolute(name) else self._prefix + name


class RemoteFiles:
    """The files behind a URL, through fsspec."""

    is_local = False

    def __init__(self, url: str, *, allow_outside: bool = False) -> None:
        self.where = shown_source(url)
        self._allow_outside = allow_outside
        url_to_fs = optional("fsspec.core", "fsspec").url_to_fs
        try:
            self._system, self._root = url_to_fs(url)
        except ImportError as error:  # fsspec asks for the package of that kind of URL
            raise PluginError(f"{self.where!r} cannot be opened: {error}.") from error
        except Exception as error:
            # why: each kind of URL has errors of its own
            why = redacted(error).rstrip(".")
            raise UserError(f"{self.where!r} cannot be opened: {why}.") from error
        self._found: FilesByName[tuple[str, int]] | None = None
        self.remarks = Remarks()

    def is_file(self) -> bool:
        """Return whether the URL is one file's.

        Raises:
            UserError: It cannot be looked at.
        """
        try:
            with damage(self.where):
                return bool(self._system.isfile(self._root))
        except OSError as error:
            raise FileError.of(f"{describe(error)}.", error) from error

    def beside(self) -> tuple[RemoteFiles, str]:
        """Return the folder of the file that the URL names, and the file's name in it."""
        folder = object.__new__(RemoteFiles)
        root, _, name = self._root.rstrip("/").rpartition("/")
        folder.where = self.where.removesuffix(name).rstrip("/")
        folder._system, folder._root, folder._found = self._system, root, None
        folder._allow_outside, folder.remarks = self._allow_outside, Remarks()
        return folder, name

    def names(self) -> list[str]:
        """Return the names of all files, sorted, but for hidden ones; they are listed once."""
        found = self._listed()
        self.remarks = found.remarks()
        return found.names()

    def exists(self, name: str) -> bool:
        """Return whether there is such a file; raises OSError when the name is refused."""
        return self._member(name) in self._listed().files

    def size(self, name: str) -> int:
        """Return the size of a file, as far as the system tells it."""
        member, found = self._member(name), self._listed()
        if member not in found.files:
            raise missing(self.shown(name))
        found.check(member, self.shown(name))
        return found.files[member][1]

    def read(self, name: str, most_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the content of a file."""
        with self.open(name) as file, damage(self.shown(name)):
            return limited(file, self.shown(name), most_bytes)

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file."""
        with self.open(name) as file, damage(self.shown(name)):
            return file.read(size)

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        at = self._at(self._stored(self._member(name)))
        with damage(self.shown(name)):
            return cast("BinaryIO", self._system.open(at, "rb"))

    def path(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.where.rstrip('/')}/{self._member(name)}"

    def shown(self, name: str) -> str:
        """Return the URL of a file, for people."""
        return shown_source(f"{self.where.rstrip('/')}/{name}")

    def _member(self, name: str) -> str:
        return name if self._allow_outside else inside(name, self.where)

    def _stored(self, name: str) -> str:
        """Return what the system calls a file, which may have backslashes between folders."""
        if self._found is None or name not in self._found.files:
            return name
        self._found.check(name, self.shown(name))
        return self._found.files[name][0]

    def _listed(self) -> FilesByName[tuple[str, int]]:
        if self._found is None:
            root = self._root.rstrip("/")
            cut = len(root) + 1 if root else 0
            with damage(self.where):
                found = self._system.find(root, detail=True).items()
                listed = [(name[cut:], _known_size(info)) for name, info in found]
            if len(listed) > MAX_FILES:
                raise UserError(
                    f"{self.where!r} holds more than {MAX_FILES:,} files: upload parts of it."
                )
            by_name = ((name, (name, size)) for name, size in listed)
            self._found = named(by_name)
        return self._found

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}" if self._root else name


class SeekableFile:
    """A file whose parts are read by their place; one that is not local is copied once."""

    def __init__(self, files: Files, name: str) -> None:
        self._files, self._name = files, name
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None

    def start(self) -> BinaryIO:
        """Return the file, at its beginning, for one reader at a time.

        Raises:
            UserError: It cannot be read.
        """
        file = self._opened()
        file.seek(0)
        return file

    def part(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to `end`."""
        with self._lock:
            file = self._opened()
            file.seek(start)
            return file.read(end - start)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            try:
                self._file = self._local()
            except OSError as error:
                where = self._files.shown(self._name)
                raise FileError.of(f"{where}: {describe(error)}.", error) from error
        return self._file

    def _local(self) -> BinaryIO:
        return self._files.open(self._name) if self._files.is_local else self._copied()

    def _copied(self) -> BinaryIO:
        copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._copy_to(copy)
        except BaseException:  # why: closed, and raised again
            copy.close()
            raise
        return copy

    def _copy_to(self, copy: BinaryIO) -> None:
        where = self._files.shown(self._name)
        with self._files.open(self._name) as file, damage(where):
            for piece in self._pieces(file):
                copy.write(piece)
                if copy.tell() > MAX_COPY_BYTES:
                    most = f"{MAX_COPY_BYTES // GIB} GiB"
                    raise Unreadable(f"it is over the limit of {most}; split it", where)

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield what the copy holds."""
        while piece := file.read(COPY_BYTES):
            yield piece

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"_files": self._files, "_name": self._name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_files"], state["_name"])  # type: ignore[misc]


def _known_size(info: dict[str, Any]) -> int:
    size = info.get("size")
    return UNKNOWN if size is None else int(size)
