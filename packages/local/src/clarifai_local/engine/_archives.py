"""Models as bytes: arrays and one JSON text in an `.npz` archive, never code."""

from __future__ import annotations

import contextlib
import io
import json
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FORMAT = 1

MAX_ARRAYS = 10_000

MAX_EXPANSION = 100
"""How many times larger than its bytes a model's arrays may be; weights hardly pack at all."""

SMALL_BYTES = 64 * 1024 * 1024
"""Arrays up to this size may be packed as tightly as they like."""

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]


class UnreadableModelError(ValueError):
    """The bytes are not a model that this version can read."""


def pack(header: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Return a model as bytes.

    Args:
        header: JSON values.
        arrays: Numbers, by names of the engine's choice other than "header".

    Example:
        >>> header, arrays = unpack(pack({"concepts": ["cat"]}, {"weights": np.ones(2)}))
        >>> header["concepts"], arrays["weights"].tolist()
        (['cat'], [1.0, 1.0])
    """
    text = json.dumps({"format": FORMAT, **header}).encode()
    kept: dict[str, Any] = {**arrays, "header": np.frombuffer(text, np.uint8)}
    stream = io.BytesIO()
    np.savez_compressed(stream, **kept)
    return stream.getvalue()


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Read what `pack` wrote; nothing in it is ever run.

    Sizes are believed only as far as there are bytes for them.

    Raises:
        UnreadableModelError: It is something else, of a newer format, or beyond a limit.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            arrays = dict(_arrays(archive, len(data)))
        header = _header(arrays.pop("header").tobytes())
    except UnreadableModelError:
        raise
    except _UNREADABLE as error:
        raise UnreadableModelError(f"not a stored model: {type(error).__name__}") from error
    return header, arrays


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Turn what goes wrong while the parts of a model are put together into one error.

    Raises:
        UnreadableModelError: A part is missing, or is of another kind or shape.
    """
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, UnreadableModelError):
            raise
        raise UnreadableModelError(f"a part of the model is missing or odd: {error!r}") from error


def _header(text: bytes) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(text)
    if not isinstance(header, dict) or header["format"] != FORMAT:
        raise UnreadableModelError("it has another model format")
    return header


def _arrays(archive: zipfile.ZipFile, packed: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    infos = archive.infolist()
    content = sum(info.file_size for info in infos)
    if len(infos) > MAX_ARRAYS or content > max(SMALL_BYTES, packed * MAX_EXPANSION):
        raise UnreadableModelError(f"{len(infos)} arrays of {content:,} bytes are beyond a model's")
    for info in infos:
        member = io.BytesIO(archive.read(info))
        yield info.filename.removesuffix(".npy"), _array(member, info.file_size)


def _array(member: io.BytesIO, size: int) -> npt.NDArray[Any]:
    if np.lib.format.read_magic(member) != (1, 0):
        raise UnreadableModelError("an array is of another format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(member)
    if dtype.hasobject or dtype.kind not in "biuf":
        raise UnreadableModelError("an array does not hold numbers")
    if math.prod(shape) * dtype.itemsize != size - member.tell():
        raise UnreadableModelError("an array is not of the size that it says")
    flat: npt.NDArray[Any] = np.frombuffer(member.read(), dtype)
    return np.array(flat.reshape(shape, order="F" if by_columns else "C"))


_UNREADABLE = (
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,  # why: zipfile's word for an unknown method of compression
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
