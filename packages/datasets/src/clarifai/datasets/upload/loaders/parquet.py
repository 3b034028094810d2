"""Parquet: a row for each input, its media included or beside it."""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_right
from pathlib import PurePosixPath
from typing import Any

from clarifai.core.errors import UserError
from clarifai.datasets.extras import optional
from clarifai.datasets.upload.loaders.checked import CheckedLoader, ItemFaults
from clarifai.datasets.upload.loaders.files import (
    FileAt,
    Files,
    FileSource,
    file_at,
    within,
)
from clarifai.datasets.upload.loaders.records import KEYS, faults_of, features_of, parsed
from clarifai.datasets.upload.media import content_fault, size_fault

EXTRA = "arrow"
IN_JSON = ("regions", "metadata")
"""Columns that hold JSON when they hold text."""

MEDIA = "media"
"""Column of the bytes themselves: binary, or `{"bytes": ..., "path": ...}` as images often are."""

_ALSO = {"label": "labels", "image": MEDIA}


class ParquetLoader(CheckedLoader):
    """Rows of Parquet files with the columns that the loader `jsonl` knows as keys, and `media`.

    `regions` and `metadata` may be JSON texts. A group of rows is in memory at a time.
    """

    def __init__(
        self,
        source: FileSource,
        split: str = "",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            source: A file; or a folder, zip or URL with files in it.
            split: Of a folder: the file that is called so, or begins so; all by default.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                rows with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.

        Raises:
            PluginError: The extra `arrow` is not installed.
        """
        optional("pyarrow.parquet", EXTRA)
        self._given, self._split = source, split
        self._lock = threading.Lock()
        self._cached: tuple[tuple[int, int], list[dict[str, Any]]] | None = None
        self._allow_outside = allow_outside
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
        columns = set(table.schema_arrow.names)
        if columns.isdisjoint({"text", "file", "url", MEDIA, "image"}):
            raise UserError(
                f"{self._where(number)} has none of the columns text, file, url, {MEDIA}, image."
            )
        for group in range(table.num_row_groups):
            before = self._ends[-1] if self._ends else 0
            self._groups.append((number, group))
            self._ends.append(before + table.metadata.row_group(group).num_rows)
            if "id" in columns:
                ids = table.read_row_group(group, columns=["id"]).column("id").to_pylist()
                for index, own in enumerate(ids, before):
                    if own is not None:
                        self._claim(index, own)

    def _chosen(self, found: FileAt) -> list[str]:
        names = [name for name in found.files.names() if name.lower().endswith(".parquet")]
        return [n for n in names if PurePosixPath(n).name.startswith(self._split)]

    def _where(self, number: int) -> str:
        return self._files.shown(self._names[number])

    def _table(self, number: int) -> Any:
        if number not in self._tables:
            parquet = optional("pyarrow.parquet", EXTRA)
            name = self._names[number]
            try:
                opened = self._where(number) if self._files.is_local else self._files.open(name)
                self._tables[number] = parquet.ParquetFile(opened)
            except (OSError, ValueError) as error:
                raise UserError(f"{self._where(number)} is no Parquet file: {error}.") from error
        return self._tables[number]

    def _count(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _hint(self) -> str:
        return ": no rows in any .parquet file"

    def _media(self) -> Files | None:
        return self._beside

    def _row(self, index: int) -> tuple[str, dict[str, Any]]:
        """Return a row and what to call it; the last group of rows is kept."""
        at = bisect_right(self._ends, index)
        number, group = self._groups[at]
        start = self._ends[at - 1] if at else 0
        with self._lock:
            if self._cached is None or self._cached[0] != (number, group):
                rows = self._table(number).read_row_group(group).to_pylist()
                self._cached = ((number, group), rows)
            row = dict(self._cached[1][index - start])
        return f"{self._where(number)}: row {index + 1}", row

    def _read(self, index: int) -> Any:
        where, row = self._row(index)
        content, record = _split(row, where)
        if content is not None:
            record["file"] = record.get("file") or "media"
        faults = [f"{where}: {fault}" for fault in faults_of(record)]
        if faults:
            raise ItemFaults(faults)
        seed = repr((index, record.get("text"), record.get("url"), record.get("file")))
        checksum = hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()
        made = features_of(record, checksum)
        if content is None and record.get("file"):
            content = self._file(record["file"], where)
        if content is not None:
            made.path, made.content = str(record["file"]), content
            fault = size_fault(made.input_type, len(content))
            fault = fault or content_fault(made.input_type, content)
            if fault:
                raise ItemFaults([f"{where}: {fault}"])
        return made

    def _file(self, name: str, where: str) -> bytes:
        if not self._beside.exists(name):
            raise ItemFaults([f"{where}: {self._beside.shown(name)}: no such file"])
        return self._beside.read(name)

    def __del__(self) -> None:
        for table in self.__dict__.get("_tables", {}).values():
            table.close(force=True)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_cached": None, "_tables": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())


def _split(row: dict[str, Any], where: str) -> tuple[bytes | None, dict[str, Any]]:
    """Return the bytes of a row, if it has them, and the rest as a record."""
    named = {_ALSO.get(key, key): value for key, value in row.items()}
    media = named.pop(MEDIA, None)
    record = {key: value for key, value in named.items() if key in KEYS and value is not None}
    if "labels" in record and not isinstance(record["labels"], list):
        record["labels"] = [record["labels"]]
    for key in IN_JSON:
        if isinstance(record.get(key), str):
            try:
                record[key] = parsed(record[key])
            except (ValueError, RecursionError) as error:
                raise ItemFaults([f"{where}: {key} is no JSON: {error}"]) from error
    if isinstance(media, dict):
        record.setdefault("file", media.get("path"))
        media = media.get("bytes")
    return media, {key: value for key, value in record.items() if value is not None}
