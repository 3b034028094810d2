"""Fetching the content of inputs, several at once, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import ApiClientError, ApiError, ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_inputs.originals import Original, originals_of

if TYPE_CHECKING:
    from clarifai_core.handles import Handle
    from clarifai_core.transport.download import Downloader


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


def download_inputs(handle: Handle, inputs: object) -> list[bytes]:
    """Return the content of each input; see `Inputs.download_inputs`."""
    given = _inputs(inputs)
    originals = [_original(one, index) for index, one in enumerate(given)]
    session = handle.session
    # Content that a message carries needs no thread, where nothing else is named.
    futures = [
        session.executor.submit(_get, session.downloads, one) if one.url or one.hosted else None
        for one in originals
    ]
    contents: list[bytes | None] = []
    errors: dict[int, ClarifaiError] = {}
    for index, (one, future) in enumerate(zip(originals, futures, strict=True)):
        try:
            contents.append(one.content if future is None else future.result())
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


def _original(one: resources_pb2.Input, index: int) -> Original:
    """Return the first medium of an input, as an export has it first."""
    found = originals_of(one)
    if not found:
        raise UserError(f"inputs[{index}] {one.id!r} has neither a URL nor content to download.")
    return found[0]


def _get(downloads: Downloader, original: Original) -> bytes:
    most, unsized = original.max_bytes, original.max_unsized_bytes

    def ask(url: str) -> bytes:
        return downloads.read(url, max_bytes=most, max_unsized_bytes=unsized)

    return original.get(original.sources_as_named, ask)
