r"""The picture that a label file speaks of: under the name that it says, by the layouts in use.

Label files come from other machines. They name a picture from another place (`images/a.png` beside
`images`), as Windows writes it (`images\a.png`), by a path of the machine where it was labelled,
by the URL of a label tool, or in other letters (`A.PNG`). What is found is always a file of the
source; the longest end of the path that fits decides, and of two that fit equally none does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from clarifai_inputs.media import IMAGE_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai_datasets.upload.loaders._files import Files

BY_ITS_END = "pictures found by the end of the path that their labels say"
"""Kind of remark."""


class FoundPicture(NamedTuple):
    """A picture of the source."""

    name: str
    """`""`: there is none, or it is not known which."""
    by_its_end: bool = False
    """Whether the rest of its path is not as it was said."""


class Pictures:
    """The pictures of a source by what label files call them."""

    def __init__(self, files: Files, names: Iterable[str], bases: Sequence[str] = ("",)) -> None:
        """Take the files of a source.

        Args:
            files: The source.
            names: Of all its files.
            bases: Folders that names count from, the likelier ones first.
        """
        self._files = files
        self._names = frozenset(names)
        self._bases = tuple(dict.fromkeys((*bases, "")))

    def find(self, said: str) -> FoundPicture:
        """Return the picture that a label file calls so."""
        for base in self._bases:
            if _joined(base, said) in self._names:
                return FoundPicture(_joined(base, said))
        if self._is_there(said):
            return FoundPicture(said)
        parts = _parts(said)
        for cut in range(len(parts)):
            found = self._by(parts[:cut], parts[cut:])
            if found:
                end = "/".join(parts[cut:])
                as_said = found.endswith(end) and self._leads_here(parts[:cut])
                return FoundPicture(found, by_its_end=not as_said)
        return FoundPicture("")

    def by_stem(self, path: str, beside: Sequence[str]) -> list[str]:
        """Return the pictures that are called as a label file is.

        Args:
            path: The label file.
            beside: Folders where its picture may be, in small letters, the likelier ones first.
        """
        stem = PurePosixPath(path).stem
        named = self._stems.get(stem.casefold(), [])
        exact = [name for name in named if PurePosixPath(name).stem == stem]
        for folder in beside:
            for names in (exact, named):
                here = [name for name in names if _folder(name).lower() == folder]
                if here:
                    return here
        elsewhere = [name for name in exact if _may_be(name, _folder(path).split("/"))]
        return elsewhere if len(elsewhere) == 1 else []

    def _leads_here(self, dropped: Sequence[str]) -> bool:
        """Return whether folders that a path begins with are those of the source itself."""
        where = _parts(self._files.where)
        return not dropped or where[-len(dropped) :] == list(dropped)

    def _by(self, dropped: Sequence[str], parts: Sequence[str]) -> str:
        """Return the file whose path ends so; `""`: none, or several."""
        end = "/".join(parts)
        for base in self._bases:
            name = _joined(base, end)
            if name in self._names and _may_be(name, dropped):
                return name
        folded = end.casefold()
        named = [
            name
            for name in self._folded.get(parts[-1].casefold(), ())
            if f"/{name.casefold()}".endswith(f"/{folded}") and _may_be(name, dropped)
        ]
        if not named and "." not in parts[-1]:
            named = [
                name
                for name in self._stems.get(parts[-1].casefold(), ())
                if f"/{_without_ending(name).casefold()}".endswith(f"/{folded}")
                and _may_be(name, dropped)
            ]
        return self._one_of(named)

    def _one_of(self, names: Sequence[str]) -> str:
        for base in self._bases:
            here = [name for name in names if _folder(name) == base]
            if len(here) == 1:
                return here[0]
        return names[0] if len(names) == 1 else ""

    def _is_there(self, said: str) -> bool:
        """Return whether a name that is in no list, such as a hidden one, is there all the same."""
        try:
            return self._files.exists(said)
        except OSError:
            return False

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._names):
            found[name.rpartition("/")[2].casefold()].append(name)
        return dict(found)

    @cached_property
    def _stems(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._names):
            if name.lower().endswith(IMAGE_ENDINGS):
                found[PurePosixPath(name).stem.casefold()].append(name)
        return dict(found)


_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://[^/]*")
_LOCAL_FILE = re.compile(r"/data/local-files/?\?d=(.*)")
"""How Label Studio calls a file of its local storage."""
_SPLITS = ("train", "val", "test", "dev")


def _parts(said: str) -> list[str]:
    """Return the parts of a path, whichever system, tool or URL wrote it."""
    local = _LOCAL_FILE.search(said)
    if local:
        said = local[1]
    elif _URL.match(said):
        said = re.split("[?#]", _URL.sub("", said))[0]
    said = said.replace("\\", "/")
    if "%" in said:
        said = unquote(said)
    return [part for part in said.split("/") if part not in ("", ".", "..")]


def folders_of(name: str) -> Iterator[str]:
    """Yield the folders that a file is in, the outer ones first."""
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)


def _joined(base: str, name: str) -> str:
    return f"{base}/{name}" if base else name


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _without_ending(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()


def _may_be(name: str, dropped: Sequence[str]) -> bool:
    """Return whether a path of which a part is dropped may mean a file: `val` is no `train`."""
    said, found = _splits_in(dropped), _splits_in(_folder(name).split("/"))
    return not (said and found) or bool(said & found)


def _splits_in(folders: Iterable[str]) -> set[str]:
    return {split for one in folders for split in _SPLITS if one.casefold().startswith(split)}
