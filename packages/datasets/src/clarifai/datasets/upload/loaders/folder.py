"""A folder of files, or of sub-folders that are named like the labels."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import attrs

from clarifai.core.errors import UserError
from clarifai.datasets.upload.base import ClarifaiDataLoader
from clarifai.datasets.upload.features import MediaFeatures, VisualClassificationFeatures
from clarifai.datasets.upload.loader import describe
from clarifai.datasets.upload.loaders.checked import FaultList
from clarifai.datasets.upload.media import ENDINGS, is_image

_TASKS = {"text": "text_classification", "image": "visual_classification"}


@attrs.frozen
class _File:
    path: str
    name: str
    id: str
    label: str


class FolderLoader(ClarifaiDataLoader):
    """Files of a folder and of its sub-folders, in the order of their names.

    The label of a file is the name of the folder it lies in. Ids come from the file names: up to
    the first dot, after the name of the sub-folder if there is one (`cat/1.png` -> `cat-1`); files
    that would get the same id have their ending in it, too (`a.png`, `a.jpg` -> `a-png`, `a-jpg`).
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        input_type: str = "image",
        labels: bool = True,
        *,
        strict: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The folder.
            input_type: `"image"`, `"text"`, `"video"` or `"audio"`; other files are left alone.
            labels: Whether the name of the folder is the label.
            strict: Whether to look at all files first and raise all faults in one error; otherwise
                files with faults are reported as failed.

        Raises:
            UserError: There is no such input type.
        """
        if input_type not in ENDINGS:
            raise UserError(f"input_type must be one of {', '.join(ENDINGS)}, got {input_type!r}.")
        self._folder = Path(source)
        self._input_type = input_type
        self._with_labels = labels
        self._strict = strict
        self._files: list[_File] = []

    @property
    def task(self) -> str:
        """What the items are."""
        return _TASKS.get(self._input_type, "media_classification")

    def load_data(self) -> None:
        """Find the files.

        Raises:
            UserError: The folder is missing, is a file, or holds no such files; or, with `strict`,
                faulty ones.
        """
        folder = self._folder
        if not folder.is_dir():
            why = "is a file, not a folder" if folder.exists() else "does not exist"
            raise UserError(f"folder_path {str(folder)!r} {why}.")
        try:
            found = list(self._find())
        except OSError as error:
            raise UserError(f"folder_path {str(folder)!r}: {describe(error)}.") from error
        if not found:
            endings = " ".join(ENDINGS[self._input_type])
            raise UserError(
                f"folder_path {str(folder)!r} holds no {self._input_type} files ({endings}), "
                "nor do its sub-folders."
            )
        counts = Counter(short for _, _, short, _, _ in found)
        self._files = [
            _File(path, name, short if counts[short] == 1 else long, label)
            for path, name, short, long, label in found
        ]
        if self._strict:
            self._check_all()

    def _check_all(self) -> None:
        faults = FaultList()
        for file in self._files:
            if fault := _fault(file.path, self._input_type):
                faults.add(f"{file.path}: {fault}")
        faults.raise_for(str(self._folder))

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Any:
        """Return the features of one file; its content is read when it is sent."""
        file = self._files[index]
        labels: list[str | int] = [file.label] if self._with_labels else []
        if self._input_type == "image":
            return VisualClassificationFeatures(file.path, labels, id=file.id)
        return MediaFeatures(self._input_type, labels, path=file.path, id=file.id)

    def _find(self) -> list[tuple[str, str, str, str, str]]:
        """Return (path, name, id, longer id, label) of each file."""
        label = self._folder.resolve().name
        found = self._files_in(self._folder, "", label)
        folders = sorted(e.name for e in os.scandir(self._folder) if e.is_dir())
        for name in folders:
            if not name.startswith("."):
                found += self._files_in(self._folder / name, f"{name}-", name)
        return found

    def _files_in(
        self, folder: Path, prefix: str, label: str
    ) -> list[tuple[str, str, str, str, str]]:
        endings = ENDINGS[self._input_type]
        with os.scandir(folder) as entries:
            names = sorted(
                e.name
                for e in entries
                if not e.name.startswith(".") and e.name.lower().endswith(endings) and e.is_file()
            )
        return [
            (
                str(folder / name),
                name,
                prefix + name.partition(".")[0],
                prefix + name.replace(".", "-"),
                label,
            )
            for name in names
        ]


def _fault(path: str, input_type: str) -> str:
    """Return what is wrong with a file, by its first bytes."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(64)
    except OSError as error:
        return describe(error)
    if not head:
        return "the file is empty"
    if input_type == "image" and not is_image(head):
        return "no image that the platform can read"
    return ""
