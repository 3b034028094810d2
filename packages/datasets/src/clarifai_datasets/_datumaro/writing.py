"""An exporter for each format that Datumaro writes.

Items are collected until the end, their pictures on disk: Datumaro writes a data set as a whole.
What it wrote is read back and counted, as it leaves out what a format has no place for in silence.
"""

from __future__ import annotations

import functools
import shutil
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import WriteResult
from clarifai_core.errors import UserError
from clarifai_datasets._datumaro.library import UNSAFE, check_known, part, warnings_of_library
from clarifai_datasets._export.formats.labels import labels_of
from clarifai_datasets._export.formats.media import SplitNames, file_name, further, the_image
from clarifai_datasets.upload.loaders._checked import words_of
from clarifai_inputs import boxes, points, polygons
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_core.contracts import ExportTarget
    from clarifai_datasets._export.formats.labels import InputLabels
    from clarifai_inputs.image_size import Size

CAPTIONS = ("coco_captions",)
"""Formats that have captions in place of labels of whole pictures."""

DECIMALS = 6

_READERS = {"mot_seq_gt": "mot_seq", "mots_png": "mots", "yolo_ultralytics": "yolo"}
"""Format -> the one by which it is read, where that is called otherwise."""

_PLURALS = {
    "label": "labels",
    "caption": "captions",
    "bbox": "boxes",
    "polygon": "polygons",
    "points": "points",
    "mask": "masks",
}


class DatumaroExporter:
    """Pictures with labels, boxes, polygons, points and metadata, in a format of Datumaro.

    Attributes:
        remarks: What the format did not keep, once all is written.
    """

    def __init__(self, target: ExportTarget, datumaro_format: str) -> None:
        check_known("exporters", datumaro_format)
        self._target, self._format = target, datumaro_format
        self._names = SplitNames()
        self._labels: dict[str, int] = {}
        self._items: list[Any] = []
        self._folder = target.scratch / "datumaro-in"
        self._folder.mkdir()
        self.remarks = Remarks()

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Take one input."""
        content, size = the_image(f"datumaro:{self._format}", media)
        labels = labels_of(message.data)
        folder, stem = self._names.of(split, message.id)
        path = self._folder / folder / file_name(stem, "image", content)
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_bytes(content)
        annotations = self._annotations(labels, size)
        image = part("components.media").Image.from_file(path=str(path), size=(size[1], size[0]))
        item = part("components.dataset_base").DatasetItem
        self._items.append(
            item(
                id=stem,
                subset=folder,
                media=image,
                annotations=annotations,
                attributes=dict(labels.metadata or {}),
            )
        )
        held = ("concepts", "boxes", "polygons", "points", "metadata")
        lost = further(media, labels.lost(*held))
        return WriteResult(path.stat().st_size, len(annotations), lost)

    def finish(self) -> None:
        """Let Datumaro write, and take over what it wrote."""
        made = part("components.dataset").Dataset.from_iterable(
            self._items, categories=list(self._labels)
        )
        out = self._target.scratch / "datumaro-out"
        try:
            with warnings_of_library(self.remarks):
                made.export(str(out), self._format, save_media=True)
        except Exception as error:
            # why: each of its formats raises what it likes
            raise UserError(
                f"Datumaro cannot write this as {self._format!r}: {words_of(error)}."
            ) from error
        self._compare(out)
        for path in sorted(out.rglob("*")):
            if path.is_file():
                self._target.add(path.relative_to(out).as_posix(), path)
        shutil.rmtree(self._folder)

    def _annotations(self, labels: InputLabels, size: Size) -> list[Any]:
        kinds = part("components.annotation")
        found: list[Any] = []
        for concept in labels.concepts:
            if self._format in CAPTIONS:
                found.append(kinds.Caption(concept))
            else:
                found.append(kinds.Label(self._number(concept)))
        for box in labels.boxes:
            edges = boxes.to_coco(box.box, size)
            found.append(kinds.Bbox(*edges, **self._own(box.label, found)))
        for ring in labels.polygons:
            flat = list(chain.from_iterable(polygons.to_coco(ring.polygon, size)))
            found.append(kinds.Polygon(flat, **self._own(ring.label, found)))
        for one in labels.points:
            at = points.to_pixels(one.point, size, DECIMALS)
            found.append(kinds.Points(at, **self._own(one.label, found)))
        return found

    def _own(self, label: str, before: list[Any]) -> dict[str, int]:
        """Return label and number of a region; regions of one number are one thing to Datumaro."""
        number = len(before) + 1
        return {"label": self._number(label), "id": number, "group": number}

    def _number(self, label: str) -> int:
        return self._labels.setdefault(label, len(self._labels))

    def _compare(self, out: Path) -> None:
        """Remark on what is not there when it is read back."""
        given = _counts(self._items)
        reader = _READERS.get(self._format, self._format)
        if reader in UNSAFE:
            self.remarks.add("not read back, so what it does not keep is not known")
            return
        try:
            with warnings_of_library(Remarks()):
                read = part("components.dataset").Dataset.import_from(str(out), reader)
                found = _counts(read)
        except Exception as error:  # noqa: BLE001  why: some formats are only written
            why = words_of(error, str(out))
            self.remarks.add("not read back, so what it does not keep is not known", why)
            return
        for what, count in given.items():
            if count > found[what]:
                self.remarks.add(
                    f"{what} that {self._format} does not keep", count=count - found[what]
                )


def _counts(items: Any) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in items:
        found["items"] += 1
        for annotation in one.annotations:
            kind = annotation.type.name
            found[_PLURALS.get(kind, kind)] += 1
    return found


def __getattr__(name: str) -> functools.partial[DatumaroExporter]:
    """Return the exporter of a format: what a spec's target names."""
    if name.startswith("_"):
        raise AttributeError(name)
    return functools.partial(DatumaroExporter, datumaro_format=name)
