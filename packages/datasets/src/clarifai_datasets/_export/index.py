"""Which inputs are in a draft, and where: a line for each that is whole there.

    ["train", "cat-7", [["image", "draft", 4711, 10240, 3735928559]]]

Split, id, and of each piece of media its kind and location. Exporters need not hand media on as
they are (Parquet does not); those pieces lie in a file of their own.

To hand each input over to the system costs more than all else that is done with a small one. So
inputs go in groups, the draft first and then its lines: they never name what it does not hold. A
process that is killed loses the last group, which is fetched again.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_datasets._export.download import LARGE
from clarifai_datasets._export.own_folder import opened
from clarifai_datasets._export.target import chunks, taken, write_all

if TYPE_CHECKING:
    from typing_extensions import Self

    from clarifai_datasets._export.download import Fetched
    from clarifai_datasets._export.partial import ExportDraft
    from clarifai_datasets._export.target import FolderTarget, Location, ZipTarget


MAX_HELD_INPUTS = 32
MAX_HELD_BYTES = 1024 * 1024
"""So much of a draft at most is not the system's yet."""


@attrs.frozen
class Record:
    """An input that is in the draft."""

    key: tuple[str, str]
    """Split and id."""
    media: list[Any]
    start: int
    """Where its line begins."""


class Index:
    """The list of a draft, read first and then written on; a context manager.

    Args:
        draft: Whose list.
        target: What the draft is written by.
    """

    def __init__(self, draft: ExportDraft, target: ZipTarget | FolderTarget) -> None:
        self._target, self._scratch = target, draft.scratch
        self._index = opened(draft.index)
        self._media = opened(draft.media, buffering=0)
        self._lines: list[tuple[int, bytes]] = []
        """Where the target has to be written up to before a line may be, and the line."""
        self._number = 0
        self._position = 0
        self._reads = True

    def next(self) -> Record | None:
        """Return the next input that an earlier export wrote; None: there are no more."""
        if not self._reads:
            return None
        start = self._position
        line = self._index.readline()
        with suppress(ValueError, TypeError):
            split, input_id, media = json.loads(line if line.endswith(b"\n") else b"")
            self._position += len(line)
            return Record((split, input_id), media, start)
        self.cut(start)
        return None

    def read(self, record: Record) -> Fetched | None:
        """Return the media of an input as they were fetched; None: they are damaged."""
        found: Fetched = []
        try:
            for kind, place, *location in record.media:
                content = self._content(place, location, self._path() if kind in LARGE else None)
                if content is None:
                    return None
                found.append((kind, content))
        except (ValueError, TypeError):
            return None
        return found

    def cut(self, start: int) -> None:
        """Forget all from here on: what follows is written anew."""
        self._reads = False
        self._index.truncate(start)
        self._index.seek(start)

    def go_on(self) -> None:
        """Forget what the target holds besides: what follows is new."""
        self._target.go_on()

    def keep(self, split: str, input_id: str, media: Fetched) -> None:
        """Note that an input is whole in the target."""
        places = [self._again(content) or self._put_aside(content) for _, content in media]
        if None in places:
            # An exporter took it and left nothing to find again: from here on a second export
            # differs.
            self._target.keep()
            return
        pairs = zip(media, places, strict=True)
        self._note(split, input_id, [[kind, *(place or ())] for (kind, _), place in pairs])

    def keep_again(self, record: Record, media: Fetched) -> None:
        """Note that an input of an earlier export is in the target again."""
        found = [
            [kind, *(self._again(content) or old[1:])]
            for old, (kind, content) in zip(record.media, media, strict=True)
        ]
        self._target.keep()
        if self._target.differs or found != record.media:
            self.cut(record.start)
            self._note(*record.key, found)

    def undo(self) -> None:
        """Forget what was added to the target of an input that it cannot hold."""
        self._target.undo()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """Hand over what is whole, whatever ended it, and close the files."""
        try:
            self._hand_over()
        finally:
            self._index.close()
            self._media.close()

    def _note(self, split: str, input_id: str, found: list[Any]) -> None:
        self._target.keep()
        line = json.dumps([split, input_id, found]).encode() + b"\n"
        self._lines.append((self._target.end, line))
        if len(self._lines) >= MAX_HELD_INPUTS or self._target.held_bytes >= MAX_HELD_BYTES:
            self._hand_over()

    def _hand_over(self) -> None:
        try:
            self._target.hand_over()
        finally:  # where the disk is full, what came before that is whole
            written = self._target.written
            lines = [line for end, line in self._lines if end <= written]
            self._lines = self._lines[len(lines) :]
            self._index.write(b"".join(lines))
            self._index.flush()

    def _again(self, content: bytes | Path) -> list[Any] | None:
        location = self._target.location(content)
        return None if location is None else ["draft", *location]

    def _put_aside(self, content: bytes | Path) -> list[Any] | None:
        """Keep a piece of media that the exporter did not hand on; None: it is gone."""
        if isinstance(content, Path) and not content.exists():
            return None
        start, size, crc = self._media.seek(0, os.SEEK_END), 0, 0
        for chunk in (content,) if isinstance(content, bytes) else chunks(content):
            write_all(self._media, chunk)
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        return ["media", start, size, crc]

    def _content(self, place: str, location: Location, path: Path | None) -> bytes | Path | None:
        if place == "draft":
            return self._target.content(location, path)
        offset, size, crc = location
        self._media.seek(offset)
        return taken(self._media, size, crc, path)

    def _path(self) -> Path:
        self._number += 1
        return self._scratch / f"kept-{self._number}"
