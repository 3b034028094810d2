"""YOLO: a text file of boxes or polygons for each image, and a list of class names.

What a row says is in _yolo_rows.py, which classes there are in yolo_classes.py, and where the files
lie in _yolo_layout.py.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    Features,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES
from clarifai_datasets.upload.loaders import _yolo_layout, _yolo_rows
from clarifai_datasets.upload.loaders._checked import ItemFaults
from clarifai_datasets.upload.loaders._files import FolderSource, lines_of
from clarifai_datasets.upload.loaders._split_folder import SplitFolderLoader, repeated_stems
from clarifai_datasets.upload.loaders._yolo_classes import ClassList, ClassLists
from clarifai_datasets.upload.loaders._yolo_layout import IMAGES, LABEL_ENDING, LABELS
from clarifai_datasets.upload.loaders._yolo_rows import LabelRows, Poses, Shape
from clarifai_inputs import boxes, polygons, texts
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.media import FOREIGN_PICTURES, IMAGE_ENDINGS, why_not_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KINDS = ("detection", "segmentation")

UNLABELLED = "pictures without a file of labels"
UNUSED = "left alone, neither pictures nor labels"
UNPAIRED = "left alone, texts that are no picture's labels"


class YoloLoader(SplitFolderLoader):
    """Images with labelled boxes or polygons, as YOLO has them.

    Labels lie where the image's path has `labels` for `images`, or beside the image; an image with
    no labels, or with an empty file of them, has no objects. Class names come from `data.yaml`, or
    else from `classes.txt` and its like. A row with a fault is left out, and the image goes with
    the others. Of poses the boxes are read.

    What a split is, `data.yaml` says (`val: images/val`, a list, or a text of images), or the name
    of such a text, or of a folder.
    """

    def __init__(
        self,
        source: FolderSource,
        split: str = "",
        kind: str = "",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, zip or URL.
            split: Only the images of this split; all by default.
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
        lists = ClassLists(self._files, names, self.remarks)
        images = [name for name in names if name.lower().endswith(IMAGE_ENDINGS)]
        others = [n for n in names if n.lower().endswith(LABEL_ENDING) and n not in lists.used]
        found = _yolo_layout.pairs(images, others)
        places = _yolo_layout.YoloPaths([*images, *others])
        listings = self._listings(set(others).difference(found.values()), places, lists)
        self._used_lists = {*listings, *lists.used}
        split = self._chosen(places, listings, lists.yamls)
        self._missing = [fault for listing in listings.values() for fault in listing.faults]
        self._images = [name for name in images if split.has(name)]
        self._labels = [found.get(name, "") for name in self._images]
        self._set_classes(lists)
        used = {*found.values(), *images, *self._used_lists}
        self._sort_out([name for name in names if name not in used and split.has(name)])
        self._repeated = repeated_stems(self._images)
        for index in range(len(self._images)):
            self._claim(index, self._own_id(index))
        found_kind = self._found_kind()
        self._kind = self._kind or found_kind

    def _sort_out(self, names: Iterable[str]) -> None:
        """Remark on files that nothing is read from; labels of no image are items that fail."""
        self._alone = []
        for name in names:
            if name.lower().endswith(FOREIGN_PICTURES):
                self.remarks.add(why_not_taken("image", name), name)
            elif not name.lower().endswith(LABEL_ENDING):
                self.remarks.add(UNUSED, name)
            elif LABELS in name.lower().split("/")[:-1]:
                self._alone.append(name)
            else:
                self.remarks.add(UNPAIRED, name)
        bare = [n for n, label in zip(self._images, self._labels, strict=True) if not label]
        self.remarks.add_all(UNLABELLED, bare)

    def _listings(
        self, names: Iterable[str], places: _yolo_layout.YoloPaths, lists: ClassLists
    ) -> dict[str, _ImageList]:
        """Return the texts that list images; a line that names none is an item that fails."""
        named = {
            places.file(path, *starts)
            for path, starts in _yolo_layout.entries(lists.yamls)
            if path.lower().endswith(LABEL_ENDING)
        }
        found = {}
        for name in sorted(names):
            if name in named or _yolo_layout.is_listing(name):
                listing = self._listing(name, places)
                if listing.images or not listing.faults:
                    found[name] = listing
        return found

    def _listing(self, name: str, places: _yolo_layout.YoloPaths) -> _ImageList:
        listing, folder = _ImageList(), _folder_of(name)
        for number, line in enumerate(lines_of(self._files, name), 1):
            if line.strip():
                image = places.file(line, folder)
                if image:
                    listing.images.add(image)
                else:
                    where = f"{self._files.shown(name)}: line {number}"
                    listing.faults.append(f"{where}: there is no image {line.strip()!r}")
        return listing

    def _chosen(
        self,
        places: _yolo_layout.YoloPaths,
        listings: dict[str, _ImageList],
        yamls: Sequence[ClassList],
    ) -> _yolo_layout.SplitFiles:
        """Return what is in the split, and drop the lists of others."""
        if not self._split:
            return _yolo_layout.SplitFiles()
        split = _yolo_layout.SplitFiles(_yolo_layout.same_splits(self._split))
        wanted = {name for name in listings if PurePosixPath(name.lower()).stem in split.names}
        for path, starts in _yolo_layout.entries(yamls, split.names):
            if path.lower().endswith(LABEL_ENDING):
                wanted.add(places.file(path, *starts))
            elif (folder := places.folder(path, *starts)) is not None:
                split.add_folder(folder)
        for name in set(listings).difference(wanted):
            del listings[name]
        if listings:
            split.listed = set().union(*(one.images for one in listings.values()))
        return split

    def _set_classes(self, lists: ClassLists) -> None:
        folders = {_folder_of(name) for name in self._labels if name}
        self._classes = {folder: lists.of(folder) for folder in sorted(folders)}
        lists.remark(list(self._classes.values()), self.remarks)

    def _count(self) -> int:
        return len(self._images) + len(self._alone) + len(self._missing)

    def _hint(self) -> str:
        return f": no images in {IMAGES}{f'/{self._split}' if self._split else ''}"

    def _own_id(self, index: int) -> str:
        path = PurePosixPath(self._images[index])
        if path.stem not in self._repeated:
            return original(path.stem)
        parts = path.with_suffix("").parts
        return "-".join(original(part) for part in parts if part.lower() != IMAGES)

    def _found_kind(self) -> str:
        """Return what the rows are, and find out whether they are poses."""
        survey, is_told = _yolo_rows.Survey(), True
        for name in filter(None, self._labels):
            if self._classes[_folder_of(name)].says.key_points is None:
                is_told = False
                try:
                    survey.add(self._lines(name))
                except (OSError, ValueError):
                    continue  # what is wrong with it is said when it is its turn
                if survey.has_polygons:
                    break
        self._poses = Poses() if is_told else survey.poses()
        return "segmentation" if survey.has_polygons else "detection"

    def _lines(self, name: str) -> list[str]:
        return texts.decode(self._files.read(name, MAX_LABEL_BYTES)).splitlines()

    def _read(self, index: int) -> Features:
        if index >= len(self._images):
            raise ItemFaults([self._lost(index - len(self._images))])
        name, label_name = self._images[index], self._labels[index]
        faults: list[str] = []
        found = self._shapes(label_name, faults) if label_name else LabelRows()
        image = self._image(self._files, name, faults + self._fatal(found.fitting))
        self._settle(index, found.fitting)
        labels: list[str | int] = [*found.labels]
        own = item_id(self._own_id(index))
        if self._kind == "detection":
            around = [list(_as_box(shape)) for shape in found.shapes]
            return VisualDetectionFeatures(labels=labels, bboxes=around, id=own, **image)
        rings = [_as_polygon(shape) for shape in found.shapes]
        return VisualSegmentationFeatures(labels=labels, polygons=rings, id=own, **image)

    def _lost(self, number: int) -> str:
        """Return what is wrong with a label file, or a line of a list, that has no image."""
        if number < len(self._alone):
            return f"{self._files.shown(self._alone[number])}: there is no image that belongs to it"
        return self._missing[number - len(self._alone)]

    def _shapes(self, name: str, faults: list[str]) -> LabelRows:
        where, says = self._files.shown(name), self._classes[_folder_of(name)].says
        try:
            lines = self._lines(name)
        except UnicodeDecodeError as error:
            faults.append(f"{where}: {texts.fault_of(error)}")
            return LabelRows()
        count, width = says.key_points or (0, 0)
        poses = Poses(key_numbers=count * width) if count else self._poses
        return _yolo_rows.read(lines, where, says.names, poses)


@attrs.define
class _ImageList:
    """A text that lists images."""

    images: set[str] = attrs.field(factory=set)
    faults: list[str] = attrs.field(factory=list)
    """Lines that name none."""


def _folder_of(name: str) -> str:
    return name[: name.rfind("/") + 1]


def _as_box(shape: Shape) -> boxes.Box:
    return shape if isinstance(shape, boxes.Box) else boxes.around(shape)


def _as_polygon(shape: Shape) -> polygons.Polygon:
    return boxes.corners(shape) if isinstance(shape, boxes.Box) else shape
