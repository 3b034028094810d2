"""Deleting a platform's files, and nothing else that is beside or among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local._store.blobs import own_files
from clarifai_local._store.directory import (
    BLOBS_DIRECTORY,
    LOCK_FILE,
    MARK_FILE,
    OWN_FILES,
    OWN_FOLDERS,
    VECTORS_DIRECTORY,
    check_names,
    files_of_vectors,
    folders_of_blobs,
    temporaries,
    usable,
)
from clarifai_local._store.lock import DirectoryLock

if TYPE_CHECKING:
    from pathlib import Path


def erase(directory: Path) -> list[Path]:
    """Delete the platform in a directory that is known to hold one.

    Args:
        directory: The directory itself stays, as do downloads and whatever else is in it.

    Returns:
        Files of somebody else in the platform's folders; they are left alone.

    Raises:
        DirectoryInUse: A process has it open.
        ForeignDirectory: Links or files of somebody else have names of ours.
        UnusableDirectory: The system does not let us delete something.
    """
    with usable(directory):
        lock = DirectoryLock(directory)
        try:
            remove_content(directory)
            (directory / MARK_FILE).unlink(missing_ok=True)
        finally:
            lock.release(remove=True)
        folders = [directory / name for name in OWN_FOLDERS]
        return sorted(path for one in folders if one.is_dir() for path in one.iterdir())


def remove_content(directory: Path) -> None:
    """Delete all that is the platform's, and what was being written, but not lock and mark."""
    check_names(directory)
    blobs = directory / BLOBS_DIRECTORY
    if blobs.is_dir():
        for path in list(own_files(blobs)):
            path.unlink()
        for folder in [blobs / entry.name for entry in folders_of_blobs(blobs)]:
            remove_if_empty(folder)
        remove_if_empty(blobs)
    vectors = directory / VECTORS_DIRECTORY
    if vectors.is_dir():
        for path in list(files_of_vectors(vectors)):
            path.unlink()
        remove_if_empty(vectors)
    for name in OWN_FILES:
        if name != LOCK_FILE:
            (directory / name).unlink(missing_ok=True)
    for path in temporaries(directory):
        path.unlink(missing_ok=True)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing is left."""
    if not any(folder.iterdir()):
        folder.rmdir()
