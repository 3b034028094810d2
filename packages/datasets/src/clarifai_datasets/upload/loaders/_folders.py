"""The files of a local folder: what it holds, and what its links lead to."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, BinaryIO

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import plain
from clarifai_datasets.upload._broken import describe
from clarifai_datasets.upload._plain_files import open_plain
from clarifai_datasets.upload.limits import (
    MAX_FILES,
    MAX_FOLDER_DEPTH,
    MAX_LINKED_FOLDERS,
)
from clarifai_datasets.upload.loaders._paths import (
    HIDDEN,
    OutsideSource,
    ReadByOpening,
    inside,
    missing,
    usable,
)
from clarifai_inputs.file_names import is_hidden
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from pathlib import Path

CIRCLES = "left alone, links that lead back to a folder that they are in"

_KNOWN_FOLDERS = 100_000
"""Folders of which it is kept that they lie within."""


class AllowedFolders:
    """Folders that paths are not to lead out of, by links neither."""

    def __init__(self, where: str, *folders: Path) -> None:
        self.where = where
        self.roots = tuple(map(os.path.realpath, folders))
        self._known: set[str] = set()

    def check(self, path: str, name: str) -> None:
        """Refuse a path that leads out.

        Args:
            path: Where the file is.
            name: What the data set says, for the error.

        Raises:
            OutsideSource: It does.
        """
        parent = os.path.dirname(path)  # noqa: PTH120 - asked for each item
        if parent not in self._known:
            self._check_real(parent, name)
            if len(self._known) < _KNOWN_FOLDERS:
                self._known.add(parent)
        if os.path.islink(path):  # noqa: PTH114 - asked for each item
            self._check_real(path, name)

    def holds(self, real: str) -> bool:
        """Return whether a path without links lies within."""
        return any(_is_below(real, root) for root in self.roots)

    def _check_real(self, path: str, name: str) -> None:
        if not self.holds(os.path.realpath(path)):
            raise OutsideSource(name, self.where)


class FolderFiles(ReadByOpening):
    """The files of a local folder and of its sub-folders; hidden ones are left alone.

    Attributes:
        refused: Why each folder within it was not looked into, once `names` was called: links that
            lead out of it, and what the system does not let us read.
        remarks: What `names` left out besides: what is hidden, links that lead back.
    """

    is_local = True

    def __init__(self, folder: Path, *, allow_outside: bool = False) -> None:
        self._folder = folder
        self._allow_outside = allow_outside
        self.where = str(folder)
        self._fence = AllowedFolders(self.where, folder)
        self.refused: list[str] = []
        self.remarks = Remarks()

    def names(self) -> list[str]:
        """Return the names of all files, sorted.

        Raises:
            UserError: There are too many, or folders lie too deep.
        """
        walk = _Walk(self)
        walk.run()
        self.refused, self.remarks = walk.refused, Remarks()
        self.remarks.add_all(HIDDEN, sorted(walk.hidden))
        self.remarks.add_all(CIRCLES, sorted(walk.circles))
        return sorted(walk.names)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file; raises OSError when the name is refused."""
        return os.path.isfile(self.path(name))  # noqa: PTH113 - asked for each item

    def size(self, name: str) -> int:
        """Return the size of a file."""
        path = self.path(name)
        found = os.stat(path)  # noqa: PTH116 - asked for each item
        if not stat.S_ISREG(found.st_mode):
            raise missing(path)
        return found.st_size

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        return os.fdopen(open_plain(self.path(name))[0], "rb")

    def path(self, name: str) -> str:
        """Return the path of a file; raises OSError when the name leads out of the folder."""
        if self._allow_outside:
            return self.shown(usable(name))
        path = self.shown(inside(name, self.where))
        self._fence.check(path, name)
        return path

    def shown(self, name: str) -> str:
        """Return where a file is, for people."""
        return os.path.join(self.where, name)  # noqa: PTH118 - asked for each item

    def holds(self, real: str) -> bool:
        """Return whether a path without links lies within, or may be read all the same."""
        return self._allow_outside or self._fence.holds(real)

    @property
    def root(self) -> str:
        """The folder itself, without links."""
        return self._fence.roots[0]


@attrs.frozen
class _Stop:
    """A folder on the way through all of them."""

    name: str
    """From the root: `""` or `"a/b/"`."""
    real: str
    """Its path without links."""
    depth: int = 0
    came_from: tuple[str, ...] = ()
    """Where the links stand that led here; one that leads to a folder above them goes in a
    circle."""


class _Walk:
    """Goes once through a folder and all below it, links to other folders in it included."""

    def __init__(self, files: FolderFiles) -> None:
        self._files = files
        self.names: list[str] = []
        self.refused: list[str] = []
        self.hidden: list[str] = []
        self.circles: list[str] = []
        self._stops = [_Stop("", files.root)]
        self._linked = 0

    def run(self) -> None:
        while self._stops:
            self._visit(self._stops.pop())

    def _visit(self, stop: _Stop) -> None:
        try:
            with os.scandir(stop.real) as entries:
                for entry in entries:
                    if is_hidden(entry.name):
                        end = "/" if _is_folder(entry) else ""
                        self.hidden.append(f"{stop.name}{entry.name}{end}")
                    else:
                        self._see(entry, stop)
        except OSError as error:
            if not stop.name:
                raise
            self.refused.append(f"{self._files.shown(stop.name)}: {describe(error)}")
        if len(self.names) > MAX_FILES:
            raise UserError(
                f"{self._files.where!r} holds more than {MAX_FILES:,} files: upload parts of it."
            )

    def _see(self, entry: os.DirEntry[str], stop: _Stop) -> None:
        name = f"{stop.name}{entry.name}"
        if not _is_folder(entry):
            self.names.append(name)
        elif entry.is_symlink():
            self._follow(entry.path, name, stop)
        else:
            self._enter(_Stop(f"{name}/", entry.path, stop.depth + 1, stop.came_from))

    def _follow(self, path: str, name: str, stop: _Stop) -> None:
        target, came_from = os.path.realpath(path), (*stop.came_from, stop.real)
        if not self._files.holds(target):
            self.refused.append(str(OutsideSource(name, self._files.where)))
        elif not any(_is_below(place, target) for place in came_from):
            self._linked += 1
            if self._linked > MAX_LINKED_FOLDERS:
                raise UserError(
                    f"{self._files.where!r} has more than {MAX_LINKED_FOLDERS:,} folders by links, "
                    f"such as '{plain(name)}': take the links away."
                )
            self._enter(_Stop(f"{name}/", target, stop.depth + 1, came_from))
        else:
            self.circles.append(name)

    def _enter(self, stop: _Stop) -> None:
        if stop.depth > MAX_FOLDER_DEPTH:
            raise UserError(
                f"'{plain(stop.name)}' lies more than {MAX_FOLDER_DEPTH} folders deep in "
                f"{self._files.where!r}: upload parts of it."
            )
        self._stops.append(stop)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # what is wrong with it is said when it is read


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip(os.sep)}{os.sep}")
