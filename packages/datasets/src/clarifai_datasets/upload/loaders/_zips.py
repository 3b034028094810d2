"""The files in a local zip, none of which is unpacked before it is known what it may come to."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import plain
from clarifai_datasets.upload._broken import describe
from clarifai_datasets.upload.limits import (
    FREE_EXPANSION_BYTES,
    GIB,
    MAX_DIRECTORY_BYTES,
    MAX_EXPANSION,
    MIB,
)
from clarifai_datasets.upload.loaders._paths import (
    ReadByOpening,
    Unreadable,
    damage,
    inside,
    missing,
    named,
    portable,
)

if TYPE_CHECKING:
    from pathlib import Path

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Others, such as bzip2, make gigabytes of 4 KB in one step."""

_ENCRYPTED, _UTF8 = 0x1, 0x800
"""Flags of members: APPNOTE 4.4.4."""

_SECOND_NAME, _FIELD_BYTES = 0x7075, 4

GUESSED = "names of members in no encoding that the zip tells, read as code page 437"

_END, _END_BYTES, _MAX_COMMENT = b"PK\x05\x06", 22, 65_535
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_END_64_BYTES = 56


class ZipFiles(ReadByOpening):
    """The files in a local zip.

    Attributes:
        remarks: Which of its members are left out, and which names may be wrong.
    """

    is_local = False

    def __init__(self, path: Path, *, allow_outside: bool = False) -> None:
        """Read what the zip holds.

        Raises:
            UserError: It is damaged, or would unpack to more than a zip may.
        """
        self.where = str(path)
        self._path, self._allow_outside = path, allow_outside
        self._open()

    def names(self) -> list[str]:
        """Return the names of all members, sorted, but for hidden ones."""
        return self._members.names()

    def exists(self, name: str) -> bool:
        """Return whether there is such a member; raises OSError when the name is refused."""
        return self._member(name) in self._members.files

    def size(self, name: str) -> int:
        """Return the size of a member, unpacked."""
        return self._info(name).file_size

    def open(self, name: str) -> BinaryIO:
        """Open a member."""
        path, info = self.shown(name), self._info(name)
        if info.flag_bits & _ENCRYPTED:
            raise Unreadable("it is encrypted; zip it without a password", path)
        if info.compress_type not in _METHODS:
            method = zipfile.compressor_names.get(info.compress_type, info.compress_type)  # type: ignore[attr-defined]
            raise Unreadable(f"it is compressed with {method}; zip it with deflate", path)
        with damage(path):
            return cast("BinaryIO", _Member(self._zip.open(info), path))

    def path(self, name: str) -> str:
        """Return the names of zip and member."""
        self._member(name)
        return self.shown(name)

    def shown(self, name: str) -> str:
        """Return the names of zip and member, for people."""
        return f"{self.where}:{name}"

    def _member(self, name: str) -> str:
        """Return the name that a member has; as it stands there before its plain form."""
        found = name if self._allow_outside else inside(name, self.where)
        return name if name in self._members.files else portable(found)

    def _info(self, name: str) -> zipfile.ZipInfo:
        member, path = self._member(name), self.shown(name)
        if member not in self._members.files:
            raise missing(path)
        self._members.check(member, path)
        return self._members.files[member]

    def _open(self) -> None:
        try:
            with damage(self.where):
                _check_directory(self._path)
                self._zip = zipfile.ZipFile(self._path)
        except OSError as error:
            raise UserError(f"{self.where!r} is a damaged zip: {describe(error)}.") from error
        members = [one for one in self._zip.infolist() if not _is_folder(one)]
        _check_expansion(members, self._path)
        named_so = [(_name_of(one), one) for one in members]
        self._members = named(((name.text, one) for name, one in named_so), _are_same)
        self.remarks = self._members.remarks()
        guessed = [name.text for name, _ in named_so if name.is_guessed]
        self.remarks.add_all(GUESSED, guessed)

    def __getstate__(self) -> dict[str, Any]:
        names = ("where", "_path", "_allow_outside")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()


@attrs.frozen
class _Name:
    """The name of a member."""

    text: str
    is_guessed: bool = False
    """Whether nothing tells its encoding."""


def _name_of(info: zipfile.ZipInfo) -> _Name:
    """Return the name of a member, in the encoding that it is in.

    By the specification (APPNOTE, appendix D) it is in UTF-8 when a flag says so, and in code page
    437 when not. A Mac writes UTF-8 without the flag; and others the name a second time (4.6.9).
    """
    name = info.filename
    if name.isascii() or info.flag_bits & _UTF8:
        return _Name(name)
    try:
        raw = info.orig_filename.encode("cp437")
        return _Name(_second_name(info.extra, raw) or raw.decode("utf-8"))
    except UnicodeError:
        return _Name(name, is_guessed=True)


def _second_name(extra: bytes, raw: bytes) -> str:
    """Return the name that the further fields of a member have in UTF-8."""
    while len(extra) >= _FIELD_BYTES:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[_FIELD_BYTES:][:size], extra[_FIELD_BYTES + size :]
        if kind == _SECOND_NAME and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:].decode("utf-8")
    return ""


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.is_dir() or (info.filename.endswith("\\") and not info.file_size)


def _are_same(one: zipfile.ZipInfo, other: zipfile.ZipInfo) -> bool:
    return (one.CRC, one.file_size) == (other.CRC, other.file_size)


class _Member(io.BufferedIOBase):
    """A member that is being read; whatever is wrong with it is an OSError."""

    def __init__(self, member: Any, path: str) -> None:
        self._file, self._path = member, path

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes."""
        with damage(self._path):
            return bytes(self._file.read(-1 if size is None else size))

    def read1(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        with damage(self._path):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return the place."""
        with damage(self._path):
            return int(self._file.tell())

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is."""
        return True

    def close(self) -> None:
        """Close it."""
        self._file.close()
        super().close()


def _check_directory(path: Path) -> None:
    """Refuse a zip whose list of members is too long to be read."""
    size = _directory_bytes(path)
    if size > MAX_DIRECTORY_BYTES:
        raise Unreadable(
            f"its list of members has {size / MIB:,.0f} MiB, over the limit of "
            f"{MAX_DIRECTORY_BYTES / MIB:,.0f} MiB: make several of it",
            str(path),
        )


def _directory_bytes(path: Path) -> int:
    """Return what the end of a zip says about the size of its list of members."""
    with path.open("rb") as file:
        length = file.seek(0, io.SEEK_END)
        file.seek(max(0, length - _END_BYTES - _MAX_COMMENT - _LOCATOR_BYTES - _END_64_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        return 0  # the library says what is wrong
    locator = at - _LOCATOR_BYTES
    if locator >= _END_64_BYTES and tail[locator : locator + 4] == _LOCATOR:
        return int(struct.unpack_from("<Q", tail, locator - _END_64_BYTES + 40)[0])
    return int(struct.unpack_from("<I", tail, at + 12)[0])


def _check_expansion(members: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse a zip that unpacks to more than it may.

    Raises:
        UserError: It would; or its members share bytes, as only bombs do.
    """
    packed = path.stat().st_size
    unpacked = sum(one.file_size for one in members)
    most = MAX_EXPANSION * packed + FREE_EXPANSION_BYTES
    if unpacked > most:
        largest = max(members, key=lambda one: one.file_size)
        raise UserError(
            f"{str(path)!r} would unpack to {unpacked / GIB:,.1f} GiB, over the limit of "
            f"{most / GIB:,.1f} GiB for a zip of its size (the largest member is "
            f"'{plain(largest.filename)}'): unpack it yourself if you trust it."
        )
    if sum(one.compress_size for one in members) > packed:
        raise UserError(
            f"{str(path)!r} is a damaged zip: its members share bytes; zip the files again."
        )
