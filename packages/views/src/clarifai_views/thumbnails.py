"""Small pictures of what inputs show, for notebooks: fetched within bounds, or left out, with why.

Only what the platform itself keeps is fetched, through a session that is open already, in its
smallest rendition that will do. Nothing is asked of other hosts. Pillow makes large ones small
where it is installed; without it, small ones are shown as they are.
"""

from __future__ import annotations

import base64
import io
from concurrent.futures import TimeoutError as TooLate
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import ClarifaiError
from clarifai_core.lazy import import_module
from clarifai_core.transport import session as sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

MAX_FETCHED_BYTES = 4_000_000
"""Of one picture; a larger one is not shown."""

MAX_EMBEDDED_BYTES = 200_000
"""Of a picture that is shown as it is."""

MAX_PIXELS = 40_000_000
"""Of a picture that is decoded to be made small."""

MAX_SIDE = 320
"""Pixels of the longer side of what is shown."""

WAIT_SECONDS = 8.0
"""How long pictures are waited for, all together."""

_RENDITIONS = ("small", "tiny", "large", "orig")
"""What the platform keeps of a picture, the one that is asked for first coming first."""

_TYPES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp", b"BM": "bmp"}
_SHOWABLE = frozenset({"png", "jpeg", "gif", "webp"})


@attrs.frozen
class Thumbnail:
    """A picture as a page holds it, or why there is none."""

    source: str = ""
    """A `data:` URL."""
    size: tuple[int, int] = (0, 0)
    """Width and height of what is shown, in pixels; zeros: unknown."""
    fault: str = ""


def of_images(images: Sequence[Any]) -> list[Thumbnail]:
    """Return what to show of pictures, fetched side by side; never raises.

    Args:
        images: `Image` messages.
    """
    coming = [_begun(image) for image in images]
    return [_done(image, one) for image, one in zip(images, coming, strict=True)]


def of_bytes(content: bytes) -> Thumbnail:
    """Return what to show of a picture's bytes; never raises."""
    try:
        return _made_small(content) or _as_it_is(content)
    except Exception as error:  # noqa: BLE001  why: decoders fail in many ways, and nobody waits for it
        return Thumbnail(fault=f"no picture: {type(error).__name__}")


def encoded(content: bytes, kind: str) -> str:
    """Return bytes as a `data:` URL of a kind of picture."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _begun(image: Any) -> Future[bytes] | str:
    """Begin to fetch a picture; a text says why not."""
    if image.base64:
        return ""
    url = _url(image)
    if not url:
        return "no picture here"
    try:
        session = sessions.session_that_serves(url)
    except ClarifaiError:
        session = None
    if session is None:
        return "the picture is elsewhere, and not fetched"
    return session.executor.submit(session.downloads.read, url, max_bytes=MAX_FETCHED_BYTES)


def _url(image: Any) -> str:
    prefix, suffix = image.hosted.prefix.rstrip("/"), image.hosted.suffix.lstrip("/")
    if not (prefix and suffix):
        return str(image.url)
    kept = set(image.hosted.sizes) or {"orig"}
    return f"{prefix}/{next((one for one in _RENDITIONS if one in kept), 'orig')}/{suffix}"


def _done(image: Any, coming: Future[bytes] | str) -> Thumbnail:
    if image.base64:
        return of_bytes(image.base64)
    if isinstance(coming, str):
        return Thumbnail(fault=coming)
    try:
        return of_bytes(coming.result(timeout=WAIT_SECONDS))
    except TooLate:
        coming.cancel()
        return Thumbnail(fault=f"the picture did not come within {WAIT_SECONDS:g} seconds")
    except Exception as error:  # noqa: BLE001  why: whatever fails here, the rest is to be shown
        said = str(error).splitlines()
        return Thumbnail(fault=f"the picture did not come: {said[0] if said else error!r}")


def _made_small(content: bytes) -> Thumbnail | None:
    """Return a smaller picture; None: nothing here can make it."""
    try:
        module: Any = import_module("PIL.Image")
    except ImportError:
        return None
    picture = module.open(io.BytesIO(content))
    if picture.width * picture.height > MAX_PIXELS:
        return Thumbnail(fault=f"too large to show: {picture.width} x {picture.height} pixels")
    picture.draft("RGB", (MAX_SIDE * 2, MAX_SIDE * 2))
    picture = import_module("PIL.ImageOps").exif_transpose(picture)
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    if max(picture.size) < MAX_SIDE / 8:  # few pixels are shown as squares
        factor = int(MAX_SIDE / 4 / max(picture.size))
        picture = picture.resize((picture.width * factor, picture.height * factor), 0)
    file = io.BytesIO()
    is_small = picture.width * picture.height < 128 * 128
    kind = "png" if has_alpha or is_small else "jpeg"
    picture.save(file, kind.upper())
    return Thumbnail(encoded(file.getvalue(), kind), picture.size)


def _as_it_is(content: bytes) -> Thumbnail:
    kind = next((name for head, name in _TYPES.items() if content.startswith(head)), "")
    if kind not in _SHOWABLE:
        return Thumbnail(fault="no picture that pages show")
    if len(content) > MAX_EMBEDDED_BYTES:
        return Thumbnail(fault=f"too large to show without Pillow: {len(content) / 1e6:.1f} MB")
    return Thumbnail(encoded(content, kind))


def tinted(content: bytes, colour: tuple[int, int, int]) -> str:
    """Return a mask as a `data:` URL, its white coloured; `""`: it cannot be."""
    try:
        module: Any = import_module("PIL.Image")
        mask = module.open(io.BytesIO(content))
        if mask.width * mask.height > MAX_PIXELS:
            return ""
        mask = mask.convert("L")
        mask.thumbnail((MAX_SIDE, MAX_SIDE))
        layer = module.new("RGBA", mask.size, (*colour, 0))
        layer.putalpha(mask.point(lambda value: 120 if value > 127 else 0))
        file = io.BytesIO()
        layer.save(file, "PNG")
    except Exception:  # noqa: BLE001  why: a mask that cannot be drawn is named by its label
        return ""
    return encoded(file.getvalue(), "png")
