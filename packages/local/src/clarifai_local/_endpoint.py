"""What `base_url="local:"` and `base_url="local:PATH"` open.

local:                       in memory, one per process
local:./state  local:~/x     kept in that directory
local:PATH?downloads=on      inputs given by URL are downloaded, at public addresses only
local:PATH?downloads=any     ... at private addresses, too
local:?platform=NAME         what `Platform.url` says: a platform that this program made
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from clarifai_local import _open_platforms
from clarifai_local._store.directory import DOWNLOADS_DIRECTORY
from clarifai_local._url_fetcher import UrlFetcher
from clarifai_local.http_messages import IN_PROCESS_URL

if TYPE_CHECKING:
    import grpc
    import httpx

    from clarifai_local.platform import Platform

SCHEME = "local:"
_DOWNLOADS = {"off": (False, False), "on": (True, False), "any": (True, True)}


class LocalConnection:
    """A way to a platform of this process; satisfies `clarifai_core.contracts.Connection`."""

    needs_credentials = False
    media_origins = (IN_PROCESS_URL,)

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._channel = self.platform.channel()
        self._closed = False

    def channel(self) -> grpc.Channel:
        """Return the channel that carries the calls."""
        return self._channel

    def aio_channel(self) -> grpc.aio.Channel:
        """Return a new asyncio channel; it belongs to the caller."""
        return self.platform.aio_channel()

    def http_transport(self) -> httpx.BaseTransport:
        """Return what downloads of `media_origins` go through."""
        return self.platform.http_transport()

    def close(self) -> None:
        """Close the channel; a platform in a directory closes with its last connection."""
        if not self._closed:
            self._closed = True
            self._channel.close()
            _open_platforms.release(self.platform)


def open_local(url: str, settings: object = None) -> LocalConnection:  # noqa: ARG001
    """Open the platform that a `local:` URL names.

    Args:
        url: See the examples at the top of this module.
        settings: The SDK's settings; nothing of them matters here.

    Raises:
        ValueError: The URL has an unknown option, or the directory is somebody else's or damaged.
        DirectoryInUse: Another process has the directory open.
        UnusableDirectory: The system does not let us use the directory.
    """
    place, _, query = url.removeprefix(SCHEME).partition("?")
    place = unquote(place)
    path = _path(url, place) if place.strip("/") or "/" in place else None
    if path is not None and path.exists() and not path.is_dir():
        raise ValueError(f"{url!r} names a file: give a directory, which is made when missing")
    options = dict(parse_qsl(query, keep_blank_values=True))
    name = options.pop("platform", "") if path is None else ""
    if name and not options:
        return LocalConnection(_open_platforms.named(name))
    platform = _open_platforms.acquire(path, _url_fetcher(url, path, options))
    try:
        return LocalConnection(platform)
    except BaseException:  # why: nobody would give it back; raised again
        _open_platforms.release(platform)
        raise


def _path(url: str, place: str) -> Path:
    try:
        return Path(place).expanduser().resolve()
    except RuntimeError as error:  # an unknown user after "~", or links in a circle
        raise ValueError(f"{url!r} leads nowhere: {error}") from error


def _url_fetcher(url: str, path: Path | None, options: dict[str, str]) -> UrlFetcher | None:
    downloads = options.pop("downloads", "off")
    if options or downloads not in _DOWNLOADS:
        raise ValueError(f"{url!r} has an unknown option: there is downloads=off, on or any")
    if downloads == "off":
        return None
    allow_network, allow_private = _DOWNLOADS[downloads]
    return UrlFetcher(
        cache=None if path is None else path / DOWNLOADS_DIRECTORY,
        allow_network=allow_network,
        allow_private=allow_private,
    )
