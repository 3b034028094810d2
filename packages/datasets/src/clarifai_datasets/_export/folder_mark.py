"""The mark of a folder that an export made: how it comes, how it is known, how it goes.

A folder has its mark from the moment it has its name, and loses the name before the mark; so a kill
at any moment leaves no folder that cannot be told from somebody else's.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from pathlib import Path

from clarifai_core.files import PRIVATE, PRIVATE_FOLDER, is_link, is_ours

MARK = "made-by-clarifai-export"
"""Name of the file that makes a folder ours."""

MARK_CONTENT = b"An export of the Clarifai SDK made this folder, and deletes it when it is done.\n"

LOCK = "lock"

NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
BINARY = getattr(os, "O_BINARY", 0)


def make(path: Path) -> None:
    """Make the folder with its mark, in one go, unless something is there."""
    draft = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    draft.mkdir(PRIVATE_FOLDER)
    try:
        draft.chmod(PRIVATE_FOLDER)  # whatever the umask is
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
        with os.fdopen(os.open(draft / MARK, flags, PRIVATE), "wb") as file:
            file.write(MARK_CONTENT)
        if not os.path.lexists(path):
            draft.rename(path)
    except FileNotFoundError:
        pass  # why: another process took it for left over; it is made anew
    except OSError:
        if not os.path.lexists(path):  # why: else another one was as quick
            raise
    finally:
        delete_marked(draft)


def tidy(path: Path) -> None:
    """Delete folders that were about to be named so, or were no longer, when a process was killed.

    Their names say so, and nothing is in them but the mark and a lock.
    """
    name = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{16}}")
    with contextlib.suppress(OSError):  # why: what is left does not hinder an export
        for one in filter(name.fullmatch, os.listdir(path.parent)):  # noqa: PTH208
            delete_marked(path.with_name(one))


def delete_marked(folder: Path) -> None:
    """Delete a folder with a mark and nothing else, or with nothing at all."""
    with contextlib.suppress(OSError):  # why: it is not ours, or gone already
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or is_link(found) or not is_ours(found):
            return
        names = os.listdir(folder)  # noqa: PTH208
        if not {MARK, LOCK}.issuperset(names) or (MARK in names and not _is_mark(folder / MARK)):
            return
        for name in (LOCK, MARK):  # without the mark it is not found to be ours
            if name in names:
                (folder / name).unlink()
        folder.rmdir()


def _is_mark(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | NO_LINK | BINARY)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(len(MARK_CONTENT) + 1) == MARK_CONTENT


def strange(folder: Path) -> str:
    """Return the first name in a folder that is neither a file nor a folder, or `""`."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if sys.platform == "win32" and is_link(entry.stat(follow_symlinks=False)):
                    return entry.name
                if is_folder:
                    waiting.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    return entry.name
    return ""


def delete_tree(name: str, folder: int) -> None:
    """Delete a folder and what is in it, by open folders only: no link leads out of it."""
    for _, folders, files, at in os.fwalk(name, topdown=False, dir_fd=folder):
        for one in files:
            os.unlink(one, dir_fd=at)
        for one in folders:
            try:
                os.rmdir(one, dir_fd=at)
            except NotADirectoryError:
                os.unlink(one, dir_fd=at)  # a link to a folder counts as one
    os.rmdir(name, dir_fd=folder)
