"""A folder that an export made, and nothing but such a folder.

`.out.zip.partial` may be there already: as somebody's folder, as a link to their home, as a folder
of an export that was killed. Ours hold a mark, which is in them from the moment they have their
name; what has none is refused, and left as it is. Ours are only their owner's, so that nobody else
can change them while they are in use. Where the system offers it, files in them are named by the
open folder and not by its path, so that nothing else can come to be in its place in between.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO

from clarifai_core.errors import UserError
from clarifai_core.files import PRIVATE, PRIVATE_FOLDER, is_link, is_ours, is_plain, locked
from clarifai_core.loggers import logger_for
from clarifai_datasets._export.folder_mark import (
    BINARY,
    LOCK,
    MARK,
    MARK_CONTENT,
    NO_LINK,
    delete_marked,
    delete_tree,
    make,
    strange,
    tidy,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import Any

MAX_TRIES = 100
"""How often a folder that others delete meanwhile is made anew."""

MAX_NAME_BYTES = 255 - len(".") - len(".partial") - len(".0123456789abcdef")
"""Longest name of a target whose folder has that name, too; others get a digest."""

_BY_FOLDER = {os.open, os.stat, os.unlink, os.rename, os.rmdir} <= os.supports_dir_fd
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_log = logger_for(__name__)


def folder_for(target: Path) -> Path:
    """Return where an export to `target` keeps what has come: beside it, on the same disk."""
    name = os.fsencode(target.name)
    if len(name) <= MAX_NAME_BYTES:
        return target.with_name(f".{target.name}.partial")
    start = name[: MAX_NAME_BYTES - 20].decode("utf-8", "ignore")
    return target.with_name(f".{start}-{hashlib.sha256(name).hexdigest()[:16]}.partial")


class OwnFolder:
    """The folder of one export, which one process has at a time.

    Args:
        path: Where; made when nothing is there.
        names: What an export keeps in it; anything else is somebody else's.
        folders: Those of them that may be folders.
    """

    def __init__(self, path: Path, names: Collection[str], folders: Collection[str] = ()) -> None:
        self.path = path
        self._names, self._folders = {*names, MARK, LOCK}, folders
        self._folder = self._lock = -1

    def take(self) -> bool:
        """Return whether it is ours now; False: another process has it.

        Raises:
            UserError: Something else is there, which is left as it is.
            OSError: It cannot be made.
        """
        tidy(self.path)
        for _ in range(MAX_TRIES):
            if not os.path.lexists(self.path):
                make(self.path)
            try:
                self._open()
                # Without locks on this disk, two exports at once are the smaller evil.
                if locked(self._lock) is False:
                    self._close()
                    return False
                if self.is_there():
                    self._check_content()
                    return True
                self._close()  # whoever was done here deleted it in between
            except FileNotFoundError:
                self._close()
            except BaseException:  # why: nothing stays open; raised again
                self._close()
                raise
        raise OSError(errno.EBUSY, "it comes and goes", str(self.path))

    def release(self, *, delete: bool) -> None:
        """Let go of it; with `delete` it goes, unless somebody put files of their own into it."""
        try:
            if delete and self.is_there():
                left = [name for name in self.listed() if name not in (MARK, LOCK)]
                if left:
                    _log.warning("%s is left: files are in it that no export made", self.path)
                else:
                    self._vanish()
        finally:
            self._close()

    def is_there(self) -> bool:
        """Return whether the open folder is still what its path leads to."""
        try:
            found = os.lstat(self.path)
            lock = os.stat(**self._at(LOCK), follow_symlinks=False)
            is_same = self._folder < 0 or os.path.samestat(found, os.fstat(self._folder))
            return is_same and os.path.samestat(lock, os.fstat(self._lock))
        except FileNotFoundError:
            return False

    def check_there(self) -> None:
        """Refuse to go on when something else has come to be in its place.

        Raises:
            UserError: It has.
        """
        if not self.is_there():
            raise UserError(
                f"{str(self.path)!r} was moved, deleted or replaced by another program while the "
                "export wrote there; make the same call again."
            )

    def listed(self) -> list[str]:
        """Return the names of what is in it."""
        return os.listdir(self.path if self._folder < 0 else self._folder)  # noqa: PTH208

    def read(self, name: str) -> bytes:
        """Return the content of a file in it.

        Raises:
            OSError: There is none.
        """
        with os.fdopen(os.open(**self._at(name), flags=os.O_RDONLY | NO_LINK | BINARY), "rb") as f:
            return f.read()

    def write(self, name: str, content: bytes) -> None:
        """Write a file in it: all of it, or nothing.

        Args:
            name: Of the file.
            content: All of it.
        """
        draft = f"{name}-new"
        self.delete(draft)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
        with os.fdopen(os.open(**self._at(draft), flags=flags, mode=PRIVATE), "wb") as file:
            file.write(content)
        self._rename(draft, self.path / name, name)

    def delete(self, name: str) -> None:
        """Delete a file or folder of ours in it, if it is there; links are never followed."""
        try:
            found = os.stat(**self._at(name), follow_symlinks=False)
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(found.st_mode) or is_link(found):
            os.unlink(**self._at(name))
        elif _BY_FOLDER:
            delete_tree(name, self._folder)
        else:
            shutil.rmtree(self.path / name)

    def is_plain(self, name: str) -> bool:
        """Return whether there is such a file, and it is no link."""
        try:
            return is_plain(os.stat(**self._at(name), follow_symlinks=False))
        except FileNotFoundError:
            return False

    def move_out(self, name: str, target: Path) -> None:
        """Let a file or folder in it come to be at `target`; a file or empty folder is replaced."""
        if sys.platform == "win32" and target.is_dir():
            target.rmdir()
        self._rename(name, target)

    def _open(self) -> None:
        if sys.platform != "win32" and _BY_FOLDER:
            try:
                self._folder = os.open(self.path, os.O_RDONLY | _FOLDER | NO_LINK)
            except OSError as error:
                if error.errno in (errno.ENOTDIR, errno.ELOOP):
                    raise self._refusal("it is no folder") from None
                raise
            found = os.fstat(self._folder)
        else:
            found = os.lstat(self.path)
        if not stat.S_ISDIR(found.st_mode) or is_link(found):
            raise self._refusal("it is no folder")
        self._check_mark(found)
        if self._folder >= 0 and stat.S_IMODE(found.st_mode) & ~PRIVATE_FOLDER:
            os.chmod(self._folder, PRIVATE_FOLDER)  # noqa: PTH101
        self._lock = self._opened_lock()

    def _check_mark(self, found: os.stat_result) -> None:
        try:
            content = self.read(MARK)
        except OSError:
            content = b""
        if content == MARK_CONTENT and is_ours(found):
            return
        if not os.path.lexists(self.path):
            raise FileNotFoundError(errno.ENOENT, "deleted in between", str(self.path))
        why = "an export of another user made it" if content == MARK_CONTENT else ""
        raise self._refusal(why or "no export of this SDK made it")

    def _opened_lock(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | NO_LINK | BINARY
        try:
            descriptor = os.open(**self._at(LOCK), flags=flags, mode=PRIVATE)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise self._refusal(f"{LOCK!r} in it is no file that an export made") from None
            raise
        if not is_plain(os.fstat(descriptor)):
            os.close(descriptor)
            raise self._refusal(f"{LOCK!r} in it is no file that an export made")
        return descriptor

    def _check_content(self) -> None:
        """Refuse links among what would be written to, and whatever else no export made."""
        for name in self._names.intersection(self.listed()):
            found = os.stat(**self._at(name), follow_symlinks=False)
            is_folder = stat.S_ISDIR(found.st_mode) and name in self._folders
            if is_link(found) or not (is_folder or is_plain(found)):
                raise self._refusal(f"{name!r} in it is no file that an export made")

    def check_tree(self, name: str) -> None:
        """Refuse a folder in it that holds links, or anything but files and folders.

        Raises:
            UserError: It does.
        """
        found = strange(self.path / name)
        if found:
            raise self._refusal(f"{found!r} in it is no file that an export made")

    def _refusal(self, why: str) -> UserError:
        return UserError(
            f"{str(self.path)!r} is in the way: {why}, so it was left as it is. Move it away, or "
            "name another save_path."
        )

    def _vanish(self) -> None:
        """Delete it by another name: without its mark it must not be found by its own."""
        gone = self.path.with_name(f"{self.path.name}.{os.urandom(8).hex()}")
        if not _BY_FOLDER:  # Windows renames no folder with an open file in it
            self._close()
        try:
            self.path.rename(gone)
        except OSError:
            return  # why: another process has it already; or it stays, and is used another time
        delete_marked(gone)

    def _rename(self, name: str, target: Path, within: str = "") -> None:
        if not _BY_FOLDER:
            os.replace(self.path / name, target)  # noqa: PTH105
        elif within:
            os.rename(name, within, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        else:
            os.rename(name, target, src_dir_fd=self._folder)

    def _close(self) -> None:
        for descriptor in (self._lock, self._folder):
            if descriptor >= 0:
                os.close(descriptor)
        self._folder = self._lock = -1

    def _at(self, name: str) -> dict[str, Any]:
        if self._folder < 0:
            return {"path": self.path / name}
        return {"path": name, "dir_fd": self._folder}


def opened(path: Path, *, mode: int = PRIVATE, buffering: int = -1) -> BinaryIO:
    """Open a file of ours to read and write, as it is; one that is missing is made.

    Args:
        path: The file.
        mode: Of one that is made.
        buffering: As for `open`.

    Raises:
        OSError: It cannot be opened, or is a link.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | NO_LINK | BINARY)
    except FileNotFoundError:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY, mode)
    file: Any = os.fdopen(descriptor, "r+b", buffering)
    if not is_plain(os.fstat(descriptor)):
        file.close()
        raise OSError(errno.EPERM, "is no file that an export made", str(path))
    opened_file: BinaryIO = file
    return opened_file
