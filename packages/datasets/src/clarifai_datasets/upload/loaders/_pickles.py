"""Pickles of CIFAR, read without running them and within limits.

A pickle is a program: it can call what it names, claim gigabytes, and build values whose hash
takes years. So its instructions are looked through first; what CIFAR does not need is refused. The
handful of names that these files hold stand for records of our own.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import TYPE_CHECKING, Any, BinaryIO

from clarifai_core.errors import UserError
from clarifai_core.safe_text import redacted
from clarifai_datasets.upload.limits import MAX_PICKLE_BYTES, MAX_PICKLE_STEPS
from clarifai_datasets.upload.loaders._paths import limited

if TYPE_CHECKING:
    from collections.abc import Callable

_REFUSED = frozenset(
    (
        *("DUP", "POP", "POP_MARK", "PERSID", "BINPERSID", "EXT1", "EXT2", "EXT4", "EMPTY_SET"),
        *("ADDITEMS", "FROZENSET", "NEWOBJ_EX", "BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER"),
    )
)
"""Instructions that CIFAR does without: copies without a name, foreign objects, sets."""

_TUPLES = frozenset({"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"})
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
_MADE_NOTHING = frozenset({*_PUTS, "BUILD", "APPEND", "APPENDS", "SETITEM", "SETITEMS", ""})
"""After these the value on top is an older one: no pickler gives it a number then."""


def unpickled(file: BinaryIO, where: str) -> dict[Any, Any]:
    """Return the dict in a pickle; keys are bytes, whatever version of Python wrote it.

    Args:
        file: The pickle; closed afterwards.
        where: What to call it in an error.

    Raises:
        UserError: It is damaged, over the limits, or names something that is not run.
    """
    try:
        with file:
            raw = limited(file, where, MAX_PICKLE_BYTES)
        _look_through(raw)
        content = _Unpickler(io.BytesIO(raw)).load()
    except Exception as error:
        # why: a damaged pickle raises errors of any class
        why = redacted(error).rstrip(".")
        raise UserError(f"{where} cannot be read as a pickle of CIFAR: {why}.") from error
    if not isinstance(content, dict):
        raise UserError(f"{where} is no batch of CIFAR.")
    return {_key(key): value for key, value in content.items()}


class PickledArray:
    """What a pickle says of a numpy array of bytes."""

    shape: tuple[int, ...] = ()
    raw: bytes = b""

    def __setstate__(self, state: Any) -> None:
        match state:
            case (_, (int() as rows, int() as width), _Type(is_bytes=True), False | 0, bytes()):
                self.shape, self.raw = (rows, width), state[4]
            case _:
                raise pickle.UnpicklingError("an array of another kind than bytes, in rows")


class _Type:
    """What a pickle says of the type of an array's elements."""

    def __init__(self, name: Any = "", *_: Any) -> None:
        self.is_bytes = name in ("u1", "|u1", "uint8", b"u1", b"|u1", b"uint8")

    def __setstate__(self, state: Any) -> None:
        """Leave everything else: bytes have no order."""


class _Function:
    """A name that is called; nothing can be written to it."""

    __slots__ = ("_called",)

    def __init__(self, called: Callable[..., Any]) -> None:
        self._called = called

    def __call__(self, *arguments: Any) -> object:
        return self._called(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes what it names")


class _Unpickler(pickle.Unpickler):
    """Knows a few names, and refuses all others."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="bytes")
        self._made_bytes = 0
        self._known: dict[tuple[str, str], Any] = {
            ("_codecs", "encode"): _Function(self._encoded),
            ("numpy", "ndarray"): PickledArray,
            ("numpy", "dtype"): _Type,
        }
        for core in ("core", "_core"):
            self._known[f"numpy.{core}.multiarray", "_reconstruct"] = _Function(_new_array)
            self._known[f"numpy.{core}.numeric", "_frombuffer"] = _Function(_from_buffer)

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self._known:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is not run")
        return self._known[module, name]

    def _encoded(self, text: str, *_: Any) -> bytes:
        self._made_bytes += len(text)
        if self._made_bytes > MAX_PICKLE_BYTES:
            raise pickle.UnpicklingError("it makes more of its texts than the limit")
        return text.encode("latin-1")


def _new_array(*_: Any) -> PickledArray:
    return PickledArray()


def _from_buffer(raw: Any, kind: Any, shape: Any, order: Any) -> PickledArray:
    if not isinstance(raw, bytes):
        raise pickle.UnpicklingError("an array of something else than bytes")
    made = PickledArray()
    made.__setstate__((1, shape, kind, order == "F", raw))
    return made


def _look_through(raw: bytes) -> None:
    """Refuse instructions that take time or memory out of all proportion.

    A tuple that is put together from itself many times over has a hash that never ends; a memo is
    as long as the largest number in it.

    Raises:
        UnpicklingError: There is one.
    """
    known, tuples = set[int](), set[int]()
    before = ""
    for step, (opcode, argument, _) in enumerate(pickletools.genops(raw)):
        name = opcode.name
        if name in _REFUSED:
            raise pickle.UnpicklingError(f"it has the instruction {name}")
        if step > MAX_PICKLE_STEPS:
            raise pickle.UnpicklingError(f"it has over {MAX_PICKLE_STEPS:,} instructions")
        if name in _PUTS:
            at = len(known) if name == "MEMOIZE" else int(argument or 0)
            if at > step or before in _MADE_NOTHING:
                raise pickle.UnpicklingError(f"it gives the number {at:,} to a value out of turn")
            known.add(at)
            if before in _TUPLES:
                tuples.add(at)
        elif name in _GETS and int(argument or 0) in tuples:
            raise pickle.UnpicklingError("it uses a tuple twice")
        before = before if name == "FRAME" else name


def _key(key: Any) -> object:
    return key.encode() if isinstance(key, str) else key
