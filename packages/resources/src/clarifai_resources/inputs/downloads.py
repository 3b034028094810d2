"""Fetching the content of inputs, several at once, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from clarifai_core.errors import ApiClientError, ApiError, ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_inputs.media_limits import MEDIA_BYTES, UNSIZED_BYTES

if TYPE_CHECKING:
    from clarifai_core.handles import Handle

_MEDIA = ("image", "text", "video", "audio")


class DownloadsFailed(ApiClientError):
    """Some inputs could not be fetched.

    Attributes:
        contents: One entry per input, in order: its bytes, or None where it failed.
        errors: Position of an input -> what went wrong.
    """

    def __init__(
        self, message: str = "", contents: Any = (), errors: dict[int, ClarifaiError] | None = None
    ) -> None:
        super().__init__(message, maybe_applied=False)
        self.contents: list[bytes | None] = list(contents)
        self.errors = errors or {}


class _Place(NamedTuple):
    kind: str
    url: str


def download_inputs(handle: Handle, inputs: object) -> list[bytes]:
    """Return the content of each input; see `Inputs.download_inputs`."""
    given = _inputs(inputs)
    sources = [_source(one, index) for index, one in enumerate(given)]
    session = handle.session
    futures = [
        None
        if isinstance(source, bytes)
        else session.executor.submit(
            session.downloads.read,
            source.url,
            max_bytes=MEDIA_BYTES[source.kind],
            max_unsized_bytes=UNSIZED_BYTES[source.kind],
        )
        for source in sources
    ]
    contents: list[bytes | None] = []
    errors: dict[int, ClarifaiError] = {}
    for index, (source, future) in enumerate(zip(sources, futures, strict=True)):
        try:
            contents.append(source if future is None else future.result())  # type: ignore[arg-type]
        except (ApiError, ApiClientError, UserError) as error:
            contents.append(None)
            errors[index] = error
    if errors:
        lines = [f"inputs[{index}] {given[index].id!r}: {why}" for index, why in errors.items()]
        heading = f"{len(errors)} of {len(given)} inputs could not be downloaded"
        raise DownloadsFailed("\n  ".join([f"{heading}:", *lines]), contents, errors)
    return [content for content in contents if content is not None]


def _inputs(inputs: object) -> list[resources_pb2.Input]:
    if isinstance(inputs, (str, bytes, resources_pb2.Input)) or not isinstance(inputs, Iterable):
        raise UserError(f"inputs must be a list of Input messages, got {inputs!r:.80}.")
    given = list(inputs)
    for index, one in enumerate(given):
        if not isinstance(one, resources_pb2.Input):
            raise UserError(f"inputs[{index}] must be an Input message, got {one!r:.80}.")
    return given


def _source(one: resources_pb2.Input, index: int) -> _Place | bytes:
    """Return the address of an input's content, or the content where the message carries it."""
    for media in _MEDIA:
        if not one.data.HasField(media):  # type: ignore[arg-type]
            continue
        part: Any = getattr(one.data, media)
        if part.url:
            return _Place(media, str(part.url))
        if part.hosted.prefix:
            return _Place(media, f"{part.hosted.prefix}/orig/{part.hosted.suffix}")
        content = part.raw.encode() if media == "text" else part.base64
        if content:
            return bytes(content)
    raise UserError(f"inputs[{index}] {one.id!r} has neither a URL nor content to download.")
