"""A CSV file and the files that its cells name: on this machine, in a zip or behind a URL."""

from __future__ import annotations

import codecs
import io
import itertools
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from clarifai_core.errors import MissingFile, UserError
from clarifai_datasets.upload.loader import describe
from clarifai_datasets.upload.loaders._csv_blocks import BLOCK_BYTES, IndexedReader
from clarifai_datasets.upload.loaders._files import (
    UNKNOWN,
    FileAt,
    Files,
    FileSource,
    SeekableFile,
    file_at,
    file_beside,
    is_url,
)
from clarifai_datasets.upload.loaders._folders import AllowedFolders, FolderFiles
from clarifai_datasets.upload.loaders._paths import OutsideSource, Unreadable, is_absolute, usable
from clarifai_inputs import csv_dialect, texts
from clarifai_inputs.image_size import HEAD_BYTES
from clarifai_inputs.media import content_fault, size_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

CSV_PATH = "csv_path"
"""The parameter that names the source, for errors."""


class CsvSource:
    """Where a CSV file is, said in any way that loaders take; it is looked for by `find`."""

    def __init__(self, given: FileSource, *, allow_outside: bool = False) -> None:
        """Take a source.

        Args:
            given: The CSV file, or what holds it.
            allow_outside: Whether cells may name files that lie elsewhere than beside it and below
                the working directory.

        Raises:
            UserError: It is no CSV file, and can hold none.
        """
        self.shown = str(given)
        self._given, self._allow_outside = given, allow_outside
        is_path = not isinstance(given, FileAt) and not is_url(self.shown)
        self._path = Path(self.shown) if is_path else None
        if is_path and not _may_hold_csv(self.shown):
            raise UserError(f"{CSV_PATH} must name a .csv file, got {self.shown!r}.")
        self._files: Files = FolderFiles(Path())
        self._name = ""
        self._copy: SeekableFile | None = None
        self._folder, self._fence = Path(), AllowedFolders("")

    def __str__(self) -> str:
        return f"{CSV_PATH} {self.shown!r}"

    @property
    def files(self) -> Files:
        """The files that the CSV file is among, once it was found."""
        return self._files

    @property
    def identity(self) -> str:
        """What tells this source apart from others, from whatever folder it is named."""
        if self._path is None:
            return self.shown
        return os.path.abspath(self._path)  # noqa: PTH100 - links are part of what the user named

    def find(self) -> None:
        """Look where the CSV file is.

        Raises:
            UserError: There is none, or there are several.
            OSError: Its place cannot be read.
        """
        found = self._found()
        self._files, self._name = found.files, found.name
        if found.files.is_local:
            self._folder = Path(found.files.shown(found.name)).parent
            self._fence = AllowedFolders(str(self._folder), self._folder, Path())
        head = found.files.head(found.name, csv_dialect.HEAD_BYTES)
        if fault := csv_dialect.head_fault(head):
            raise UserError(f"{self} is {fault}.")
        is_read_here = found.files.is_local and not texts.is_wide(head[: texts.MARK_BYTES])
        self._copy = None if is_read_here else _Utf8Copy(found.files, found.name)

    def open(self) -> BinaryIO:
        """Open the CSV file; each reader has a place of its own in it.

        Raises:
            UserError: One that is not local cannot be copied.
            OSError: It cannot be read.
        """
        if self._copy is None:
            return self._files.open(self._name)
        return io.BufferedReader(IndexedReader(self._copy), BLOCK_BYTES)

    def named(self, cell: str) -> tuple[Files, str]:
        """Return where the file is that a cell names, and what it is called there.

        Names count from where the CSV file lies; on this machine first from the working directory.

        Raises:
            OSError: It lies elsewhere, and that is not admitted.
        """
        name = usable(cell.strip())
        if not self._files.is_local:
            beside = posixpath.join(posixpath.dirname(self._name), name)
            return self._files, posixpath.normpath(beside)
        path = Path(name)
        near = self._folder / path
        chosen = str(near if not path.exists() and near.exists() else path)
        if not self._allow_outside:
            if is_absolute(name) and not path.is_absolute():
                raise OutsideSource(name, self._fence.where)
            self._fence.check(chosen, name)
        return _HERE, chosen

    def fault(self, cell: str, input_type: str, *, look: bool) -> str:
        """Return what is wrong with the file that a cell names; `""`: nothing that is known.

        Args:
            cell: The cell.
            input_type: What the file should be.
            look: Whether to look at its content, too.
        """
        try:
            files, name = self.named(cell)
            size = files.size(name)
            fault = size_fault(input_type, size) if size != UNKNOWN else ""
            if fault or not look:
                return fault
            read = files.read(name) if input_type == "text" else files.head(name, HEAD_BYTES)
        except OSError as error:
            return _told(error)
        except ValueError as error:  # no file can have such a name
            return str(error)
        return content_fault(input_type, read)

    def content(self, cell: str, input_type: str) -> bytes:
        """Return the content of the file that a cell names.

        Raises:
            ValueError: It cannot be read, or is over the limits.
        """
        fault = self.fault(cell, input_type, look=False)
        if not fault:
            files, name = self.named(cell)
            try:
                return files.read(name)
            except OSError as error:
                fault = _told(error)
        raise ValueError(fault)

    def _found(self) -> FileAt:
        path = self._path
        if path is not None and _is_csv(path.name) and not path.is_dir():
            return file_beside(path)
        found = file_at(self._given, CSV_PATH)
        if not found.name:
            return self._only_one(found.files)
        if not _is_csv(found.name):
            raise UserError(f"{CSV_PATH} must name a .csv file, got {self.shown!r}.")
        return found

    def _only_one(self, files: Files) -> FileAt:
        names = [name for name in files.names() if _is_csv(name) and not _is_shadow(name)]
        if not names and _is_csv(self.shown):
            raise MissingFile(f"{self}: no such file.")
        if len(names) != 1:
            listed = ", ".join(names[:10]) or "none"
            raise UserError(f"{self}: name one .csv file in it; there is {listed}.")
        return FileAt(files, names[0])


class _Utf8Copy(SeekableFile):
    """A copy of a file, in UTF-8 where it begins with the mark of UTF-16."""

    def _local(self) -> BinaryIO:
        return self._copied()

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        pieces = super()._pieces(file)
        first = next(pieces, b"")
        if not texts.is_wide(first[: texts.MARK_BYTES]):
            yield first
            yield from pieces
            return
        decoder = codecs.getincrementaldecoder(texts.encoding_of(first))()
        try:
            for piece in itertools.chain([first], pieces):
                yield decoder.decode(piece).encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeError as error:
            where = self._files.shown(self._name)
            raise Unreadable("not UTF-16; save it as UTF-8", where) from error


_HERE = FolderFiles(Path(), allow_outside=True)


def _told(error: OSError) -> str:
    missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
    return "no such file" if missing else describe(error)


def _is_csv(name: str) -> bool:
    """Return whether a name ends so; addresses may have a query behind it."""
    return name.lower().endswith(".csv") or name.lower().partition("?")[0].endswith(".csv")


def _is_shadow(name: str) -> bool:
    """Return whether this is what a Mac puts into zips beside each file."""
    return posixpath.basename(name).startswith("._")


def _may_hold_csv(path: str) -> bool:
    """Return whether a path can be a CSV file's, or that of what holds one."""
    if path.lower().endswith((".csv", ".zip")):
        return True
    return os.path.isdir(path)  # noqa: PTH112 - Path("") is a folder
