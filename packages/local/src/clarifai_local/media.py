"""What uploaded bytes are: checks, facts about them, and smaller renditions of pictures."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _upright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image

MAX_IMAGE_BYTES = 20 * 1024 * 1024
MAX_IMAGE_PIXELS = 85_000_000
MAX_AUDIO_BYTES = 128 * 1024 * 1024
MAX_VIDEO_BYTES = 128 * 1024 * 1024
MAX_TEXT_BYTES = 10 * 1024 * 1024
MAX_BYTES = {"image": MAX_IMAGE_BYTES, "audio": MAX_AUDIO_BYTES, "video": MAX_VIDEO_BYTES}
"""By the name of the kind."""

IMAGE_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
"""Formats of pictures that are accepted, by Pillow's name."""

ANIMATED_MEDIA_TYPES = frozenset({"image/gif", "image/webp", "image/png"})
"""Pictures that may move."""

RENDITION_PIXELS = {"tiny": 80, "small": 260, "large": 620}
"""Longer side of the smaller renditions of a picture."""

IMAGE_SIZES = ("orig", *RENDITION_PIXELS)
"""Renditions of a picture that can be fetched."""


VIDEO_SIZES = ("orig", "thumbnail")
"""Renditions that can be fetched of a video that can be decoded here."""


class Rejected(Exception):
    """The bytes of an input cannot be used.

    Args:
        code: The status code that the input gets.
        reason: What is wrong, in one sentence.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@attrs.frozen
class ImageFacts:
    """What is known of a picture that decodes."""

    width: int
    """Of the picture as it is seen: turned as Exif says."""
    height: int
    format: str
    color_mode: str
    media_type: str


def check_image(data: bytes) -> ImageFacts:
    """Decode a picture and return what it is.

    Raises:
        Rejected: It is too large, of a format that is not accepted, or damaged.
    """
    _check_size(data, MAX_IMAGE_BYTES, "image")
    try:
        with opened(data) as image:
            facts = _facts(image)
            # A JPEG decodes at an eighth of its size in a fraction of the time.
            image.draft("RGB", (image.width // 8, image.height // 8))
            image.load()
            return facts
    except Rejected:
        raise
    except Exception as error:
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, f"the bytes are not a readable image: {_first(error)}"
        ) from error


def check_mask(data: bytes) -> None:
    """Refuse a mask that would not fit into memory once it is unpacked; it need not decode.

    Raises:
        Rejected: 30105, it has more pixels than a picture may have.
    """
    if data[:8] == _PNG:
        width, height = struct.unpack(">II", data[16:24].ljust(8, b"\0"))
        check_pixels(width, height, "mask")
        return
    with contextlib.suppress(OSError, ValueError, SyntaxError), opened(data, "mask") as image:
        check_pixels(*image.size, "mask")


def image_media_type(data: bytes) -> str:
    """Return the media type of a picture by its first bytes; it need not decode."""
    for matches, media_type in _IMAGES:
        if matches(data[:16]):
            return media_type
    return "application/octet-stream"


def check_text(data: bytes) -> str:
    """Return the text that the bytes are in UTF-8.

    Raises:
        Rejected: They are too many, or not UTF-8.
    """
    _check_size(data, MAX_TEXT_BYTES, "text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, f"the bytes are not text in UTF-8: {error.reason}"
        ) from error


def check_audio(data: bytes) -> str:
    """Return the media type of a sound.

    Raises:
        Rejected: It is too large or of an unknown format.
    """
    return _sniff(data, _AUDIO, MAX_AUDIO_BYTES, "audio")


def check_video(data: bytes) -> str:
    """Return the media type of a video, or of a picture that may be animated.

    Raises:
        Rejected: It is too large or of an unknown format.
    """
    return _sniff(data, _VIDEO, MAX_VIDEO_BYTES, "video")


def rendition(data: bytes, size: str) -> bytes:
    """Return a smaller picture as JPEG, as `_seen` says; a small picture is not made larger.

    Args:
        data: A picture that decodes.
        size: A key of `RENDITION_PIXELS`.
    """
    from PIL import Image

    side = RENDITION_PIXELS[size]
    with opened(data) as image:
        width, height = _upright.size_of(image)
        share = min(1.0, side / max(width, height))
        fitting = max(1, round(width * share)), max(1, round(height * share))
        how = Image.Resampling.BICUBIC
        small = _upright.as_seen(image, fitting, draft_side=side, resample=how)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=85)
        return out.getvalue()


def blank_image() -> bytes:
    """Return the smallest picture, to ask an embedder for the size of its vectors."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


_PNG = b"\x89PNG\r\n\x1a\n"

_Test = tuple["Callable[[bytes], bool]", str]

_IMAGES: tuple[_Test, ...] = (
    (lambda d: d[:8] == _PNG, "image/png"),
    (lambda d: d[:2] == b"\xff\xd8", "image/jpeg"),
    (lambda d: d[:4] == b"RIFF" and d[8:12] == b"WEBP", "image/webp"),
    (lambda d: d[:4] == b"GIF8", "image/gif"),
    (lambda d: d[:2] == b"BM", "image/bmp"),
    (lambda d: d[:4] in {b"II*\x00", b"MM\x00*"}, "image/tiff"),
)

_AUDIO: tuple[_Test, ...] = (
    (lambda d: d[:4] == b"RIFF" and d[8:12] == b"WAVE", "audio/wav"),
    (
        lambda d: d[:3] == b"ID3" or (len(d) > 1 and d[0] == 0xFF and d[1] & 0xE0 == 0xE0),
        "audio/mpeg",
    ),
    (lambda d: d[:4] == b"fLaC", "audio/flac"),
    (lambda d: d[:4] == b"OggS", "audio/ogg"),
    (lambda d: d[4:8] == b"ftyp", "audio/mp4"),
    (lambda d: d[:4] == b"\x1a\x45\xdf\xa3", "audio/webm"),
    (lambda d: d[:4] == b"\x30\x26\xb2\x75", "audio/x-ms-wma"),
)

_VIDEO: tuple[_Test, ...] = (
    (lambda d: d[4:8] == b"ftyp" and d[8:10] == b"qt", "video/quicktime"),
    (lambda d: d[4:8] in {b"moov", b"mdat", b"wide", b"free"}, "video/quicktime"),
    (lambda d: d[4:8] == b"ftyp", "video/mp4"),
    (lambda d: d[:4] == b"RIFF" and d[8:12] == b"AVI ", "video/x-msvideo"),
    (lambda d: d[:4] == b"\x1a\x45\xdf\xa3", "video/webm"),
    (lambda d: d[:4] == b"\x30\x26\xb2\x75", "video/x-ms-wmv"),
    (lambda d: d[:4] == b"OggS", "video/ogg"),
    (lambda d: d[:3] == b"\x00\x00\x01", "video/mpeg"),
    (lambda d: d[:6] in {b"GIF87a", b"GIF89a"}, "image/gif"),
    (lambda d: d[:4] == b"RIFF" and d[8:12] == b"WEBP", "image/webp"),
    (lambda d: d[:8] == _PNG, "image/png"),
)


@contextlib.contextmanager
def opened(data: bytes, what: str = "image") -> Iterator[Image.Image]:
    """Open a picture of a format that is accepted, without decoding it.

    Raises:
        Rejected: 30105, it has more pixels than a picture may have.
    """
    from PIL import Image

    with warnings.catch_warnings():
        # Our own limit stands in for Pillow's warning about large pictures.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        # What is odd about a file is its sender's business, not for the log of the platform.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        try:
            image = Image.open(io.BytesIO(data), formats=tuple(IMAGE_MEDIA_TYPES))
        except Image.DecompressionBombError as error:
            raise Rejected(
                codes.INPUT_OVER_LIMIT, f"the {what} has more than {MAX_IMAGE_PIXELS:,} pixels"
            ) from error
        with image:
            yield image


def _facts(image: Image.Image) -> ImageFacts:
    check_pixels(*image.size, "image")
    width, height = _upright.size_of(image)
    # A JPEG that holds further pictures, as phones write them, is one to everybody else.
    name = "JPEG" if image.format == "MPO" else image.format or ""
    return ImageFacts(width, height, name, image.mode, IMAGE_MEDIA_TYPES.get(name, ""))


def check_pixels(width: int, height: int, what: str) -> None:
    """Refuse a picture that would not fit into memory once it is unpacked.

    Raises:
        Rejected: 30105, naming its size.
    """
    if width * height > MAX_IMAGE_PIXELS:
        raise Rejected(
            codes.INPUT_OVER_LIMIT,
            f"the {what} has {width} x {height} pixels, more than {MAX_IMAGE_PIXELS:,} in all",
        )


def _sniff(data: bytes, tests: tuple[_Test, ...], limit: int, what: str) -> str:
    _check_size(data, limit, what)
    head = data[:16]
    for matches, media_type in tests:
        if matches(head):
            return media_type
    raise Rejected(codes.INPUT_UNSUPPORTED_FORMAT, f"the bytes are no {what} of a known format")


def _check_size(data: bytes, limit: int, what: str) -> None:
    if len(data) > limit:
        raise Rejected(
            codes.INPUT_OVER_LIMIT, f"the {what} has {len(data):,} bytes, more than {limit:,}"
        )


def _first(error: Exception) -> str:
    if type(error).__name__ == "UnidentifiedImageError":
        return f"none of {', '.join(IMAGE_MEDIA_TYPES)}"
    return (str(error) or type(error).__name__).splitlines()[0][:200]
