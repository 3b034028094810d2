"""Pascal VOC: `JPEGImages`, `Annotations` with one XML file for each image, `ImageSets/Main`.

`labelmap.txt` lists the labels, a line for each, as CVAT and Datumaro write it: without it they
take the twenty of the contest for all that there are.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import WriteResult
from clarifai_datasets._export.formats.labels import labels_of
from clarifai_datasets._export.formats.media import SplitNames, file_name, further, the_image
from clarifai_inputs import boxes
from clarifai_inputs.file_names import FileNames

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget
    from clarifai_datasets._export.formats.labels import LabelledBox
    from clarifai_inputs.image_size import Size

FOLDER = "JPEGImages"
"""Where the images of every split are."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NOT_LISTED = re.compile(r"^[#\s]|[:\r\n]|\s$")
"""What a line of `labelmap.txt` cannot say."""


class VocExporter:
    """Images with boxes in whole pixels; 1 is the first one, and both corners belong to the box."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._splits: dict[str, list[str]] = {}
        self._written: dict[str, tuple[str, bytes]] = {}
        """Id -> name, and what tells that a split has the same picture again."""
        self._labels: set[str] = set()
        self._names, self._sets = FileNames(), SplitNames()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        content, size = the_image("voc", media)
        labels = labels_of(message.data)
        if any(_NO_XML.search(one.label) for one in labels.boxes):
            raise ValueError("a label has characters that XML has not")
        known, before = self._written.get(message.id, ("", b""))
        stem = known or self._names.of(message.id)
        name = file_name(stem, "image", content)
        xml = _xml(name, size, labels.boxes)
        digest = hashlib.sha256(xml + _bytes(content)).digest()
        written = 0
        if not known:
            written = self._target.add(f"{FOLDER}/{name}", content)
            self._target.add(f"Annotations/{stem}.xml", xml)
            self._written[message.id] = (stem, digest)
        elif before != digest:
            raise ValueError("another split has another input with this id, and voc has one folder")
        self._splits.setdefault(self._sets.split(split), []).append(stem)
        self._labels.update(one.label for one in labels.boxes)
        return WriteResult(written, len(labels.boxes), further(media, labels.lost("boxes")))

    def finish(self) -> None:
        """Write the lists of splits and labels."""
        for split, ids in self._splits.items():
            lines = "".join(f"{one}\n" for one in ids)
            self._target.add(f"ImageSets/Main/{split}.txt", lines.encode())
        listed = [one for one in sorted(self._labels) if not _NOT_LISTED.search(one)]
        rows = "".join(f"{one}:::\n" for one in listed)
        self._target.add("labelmap.txt", f"# label:color_rgb:parts:actions\n{rows}".encode())


def _bytes(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _xml(file_name: str, size: Size, labelled: list[LabelledBox]) -> bytes:
    root = ET.Element("annotation")
    _add(root, folder=FOLDER, filename=file_name)
    _add(ET.SubElement(root, "size"), width=size[0], height=size[1], depth=3)
    _add(root, segmented=0)
    for found in labelled:
        one = ET.SubElement(root, "object")
        _add(one, name=found.label, pose="Unspecified", truncated=0, difficult=0)
        x_min, y_min, x_max, y_max = boxes.to_voc(found.box, size)
        _add(ET.SubElement(one, "bndbox"), xmin=x_min, ymin=y_min, xmax=x_max, ymax=y_max)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = str(value)
