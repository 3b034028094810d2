"""YOLO: a text file of boxes or polygons for each image, and a list of class names."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TypeAlias

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    Features,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES, MAX_LIST_BYTES
from clarifai_datasets.upload.loaders.checked import ItemFaults
from clarifai_datasets.upload.loaders.files import Files, Source, lines_of
from clarifai_datasets.upload.loaders.split_folder import SplitFolderLoader, repeated_stems
from clarifai_inputs import boxes, class_names, polygons, texts
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.media import IMAGE_ENDINGS

KINDS = ("detection", "segmentation")
IMAGES, LABELS = "images", "labels"

_SAME_SPLITS = ({"val", "valid", "validation"},)

Shape: TypeAlias = "boxes.Box | polygons.Polygon"


class YoloLoader(SplitFolderLoader):
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
        self._kind = kind
        super().__init__(source, split, strict=strict, allow_outside=allow_outside)

    @property
    def task(self) -> str:
        """What the items are: boxes, or polygons."""
        if not self._kind:
            len(self)
        return f"visual_{self._kind}"

    def _find(self) -> None:
        names = self._open()
        self._classes = _class_names(self._files, names)
        self._images = [n for n in names if n.lower().endswith(IMAGE_ENDINGS) and self._is_in(n)]
        texts = {n for n in names if n.endswith(".txt") and self._is_in(n)}
        self._labels = [_label_name(name, texts) for name in self._images]
        alone = sorted(texts - set(self._labels))
        self._alone = [n for n in alone if LABELS in PurePosixPath(n).parts[:-1]]
        self._repeated = repeated_stems(self._images)
        for index in range(len(self._images)):
            self._claim(index, self._own_id(index))
        self._kind = self._kind or self._found_kind()

    def _count(self) -> int:
        return len(self._images) + len(self._alone)

    def _hint(self) -> str:
        return f": no images in {IMAGES}{f'/{self._split}' if self._split else ''}"

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
            found = [list(_as_box(shape)) for _, shape in shapes]
            return VisualDetectionFeatures(labels=labels, bboxes=found, id=own, **image)
        rings = [_as_polygon(shape) for _, shape in shapes]
        return VisualSegmentationFeatures(labels=labels, polygons=rings, id=own, **image)

    def _shapes(self, name: str, faults: list[str]) -> list[tuple[str, Shape]]:
        where = self._files.shown(name)
        try:
            lines = texts.decode(self._files.read(name, MAX_LABEL_BYTES)).splitlines()
        except UnicodeDecodeError as error:
            faults.append(f"{where}: {texts.fault_of(error)}")
            return []
        shapes = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    shapes.append(self._shape(line.split()))
                except ValueError as error:
                    faults.append(f"{where}: line {number}: {error}")
        return shapes

    def _shape(self, words: list[str]) -> tuple[str, Shape]:
        """Return class and shape of a row: one of four numbers is a box."""
        if not words[0].isdecimal() or int(words[0]) not in self._classes:
            raise ValueError(f"class {words[0]!r} is not in 0..{max(self._classes, default=0)}")
        label = self._classes[int(words[0])]
        numbers = [float(word) for word in words[1:]]
        if len(numbers) == 4:
            return label, boxes.from_yolo(numbers).whole()
        if len(numbers) < 2 * polygons.MIN_POINTS or len(numbers) % 2:
            raise ValueError(
                f"{len(numbers)} numbers are neither a box (4) nor a polygon (x y, three or more)"
            )
        return label, polygons.from_yolo(numbers).whole()


def _as_box(shape: Shape) -> boxes.Box:
    return shape if isinstance(shape, boxes.Box) else boxes.around(shape)


def _as_polygon(shape: Shape) -> polygons.Polygon:
    return boxes.corners(shape) if isinstance(shape, boxes.Box) else shape


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
        if name.lower().endswith(class_names.YAML_ENDINGS):
            found = _from_yaml(files, name)
            if found is not None:
                return found
        elif PurePosixPath(name).name in class_names.LISTS:
            return class_names.from_lines(lines_of(files, name))
    raise UserError(
        f"source {files.where!r} holds no names of classes: add data.yaml with names:, "
        "or classes.txt."
    )


def _from_yaml(files: Files, name: str) -> dict[int, str] | None:
    try:
        return class_names.from_yaml(files.read(name, MAX_LIST_BYTES))
    except ValueError as error:
        where = files.shown(name)
        raise UserError(f"{where}: it does not list the names of classes: {error}.") from error
