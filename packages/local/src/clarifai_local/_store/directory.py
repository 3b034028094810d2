"""The platform's directory: which names in it are ours, and how we know that they are.

    .clarifai-platform   the mark: written exclusively, before anything else
    platform.sqlite3     with its -wal, -shm and -journal
    blobs/ab/<sha-256>   large files; nothing else in `blobs` is ours
    platform.vectors     vectors as queries read them, in files of 32 digits; nothing else in it
    lock, pat            who has it open, and its key

A folder may hold files of its user besides. Ours are plain files and folders: a link, or another
name for a file elsewhere, is refused, so that nothing beyond the directory is read, written or
removed. All of it is readable by its owner only.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_local._store import directory_errors, recognition
from clarifai_local._store.directory_errors import (
    DamagedDirectory,
    ForeignDirectory,
    UnusableDirectory,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK_FILE = ".clarifai-platform"
"""Says that a directory is a platform's."""

DATABASE_FILE = "platform.sqlite3"
"""Name of the database."""

BLOBS_DIRECTORY = "blobs"
"""Name of the folder of large blobs."""

VECTORS_DIRECTORY = "platform.vectors"
"""Name of the folder of vectors."""

LOCK_FILE = "lock"
"""Name of the file that says who has the directory open."""

PAT_FILE = "pat"
"""Name of the file that holds the first key."""

DOWNLOADS_DIRECTORY = "downloads"
"""The user's own: files `host/path` that stand in for the internet. Nothing here touches it."""

DATABASE_FILES = tuple(f"{DATABASE_FILE}{end}" for end in ("", "-wal", "-shm", "-journal"))
OWN_FILES = (*DATABASE_FILES, PAT_FILE, LOCK_FILE)
OWN_FOLDERS = (BLOBS_DIRECTORY, VECTORS_DIRECTORY)

TEMPORARY_PREFIX = ".new-"
"""Files that are being written begin with it."""

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_MARK = "clarifai-local platform directory\n"
_NEW, _MADE = "new\n", "made\n"
_MAX_MARK_BYTES = 256
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_TEMPORARY = re.compile(
    rf"{re.escape(TEMPORARY_PREFIX)}({PAT_FILE}|{MARK_FILE[1:]})-[0-9a-f]{{16}}"
    rf"|{re.escape(MARK_FILE)}-[0-9a-f]{{16}}"
)
_FOLDER_OF_BLOBS = re.compile(r"[0-9a-f]{2}")
_FILE_OF_VECTORS = re.compile(r"[0-9a-f]{32}")


def claim(directory: Path) -> None:
    """Make a directory the platform's, or find that it is.

    A new platform goes into a folder with other files only when none of the names that it uses is
    taken. Directories of earlier versions, without a mark, are known by their database.

    Args:
        directory: Created when missing.

    Raises:
        ForeignDirectory: Files of somebody else, or links, have our names.
        UnknownVersion: A newer version of this package wrote it.
        UnusableDirectory: It cannot be created, read or written.
    """
    with usable(directory):
        _make(directory)
        if read_mark(directory) is None:
            if is_of_earlier_version(directory):
                _write_mark(directory, _MADE)
            else:
                _require_free(directory)
                _write_mark(directory, _NEW)
        check_names(directory)
        tighten(directory)


def is_ours(directory: Path) -> bool:
    """Return whether a directory holds a platform; nothing in it is changed.

    Raises:
        ForeignDirectory: It does, but links or foreign files have names of ours.
        UnknownVersion: It does, of a newer version.
        UnusableDirectory: It cannot be read.
    """
    with usable(directory):
        if read_mark(directory) is None and not is_of_earlier_version(directory):
            return False
        check_names(directory)
        return True


def is_made(directory: Path) -> bool:
    """Return whether its database was complete once; before that, it may be empty."""
    return read_mark(directory) == _MADE


def set_made(directory: Path) -> None:
    """Note that the database is complete."""
    with usable(directory):
        write_private(directory / MARK_FILE, _MARK + _MADE)


def mark_as_made(directory: Path) -> None:
    """Mark a directory that is filled already, such as a draft."""
    _write_mark(directory, _MADE)


def check_names(directory: Path) -> None:
    """Refuse links and other kinds of things under our names.

    Raises:
        ForeignDirectory: One is there.
    """
    for name in OWN_FILES:
        found = _lstat(directory / name)
        if found is not None and not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
            raise ForeignDirectory(f"{directory / name} is {_kind(found)}, not the platform's file")
    for name in OWN_FOLDERS:
        found = _lstat(directory / name)
        if found is not None and not stat.S_ISDIR(found.st_mode):
            what = f"{directory / name} is {_kind(found)}"
            raise ForeignDirectory(f"{what}, not the platform's folder")
    blobs = directory / BLOBS_DIRECTORY
    for entry in folders_of_blobs(blobs) if blobs.exists() else ():
        if not entry.is_dir(follow_symlinks=False):
            raise ForeignDirectory(f"{entry.path} is {_kind(entry.stat(follow_symlinks=False))}")


def folders_of_blobs(blobs: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what has the name of a folder of blobs; the caller sees whether it is one."""
    with os.scandir(blobs) as entries:
        yield from (one for one in entries if _FOLDER_OF_BLOBS.fullmatch(one.name))


def files_of_vectors(folder: Path) -> Iterator[Path]:
    """Yield the platform's files in a folder of vectors; anything else is somebody else's."""
    if folder.is_dir() and not folder.is_symlink():
        with os.scandir(folder) as entries:
            for one in entries:
                if _FILE_OF_VECTORS.fullmatch(one.name) and one.is_file(follow_symlinks=False):
                    yield Path(one.path)


def tighten(directory: Path) -> None:
    """Take from others what they may do with our files; the user's own are left as they are."""
    names = {path.name for path in directory.iterdir()}
    for name in (*OWN_FILES, MARK_FILE):
        if name in names:
            _close_to_others(directory / name, PRIVATE_FILE)
    blobs = directory / BLOBS_DIRECTORY
    if BLOBS_DIRECTORY in names:
        folders = list(folders_of_blobs(blobs))
        for entry in folders:
            _close_to_others(Path(entry.path), PRIVATE_FOLDER)
        if len(folders) == len(list(blobs.iterdir())):
            _close_to_others(blobs, PRIVATE_FOLDER)
    if VECTORS_DIRECTORY in names:
        folder = directory / VECTORS_DIRECTORY
        files = list(files_of_vectors(folder))
        for path in files:
            _close_to_others(path, PRIVATE_FILE)
        if len(files) == len(list(folder.iterdir())):
            _close_to_others(folder, PRIVATE_FOLDER)
    if names <= {*OWN_FILES, MARK_FILE, *OWN_FOLDERS, DOWNLOADS_DIRECTORY}:
        _close_to_others(directory, PRIVATE_FOLDER)


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may use, whatever the umask; one that exists stays."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=PRIVATE_FOLDER)
        path.chmod(PRIVATE_FOLDER)


def touch_private(path: Path) -> None:
    """Make an empty file that only its owner may use, whatever the umask; one that exists stays."""
    with contextlib.suppress(FileExistsError):
        os.close(create_private(path))


def create_private(path: Path) -> int:
    """Create a file that only its owner may use, whatever the umask; returns its descriptor.

    Raises:
        FileExistsError: Something has that name.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | _NO_FOLLOW
    descriptor = os.open(path, flags, PRIVATE_FILE)
    try:
        path.chmod(PRIVATE_FILE)
    except BaseException:  # why: tidied up, and raised again
        os.close(descriptor)
        raise
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Write a small file as a whole, readable by its owner only; a link there is replaced."""
    draft = path.with_name(f"{TEMPORARY_PREFIX}{path.name.lstrip('.')}-{secrets.token_hex(8)}")
    try:
        _write(draft, text)
        draft.replace(path)
    except BaseException:  # why: tidied up, and raised again
        draft.unlink(missing_ok=True)
        raise


def temporaries(directory: Path) -> list[Path]:
    """Return the small files that a killed process was writing."""
    return [
        path
        for path in directory.iterdir()
        if _TEMPORARY.fullmatch(path.name)
        and (found := _lstat(path)) is not None
        and stat.S_ISREG(found.st_mode)
    ]


def remove_temporaries(directory: Path) -> None:
    """Remove the small files that a killed process was writing; one may hold a key."""
    for path in temporaries(directory):
        with contextlib.suppress(OSError):  # another process may be trying to claim the directory
            path.unlink()


def read_small(path: Path, max_bytes: int) -> bytes | None:
    """Return a small file of ours, None when there is none.

    Args:
        path: A link there is not followed.
        max_bytes: One more byte is returned of a larger file, so that the caller sees it.

    Raises:
        OSError: It cannot be read, or is a link.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(max_bytes + 1)


def read_mark(directory: Path) -> str | None:
    """Return what the mark says of its directory, None when there is no mark.

    Raises:
        ForeignDirectory: Somebody else has that name.
        DamagedDirectory: The mark is cut short.
    """
    path = directory / MARK_FILE
    found = _lstat(path)
    if found is None:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise ForeignDirectory(f"{path} is {_kind(found)}, not the platform's mark")
    text = (read_small(path, _MAX_MARK_BYTES) or b"").decode("ascii", "replace")
    state = text.removeprefix(_MARK)
    if text == state and not _MARK.startswith(text):
        raise ForeignDirectory(f"{path} is not the platform's mark")
    if state not in {_NEW, _MADE}:
        remedy = "if the database in it is a platform's, delete that file"
        raise DamagedDirectory(directory, f"{MARK_FILE} is cut short", remedy)
    return state


def is_of_earlier_version(directory: Path) -> bool:
    """Return whether a directory without a mark is one that an earlier version made."""
    found = _lstat(directory / DATABASE_FILE)
    if found is None or not stat.S_ISREG(found.st_mode):
        return False
    return recognition.is_ours(directory / DATABASE_FILE)


@contextlib.contextmanager
def usable(directory: Path) -> Iterator[None]:
    """Say of which directory it was that the system refused something."""
    try:
        yield
    except OSError as error:
        # Errors of our own are OSErrors, too, and have no number; shortages pass.
        if error.errno is None or directory_errors.sentence(error):
            raise
        raise UnusableDirectory(directory, error) from error


def _make(directory: Path) -> None:
    if directory.is_dir():
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    make_private_folder(directory)


def _require_free(directory: Path) -> None:
    for name in (*OWN_FILES, *OWN_FOLDERS):
        if _lstat(directory / name) is not None:
            what = "folder" if name in OWN_FOLDERS else "file"
            raise ForeignDirectory(
                f"{directory} holds no platform, and has a {what} {name!r} of its own"
            )


def _write_mark(directory: Path, state: str) -> None:
    """Write the mark, unless another process has just done so."""
    draft = directory / f"{MARK_FILE}-{secrets.token_hex(8)}"
    try:
        _write(draft, _MARK + state)
        with contextlib.suppress(FileExistsError):
            try:
                os.link(draft, directory / MARK_FILE)
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                _write(directory / MARK_FILE, _MARK + state)
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with os.fdopen(create_private(path), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _close_to_others(path: Path, mode: int) -> None:
    found = _lstat(path)
    if found is None or stat.S_ISLNK(found.st_mode) or not stat.S_IMODE(found.st_mode) & 0o077:
        return
    # A shared place such as /tmp, or a disk of its own, is not ours alone.
    if stat.S_ISDIR(found.st_mode) and (found.st_mode & stat.S_ISVTX or os.path.ismount(path)):
        return
    # Where modes mean nothing (FAT, Windows), or the folder is another user's, there is nothing to
    # be done: our files in it are private all the same.
    with contextlib.suppress(PermissionError, NotImplementedError):  # why: as said above
        path.chmod(mode)


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _kind(found: os.stat_result) -> str:
    if stat.S_ISLNK(found.st_mode):
        return "a link"
    if stat.S_ISDIR(found.st_mode):
        return "a folder"
    if stat.S_ISREG(found.st_mode):
        return "a file that has another name elsewhere" if found.st_nlink > 1 else "a file"
    return "no file"
