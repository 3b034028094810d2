"""What `Dataset.export` writes in Clarifai's own layout."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.heavy import json_format, resources_pb2
from clarifai_datasets.upload.features import Features, MediaFeatures, RegionFeatures
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES
from clarifai_datasets.upload.loaders._checked import ItemFaults
from clarifai_datasets.upload.loaders._split_folder import SplitFolderLoader
from clarifai_inputs import regions, texts
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.json_text import parsed
from clarifai_inputs.media import kind_of_name
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Iterable

INPUTS, ANNOTATIONS = "inputs", "annotations"


class ClarifaiLoader(SplitFolderLoader):
    """Inputs of any kind with the platform's JSON of their labels.

    Concepts, boxes, polygons and points are read. Masks, frames, time segments, negative concepts
    and the like, which the features of a loader cannot hold, are faults with `strict`; otherwise
    they are left out, and the report of the upload has a note of them.

    The source holds `<split>/inputs/<id>.<ending>` and `<split>/annotations/<id>.json`.
    """

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    def _find(self) -> None:
        names = [name for name in self._open() if self._is_in(name)]
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
        if counts:
            labels.fitting.left_out.insert(0, f"{where}: {counts}")
        self._settle(index, labels.fitting)
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
            content = parsed(texts.without_mark(self._files.read(name, MAX_LABEL_BYTES)).decode())
            if not isinstance(content, list):
                raise TypeError(f"no list, but {type(content).__name__}")  # noqa: TRY301
        except (ValueError, TypeError) as error:
            raise ItemFaults([f"{where}: no labels as an export writes them: {error}"]) from error
        labels = _Labels()
        for number, one in enumerate(content, 1):
            place = f"{where}: label {number}"
            try:
                labels.add(one, place)
            except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
                labels.fitting.leave_out(place, f"no label as an export writes it: {error}")
        return labels


@attrs.define
class _Labels:
    """The labels of one input, as features hold them."""

    concepts: list[str | int] = attrs.field(factory=list)
    regions: list[RegionFeatures] = attrs.field(factory=list)
    left_out: Counter[str] = attrs.field(factory=Counter)
    fitting: Fitting = attrs.field(factory=Fitting)

    def add(self, one: Any, where: str) -> None:
        """Add a label; which kind it is, its keys tell."""
        if not isinstance(one, dict):
            raise TypeError(f"no object, but {one!r:.80}")
        for key, what in _NOT_HELD.items():
            if key in one:
                self.left_out[what] += 1
                return
        if "regionInfo" in one or "data" in one:
            self._add_region(json_format.ParseDict(one, resources_pb2.Region(), True), where)
        else:
            concept = json_format.ParseDict(one, resources_pb2.Concept(), True)
            self.concepts += self._names([concept])

    def _add_region(self, region: resources_pb2.Region, where: str) -> None:
        names = self._names(region.data.concepts)
        shape = regions.shape_of(region.region_info)
        if shape is None:
            kind = regions.kind_of(region.region_info) or "none"
            self.left_out[f"regions of kind {kind}"] += 1
        elif names or not region.data.concepts:
            given = RegionFeatures(names, **{shape.kind: shape.numbers})
            if (made := regions.taken(given, where, self.fitting)) is not None:
                self.regions.append(RegionFeatures(names, **{made.kind: made.numbers}))

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


def _input_type(name: str) -> str:
    return kind_of_name(name) or "image"
