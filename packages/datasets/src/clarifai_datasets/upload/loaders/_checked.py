"""What the loaders of files share: items that know what is wrong with them.

A loader finds its items first (`_find`) and reads one at a time (`_read`), which says everything
that is wrong with it. With `strict` all items are read before anything is sent, and all faults come
in one error; without, an item with faults is reported as failed and the others go on.
"""

from __future__ import annotations

import abc
import contextlib
import os
from collections import deque
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import FileError, UserError
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import fit, plain, redacted
from clarifai_core.transport.workers import Workers
from clarifai_datasets.upload._broken import BrokenItem, NoItems, describe
from clarifai_datasets.upload.base import ClarifaiDataLoader, is_loaded
from clarifai_datasets.upload.loaders._files import UNKNOWN
from clarifai_datasets.upload.loaders._paths import shown_source
from clarifai_inputs.identity import item_id
from clarifai_inputs.image_size import HEAD_BYTES, Picture, Size, picture_of
from clarifai_inputs.media import content_fault, size_fault
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from clarifai_datasets.upload.features import Features
    from clarifai_datasets.upload.loaders._files import Files
    from clarifai_inputs.regions import Fitting

MAX_LISTED_FAULTS = 50
"""Faults that an error spells out; the others are counted."""

MAX_FAULT_CHARACTERS = 1000
"""Of a fault: it quotes what the source says, which may be long."""

MAX_LEFT_OUT = 10
"""Labels of one item that a note spells out."""

READERS = 8
"""Files that are read at once when they are not on this machine."""

_log = logger_for(__name__)


class ItemFaults(ValueError):
    """Everything that is wrong with one item."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(plain(fault, MAX_FAULT_CHARACTERS) for fault in faults)
        more = len(self.faults) - MAX_LISTED_FAULTS
        shown = "; ".join(self.faults[:MAX_LISTED_FAULTS])
        super().__init__(f"{shown}; and {more:,} more" if more > 0 else shown)


class FaultList:
    """Faults of a whole source; memory does not grow with their number."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0

    def add(self, fault: str) -> None:
        """Note one."""
        self._count += 1
        if self._count <= MAX_LISTED_FAULTS:
            self._lines.append(fault)

    def raise_for(self, source: str) -> None:
        """Raise one error for all of them.

        Raises:
            UserError: There is a fault.
        """
        if not self._count:
            return
        more = self._count - len(self._lines)
        lines = [*self._lines, *([f"and {more:,} more"] if more else [])]
        faults = "1 fault" if self._count == 1 else f"{self._count:,} faults"
        raise UserError.listing(f"{faults} in {source!r}", lines)


class CheckedLoader(ClarifaiDataLoader):
    """A source of items that know what is wrong with them; it is read when it is first used.

    Attributes:
        renamed: Ids that the platform would refuse -> the ids that the inputs get.
        left_out: Number of an item -> the labels of it that were left out, and why.
        remarks: What else of the source is not used as it stands, by kind; strict loaders refuse
            it.
    """

    def __init__(self, source: str, *, strict: bool = False) -> None:
        self._source = shown_source(source)
        self._strict = strict
        self._checking = False
        self._reset()

    def load_data(self) -> None:
        """Find the items; with `strict`, check all of them.

        Raises:
            UserError: The source cannot be read, holds nothing, or, with `strict`, has faults.
        """
        self._reset()
        with reading(self._source):
            self._find()
        if not self._total():
            hint = self._hint()  # what was asked for and is not there
            raise (UserError if hint else NoItems)(f"{self._source!r} holds no items{hint}.")
        if self._strict:
            self._check_all()

    def __len__(self) -> int:
        if not is_loaded(self):
            self.load_data()
        return self._total()

    def __getitem__(self, index: int) -> Features | BrokenItem:
        """Return the features of one item, or a `BrokenItem` that says what is wrong with it."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        try:
            return self._checked(index)
        except ItemFaults as error:
            return BrokenItem(str(error))
        except OSError as error:
            return BrokenItem(_told(error))
        except Exception as error:  # noqa: BLE001  why: one item's fault, whatever it is
            return BrokenItem(self._unforeseen(index, error))

    def stream(self) -> Iterator[Features | BrokenItem]:
        """Yield all items in order; files that are elsewhere are fetched ahead."""
        count = len(self)
        files = self._media()
        if files is None or files.is_local:
            yield from map(self.__getitem__, range(count))
            return
        ahead: deque[Future[Features | BrokenItem]] = deque()
        with Workers(READERS, "clarifai-fetch") as pool:
            for index in range(count):
                ahead.append(pool.submit(self.__getitem__, index))
                if len(ahead) >= 2 * READERS:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    @abc.abstractmethod
    def _find(self) -> None:
        """Find the items, and `_claim` the id of each; raises UserError or OSError."""

    @abc.abstractmethod
    def _count(self) -> int:
        """Return how many items were found."""

    @abc.abstractmethod
    def _read(self, index: int) -> Features:
        """Return the features of one item; raises ItemFaults or OSError."""

    def _media(self) -> Files | None:
        """Return where the images are."""
        return None

    def _hint(self) -> str:
        """Return what to say of a source without items: `": no *.json in it"`."""
        return ""

    def _reset(self) -> None:
        self.renamed: dict[str, str] = {}
        self.left_out: dict[int, str] = {}
        self.remarks = Remarks()
        self._seen: set[int] = set()
        self._twice: dict[int, str] = {}
        self._refused: list[str] = []

    def _names_in(self, files: Files) -> list[str]:
        """Return the names of all files; a folder that is not looked into is an item that fails."""
        names = files.names()
        self._refused = list(getattr(files, "refused", ()))
        passed_over = getattr(files, "remarks", None)
        if isinstance(passed_over, Remarks):
            self.remarks.include(passed_over)
        return names

    def _account_for(self, names: Iterable[str], used: Iterable[str], why: str) -> None:
        """Remark on files that nothing is read from.

        Args:
            names: All files of the source.
            used: Those that are read: media, labels, lists of classes.
            why: What the others are: `"left alone, neither pictures nor labels"`.
        """
        known = set(used)
        self.remarks.add_all(why, (name for name in names if name not in known))

    def _total(self) -> int:
        return self._count() + len(self._refused)

    def _claim(self, index: int, original: object) -> str:
        """Return the id of an item; a second one with that id is faulty."""
        made = item_id(original)
        if made != str(original):
            self.renamed[str(original)] = made
        key = hash(made)
        if key in self._seen:
            self._twice[index] = str(original)
        self._seen.add(key)
        return made

    def _checked(self, index: int) -> Features:
        if index in self._twice:
            raise ItemFaults([f"{self._source}: id {self._twice[index]!r} is there twice"])
        if index >= (count := self._count()):
            raise ItemFaults([self._refused[index - count]])
        return self._read(index)

    def _unforeseen(self, index: int, error: Exception) -> str:
        return f"{self._source}: item {index + 1} cannot be read: {words_of(error)}"

    def _check_all(self) -> None:
        faults = FaultList()
        self._checking = True
        try:
            for index in range(self._total()):
                for fault in self._faults_of(index):
                    faults.add(fault)
        finally:
            self._checking = False
        for line in self.remarks.lines():
            faults.add(line)
        faults.raise_for(self._source)

    def _faults_of(self, index: int) -> tuple[str, ...]:
        try:
            self._checked(index)
        except ItemFaults as error:
            return error.faults
        except OSError as error:
            return (_told(error),)
        except Exception as error:  # noqa: BLE001  why: one item's fault, whatever it is
            return (self._unforeseen(index, error),)
        return ()

    def _image(self, files: Files, name: str, faults: Iterable[str] = ()) -> dict[str, Any]:
        """Return what features say of an image; when checking, whether it is one.

        Args:
            files: Where it is.
            name: What it is called there.
            faults: What else is wrong with the item.

        Raises:
            ItemFaults: There is no such file, no image, or one over the limits; or there are
                other faults.
        """
        found = list(faults)
        try:
            self._check_file(files, name)
        except ItemFaults as error:
            found += error.faults
        if found:
            raise ItemFaults(dict.fromkeys(found))
        if files.is_local or self._checking:
            return {"image_path": files.path(name)}
        return {"image_path": name, "image_bytes": files.read(name)}

    def _check_file(self, files: Files, name: str, input_type: str = "image") -> None:
        """Refuse a file that the platform would; its content is looked at when checking only.

        Raises:
            ItemFaults: There is no such file, or it is none of this type, or over the limits.
        """
        try:
            size = files.size(name)
        except FileNotFoundError:
            fault = "no such file"
        else:
            fault = size_fault(input_type, size) if size != UNKNOWN else ""
        if not fault and self._checking:
            fault = _content_fault(files, name, input_type)
        if fault:
            raise ItemFaults([f"{files.shown(name)}: {fault}"])

    def _leave_out(self, index: int, faults: list[str]) -> None:
        """Note labels of an item that cannot be sent, where the item itself can.

        Raises:
            ItemFaults: The loader is strict.
        """
        if not faults:
            return
        if self._strict:
            raise ItemFaults(faults)
        if index not in self.left_out:
            more = f"; and {len(faults) - MAX_LEFT_OUT} more" if len(faults) > MAX_LEFT_OUT else ""
            shown = [plain(fault, MAX_FAULT_CHARACTERS) for fault in faults[:MAX_LEFT_OUT]]
            self.left_out[index] = f"{'; '.join(shown)}{more}"
            _log.warning("left out: %s", fit(self.left_out[index]))

    def _settle(self, index: int, fitting: Fitting) -> None:
        """Note what of an item's regions is not sent as the source has it.

        Raises:
            ItemFaults: The loader is strict, and some are left out.
        """
        fitting.remark(self.remarks, index)
        self._leave_out(index, fitting.left_out)

    def _fatal(self, fitting: Fitting) -> list[str]:
        """Return for which of its regions an item is refused, with what else is wrong with it."""
        if not self._strict:
            return []
        noted = [f"{where}: {what}" for what, places in fitting.noted.items() for where in places]
        return [*fitting.left_out, *noted]

    def _size(self, files: Files, name: str) -> Size:
        """Return width and height of an image as it is seen: upright, as its Exif data say.

        Raises:
            ItemFaults: There is no such file, or it does not tell.
        """
        return self._picture(files, name).upright

    def _picture(self, files: Files, name: str, content: bytes | None = None) -> Picture:
        """Return how an image is stored, and how it is turned.

        Args:
            files: Where it is.
            name: What it is called there.
            content: The image, if it was read already.

        Raises:
            ItemFaults: There is no such file, or it does not tell.
        """
        path = files.shown(name)
        if not files.exists(name):
            raise ItemFaults([f"{path}: no such file"])
        if content is not None:
            found = picture_of(content)
        else:
            with files.open(name) as file:
                found = picture_of(file)
        if found is None:
            raise ItemFaults([f"{path}: its width and height cannot be read"])
        return found


def _content_fault(files: Files, name: str, input_type: str) -> str:
    if input_type not in ("image", "text"):
        return ""
    read = files.read(name) if input_type == "text" else files.head(name, HEAD_BYTES)
    return content_fault(input_type, read)


@contextlib.contextmanager
def reading(source: Any) -> Iterator[None]:
    """Tell what goes wrong while a source is read as a fault of it.

    A source may hold anything, and the libraries that read it raise anything.

    Args:
        source: The file or folder; errors name it.

    Raises:
        UserError: The block failed; a `FileError` when the system refused.
    """
    try:
        yield
    except UserError:
        raise
    except OSError as error:
        raise FileError.of(f"{source}: {describe(error)}.", error) from error
    except Exception as error:
        raise UserError(f"{source!r} cannot be read: {words_of(error)}.") from error


def words_of(error: Exception, root: str = "") -> str:
    """Return what an error of somebody else's says, without what may be secret in it.

    Args:
        error: The error.
        root: A folder; paths in it are told from there on, or a long one hides the file's name.
    """
    if isinstance(error, RecursionError):
        return "its values are nested too deeply"
    said = str(error)
    if root:
        said = said.replace(root + os.sep, "")
    said = redacted(said).rstrip(".")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _told(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{describe(error)}"
