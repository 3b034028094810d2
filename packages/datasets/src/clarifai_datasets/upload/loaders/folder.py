"""A folder of files, or of sub-folders that are named like the labels."""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from clarifai_core.errors import UserError
from clarifai_datasets.upload._broken import NoItems
from clarifai_datasets.upload.features import Features, MediaFeatures, VisualClassificationFeatures
from clarifai_datasets.upload.loaders._checked import CheckedLoader
from clarifai_datasets.upload.loaders._files import Files, FolderSource, open_files, within
from clarifai_datasets.upload.loaders._paths import is_absolute
from clarifai_inputs.identity import checksum, stem_of
from clarifai_inputs.media import ENDINGS, why_not_taken

if TYPE_CHECKING:
    from collections.abc import Iterator

SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
"""Names of folders of splits, in small letters."""

DEEPER = "left alone, in folders within those that give labels"

_TASKS = {"text": "text_classification", "image": "visual_classification"}


class FolderLoader(CheckedLoader):
    """Files of a folder and of its sub-folders, in the order of their names.

    The label of a file is the name of the folder it lies in. A folder around all others is gone
    into (`pets/cat/1.png` and no more than `pets`), and so are those of splits, as ImageNet has
    them (`train/cat/1.png`, `val/cat/2.png`); what lies deeper is left alone, and `remarks` says
    so, as it does of files of other kinds. Ids come from the file names: up to
    the first dot, after the name of the sub-folder if there is one (`cat/1.png` -> `cat-1`); files
    that would get the same id have their ending in it, too (`a.png`, `a.jpg` -> `a-png`, `a-jpg`),
    and if that is not enough (`cat/1.png`, `cat-1.png`), a checksum of their place.
    """

    def __init__(
        self,
        source: FolderSource,
        input_type: str = "image",
        labels: bool = True,
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The folder; or a zip or a URL of one.
            input_type: `"image"`, `"text"`, `"video"` or `"audio"`; other files are left alone,
                and counted in `remarks`.
            labels: Whether the name of the folder is the label.
            strict: Whether to look at all files first and raise all faults in one error; otherwise
                files with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.

        Raises:
            UserError: There is no such input type.
        """
        if input_type not in ENDINGS:
            raise UserError(f"input_type must be one of {', '.join(ENDINGS)}, got {input_type!r}.")
        self._given = source
        self._input_type, self._with_labels = input_type, labels
        self._allow_outside = allow_outside
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return _TASKS.get(self._input_type, "media_classification")

    def _find(self) -> None:
        self._files = open_files(self._given, "folder_path", allow_outside=self._allow_outside)
        taken = self._taken()
        top = _around(taken)
        if top:
            self._files = within(self._files, top)
            taken = [name[len(top) + 1 :] for name in taken]
        splits = _are_splits(taken)
        self._names = sorted((name for name in taken if _is_near(name, splits)), key=_place)
        deeper = set(taken).difference(self._names)
        self.remarks.add_all(DEEPER, sorted(f"{top}/{name}" if top else name for name in deeper))
        if not self._names and not self._refused:
            self._raise_for_none()
        self._root_label = PurePosixPath(top).name or _root_name(self._source)
        self._ids = [self._claim(index, own) for index, own in enumerate(_ids(self._names))]

    def _taken(self) -> list[str]:
        """Return the names of files of this kind, and remark on the others."""
        endings, taken = ENDINGS[self._input_type], []
        names = self._names_in(self._files)
        self._holds_files = bool(names)
        for name in names:
            if name.lower().endswith(endings):
                taken.append(name)
            else:
                self.remarks.add(why_not_taken(self._input_type, name), name)
        return taken

    def _raise_for_none(self) -> None:
        """Raise the error of a folder without files of this kind, or without any files at all."""
        told = "".join(f"; {line}" for line in self.remarks.lines())
        raise (UserError if self._holds_files else NoItems)(
            f"folder_path {self._source!r} holds no {self._input_type} files "
            f"({' '.join(ENDINGS[self._input_type])}), nor do its sub-folders{told}."
        )

    def _count(self) -> int:
        return len(self._names)

    def _media(self) -> Files | None:
        return self._files

    def _read(self, index: int) -> Features:
        """Return the features of one file; the content of a local one is read when it is sent."""
        name = self._names[index]
        is_read = not self._files.is_local and not self._checking
        if is_read or self._checking:
            self._check_file(self._files, name, self._input_type)
        content = self._files.read(name) if is_read else None
        labels: list[str | int] = []
        if self._with_labels:
            labels.append(_label(name) or self._root_label)
        path, own = self._files.path(name), self._ids[index]
        if self._input_type == "image":
            return VisualClassificationFeatures(path, labels, id=own, image_bytes=content)
        return MediaFeatures(self._input_type, labels, path=path, id=own, content=content)


def _around(names: list[str]) -> str:
    """Return the folders, each within the one before, around all files; `""`: there are none.

    The last folder above the files is their label.

    Example:
        >>> _around(["pets/cat/1.png", "pets/dog/2.png"]), _around(["pets/1.png"])
        ('pets', '')
    """
    if not names:
        return ""
    first, last = min(names).split("/"), max(names).split("/")
    depth = min(name.count("/") for name in names) - 1
    shared = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "/".join(part for part, _ in itertools.islice(shared, max(0, depth)))


def _are_splits(names: list[str]) -> bool:
    """Return whether the folders are those of splits, each with folders of labels in it."""
    return bool(names) and all(
        name.count("/") >= 2 and name.partition("/")[0].lower() in SPLITS for name in names
    )


def _is_near(name: str, splits: bool) -> bool:
    """Return whether a file lies no deeper than its label; one that leads out fails by itself."""
    path = _slashed(name)
    return path.count("/") < 2 + splits or path.startswith("../") or is_absolute(name)


def _slashed(name: str) -> str:
    """Return a name with folders where bad unpackers of Windows' zips leave backslashes."""
    return name.replace("\\", "/") if "\\" in name else name


def _place(name: str) -> tuple[str, str]:
    """Files of the folder itself come first."""
    folder, _, file = _slashed(name).rpartition("/")
    return folder, file


def _label(name: str) -> str:
    """Return the name of the folder, its letters put together, which a Mac takes apart."""
    return unicodedata.normalize("NFC", _place(name)[0].rpartition("/")[2])


def _ids(names: list[str]) -> Iterator[str]:
    """Yield an id for each file that no other has."""
    short = Counter(map(_short, names))
    long = Counter(_long(name) for name in names if short[_short(name)] > 1)
    for name in names:
        own = _short(name)
        if short[own] > 1:
            own = _long(name)
            if long[own] > 1 or own in short:
                own = f"{own}-{checksum(name)}"
        yield own


def _short(name: str) -> str:
    folder, file = _place(name)
    return _in_folder(folder, stem_of(file))


def _long(name: str) -> str:
    folder, file = _place(name)
    return _in_folder(folder, file.replace(".", "-"))


def _in_folder(folder: str, own: str) -> str:
    return f"{folder.replace('/', '-')}-{own}" if folder else own


def _root_name(source: str) -> str:
    """Return the name of the folder, or what a zip or a URL is called."""
    if Path(source).is_dir():
        return Path(os.path.realpath(source)).name
    return PurePosixPath(source.partition("::")[0].rstrip("/")).stem
