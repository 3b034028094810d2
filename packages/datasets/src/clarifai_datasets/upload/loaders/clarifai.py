"""What `Dataset.export` writes in Clarifai's own layout."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.heavy import json_format, resources_pb2
from clarifai_datasets.upload.features import Features, MediaFeatures, RegionFeatures
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES
from clarifai_datasets.upload.loaders.checked import CheckedLoader, ItemFaults, item_id
from clarifai_datasets.upload.loaders.files import Files, Source, open_files
from clarifai_datasets.upload.loaders.records import parsed
from clarifai_datasets.upload.media import ENDINGS
from clarifai_datasets.upload.regions import region_info
from clarifai_inputs.file_names import original

if TYPE_CHECKING:
    from collections.abc import Iterable

INPUTS, ANNOTATIONS = "inputs", "annotations"


class ClarifaiLoader(CheckedLoader):
    """Inputs of any kind with the platform's JSON of their labels.

    Concepts, boxes, polygons and points are read. Masks, frames, time segments, negative concepts
    and the like, which the features of a loader cannot hold, are faults with `strict`; otherwise
    they are left out, and the report of the upload has a note of them.
    """

    def __init__(
        self, source: Source, split: str = "", *, strict: bool = False, allow_outside: bool = False
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, zip or URL that holds `<split>/inputs/<id>.<ending>` and
                `<split>/annotations/<id>.json`.
            split: Only the inputs of this split; all by default.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                inputs with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._given, self._split = source, split
        self._allow_outside = allow_outside
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    def _find(self) -> None:
        files = self._files = open_files(self._given, allow_outside=self._allow_outside)
        names = [name for name in self._names_in(files) if self._is_in(name)]
        self._names = [name for name in names if PurePosixPath(name).parent.name == INPUTS]
        labels = {name for name in names if PurePosixPath(name).parent.name == ANNOTATIONS}
        self._labels = [self._label_name(name, labels) for name in self._names]
        self._alone = sorted(labels - set(self._labels))
        for index, name in enumerate(self._names):
            self._claim(index, original(PurePosixPath(name).stem))

    def _count(self) -> int:
        return len(self._names) + len(self._alone)

    def _hint(self) -> str:
        return f": no files in {self._split or '<split>'}/{INPUTS}"

    def _media(self) -> Files | None:
        return self._files

    def _is_in(self, name: str) -> bool:
        return not self._split or original(PurePosixPath(name).parent.parent.name) == self._split

    def _label_name(self, name: str, labels: set[str]) -> str:
        path = PurePosixPath(name)
        found = str(path.parent.parent / ANNOTATIONS / f"{path.stem}.json")
        return found if found in labels else ""

    def _read(self, index: int) -> Features:
        if index >= len(self._names):
            name = self._files.shown(self._alone[index - len(self._names)])
            raise ItemFaults([f"{name}: there is no input that belongs to it"])
        name, label_name = self._names[index], self._labels[index]
        where = self._files.shown(label_name or name)
        labels = self._labels_of(label_name, where) if label_name else _Labels()
        input_type = _input_type(name)
        self._check_file(self._files, name, input_type)
        counts = ", ".join(f"{count} {what}" for what, count in labels.left_out.items())
        self._leave_out(index, [f"{where}: {counts}"] if counts else [])
        made = MediaFeatures(
            input_type,
            labels.concepts,
            path=self._files.path(name),
            id=item_id(original(PurePosixPath(name).stem)),
            regions=labels.regions,
        )
        if not self._files.is_local and not self._checking:
            made.content = self._files.read(name)
        return made

    def _labels_of(self, name: str, where: str) -> _Labels:
        try:
            content = parsed(self._files.read(name, MAX_LABEL_BYTES).decode("utf-8-sig"))
            if not isinstance(content, list):
                raise TypeError(f"no list, but {type(content).__name__}")  # noqa: TRY301
            labels = _Labels()
            for one in content:
                labels.add(one)
        except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
            raise ItemFaults([f"{where}: no labels as an export writes them: {error}"]) from error
        return labels


@attrs.define
class _Labels:
    """The labels of one input, as features hold them."""

    concepts: list[str | int] = attrs.field(factory=list)
    regions: list[RegionFeatures] = attrs.field(factory=list)
    left_out: Counter[str] = attrs.field(factory=Counter)

    def add(self, one: Any) -> None:
        """Add a label; which kind it is, its keys tell."""
        if not isinstance(one, dict):
            raise TypeError(f"no object, but {one!r:.80}")
        for key, what in _NOT_HELD.items():
            if key in one:
                self.left_out[what] += 1
                return
        if "regionInfo" in one or "data" in one:
            self._add_region(json_format.ParseDict(one, resources_pb2.Region(), True))
        else:
            concept = json_format.ParseDict(one, resources_pb2.Concept(), True)
            self.concepts += self._names([concept])

    def _add_region(self, region: resources_pb2.Region) -> None:
        names = self._names(region.data.concepts)
        kind = next((field.name for field, _ in region.region_info.ListFields()), "")
        if kind not in _SHAPES:
            self.left_out[f"regions of kind {kind or 'none'}"] += 1
            return
        if names or not region.data.concepts:
            shape = RegionFeatures(names, **_SHAPES[kind](getattr(region.region_info, kind)))
            region_info(shape)
            self.regions.append(shape)

    def _names(self, concepts: Iterable[resources_pb2.Concept]) -> list[str | int]:
        found: list[str | int] = []
        for concept in concepts:
            if concept.value > 0:
                found.append(concept.name or concept.id)
            else:
                self.left_out["negative concepts"] += 1
        return found


_NOT_HELD = {"frameInfo": "frames", "timeInfo": "time segments"}
"""Key of a label -> what it is then, that features cannot hold."""


def _box(box: Any) -> dict[str, Any]:
    return {"bbox": [box.left_col, box.top_row, box.right_col, box.bottom_row]}


def _polygon(polygon: Any) -> dict[str, Any]:
    return {"polygon": [[point.col, point.row] for point in polygon.points]}


def _point(point: Any) -> dict[str, Any]:
    return {"point": [point.col, point.row]}


_SHAPES = {"bounding_box": _box, "polygon": _polygon, "point": _point}


def _input_type(name: str) -> str:
    ending = name.lower()
    return next((kind for kind, endings in ENDINGS.items() if ending.endswith(endings)), "image")
