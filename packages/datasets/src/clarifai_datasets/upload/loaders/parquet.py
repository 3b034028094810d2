"""Parquet: a row for each input, its media included or beside it."""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_right
from collections import Counter, deque
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.safe_text import redacted
from clarifai_datasets._extras import optional
from clarifai_datasets.upload.limits import (
    GIB,
    MAX_PARQUET_GROUP_BYTES,
    MAX_PARQUET_ROWS_PER_BYTE,
    MIN_PARQUET_ROWS,
    PARQUET_BATCH_BYTES,
)
from clarifai_datasets.upload.loader import describe
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders._files import (
    UNKNOWN,
    FileAt,
    Files,
    FileSource,
    file_at,
    within,
)
from clarifai_datasets.upload.loaders._paths import damage
from clarifai_datasets.upload.loaders._record_keys import (
    INPUT,
    MEDIA,
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
from clarifai_inputs.json_text import parsed
from clarifai_inputs.label_values import is_missing
from clarifai_inputs.media import content_fault, size_fault
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_datasets.upload.features import Features

EXTRA = "arrow"
IN_JSON = ("regions", "metadata")
"""Columns that hold JSON when they hold text."""

_CONTENTS = ("text", "file", "url", MEDIA, INPUT)
MAX_BATCH_ROWS = 1024
KEPT_ROWS = 32
"""More than the threads that read ahead."""


class ParquetLoader(CheckedLoader):
    """Rows of Parquet files with the columns that the loader `jsonl` knows as keys, and `media`.

    `media` (or `image`, `audio`, `video`) holds bytes, or `{"bytes": ..., "path": ...}`.
    `regions` and `metadata` may be JSON texts. Some rows of a group are in memory at a time.
    """

    def __init__(
        self,
        source: FileSource,
        split: str = "",
        *,
        columns: Mapping[str, str | None] | str | None = None,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: A file; or a folder, zip or URL with files in it.
            split: Of a folder: the file that is called so, or begins so; all by default.
            columns: What columns of other names are: `{"body": "text", "kind": "labels"}`; the
                roles are the keys of `jsonl`, `media`, `multi_hot`, and None for columns to leave
                out. `metadata` keeps a column under its name.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                rows with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.

        Raises:
            PluginError: The extra `arrow` is not installed.
        """
        optional("pyarrow.parquet", EXTRA)
        self._given, self._split = source, split
        self._lock = threading.Lock()
        self._latest: _LatestRows | None = None
        self._allow_outside = allow_outside
        self._roles = tuple(sorted(roles_of(columns).items()))
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    def _find(self) -> None:
        found = file_at(self._given, allow_outside=self._allow_outside)
        self._names = [found.name] if found.name else self._chosen(found)
        parent = str(PurePosixPath(self._names[0]).parent) if self._names else "."
        self._files = found.files
        self._beside = within(found.files, "" if parent == "." else parent)
        self._tables: dict[int, Any] = {}
        self._groups: list[tuple[int, int]] = []
        self._ends: list[int] = []
        for number in range(len(self._names)):
            self._add_file(number)

    def _add_file(self, number: int) -> None:
        table = self._table(number)
        names = tuple(table.schema_arrow.names)
        keys = self._keys_of(names, self._where(number))
        (own, *_) = keys.names("id") or [""]
        for group in range(table.num_row_groups):
            before = self._ends[-1] if self._ends else 0
            rows = self._rows_of(number, group)
            self._groups.append((number, group))
            self._ends.append(before + rows)
            if own:
                with damage(self._where(number)):
                    batches = _batches(table, group, [own])
                    for index, row in enumerate(itertools.islice(batches, rows), before):
                        if not is_missing(row[own]):
                            self._claim(index, row[own])

    def _keys_of(self, names: tuple[str, ...], where: str) -> RecordKeys:
        """Return what the columns of a file are.

        Raises:
            UserError: None holds contents, or one is there twice.
        """
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise UserError(f"{where} has the column {twice[0]!r} twice.")
        check_roles(names, dict(self._roles), where)
        keys = keys_of(names, self._roles)
        if not any(map(keys.names, _CONTENTS)):
            shown = ", ".join(names) or "none"
            raise UserError(
                f"{where} has none of the columns text, file, url, {MEDIA}, image, but {shown}: "
                f'say which it is, columns={{"{next(iter(names), "body")}": "text"}}.'
            )
        self.remarks.add_all(UNUSED, (f"{where}: {name}" for name in keys.unused))
        return keys

    def _rows_of(self, number: int, group: int) -> int:
        """Return how many rows a group has, if it does not claim more than a file can hold.

        Raises:
            UserError: It does.
        """
        about = self._table(number).metadata.row_group(group)
        where, rows, size = self._where(number), int(about.num_rows), int(about.total_byte_size)
        if not 0 <= size <= MAX_PARQUET_GROUP_BYTES:
            raise UserError(
                f"{where}: a group of rows of {size / GIB:.1f} GiB is over the limit of "
                f"{MAX_PARQUET_GROUP_BYTES // GIB} GiB: write it in smaller groups."
            )
        length = self._files.size(self._names[number])
        if not rows >= 0 or (length != UNKNOWN and rows > MAX_PARQUET_ROWS_PER_BYTE * length):
            raise UserError(f"{where} claims {rows:,} rows in {length:,} bytes: write it anew.")
        return rows

    def _chosen(self, found: FileAt) -> list[str]:
        names = [name for name in self._names_in(found.files) if name.lower().endswith(".parquet")]
        return [n for n in names if PurePosixPath(n).name.startswith(self._split)]

    def _where(self, number: int) -> str:
        return self._files.shown(self._names[number])

    def _table(self, number: int) -> Any:
        if number not in self._tables:
            parquet = optional("pyarrow.parquet", EXTRA)
            name = self._names[number]
            try:
                self._files.size(name)  # of a pipe there is none, and to open it would wait
                local = self._files.is_local
                opened = self._files.path(name) if local else self._files.open(name)
                self._tables[number] = parquet.ParquetFile(opened)
            except Exception as error:
                # why: errors of pyarrow are of many classes
                why = redacted(error).rstrip(".")
                raise UserError(f"{self._where(number)} is no Parquet file: {why}.") from error
        return self._tables[number]

    def _count(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _hint(self) -> str:
        return ": no rows in any .parquet file"

    def _media(self) -> Files | None:
        return self._beside

    def _row(self, index: int) -> tuple[str, dict[str, Any]]:
        """Return a row and what to call it; some rows before it are kept."""
        at = bisect_right(self._ends, index)
        number, group = self._groups[at]
        start = self._ends[at - 1] if at else 0
        where = f"{self._where(number)}: row {index + 1}"
        with self._lock, damage(where):
            # A group is read forwards only: a row that is no longer kept begins it again.
            rows = self._latest
            if rows is None or rows.key != (number, group) or not rows.has(index - start):
                table = self._table(number)
                self._latest = rows = _LatestRows((number, group), _batches(table, group, None))
            row = rows.row(index - start)
        if row is None:
            raise ItemFaults([f"{where}: the group ends before it"])
        return where, row

    def _read(self, index: int) -> Features:
        where, row = self._row(index)
        content, record = self._record(row, where, index)
        if content is not None:
            record["file"] = record.get("file") or "media"
        faults = [f"{where}: {fault}" for fault in faults_of(record)]
        if faults:
            raise ItemFaults(faults)
        fitting = Fitting()
        made = features_of(record, None, where, fitting)
        self._settle(index, fitting)
        if content is None and record.get("file"):
            content = self._file(record["file"], where)
        if content is not None:
            made.path, made.content = str(record["file"]), content
            fault = size_fault(made.input_type, len(content))
            fault = fault or content_fault(made.input_type, content)
            if fault:
                raise ItemFaults([f"{where}: {fault}"])
        return made

    def _record(
        self, row: dict[str, Any], where: str, index: int
    ) -> tuple[bytes | None, dict[str, Any]]:
        """Return the bytes of a row, if it has them, and the rest as a record."""
        keys = keys_of(tuple(row), self._roles)
        try:
            record, missing = keys.record(row)
            for key in IN_JSON:
                if isinstance(record.get(key), str):
                    record[key] = _in_json(record[key], key)
            path = _path_in(row, keys)
            content = content_of(record)
        except (TypeError, ValueError) as error:
            raise ItemFaults([f"{where}: {error}"]) from error
        if content is not None and path:
            record["file"] = path
        if missing:
            self.remarks.add(NO_LABELS, f"{where}: {missing}", item=index)
        return content, record

    def _file(self, name: str, where: str) -> bytes:
        try:
            if self._beside.exists(name):
                return self._beside.read(name)
            fault = f"{self._beside.shown(name)}: no such file"
        except OSError as error:
            fault = describe(error)
        raise ItemFaults([f"{where}: {fault}"])

    def __del__(self) -> None:
        for table in self.__dict__.get("_tables", {}).values():
            table.close(force=True)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_latest": None, "_tables": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


class _LatestRows:
    """The rows of a group from its beginning on, of which the last ones are kept.

    They are asked for about in order; several threads may be a little ahead of each other.
    """

    def __init__(self, key: tuple[int, int], rows: Iterator[dict[str, Any]]) -> None:
        self.key = key
        self._rows = rows
        self._kept: deque[tuple[dict[str, Any], int]] = deque()
        self._read = self._bytes = 0

    def has(self, at: int) -> bool:
        """Return whether a row is kept, or yet to come."""
        return at >= self._read - len(self._kept)

    def row(self, at: int) -> dict[str, Any] | None:
        """Return a row; None: there are fewer."""
        while self._read <= at:
            row = next(self._rows, None)
            if row is None:
                return None
            self._keep(row)
        return dict(self._kept[at - self._read][0])

    def _keep(self, row: dict[str, Any]) -> None:
        size = sum(map(_size, row.values()))
        self._kept.append((row, size))
        self._read += 1
        self._bytes += size
        while len(self._kept) > KEPT_ROWS or (
            self._bytes > PARQUET_BATCH_BYTES and len(self._kept) > 1
        ):
            self._bytes -= self._kept.popleft()[1]


def _size(value: Any) -> int:
    value = value.get("bytes") if isinstance(value, dict) else value
    return len(value) if isinstance(value, (str, bytes)) else 0


def _batches(table: Any, group: int, columns: list[str] | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a group.

    A value may be stored once and stand in each row: so few rows are made at once that they fit
    into memory even if each has all the bytes of the group.
    """
    size = max(1, table.metadata.row_group(group).total_byte_size)
    rows = min(MAX_BATCH_ROWS, max(MIN_PARQUET_ROWS, PARQUET_BATCH_BYTES // size))
    for batch in table.iter_batches(rows, row_groups=[group], columns=columns, use_threads=False):
        yield from batch.to_pylist()


def _in_json(text: str, key: str) -> object:
    try:
        return parsed(text)
    except ValueError as error:
        raise ValueError(f"{key} is no JSON: {error}") from error


def _path_in(row: dict[str, Any], keys: RecordKeys) -> str:
    """Return what the media of a row are called, if they come with their name."""
    values = (row.get(name) for name in keys.names(MEDIA))
    return next(
        (str(one["path"]) for one in values if isinstance(one, dict) and one.get("path")), ""
    )
