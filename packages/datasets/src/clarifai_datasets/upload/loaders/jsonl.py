"""JSON Lines: an input in each line, with everything that is known about it.

The file is read twice, as a CSV file is; in between only the place of each line is kept.
"""

from __future__ import annotations

from array import array
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_RECORD_BYTES, MIB
from clarifai_datasets.upload.loaders._checked import CheckedLoader, ItemFaults
from clarifai_datasets.upload.loaders._files import (
    COPY_BYTES,
    FileAt,
    Files,
    FileSource,
    SeekableFile,
    file_at,
    within,
)
from clarifai_datasets.upload.loaders._record_keys import keys_of, roles_of
from clarifai_datasets.upload.loaders._records import (
    NO_LABELS,
    UNUSED,
    content_of,
    faults_of,
    features_of,
)
from clarifai_inputs import texts
from clarifai_inputs.json_text import loads, parsed
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_datasets.upload.features import Features, MediaFeatures

_KEPT_BYTES = 100
"""Of a line that is too long, to tell it from others."""


class JsonlLoader(CheckedLoader):
    """Inputs of any kind, one JSON object in a line.

    Its keys: one of `text`, `file` (from where the JSONL file lies) and `url`; and if wanted `id`,
    `input_type` (`"image"`, `"text"`, `"video"`, `"audio"`; else the file's ending tells),
    `labels` (or `label`, `category`, `tags` ...), `regions` (each with `labels` and one of `bbox`,
    `polygon`, `point`, in fractions), `metadata`, `geo` (`[longitude, latitude]`) and `split`. Keys
    that nothing is read from are remarked on. Lines without id get one that follows from them.
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
            source: The file; or a folder, zip or URL that holds one `.jsonl` file.
            split: Only the lines of this split; all by default.
            columns: What keys of other names are: `{"body": "text", "kind": "labels"}`; the roles
                are the keys above, `multi_hot`, and None for keys to leave out. `metadata` keeps a
                key under its name.
            strict: Whether to check everything first and raise all faults in one error; otherwise
                lines with faults are reported as failed.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._given, self._split = source, split
        self._allow_outside = allow_outside
        self._roles = tuple(sorted(roles_of(columns).items()))
        super().__init__(str(source), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "media_classification"

    def _find(self) -> None:
        given = file_at(self._given, allow_outside=self._allow_outside)
        found = _jsonl_in(given)
        if not given.name:
            self._names_in(found.files)
        parent = str(PurePosixPath(found.name).parent)
        self._files = within(found.files, "" if parent == "." else parent)
        self._text = SeekableFile(found.files, found.name)
        self._where = str(found)
        self._starts, self._ends, self._lines = array("Q"), array("Q"), array("L")
        start = 0
        for number, (line, length) in enumerate(_lines(self._text.start()), 1):
            end = start + length
            if number == 1:
                if texts.is_wide(line[: texts.MARK_BYTES]):  # else each line has a fault or two
                    raise UserError(f"{self._where}: it is not in UTF-8; save it as UTF-8.")
                bare = texts.without_mark(line)
                line, start = bare, start + len(line) - len(bare)
            if line.strip() and self._is_in(line):
                self._add(line, start, end, number)
            start = end

    def _add(self, line: bytes, start: int, end: int, number: int) -> None:
        index = len(self._starts)
        self._starts.append(start)
        self._ends.append(end)
        self._lines.append(number)
        own = self._own_id(line)
        if own is not None:
            self._claim(index, own)

    def _is_in(self, line: bytes) -> bool:
        if not self._split:
            return True
        record = _glance(line)
        return record is None or self._value(record, "split") == self._split

    def _own_id(self, line: bytes) -> object:
        record = _glance(line)
        own = self._value(record, "id") if record is not None else None
        return own if isinstance(own, (str, int)) and own != "" else None

    def _value(self, record: dict[str, Any], key: str) -> object:
        if not self._roles and key in record:
            return record[key]
        names = keys_of(tuple(record), self._roles).names(key)
        return record[names[0]] if names else None

    def _count(self) -> int:
        return len(self._starts)

    def _hint(self) -> str:
        return f": no lines of split {self._split!r}" if self._split else ""

    def _media(self) -> Files | None:
        return self._files

    def _read(self, index: int) -> Features:
        where = f"{self._where}: line {self._lines[index]}"
        size = self._ends[index] - self._starts[index]
        if size > MAX_RECORD_BYTES:
            raise ItemFaults(
                [
                    f"{where}: {size / MIB:,.0f} MiB are over the limit of "
                    f"{MAX_RECORD_BYTES // MIB} MiB per line"
                ]
            )
        line = self._text.part(self._starts[index], self._ends[index])
        row = _parsed(line, where)
        keys = keys_of(tuple(row), self._roles)
        if keys.unused:
            unused = f"{where}: {', '.join(keys.unused)}"
            self.remarks.add(UNUSED, unused, count=len(keys.unused), item=index)
        try:
            record, missing = keys.record(row)
            content_of(record)
        except (TypeError, ValueError) as error:
            raise ItemFaults([f"{where}: {error}"]) from error
        if missing:
            self.remarks.add(NO_LABELS, f"{where}: {missing}", item=index)
        faults = [f"{where}: {fault}" for fault in faults_of(record)]
        if faults:
            raise ItemFaults(faults)
        fitting = Fitting()
        made = features_of(record, None, where, fitting)
        self._settle(index, fitting)
        self._add_file(made, record, where)
        return made

    def _add_file(self, made: MediaFeatures, record: dict[str, Any], where: str) -> None:
        if not record.get("file"):
            return
        name = record["file"]
        try:
            self._check_file(self._files, name, made.input_type)
        except ItemFaults as error:
            raise ItemFaults([f"{where}: {fault}" for fault in error.faults]) from error
        made.path = self._files.path(name)
        if not self._files.is_local and not self._checking:
            made.content = self._files.read(name)


def _jsonl_in(found: FileAt) -> FileAt:
    """Return the file itself, or the only one in a folder.

    Raises:
        UserError: There is none, or there are several.
    """
    if found.name:
        return found
    names = [n for n in found.files.names() if n.lower().endswith((".jsonl", ".ndjson"))]
    if len(names) != 1:
        listed = ", ".join(names[:10]) or "none"
        raise UserError(
            f"source {found.files.where!r}: name one .jsonl file in it; there is {listed}."
        )
    return FileAt(found.files, names[0])


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line, and its length; of one that is too long only the first bytes."""
    while line := file.readline(MAX_RECORD_BYTES + 1):
        length = len(line)
        if length > MAX_RECORD_BYTES:
            kept, line = line[:_KEPT_BYTES].strip() or b"?", line[-1:]
            while not line.endswith(b"\n") and (line := file.readline(COPY_BYTES)):
                length += len(line)
            line = kept
        yield line, length


def _glance(line: bytes) -> dict[str, Any] | None:
    """Return what a line holds; None: it is wrong, and `_read` says why."""
    try:
        record = loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _parsed(line: bytes, where: str) -> dict[str, Any]:
    try:
        record = parsed(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ItemFaults([f"{where}: {texts.fault_of(error)}"]) from error
    except ValueError as error:
        raise ItemFaults([f"{where}: no JSON: {error}"]) from error
    if not isinstance(record, dict):
        raise ItemFaults([f"{where}: no JSON object, but {type(record).__name__}"])
    return record
