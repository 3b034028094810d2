"""What loaders of folders with splits share: how they are opened, and the ids of their files."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from clarifai_datasets.upload.loaders._checked import CheckedLoader
from clarifai_datasets.upload.loaders._files import FolderSource, open_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_datasets.upload.loaders._files import Files


class SplitFolderLoader(CheckedLoader):
    """Files in a folder, in a zip or behind a URL, of which one split may be read."""

    _files: Files

    def __init__(
        self,
        source: FolderSource,
        split: str = "",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, zip or URL, laid out as the class says.
            split: Only the items of this split; all by default.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                items with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._given, self._split = source, split
        self._allow_outside = allow_outside
        super().__init__(str(source), strict=strict)

    def _open(self) -> list[str]:
        """Open the source, and return the names of its files."""
        self._files = open_files(self._given, allow_outside=self._allow_outside)
        return self._names_in(self._files)

    def _media(self) -> Files | None:
        return self._files


def repeated_stems(names: Iterable[str]) -> set[str]:
    """Return the names, without folder and ending, that several files have: they are no ids.

    Example:
        >>> repeated_stems(["train/1.png", "val/1.png", "val/2.png"])
        {'1'}
    """
    counts = Counter(PurePosixPath(name).stem for name in names)
    return {stem for stem, count in counts.items() if count > 1}
