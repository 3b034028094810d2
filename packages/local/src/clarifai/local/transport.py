"""The platform's HTTP addresses for httpx clients of this process: no port, no socket, no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from clarifai.local.http import HttpRequest, in_process

if TYPE_CHECKING:
    from clarifai.local.platform import Platform


class HttpTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Serves the platform's HTTP addresses to httpx clients of this process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; its host does not matter."""
        token = in_process.set(True)
        try:
            reply = self._platform.http.handle(
                HttpRequest(
                    request.url.path,
                    request.url.query.decode("ascii"),
                    dict(request.headers),
                    request.method,
                    request.read(),
                ),
                trusted=True,
            )
        finally:
            in_process.reset(token)
        headers = {"content-type": reply.media_type, "content-length": str(len(reply.body))}
        return httpx.Response(reply.status, headers=headers, content=reply.body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an asyncio client."""
        await request.aread()
        return self.handle_request(request)
