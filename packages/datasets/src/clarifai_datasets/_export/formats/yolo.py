"""YOLO: `images/<split>`, `labels/<split>`, and `data.yaml` with the names of the classes.

It is what a trainer takes as it is. Ultralytics reads a data set as boxes or as polygons: where
there are as many polygons as objects it has all of them, else it drops the polygons. So rows are of
one kind in all files of an export, and known only when the last input has come: until then they lie
in a draft, with names instead of numbers.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import WriteResult
from clarifai_datasets._export.formats.labels import InputLabels, labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further, the_image
from clarifai_inputs import boxes
from clarifai_inputs.class_names import sorted_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget

TRAIN, VAL, TEST = "train", "val", "test"
_ROLES = {
    TRAIN: TRAIN,
    "training": TRAIN,
    VAL: VAL,
    "valid": VAL,
    "validation": VAL,
    TEST: TEST,
    "testing": TEST,
}
"""Names of splits -> the key of `data.yaml` that a trainer looks for."""

_RESERVED = (
    TRAIN,
    VAL,
    TEST,
    "names",
    "nc",
    "path",
    "download",
    "yaml_file",
    "channels",
    "kpt_shape",
)
"""Keys of `data.yaml` that mean something else than a split of that name."""


class YoloExporter:
    """Images with boxes; with polygons, and boxes as polygons, as soon as there is one polygon."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._path = target.scratch / "rows"
        self._rows = self._path.open("w", encoding="utf-8")
        self._classes: set[str] = set()
        self._boxes = self._polygons = 0
        self._splits: dict[str, str] = {}
        self._names = SplitNames()
        self.notes: list[str] = []

    def add(
        self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input."""
        content, _ = the_image("yolo", media)
        labels = labels_of(message.data)
        folder, stem = self._names.of(split, message.id)
        (name,), size = add_media(self._target, f"images/{folder}/{stem}", [("image", content)])
        rows = self._add_rows(name, labels)
        self._splits[split] = f"images/{folder}"
        return WriteResult(size, rows, further(media, labels.lost("boxes", "polygons")))

    def add_labels(self, split: str, message: Any) -> WriteResult:
        """Write the labels of an input whose media did not come."""
        labels = labels_of(message.data)
        if not (labels.boxes or labels.polygons):
            return WriteResult()
        folder, stem = self._names.of(split, message.id)
        return WriteResult(0, self._add_rows(f"images/{folder}/{stem}.", labels))

    def _add_rows(self, image: str, labels: InputLabels) -> int:
        rows: list[Any] = [[one.label, list(one.box)] for one in labels.boxes]
        rows += [[one.label, one.polygon] for one in labels.polygons]
        self._rows.write(json.dumps([_label_name(image), rows]) + "\n")
        self._classes.update(label for label, _ in rows)
        self._boxes += len(labels.boxes)
        self._polygons += len(labels.polygons)
        return len(rows)

    def finish(self) -> None:
        """Write the labels, and `data.yaml`."""
        from clarifai_core import yaml_text

        self._rows.close()
        numbers = sorted_numbers(self._classes)
        for name, rows in self._written():
            lines = (_line(numbers[label], self._shape(shape)) for label, shape in rows)
            self._target.add(name, "".join(lines).encode())
        if self._boxes and self._polygons:
            self.notes.append(
                f"{self._boxes:,} boxes are written as polygons of their corners, because a YOLO "
                f"data set holds either boxes or polygons, and this one has {self._polygons:,} "
                "polygons"
            )
        content = {
            **self._listed(),
            "nc": len(numbers),
            "names": {number: name for name, number in numbers.items()},
        }
        self._target.add("data.yaml", yaml_text.dump(content).encode())

    def _written(self) -> Iterator[tuple[str, list[Any]]]:
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                name, rows = json.loads(line)
                yield name, rows

    def _shape(self, shape: list[Any]) -> list[float]:
        """Return the numbers of a box or polygon, as all of this export has them."""
        if isinstance(shape[0], list):
            return list(chain.from_iterable(shape))
        box = boxes.Box(*shape)
        if self._polygons:
            return list(chain.from_iterable(boxes.corners(box)))
        return boxes.to_yolo(box)

    def _listed(self) -> dict[str, str | list[str]]:
        """Return where the pictures of each split are, from the folder of `data.yaml` on.

        There is no `path`: without it trainers go by the folder of the file, while one that is
        relative is looked for below the folder that they were started in.
        """
        found: dict[str, list[str]] = {}
        others: dict[str, str] = {}
        for split, folder in sorted(self._splits.items()):
            role = _ROLES.get(split.lower())
            if role is None:
                others[split] = folder
            else:
                found.setdefault(role, []).append(folder)
        if TRAIN not in found:
            self._stand_in(found, TRAIN, list(others.values()) or found.get(VAL) or found.get(TEST))
        if VAL not in found:
            self._stand_in(found, VAL, found.get(TEST) or found.get(TRAIN))
        known = {role: _one(found[role]) for role in (TRAIN, VAL, TEST) if role in found}
        return {**known, **{name: at for name, at in others.items() if name not in _RESERVED}}

    def _stand_in(self, found: dict[str, list[str]], role: str, folders: list[str] | None) -> None:
        if folders:
            found[role] = folders
            self.notes.append(
                f"data.yaml: {role} points to {', '.join(folders)}, because trainers want one and "
                "there is no split of this name"
            )


def _one(folders: list[str]) -> str | list[str]:
    return folders[0] if len(folders) == 1 else folders


def _label_name(image: str) -> str:
    """Return where trainers look for the labels of an image: `labels` for the last `images`."""
    before, _, after = f"/{image}".rpartition("/images/")
    return f"{before}/labels/{after}".lstrip("/").rpartition(".")[0] + ".txt"


def _line(number: int, values: list[float]) -> str:
    words = (f"{value:.8f}".rstrip("0").rstrip(".") for value in values)
    return f"{number} {' '.join(words)}\n"
