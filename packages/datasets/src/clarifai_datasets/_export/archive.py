"""Reading the platform's archive: a zip of batches of inputs, taken one batch at a time.

The member `mimetype` says how the batches are serialized. Every other member is one `InputBatch`,
named `<split>/<anything>_n<number of inputs>`.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import json_format, protobuf_message, resources_pb2
from clarifai_core.wire.messages import nearest
from clarifai_inputs.file_names import is_well_formed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from clarifai_core.errors import ClarifaiError

ALL = "all"
EVERY_SPLIT = ("", ALL)
"""What `split` means all of them."""

MAX_BATCH_BYTES = 1024**3
"""Refuse a batch that unpacks to more: the platform writes a thousand inputs into one."""

_BATCH_NAME = re.compile(r"(?P<split>[^/]*)/.*_n(?P<inputs>\d+)")


@attrs.frozen
class Member:
    """A member of the archive: one batch of inputs."""

    name: str
    split: str
    """Where its inputs go."""
    inputs: int
    """How many its name promises."""


class InputArchive:
    """An open archive. Get one from `open_archive`.

    Args:
        file: The zip.
        what: What it is, for errors: `"local_archive_path 'a.zip'"`.
        error: What to raise when it is broken.
    """

    def __init__(self, file: zipfile.ZipFile, what: str, error: Callable[[str], ClarifaiError]):
        self._file, self._what, self._error = file, what, error
        with self._telling("mimetype"):
            self._parse = self._parser()
        self.batches = [
            self._batch(info)
            for info in file.infolist()
            if info.filename != "mimetype" and not info.is_dir()
        ]

    @property
    def fingerprint(self) -> list[tuple[str, int, int]]:
        """Return what tells its content from any other: names, sizes and checksums."""
        return [(one.filename, one.file_size, one.CRC) for one in self._file.infolist()]

    @property
    def splits(self) -> list[str]:
        """Return the names of the splits, in order of appearance."""
        return list(dict.fromkeys(batch.split for batch in self.batches))

    def select(self, split: str) -> list[Member]:
        """Return the batches of a split; of every split for `""` and `"all"`.

        The platform puts a dataset without splits into `all`. Any other name of a split is then the
        name of the folder to write, as the official SDK has it.

        Raises:
            UserError: The archive has splits, and not this one; or no folder can be called so.
        """
        if split in EVERY_SPLIT:
            return self.batches
        chosen = [batch for batch in self.batches if batch.split == split]
        if not chosen and self.splits == [ALL]:
            if not is_well_formed(split):
                raise UserError(f"split {split!r} cannot be the name of a folder.")
            return [attrs.evolve(batch, split=split) for batch in self.batches]
        if not chosen:
            there = ", ".join(map(repr, self.splits)) or "none"
            raise UserError(
                f"split {split!r} is not in {self._what}; there are: {there}"
                f"{nearest(split, self.splits)}."
            )
        return chosen

    def inputs(self, batch: Member) -> Iterator[resources_pb2.Input]:
        """Yield the inputs of a batch.

        Raises:
            ClarifaiError: It is damaged, or holds another number of inputs than it should.
        """
        with self._telling(batch.name):
            parsed = self._parse(self._file.read(batch.name))
        if len(parsed.inputs) != batch.inputs:
            raise self._broken(
                batch.name, f"it holds {len(parsed.inputs):,} inputs instead of {batch.inputs:,}"
            )
        yield from parsed.inputs

    def _parser(self) -> Callable[[bytes], resources_pb2.InputBatch]:
        try:
            media_type = self._file.read("mimetype").decode("ascii", "replace").strip()
        except KeyError:
            raise self._broken("mimetype", "there is none: no archive of Clarifai data") from None
        if media_type not in _PARSERS:
            known = " or ".join(_PARSERS)
            raise self._broken("mimetype", f"it says {media_type[:100]!r}; should be {known}")
        return _PARSERS[media_type]

    def _batch(self, info: zipfile.ZipInfo) -> Member:
        named = _BATCH_NAME.fullmatch(info.filename)
        if named is None or not is_well_formed(named["split"]):
            raise self._broken(info.filename, "batches are named '<split>/<name>_n<inputs>'")
        if info.file_size > MAX_BATCH_BYTES:
            raise self._broken(info.filename, f"it unpacks to {info.file_size:,} bytes")
        return Member(info.filename, named["split"], int(named["inputs"]))

    @contextmanager
    def _telling(self, member: str) -> Iterator[None]:
        try:
            yield
        except _DAMAGES as error:
            raise self._broken(member, str(error) or type(error).__name__) from error

    def _broken(self, member: str, why: str) -> ClarifaiError:
        return self._error(f"{self._what} cannot be used: member {member!r}: {why}.")


@contextmanager
def open_archive(
    path: Path, what: str, error: Callable[[str], ClarifaiError] = UserError
) -> Iterator[InputArchive]:
    """Open the platform's archive at `path`.

    Args:
        path: The file.
        what: What it is, for errors: `"local_archive_path 'a.zip'"`.
        error: What to raise when it is no such archive.
    """
    try:
        file = zipfile.ZipFile(path)
    except _DAMAGES as damage:
        raise error(f"{what} is not a zip archive: {damage}.") from damage
    with file:
        yield InputArchive(file, what, error)


def _from_json(data: bytes) -> resources_pb2.InputBatch:
    return json_format.Parse(data, resources_pb2.InputBatch(), ignore_unknown_fields=True)


_PARSERS: dict[str, Callable[[bytes], resources_pb2.InputBatch]] = {
    "application/x.clarifai-data+protobuf": resources_pb2.InputBatch.FromString,
    "application/x.clarifai-data+json": _from_json,
}

_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,  # a member is encrypted, or compressed in an unknown way
    ValueError,
    protobuf_message.DecodeError,
    json_format.ParseError,
)
"""What reading a damaged archive raises."""
