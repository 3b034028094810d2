"""A platform's whole state as one file: `clarifai local export` and `clarifai local import`.

The file is a zip: `manifest.json`, `platform.sqlite3`, and the large blobs under their SHA-256. It
is a snapshot of one moment, also of a platform that is running. Keys are not in it: the imported
platform makes its own. Neither are `downloads`, the files that stand in for the internet.

Both directions write a draft first and rename it when it is complete.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import attrs

from clarifai.local.store import BLOBS_DIRECTORY, DATABASE_FILE
from clarifai.local.store.database import check

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
"""Version of the file's own layout; the database inside has one of its own."""

MANIFEST = "manifest.json"

_CHUNK_BYTES = 1024 * 1024
_MAX_MANIFEST_BYTES = 64 * 1024
_TRIES = 3
_BLOB_NAME = re.compile(rf"{BLOBS_DIRECTORY}/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # why: zipfile's word for an unknown method of compression
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
)
"""What zipfile raises for archives that are damaged, encrypted or of an unknown method."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of all members: equal states make equal files."""


class SnapshotError(Exception):
    """The state cannot be exported or imported; the message says why."""


@attrs.frozen
class Summary:
    """What a snapshot holds."""

    version: int
    """Format version of the database."""
    inputs: int
    blobs: int
    """Large blobs, each a member of the file."""
    missing: int
    """Large blobs that the directory has lost."""


def export_state(directory: Path, file: Path) -> Summary:
    """Write a snapshot of the platform in `directory`, which may be running.

    Args:
        directory: Where the platform is.
        file: Must not exist.

    Raises:
        SnapshotError: `file` exists, or the database cannot be read.
        UnknownVersion: A newer version of the package wrote the directory.
        OSError: Something cannot be read or written.
    """
    if file.exists():
        raise SnapshotError(f"{file} exists: it is not overwritten")
    if not file.parent.is_dir():
        raise SnapshotError(f"there is no directory {file.parent}")
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as folder:
        draft = Path(folder) / "draft"
        for attempt in range(1, _TRIES + 1):
            try:
                summary = _write(directory, Path(folder) / DATABASE_FILE, draft)
            except sqlite3.Error as error:
                raise SnapshotError(f"{directory} cannot be read: {error}") from error
            # A running platform may have swept a blob behind the snapshot of the database.
            if not summary.missing or attempt == _TRIES:
                break
        _publish(draft, file)
    return summary


def import_state(file: Path, directory: Path) -> Summary:
    """Make a platform directory out of a snapshot.

    Args:
        file: Written by `export_state`.
        directory: Must not exist, or be empty.

    Raises:
        SnapshotError: The directory is not empty, or the file is no whole snapshot.
        UnknownVersion: A newer version of the package wrote the snapshot.
        OSError: Something cannot be read or written.
    """
    _require_empty(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with _opened(file) as archive:
        manifest = _manifest(file, archive)
        with _draft_of(directory) as draft:
            summary = _extract(file, archive, manifest, draft)
            _require_empty(directory)
            with contextlib.suppress(FileNotFoundError):
                directory.rmdir()  # Windows renames to a free name only
            draft.rename(directory)
    return summary


def _write(directory: Path, copy: Path, draft: Path) -> Summary:
    copy.unlink(missing_ok=True)
    version, inputs, shas = _copy_database(directory / DATABASE_FILE, copy)
    found, missing = [], 0
    for name in (f"{BLOBS_DIRECTORY}/{sha[:2]}/{sha}" for sha in shas):
        if (directory / name).is_file():
            found.append(name)
        else:
            missing += 1
    manifest = {
        "format": FORMAT,
        "version": version,
        "inputs": inputs,
        "blobs": len(found),
        "missing": missing,
        "database_bytes": copy.stat().st_size,
        "database_sha256": _sha256(copy),
    }
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), json.dumps(manifest, indent=1))
        _add(archive, copy, DATABASE_FILE, zipfile.ZIP_DEFLATED)
        for name in found:
            try:
                _add(archive, directory / name, name, zipfile.ZIP_STORED)
            except FileNotFoundError:
                return Summary(version, inputs, len(found) - 1, missing + 1)
    return Summary(version, inputs, len(found), missing)


def _copy_database(source: Path, copy: Path) -> tuple[int, int, list[str]]:
    """Copy one moment of a database, without keys; returns version, inputs and large blobs."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as original,
        contextlib.closing(sqlite3.connect(copy)) as db,
    ):
        check(original, source)
        original.backup(db)
        db.execute("PRAGMA journal_mode = DELETE").fetchall()
        with db:
            db.execute("DELETE FROM meta WHERE key IN ('keys', 'key_salt')")
        db.execute("VACUUM")  # what was deleted leaves the file, too
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        inputs: int = db.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
        rows = db.execute("SELECT sha FROM blobs WHERE data IS NULL ORDER BY sha").fetchall()
    return version, inputs, [sha.hex() for (sha,) in rows]


def _add(archive: zipfile.ZipFile, path: Path, name: str, compression: int) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)


def _publish(draft: Path, file: Path) -> None:
    with draft.open("rb+") as written:
        os.fsync(written.fileno())
    try:
        # A link, unlike a rename, does not replace a file that came up meanwhile.
        os.link(draft, file)
    except FileExistsError:
        raise SnapshotError(f"{file} exists: it is not overwritten") from None
    except OSError:
        draft.rename(file)  # a file system without links


def _require_empty(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise SnapshotError(f"{directory} is a file: give a directory that is empty or missing")
    if directory.is_dir() and any(directory.iterdir()):
        raise SnapshotError(
            f"{directory} is not empty: nothing in it is overwritten; give another directory, or "
            "empty it first (`clarifai local reset` deletes a platform)"
        )


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except _DAMAGED as error:
        raise SnapshotError(f"{file} is no snapshot, or is damaged: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise SnapshotError(f"{file} is damaged: it points outside of itself") from error


@contextlib.contextmanager
def _draft_of(directory: Path) -> Iterator[Path]:
    draft = Path(tempfile.mkdtemp(prefix=f".{directory.name}.", dir=directory.parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _manifest(file: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with archive.open(MANIFEST) as member:
            manifest = json.loads(member.read(_MAX_MANIFEST_BYTES))
        known = manifest["format"]
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotError(f"{file} is no snapshot: it has no manifest") from error
    if known != FORMAT:
        raise SnapshotError(
            f"{file} has snapshot format {known!r}, this package reads {FORMAT}: "
            "upgrade clarifai-local"
        )
    if not isinstance(manifest, dict) or not {"database_bytes", "database_sha256"} <= set(manifest):
        raise SnapshotError(f"{file} is no snapshot: its manifest is incomplete")
    return manifest


def _extract(
    file: Path, archive: zipfile.ZipFile, manifest: dict[str, Any], draft: Path
) -> Summary:
    """Write all members, each checked against its hash."""
    members = _members(file, archive)
    if archive.getinfo(DATABASE_FILE).file_size != manifest["database_bytes"]:
        raise SnapshotError(f"{file} is damaged: the size of {DATABASE_FILE} is not the manifest's")
    total = sum(archive.getinfo(name).file_size for name in members)
    free = shutil.disk_usage(draft).free
    if total > free:
        raise SnapshotError(
            f"{file} needs {total:,} bytes, only {free:,} are free in {draft.parent}"
        )
    for name in members:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        wanted = manifest["database_sha256"] if name == DATABASE_FILE else target.name
        if _copied(archive, name, target) != wanted:
            raise SnapshotError(f"{file} is damaged: {name} is not what it was")
    return _inspect(file, draft / DATABASE_FILE, blobs=len(members) - 1)


def _members(file: Path, archive: zipfile.ZipFile) -> list[str]:
    """Return the members to write; any name that is not one of ours refuses the whole file."""
    names = [name for name in archive.namelist() if name != MANIFEST]
    for name in names:
        if name != DATABASE_FILE and not _BLOB_NAME.fullmatch(name):
            raise SnapshotError(f"{file} is no snapshot: it has a member {name!r}")
    if len(set(names)) != len(names) or DATABASE_FILE not in names:
        raise SnapshotError(f"{file} is damaged: a member is missing or there twice")
    return names


def _copied(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    """Write a member; returns its SHA-256. More bytes than announced are an error of zipfile."""
    with archive.open(name) as source, target.open("xb") as file:
        return _hashed(source, file)


def _inspect(file: Path, database: Path, *, blobs: int) -> Summary:
    with contextlib.closing(sqlite3.connect(database)) as db:
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            version = check(db, file)
            code = db.execute("SELECT 1 FROM sqlite_master WHERE type IN ('trigger', 'view')")
            if not version or code.fetchone() is not None:
                raise SnapshotError(f"{file} is no snapshot: its database is foreign")
            inputs: int = db.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
            large = "SELECT COUNT(*) FROM blobs WHERE data IS NULL"
            missing: int = db.execute(large).fetchone()[0] - blobs
        except sqlite3.DatabaseError as error:
            raise SnapshotError(f"{file} is damaged: {error}") from error
    return Summary(version, inputs, blobs, missing)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return _hashed(file, None)


def _hashed(source: IO[bytes], target: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()
