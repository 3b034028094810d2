"""Videos, decoded by PyAV: an extra of this package, as it brings half of ffmpeg along."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.safe_text import reason
from clarifai_local import media
from clarifai_local._moving_pictures import sampling
from clarifai_local._moving_pictures.sampling import DecodedFrame
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

_FORMATS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-msvideo": "avi",
    "video/webm": "matroska",
    "video/x-ms-wmv": "asf",
    "video/ogg": "ogg",
    "video/mpeg": "mpeg",
}
"""What ffmpeg takes each media type for. It is told rather than asked: it knows formats that are
lists of other files."""

_WITHOUT_INDEX = frozenset({"mpeg", "ogg"})

_OPTIONS = {"protocol_whitelist": "none"}
"""Nothing but the bytes themselves is read."""


_USUAL_RATE = 25
"""Frames per second of a video that does not say."""

_FAR_MS = 5000
"""From how far ahead on it is quicker to go to a key frame than to decode everything before."""


def is_installed() -> bool:
    """Return whether videos can be decoded."""
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


def is_indexed(container: Any) -> bool:
    """Return whether an open video says where each moment is, and so how long it is."""
    return not _WITHOUT_INDEX & set(container.format.name.split(","))


@contextmanager
def opened(data: bytes, media_type: str) -> Iterator[Any]:
    """Open a video; yields a container of PyAV with a video stream.

    Raises:
        Rejected: 30101, without PyAV, and for bytes that cannot be decoded.
    """
    if media_type not in _FORMATS:
        raise Rejected(codes.INPUT_UNSUPPORTED_FORMAT, f"{media_type} is no video")
    if not is_installed():
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT,
            f"{media_type} is read by PyAV, which is not installed: "
            "pip install 'clarifai-local[video]'; animated GIF, WebP and PNG need nothing",
        )
    import av

    try:
        with av.open(
            io.BytesIO(data),
            format=_FORMATS[media_type],
            options=_OPTIONS,
            metadata_errors="replace",
        ) as container:
            _require_pictures(container)
            yield container
    except Rejected:
        raise
    except (av.FFmpegError, ValueError, LookupError) as error:
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, f"the bytes are not a readable video: {reason(error)}"
        ) from error


def _require_pictures(container: Any) -> None:
    if not container.streams.video:
        raise Rejected(codes.INPUT_UNSUPPORTED_FORMAT, "the video shows no pictures")


def frames(container: Any, step: int) -> Iterator[DecodedFrame[Any]]:
    """Yield frames of an open video as PyAV gives them (see `picture`), in order of time.

    Args:
        container: The video.
        step: Milliseconds between the moments that are looked at: long stretches in which there is
            none are left out where the video can be wound forward.

    Raises:
        Rejected: 30105, for more pixels than a picture may have.
    """
    stream = container.streams.video[0]
    usual_ms = 1000 / float(stream.average_rate or _USUAL_RATE)
    reel = _Reel(container, stream)
    start_ms = 0.0
    for frame in reel.frames():
        media.check_pixels(frame.width, frame.height, "video")
        if frame.time is not None:
            start_ms = max(start_ms, reel.since_begin_ms(frame))
        yield DecodedFrame(start_ms, start_ms + usual_ms, round(start_ms / usual_ms), frame)
        if frame.time is None:
            start_ms += usual_ms
        reel.wind(start_ms, sampling.next_moment_ms(start_ms, step))


class _Reel:
    """A video stream that can be wound forward."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container = container
        self._stream = stream
        self._begin_ms: float | None = None
        self._wound = False
        self._can_wind = is_indexed(container)
        self._gone_to_ms = 0.0

    def frames(self) -> Iterator[Any]:
        """Yield what comes; after winding, what comes there."""
        while True:
            self._wound = False
            for frame in self._container.decode(self._stream):
                yield frame
                if self._wound:
                    break
            if not self._wound:
                return

    def since_begin_ms(self, frame: Any) -> float:
        """Return when a frame is shown."""
        time_ms = float(frame.time) * 1000
        if self._begin_ms is None:
            self._begin_ms = time_ms
        return time_ms - self._begin_ms

    def wind(self, now_ms: float, to_ms: float) -> None:
        """Go to the last key frame before a moment, when that is far ahead."""
        import av

        if not self._can_wind or to_ms - now_ms < _FAR_MS or self._begin_ms is None:
            return
        if to_ms <= self._gone_to_ms:
            return  # the video ends before
        self._gone_to_ms = to_ms
        target = int((to_ms + self._begin_ms) * 1000)
        try:
            self._container.seek(target, backward=True, any_frame=False)
        except av.FFmpegError:
            self._can_wind = False
            return
        self._wound = True


def picture(frame: Any) -> Image.Image:
    """Return a frame as a picture, upright."""
    image: Image.Image = frame.to_image()
    turn = getattr(frame, "rotation", 0)
    return image.rotate(turn, expand=True) if turn else image
