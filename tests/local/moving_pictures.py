"""Small moving pictures for tests: what they show at each moment is known."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

COLOURS = ("red", "lime", "blue")


def animation(
    kind: str = "GIF",
    colours: Sequence[str] = COLOURS,
    milliseconds: int | Sequence[int] = 1000,
    side: int = 24,
) -> bytes:
    """Return an animated picture that shows one colour after the other.

    Args:
        kind: "GIF", "WEBP" or "PNG".
        colours: One a frame.
        milliseconds: How long each is shown, or all of them.
        side: In pixels.
    """
    frames = [Image.new("RGB", (side, side), colour) for colour in colours]
    out = io.BytesIO()
    more: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    frames[0].save(
        out, kind, save_all=True, append_images=frames[1:], duration=milliseconds, loop=0, **more
    )
    return out.getvalue()


def video(
    seconds: float,
    container: str = "mp4",
    codec: str = "mpeg4",
    colours: Sequence[str] = COLOURS,
    rate: int = 10,
    size: tuple[int, int] = (64, 48),
) -> bytes:
    """Return a video that shows one colour a second, over and over, made by PyAV."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        stream: Any = made.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(round(seconds * rate)):
            picture = Image.new("RGB", size, colours[number // rate % len(colours)])
            made.mux(stream.encode(av.VideoFrame.from_image(picture)))
        made.mux(stream.encode())
    return out.getvalue()


def colour_of(picture: bytes) -> str:
    """Return the name of the colour that a picture of one colour has."""
    with Image.open(io.BytesIO(picture)) as opened:
        seen = opened.convert("RGB").getpixel((opened.width // 2, opened.height // 2))
    if not isinstance(seen, tuple):
        raise TypeError(f"a pixel of RGB, got {seen!r}")
    known = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}
    return min(
        known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], seen, strict=True))
    )
