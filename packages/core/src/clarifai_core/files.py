"""Files that are written whole, and that are only their owner's where they hold secrets.

At each moment there is the old file or the new one. What others put in the way is not followed: a
link counts when it is the user's own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600
"""Mode of a file that holds keys: its owner reads and writes it, nobody else."""

PRIVATE_FOLDER = 0o700
"""Mode of a folder that holds such files."""

MAX_LINKS = 40
"""Links that lead from one to the next; more are a circle."""

ORDINARY = 0o666
"""Mode of a user's file: the umask takes away what others may not."""

_OTHERS = 0o077
_LEADS_AWAY = (0xA000_0003, 0xA000_000C)
"""What Windows calls junctions and links."""

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = ORDINARY, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a draft beside a file, that takes its place when the block ends.

    When the block raises, the draft is deleted and the file is as before; the draft of a process
    that was killed, the next one deletes. A link stays a link: what it leads to is replaced, unless
    somebody else put the link there.

    Args:
        path: The file; its folder exists.
        mode: Mode of the new file; one that others have no part in, such as `PRIVATE`, holds
            whatever the umask is.
        durable: Whether the file outlives a power failure from then on, and what killed processes
            left is looked for. Both cost too much for each of very many files.

    Raises:
        OSError: The draft cannot be written, or the path leads to what is no file.

    Example:
        >>> with replacing(Path("notes.txt")) as file:  # doctest: +SKIP
        ...     file.write(b"all of it, or nothing")
    """
    target = followed(path)
    if durable:
        _tidy(target)
    draft, descriptor = _drafted(target, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:  # why: no half-written draft stays; raised again
        draft.unlink(missing_ok=True)
        raise


def followed(path: Path) -> Path:
    """Return where a file is to be written: behind links, as long as they are the user's own.

    Raises:
        OSError: A link is of another user (who could lead anywhere with it), the links go round in
            a circle, or there is something that is no file.
    """
    for _ in range(MAX_LINKS):
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return path
        if not stat.S_ISLNK(found.st_mode):
            if stat.S_ISREG(found.st_mode):
                return path
            is_folder = stat.S_ISDIR(found.st_mode)
            raise OSError(
                errno.EISDIR if is_folder else errno.EINVAL,
                "is a directory" if is_folder else "is no file but a device or a pipe",
                str(path),
            )
        if not is_ours(found) and found.st_uid != os.stat(path.parent).st_uid:  # noqa: PTH116
            raise PermissionError(errno.EPERM, "is a link that another user made", str(path))
        path = path.parent / os.readlink(path)  # noqa: PTH115  why: it may be relative
    raise OSError(errno.ELOOP, "links lead round in a circle", str(path))


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only.

    The umask does not matter. A folder that is there already is left as it is.

    Raises:
        OSError: It cannot be made, or something else is there.
    """
    missing = []
    while not os.path.lexists(path):
        missing.append(path)
        path = path.parent
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process is as quick
            one.mkdir(PRIVATE_FOLDER)
            one.chmod(PRIVATE_FOLDER)
    if missing and not missing[0].is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is no directory", str(missing[0]))


def make_private_file(path: Path) -> None:
    """Make an empty file for its owner only, if there is none; one of ours is tightened.

    Raises:
        OSError: It cannot be made, or there is a link or something else that is no file.
    """
    while True:
        with contextlib.suppress(FileExistsError):
            os.close(_created(path, PRIVATE))
        try:
            if is_link(os.lstat(path)):
                raise OSError(errno.ELOOP, "is a link", str(path))
            descriptor = os.open(path, os.O_RDWR | _NO_LINK)
        except FileNotFoundError:
            continue  # why: another process deleted it in between
        break
    try:
        found = os.fstat(descriptor)
        if not is_plain(found) or not is_ours(found):
            raise OSError(errno.EPERM, "is no file of this user's own", str(path))
        if sys.platform != "win32" and found.st_mode & _OTHERS:
            os.fchmod(descriptor, PRIVATE)
    finally:
        os.close(descriptor)


def others_may_read(path: Path) -> bool:
    """Return whether a file is there that more users than its owner may read.

    Windows keeps such things elsewhere: there it is False.
    """
    if sys.platform == "win32":
        return False
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def is_ours(found: os.stat_result) -> bool:
    """Return whether a file belongs to the user of this process; on Windows all of them do."""
    return sys.platform == "win32" or found.st_uid == os.geteuid()


def is_plain(found: os.stat_result) -> bool:
    """Return whether it is a file with one name: no link of any kind, no device, no pipe."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink <= 1


def is_link(found: os.stat_result) -> bool:
    """Return whether `os.lstat` found a link, or what leads elsewhere on Windows (a junction)."""
    return stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) in _LEADS_AWAY


def locked(descriptor: int) -> bool | None:
    """Lock an open file for this process; the lock goes when the file is closed, or with us.

    Returns:
        Whether it is ours now; False: another process has it; None: there are no locks on this
        file system.
    """
    from filelock import lock_descriptor  # 50 ms, which only those who write files wait for

    try:
        return lock_descriptor(descriptor, blocking=False)
    except OSError:
        return None


def _created(path: Path, mode: int) -> int:
    """Return a descriptor of a new file."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    if sys.platform != "win32" and not mode & _OTHERS:
        os.fchmod(descriptor, mode)
    return descriptor


def _drafted(target: Path, mode: int) -> tuple[Path, int]:
    """Return a new draft, locked as long as it is open: so others know that it is in use."""
    while True:
        draft = target.with_name(f"{_draft_prefix(target)}{os.urandom(8).hex()}{_DRAFT}")
        descriptor = _created(draft, mode)
        locked(descriptor)
        # One that took it for left over, before it was locked, deleted it.
        if sys.platform == "win32" or os.fstat(descriptor).st_nlink:
            return draft, descriptor
        os.close(descriptor)


def _tidy(target: Path) -> None:
    """Delete drafts of this file that processes left which were killed."""
    prefix = _draft_prefix(target)
    name = re.compile(f"{re.escape(prefix)}[0-9a-f]{{16}}{re.escape(_DRAFT)}")
    # why: whatever hinders deleting what is left does not hinder writing
    with contextlib.suppress(OSError):
        left = [one for one in os.listdir(target.parent) if one.startswith(prefix)]  # noqa: PTH208
        for one in filter(name.fullmatch, left):
            with contextlib.suppress(OSError):
                _delete_unless_in_use(target.with_name(one))


def _delete_unless_in_use(draft: Path) -> None:
    descriptor = os.open(draft, os.O_RDONLY | _NO_LINK)
    try:
        found = os.fstat(descriptor)
        is_left = is_plain(found) and is_ours(found) and locked(descriptor) is True
        if sys.platform != "win32" and is_left:
            draft.unlink()
    finally:
        os.close(descriptor)
    if sys.platform == "win32" and is_left:
        draft.unlink()  # which fails for a file that is open


def _draft_prefix(target: Path) -> str:
    return f".{target.name[:40]}."


_DRAFT = ".clarifai"
"""How the names of drafts end."""

_BINARY = getattr(os, "O_BINARY", 0)
