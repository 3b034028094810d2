"""COCO: `images/<split>`, and `instances_` and `captions_<split>.json` in `annotations`.

All files of an export have one list of categories, and no number of an image or annotation is there
twice, so that tools may put them together. What number a category has is known at the end.
"""

from __future__ import annotations

import json
from itertools import chain, count
from typing import TYPE_CHECKING, Any, BinaryIO

from clarifai_core.contracts import WriteResult
from clarifai_datasets._export.formats.labels import InputLabels, labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further, the_image
from clarifai_inputs import boxes, polygons
from clarifai_inputs.class_names import sorted_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget
    from clarifai_inputs.image_size import Size

EXTENSION = "clarifai"
"""Key of an image for what COCO has no place for: id, metadata, geo; other readers pass over it."""


class CocoExporter:
    """Images with boxes and polygons; concepts of whole images are their captions."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._splits: dict[str, _CocoSplit] = {}
        self._names = SplitNames()
        self._numbers = _Numbers()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        content, size = the_image("coco", media)
        labels = labels_of(message.data)
        lost = further(media, labels.lost("concepts", "boxes", "polygons", "metadata", "geo"))
        folder, stem = self._names.of(split, message.id)
        (name,), written = add_media(self._target, f"images/{folder}/{stem}", [("image", content)])
        if split not in self._splits:
            self._splits[split] = _CocoSplit(self._target.scratch, folder, self._numbers)
        self._splits[split].add(message.id, name.rpartition("/")[2], size, labels)
        labelled = len(labels.concepts) + len(labels.boxes) + len(labels.polygons)
        return WriteResult(written, labelled, lost)

    def finish(self) -> None:
        """Write the lists."""
        for split in self._splits.values():
            split.finish(self._target)


class _Numbers:
    """Numbers of images and annotations, and names of categories, for all files of an export."""

    def __init__(self) -> None:
        self.images, self.annotations = count(1), count(1)
        self._met: dict[str, int] = {}

    def category(self, name: str) -> int:
        """Return the number that stands for a category until all of them are known."""
        return self._met.setdefault(name, len(self._met))

    @property
    def categories(self) -> dict[str, int]:
        """Return the number that each category has in the end."""
        return sorted_numbers(self._met, first=1)

    def final(self) -> list[int]:
        """Return the number in the end for each that `category` returned."""
        categories = self.categories
        return [categories[name] for name in self._met]


class _CocoSplit:
    """The lists of one split while they grow, on disk."""

    def __init__(self, scratch: Path, name: str, numbers: _Numbers) -> None:
        self._name, self._scratch, self._numbers = name, scratch, numbers
        self._images = _List(scratch / f"{name}-images")
        self._annotations = _List(scratch / f"{name}-annotations")
        self._captions = _List(scratch / f"{name}-captions")

    def add(self, input_id: str, file_name: str, size: Size, labels: InputLabels) -> None:
        number = next(self._numbers.images)
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
                {"id": next(self._numbers.annotations), "image_id": number, "caption": caption}
            )

    def _add_annotation(
        self,
        image: int,
        label: str,
        segmentation: list[list[float]],
        box: list[float],
        area: float,
    ) -> None:
        self._annotations.add(
            {
                "id": next(self._numbers.annotations),
                "image_id": image,
                "segmentation": segmentation,
                "bbox": box,
                "area": round(area, boxes.DECIMALS),
                "iscrowd": 0,
                "category_id": self._numbers.category(label),  # the last one: see `_categorised`
            }
        )

    def finish(self, target: ExportTarget) -> None:
        categories = [
            {"id": number, "name": name, "supercategory": ""}
            for name, number in self._numbers.categories.items()
        ]
        annotations = _categorised(self._annotations.lines(), self._numbers.final())
        self._write(target, "instances", annotations, categories)
        if self._captions.count:
            self._write(target, "captions", self._captions.lines(), None)
        for one in (self._images, self._annotations, self._captions):
            one.delete()

    def _write(
        self, target: ExportTarget, kind: str, annotations: Iterator[bytes], categories: Any
    ) -> None:
        name = f"{kind}_{self._name}.json"
        path = self._scratch / name
        with path.open("wb") as file:
            file.write(b'{"info": {"description": "Exported from Clarifai"}, "licenses": [],')
            if categories is not None:
                file.write(b'\n"categories": ' + json.dumps(categories).encode() + b",")
            _write_list(file, "images", self._images.lines())
            file.write(b",")
            _write_list(file, "annotations", annotations)
            file.write(b"}\n")
        target.add(f"annotations/{name}", path)


def _categorised(lines: Iterator[bytes], final: list[int]) -> Iterator[bytes]:
    """Put the numbers that categories have in the end at the ends of annotations."""
    for line in lines:
        before, _, number = line[:-1].rpartition(b" ")
        yield b"%s %d}" % (before, final[int(number)])


def _write_list(file: BinaryIO, key: str, lines: Iterator[bytes]) -> None:
    file.write(f'\n"{key}": ['.encode())
    for number, line in enumerate(lines):
        file.write((b",\n" if number else b"\n") + line)
    file.write(b"]")


class _List:
    """JSON objects, a line for each, in a file that grows."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._path = path
        self._file = path.open("wb")

    def add(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value).encode() + b"\n")
        self.count += 1

    def lines(self) -> Iterator[bytes]:
        self._file.flush()
        with self._path.open("rb") as source:
            for line in source:
                yield line[:-1]

    def delete(self) -> None:
        self._file.close()
        self._path.unlink()
