"""From files to files of another format, without a platform in between.

source -> loader -> items -> inputs, as an upload would send them -> exporter -> target

Items become inputs by the rules of uploads (`upload.encode`), and inputs become files by those of
exports, so that a conversion is what an upload and an export of it would be. The target comes to be
at the end and in one go; nothing of a conversion that was broken off is used again.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import DataLoader
from clarifai_core.errors import Interrupted, UserError
from clarifai_core.heavy import service_pb2
from clarifai_datasets._export import options as orders
from clarifai_datasets._export import pipeline as exports
from clarifai_datasets._export.address import shown
from clarifai_datasets._export.partial import open_draft
from clarifai_datasets._export.report import ExportFailed, ExportReport, FailedInput
from clarifai_datasets.upload import detection
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload._sources import AllItems, CheckedItems
from clarifai_datasets.upload.encode import EncodedItem, ItemRules, check_features, encode
from clarifai_inputs.concepts import ConceptNames
from clarifai_inputs.file_names import is_well_formed
from clarifai_inputs.originals import originals_of
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from clarifai_core.contracts import Exporter, ExportTarget
    from clarifai_core.heavy import resources_pb2
    from clarifai_datasets.upload.detection import Detected

UNSPLIT = "all"
"""Split of the items of a source without splits."""

REST = "rest"
"""Split of items that are in none, where others are."""


@attrs.define
class ConversionReport(ExportReport):
    """What became of the items of one conversion: every one is counted or named, exactly once."""

    loader: str = ""
    """What read them."""

    def summary(self) -> dict[str, Any]:
        """Return the counts."""
        return {**super().summary(), "loader": self.loader}


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    format_name: str,
    *,
    loader: str = "",
    split: str = "",
    options: Mapping[str, Any] | None = None,
) -> ConversionReport:
    """Write what a source holds in another format.

    Args:
        source: A file, folder, zip or URL.
        target: The zip to write; in other formats than Clarifai's a name that does not end in
            `.zip` is the folder to write. Nothing may be there.
        format_name: Name of the export format.
        loader: Name of the loader; empty: the one that is detected.
        split: The only split to convert; empty: each that is there, as a split of the target.
        options: What the loader takes besides.

    Returns:
        What became of each item.

    Raises:
        UserError: An argument is wrong, or the source cannot be read; nothing was written.
        ExportFailed: Not a single item could be written; `report` of the error says why.
        Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says how far it got.
    """
    started = time.monotonic()
    order = orders.checked(target, "", "", "all", 1, format_name)
    if os.path.lexists(order.save_path):
        raise UserError(f"{str(order.save_path)!r} is there already: name a new file or folder.")
    sources = _Sources(source, loader, dict(options or {}))
    report = ConversionReport(order.save_path)
    opened = sources.opened(split, report.notes)
    report.loader = sources.name
    try:
        _write(order, opened, report)
    except KeyboardInterrupt:
        raise Interrupted(f"{report.exported:,} items were converted", report) from None
    report.notes += [note for one in opened for note in loaders.notes(one.loader)]
    report.notes = list(dict.fromkeys(report.notes))
    report.seconds = time.monotonic() - started
    if report.failed and not report.exported:
        raise ExportFailed(f"Nothing was converted. {report}", report)
    return report


@attrs.frozen
class _Opened:
    """A loader and the split that its items go to."""

    split: str
    loader: DataLoader
    skip: frozenset[str] | set[str] = frozenset()
    """Items that others of the source have already: see `_key`."""


@attrs.define
class _Sources:
    """Opens the parts of a source."""

    source: str | os.PathLike[str]
    name: str
    options: dict[str, Any]

    def opened(self, split: str, notes: list[str]) -> list[_Opened]:
        """Return a loader for each split.

        Args:
            split: The only one that is wanted; empty: all.
            notes: What detection passed over is added.
        """
        found = self._detected()
        if found is None:
            given = {**self.options, **({"split": split} if split else {})}
            return [self._loaded(split or UNSPLIT, self._named(given))]
        self.name = found.spec.name
        notes += found.notes
        if split:
            made = detection.open_detected(found, {**self.options, "split": split})
            return [self._loaded(split, made)]
        return self._parts(found, notes)

    def _detected(self) -> Detected | None:
        if not self.name:
            return detection.detect(self.source)
        try:
            return detection.detect(self.source, self.name)
        except UserError:
            return None  # why: the user knows better; what is wrong with it, the loader says

    def _named(self, options: dict[str, Any]) -> DataLoader:
        return loaders.open_loader(self.source, self.name, **options)

    def _parts(self, found: Detected, notes: list[str]) -> list[_Opened]:
        parts = found.parts(**self.options)
        if not parts:
            return [self._loaded(UNSPLIT, found.open(**self.options))]
        opened = []
        for part in parts:
            try:
                opened.append(self._loaded(part.split, found.open(part, **self.options)))
            except UserError as error:
                if len(parts) == 1:
                    raise
                notes.append(f"split {part.split!r} was left out: {error}")
        if not opened:
            raise UserError(f"{found.source!r} holds nothing to convert: {'; '.join(notes)}")
        return [*opened, *self._rest(found, opened, notes)]

    def _rest(self, found: Detected, opened: list[_Opened], notes: list[str]) -> list[_Opened]:
        """Return the items that are in none of the splits."""
        if not found.sighting.is_whole:
            return []
        every = found.open(**self.options)
        if loaders.prepare(every) <= sum(len(one.loader) for one in opened):
            return []
        seen = {_key(features) for one in opened for _, features in loaders.items(one.loader)}
        notes.append(f"items that are in no split go to the split {REST!r}")
        return [_Opened(REST, every, seen)]

    def _loaded(self, split: str, loader: DataLoader) -> _Opened:
        loaders.prepare(loader)
        return _Opened(split, loader)


def _key(features: object) -> str:
    """Return what tells an item of a source from its others, whichever split is read."""
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    return path or f"{getattr(features, 'id', '')}"


def _write(order: orders.ExportOptions, opened: list[_Opened], report: ConversionReport) -> None:
    with open_draft(order) as draft:
        draft.clear()  # why: an export of other data may have been broken off here
        try:
            draft.claim(["conversion", time.time_ns()], is_moment=True)
            with draft.open([]) as target:
                exporter = exports._exporter(order.format, target)
                for one in opened:
                    _write_part(one, exporter, target, report)
                exporter.finish()
            _add_remarks(exporter, report)
            if report.exported or not report.failed:
                draft.arrive()
        finally:
            draft.clear()  # why: media are in the source, so nothing is gained by going on


def _write_part(
    one: _Opened, exporter: Exporter, target: ExportTarget, report: ConversionReport
) -> None:
    seen: set[str] = set()
    for item_id, message, fault in _inputs(one):
        fault = fault or _fault(item_id, seen)
        if message is None or fault:
            report.failed.append(FailedInput(item_id, one.split, fault))
            continue
        try:
            written = exporter.add(one.split, message, _media(message))
        except ValueError as error:
            target.undo()  # type: ignore[attr-defined]
            report.failed.append(FailedInput(item_id, one.split, str(error)))
        else:
            target.keep()  # type: ignore[attr-defined]
            exports._note(written, one.split, report)


def _inputs(one: _Opened) -> Iterator[tuple[str, resources_pb2.Input | None, str]]:
    """Yield id, input and fault of each item; of the last two there is one."""
    rules = ItemRules("", one.loader.task, default_metadata=False)
    known: type | None = None
    items = CheckedItems(AllItems(one.loader), rules, ConceptNames())  # as uploads name them
    for index, features in items.items():
        if one.skip and _key(features) in one.skip:
            continue
        if type(features) is not known:
            known = check_features(features, index, rules.task)
        made = encode(features, index, rules)
        if isinstance(made, EncodedItem):
            yield made.id, input_of(made), ""
        else:
            yield made.id, None, made.reason


def input_of(item: EncodedItem) -> resources_pb2.Input:
    """Return what an upload would make of an item: the input, with its regions."""
    made: resources_pb2.Input
    (made,) = service_pb2.PostInputsRequest.FromString(item.record).inputs
    joined = b"".join(item.annotations)
    for annotation in service_pb2.PostAnnotationsRequest.FromString(joined).annotations:
        made.data.regions.extend(annotation.data.regions)
    return made


def _fault(item_id: str, seen: set[str]) -> str:
    if not is_well_formed(item_id):
        return "its id cannot be the name of a file"
    if item_id in seen:
        return "the split has another item with this id"
    seen.add(item_id)
    return ""


def _media(message: resources_pb2.Input) -> list[tuple[str, bytes | Path]]:
    """Return kind and content of the media of an input.

    Raises:
        ValueError: They are not here.
    """
    found: list[tuple[str, bytes | Path]] = []
    for one in originals_of(message):
        if not one.content:
            raise ValueError(
                f"its {one.kind} is at {shown(one.url)}, and a conversion fetches nothing: "
                "download it, or upload the source and export it"
            )
        found.append((one.kind, one.content))
    return found


def _add_remarks(exporter: Exporter, report: ConversionReport) -> None:
    remarks = getattr(exporter, "remarks", None)
    if isinstance(remarks, Remarks):
        report.notes += remarks.lines()
