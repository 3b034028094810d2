"""The content of an input that is not stored: what a prediction or a search is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import media
from clarifai_local._url_fetcher import FetchError, TooLarge
from clarifai_local._views import MEDIA_PATH
from clarifai_local.engine.contracts import Content, Modality
from clarifai_local.http_messages import HttpRequest
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Collection

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_local._http_routes import HttpRoutes
    from clarifai_local._originals import Originals
    from clarifai_local._url_fetcher import UrlFetcher

MODALITIES = ("image", "text")
"""What models of the embedded platform look at."""

_OF_METHODS = frozenset(
    {
        "parts", "ndarray", "int_value", "float_value", "bytes_value", "bool_value",
        "string_value", "struct_value",
    }
)  # fmt: skip
_HTTP_OK = 200


@attrs.frozen
class LoadedContent:
    """A picture or text, ready to be looked at."""

    modality: Modality
    content: Content


class ContentLoader:
    """Reads the pictures and texts of requests.

    Args:
        http: The platform's own addresses.
        originals: What is behind them.
        fetcher: Downloads what is elsewhere.
    """

    def __init__(self, http: HttpRoutes, originals: Originals, fetcher: UrlFetcher) -> None:
        self._http = http
        self._originals = originals
        self._fetcher = fetcher

    def load(
        self, data: resources_pb2.Data, modalities: Collection[str] = MODALITIES
    ) -> LoadedContent:
        """Return the picture or text that `data` holds or points to.

        Args:
            data: With an image or a text, or both: then a model that takes texts only gets the
                text.
            modalities: What the model takes.

        Raises:
            Rejected: 30104 without content, without one that the model takes, or with a video or
                audio beside the picture; 30002 when a URL leads nowhere, 30101 when the bytes are
                no picture, 30105 when they are too many.
        """
        has_image = data.HasField("image") and bool(data.image.base64 or data.image.url)
        has_text = data.HasField("text") and bool(data.text.raw or data.text.url)
        if has_image:
            _refuse_beside_image(data)
        if has_image and "image" in modalities:
            return LoadedContent("image", self.picture(data.image))
        if has_text and "text" in modalities:
            return LoadedContent("text", self.text(data.text))
        if has_image or has_text:
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"the model answers for {' or '.join(sorted(modalities))} inputs, "
                f"not for {'image' if has_image else 'text'}",
            )
        if data.HasField("video"):
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"the model answers for {' or '.join(sorted(modalities))} inputs, not for video",
            )
        if data.HasField("audio"):
            raise Rejected(
                codes.INPUT_UNSUPPORTED_FORMAT, "the embedded platform does not analyse audio"
            )
        given = [field.name for field, _ in data.ListFields() if field.name in _OF_METHODS]
        if given:
            raise Rejected(
                codes.INPUT_UNSUPPORTED_FORMAT,
                f"data.{given[0]} belongs to a call of a method, and the input names none",
            )
        raise Rejected(codes.INPUT_INVALID_ARGUMENT, "the input has neither image nor text")

    def picture(self, image: resources_pb2.Image) -> bytes:
        """Return the bytes of a picture that decodes; see `load`."""
        data = image.base64 or self._fetch(image.url, media.MAX_IMAGE_BYTES)
        media.check_image(data)
        return data

    def video(self, video: resources_pb2.Video) -> bytes:
        """Return the bytes of a video or an animated picture; see `load`."""
        data = video.base64 or self._fetch(video.url, media.MAX_VIDEO_BYTES)
        media.check_video(data)
        return data

    def text(self, given: resources_pb2.Text) -> str:
        """Return a text, fetched when it is given by URL; see `load`."""
        return given.raw or media.check_text(self._fetch(given.url, media.MAX_TEXT_BYTES))

    def _fetch(self, url: str, max_bytes: int) -> bytes:
        own = self._http.base_url + MEDIA_PATH + "/"
        if url.startswith(own):
            reply = self._originals.serve(HttpRequest(url[len(own) :]))
            if reply.status == _HTTP_OK:
                return reply.body
        try:
            return self._fetcher.fetch(url, max_bytes)
        except TooLarge as error:
            raise Rejected(codes.INPUT_OVER_LIMIT, str(error)) from error
        except FetchError as error:
            raise Rejected(codes.INPUT_DOWNLOAD_FAILED, str(error)) from error


def _refuse_beside_image(data: resources_pb2.Data) -> None:
    for name, part in (("video", data.video), ("audio", data.audio)):
        if part.base64 or part.url:
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"an input holds one of image, video and audio, not image and {name}",
            )
