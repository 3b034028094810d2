"""A URL scheme of `base_url`."""

# --8<-- [start:endpoint]
from __future__ import annotations

import grpc
import grpc.aio


class SocketConnection:
    """A platform on this machine, behind a socket file: `base_url="unix:/run/clarifai.sock"`."""

    needs_credentials = True
    media_origins: tuple[str, ...] = ()

    def __init__(self, url: str) -> None:
        self._url = url
        self._channel = grpc.insecure_channel(url)

    def channel(self) -> grpc.Channel:
        return self._channel

    def aio_channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self._url)

    def http_transport(self) -> None:
        return None

    def close(self) -> None:
        self._channel.close()


def open_socket(url: str, settings: object) -> SocketConnection:
    return SocketConnection(url)


# --8<-- [end:endpoint]
