"""Where a loader's files are: in a folder, in a zip, or behind any URL that fsspec knows.

Names are relative, with `/` between folders, whatever the system. Nothing is unpacked: a member of
a zip is read by its name.
"""

from __future__ import annotations

import abc
import errno
import os
import re
import stat
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

import attrs

from clarifai.core.errors import PluginError, UserError
from clarifai.datasets.extras import optional
from clarifai.datasets.upload.loader import describe

MAX_FILE_BYTES = 128_000_000
"""Largest file of a zip or a URL to read: the platform takes no larger input."""

COPY_BYTES = 1024 * 1024

_LINE_END = re.compile("\r\n?|\n")
"""`splitlines` knows others, which may stand in names."""

UNKNOWN = -1
"""Size of a file of which its system does not tell it."""


class Files(Protocol):
    """A set of files under one root."""

    where: str
    """The root, as the user named it."""
    is_local: bool
    """Whether `path` names files that can be opened."""

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""

    def size(self, name: str) -> int:
        """Return how many bytes a file has, or `UNKNOWN`; raises OSError when there is none."""

    def read(self, name: str) -> bytes:
        """Return the content of a file; raises OSError."""

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file; raises OSError."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading from its beginning to its end; raises OSError."""

    def path(self, name: str) -> str:
        """Return where a file is, for people; when `is_local`, for programs, too."""


def is_url(source: str) -> bool:
    """Return whether a source is for fsspec: `"s3://bucket/x"`, `"zip://a.csv::x.zip"`.

    Example:
        >>> is_url("s3://bucket/data"), is_url("data/x.json")
        (True, False)
    """
    return "://" in source or "::" in source


Source: TypeAlias = "str | os.PathLike[str] | Files"
"""A path or a URL, or what was opened already."""


def open_files(source: Source, what: str = "source") -> Files:
    """Return the files of a folder, a zip or a URL.

    Args:
        source: Where they are.
        what: The parameter that named it, for errors.

    Raises:
        UserError: There is no such folder or zip.
        PluginError: It is a URL, and the extra for URLs is missing.
    """
    if not isinstance(source, (str, os.PathLike)):
        return source
    text = os.fspath(source)
    if is_url(text):
        return RemoteFiles(text)
    path = Path(text)
    if path.is_dir():
        return FolderFiles(path)
    if path.is_file() and zipfile.is_zipfile(path):
        return ZipFiles(path)
    why = "is a file, neither a folder nor a zip" if path.exists() else "does not exist"
    raise UserError(f"{what} {text!r} {why}.")


@attrs.frozen
class FileAt:
    """A file among others."""

    files: Files
    name: str
    """Empty: the source is no single file."""

    def __str__(self) -> str:
        return self.files.path(self.name)


FileSource: TypeAlias = "str | os.PathLike[str] | FileAt"


def file_at(source: FileSource, what: str = "source") -> FileAt:
    """Return a file among those beside it; for a folder or a zip, without a name.

    Raises:
        UserError: There is no such file.
        PluginError: It is a URL, and the extra for URLs is missing.
    """
    if isinstance(source, FileAt):
        return source
    text = os.fspath(source)
    if is_url(text):
        remote = RemoteFiles(text)
        return FileAt(*remote.beside()) if remote.is_file() else FileAt(remote, "")
    path = Path(text)
    if path.is_dir() or (path.suffix.lower() == ".zip" and path.is_file()):
        return FileAt(open_files(path, what), "")
    if not path.exists():
        raise UserError(f"{what} {text!r} does not exist.")
    return FileAt(FolderFiles(path.parent), path.name)


def within(files: Files, folder: str) -> Files:
    """Return the files of a sub-folder; `""` is all of them."""
    return _Within(files, f"{folder}/") if folder else files


def lines_of(files: Files, name: str) -> list[str]:
    """Return the lines of a small text file, without a byte order mark.

    Raises:
        UserError: It is not in UTF-8.
    """
    try:
        return _LINE_END.split(files.read(name).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        where = files.path(name)
        raise UserError(f"{where}: not UTF-8 at byte {error.start}; save it as UTF-8.") from error


class _Within:
    """The files of a sub-folder of other files."""

    def __init__(self, files: Files, prefix: str) -> None:
        self._files, self._prefix = files, prefix
        self.where, self.is_local = files.path(prefix.rstrip("/")), files.is_local

    def names(self) -> list[str]:
        cut = len(self._prefix)
        return [name[cut:] for name in self._files.names() if name.startswith(self._prefix)]

    def exists(self, name: str) -> bool:
        return self._files.exists(self._prefix + name)

    def size(self, name: str) -> int:
        return self._files.size(self._prefix + name)

    def read(self, name: str) -> bytes:
        return self._files.read(self._prefix + name)

    def head(self, name: str, size: int) -> bytes:
        return self._files.head(self._prefix + name, size)

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._prefix + name)

    def path(self, name: str) -> str:
        return self._files.path(self._prefix + name)


class FolderFiles:
    """The files of a local folder and of its sub-folders; hidden ones are left alone."""

    is_local = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.where = str(folder)

    def names(self) -> list[str]:
        """Return the names of all files, sorted."""
        found: list[str] = []
        for folder, folders, names in os.walk(self._folder, followlinks=True):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            prefix = Path(folder).relative_to(self._folder).as_posix()
            prefix = "" if prefix == "." else f"{prefix}/"
            found += [f"{prefix}{name}" for name in names if not name.startswith(".")]
        return sorted(found)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        return (self._folder / name).is_file()

    def size(self, name: str) -> int:
        """Return the size of a file."""
        found = (self._folder / name).stat()
        if not stat.S_ISREG(found.st_mode):
            raise _missing(self.path(name))
        return found.st_size

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        return (self._folder / name).read_bytes()

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file."""
        with (self._folder / name).open("rb") as file:
            return file.read(size)

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        return (self._folder / name).open("rb")

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return os.path.join(self.where, name)  # noqa: PTH118 - asked for each item


class _Opened(abc.ABC):
    """Files that are read by opening them."""

    @abc.abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file."""

    @abc.abstractmethod
    def path(self, name: str) -> str:
        """Return where a file is."""

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        with self.open(name) as file:
            return _limited(file, self.path(name))

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file."""
        with self.open(name) as file:
            return file.read(size)


class ZipFiles(_Opened):
    """The files in a local zip."""

    is_local = False

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path
        self._open()

    def names(self) -> list[str]:
        """Return the names of all members, sorted."""
        return sorted(self._members)

    def exists(self, name: str) -> bool:
        """Return whether there is such a member."""
        return name in self._members

    def size(self, name: str) -> int:
        """Return the size of a member, unpacked."""
        if name not in self._members:
            raise _missing(self.path(name))
        return self._members[name]

    def open(self, name: str) -> BinaryIO:
        """Open a member."""
        if name not in self._members:
            raise _missing(self.path(name))
        try:
            return self._zip.open(name)  # type: ignore[return-value]
        # RuntimeError: a password is needed; NotImplementedError: an unknown compression.
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # why: see above
            raise OSError(f"{self.path(name)}: {error}") from error

    def path(self, name: str) -> str:
        """Return the names of zip and member."""
        return f"{self.where}:{name}"

    def _open(self) -> None:
        self._zip = zipfile.ZipFile(self._path)
        members = (one for one in self._zip.infolist() if not one.is_dir())
        self._members = {one.filename: one.file_size for one in members}

    def __getstate__(self) -> dict[str, Any]:
        return {"where": self.where, "_path": self._path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()


class RemoteFiles(_Opened):
    """The files behind a URL, through fsspec."""

    is_local = False

    def __init__(self, url: str) -> None:
        self.where = url
        url_to_fs = optional("fsspec.core", "fsspec").url_to_fs
        try:
            self._system, self._root = url_to_fs(url)
        except ImportError as error:  # fsspec asks for the package of that kind of URL
            raise PluginError(f"{url!r} cannot be opened: {error}.") from error
        except ValueError as error:
            raise UserError(f"{url!r} cannot be opened: {error}.") from error
        self._sizes: dict[str, int] | None = None

    def is_file(self) -> bool:
        """Return whether the URL is one file's."""
        return bool(self._system.isfile(self._root))

    def beside(self) -> tuple[RemoteFiles, str]:
        """Return the folder of the file that the URL names, and the file's name in it."""
        folder = object.__new__(RemoteFiles)
        root, _, name = self._root.rstrip("/").rpartition("/")
        folder.where = self.where.removesuffix(name).rstrip("/")
        folder._system, folder._root, folder._sizes = self._system, root, None
        return folder, name

    def names(self) -> list[str]:
        """Return the names of all files, sorted; they are listed once."""
        return sorted(self._listed())

    def exists(self, name: str) -> bool:
        """Return whether there is such a file."""
        return name in self._listed()

    def size(self, name: str) -> int:
        """Return the size of a file, as far as the system tells it."""
        if name not in self._listed():
            raise _missing(self.path(name))
        return self._listed()[name]

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        opened: BinaryIO = self._system.open(self._at(name), "rb")
        return opened

    def path(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.where.rstrip('/')}/{name}"

    def _listed(self) -> dict[str, int]:
        if self._sizes is None:
            root = self._root.rstrip("/")
            cut = len(root) + 1 if root else 0
            found = self._system.find(root, detail=True).items()
            self._sizes = {name[cut:]: _known_size(info) for name, info in found}
        return self._sizes

    def _at(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}" if self._root else name


class Indexed:
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
                where = self._files.path(self._name)
                raise UserError(f"{where}: {describe(error)}.") from error
        return self._file

    def _local(self) -> BinaryIO:
        if self._files.is_local:
            return self._files.open(self._name)
        copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115
        with self._files.open(self._name) as file:
            while chunk := file.read(COPY_BYTES):
                copy.write(chunk)
        return copy

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"_files": self._files, "_name": self._name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_files"], state["_name"])  # type: ignore[misc]


def _missing(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "no such file", path)


def _known_size(info: dict[str, Any]) -> int:
    size = info.get("size")
    return UNKNOWN if size is None else int(size)


def _limited(file: BinaryIO, path: str) -> bytes:
    content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OSError(f"{path}: over the limit of {MAX_FILE_BYTES / 1e6:.0f} MB per input")
    return content
