"""The content of an input that is not stored: what a prediction or a search is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import media
from clarifai_local.engine.contracts import Content, Modality
from clarifai_local.http_messages import HttpRequest
from clarifai_local.media import Rejected
from clarifai_local.url_fetcher import TooLarge, Unresolvable
from clarifai_local.views import MEDIA_PATH

if TYPE_CHECKING:
    from collections.abc import Collection

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_local.platform import Platform

MODALITIES = ("image", "text")
"""What models of the embedded platform look at."""

_HTTP_OK = 200


@attrs.frozen
class Loaded:
    """A picture or text, ready to be looked at."""

    modality: Modality
    content: Content


def load(
    platform: Platform, data: resources_pb2.Data, modalities: Collection[str] = MODALITIES
) -> Loaded:
    """Return the picture or text that `data` holds or points to.

    Args:
        platform: Its resolver downloads; its own media addresses are read from the store.
        data: With an image or a text, or both: then a model that takes texts only gets the text.
        modalities: What the model takes.

    Raises:
        Rejected: 30104 without content, or without one that the model takes, 30002 when a URL leads
            nowhere, 30101 when the bytes are no picture, 30105 when they are too many.
    """
    has_image = data.HasField("image") and bool(data.image.base64 or data.image.url)
    has_text = data.HasField("text") and bool(data.text.raw or data.text.url)
    if has_image and "image" in modalities:
        return Loaded("image", picture(platform, data.image))
    if has_text and "text" in modalities:
        return Loaded("text", text(platform, data.text))
    if has_image or has_text:
        raise Rejected(
            codes.INPUT_INVALID_ARGUMENT,
            f"the model answers for {' or '.join(sorted(modalities))} inputs, "
            f"not for {'image' if has_image else 'text'}",
        )
    for name in ("video", "audio"):
        if data.HasField(name):
            raise Rejected(
                codes.INPUT_UNSUPPORTED_FORMAT, f"the embedded platform does not analyse {name}"
            )
    raise Rejected(codes.INPUT_INVALID_ARGUMENT, "the input has neither image nor text")


def picture(platform: Platform, image: resources_pb2.Image) -> bytes:
    """Return the bytes of a picture that decodes; see `load`."""
    data = image.base64 or _fetch(platform, image.url, media.MAX_IMAGE_BYTES)
    media.check_image(data)
    return data


def text(platform: Platform, given: resources_pb2.Text) -> str:
    """Return a text, fetched when it is given by URL; see `load`."""
    return given.raw or media.check_text(_fetch(platform, given.url, media.MAX_TEXT_BYTES))


def _fetch(platform: Platform, url: str, max_bytes: int) -> bytes:
    own = platform.http.base_url + MEDIA_PATH + "/"
    if url.startswith(own):
        reply = platform.media.serve(HttpRequest(url[len(own) :]))
        if reply.status == _HTTP_OK:
            return reply.body
    try:
        return platform.resolver.fetch(url, max_bytes)
    except TooLarge as error:
        raise Rejected(codes.INPUT_OVER_LIMIT, str(error)) from error
    except Unresolvable as error:
        raise Rejected(codes.INPUT_DOWNLOAD_FAILED, str(error)) from error
