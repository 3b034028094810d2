"""Models as bytes: arrays and one JSON text in an `.npz` archive, never code."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FORMAT = 1

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

    Raises:
        UnreadableModelError: It is something else, or of a newer format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header: dict[str, Any] = json.loads(arrays.pop("header").tobytes())
        if header["format"] != FORMAT:
            raise UnreadableModelError(f"model format {header['format']} is not {FORMAT}")
    except (EOFError, KeyError, OSError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableModelError(f"not a stored model: {error}") from error
    return header, arrays
