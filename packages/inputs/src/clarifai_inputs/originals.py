"""Where the original bytes of an input are: which media it has, and what to ask for each.

A message names up to three sources of a medium:

    hosted    the platform's own copy, at `<prefix>/orig/<suffix>`: the upload, byte for byte
    content   what the message carries: `base64`, and of a text `raw`
    url       an address: that of the copy again, or where the platform found it, where by now
              something else may be, or nothing

`sizes` of `hosted` are of no help: the original is there, whichever renditions they list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs

from clarifai_core.errors import (
    ClarifaiError,
    DeadlineExceeded,
    ServerError,
    Throttled,
    Unreachable,
    UserError,
)
from clarifai_core.wire.data import MEDIA
from clarifai_inputs.media_limits import MEDIA_BYTES, UNSIZED_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2

T = TypeVar("T")

KINDS = MEDIA
"""Fields of an input's data that are media, in the order in which an input has them."""

Source: TypeAlias = "str | bytes"
"""An address to ask, or the content itself."""


@attrs.frozen
class Original:
    """One medium of an input, with all that the message says of where its bytes are."""

    kind: str
    """One of `KINDS`."""
    hosted: str = ""
    """Address of the platform's copy; empty: the message names none."""
    content: bytes = b""
    url: str = ""

    @property
    def sources(self) -> list[Source]:
        """Where to get its bytes, the surest first; an address that is named twice comes once."""
        found = [source for source in (self.hosted, self.content, self.url) if source]
        return list(dict.fromkeys(found))

    @property
    def sources_as_named(self) -> list[Source]:
        """The same, what `url` says first: so programs for the official SDK download it."""
        found = [source for source in (self.url, self.hosted, self.content) if source]
        return list(dict.fromkeys(found))

    @property
    def max_bytes(self) -> int:
        """How large it may be."""
        return MEDIA_BYTES[self.kind]

    @property
    def max_unsized_bytes(self) -> int:
        """How large it may be where the server does not say so beforehand."""
        return UNSIZED_BYTES[self.kind]

    def get(self, sources: list[Source], ask: Callable[[str], T]) -> T | bytes:
        """Return its bytes from the first source that gives them.

        Args:
            sources: `sources` or `sources_as_named`.
            ask: Gets what is at an address.

        Raises:
            ClarifaiError: None gave them; the error of the first one that was asked.
        """
        failed: ClarifaiError | None = None
        copy_may_come = False
        for source in sources:
            if isinstance(source, bytes):
                return source
            if copy_may_come and source == self.url:
                continue  # other bytes may be there than the copy's, which comes another time
            try:
                return ask(source)
            except ClarifaiError as error:
                failed = failed or error
                copy_may_come = copy_may_come or (source == self.hosted and may_heal(error))
        raise failed or UserError(f"This {self.kind} has neither an address nor content.")


def originals_of(message: resources_pb2.Input) -> list[Original]:
    """Return the media of an input that are to be had; a medium of which nothing is said is none.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> text = resources_pb2.Text(raw="words")
        >>> one = resources_pb2.Input(data=resources_pb2.Data(text=text))
        >>> [original.sources for original in originals_of(one)]
        [[b'words']]
    """
    found = [_original(kind, getattr(message.data, kind)) for kind in KINDS if _has(message, kind)]
    return [one for one in found if one.hosted or one.content or one.url]


def may_heal(error: ClarifaiError) -> bool:
    """Return whether what did not come may come another time.

    Example:
        >>> may_heal(Unreachable("no answer")), may_heal(UserError("no address"))
        (True, False)
    """
    return isinstance(error, (Unreachable, DeadlineExceeded, ServerError, Throttled))


def _has(message: resources_pb2.Input, kind: str) -> bool:
    return message.data.HasField(cast("Any", kind))


def _original(kind: str, part: Any) -> Original:
    prefix, suffix = part.hosted.prefix.rstrip("/"), part.hosted.suffix.lstrip("/")
    return Original(
        kind,
        hosted=f"{prefix}/orig/{suffix}" if prefix and suffix else "",
        content=part.raw.encode() if kind == "text" else part.base64,
        url=part.url,
    )
