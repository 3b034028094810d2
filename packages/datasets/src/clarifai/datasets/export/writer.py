"""Writing Clarifai's layout: `<split>/inputs/<id>.<ending>`, `<split>/annotations/<id>.json`."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import json_format

from clarifai.datasets.export.naming import HEAD_BYTES, ending

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Self

LABELS = ("concepts", "regions", "frames", "time_segments")
"""Fields of an input's data that are labels, in the order in which they are written."""

COPY_BYTES = 1024 * 1024

_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member: the same export gives the same bytes."""


class Writer:
    """An archive that is being written, by one thread; a context manager.

    Args:
        path: The file; nothing must be there.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        # Media are packed already: packing them again would cost time and win nothing.
        self._archive = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)

    def add_medium(self, split: str, input_id: str, kind: str, content: bytes | Path) -> int:
        """Write the bytes of a piece of media, as they are, and return how many.

        Args:
            split: The folder.
            input_id: The name.
            kind: `"image"`, `"text"`, `"audio"` or `"video"`.
            content: The bytes, or a file that holds them and is deleted then.
        """
        if isinstance(content, Path):
            return self._add_file(split, input_id, kind, content)
        found = ending(kind, content[:HEAD_BYTES])
        self._archive.writestr(_member(f"{split}/inputs/{input_id}.{found}"), content)
        return len(content)

    def add_labels(self, split: str, input_id: str, data: resources_pb2.Data) -> bool:
        """Write the labels of an input as a JSON list, and return whether there are any.

        Args:
            split: The folder.
            input_id: The name.
            data: What the archive tells of the input.
        """
        labels = [
            json_format.MessageToDict(label) for field in LABELS for label in getattr(data, field)
        ]
        if labels:
            member = _member(f"{split}/annotations/{input_id}.json")
            self._archive.writestr(member, json.dumps(labels))
        return bool(labels)

    def _add_file(self, split: str, input_id: str, kind: str, path: Path) -> int:
        with path.open("rb") as source:
            head = source.read(HEAD_BYTES)
            source.seek(0)
            member = _member(f"{split}/inputs/{input_id}.{ending(kind, head)}")
            member.file_size = size = path.stat().st_size
            with self._archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, COPY_BYTES)
        path.unlink()
        return size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        with self._file:
            self._archive.close()
            if failure[0] is None:
                self._file.flush()
                os.fsync(self._file.fileno())


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = 0o644 << 16
    return info
