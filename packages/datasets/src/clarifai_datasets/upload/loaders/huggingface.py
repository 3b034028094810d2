"""Data sets of the Hugging Face library `datasets`: texts, images, sounds or films with labels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.safe_text import redacted
from clarifai_datasets._extras import optional
from clarifai_datasets.upload.features import (
    Features,
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
)
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders._folders import AllowedFolders, FolderFiles
from clarifai_datasets.upload.loaders._huggingface_columns import chosen
from clarifai_datasets.upload.loaders._huggingface_objects import Objects, check_evidence
from clarifai_datasets.upload.loaders._paths import usable
from clarifai_datasets.upload.loaders._record_keys import roles_of
from clarifai_datasets.upload.loaders._records import NO_LABELS, UNUSED
from clarifai_datasets.upload.loaders._spool import Spool
from clarifai_inputs.contents import bytes_in
from clarifai_inputs.identity import item_id
from clarifai_inputs.image_size import HEAD_BYTES, Size, upright_size_of
from clarifai_inputs.label_values import is_missing
from clarifai_inputs.media import content_fault, size_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

EXTRA = "hf"
_SHOWN = 1000

_TASKS = {"text": "text_classification", "image": "visual_classification"}


class HuggingFaceLoader(CheckedLoader):
    """Rows of a data set: one column of contents, and if there are such, of labels and boxes."""

    def __init__(
        self,
        source: Any,
        split: str = "",
        *,
        input_column: str = "",
        label_column: str = "",
        id_column: str = "",
        config: str = "",
        columns: Mapping[str, str | None] | str | None = None,
        bbox_format: str = "",
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Its name on the hub, a folder that `save_to_disk` wrote, a `Dataset` or an
                `IterableDataset` (which is read once, into a temporary file), or a dict of them.
            split: Which part of it, where it has parts; by default `"train"`, or the only one, and
                the others are remarked on.
            input_column: Column of contents; found by its type and name by default.
            label_column: Column of labels; found by its name, or as the only one of `ClassLabel`.
            id_column: Column of ids; the row's number and a checksum of its content by default.
            config: Name of a configuration of the data set.
            columns: The same, and more, by name: `{"body": "input", "kind": "labels"}`; the roles
                are `input`, `inputid`, `labels`, `metadata`, `geopoints`, `multi_hot`, `objects`,
                and None for columns to leave out.
            bbox_format: How boxes in a column `objects` are written: `"coco"` ([x, y, width,
                height] in pixels), `"pascal_voc"` (corners in pixels), `"albumentations"` (corners
                in fractions) or `"yolo"`; COCO's by default, where the boxes can be such.
            strict: Whether to check everything first and raise all faults in one error, columns
                that are not read included.
            allow_outside: Whether rows may name images that lie elsewhere than in that folder, or
                in the library's caches; those of a `Dataset` may lie anywhere.

        Raises:
            PluginError: The extra `hf` is not installed.
            UserError: An argument is wrong.
        """
        _ = self._library  # that it is missing is told now
        is_named = isinstance(source, (str, os.PathLike))
        self._given = os.fspath(source) if is_named else source
        self._split, self._config = split, config
        self._fence = None if allow_outside or not is_named else _fence(self._given)
        given = (("input", input_column), ("concepts", label_column), ("inputid", id_column))
        self._wanted = {name: role for role, name in given if name}
        self._roles = roles_of(columns)
        self._objects = Objects(bbox_format)
        super().__init__(self._given if is_named else "the data set", strict=strict)

    @property
    def _library(self) -> ModuleType:
        """The library; no attribute, as a module goes into no pickle."""
        return optional("datasets", EXTRA)

    @property
    def task(self) -> str:
        """What the items are."""
        len(self)
        kind = "" if self._choice.objects else self._choice.kind
        return _TASKS.get(kind, "media_classification")

    def _find(self) -> None:
        rows = self._opened().with_format(None)
        if rows.features is None:
            rows = self._typed(rows)
        self._choice = choice = chosen(rows.features, self._wanted, self._roles, self._source)
        self.remarks.add_all(UNUSED, choice.unused)
        if choice.feature is not None:
            rows = rows.cast_column(choice.input, choice.feature)
        if hasattr(rows, "__len__"):
            self._rows = rows
            if choice.objects:
                self._check_boxes(rows.select_columns([choice.objects]))
        else:
            self._rows = Spool()
            for row in rows:
                self._rows.append(dict(row))
            if choice.objects:
                self._check_boxes(map(self._rows.__getitem__, range(len(self._rows))))
        if choice.id:
            named = rows.select_columns([choice.id]) if self._rows is rows else self._rows
            for index, own in enumerate(row[choice.id] for row in named):
                if own is not None:
                    self._claim(index, own)

    def _count(self) -> int:
        return len(self._rows)

    def _typed(self, rows: Any) -> Any:
        """Return a stream of rows without types with those that its rows have.

        Raises:
            UserError: It has no rows.
        """
        kept = list(rows.take(100))
        if not kept:
            raise UserError(f"{self._source!r} holds no items.")
        sample = self._library.Dataset.from_list(kept)
        return rows.cast(sample.features)

    def _check_boxes(self, rows: Iterable[Any]) -> None:
        said = check_evidence(self._objects, (row[self._choice.objects] for row in rows))
        if said:
            self.remarks.add(said, self._choice.objects)

    def _opened(self) -> Any:
        found = self._found(self._given) if isinstance(self._given, str) else self._given
        if isinstance(found, dict):
            found = self._part(found)
        if not callable(getattr(found, "with_format", None)):
            raise UserError(
                "source must be a Dataset, an IterableDataset, a dict of them, the name of one or "
                f"a saved folder, got {found!r:.80}."
            )
        return found

    def _part(self, parts: dict[str, Any]) -> Any:
        split = self._split or (next(iter(parts)) if len(parts) == 1 else "train")
        if split not in parts:
            known = ", ".join(map(str, parts))
            raise UserError(f"split {split!r} is not in {self._source!r}; there are {known}.")
        if not self._split:
            others = [str(name) for name in parts if name != split]
            self.remarks.add_all(f"splits that are not read, only {split!r} is", others)
        return parts[split]

    def _found(self, name: str) -> Any:
        try:
            return self._library.load_from_disk(name)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it is none that was saved
        except Exception as error:
            # why: what is damaged raises errors of any class
            raise self._unreadable(error) from error
        try:
            return self._library.load_dataset(name, self._config or None)
        except Exception as error:
            # why: as above
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UserError:
        return UserError(f"{self._source!r}: {redacted(error, _SHOWN).rstrip('.')}.")

    def _read(self, index: int) -> Features:
        row = self._rows[index]
        choice = self._choice
        where = f"{self._source}: row {index}"
        try:
            record, missing = choice.record(row)
        except ValueError as error:
            raise ItemFaults([f"{where}: {error}"]) from error
        if missing:
            self.remarks.add(NO_LABELS, f"{where}: {missing}", item=index)
        labels: list[str | int] = list(record.get("labels", ()))
        metadata, geo = record.get("metadata"), record.get("geo")
        value = row[choice.input]
        own = item_id(record["id"]) if record.get("id") is not None else None
        if choice.kind == "text":
            if not isinstance(value, str) or not value.strip():
                raise ItemFaults([f"{where}: {choice.input} is no text, but {value!r:.80}"])
            if geo is None:
                return TextFeatures(value, labels, own, metadata)
            return MediaFeatures(
                "text", labels, geo_info=geo, id=own, metadata=metadata, content=value.encode()
            )
        path, content = self._content(value, where)
        if choice.kind == "image" and not choice.objects:
            return VisualClassificationFeatures(path, labels, geo, own, metadata, content)
        made = MediaFeatures(choice.kind, labels, path, "", geo, own, metadata, content)
        if choice.objects:
            made.regions = self._regions(row[choice.objects], path, content, where, index)
        return made

    def _content(self, value: Any, where: str) -> tuple[str, bytes | None]:
        """Return the path and the bytes of a medium; bytes None: they are in the file.

        Raises:
            ItemFaults: It is empty, or none of this kind.
        """
        choice = self._choice
        if isinstance(value, str):
            value = {"path": value}
        if is_missing(value):
            raise ItemFaults([f"{where}: {choice.input} is empty"])
        if not isinstance(value, dict):
            try:
                value = {"bytes": bytes_in(value, choice.input)}
            except (TypeError, ValueError) as error:
                raise ItemFaults([f"{where}: {error}"]) from error
        content, path = value.get("bytes"), value.get("path") or ""
        if content is None and not path:
            raise ItemFaults([f"{where}: {choice.input} is empty"])
        if content is None:
            if self._fence is not None:
                self._fence.check(usable(path), path)
            file = Path(path)
            folder = FolderFiles(file.parent, allow_outside=True)
            self._check_file(folder, file.name, choice.kind)
        elif fault := size_fault(choice.kind, len(content)) or content_fault(choice.kind, content):
            raise ItemFaults([f"{where}: {fault}"])
        return path, content

    def _regions(
        self, objects: Any, path: str, content: bytes | None, where: str, index: int
    ) -> list[Any]:
        head = content if content is not None else _head(path)
        size: Size | None = upright_size_of(head[:HEAD_BYTES])
        if size is None:
            raise ItemFaults([f"{where}: its width and height cannot be read"])
        found = self._objects.read(objects, size, self._choice.names_of(self._choice.objects))
        self._leave_out(index, [f"{where}: {fault}" for fault in found.faults])
        for what, count in found.remarks.items():
            self.remarks.add(what, where, count=count, item=index)
        return found.regions


def _head(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(HEAD_BYTES)


def _fence(source: str) -> AllowedFolders:
    """Return the folders in which the images of a data set may lie: its own, and the caches."""
    config = optional("datasets.config", EXTRA)
    names = ("HF_CACHE_HOME", "HF_DATASETS_CACHE", "HF_HUB_CACHE", "DOWNLOADED_DATASETS_PATH")
    caches = [Path(place) for name in names if (place := getattr(config, name, None))]
    own = [Path(source)] if Path(source).is_dir() else []
    return AllowedFolders(source, *own, *caches)
