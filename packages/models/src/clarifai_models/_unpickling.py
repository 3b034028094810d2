"""Pickles of tensors, read as data: a pickle can name any function, and only these few are known.

Two formats: what `torch.save` of PyTorch 0.4 to 1.5 wrote, and what joblib writes. The first is
described by its reader in PyTorch (`torch/serialization.py`, the "legacy" format): three pickles
(a magic number, a version, facts of the machine), the object with each tensor's storage named by a
key, the list of keys, then per key its number of items (8 bytes, little-endian) and the items.
The second by its writer (`joblib/numpy_pickle.py`): a pickle in which each array's items follow
the wrapper that describes them, behind a byte that counts what fills up to their alignment.

A file that is not what it should be is `pickle.UnpicklingError`, whatever is wrong with it, and
takes no more memory than a few times its size.
"""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt

from clarifai_core.safe_text import failure

Array: TypeAlias = npt.NDArray[Any]

_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "IntStorage": np.dtype("<i4"),
    "LongStorage": np.dtype("<i8"),
}


def read_tensors(content: bytes) -> Mapping[str, Array]:
    """Return the tensors of a state dict that `torch.save` wrote, by name; they share the content.

    Args:
        content: The file, in the format of PyTorch before 1.6.

    Raises:
        pickle.UnpicklingError: It is no such file, or names anything but tensors.
    """
    with _refusing("state dict"):
        file = io.BytesIO(content)
        if _TensorUnpickler(file).load() != _MAGIC:
            raise pickle.UnpicklingError("the file is no state dict of PyTorch before 1.6")
        for _ in ("version", "machine"):
            _TensorUnpickler(file).load()
        found = _TensorUnpickler(file).load()
        keys = _TensorUnpickler(file).load()
        if not isinstance(found, dict) or not all(isinstance(t, _Tensor) for t in found.values()):
            raise pickle.UnpicklingError("the file holds something else than tensors")
        storages = {tensor.storage.key: tensor.storage for tensor in found.values()}
        items = {str(key): _stored(file, storages[str(key)]) for key in keys}
        return {name: tensor.array(items[tensor.storage.key]) for name, tensor in found.items()}


def read_arrays(content: bytes) -> Sequence[Array]:
    """Return the arrays of a list that joblib wrote; they share the content.

    Args:
        content: The file, decompressed.

    Raises:
        pickle.UnpicklingError: It is no such file, or names anything but arrays of numbers.
    """
    with _refusing("list of arrays"):
        found = _ArrayUnpickler(io.BytesIO(content)).load()
        if not isinstance(found, list) or not all(isinstance(one, np.ndarray) for one in found):
            raise pickle.UnpicklingError("the file holds something else than a list of arrays")
        return found


@contextlib.contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # why: what is garbled fails anywhere, and in any way
        raise pickle.UnpicklingError(f"the file is no {what}: {failure(error)}") from error


_OPCODES = (
    "PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2",
    "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS", "BINPUT", "LONG_BINPUT",
    "MEMOIZE", "BINGET", "LONG_BINGET", "GLOBAL", "STACK_GLOBAL", "NEWOBJ", "REDUCE", "BUILD",
    "BINPERSID",
)  # fmt: skip
"""What the two formats are written with; the others make objects in ways of their own."""

_Steps: TypeAlias = dict[int, Callable[[Any], None]]


def _known_steps() -> _Steps:
    every: _Steps = pickle._Unpickler.dispatch
    codes = [getattr(pickle, name)[0] for name in _OPCODES]
    return {code: every[code] for code in codes}


# The unpickler in C takes memory for as many objects as a file of five bytes asks for.
class _Unpickler(pickle._Unpickler):
    stack: list[Any]
    pop_mark: Callable[[], list[Any]]
    dispatch: ClassVar[_Steps] = _known_steps()

    names: ClassVar[Mapping[tuple[str, str], Any]] = {}
    """Module and name: what they mean here."""

    def find_class(self, module: str, name: str) -> object:
        try:
            return self.names[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the file names {module}.{name}") from None

    def load_setitems(self) -> None:
        """Take text alone for a key: tuples in tuples in tuples end the process when hashed."""
        items = self.pop_mark()
        if not all(isinstance(key, str) for key in items[::2]):
            raise pickle.UnpicklingError("the file holds a key that is no text")
        self.stack[-1].update(zip(items[::2], items[1::2], strict=True))

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self.stack[-1].update([(str(key), value)])

    def load_build(self) -> None:
        """Give an object its state; most need none."""
        state = self.stack.pop()
        self.stack[-1] = self.built(self.stack[-1], state)

    def built(self, made: Any, _state: Any) -> object:
        return made

    dispatch[pickle.SETITEMS[0]] = load_setitems
    dispatch[pickle.SETITEM[0]] = load_setitem
    dispatch[pickle.BUILD[0]] = load_build


def _mapping() -> dict[str, Any]:
    return {}


@attrs.frozen
class _Storage:
    key: str
    dtype: np.dtype[Any]
    items: int


@attrs.frozen
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self, items: Array) -> Array:
        """Return it out of all items of its storage."""
        if min((self.offset, *self.shape, *self.strides)) < 0:
            raise pickle.UnpicklingError("a tensor is of a negative size")
        size = math.prod(self.shape)
        steps = zip(self.shape, self.strides, strict=True)
        last = self.offset + sum((side - 1) * step for side, step in steps)
        if size > len(items) or (size and last >= len(items)):
            raise pickle.UnpicklingError("a tensor reaches beyond its storage")
        if not size:
            return np.zeros(self.shape, items.dtype)
        strides = [step * items.itemsize for step in self.strides]
        return np.lib.stride_tricks.as_strided(items[self.offset :], self.shape, strides)


def _tensor(storage: _Storage, offset: int, shape: Any, strides: Any, *_: object) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _TensorUnpickler(_Unpickler):
    names: ClassVar = {
        ("collections", "OrderedDict"): _mapping,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        **{("torch", name): dtype for name, dtype in _STORAGES.items()},
    }

    def persistent_load(self, named: Any) -> _Storage:
        _, dtype, key, _, items, *_ = named
        return _Storage(str(key), dtype, int(items))


def _stored(file: BinaryIO, storage: _Storage) -> Array:
    (count,) = struct.unpack("<q", file.read(8))
    if count != storage.items:
        raise pickle.UnpicklingError("a storage of the file is of another size than it says")
    return _items(file, storage.dtype, count)


def _items(file: BinaryIO, dtype: np.dtype[Any], count: int) -> Array:
    content = file.read(count * dtype.itemsize)
    if count < 0 or len(content) != count * dtype.itemsize:
        raise pickle.UnpicklingError("the file is cut off")
    return np.frombuffer(content, dtype)


class _Wrapper:
    """Stands for the description of an array, until its state says which."""


@attrs.define
class _Kind:
    """Stands for a dtype."""

    name: str
    byte_order: str = ""

    @property
    def dtype(self) -> np.dtype[Any]:
        return _KINDS[f"{self.byte_order}{self.name}"]


def _kind(name: Any, *_: object) -> _Kind:
    return _Kind(str(name))


_KINDS = {name: np.dtype(name) for name in ("<f4", "<f8")}


class _ArrayUnpickler(_Unpickler):
    names: ClassVar = {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): _Wrapper,
        ("numpy", "dtype"): _kind,
        ("numpy", "ndarray"): None,
    }

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._file = file

    def built(self, made: Any, state: Any) -> object:
        if isinstance(made, _Wrapper):
            return self._array(**state)
        if isinstance(made, _Kind):
            made.byte_order = str(state[1])
        return made

    def _array(self, shape: Any, order: Any, dtype: _Kind, **others: Any) -> Array:
        if others.get("numpy_array_alignment_bytes") is not None:
            self._file.read(self._file.read(1)[0])
        items = _items(self._file, dtype.dtype, math.prod(shape))
        made: Array = items.reshape(shape[::-1]).T if order == "F" else items.reshape(shape)
        return made
