"""What the loaders of COCO's JSON share: an index of it, and boxes and polygons as fractions.

The file is read once in pieces. Only the places of images and annotations are kept, grouped by
image; an item is read from the file again when it is its turn.
"""

from __future__ import annotations

import abc
import contextlib
import math
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders._files import (
    FileAt,
    Files,
    FileSource,
    FolderSource,
    SeekableFile,
    file_at,
    open_files,
)
from clarifai_datasets.upload.loaders._frames import (
    TURNED,
    Frame,
    frame_of,
    may_be_on_its_side,
)
from clarifai_datasets.upload.loaders._groups import NOWHERE, OffsetGroups, hashable
from clarifai_datasets.upload.loaders._json_stream import Element, elements
from clarifai_datasets.upload.loaders._picture_names import BY_ITS_END, Pictures, folders_of
from clarifai_inputs.identity import item_id
from clarifai_inputs.json_text import loads
from clarifai_inputs.regions import Fitting
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from clarifai_datasets.upload.features import Features
    from clarifai_inputs.image_size import ImageHeader, Size

EXTENSION = "clarifai"
"""Key of an image under which our exporter keeps what COCO has no place for: id, metadata, geo."""


_L = TypeVar("_L", bound="CocoLoader")


class CocoLoader(CheckedLoader):
    """Images with annotations in COCO's JSON; the item's id is the image's."""

    folder_names: ClassVar[tuple[str, ...]] = ("instances",)
    """How annotation files of this kind begin."""
    _read_keys: ClassVar[frozenset[str]]
    """Keys of annotations that are read, or that say no more than those."""
    _other_keys: ClassVar[Mapping[str, str]] = {}
    """Keys that other loaders read -> the remark on them. Strict loaders do not make it: to choose
    this one is to choose what is read."""

    def __init__(
        self,
        images_dir: FolderSource,
        label_filepath: FileSource,
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            images_dir: Folder, zip or URL of the images; `""`: where the layouts in use have them,
                see `open`.
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
        cls: type[_L],
        source: FileSource,
        *,
        images_dir: FolderSource = "",
        split: str = "",
        strict: bool = False,
        allow_outside: bool = False,
    ) -> _L:
        """Return the loader of an annotation file, or of a folder or zip that has one.

        Args:
            source: The JSON file; or a folder, zip or URL that holds
                `annotations/instances_<split>.json`.
            images_dir: Where the images are; without, where COCO and the tools that write it have
                them: in `<split>`, `images/<split>`, `images` or `data`, beside the file or, of one
                in `annotations`, beside that folder; or where their names say.
            split: Which annotation file of a folder, by the end of its name, or by its folder.
            strict: As for the loader.
            allow_outside: As for the loader.

        Raises:
            UserError: There is no such file, or there are several.
        """
        found = file_at(source, allow_outside=allow_outside)
        name = found.name or _label_name(found.files, cls.folder_names, split)
        labels = FileAt(found.files, name)
        return cls(images_dir, labels, strict=strict, allow_outside=allow_outside)

    def _find(self) -> None:
        outside = self._allow_outside
        label_file = file_at(self._label_file, "label_filepath", allow_outside=outside)
        if not label_file.name:
            raise UserError(f"label_filepath {self._source!r} is no JSON file.")
        self._files, bases = self._where_images_are(label_file)
        names = self._names_in(self._files)
        self._pictures = Pictures(self._files, names, bases(names))
        self._text = SeekableFile(label_file.files, label_file.name)
        others = {} if self._strict else self._other_keys
        index = _Index(self.remarks, self._read_keys, others)
        try:
            for element in elements(self._text.start(), all_values=True):
                index.add(element)
        except ValueError as error:
            raise UserError(f"{self._source}: {error}.") from error
        if not index.has_images:
            raise UserError(f"{self._source!r} is no COCO file: it has no list of images.")
        self._categories = index.categories
        self._groups, self._ids = index.groups.sorted(), index.groups.ids
        # Images may share an id as long as no annotation is of that id.
        self._unclear = {
            number: why
            for number, (first, why) in index.unclear.items()
            if first is None or self._groups.count(first)
        }
        for number, own in enumerate(self._ids):
            self._claim(number, own)
        self._remark(index, names)

    def _where_images_are(
        self, label_file: FileAt
    ) -> tuple[Files, Callable[[list[str]], list[str]]]:
        """Return the files of the images, and what tells the folders that names count from."""
        if self._images_dir:
            found = open_files(self._images_dir, "images_dir", allow_outside=self._allow_outside)
            return found, lambda _: [""]
        files, name = _around(label_file, allow_outside=self._allow_outside)
        return files, lambda names: _image_folders(name, names)

    def _remark(self, index: _Index, names: list[str]) -> None:
        """Remark on what of the whole file is not used as it stands."""
        self.remarks.include(index.categories.remarks())
        used = {found for one in index.file_names if (found := self._pictures.find(one).name)}
        folders = {_folder(name) for name in used}
        others = (name for name in names if _folder(name) in folders)
        unlisted = (name for name in others if not name.lower().endswith(".json"))
        self._account_for(unlisted, used, "left alone, in no list of images")
        if self._strict:
            return  # an image without annotations is what its author says it is
        for number, (start, end) in enumerate(self._groups.owners):
            if (start, end) != NOWHERE and not self._groups.count(number):
                self.remarks.add("images without annotations", f"{self._ids[number]}")

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
        if index in self._unclear:
            raise ItemFaults([f"{where}: {self._unclear[index]}"])
        if not isinstance(name, str) or not name:
            raise ItemFaults([f"{where}: it has no file_name"])
        where = f"{where} ({name})"
        faults: list[str] = []
        found: dict[str, Any] = {}
        path = self._pictures.find(name)
        try:
            found = self._image(self._files, path.name or name)
        except ItemFaults as error:
            faults += error.faults
        if path.by_its_end:
            self.remarks.add(BY_ITS_END, f"{name} -> {path.name}", item=index)
        item = _Item(annotations, where, faults, self._categories)
        content = found.get("image_bytes")
        frames = Frames(
            _said_size(image),
            lambda: self._picture(self._files, path.name or name, content),
            annotations,
            item.fitting,
            where,
        )
        labels = self._labelled(item, frames)
        faults += self._fatal(item.fitting)
        if faults:
            raise ItemFaults(dict.fromkeys(faults))
        self._settle(index, item.fitting)
        own = image.get(EXTENSION)
        own = own if isinstance(own, dict) else {}
        rest = {"geo_info": own.get("geo"), "metadata": own.get("metadata")}
        return self._features(found, labels, item_id(self._ids[index]), rest)

    def _parsed(self, start: int, end: int) -> dict[str, Any]:
        parsed = loads(self._text.part(start, end))
        return parsed if isinstance(parsed, dict) else {}

    @abc.abstractmethod
    def _labelled(self, item: _Item, frames: Frames) -> object:
        """Return what the annotations of an image say; the bad ones are left out."""

    @abc.abstractmethod
    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        """Return the features."""


class Frames:
    """What the numbers of one image's annotations count in; see `frames`."""

    def __init__(
        self,
        said: Size | None,
        look: Callable[[], ImageHeader],
        annotations: list[dict[str, Any]],
        fitting: Fitting,
        where: str,
    ) -> None:
        self._said, self._look, self._where = said, look, where
        self._annotations, self._fitting = annotations, fitting

    @cached_property
    def of_boxes(self) -> Frame:
        """What boxes and polygons count in.

        Raises:
            ItemFaults: Neither the COCO file nor the image tells.
        """
        if self._said is None:
            return Frame(self._look().upright)
        ends = [end for one in self._annotations for end in _ends_of(one)]
        found = frame_of(self._said, self._picture, ends)
        if found.remark:
            self._fitting.note(found.remark, self._where)
        return found

    def of_mask(self, segmentation: dict[str, Any]) -> Frame:
        """What a mask counts in: it is as large as the image that it was made of."""
        picture = self._picture
        if picture is None or picture.stored == picture.upright:
            return self.of_boxes
        if segmentation.get("size") != [picture.stored[1], picture.stored[0]]:
            return Frame(picture.upright)
        self._fitting.note(TURNED, self._where)
        return Frame(picture.stored, picture.orientation, TURNED)

    @cached_property
    def _picture(self) -> ImageHeader | None:
        if not may_be_on_its_side(self._said):
            return None
        try:
            return self._look()
        except (ItemFaults, OSError):
            return None  # said where its size is needed, or the picture


def _ends_of(annotation: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Yield the right and bottom edges of an annotation, as far as they are numbers."""
    try:
        x, y, width, height = map(float, annotation.get("bbox") or ())
        yield x + width, y + height
    except (TypeError, ValueError, OverflowError):
        pass
    rings = annotation.get("segmentation")
    for ring in rings if isinstance(rings, list) else ():
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            yield max(map(float, ring[::2])), max(map(float, ring[1::2]))


@attrs.frozen
class _Item:
    """The annotations of an image while it is being read."""

    annotations: list[dict[str, Any]]
    where: str
    faults: list[str]
    categories: _Categories
    fitting: Fitting = attrs.field(factory=Fitting)

    def named(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield place, category and content of each annotation; leaves out those without one."""
        for one in self.annotations:
            where = f"{self.where}, annotation {one.get('id')!r}"
            name, fault = self.categories.find(one.get("category_id"))
            if fault:
                self.fitting.leave_out(where, fault)
            else:
                yield where, name, one


class _Categories:
    """Names of categories by id; an id of several names has none."""

    def __init__(self) -> None:
        self._names: dict[object, list[str]] = {}
        self._shown: dict[object, object] = {}

    def add(self, value: dict[str, Any], member: str | None) -> None:
        own = value.get("id", member)
        name = _text_of(value.get("name"))
        names = self._names.setdefault(hashable(own), [])
        self._shown[hashable(own)] = own
        if name not in names:
            names.append(name)

    def find(self, own: Any) -> tuple[str, str]:
        """Return the name of a category, or what is wrong with it."""
        names = self._names.get(hashable(own))
        if names is None:
            return "", f"there is no category {own!r}"
        if len(names) > 1:
            return "", f"category {own!r} is there twice, as {_quoted(names)}"
        return names[0], "" if names[0] else f"category {own!r} has no name"

    def remarks(self) -> Remarks:
        made = Remarks()
        by_name: dict[str, list[object]] = {}
        for key, names in self._names.items():
            own = self._shown[key]
            if len(names) > 1:
                made.add("categories of one id and several names", f"{own!r}: {_quoted(names)}")
            elif not names[0]:
                made.add("categories without a name", f"{own!r}")
            else:
                by_name.setdefault(names[0], []).append(own)
        for name, owns in by_name.items():
            if len(owns) > 1:
                shown = ", ".join(map(repr, owns))
                made.add("categories of several ids and one name", f"{name!r}: {shown}")
        return made


def _quoted(names: list[str]) -> str:
    return " and ".join(map(repr, names))


def _text_of(name: Any) -> str:
    """Return the name of a category; `""`: it is none, such as null."""
    if isinstance(name, bool) or not isinstance(name, (str, int, float)):
        return ""
    if isinstance(name, float) and not math.isfinite(name):
        return ""
    return name if isinstance(name, str) and name.strip() else str(name).strip()


_KEYS_OF_FILE = frozenset({"info", "licenses", "images", "annotations", "categories", "type"})
_KEYS_OF_IMAGES = frozenset(
    {"id", "file_name", "width", "height", "license", "flickr_url", "coco_url", "date_captured"}
    | {EXTENSION}
)
_KEYS_OF_CATEGORIES = frozenset({"id", "name", "supercategory"})
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class _Index:
    """What a file holds, while it is read."""

    def __init__(self, remarks: Remarks, keys: frozenset[str], not_read: Mapping[str, str]) -> None:
        self._remarks, self._not_read = remarks, not_read
        self._keys = {
            "images": _KEYS_OF_IMAGES,
            "annotations": keys,
            "categories": _KEYS_OF_CATEGORIES,
        }
        self.has_images = False
        self.categories = _Categories()
        self.groups = OffsetGroups()
        self.file_names: list[str] = []
        self.unclear: dict[int, tuple[int | None, str]] = {}
        """Number of an image -> the one that has all annotations of its id, and why it is not known
        whose they are."""
        self._names: dict[int, str] = {}

    def add(self, element: Element) -> None:
        key, value = element.key, element.value
        if key not in self._keys:
            if key not in _KEYS_OF_FILE:
                self._remarks.add("keys of the file that are not read", key)
        elif isinstance(value, dict) and not element.is_alone:
            self._note_keys(key, value)
            getattr(self, f"_add_{key}")(value, element)
        elif element.is_alone:
            self._remarks.add("values of the file that are no lists", f"{key}: {value!r:.40}")
        else:
            self._remarks.add(f"{key} that are no objects", f"{value!r:.40}")

    def _note_keys(self, key: str, value: dict[str, Any]) -> None:
        if not value.keys() <= self._keys[key]:
            for other in value.keys() - self._keys[key]:
                if value[other] not in _NOTHING:
                    self._remarks.add(f"values of {key} that are not read: {other}")
        if key == "annotations":
            for other, what in self._not_read.items():
                if value.get(other):
                    self._remarks.add(what, f"annotation {value.get('id')!r}")

    def _add_images(self, value: dict[str, Any], element: Element) -> None:
        self.has_images = True
        own = value.get("id", element.name)
        key = hashable(own)
        file_name = str(value.get("file_name") or "")
        self.file_names.append(file_name)
        if own is None:
            # Its key is none that an `image_id` can be: no annotation belongs to it.
            number = self.groups.add_owner((element.start,), element.start, element.end, "")
            self.groups.ids[number] = f"image {number + 1} without id"
            self.unclear[number] = None, "it has no id"
            return
        number = self.groups.add_owner(key, element.start, element.end, _own_id(value, key))
        first = self.groups.first_of(key)
        self._names[number] = file_name
        if first != number and self._names[first] != file_name:
            why = f"its id is that of another one ({self._names[first]}, {file_name})"
            self.unclear.update({first: (first, why), number: (first, why)})

    def _add_annotations(self, value: dict[str, Any], element: Element) -> None:
        self.groups.add_part(hashable(value.get("image_id")), element.start, element.end)

    def _add_categories(self, value: dict[str, Any], element: Element) -> None:
        self.categories.add(value, element.name)


def _said_size(image: Mapping[str, Any]) -> Size | None:
    size = image.get("width"), image.get("height")
    match size:
        case (int() | float() as width, int() | float() as height) if _are_sides(size):
            return int(width), int(height)
    return None


def _are_sides(size: tuple[Any, Any]) -> bool:
    return min(size) >= 1 and all(isinstance(one, int) or math.isfinite(one) for one in size)


def _own_id(image: Mapping[str, Any], key: object) -> object:
    own = image.get(EXTENSION)
    if isinstance(own, dict) and own.get("id"):
        return own["id"]
    return key


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


_NAMES_OF_LABELS = ("labels.json", "result.json", "annotations.json", "_annotations.coco.json")
"""As FiftyOne, Label Studio, supervision and Roboflow call the file."""


def _label_name(files: Files, kinds: tuple[str, ...], split: str) -> str:
    names = [name for name in files.names() if name.lower().endswith(".json")]
    fitting = [name for name in names if PurePosixPath(name).stem.lower().startswith(kinds)]
    fitting = fitting or [n for n in names if n.rpartition("/")[2].lower() in _NAMES_OF_LABELS]
    fitting = fitting or names
    if split:
        fitting = (
            [name for name in fitting if PurePosixPath(name).stem.endswith(split)]
            or [name for name in fitting if split in PurePosixPath(name).parts[:-1]]
        )  # fmt: skip
    if len(fitting) != 1:
        found = ", ".join(fitting[:10]) or "none"
        raise UserError(
            f"Say which annotation file of {files.where!r} to read, by split=; there is {found}."
        )
    return fitting[0]


_FOLDERS_OF_LABELS = ("annotations", "annotation", "labels", "label", "anns", "json", "jsons")
_FOLDERS_OF_IMAGES = ("images", "data", "imgs", "img", "image", "jpegimages")


def _around(label_file: FileAt, *, allow_outside: bool) -> tuple[Files, str]:
    """Return the files among which the images of an annotation file are, and its name there.

    A file in `annotations` has its images beside that folder: in `val`, in `images` ...
    """
    files, name = label_file.files, label_file.name
    folder = PurePosixPath(files.where.replace("\\", "/"))
    if "/" in name or folder.name.lower() not in _FOLDERS_OF_LABELS:
        return files, name
    parent = files.where.rstrip("/\\")[: -len(folder.name)].rstrip("/\\") or "."
    try:
        above = open_files(parent, allow_outside=allow_outside)
    except UserError:
        return files, name
    return above, f"{folder.name}/{name}"


def _image_folders(label_name: str, names: Iterable[str]) -> list[str]:
    """Return the folders that names of images count from, by the layouts in use."""
    stem = PurePosixPath(label_name).stem
    splits = [one for one in (stem.partition("_")[2], stem.rpartition("_")[2]) if one]
    root = _folder(label_name)
    above = "" if root.lower() in ("", *_FOLDERS_OF_LABELS) else _folder(root)
    wanted = []
    for base in dict.fromkeys((root, above, _folder(root), "")):
        for split in splits:
            wanted += [f"{base}/{split}", f"{base}/images/{split}", f"{base}/data/{split}"]
        wanted += [f"{base}/{folder}" for folder in _FOLDERS_OF_IMAGES]
    there = {folder.lower(): folder for name in names for folder in folders_of(name)}
    found = [there[one] for path in wanted if (one := path.strip("/").lower()) in there]
    return [*found, root, above, ""]
