"""Which loader reads a source that nobody named one for.

    every loader is asked (LoaderSpec.detect) -> sightings -> the surest one, if it is the only one

A loader of a plugin takes part like ours do, by a function of its own or by `suffixes`. Where one
folder holds everything, as in most zips, that folder is looked at, too.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from clarifai_core.contracts import DataLoader, FormatMatch, LoaderSpec, SourcePart
from clarifai_core.errors import FileError, PluginError, UserError
from clarifai_core.lazy import load_target
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure, plain
from clarifai_core.wire.messages import nearest
from clarifai_datasets.upload._broken import describe
from clarifai_datasets.upload.loaders._files import FileAt, Files, file_at, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MARGIN = 0.05
"""Two loaders whose confidence is nearer than that are as sure as each other."""

_BY_SUFFIX = 0.9
"""How sure a loader is of a file of which it gave only the ending."""

_MAX_LEVELS = 8
"""Folders within each other that are stepped into, as long as one holds everything."""

_SHOWN_NAMES = 5


@attrs.frozen(eq=False)
class Candidate:
    """A loader that reads the source."""

    spec: LoaderSpec
    sighting: FormatMatch
    folder: str = ""
    """The one folder of the source that holds it."""

    def __str__(self) -> str:
        return f"loader={self.spec.name!r} ({plain(self.sighting.reason, _REASON)})"


_REASON = 300


@attrs.frozen(eq=False)
class Detected:
    """A source, and the loader that reads it. Get one from `detect`."""

    source: str
    chosen: Candidate
    others: tuple[Candidate, ...]
    """Those that were less sure, the surest first."""
    notes: tuple[str, ...]
    """What is passed over by the choice."""
    _files: Files
    _is_file: bool

    @property
    def spec(self) -> LoaderSpec:
        """The loader."""
        return self.chosen.spec

    @property
    def sighting(self) -> FormatMatch:
        """What was seen of the format."""
        return self.chosen.sighting

    def part(self, split: str) -> SourcePart | None:
        """Return the part of a split; None: none was seen that is called so."""
        return next((one for one in self.sighting.parts if one.split == split), None)

    def only_part(self) -> SourcePart | None:
        """Return what to open when no split was named; None: the source as a whole.

        Raises:
            UserError: The loader reads one part at a time, and there are several.
        """
        sighting = self.sighting
        if sighting.is_whole or not sighting.parts:
            return None
        if len(sighting.parts) > 1:
            splits = ", ".join(repr(one.split) for one in sighting.parts)
            raise UserError(
                f"{self.source!r} holds several parts, and the loader {self.spec.name!r} reads one "
                f"at a time: say which by split=, one of {splits}."
            )
        return sighting.parts[0]

    def parts(self, **options: Any) -> tuple[SourcePart, ...]:
        """Return the parts that were seen, or else those that the loader itself names.

        A loader may have an attribute `splits`: the names that its option `split` takes.

        Args:
            **options: What the loader takes besides.
        """
        if self.sighting.parts or self.sighting.confidence > 0:
            return self.sighting.parts
        splits = getattr(self.open(**options), "splits", ())
        return tuple(SourcePart(str(split), {"split": str(split)}) for split in splits)

    def open(self, part: SourcePart | None = None, **options: Any) -> DataLoader:
        """Return the loader of the source.

        Args:
            part: What of it to read; None: all.
            **options: What the loader takes besides. When one of those that detection would give
                is among them, none of its own are given: they belong together.

        Raises:
            UserError: The loader cannot read it as it is, or refuses it.
        """
        if self.sighting.hindrance:
            raise UserError(
                f"{self.source!r} is for the loader {self.spec.name!r} "
                f"({plain(self.sighting.reason, _REASON)}), but {self.sighting.hindrance}."
            )
        seen = {**self.sighting.options, **(part.options if part else {})}
        own = options if seen.keys() & options.keys() else {**seen, **options}
        loader: DataLoader = self.spec.load()(self._place(part.inside if part else ""), **own)
        return loader

    def _place(self, inside: str) -> str | FileAt | Files:
        below = "/".join(name for name in (self.chosen.folder, inside) if name)
        if not below or self._is_file:
            return self.source
        if self._files.is_local:
            return os.path.join(self.source, *below.split("/"))  # noqa: PTH118 - as the user wrote it
        if inside and self._files.exists(below):
            return FileAt(self._files, below)
        return within(self._files, below)


def detect(source: str | os.PathLike[str], name: str = "") -> Detected:
    """Return the loader that reads a source, and why.

    Args:
        source: A file, a folder, a zip or a URL.
        name: Of the only loader to ask; empty: all.

    Raises:
        UserError: There is no such source; or no loader was named, and none knows it, or several
            do alike.
        PluginError: It is a URL, and the extra for URLs is missing; or there is no such loader.
    """
    text = os.fspath(source)
    if not isinstance(text, str) or not text:
        raise UserError(f"source must be the path of a file or folder, or a URL, got {source!r}.")
    specs = loader_specs() if not name else [named(name)]
    at = file_at(text)
    faults: list[str] = []
    best: dict[str, Candidate] = {}
    for level in _levels(text, at):
        for spec in specs:
            found = _ask(spec, level, faults)
            if found is None or found.confidence == 0:
                continue
            before = best.get(spec.name)
            if before is None or found.confidence > before.sighting.confidence:
                best[spec.name] = Candidate(spec, found, level.folder)
    ranked = sorted(best.values(), key=lambda one: -one.sighting.confidence)
    if not ranked and name:
        ranked = [Candidate(specs[0], FormatMatch(0, "it was named"))]
    if not ranked:
        raise UserError(_nothing(text, at, specs, faults))
    first = ranked[0].sighting.confidence
    alike = [one for one in ranked if first - one.sighting.confidence < MARGIN]
    if len(alike) > 1:
        ways = "; ".join(map(str, alike))
        raise UserError(f"{text!r} can be read in {len(alike)} ways, say which: {ways}.")
    chosen = ranked[0]
    notes = [*chosen.sighting.remarks, *faults]
    return Detected(text, chosen, tuple(ranked[1:]), tuple(notes), at.files, bool(at.name))


def loader_specs() -> list[LoaderSpec]:
    """Return the loaders of all plugins."""
    return [spec for spec in plugins().specs("loaders") if isinstance(spec, LoaderSpec)]


def named(name: str) -> LoaderSpec:
    """Return the loader of a name.

    Raises:
        PluginError: There is none.
    """
    specs = loader_specs()
    for spec in specs:
        if spec.name == name:
            return spec
    known = ", ".join(listed(spec.name for spec in specs)) or "none"
    hint = nearest(name, [spec.name for spec in specs]) or "."
    raise PluginError(f"No installed plugin has a loader {name!r}; there is {known}{hint}")


def listed(names: Iterable[str]) -> list[str]:
    """Return names for a sentence; those of one family, `a:b`, count as one.

    Example:
        >>> listed(["yolo", "other:one", "csv", "other:two"])
        ['csv', 'other:<format>', 'yolo']
    """
    return sorted({f"{n.partition(':')[0]}:<format>" if ":" in n else n for n in names})


@attrs.define(eq=False)
class _SourceListing:
    """A source, or the one folder that holds all of it, as detection shows it to loaders."""

    where: str
    file: str
    names: tuple[str, ...]
    is_local: bool
    folder: str
    _files: Files

    def head(self, name: str, size_bytes: int = 4096) -> bytes:
        """Return how a file begins."""
        try:
            return self._files.head(self._full(name), size_bytes)
        except (OSError, UserError):
            return b""

    def open(self, name: str) -> BinaryIO:
        """Open a file."""
        return self._files.open(self._full(name))

    def _full(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name


def _levels(where: str, at: FileAt) -> Iterator[_SourceListing]:
    """Yield the source, then the one folder that holds all of it, and so on."""
    files = at.files
    if at.name:
        is_local = files.is_local
        yield _SourceListing(where, at.name, (at.name,), is_local, "", files)
        return
    try:
        names = tuple(files.names())  # but for hidden ones, which the loader remarks on
    except OSError as error:
        raise FileError.of(f"{where!r} cannot be read: {describe(error)}.", error) from error
    folder = ""
    for _ in range(_MAX_LEVELS):
        yield _SourceListing(where, "", names, files.is_local, folder, files)
        tops = {name.partition("/")[0] for name in names}
        if len(tops) != 1 or not all("/" in name for name in names):
            return
        (top,) = tops
        names = tuple(name.partition("/")[2] for name in names)
        folder = f"{folder}/{top}" if folder else top


def _ask(spec: LoaderSpec, listing: _SourceListing, faults: list[str]) -> FormatMatch | None:
    """Return what one loader sees; a plugin that fails is noted, and harms no other."""
    if not spec.detect:
        ending = PurePosixPath(listing.file).suffix.lower()
        if ending and ending in spec.suffixes:
            return FormatMatch(_BY_SUFFIX, f"its name ends in {ending}")
        return None
    try:
        function: Any = load_target(spec.detect)
        found = function(listing)
        if found is not None and not isinstance(found, FormatMatch):
            raise TypeError(f"it must return a FormatMatch or None, not {type(found).__name__}")  # noqa: TRY301
    except (KeyboardInterrupt, UserError):
        raise
    except BaseException as error:  # noqa: BLE001  why: a plugin may fail in any way
        fault = f"the loader {plain(spec.name)!r} was not asked: its detect fails: {failure(error)}"
        if fault not in faults:
            faults.append(fault)
        return None
    return found


def _nothing(text: str, at: FileAt, specs: Sequence[LoaderSpec], faults: Sequence[str]) -> str:
    known = ", ".join(listed(spec.name for spec in specs))
    more = "".join(f" ({fault})" for fault in faults)
    if at.name:
        hint = _PACKED if at.name.lower().endswith(_PACKED_ENDINGS) else ""
        return f"{text!r} is no file that a loader knows{hint}{more}; name one by loader=: {known}."
    names = at.files.names()
    if not names:
        return f"{text!r} is empty: there is no file in it."
    if "mimetype" in names and at.files.head("mimetype", 64).startswith(b"application/x.clarifai"):
        return (
            f"{text!r} is an archive of the platform, which Dataset.export(local_archive_path=...) "
            "turns into files."
        )
    shown = f"{len(names):,} files, such as {_first(names)}" if len(names) > 1 else names[0]
    return (
        f"{text!r} holds nothing that a loader knows ({shown}){more}; name one by loader=: {known}."
    )


_PACKED_ENDINGS = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
_PACKED = ", but packed: unpack it first"


def _first(names: Sequence[str]) -> str:
    shown = ", ".join(plain(name, 100) for name in names[:_SHOWN_NAMES])
    return f"{shown}, ..." if len(names) > _SHOWN_NAMES else shown


def open_detected(detected: Detected, options: Mapping[str, Any]) -> DataLoader:
    """Return the loader of what options ask for; `split` chooses a part where there is one.

    Raises:
        UserError: As `Detected.only_part` and `Detected.open`.
    """
    given = dict(options)
    split = given.get("split", "")
    part = detected.part(str(split)) if split else detected.only_part()
    if part is not None and split:
        del given["split"]
    return detected.open(part, **given)
