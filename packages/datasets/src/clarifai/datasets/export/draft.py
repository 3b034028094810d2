"""What an export has so far: a folder beside its target that outlives the process.

`.out.zip.partial` beside `out.zip` holds the archive, the draft, and a list of what is in it. When
the same export is asked for again, it goes on from there; of another source or another format it is
deleted. One process has it at a time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from clarifai.core.errors import UserError
from clarifai.datasets.export.lock import Lock
from clarifai.datasets.export.target import FolderTarget, ZipTarget, copied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clarifai.datasets.export.order import Order

MOMENT_SECONDS = 24 * 3600.0
"""For so long an export of a dataset as it is now is gone on with; later, now is another one."""

_log = logging.getLogger(__name__)
_KEPT = ("lock", "state.json", "archive.zip", "draft", "index", "media")


class Draft:
    """The folder of one export. Get one from `open_draft`.

    Args:
        folder: Where.
        order: What is exported.
    """

    def __init__(self, folder: Path, order: Order) -> None:
        self.archive, self.index, self.media = (
            folder / name for name in ("archive.zip", "index", "media")
        )
        self.scratch = folder / "scratch"
        self._folder, self._order = folder, order
        self._path, self._state_file = folder / "draft", folder / "state.json"
        self._state = self._read_state()
        for path in folder.iterdir():
            if path.name not in _KEPT:
                delete(path)
        self.scratch.mkdir()
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
        key, made = _digest(source), self._state.get("made", 0.0)
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
            for path in (self._path, self.index, self.media):
                delete(path)
        self._note(draft=key, arrived=None)
        return (FolderTarget if order.as_folder else ZipTarget)(self._path, self.scratch)

    def arrive(self) -> None:
        """Let what was written come to be where it was wanted."""
        target = self._order.save_path
        if self._order.as_folder and target.is_dir():
            target.rmdir()  # it was empty; if it no longer is, this fails, as it should
        self._path.replace(target)
        self._note(arrived=_stamp(target))

    def clear(self) -> None:
        """Delete all of it but the lock."""
        for name in _KEPT[1:]:
            delete(self._folder / name)

    def is_worth_keeping(self) -> bool:
        """Return whether an input is in it, or a version that would be left behind."""
        return bool(self.version) or (self.index.exists() and self.index.stat().st_size > 0)

    def _is_there(self) -> bool:
        """Return whether there is a draft; an export that lacks inputs becomes one again."""
        target, arrived = self._order.save_path, self._state.get("arrived")
        is_left = arrived and target.is_file() and _stamp(target) == arrived
        if is_left and not self._path.exists():
            copied(target, self._path)
        return self._path.exists()

    def _read_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state_file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _note(self, **values: Any) -> None:
        self._state.update(values)
        partial = self._folder / "state.json-new"
        partial.write_text(json.dumps(self._state), "utf-8")
        partial.replace(self._state_file)


@contextmanager
def open_draft(order: Order) -> Iterator[Draft]:
    """Open the draft of an export; at the end it goes, unless there is something to go on with.

    It is on the disk of its target, so that the end is one rename.

    Raises:
        UserError: It cannot be written, or another export to the same path is under way.
    """
    target = order.save_path
    folder = target.with_name(f".{target.name}.partial")
    shown = repr(str(target))
    lock = Lock(folder / "lock")
    try:
        if not lock.take():
            raise UserError(f"save_path {shown}: another export to it is under way.")
    except OSError as error:
        raise UserError(f"save_path {shown} cannot be written: {error}.") from error
    stays = False
    try:
        draft = Draft(folder, order)
        try:
            yield draft
            stays = draft.is_wanted
        except BaseException:  # why: whatever stopped it, what came is kept; raised again
            stays = draft.is_worth_keeping()
            raise
        finally:
            # A thread that was not waited for may still write there.
            shutil.rmtree(draft.scratch, ignore_errors=True)
            if not stays:
                draft.clear()
    except OSError as error:
        kept = "; what came is kept, so the same call goes on from there" if stays else ""
        raise UserError(f"save_path {shown} cannot be written: {error}{kept}.") from error
    finally:
        lock.release(delete=not stays)


def delete(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):
            path.unlink()


def _digest(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
