"""CIFAR-10 and CIFAR-100: batches of small images in Python's pickle format.

Nothing of a pickle is run; see pickles.py.
"""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from typing import Any

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import Features, VisualClassificationFeatures
from clarifai_datasets.upload.loaders._checked import CheckedLoader
from clarifai_datasets.upload.loaders._files import FileSource, file_at
from clarifai_datasets.upload.loaders._pickles import PickledArray, unpickled
from clarifai_inputs.identity import item_id
from clarifai_inputs.png import png

SPLITS = {
    "train": ("train", *(f"data_batch_{number}" for number in range(1, 6))),
    "test": ("test", "test_batch"),
}
"""Split -> the files of CIFAR-100 and CIFAR-10."""

_LISTS = ("batches.meta", "meta")

_PUBLISHED = frozenset({*SPLITS["train"], *SPLITS["test"], *_LISTS, "readme.html", "file.txt~"})
"""What the archives hold, as they are published; the last two say nothing of images."""

LABELS = ("fine", "coarse")
SIDE = 32
IMAGE_BYTES = 3 * SIDE * SIDE


class CifarLoader(CheckedLoader):
    """Images of CIFAR-10 or CIFAR-100 with their classes; they are sent as PNG."""

    def __init__(
        self,
        source: FileSource,
        split: str = "train",
        labels: str = "fine",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: Folder, zip or URL of the unpacked files (the Python version); or one batch.
            split: `"train"` or `"test"`.
            labels: Of CIFAR-100: `"fine"` (100 classes) or `"coarse"` (20).
            strict: Whether to check everything first and raise all faults in one error.
            allow_outside: Whether names and links in it may lead to files outside of it.

        Raises:
            UserError: An argument is wrong.
        """
        if split not in SPLITS:
            raise UserError(f"split must be one of {', '.join(SPLITS)}, got {split!r}.")
        if labels not in LABELS:
            raise UserError(f"labels must be one of {', '.join(LABELS)}, got {labels!r}.")
        self._given, self._split, self._which = source, split, labels
        self._cached: tuple[str, _BatchFile] | None = None
        self._lock = threading.Lock()
        self._allow_outside = allow_outside
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_classification"

    def _find(self) -> None:
        found = file_at(self._given, allow_outside=self._allow_outside)
        names = self._names_in(found.files) if not found.name else [found.name]
        self._files = found.files
        wanted = (found.name,) if found.name else SPLITS[self._split]
        self._places: list[tuple[str, int]] = []
        self._classes = self._class_names(names if not found.name else found.files.names())
        for name in names:
            if PurePosixPath(name).name in wanted:
                batch = self._load(name)
                self._places += [(name, row) for row in range(len(batch.ids))]
        others = [name for name in names if PurePosixPath(name).name not in _PUBLISHED]
        self._account_for(others, [found.name], "left alone, no batches of CIFAR")
        for index, (name, row) in enumerate(self._places):
            self._claim(index, self._batch(name).ids[row])

    def _count(self) -> int:
        return len(self._places)

    def _hint(self) -> str:
        return f": none of {', '.join(SPLITS[self._split])}; unpack a .tar.gz first"

    def _read(self, index: int) -> Features:
        name, row = self._places[index]
        batch = self._batch(name)
        number = batch.numbers[row]
        label = self._classes.get(number, str(number))
        pixels = batch.pixels[row * IMAGE_BYTES : (row + 1) * IMAGE_BYTES]
        own = item_id(batch.ids[row])
        return VisualClassificationFeatures(
            f"{batch.ids[row]}.png", [label], id=own, image_bytes=png(_rows(pixels), colours=3)
        )

    def _batch(self, name: str) -> _BatchFile:
        """Return a batch; the last one is kept, as items are read in order."""
        with self._lock:
            if self._cached is None or self._cached[0] != name:
                self._cached = (name, self._load(name))
            return self._cached[1]

    def _load(self, name: str) -> _BatchFile:
        where = self._files.shown(name)
        content = unpickled(self._files.open(name), where)
        for key in (b"labels", f"{self._which}_labels".encode()):
            if key in content:
                return _checked(content, key, name, where)
        raise UserError(f"{where} is no batch of CIFAR: it has no labels.")

    def _class_names(self, names: list[str]) -> dict[int, str]:
        for name in names:
            if PurePosixPath(name).name in _LISTS:
                content = unpickled(self._files.open(name), self._files.shown(name))
                listed = content.get(b"label_names") or content.get(
                    f"{self._which}_label_names".encode()
                )
                return {number: _text(one) for number, one in enumerate(listed or ())}
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_cached": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


def _rows(pixels: bytes) -> list[bytes]:
    """Return the rows of an image that comes as all of its red, then green, then blue."""
    rows = []
    for start in range(0, SIDE * SIDE, SIDE):
        row = bytearray(3 * SIDE)
        for colour in range(3):
            at = colour * SIDE * SIDE + start
            row[colour::3] = pixels[at : at + SIDE]
        rows.append(bytes(row))
    return rows


@attrs.frozen
class _BatchFile:
    """One file of images."""

    ids: list[str]
    numbers: list[int]
    """Of the class of each."""
    pixels: bytes = attrs.field(repr=False)


def _checked(content: dict[Any, Any], key: bytes, name: str, where: str) -> _BatchFile:
    data, numbers = content.get(b"data"), content[key]
    if not isinstance(data, PickledArray):
        raise UserError(f"{where} is no batch of CIFAR: its data are no array.")
    if data.shape != (len(numbers), IMAGE_BYTES) or len(data.raw) != len(numbers) * IMAGE_BYTES:
        raise UserError(
            f"{where}: {len(numbers):,} labels for data of shape {data.shape}; "
            f"each image has {IMAGE_BYTES:,} bytes."
        )
    stem = PurePosixPath(name).name
    files = content.get(b"filenames") or [f"{stem}-{row}" for row in range(len(numbers))]
    if len(files) != len(numbers):
        raise UserError(f"{where}: {len(numbers):,} labels for {len(files):,} file names.")
    ids = [_text(one).removesuffix(".png") for one in files]
    return _BatchFile(ids, [int(number) for number in numbers], data.raw)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (str, int)):
        return str(value)
    raise TypeError(f"a {type(value).__name__} where a name should be")
