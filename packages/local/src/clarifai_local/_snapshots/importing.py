"""Making a platform's directory out of a snapshot that nobody vouches for."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from clarifai_local._snapshots import drafts
from clarifai_local._snapshots.archive import SnapshotArchive, opened, require_room
from clarifai_local._snapshots.contract import SnapshotError, Summary
from clarifai_local._snapshots.rebuilding import rebuild
from clarifai_local._store.directory import (
    BLOBS_DIRECTORY,
    DATABASE_FILE,
    make_private_folder,
    mark_as_made,
)

if TYPE_CHECKING:
    from pathlib import Path


def import_state(file: Path, directory: Path) -> Summary:
    """Make a platform directory out of a snapshot.

    Keys are not taken over, nor anything that this package does not write: the new platform makes
    its own key.

    Args:
        file: Written by `export_state`.
        directory: Must not exist, or be empty.

    Raises:
        SnapshotError: The directory is not empty, or the file is no whole snapshot.
        UnknownVersion: A newer version of the package wrote the snapshot.
        OSError: Something cannot be read or written.
    """
    _require_empty(directory)
    with opened(file) as archive:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with drafts.beside(directory) as draft:
            require_room(archive, draft)
            summary = _extract(archive, draft)
            _require_empty(directory)
            with contextlib.suppress(FileNotFoundError):
                directory.rmdir()  # Windows renames to a free name only
            (draft / drafts.PLATFORM).rename(directory)
    return summary


def _extract(archive: SnapshotArchive, draft: Path) -> Summary:
    made, untrusted = draft / drafts.PLATFORM, draft / drafts.UNTRUSTED
    make_private_folder(made)
    archive.write_database(untrusted)
    found = rebuild(archive.file, untrusted, made / DATABASE_FILE)
    for sha, info in archive.blobs.items():
        if found.large.get(sha) != info.file_size:
            raise SnapshotError(
                f"{archive.file} is no snapshot: its database does not know {info.filename}"
            )
        archive.write_blob(sha, made / BLOBS_DIRECTORY / sha[:2] / sha)
    mark_as_made(made)
    missing = len(found.large) - len(archive.blobs)
    return Summary(found.version, found.inputs, len(archive.blobs), missing)


def _require_empty(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise SnapshotError(f"{directory} is a file: give a directory that is empty or missing")
    if directory.is_dir() and any(directory.iterdir()):
        raise SnapshotError(
            f"{directory} is not empty: nothing in it is overwritten; give another directory, or "
            "empty it first (`clarifai local reset` deletes a platform)"
        )
