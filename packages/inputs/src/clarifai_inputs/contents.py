"""Contents as programs have them: bytes, files that are open, pictures of PIL, arrays of pixels.

None of their libraries is imported here: a picture knows how to save itself, and an array its
shape, type and bytes.
"""

from __future__ import annotations

import importlib
import io
from typing import Any, Protocol, TypeAlias

from clarifai_inputs.media import KINDS
from clarifai_inputs.png import png
from clarifai_inputs.signatures import SIGNATURE_BYTES, format_of

_SHOWN = 80
_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"})
_RGB_MODES = frozenset({"CMYK", "YCbCr", "HSV", "LAB", "PA", "RGBX", "La", "RGBa"})
_CHANNELS = (1, 3, 4)


class Readable(Protocol):
    """A file that is open for bytes."""

    def read(self) -> bytes:
        """Return what is left of it."""


class PilImage(Protocol):
    """A picture of PIL."""

    def save(self, fp: Any, format: Any = ..., /) -> object:  # noqa: A002 - as PIL calls it
        """Write it."""


class PixelArray(Protocol):
    """An array of numpy."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and, with colours, channels."""

    @property
    def dtype(self) -> object:
        """The type of a value."""


ContentBytes: TypeAlias = "bytes | bytearray | memoryview | Readable | PilImage | PixelArray"
"""What `bytes_in` takes."""


def bytes_in(content: Any, name: str = "content") -> bytes:
    """Return the bytes of a content, as a file would hold them.

    Args:
        content: Bytes; a file that is open for bytes; a picture of PIL, which becomes a PNG that
            stands upright; or an array H x W, H x W x 3 or H x W x 4 of uint8, which becomes a PNG.
        name: What it is called, for errors.

    Raises:
        TypeError: It is none of these.
        ValueError: It is an array of another shape or type.

    Example:
        >>> bytes_in(io.BytesIO(b"hello")), bytes_in(bytearray(b"x"))
        (b'hello', b'x')
    """
    if isinstance(content, (bytes, bytearray)):
        return bytes(content)
    if isinstance(content, memoryview):
        return content.tobytes()
    if is_picture(content):
        return _of_picture(content)
    if is_array(content):
        return _of_array(content, name)
    read = getattr(content, "read", None)
    if callable(read):
        found = read()
        if isinstance(found, (bytes, bytearray)):
            return bytes(found)
        raise TypeError(f"{name}: the file is open for text; open it with mode 'rb'")
    raise TypeError(
        f"{name} must be bytes, a file that is open for bytes, a picture of PIL or an array of "
        f"uint8, got {_shown(content)}"
    )


def is_picture(content: Any) -> bool:
    """Return whether this is a picture of PIL."""
    return all(hasattr(content, one) for one in ("save", "mode", "size", "getbands"))


def is_array(content: Any) -> bool:
    """Return whether this is an array of numpy, or a tensor that can become one."""
    return hasattr(content, "shape") and hasattr(content, "dtype")


def kind_of_bytes(content: bytes) -> str:
    r"""Return the kind of a content by its first bytes; `""`: they do not tell.

    Example:
        >>> kind_of_bytes(b"GIF89a"), kind_of_bytes(b"RIFF....WAVE"), kind_of_bytes(b"hello")
        ('image', 'audio', '')
    """
    head = content[:SIGNATURE_BYTES]
    return next((kind for kind in KINDS if kind != "text" and format_of(kind, head)), "")


def _of_picture(picture: Any) -> bytes:
    if hasattr(picture, "getexif"):
        # why: PNG of PIL keeps no Exif, so that a photo would lie on its side
        # The picture's own package, whatever it is called: Pillow is there, as it made it.
        package = type(picture).__module__.partition(".")[0]
        picture = importlib.import_module(f"{package}.ImageOps").exif_transpose(picture)
    if picture.mode in _RGB_MODES:
        picture = picture.convert("RGB")
    if picture.mode not in _PNG_MODES:
        raise ValueError(f"a picture of mode {picture.mode!r} has no PNG: convert it to 'RGB'")
    file = io.BytesIO()
    try:
        picture.save(file, "PNG")
    except (OSError, ValueError, SystemError) as error:  # which modes it writes, versions differ in
        size = " x ".join(map(str, picture.size))
        raise ValueError(
            f"a picture of {size} pixels of mode {picture.mode!r} cannot be written as PNG "
            f"({error}): convert it to 'RGB'"
        ) from error
    return file.getvalue()


def _of_array(array: Any, name: str) -> bytes:
    if not hasattr(array, "tobytes"):  # a tensor
        array = array.detach().cpu().numpy() if hasattr(array, "detach") else array.numpy()
    shape, of = tuple(array.shape), str(array.dtype)
    said = f"{name}: an array of {of} of shape {shape}"
    if of != "uint8":
        raise ValueError(f"{said} is no picture: give uint8, 0 to 255")
    if len(shape) == 3 and shape[2] not in _CHANNELS and shape[0] in _CHANNELS:
        raise ValueError(f"{said} has its channels first: give H x W x 3")
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in _CHANNELS or 0 in shape:
        raise ValueError(f"{said} is no picture: give H x W or H x W x 3")
    return png([row.tobytes() for row in array], colours=channels)


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r:.{_SHOWN}}"
