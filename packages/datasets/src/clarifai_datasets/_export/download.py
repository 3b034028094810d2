"""Fetching the media of inputs for an export: large ones into files, and no dead host for ever."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from clarifai_core.errors import ClarifaiError, DeadlineExceeded, Unreachable
from clarifai_datasets._export import pictures
from clarifai_datasets._export.address import host_of
from clarifai_inputs.originals import may_heal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_datasets._export.source import Downloads
    from clarifai_inputs.originals import Original

LARGE = ("video", "audio")
"""Media that go through a file instead of memory."""

SILENT_REQUESTS = 32
"""Requests in a row without any answer after which a host is not asked again."""


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


class Fetcher:
    """Gets pieces of media. Thread-safe.

    Args:
        downloads: The way to them.
        folder: Where large ones are kept until they are written.
        as_png: Whether images become PNG.
    """

    def __init__(self, downloads: Downloads, folder: Path, *, as_png: bool = False) -> None:
        self._downloads, self._folder = downloads.downloader, folder
        self._as_png = as_png
        self._lock = threading.Lock()
        self._silent: Counter[str] = Counter()
        self._files = 0

    def fetch(self, originals: Sequence[Original]) -> Fetched:
        """Return the content of all pieces.

        Raises:
            NotFetched: One did not come.
        """
        return [(one.kind, self._converted(one, self._get(one))) for one in originals]

    def _converted(self, original: Original, content: bytes | Path) -> bytes | Path:
        if not self._as_png or original.kind != "image" or not isinstance(content, bytes):
            return content
        try:
            return pictures.as_png(content)
        except ValueError as error:
            raise NotFetched(_first_url(original), str(error), may_heal=False) from error

    def _get(self, original: Original) -> bytes | Path:
        sources = original.sources
        try:
            return original.get(sources, lambda url: self._ask(original, url))
        except ClarifaiError as error:
            raise NotFetched(_first_url(original), str(error), may_heal=may_heal(error)) from error

    def _ask(self, original: Original, url: str) -> bytes | Path:
        host = host_of(url)
        if self._silent[host] >= SILENT_REQUESTS:
            raise Unreachable(
                f"not asked for: {SILENT_REQUESTS} requests in a row got no answer from {host}"
            )
        try:
            content = self._read(original, url)
        except (Unreachable, DeadlineExceeded):
            self._note(host, silent=True)
            raise
        if self._silent[host]:
            self._note(host, silent=False)
        return content

    def _read(self, original: Original, url: str) -> bytes | Path:
        most, unsized = original.max_bytes, original.max_unsized_bytes
        if original.kind not in LARGE:
            return self._downloads.read(url, max_bytes=most, max_unsized_bytes=unsized)
        with self._lock:
            self._files += 1
            path = self._folder / f"medium-{self._files}"
        return self._downloads.save(
            url, path, max_bytes=most, max_unsized_bytes=unsized, durable=False
        )

    def _note(self, host: str, *, silent: bool) -> None:
        with self._lock:
            self._silent[host] = self._silent[host] + 1 if silent else 0


def _first_url(original: Original) -> str:
    return next((source for source in original.sources if isinstance(source, str)), "")
