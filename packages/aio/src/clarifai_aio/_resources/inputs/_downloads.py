"""Fetching the content of inputs, several at once, in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarifai_core.errors import ApiClientError, ApiError, ClarifaiError, UserError
from clarifai_resources.inputs._downloads import (
    DownloadsFailed,
    _get,
    _inputs,
    _original,
)

if TYPE_CHECKING:
    from clarifai_aio._core.handles import Handle
    from clarifai_inputs.originals import Original


async def download_inputs(handle: Handle, inputs: object) -> list[bytes]:
    """Return the content of each input; see `Inputs.download_inputs`."""
    given = _inputs(inputs)
    originals = [_original(one, index) for index, one in enumerate(given)]
    downloads = handle.session.downloads
    found = await asyncio.gather(
        *(
            downloads.run(_get, downloads.blocking, one) if one.url or one.hosted else _ready(one)
            for one in originals
        ),
        return_exceptions=True,
    )
    contents: list[bytes | None] = []
    errors: dict[int, ClarifaiError] = {}
    for index, one in enumerate(found):
        if isinstance(one, (ApiError, ApiClientError, UserError)):
            contents.append(None)
            errors[index] = one
        elif isinstance(one, BaseException):
            raise one
        else:
            contents.append(one)
    if errors:
        lines = [f"inputs[{index}] {given[index].id!r}: {why}" for index, why in errors.items()]
        heading = f"{len(errors)} of {len(given)} inputs could not be downloaded"
        raise DownloadsFailed("\n  ".join([f"{heading}:", *lines]), contents, errors)
    return [content for content in contents if content is not None]


async def _ready(original: Original) -> bytes:
    """Return content that the message carries."""
    return original.content
