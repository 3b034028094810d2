"""YOLO: a text file of boxes or polygons for each image, and a list of class names."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import PurePosixPath

from clarifai_core.errors import UserError
from clarifai_core.yaml_text import read_yaml
from clarifai_datasets.upload.features import (
    Features,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES, MAX_LIST_BYTES
from clarifai_datasets.upload.loaders.checked import CheckedLoader, ItemFaults, item_id
from clarifai_datasets.upload.loaders.files import Files, Source, lines_of, open_files
from clarifai_datasets.upload.media import IMAGE_ENDINGS
from clarifai_inputs.file_names import original

KINDS = ("detection", "segmentation")
NAME_LISTS = ("classes.txt", "obj.names")
IMAGES, LABELS = "images", "labels"

ROUNDING = 0.001
"""How far a number may lie outside of 0..1: annotation tools round."""

_SAME_SPLITS = ({"val", "valid", "validation"},)

Shape = tuple[str, list[list[float]]]
"""Class and points: two corners of a box, or those of a polygon."""


class YoloLoader(CheckedLoader):
    """Images with labelled boxes or polygons, as YOLO has them.

    Labels lie where the image's path has `labels` for `images`, or beside the image; an image
    without labels has no objects. Class names come from `data.yaml` or `classes.txt`.
    """

    def __init__(
        self,
        source: Source,
        split: str = "",
        kind: str = "",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, zip or URL.
            split: Only the images in folders of this name; all by default.
            kind: `"detection"`: polygons become the boxes around them; `"segmentation"`: boxes
                become polygons. By default the latter when there is any polygon.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                images with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.

        Raises:
            UserError: There is no such kind.
        """
        if kind and kind not in KINDS:
            raise UserError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}.")
        self._given, self._split, self._kind = source, split, kind
        self._allow_outside = allow_outside
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are: boxes, or polygons."""
        if not self._kind:
            len(self)
        return f"visual_{self._kind}"

    def _find(self) -> None:
        files = self._files = open_files(self._given, allow_outside=self._allow_outside)
        names = self._names_in(files)
        self._classes = _class_names(files, names)
        self._images = [n for n in names if n.lower().endswith(IMAGE_ENDINGS) and self._is_in(n)]
        texts = {n for n in names if n.endswith(".txt") and self._is_in(n)}
        self._labels = [_label_name(name, texts) for name in self._images]
        alone = sorted(texts - set(self._labels))
        self._alone = [n for n in alone if LABELS in PurePosixPath(n).parts[:-1]]
        counts = Counter(PurePosixPath(name).stem for name in self._images)
        self._repeated = {stem for stem, count in counts.items() if count > 1}
        for index in range(len(self._images)):
            self._claim(index, self._own_id(index))
        self._kind = self._kind or self._found_kind()

    def _count(self) -> int:
        return len(self._images) + len(self._alone)

    def _hint(self) -> str:
        return f": no images in {IMAGES}{f'/{self._split}' if self._split else ''}"

    def _media(self) -> Files | None:
        return self._files

    def _is_in(self, name: str) -> bool:
        if not self._split:
            return True
        wanted = next((same for same in _SAME_SPLITS if self._split in same), {self._split})
        return not wanted.isdisjoint(PurePosixPath(name).parts[:-1])

    def _own_id(self, index: int) -> str:
        path = PurePosixPath(self._images[index])
        if path.stem not in self._repeated:
            return original(path.stem)
        return "-".join(original(part) for part in path.with_suffix("").parts if part != IMAGES)

    def _found_kind(self) -> str:
        for name in filter(None, self._labels):
            try:
                lines = self._files.read(name, MAX_LABEL_BYTES).splitlines()
            except OSError:
                continue  # what is wrong with it is said when it is its turn
            if any(len(line.split()) > 6 for line in lines):
                return "segmentation"
        return "detection"

    def _read(self, index: int) -> Features:
        if index >= len(self._images):
            name = self._files.shown(self._alone[index - len(self._images)])
            raise ItemFaults([f"{name}: there is no image that belongs to it"])
        name, label_name = self._images[index], self._labels[index]
        faults: list[str] = []
        shapes = self._shapes(label_name, faults) if label_name else []
        image = self._image(self._files, name, faults)
        labels: list[str | int] = [label for label, _ in shapes]
        own = item_id(self._own_id(index))
        if self._kind == "detection":
            boxes = [_around(points) for _, points in shapes]
            return VisualDetectionFeatures(labels=labels, bboxes=boxes, id=own, **image)
        rings = [_ring(points) for _, points in shapes]
        return VisualSegmentationFeatures(labels=labels, polygons=rings, id=own, **image)

    def _shapes(self, name: str, faults: list[str]) -> list[Shape]:
        where = self._files.shown(name)
        try:
            lines = self._files.read(name, MAX_LABEL_BYTES).decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            faults.append(f"{where}: not UTF-8 at byte {error.start}")
            return []
        shapes = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    shapes.append(self._shape(line.split()))
                except ValueError as error:
                    faults.append(f"{where}: line {number}: {error}")
        return shapes

    def _shape(self, words: list[str]) -> Shape:
        if not words[0].isdecimal() or int(words[0]) not in self._classes:
            raise ValueError(f"class {words[0]!r} is not in 0..{max(self._classes, default=0)}")
        label = self._classes[int(words[0])]
        numbers = [float(word) for word in words[1:]]
        if len(numbers) == 4:
            x, y, width, height = numbers
            if not (width > 0 and height > 0):
                raise ValueError(f"width and height of a box must be over 0, got {words[3:]}")
            numbers = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        elif len(numbers) < 6 or len(numbers) % 2:
            raise ValueError(
                f"{len(numbers)} numbers are neither a box (4) nor a polygon (x y, three or more)"
            )
        fractions = [_fraction(number) for number in numbers]
        return label, [list(pair) for pair in zip(fractions[::2], fractions[1::2], strict=True)]


def _fraction(number: float) -> float:
    if not math.isfinite(number) or not -ROUNDING <= number <= 1 + ROUNDING:
        raise ValueError(f"{number:g} is outside of 0..1")
    return min(1.0, max(0.0, number))


def _around(points: list[list[float]]) -> list[float]:
    xs, ys = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def _ring(points: list[list[float]]) -> list[list[float]]:
    if len(points) > 2:
        return points
    (x_min, y_min), (x_max, y_max) = points
    return [[x_min, y_min], [x_max, y_min], [x_max, y_max], [x_min, y_max]]


def _label_name(image: str, texts: set[str]) -> str:
    """Return the label file of an image; `""` when it has none."""
    path = PurePosixPath(image).with_suffix(".txt")
    parts = list(path.parts)
    if IMAGES in parts[:-1]:
        last = len(parts) - 2 - parts[-2::-1].index(IMAGES)
        parts[last] = LABELS
    swapped = "/".join(parts)
    return next((name for name in (swapped, str(path)) if name in texts), "")


def _class_names(files: Files, names: list[str]) -> dict[int, str]:
    """Return the names of the classes by number.

    Raises:
        UserError: There is no list of them, or it is wrong.
    """
    for name in sorted(names, key=lambda one: (one.count("/"), one)):
        if name.lower().endswith((".yaml", ".yml")):
            found = _from_yaml(files, name)
            if found is not None:
                return found
        elif PurePosixPath(name).name in NAME_LISTS:
            lines = lines_of(files, name)
            return {number: line.strip() for number, line in enumerate(lines) if line.strip()}
    raise UserError(
        f"source {files.where!r} holds no names of classes: add data.yaml with names:, "
        "or classes.txt."
    )


def _from_yaml(files: Files, name: str) -> dict[int, str] | None:
    """Return what `names` of a YAML file lists; None when it has no such key."""
    where = files.shown(name)
    try:
        found = read_yaml(files.read(name, MAX_LIST_BYTES))
        if not isinstance(found, dict) or found.get("names") is None:
            return None
        listed = found["names"]
        if isinstance(listed, list):
            return {number: str(one) for number, one in enumerate(listed)}
        return {int(number): str(one) for number, one in listed.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise UserError(f"{where}: it does not list the names of classes: {error}.") from error
