"""COCO: `images/<split>`, and `instances_` and `captions_<split>.json` in `annotations`."""

from __future__ import annotations

import json
import shutil
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from clarifai_core.contracts import Written
from clarifai_datasets._export.formats.labels import Labels, labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further, the_image
from clarifai_inputs import boxes, polygons
from clarifai_inputs.class_names import ClassNumbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget
    from clarifai_inputs.image_size import Size

EXTENSION = "clarifai"
"""Key of an image for what COCO has no place for: id, metadata, geo; other readers pass over it."""


class CocoExporter:
    """Images with boxes and polygons; concepts of whole images are their captions."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._splits: dict[str, _Split] = {}
        self._names = SplitNames()

    def add(self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]) -> Written:
        """Write one input."""
        content, size = the_image("coco", media)
        labels = labels_of(message.data)
        lost = further(media, labels.lost("concepts", "boxes", "polygons", "metadata", "geo"))
        folder, stem = self._names.of(split, message.id)
        (name,), written = add_media(self._target, f"images/{folder}/{stem}", [("image", content)])
        if split not in self._splits:
            self._splits[split] = _Split(self._target.scratch, folder)
        self._splits[split].add(message.id, name.rpartition("/")[2], size, labels)
        count = len(labels.concepts) + len(labels.boxes) + len(labels.polygons)
        return Written(written, count, lost)

    def finish(self) -> None:
        """Write the lists."""
        for split in self._splits.values():
            split.finish(self._target)


class _Split:
    """The lists of one split while they grow, on disk."""

    def __init__(self, scratch: Path, name: str) -> None:
        self._name, self._scratch = name, scratch
        self._images = _List(scratch / f"{name}-images")
        self._annotations = _List(scratch / f"{name}-annotations")
        self._captions = _List(scratch / f"{name}-captions")
        self._categories = ClassNumbers(first=1)

    def add(self, input_id: str, file_name: str, size: Size, labels: Labels) -> None:
        number = self._images.count + 1
        kept = {"id": input_id, "metadata": labels.metadata, "geo": labels.geo}
        image = {"id": number, "file_name": file_name, "width": size[0], "height": size[1]}
        extension = {key: value for key, value in kept.items() if value is not None}
        self._images.add({**image, EXTENSION: extension})
        for one in labels.boxes:
            box = boxes.to_coco(one.box, size)
            self._add_annotation(number, one.label, [], box, box[2] * box[3])
        for ring in labels.polygons:
            points = polygons.to_coco(ring.polygon, size)
            box = boxes.to_coco(boxes.around(ring.polygon), size)
            flat = [list(chain.from_iterable(points))]
            self._add_annotation(number, ring.label, flat, box, polygons.area(points))
        for caption in labels.concepts:
            self._captions.add(
                {"id": self._captions.count + 1, "image_id": number, "caption": caption}
            )

    def _add_annotation(
        self,
        image: int,
        label: str,
        segmentation: list[list[float]],
        box: list[float],
        area: float,
    ) -> None:
        category = self._categories.of(label)
        self._annotations.add(
            {
                "id": self._annotations.count + 1,
                "image_id": image,
                "category_id": category,
                "segmentation": segmentation,
                "bbox": box,
                "area": round(area, boxes.DECIMALS),
                "iscrowd": 0,
            }
        )

    def finish(self, target: ExportTarget) -> None:
        categories = [
            {"id": number, "name": name, "supercategory": ""}
            for number, name in self._categories.names.items()
        ]
        self._write(target, "instances", self._annotations, categories)
        if self._captions.count:
            self._write(target, "captions", self._captions, None)
        for one in (self._images, self._annotations, self._captions):
            one.delete()

    def _write(self, target: ExportTarget, kind: str, entries: _List, categories: Any) -> None:
        name = f"{kind}_{self._name}.json"
        path = self._scratch / name
        with path.open("wb") as file:
            file.write(b'{"info": {"description": "Exported from Clarifai"}, "licenses": [],')
            if categories is not None:
                file.write(b'\n"categories": ' + json.dumps(categories).encode() + b",")
            self._images.copy(file, "images")
            file.write(b",")
            entries.copy(file, "annotations")
            file.write(b"}\n")
        target.add(f"annotations/{name}", path)


class _List:
    """A list of JSON objects that grows in a file."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._file = path.open("wb")

    def add(self, value: dict[str, Any]) -> None:
        self._file.write((b",\n" if self.count else b"\n") + json.dumps(value).encode())
        self.count += 1

    def copy(self, target: BinaryIO, key: str) -> None:
        self._file.flush()
        target.write(f'\n"{key}": ['.encode())
        with self._path.open("rb") as source:
            shutil.copyfileobj(source, target)
        target.write(b"]")

    def delete(self) -> None:
        self._file.close()
        self._path.unlink()
