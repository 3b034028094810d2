"""Media in an export: original bytes, with the ending that they tell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_inputs.file_names import FileNames
from clarifai_inputs.image_size import Size, upright_size_of
from clarifai_inputs.media import ending
from clarifai_inputs.signatures import SIGNATURE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_core.contracts import ExportTarget


class SplitNames:
    """Names of splits and of the inputs in them, as folders and files: see `FileNames`."""

    def __init__(self) -> None:
        self._names = FileNames()
        self._splits: dict[str, str] = {}

    def split(self, split: str) -> str:
        """Return the name of a split."""
        if split not in self._splits:
            self._splits[split] = self._names.of(split)
        return self._splits[split]

    def of(self, split: str, input_id: str) -> tuple[str, str]:
        """Return the name of a split, and one of an input in it; ask once for each input."""
        folder = self.split(split)
        return folder, self._names.of(input_id, f"{folder}/")


def file_name(stem: str, kind: str, content: bytes | Path) -> str:
    """Return the name of a piece of media: `stem` and its ending."""
    return f"{stem}.{ending(kind, _head(content, SIGNATURE_BYTES))}"


def add_media(
    target: ExportTarget, stem: str, media: Sequence[tuple[str, bytes | Path]]
) -> tuple[list[str], int]:
    """Write pieces of media, and return their names and their size.

    Args:
        target: Where.
        stem: Their name without ending.
        media: Kind and content of each.
    """
    names, size = [], 0
    for kind, content in media:
        name = file_name(stem, kind, content)
        size += target.add(name, content)
        names.append(name)
    return names, size


def the_image(
    format_name: str, media: Sequence[tuple[str, bytes | Path]]
) -> tuple[bytes | Path, Size]:
    """Return the image of an input, with width and height as it is seen.

    Raises:
        ValueError: It has none, or one whose size cannot be read.
    """
    for kind, content in media:
        if kind == "image":
            size = _upright_size(content)
            if size is None:
                raise ValueError("width and height of the image cannot be read")
            return content, size
    kinds = ", ".join(kind for kind, _ in media)
    raise ValueError(f"the format {format_name} holds images only, and this is {kinds}")


def further(media: Sequence[tuple[str, bytes | Path]], lost: dict[str, int]) -> dict[str, int]:
    """Return what a format loses, with the pieces of media behind the one that it takes."""
    return {**lost, "further media": len(media) - 1} if len(media) > 1 else lost


def _upright_size(content: bytes | Path) -> Size | None:
    if isinstance(content, Path):
        with content.open("rb") as file:
            return upright_size_of(file)
    return upright_size_of(content)


def _head(content: bytes | Path, size: int) -> bytes:
    if isinstance(content, Path):
        with content.open("rb") as file:
            return file.read(size)
    return content[:size]
