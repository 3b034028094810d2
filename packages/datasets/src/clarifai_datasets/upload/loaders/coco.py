"""What the loaders of COCO's JSON share: an index of it, and boxes and polygons as fractions.

The file is read once in pieces. Only the places of images and annotations are kept, grouped by
image; an item is read from the file again when it is its turn.
"""

from __future__ import annotations

import abc
import math
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_datasets.upload.loaders.checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders.files import (
    FileAt,
    Files,
    FileSource,
    Indexed,
    Source,
    file_at,
    open_files,
    within,
)
from clarifai_datasets.upload.loaders.groups import NOWHERE, Groups, hashable
from clarifai_datasets.upload.loaders.json_stream import elements
from clarifai_inputs.identity import item_id
from clarifai_inputs.json_text import loads
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_datasets.upload.features import Features
    from clarifai_inputs.image_size import Size

EXTENSION = "clarifai"
"""Key of an image under which our exporter keeps what COCO has no place for: id, metadata, geo."""


class CocoLoader(CheckedLoader):
    """Images with annotations in COCO's JSON; the item's id is the image's."""

    folder_names: ClassVar[tuple[str, ...]] = ("instances",)
    """How annotation files of this kind begin."""

    def __init__(
        self,
        images_dir: Source,
        label_filepath: FileSource,
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            images_dir: Folder, zip or URL of the images.
            label_filepath: The JSON file.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                images with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._images_dir, self._label_file = images_dir, label_filepath
        self._allow_outside = allow_outside
        super().__init__(str(label_filepath), strict=strict)

    @classmethod
    def open(
        cls,
        source: FileSource,
        *,
        images_dir: Source = "",
        split: str = "",
        strict: bool = False,
        allow_outside: bool = False,
    ) -> CocoLoader:
        """Return the loader of an annotation file, or of a folder or zip that has one.

        Args:
            source: The JSON file; or a folder, zip or URL that holds
                `annotations/instances_<split>.json`.
            images_dir: Where the images are; without, where COCO has them: in `<split>` or
                `images/<split>`, `images`, or beside the file.
            split: Which annotation file of a folder, by the end of its name.
            strict: As for the loader.
            allow_outside: As for the loader.

        Raises:
            UserError: There is no such file, or there are several.
        """
        found = file_at(source, allow_outside=allow_outside)
        name = found.name or _label_name(found.files, cls.folder_names, split)
        images = images_dir or _images_of(found.files, name)
        labels = FileAt(found.files, name)
        return cls(images, labels, strict=strict, allow_outside=allow_outside)

    def _find(self) -> None:
        outside = self._allow_outside
        self._files = open_files(self._images_dir, "images_dir", allow_outside=outside)
        label_file = file_at(self._label_file, "label_filepath", allow_outside=outside)
        if not label_file.name:
            raise UserError(f"label_filepath {self._source!r} is no JSON file.")
        self._text = Indexed(label_file.files, label_file.name)
        index = _Index()
        try:
            for element in elements(self._text.start()):
                index.add(element.key, element.value, element.start, element.end)
        except ValueError as error:
            raise UserError(f"{self._source}: {error}.") from error
        if not index.has_images:
            raise UserError(f"{self._source!r} is no COCO file: it has no list of images.")
        self._categories, self._groups = index.categories, index.groups.sorted()
        for number, own in enumerate(index.groups.ids):
            self._claim(number, own)

    def _count(self) -> int:
        return len(self._groups.owners)

    def _media(self) -> Files | None:
        return self._files

    def _read(self, index: int) -> Features:
        start, end = self._groups.owners[index]
        count = self._groups.count(index)
        if count > MAX_REGIONS:
            raise ItemFaults(
                [
                    f"{self._source}: an image with {count:,} annotations is over the limit of "
                    f"{MAX_REGIONS:,}"
                ]
            )
        annotations = [self._parsed(*place) for place in self._groups.parts(index)]
        if (start, end) == NOWHERE:
            which = ", ".join(repr(one.get("id")) for one in annotations[:5])
            image_id = annotations[0].get("image_id")
            raise ItemFaults(
                [f"{self._source}: annotations {which}: there is no image {image_id!r}"]
            )
        image = self._parsed(start, end)
        name = image.get("file_name")
        where = f"{self._source}: image {image.get('id')!r}"
        if not isinstance(name, str) or not name:
            raise ItemFaults([f"{where}: it has no file_name"])
        faults: list[str] = []
        found: dict[str, Any] = {}
        try:
            found = self._image(self._files, name)
        except ItemFaults as error:
            faults += error.faults
        item = _Item(image, annotations, f"{where} ({name})", faults, self._categories)
        labels = self._labelled(item, lambda: self._measured(image, name))
        faults += self._fatal(item.fitting)
        if faults:
            raise ItemFaults(faults)
        self._settle(index, item.fitting)
        own = image.get(EXTENSION)
        own = own if isinstance(own, dict) else {}
        rest = {"geo_info": own.get("geo"), "metadata": own.get("metadata")}
        return self._features(found, labels, self._id_of(image), rest)

    def _id_of(self, image: Mapping[str, Any]) -> str:
        return item_id(_own_id(image))

    def _measured(self, image: Mapping[str, Any], name: str) -> Size:
        size = image.get("width"), image.get("height")
        match size:
            case (int() | float() as width, int() | float() as height) if _are_sides(size):
                return int(width), int(height)
        return self._size(self._files, name)

    def _parsed(self, start: int, end: int) -> dict[str, Any]:
        parsed = loads(self._text.part(start, end))
        return parsed if isinstance(parsed, dict) else {}

    @abc.abstractmethod
    def _labelled(self, item: _Item, size: Any) -> Any:
        """Return what the annotations of an image say; notes what is wrong in `item.faults`."""

    @abc.abstractmethod
    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        """Return the features."""


@attrs.frozen
class _Item:
    """An image with its annotations while it is being read."""

    image: dict[str, Any]
    annotations: list[dict[str, Any]]
    where: str
    faults: list[str]
    categories: dict[Any, str]
    fitting: Fitting = attrs.field(factory=Fitting)

    def named(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield place, category and content of each annotation; notes those without category."""
        for one in self.annotations:
            where = f"{self.where}, annotation {one.get('id')!r}"
            category = _known(self.categories, one.get("category_id"))
            if category is None:
                self.fitting.leave_out(where, f"there is no category {one.get('category_id')!r}")
            else:
                yield where, category, one


class _Index:
    """What a file holds, while it is read."""

    def __init__(self) -> None:
        self.has_images = False
        self.categories: dict[Any, str] = {}
        self.groups = Groups()

    def add(self, key: str, value: Any, start: int, end: int) -> None:
        if not isinstance(value, dict):
            return
        if key == "images":
            self.has_images = True
            self.groups.add_owner(hashable(value.get("id")), start, end, _own_id(value))
        elif key == "annotations":
            self.groups.add_part(hashable(value.get("image_id")), start, end)
        elif key == "categories":
            self.categories[hashable(value.get("id"))] = str(value.get("name", ""))


def _are_sides(size: tuple[Any, Any]) -> bool:
    return min(size) >= 1 and all(isinstance(one, int) or math.isfinite(one) for one in size)


def _known(categories: dict[Any, str], category_id: Any) -> str | None:
    name = categories.get(hashable(category_id))
    return name or None


def _own_id(image: Mapping[str, Any]) -> object:
    own = image.get(EXTENSION)
    if isinstance(own, dict) and own.get("id"):
        return own["id"]
    return image.get("id")


def _label_name(files: Files, kinds: tuple[str, ...], split: str) -> str:
    names = [name for name in files.names() if name.lower().endswith(".json")]
    fitting = [name for name in names if PurePosixPath(name).stem.startswith(kinds)] or names
    if split:
        fitting = [name for name in fitting if PurePosixPath(name).stem.endswith(split)]
    if len(fitting) != 1:
        found = ", ".join(fitting[:10]) or "none"
        raise UserError(
            f"Say which annotation file of {files.where!r} to read, by split=; there is {found}."
        )
    return fitting[0]


def _images_of(files: Files, label_name: str) -> Files:
    """Return where the images of an annotation file are, by the layouts that are in use."""
    split = PurePosixPath(label_name).stem.partition("_")[2]
    parent = PurePosixPath(label_name).parent
    root = "" if str(parent) == "." else str(parent)
    above = "" if root in ("", "annotations") else str(PurePosixPath(root).parent).strip(".")
    candidates = [
        "/".join(part for part in (base, folder) if part)
        for base in dict.fromkeys((root, above, ""))
        for folder in (split, f"images/{split}" if split else "", "images")
        if folder
    ]
    names = files.names()
    for folder in candidates:
        if any(name.startswith(f"{folder}/") for name in names):
            return within(files, folder)
    return within(files, root)
