"""Rows of a program's own: pairs of a content and its label, dicts, DataFrames, generators."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sized
from pathlib import Path
from typing import Any

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import (
    Features,
    MediaFeatures,
    RegionFeatures,
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults, words_of
from clarifai_datasets.upload.loaders._folders import FolderFiles
from clarifai_datasets.upload.loaders._record_keys import (
    INPUT,
    RecordKeys,
    check_roles,
    keys_of,
    roles_of,
)
from clarifai_datasets.upload.loaders._records import (
    NO_LABELS,
    UNUSED,
    content_of,
    faults_of,
    features_of,
)
from clarifai_datasets.upload.loaders._spool import Spool
from clarifai_inputs.contents import is_array, is_picture
from clarifai_inputs.identity import content_id
from clarifai_inputs.label_values import is_missing
from clarifai_inputs.media import content_fault, size_fault
from clarifai_inputs.polygons import outlines
from clarifai_inputs.regions import Fitting

_SHOWN = 80
_PAIR = (INPUT, "labels")
_FEATURES = (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
    VisualDetectionFeatures,
    VisualSegmentationFeatures,
)


class RowsLoader(CheckedLoader):
    """Rows of a list, an iterable, a DataFrame of pandas or polars, a table of Arrow, or a dict of
    columns.

    A row is a pair of a content and its label or list of labels, a dict with the keys of the loader
    `jsonl` (`input` is a content of any kind), features, or a content alone. A content is a text,
    bytes, a path (`pathlib.Path`), a URL, a file that is open for bytes, a picture of PIL, or an
    array H x W x 3 of uint8. A text that is called like an image, a video or a sound
    (`"cat.png"`, `"https://x/cat.png"`) is the file or the URL; `{"text": ...}` is always a text.

    The source is read once, when the loader is first used, and kept in a temporary file, so that
    memory does not grow with it; of paths only the name is kept. Rows without id get one that
    follows from their content.
    """  # noqa: D205

    def __init__(
        self,
        source: Any,
        *,
        columns: Mapping[str, str | None] | None = None,
        input_type: str = "",
        strict: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: The rows.
            columns: What keys or columns of other names are: `{"body": "text", "kind": "labels"}`;
                the roles are the keys of `jsonl`, `input`, `multi_hot`, and None for columns to
                leave out. `metadata` keeps a column under its name.
            input_type: What contents are that do not tell it: `"image"`, `"text"`, `"video"` or
                `"audio"`.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                rows with faults are reported as failed.

        Raises:
            UserError: It has no rows to read.

        Example:
            >>> rows = RowsLoader([("hello", "greeting"), ("bye", ["farewell", "short"])])
            >>> len(rows), rows[1].labels
            (2, ['farewell', 'short'])
        """
        self._given = source
        self._roles = tuple(sorted(roles_of(columns).items()))
        self._input_type = input_type
        self._names = _names_of(source)
        super().__init__(_called(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    def fingerprint(self) -> str:
        """Return what tells this source apart from others, the same in every run."""
        len(self)
        return repr((self._roles, self._input_type, self._print.hex()))

    def _find(self) -> None:
        rows = _rows_of(self._given)
        self._spool, self._print = Spool(), b""
        if self._names is not None:
            check_roles(self._names, dict(self._roles), self._source)
            self.remarks.add_all(UNUSED, keys_of(self._names, self._roles).unused)
        seen: set[str] = set()
        for index, row in enumerate(rows):
            kept = self._kept(row, index, seen)
            self._spool.append(kept)
            own = kept[0] if isinstance(kept, list) else str(kept.id)
            self._print = content_id(self._print + own.encode("utf-8", "replace")).encode()

    def _kept(self, row: Any, index: int, seen: set[str]) -> Features | list[str]:
        """Return the features of a row, or what is wrong with it."""
        where = f"{self._source}: row {index + 1}"
        try:
            made, own = self._made(row, where, index)
        except ItemFaults as error:
            return list(error.faults)
        except Exception as error:  # noqa: BLE001  why: a row may be anything, and do anything
            return [f"{where}: {words_of(error)}"]
        if own or own == 0:
            made.id = self._claim(index, own)
        elif made.id in seen:
            made.id = content_id(f"{made.id} {index}".encode())
        seen.add(str(made.id))
        kept: Features = made
        return kept

    def _made(self, row: Any, where: str, index: int) -> tuple[Any, object]:
        """Return the features of a row, and the id that it brings."""
        if isinstance(row, _FEATURES):
            return _as_media(row), row.id if row.id is not None else index
        values = _as_mapping(row, where)
        keys = keys_of(tuple(map(str, values)), self._roles)
        if self._names is None and keys.unused:
            unused = f"{where}: {', '.join(keys.unused)}"
            self.remarks.add(UNUSED, unused, count=len(keys.unused), item=index)
        record, content = self._record(values, keys, where, index)
        made_id = content_id(content if content is not None else _seed(record))
        fitting = Fitting()
        made = features_of(record, made_id, where, fitting)
        self._settle(index, fitting)
        if content is not None:
            made.content, made.path = content, ""
        elif record.get("file"):
            made.path = str(record["file"])
        return made, record.get("id", "")

    def _record(
        self, values: Mapping[str, Any], keys: RecordKeys, where: str, index: int
    ) -> tuple[dict[str, Any], bytes | None]:
        try:
            record, missing = keys.record(values)
            if self._input_type:
                record.setdefault("input_type", self._input_type)
            if isinstance(record.get(INPUT), str) and self._input_type not in ("", "text"):
                given = record.pop(INPUT)
                record["url" if "://" in given else "file"] = given
            elif isinstance(record.get(INPUT), str) and self._input_type == "text":
                record["text"] = record.pop(INPUT)
            content = content_of(record)
        except (TypeError, ValueError) as error:
            raise ItemFaults([f"{where}: {error}"]) from error
        if missing:
            self.remarks.add(NO_LABELS, f"{where}: {missing}", item=index)
        if isinstance(record.get("file"), os.PathLike):
            record["file"] = os.fspath(record["file"])
        faults = faults_of({**record, "file": "content"} if content is not None else record)
        if content is not None and not faults:
            kind = record["input_type"]
            fault = size_fault(kind, len(content)) or content_fault(kind, content)
            faults = [fault] if fault else []
        if faults:
            raise ItemFaults([f"{where}: {fault}" for fault in faults])
        return record, content

    def _count(self) -> int:
        return len(self._spool)

    def _read(self, index: int) -> Features:
        kept = self._spool[index]
        if isinstance(kept, list):
            raise ItemFaults(kept)
        path = getattr(kept, "path", "")
        if path:
            try:
                self._check_file(_ANYWHERE, path, kept.input_type)
            except ItemFaults as error:
                where = f"{self._source}: row {index + 1}"
                raise ItemFaults([f"{where}: {fault}" for fault in error.faults]) from error
        made: Features = kept
        return made


_ANYWHERE = FolderFiles(Path(), allow_outside=True)


def _called(source: Any) -> str:
    return f"the {type(source).__name__}" if _names_of(source) is not None else "the rows"


def _names_of(source: Any) -> tuple[str, ...] | None:
    """Return the columns of a table; None: it is none."""
    if isinstance(source, Mapping):
        return tuple(map(str, source))
    names = getattr(source, "column_names", None)  # Arrow
    if names is None and hasattr(source, "shape") and not is_array(source):
        names = getattr(source, "columns", None)  # pandas, polars
    if names is None:
        return None
    index = [name for name in getattr(getattr(source, "index", None), "names", ()) if name]
    found = tuple(map(str, (*index, *names)))
    twice = next((name for name in found if found.count(name) > 1), "")
    if twice:
        raise UserError(f"The table has the column {twice!r} twice.")
    return found


def _rows_of(source: Any) -> Iterator[Any]:
    """Yield the rows of whatever has them.

    Raises:
        UserError: It has none, or its columns are of different lengths.
    """
    names = _names_of(source)
    if names is None:
        if isinstance(source, (str, bytes)) or is_picture(source) or is_array(source):
            raise UserError(f"source must hold rows, got {source!r:.{_SHOWN}}.")
        yield from source
    elif isinstance(source, Mapping):
        columns = list(source.values())
        lengths = {name: len(one) if isinstance(one, Sized) else -1 for name, one in source.items()}
        if any(isinstance(one, (str, bytes)) for one in columns) or len({*lengths.values()}) != 1:
            raise UserError(f"A dict of columns needs lists of the same length, got {lengths}.")
        yield from (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    elif hasattr(source, "to_batches"):
        for batch in source.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()
    elif hasattr(source, "iter_rows"):
        yield from (dict(zip(names, row, strict=True)) for row in source.iter_rows())
    else:
        has_index = any(source.index.names)
        values = source.itertuples(index=False, name=None)
        if has_index:
            values = source.reset_index().itertuples(index=False, name=None)
        yield from (dict(zip(names, row, strict=True)) for row in values)


def _as_mapping(row: Any, where: str) -> Mapping[str, Any]:
    """Return a row as names and values.

    Raises:
        ItemFaults: It is no row.
    """
    if isinstance(row, Mapping):
        wrong = next((key for key in row if not isinstance(key, str)), None)
        if wrong is not None:
            raise ItemFaults([f"{where}: a key must be text, got {wrong!r:.{_SHOWN}}"])
        return row
    if callable(getattr(row, "_asdict", None)):
        found: dict[str, Any] = row._asdict()
        return found
    if isinstance(row, (tuple, list)):
        if len(row) != 2:
            raise ItemFaults(
                [f"{where}: {len(row)} values, where a pair (content, label) or a dict is read"]
            )
        return dict(zip(_PAIR, row, strict=True))
    if is_missing(row):
        raise ItemFaults([f"{where}: it is empty"])
    return {INPUT: row}


def _as_media(given: Features) -> MediaFeatures:
    """Return features of any kind as those that hold any: rows may be of several."""
    if isinstance(given, MediaFeatures):
        return given
    metadata, geo = given.metadata, getattr(given, "geo_info", None)
    labels = list(given.labels)
    if isinstance(given, TextFeatures):
        content: bytes | None = given.text.encode()
        return MediaFeatures("text", labels, geo_info=geo, metadata=metadata, content=content)
    path, content, regions = given.image_path, given.image_bytes, []
    if isinstance(given, VisualDetectionFeatures):
        pairs = zip(labels, given.bboxes, strict=True)
        regions = [RegionFeatures([label], bbox=box) for label, box in pairs]
    elif isinstance(given, VisualSegmentationFeatures):
        regions = [
            RegionFeatures([label], polygon=points)
            for label, shape in zip(labels, given.polygons, strict=True)
            for points in outlines(shape)
        ]
    whole = [] if regions else labels
    return MediaFeatures("image", whole, path, "", geo, None, metadata, content, regions)


def _seed(record: dict[str, Any]) -> bytes:
    named = [f"{key} {record[key]}" for key in ("text", "url", "file") if record.get(key)]
    return "\0".join(named).encode("utf-8", "surrogatepass")
