"""What is installed, read off the folders of metadata as installers leave them.

`importlib.metadata` says the same, but importing it is a quarter of what `clarifai --help` takes:
it brings `email`, `zipfile` and `socket`. So what is plain is read here, and whatever is not (a zip
on the path, a finder of somebody else's, a damaged file) is left to `importlib.metadata`.
"""

from __future__ import annotations

import os
import sys
from functools import cached_property
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import PathDistribution

_ENDINGS = (".dist-info", ".egg-info")
_WANTED = ("name", "version", "requires-dist")


class _NotPlain(Exception):
    """Something that only `importlib.metadata` can read."""


class InstalledEntryPoint:
    """One entry point, as `importlib.metadata.EntryPoint` has it."""

    def __init__(self, name: str, value: str, group: str) -> None:
        self.name, self.value, self.group = name, value, group

    def load(self) -> object:
        """Import what it names."""
        module, _, attributes = self.value.partition("[")[0].partition(":")
        __import__(module.strip())
        found: Any = sys.modules[module.strip()]
        for attribute in filter(None, attributes.strip().split(".")):
            found = getattr(found, attribute)
        return found


class Distribution:
    """One installed distribution.

    Args:
        path: Its folder of metadata, or the file of it that old installers wrote.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def read_text(self, filename: str) -> str | None:
        """Return one of the files; None when it is not there or may not be read."""
        try:
            with open(os.path.join(self._path, filename), encoding="utf-8") as file:  # noqa: PTH118, PTH123  why: there are hundreds
                return file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
            return None

    @property
    def metadata(self) -> Any:
        """Return what is known by name; of what occurs several times the first."""
        try:
            return {name.title(): values[0] for name, values in self._headers.items()}
        except _NotPlain:
            return self._full.metadata

    @property
    def version(self) -> str:
        """Return the version."""
        try:
            return self._headers["version"][0]
        except (_NotPlain, KeyError):
            found: str = self._full.version
            return found

    @property
    def requires(self) -> list[str] | None:
        """Return what it needs, each with its condition."""
        try:
            found = self._headers.get("requires-dist")
        except _NotPlain:
            found = None
        if not found:
            found = self._full.requires
        return found

    def locate_file(self, path: str) -> str:
        """Return where one of its files is, by the name that a RECORD has for it."""
        return os.path.join(os.path.dirname(self._path), path)  # noqa: PTH118, PTH120  why: as above

    @property
    def entry_points(self) -> Iterable[Any]:
        """Return what it announces, in all groups."""
        try:
            return list(_points(self.read_text("entry_points.txt") or ""))
        except _NotPlain:
            return list(self._full.entry_points)

    @cached_property
    def _headers(self) -> dict[str, list[str]]:
        text = self.read_text("METADATA") or self.read_text("PKG-INFO") or self.read_text("")
        return _headers(text or "")

    @property
    def _full(self) -> PathDistribution:
        from importlib.metadata import Distribution as Full
        from pathlib import Path

        return Full.at(Path(self._path))


def distributions(name: str = "") -> Iterator[Any]:
    """Return what is installed, in the order of the path; each folder of it counts once.

    Args:
        name: Only those of this name, in any spelling.

    Example:
        >>> [one.metadata["Name"] for one in distributions("Clarifai.Core")]
        ['clarifai-core']
    """
    try:
        return iter(_plain(_folded(name)))
    except _NotPlain:
        from importlib import metadata

        return iter(metadata.distributions(name=name) if name else metadata.distributions())


def called(name: str, installed: Iterable[Any]) -> Iterator[Any]:
    """Return those of a name, in any spelling.

    Args:
        name: Of the distribution.
        installed: What `distributions()` returned: folders are not listed anew.
    """
    kept = list(installed)
    if not all(isinstance(one, Distribution) for one in kept):
        return distributions(name)
    wanted = _folded(name)
    return (one for one in kept if _is_called(os.path.basename(one._path), wanted))  # noqa: PTH119


def _is_called(folder: str, wanted: str) -> bool:
    return _folded(folder.rpartition(".")[0].partition("-")[0]) == wanted


def _plain(wanted: str) -> list[Distribution]:
    if any(
        finder is not PathFinder and hasattr(finder, "find_distributions")
        for finder in sys.meta_path
    ):
        raise _NotPlain
    return [
        Distribution(os.path.join(folder, child))  # noqa: PTH118  why: there are hundreds
        for folder in dict.fromkeys(sys.path)
        for child in _children(folder)
        if child.lower().endswith(_ENDINGS)
        if not wanted or _is_called(child, wanted)
    ]


def _children(folder: str) -> list[str]:
    if folder.endswith(".egg"):
        raise _NotPlain
    try:
        return os.listdir(folder or ".")  # noqa: PTH208  why: as above
    except NotADirectoryError:  # a zip
        raise _NotPlain from None
    except OSError:
        return []


def _folded(name: str) -> str:
    """Return a name as names of folders of metadata are compared."""
    folded = name.lower().replace("-", "_").replace(".", "_")
    while "__" in folded:
        folded = folded.replace("__", "_")
    return folded


def _headers(text: str) -> dict[str, list[str]]:
    """Return the headers that are asked for, by their names in small letters."""
    found: dict[str, list[str]] = {}
    last = ""
    for line in text.splitlines():
        if not line.strip():
            break
        if line[0] in " \t":
            if last in _WANTED:
                raise _NotPlain
            continue
        name, colon, value = line.partition(":")
        last = name.lower()
        if not colon or not name.replace("-", "").isalnum():
            raise _NotPlain
        if last in _WANTED:
            found.setdefault(last, []).append(value.strip())
    if not all(found.get("name", ())) or "name" not in found:
        raise _NotPlain
    return found


def _points(text: str) -> Iterator[InstalledEntryPoint]:
    group = ""
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
            continue
        name, equals, value = line.partition("=")
        if not equals or not group:
            raise _NotPlain
        yield InstalledEntryPoint(name.strip(), value.strip(), group)
