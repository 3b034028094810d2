"""Fetching the media of inputs: which pieces there are, where they are, and their bytes."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from clarifai_core.errors import (
    ClarifaiError,
    DeadlineExceeded,
    ServerError,
    Throttled,
    Unreachable,
)
from clarifai_datasets.export.address import host_of
from clarifai_inputs.media_limits import MEDIA_BYTES, UNSIZED_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_datasets.export.source import Downloads

KINDS = ("image", "video", "text", "audio")
"""Fields of an input's data that are media."""

LARGE = ("video", "audio")
"""Media that go through a file instead of memory."""

SILENT_REQUESTS = 32
"""Requests in a row without any answer after which a host is not asked again."""


@attrs.frozen
class Medium:
    """One piece of media of an input: its address, or its content."""

    kind: str
    url: str = ""
    content: bytes = b""


Fetched: TypeAlias = "list[tuple[str, bytes | Path]]"
"""Kind and content (or the file that holds it) of each piece of an input."""


class NotFetched(ClarifaiError):
    """A piece of media did not come.

    Args:
        url: Where it should be.
        reason: Why it did not come.
        may_heal: Whether it may come another time.
    """

    def __init__(self, url: str, reason: str, *, may_heal: bool) -> None:
        super().__init__(reason)
        self.url, self.may_heal = url, may_heal


def media_of(message: resources_pb2.Input) -> list[Medium]:
    """Return the pieces of media of an input; a piece that has none comes without content.

    The platform's own copy comes first: it is the upload, byte for byte.
    """
    return [
        _medium(kind, getattr(message.data, kind))
        for kind in KINDS
        if message.data.HasField(kind)  # type: ignore[arg-type]
    ]


class Fetcher:
    """Gets pieces of media. Thread-safe.

    Args:
        downloads: The way to them.
        folder: Where large ones are kept until they are written.
    """

    def __init__(self, downloads: Downloads, folder: Path) -> None:
        self._downloads, self._folder = downloads.downloader, folder
        self._lock = threading.Lock()
        self._silent: Counter[str] = Counter()
        self._files = 0

    def fetch(self, media: Sequence[Medium]) -> Fetched:
        """Return the content of all pieces.

        Raises:
            NotFetched: One did not come.
        """
        return [(one.kind, self._get(one) if one.url else one.content) for one in media]

    def _get(self, medium: Medium) -> bytes | Path:
        host = host_of(medium.url)
        if self._silent[host] >= SILENT_REQUESTS:
            reason = f"not asked for: {SILENT_REQUESTS} requests in a row got no answer from {host}"
            raise NotFetched(medium.url, reason, may_heal=True)
        try:
            content = self._read(medium)
        except ClarifaiError as error:
            silent = isinstance(error, (Unreachable, DeadlineExceeded))
            if silent:
                self._note(host, silent=True)
            may_heal = silent or isinstance(error, (ServerError, Throttled))
            raise NotFetched(medium.url, str(error), may_heal=may_heal) from error
        if self._silent[host]:
            self._note(host, silent=False)
        return content

    def _read(self, medium: Medium) -> bytes | Path:
        most, unsized = MEDIA_BYTES[medium.kind], UNSIZED_BYTES[medium.kind]
        if medium.kind not in LARGE:
            return self._downloads.read(medium.url, max_bytes=most, max_unsized_bytes=unsized)
        with self._lock:
            self._files += 1
            path = self._folder / f"medium-{self._files}"
        return self._downloads.save(
            medium.url, path, max_bytes=most, max_unsized_bytes=unsized, durable=False
        )

    def _note(self, host: str, *, silent: bool) -> None:
        with self._lock:
            self._silent[host] = self._silent[host] + 1 if silent else 0


def _medium(kind: str, part: Any) -> Medium:
    if part.hosted.prefix and part.hosted.suffix:
        prefix, suffix = part.hosted.prefix.rstrip("/"), part.hosted.suffix.lstrip("/")
        return Medium(kind, url=f"{prefix}/orig/{suffix}")
    content = part.raw.encode() if kind == "text" else part.base64
    return Medium(kind, content=content) if content else Medium(kind, url=part.url)
