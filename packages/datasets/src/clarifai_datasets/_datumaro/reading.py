"""A loader for each format that Datumaro reads.

Datumaro finds the items and their annotations; pictures are read from their files, as ever, so what
is sent are the bytes that are there. It works in memory: annotations of a whole source are there.
"""

from __future__ import annotations

import functools
import io
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets._datumaro.library import (
    EXTRA,
    PREFIX,
    check_known,
    part,
    warnings_of_library,
)
from clarifai_datasets._extras import optional
from clarifai_datasets.upload.features import Features, MediaFeatures, RegionFeatures
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults, words_of
from clarifai_datasets.upload.loaders._files import Files, open_files
from clarifai_datasets.upload.loaders._folders import FolderFiles
from clarifai_datasets.upload.loaders._paths import inside
from clarifai_inputs import boxes, masks, points, polygons
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.image_size import HEAD_BYTES, size_of
from clarifai_inputs.media import content_fault, kind_of_name, size_fault
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_inputs.coordinates import ClampedShape, Size

UNNAMED = "default"
"""What Datumaro calls the split of items that are in none."""

ELLIPSE_POINTS = 36

_NUMBERING = {"id", "image_id", "frame"}
"""Attributes of items that are Datumaro's or the format's own numbers."""

_NOTHING = (None, False, 0, "", "Unspecified")
"""Values of attributes that say nothing."""


class DatumaroLoader(CheckedLoader):
    """Pictures and videos with labels, captions, boxes, polygons, masks and points.

    Masks become polygons that cover the same; turned boxes and ellipses become polygons, too.
    Attributes of items become metadata. All else that Datumaro knows is left out with a remark.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        split: str = "",
        *,
        datumaro_format: str = "coco",
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, file, or a zip, which is unpacked for the time being.
            split: Only the items of this split; all by default.
            datumaro_format: Datumaro's name of the format; loaders `datumaro:<format>` have it.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                items with faults are reported as failed.
            allow_outside: Whether pictures may lie outside of the source.

        Raises:
            PluginError: The extra `datumaro` is not installed.
            UserError: Datumaro has no such format.
        """
        check_known("importers", datumaro_format)
        self._given, self._split, self._format = os.fspath(source), split, datumaro_format
        self._allow_outside = allow_outside
        self._unpacked: tempfile.TemporaryDirectory[str] | None = None
        super().__init__(self._given, strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of the source; empty: it has none."""
        len(self)
        return () if self._every == (UNNAMED,) else self._every

    def _find(self) -> None:
        root = self._folder()
        policy = _policy(self, str(root if root.is_dir() else root.parent))
        library = part("components.dataset").Dataset
        with warnings_of_library(self.remarks):
            dataset = library.import_from(str(root), self._format, error_policy=policy)
            found = list(dataset)
        self._every = tuple(dict.fromkeys(str(one.subset) for one in found))
        if self._split and self._split not in self._every:
            known = ", ".join(self._every) or "none"
            raise UserError(f"split {self._split!r} is not in {self._source!r}; there is {known}.")
        self._items = [one for one in found if self._split in ("", str(one.subset))]
        self._names = _Names.of(dataset.categories())
        self._files = FolderFiles(
            root if root.is_dir() else root.parent, allow_outside=self._allow_outside
        )
        self._account(root, found)
        self._refused = [] if self._split else [*self._refused, *policy.faults]
        stems = Counter(str(one.id) for one in self._items)
        self._repeated = {own for own, count in stems.items() if count > 1}
        for index in range(len(self._items)):
            self._claim(index, self._own_id(index))

    def _count(self) -> int:
        return len(self._items)

    def _media(self) -> Files | None:
        return self._files

    def _folder(self) -> Path:
        """Return where Datumaro reads: it knows files and folders on this machine only."""
        path = Path(self._given)
        if path.is_dir() or (path.is_file() and path.suffix.lower() != ".zip"):
            return path
        files = open_files(self._given)
        self._unpacked = tempfile.TemporaryDirectory(prefix="clarifai-datumaro-")
        root = Path(self._unpacked.name)
        for name in files.names():
            place = root / inside(name, files.where)
            place.parent.mkdir(parents=True, exist_ok=True)
            with files.open(name) as packed, place.open("wb") as copy:
                shutil.copyfileobj(packed, copy)
        return root

    def _account(self, root: Path, found: Sequence[Any]) -> None:
        """Remark on media that are no item."""
        if not root.is_dir():
            return
        used = {os.path.realpath(path) for one in found if (path := _path_of(one.media))}
        names = [name for name in self._names_in(self._files) if kind_of_name(name) == "image"]
        own = [name for name in names if os.path.realpath(self._files.shown(name)) in used]
        self._account_for(names, own, f"left alone, pictures that are in no list of {self._format}")

    def _own_id(self, index: int) -> str:
        one = self._items[index]
        # why: readers of ImageNet put the label before the name, `cat:1`, which no file can have
        own = "/".join(original(name) for name in str(one.id).replace(":", "-").split("/"))
        return f"{one.subset}-{own}" if str(one.id) in self._repeated else own

    def _read(self, index: int) -> Features:
        one = self._items[index]
        made = self._medium(one)
        where = f"{self._source}: item {str(one.id)!r}"
        if len(one.annotations) > MAX_REGIONS:
            count = f"{len(one.annotations):,} annotations"
            raise ItemFaults([f"{where}: {count} are over the limit of {MAX_REGIONS:,}"])
        made.id = item_id(self._own_id(index))
        made.metadata = _plain_attributes(one.attributes)
        read = _Annotations(self._names, lambda: self._size_of(made), where)
        for annotation in _without_bounds(one.annotations):
            read.add(annotation)
        made.labels, made.regions = read.labels, read.regions
        for what, times in read.remarks.items():
            self.remarks.add(what, where, count=times, item=index)
        self._settle(index, read.fitting)
        return made

    def _medium(self, one: Any) -> MediaFeatures:
        media, where = one.media, f"{self._source}: item {str(one.id)!r}"
        kinds = part("components.media")
        if isinstance(media, kinds.Video):
            kind = "video"
        elif isinstance(media, kinds.Image):
            kind = "image"
        else:
            what = "nothing" if media is None else f"a {type(media).__name__}"
            raise ItemFaults([f"{where}: its medium is {what}, no picture and no video"])
        path = _path_of(media)
        if path:
            name = os.path.relpath(path, self._files.where).replace(os.sep, "/")
            self._check_file(self._files, name, kind)
            return MediaFeatures(kind, path=self._files.path(name))
        content = _bytes_of(media)
        fault = size_fault(kind, len(content)) or content_fault(kind, content)
        if fault:
            raise ItemFaults([f"{where}: {fault}"])
        return MediaFeatures(kind, content=content)

    def _size_of(self, made: MediaFeatures) -> Size:
        if made.content is not None:
            size = size_of(made.content[:HEAD_BYTES])
            if size is None:
                raise ItemFaults([f"{self._source}: the size of picture {made.id!r} is not known"])
            return size
        name = os.path.relpath(made.path, self._files.where).replace(os.sep, "/")
        return self._size(self._files, name)


@attrs.frozen
class _Names:
    """What numbers of labels mean."""

    labels: tuple[str, ...]
    points: dict[int, tuple[str, ...]]
    """Number of a label -> the names of its points."""

    @classmethod
    def of(cls, categories: Any) -> _Names:
        """Return those of a data set of Datumaro."""
        kinds = part("components.annotation").AnnotationType
        labels, of_points = categories.get(kinds.label), categories.get(kinds.points)
        named = of_points.items if of_points is not None else {}
        return cls(
            tuple(str(one.name) for one in labels.items) if labels is not None else (),
            {number: tuple(map(str, one.labels)) for number, one in named.items()},
        )

    def label(self, annotation: Any) -> list[str | int]:
        """Return the label of an annotation, which may have none."""
        number = getattr(annotation, "label", None)
        if number is None:
            return []
        return [self.labels[number] if 0 <= number < len(self.labels) else str(number)]


class _Annotations:
    """The annotations of one item, as features have them."""

    def __init__(self, names: _Names, size: Callable[[], Size], where: str) -> None:
        self._names, self._size, self._where = names, functools.cache(size), where
        self.labels: list[str | int] = []
        self.regions: list[RegionFeatures] = []
        self.fitting = Fitting()
        self.remarks: Counter[str] = Counter()

    def add(self, one: Any) -> None:
        """Add an annotation."""
        kind = one.type.name
        reader = getattr(self, f"_add_{kind}", None)
        if any(value not in _NOTHING for value in one.attributes.values()):
            self.remarks["attributes of annotations, left out"] += 1
        if reader is None:
            self.remarks[f"annotations of the kind {kind}, left out"] += 1
            return
        place = f"{self._where}, {kind} {one.id}"
        try:
            reader(one, place)
        except ValueError as error:
            self.fitting.leave_out(place, error)

    def _add_label(self, one: Any, _: str) -> None:
        self.labels += self._names.label(one)

    def _add_caption(self, one: Any, _: str) -> None:
        self.labels.append(one.caption)

    def _add_bbox(self, one: Any, place: str) -> None:
        edges = [float(value) for value in one.get_bbox()]
        corners = [edges[0], edges[1], edges[0] + edges[2], edges[1] + edges[3]]
        fitted = boxes.from_pixels(corners, self._size(), f"bbox {edges}")
        box = self.fitting.take(fitted, place)
        if box is not None:
            self.regions.append(RegionFeatures(self._names.label(one), bbox=list(box)))

    def _add_polygon(self, one: Any, place: str) -> None:
        self._add_ring(one, one.points, place)

    def _add_rotated_bbox(self, one: Any, place: str) -> None:
        self.remarks["turned boxes, sent as polygons"] += 1
        self._add_ring(one, _flat(one.as_polygon()), place)

    def _add_ellipse(self, one: Any, place: str) -> None:
        self.remarks["ellipses, sent as polygons"] += 1
        self._add_ring(one, _flat(one.as_polygon(ELLIPSE_POINTS)), place)

    def _add_mask(self, one: Any, place: str) -> None:
        rle = optional("pycocotools.mask", EXTRA).encode(one.image.astype("uint8", order="F"))
        counts = {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode()}
        found: ClampedShape[list[polygons.Polygon]] = masks.from_coco(counts, self._size())
        for ring in self.fitting.take(found, place, "masks") or ():
            self.regions.append(RegionFeatures(self._names.label(one), polygon=ring))
        self.remarks["masks, sent as polygons"] += 1

    def _add_points(self, one: Any, place: str) -> None:
        names = self._names.points.get(one.label, ())
        numbers = [float(value) for value in one.points]
        absent = part("components.annotation").Points.Visibility.absent
        for number, (x, y) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
            if one.visibility[number] == absent:
                continue
            labels = [*self._names.label(one), *names[number : number + 1]]
            point = self.fitting.take(points.from_pixels(x, y, self._size()), place, "points")
            if point is not None:
                self.regions.append(RegionFeatures(labels, point=point))

    def _add_ring(self, one: Any, numbers: Sequence[Any], place: str) -> None:
        fitted = polygons.from_coco([float(value) for value in numbers], self._size())
        ring = self.fitting.take(fitted, place, "polygons")
        if ring is not None:
            self.regions.append(RegionFeatures(self._names.label(one), polygon=ring))


def _without_bounds(annotations: Sequence[Any]) -> list[Any]:
    """Leave out boxes of what has an outline, too: readers of COCO give both for one region."""
    outlined = {_place(one) for one in annotations if one.type.name in ("polygon", "mask")}
    return [
        one
        for one in annotations
        if one.type.name != "bbox" or not one.group or _place(one) not in outlined
    ]


def _place(one: Any) -> tuple[int, int, Any]:
    return one.id, one.group, one.label


def _flat(found: Sequence[Any]) -> list[float]:
    """Return `[x, y, ...]` of that, or of pairs."""
    if len(found) and not isinstance(found[0], (int, float)) and hasattr(found[0], "__len__"):
        return [float(value) for pair in found for value in pair]
    return [float(value) for value in found]


def _path_of(media: Any) -> str:
    """Return the file of a medium; `""`: it is none, or a frame of one."""
    kinds = part("components.media")
    is_file = isinstance(media, (kinds.FromFileMixin, kinds.Video))
    return str(media.path or "") if is_file else ""


def _bytes_of(media: Any) -> bytes:
    """Return the content of a picture that is no file; bare pixels as PNG."""
    content = media.bytes
    if content is None:
        buffer = io.BytesIO()
        media.save(buffer, ext=".png")
        content = buffer.getvalue()
    return bytes(content)


def _plain_attributes(attributes: dict[str, Any]) -> dict[str, Any] | None:
    found = {
        str(name): value if isinstance(value, (str, int, float, bool, list)) else str(value)
        for name, value in attributes.items()
        if name not in _NUMBERING and value is not None
    }
    return found or None


def _policy(loader: CheckedLoader, root: str) -> Any:
    """Return what Datumaro tells of items that it cannot read; the others go on."""

    class Policy(part("components.importer").ImportErrorPolicy):  # type: ignore[misc]
        """Notes faults."""

        def __init__(self) -> None:
            self.faults: list[str] = []

        def _handle_item_error(self, error: Any) -> None:
            self.faults.append(_told(error, root))

        def _handle_annotation_error(self, error: Any) -> None:
            loader.remarks.add(
                "annotations that Datumaro cannot read, left out", _told(error, root)
            )

    return Policy()


def _told(error: Any, root: str) -> str:
    cause = error.__cause__ or error
    own = getattr(error, "item_id", ("?",))
    return f"item {own[0]!r}: {words_of(cause, root)}"


def __getattr__(name: str) -> functools.partial[DatumaroLoader]:
    """Return the loader of a format: what a spec's target names."""
    if name.startswith("_"):
        raise AttributeError(name)
    return functools.partial(DatumaroLoader, datumaro_format=name)


__all__ = ["PREFIX", "DatumaroLoader"]
