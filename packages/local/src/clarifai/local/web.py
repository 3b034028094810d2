"""The HTTP routes of a platform on a port, with starlette and uvicorn."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from clarifai.local.http import HttpRequest

if TYPE_CHECKING:
    from starlette.requests import Request

    from clarifai.local.http import Http

STOP_SECONDS = 5.0
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class WebServer:
    """Serves the routes from construction to `stop`, in a thread of its own.

    Args:
        http: The routes.
        host: Address to listen at.
        port: Port to listen at; 0 for any free one.

    Raises:
        OSError: The port is taken.
    """

    def __init__(self, http: Http, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host.strip("[]"), port))
            self._socket.listen(128)
        except BaseException:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            _application(http),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=int(STOP_SECONDS),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="clarifai-local-http", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(2 * STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _application(http: Http) -> Starlette:
    async def answer(request: Request) -> Response:
        asked = HttpRequest(
            request.url.path,
            request.url.query,
            dict(request.headers),
            request.method,
            await request.body(),
        )
        reply = await run_in_threadpool(http.handle, asked, trusted=False)
        return Response(reply.body, reply.status, media_type=reply.media_type)

    return Starlette(routes=[Route("/{path:path}", answer, methods=_METHODS)])
