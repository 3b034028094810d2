"""Data sets of the Hugging Face library `datasets`: texts or images with labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clarifai_core.errors import UserError
from clarifai_core.safe_text import redacted
from clarifai_datasets._extras import optional
from clarifai_datasets.upload.features import Features, TextFeatures, VisualClassificationFeatures
from clarifai_datasets.upload.loaders.checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders.folders import Fence, FolderFiles
from clarifai_datasets.upload.loaders.paths import usable
from clarifai_inputs.identity import item_id
from clarifai_inputs.media import content_fault, size_fault

EXTRA = "hf"
_SHOWN = 1000

_TEXTS = ("text", "sentence", "content")
_IMAGES = ("image", "img")
_LABELS = ("label", "labels", "fine_label")


class HuggingFaceLoader(CheckedLoader):
    """Rows of a data set: one column of texts or images, and if there is one, of labels."""

    def __init__(
        self,
        source: Any,
        split: str = "train",
        *,
        input_column: str = "",
        label_column: str = "",
        id_column: str = "",
        config: str = "",
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Its name on the hub, a folder that `save_to_disk` wrote, or a `Dataset`.
            split: Which part of it.
            input_column: Column of texts or images; found by its name and type by default.
            label_column: Column of labels; found likewise.
            id_column: Column of ids; the row's number by default.
            config: Name of a configuration of the data set.
            strict: Whether to check everything first and raise all faults in one error.
            allow_outside: Whether rows may name images that lie elsewhere than in that folder, or
                in the library's caches; those of a `Dataset` may lie anywhere.

        Raises:
            PluginError: The extra `hf` is not installed.
        """
        self._library = optional("datasets", EXTRA)
        self._given, self._split, self._config = source, split, config
        self._fence = None if allow_outside or not isinstance(source, str) else _fence(source)
        self._wanted = (input_column, label_column, id_column)
        super().__init__(source if isinstance(source, str) else "the data set", strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        len(self)
        return "visual_classification" if self._is_image else "text_classification"

    def _find(self) -> None:
        rows = self._opened()
        self._input, self._label, self._id = self._columns(rows)
        image = self._library.Image
        self._is_image = isinstance(rows.features[self._input], image)
        if self._is_image:
            rows = rows.cast_column(self._input, image(decode=False))
        self._rows = rows
        if self._id:
            for index, own in enumerate(rows[self._id]):
                self._claim(index, own)

    def _count(self) -> int:
        return len(self._rows)

    def _opened(self) -> Any:
        if not isinstance(self._given, str):
            return self._given
        found = self._found(self._given)
        if isinstance(found, self._library.Dataset):
            return found
        if self._split not in found:
            known = ", ".join(found)
            raise UserError(f"split {self._split!r} is not in {self._source!r}; there are {known}.")
        return found[self._split]

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

    def _columns(self, rows: Any) -> tuple[str, str, str]:
        for name in self._wanted:
            if name and name not in rows.features:
                known = ", ".join(rows.features)
                raise UserError(f"{self._source!r} has no column {name!r}; there are {known}.")
        given, label, own = self._wanted
        given = given or _first(rows, _IMAGES + _TEXTS)
        if not given:
            known = ", ".join(rows.features)
            raise UserError(f"Say which column of {self._source!r} is input_column: {known}.")
        return given, label or _first(rows, _LABELS), own

    def _read(self, index: int) -> Features:
        row = self._rows[index]
        where = f"{self._source}: row {index}"
        labels = self._labels(row)
        own = item_id(row[self._id]) if self._id else None
        value = row[self._input]
        if not self._is_image:
            if not isinstance(value, str) or not value.strip():
                raise ItemFaults([f"{where}: {self._input} is no text, but {value!r}"])
            return TextFeatures(value, labels, own)
        content, path = (value or {}).get("bytes"), (value or {}).get("path") or ""
        if content is None and not path:
            raise ItemFaults([f"{where}: {self._input} is empty"])
        if content is None:
            if self._fence is not None:
                self._fence.check(usable(path), path)
            file = Path(path)
            self._check_file(FolderFiles(file.parent, allow_outside=True), file.name)
        elif fault := size_fault("image", len(content)) or content_fault("image", content):
            raise ItemFaults([f"{where}: {fault}"])
        return VisualClassificationFeatures(path, labels, id=own, image_bytes=content)

    def _labels(self, row: Any) -> list[str | int]:
        if not self._label or row[self._label] is None:
            return []
        value = row[self._label]
        values = value if isinstance(value, list) else [value]
        feature = self._rows.features[self._label]
        feature = getattr(feature, "feature", feature)
        if hasattr(feature, "int2str"):
            return [feature.int2str(one) for one in values if one >= 0]
        return [str(one) for one in values]


def _fence(source: str) -> Fence:
    """Return the folders in which the images of a data set may lie: its own, and the caches."""
    config = optional("datasets.config", EXTRA)
    names = ("HF_CACHE_HOME", "HF_DATASETS_CACHE", "HF_HUB_CACHE", "DOWNLOADED_DATASETS_PATH")
    caches = [Path(place) for name in names if (place := getattr(config, name, None))]
    own = [Path(source)] if Path(source).is_dir() else []
    return Fence(source, *own, *caches)


def _first(rows: Any, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in rows.features), "")
