"""Writing a snapshot of a directory, also while a platform runs there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import zipfile
from typing import TYPE_CHECKING

from clarifai_local._snapshots import drafts
from clarifai_local._snapshots.archive import hashed
from clarifai_local._snapshots.contract import (
    CHUNK_BYTES,
    FORMAT,
    KEPT_META,
    KEY_KIND,
    MANIFEST,
    MAX_MEMBERS,
    SnapshotError,
    Summary,
)
from clarifai_local._store import directory_errors, vector_blocks
from clarifai_local._store.database import check, require_whole
from clarifai_local._store.directory import (
    BLOBS_DIRECTORY,
    DATABASE_FILE,
    is_made,
    is_ours,
    touch_private,
)
from clarifai_local._store.recognition import read_only

if TYPE_CHECKING:
    from pathlib import Path

_TRIES = 3
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of all members: equal states make equal files."""


def export_state(directory: Path, file: Path) -> Summary:
    """Write a snapshot of the platform in `directory`, which may be running.

    Args:
        directory: Where the platform is.
        file: Must not exist; readable by its owner only.

    Raises:
        SnapshotError: `file` exists, or the database cannot be read.
        UnknownVersion: A newer version of the package wrote the directory.
        DamagedDirectory: The database is lost or damaged.
        OSError: Something cannot be read or written.
    """
    if file.exists() or file.is_symlink():
        raise SnapshotError(f"{file} exists: it is not overwritten")
    if not file.parent.is_dir():
        raise SnapshotError(f"there is no directory {file.parent}")
    if not is_ours(directory):
        raise SnapshotError(f"{directory} holds no platform")
    require_whole(directory / DATABASE_FILE, made=is_made(directory))
    with drafts.beside(file) as folder:
        draft = folder / drafts.DRAFT
        for attempt in range(1, _TRIES + 1):
            try:
                with directory_errors.named(directory / DATABASE_FILE):
                    summary = _write(directory, folder / DATABASE_FILE, draft)
            except sqlite3.Error as error:
                raise SnapshotError(f"{directory} cannot be read: {error}") from error
            # A running platform may have swept a blob behind the snapshot of the database.
            if not summary.missing or attempt == _TRIES:
                break
        _publish(draft, file)
    return summary


def _write(directory: Path, copy: Path, draft: Path) -> Summary:
    for path in (copy, draft):
        path.unlink(missing_ok=True)
        touch_private(path)
    version, inputs, shas = _copy_database(directory / DATABASE_FILE, copy)
    names = [f"{BLOBS_DIRECTORY}/{sha[:2]}/{sha}" for sha in shas]
    # One damaged blob would have the whole file refused.
    found = [name for name in names if _is_whole(directory / name)]
    if len(found) + 2 > MAX_MEMBERS:
        raise SnapshotError(
            f"{directory} has {len(found):,} large blobs, more than the {MAX_MEMBERS:,} of a "
            "snapshot: copy the directory while no platform runs there"
        )
    missing = len(names) - len(found)
    with copy.open("rb") as database:
        sha256 = hashed(database)
    manifest = {
        "format": FORMAT,
        "version": version,
        "inputs": inputs,
        "blobs": len(found),
        "missing": missing,
        "database_bytes": copy.stat().st_size,
        "database_sha256": sha256,
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
        contextlib.closing(read_only(source)) as original,
        contextlib.closing(sqlite3.connect(copy)) as db,
    ):
        check(original, source, made=True)
        original.backup(db)
        db.execute("PRAGMA journal_mode = DELETE").fetchall()
        with db:
            marks = ", ".join("?" * len(KEPT_META))
            db.execute(f"DELETE FROM meta WHERE key NOT IN ({marks})", tuple(KEPT_META))  # noqa: S608
            db.execute("DELETE FROM resources WHERE kind = ?", (KEY_KIND,))
            vector_blocks.forget_files(db)
        db.execute("VACUUM")  # what was deleted leaves the file, too
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        inputs: int = db.execute("SELECT COUNT(*) FROM inputs").fetchone()[0]
        rows = db.execute("SELECT sha FROM blobs WHERE data IS NULL ORDER BY sha").fetchall()
    return version, inputs, [sha.hex() for (sha,) in rows]


def _is_whole(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return hashed(file) == path.name


def _add(archive: zipfile.ZipFile, path: Path, name: str, compression: int) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, CHUNK_BYTES)


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
