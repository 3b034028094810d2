"""A folder of files, or of sub-folders that are named like the labels."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import Features, MediaFeatures, VisualClassificationFeatures
from clarifai_datasets.upload.loader import NoItems
from clarifai_datasets.upload.loaders.checked import CheckedLoader
from clarifai_datasets.upload.loaders.files import Files, Source, open_files
from clarifai_inputs.identity import checksum, stem_of
from clarifai_inputs.media import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TASKS = {"text": "text_classification", "image": "visual_classification"}


class FolderLoader(CheckedLoader):
    """Files of a folder and of its sub-folders, in the order of their names.

    The label of a file is the name of the folder it lies in. Ids come from the file names: up to
    the first dot, after the name of the sub-folder if there is one (`cat/1.png` -> `cat-1`); files
    that would get the same id have their ending in it, too (`a.png`, `a.jpg` -> `a-png`, `a-jpg`),
    and if that is not enough (`cat/1.png`, `cat-1.png`), a checksum of their place.
    """

    def __init__(
        self,
        source: Source,
        input_type: str = "image",
        labels: bool = True,
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The folder; or a zip or a URL of one.
            input_type: `"image"`, `"text"`, `"video"` or `"audio"`; other files are left alone.
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
        endings = ENDINGS[self._input_type]
        there = self._names_in(self._files)
        names = [name for name in there if name.lower().endswith(endings)]
        self._names = sorted((name for name in names if name.count("/") < 2), key=_place)
        if not self._names and not self._refused:
            raise (UserError if there else NoItems)(
                f"folder_path {self._source!r} holds no {self._input_type} files "
                f"({' '.join(endings)}), nor do its sub-folders."
            )
        self._labels = {"": _root_name(self._source)}
        self._ids = [self._claim(index, own) for index, own in enumerate(_ids(self._names))]

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
            folder = _place(name)[0]
            labels.append(self._labels.get(folder, folder))
        path, own = self._files.path(name), self._ids[index]
        if self._input_type == "image":
            return VisualClassificationFeatures(path, labels, id=own, image_bytes=content)
        return MediaFeatures(self._input_type, labels, path=path, id=own, content=content)


def _place(name: str) -> tuple[str, str]:
    """Files of the folder itself come first."""
    folder, _, file = name.rpartition("/")
    return folder, file


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
    return f"{folder}-{stem_of(file)}" if folder else stem_of(file)


def _long(name: str) -> str:
    folder, file = _place(name)
    file = file.replace(".", "-")
    return f"{folder}-{file}" if folder else file


def _root_name(source: str) -> str:
    """Return the name of the folder, or what a zip or a URL is called."""
    if Path(source).is_dir():
        return Path(os.path.realpath(source)).name
    return PurePosixPath(source.partition("::")[0].rstrip("/")).stem
