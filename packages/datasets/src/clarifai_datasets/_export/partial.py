"""What an export has so far: a folder beside its target that outlives the process.

`.out.zip.partial` beside `out.zip` holds the archive, the draft, and a list of what is in it. When
the same export is asked for again, it goes on from there; of another source or another format it is
deleted. One process has it at a time. `OwnFolder` sees to it that only what an export made is
deleted or written to.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import FileError, UserError
from clarifai_core.files import is_link
from clarifai_core.loggers import logger_for
from clarifai_datasets._export.own_folder import OwnFolder, folder_for
from clarifai_datasets._export.target import FolderTarget, ZipTarget, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarifai_datasets._export.options import ExportOptions

MOMENT_SECONDS = 24 * 3600.0
"""For so long an export of a dataset as it is now is gone on with; later, now is another one."""

_log = logger_for(__name__)
_KEPT = ("state.json", "archive.zip", "draft", "index", "media")
_PASSING = ("scratch", "state.json-new", "draft-copy")
"""What is of no use when the process that made it is gone."""

_PART_OF_ARCHIVE = re.compile(r"\.archive\.zip[-.][\w.-]+")
"""What a download is called until it is whole."""


class ExportDraft:
    """What is in the folder of one export. Get one from `open_draft`.

    Args:
        own: The folder.
        order: What is exported.
    """

    def __init__(self, own: OwnFolder, order: ExportOptions) -> None:
        self.archive, self.index, self.media = (
            own.path / name for name in ("archive.zip", "index", "media")
        )
        self.scratch = own.path / "scratch"
        self._own, self._order = own, order
        self._path = own.path / "draft"
        self._target_before = _seen(order.save_path)
        self._state = self._read_state()
        for name in own.listed():
            if name in _PASSING or (_PART_OF_ARCHIVE.fullmatch(name) and own.is_plain(name)):
                own.delete(name)
        self.scratch.mkdir(0o700)
        self.is_wanted = False
        """Whether it stays when all is done."""
        self.old_version = ""
        """Id of a version that was made for an export that is not gone on with."""

    @property
    def version(self) -> str:
        """Return the id of the version that was made for this export and may still be there."""
        return str(self._state.get("version", ""))

    @version.setter
    def version(self, value: str) -> None:
        self._note(version=value)

    def claim(self, source: list[Any], *, is_moment: bool) -> None:
        """Make it the draft of a source: what is left of another one is deleted.

        Args:
            source: What tells the source from others.
            is_moment: Whether it is a dataset as it is now, which is another one tomorrow.
        """
        key, made = _digest(source), self._state.get("made")
        made = made if isinstance(made, float) else 0.0
        is_late = (
            self._state.get("source") == key
            and is_moment
            and not 0 <= time.time() - made < MOMENT_SECONDS
        )
        if self._state.get("source") == key and not is_late:
            return
        if self.version and not is_late:
            _log.warning("version %s, which was made for another export, is left", self.version)
        self.old_version = self.version if is_late else ""
        self.clear()
        self._state = {}
        self._note(source=key, made=time.time())

    def open(self, contents: list[Any]) -> ZipTarget | FolderTarget:
        """Return what to write into: as far as an earlier export of the same came.

        Args:
            contents: What tells the content of the archive, and the part of it that is wanted.
        """
        order = self._order
        key = _digest([order.format, order.as_folder, contents])
        if self._state.get("draft") != key or not self._is_there():
            for name in ("draft", "index", "media"):
                self._own.delete(name)
        self._note(draft=key, arrived=None)
        self._own.check_there()
        if self._path.is_dir():
            self._own.check_tree("draft")
        return (FolderTarget if order.as_folder else ZipTarget)(self._path, self.scratch)

    def arrive(self) -> None:
        """Let what was written come to be where it was wanted.

        Raises:
            UserError: Something else came there since the export began; it is left as it is.
        """
        target = self._order.save_path
        self._own.check_there()
        if _seen(target) != self._target_before:
            raise UserError(
                f"save_path {str(target)!r} was made or changed by another program while the "
                "export ran, so it was left as it is. What came is kept: move it away, and make "
                "the same call again."
            )
        self._own.move_out("draft", target)
        self._note(arrived=_stamp(target))

    def clear(self) -> None:
        """Delete all of it."""
        for name in _KEPT:
            self._own.delete(name)

    def is_worth_keeping(self) -> bool:
        """Return whether an input is in it, or a version that would be left behind."""
        return bool(self.version) or (self.index.exists() and self.index.stat().st_size > 0)

    def _is_there(self) -> bool:
        """Return whether there is a draft; an export that lacks inputs becomes one again."""
        target, arrived = self._order.save_path, self._state.get("arrived")
        if arrived and not self._path.exists() and _stamp(target) == arrived:
            self._copy(target)
        return self._path.exists()

    def _copy(self, target: Path) -> None:
        """Copy what arrived back: all of it, or nothing."""
        draft = self._own.path / "draft-copy"
        with draft.open("xb") as copy:
            for chunk in chunks(target):
                copy.write(chunk)
        self._own.move_out("draft-copy", self._path)

    def _read_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._own.read("state.json"))
        except (OSError, ValueError, RecursionError):
            return {}
        return state if isinstance(state, dict) else {}

    def _note(self, **values: Any) -> None:
        self._state.update(values)
        self._own.write("state.json", json.dumps(self._state).encode())


@contextmanager
def open_draft(order: ExportOptions) -> Iterator[ExportDraft]:
    """Open the draft of an export; at the end it goes, unless there is something to go on with.

    It is on the disk of its target, so that the end is one rename.

    Raises:
        UserError: It cannot be written, another export to the same path is under way, or what is in
            its place is nothing that an export made.
    """
    target = order.save_path
    own = OwnFolder(folder_for(target), (*_KEPT, *_PASSING), ("draft", "scratch"))
    shown = repr(str(target))
    try:
        if not own.take():
            raise UserError(f"save_path {shown}: another export to it is under way.")
    except OSError as error:
        raise FileError.of(f"save_path {shown} cannot be written: {error}.", error) from error
    stays = False
    try:
        draft = ExportDraft(own, order)
        try:
            yield draft
            stays = draft.is_wanted
        except BaseException:  # why: whatever stopped it, what came is kept; raised again
            stays = draft.is_worth_keeping()
            raise
        finally:
            with suppress(OSError):  # a thread that was not waited for may still write there
                own.delete("scratch")
            if not stays:
                draft.clear()
    except UserError:
        raise
    except OSError as error:
        kept = "; what came is kept, so the same call goes on from there" if stays else ""
        text = f"save_path {shown} cannot be written: {error}{kept}."
        raise FileError.of(text, error) from error
    finally:
        own.release(delete=not stays)


def _digest(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _seen(path: Path) -> tuple[int, ...] | None:
    """Return what tells what is there from anything else; None: nothing is."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns)


def _stamp(path: Path) -> list[int] | None:
    """Return size and time of a file; None: there is no file of this name, or it is a link."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if is_link(found) or not stat.S_ISREG(found.st_mode):
        return None
    return [found.st_size, found.st_mtime_ns]
