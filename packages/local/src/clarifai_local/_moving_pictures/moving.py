"""Moving pictures as the platform sees them, whatever decodes them."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.safe_text import reason
from clarifai_local import _upright, media
from clarifai_local._moving_pictures import animations, videos
from clarifai_local._moving_pictures.sampling import Moment, moments
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image


@attrs.frozen
class MovingPictureFacts:
    """What is known of a moving picture that decodes."""

    width: int
    height: int
    frame_count: int
    """0, as the length, where the bytes do not tell it."""
    seconds: float
    format: str


def pictures(data: bytes, step: int) -> Iterator[Moment[bytes]]:
    """Yield the frames of a moving picture that are looked at, each as a PNG.

    Args:
        data: An animated picture, or a video.
        step: Milliseconds between two of them.

    Raises:
        Rejected: 30101, for what cannot be decoded, or not without PyAV; 30105, for too much.
    """
    for moment in _moments(data, step):
        yield Moment(moment.index, moment.time_ms, moment.number, _encoded(moment.frame, "PNG"))


def thumbnail(data: bytes) -> bytes:
    """Return the first frame of a moving picture, small, as JPEG.

    Raises:
        Rejected: As for `pictures`.
    """
    moment = next(_moments(data, 1), None)
    if moment is None:
        raise Rejected(codes.INPUT_UNSUPPORTED_FORMAT, "the video shows no pictures")
    return media.rendition(_encoded(moment.frame, "PNG"), "small")


def facts(data: bytes) -> MovingPictureFacts:
    """Return what a moving picture is, by what it says of itself where it is a video.

    Raises:
        Rejected: As for `pictures`.
    """
    media_type = media.check_video(data)
    if media_type in media.ANIMATED_MEDIA_TYPES:
        return _animated_facts(data)
    with videos.opened(data, media_type) as container:
        stream = container.streams.video[0]
        seconds = (container.duration or 0) / 1_000_000 if videos.is_indexed(container) else 0.0
        rate = float(stream.average_rate or 0)
        return MovingPictureFacts(
            stream.width,
            stream.height,
            stream.frames or round(seconds * rate),
            seconds,
            container.format.name,
        )


def _animated_facts(data: bytes) -> MovingPictureFacts:
    with _readable(), media.opened(data) as image:
        width, height = image.size
        name = image.format or ""
        number, end_ms = 0, 0.0
        for shown in animations.frames(image):
            number, end_ms = shown.number, shown.end_ms
        return MovingPictureFacts(width, height, number + 1, end_ms / 1000, name)


def _moments(data: bytes, step: int) -> Iterator[Moment[Image.Image]]:
    media_type = media.check_video(data)
    if media_type in media.ANIMATED_MEDIA_TYPES:
        with _readable(), media.opened(data) as image:
            for still in moments(animations.frames(image), step):
                yield attrs.evolve(still, frame=_upright.as_seen(still.frame))
        return
    with videos.opened(data, media_type) as container:
        found: Iterator[Moment[Any]] = moments(videos.frames(container, step), step)
        nothing = True
        for moment in found:
            nothing = False
            yield attrs.evolve(moment, frame=videos.picture(moment.frame))
        if nothing:
            raise Rejected(codes.INPUT_UNSUPPORTED_FORMAT, "the video shows no pictures")


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except Rejected:
        raise
    except Exception as error:
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, f"the bytes are not a readable video: {reason(error)}"
        ) from error


def _encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, compress_level=1)
    return out.getvalue()
