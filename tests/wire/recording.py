"""The platform that the replay talks to: a gRPC and an HTTP server on loopback that remember.

What is answered comes from `answers.Platform`; what was asked is kept in the order it came.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import grpc
from google.protobuf.json_format import MessageToDict

from clarifai_core.transport.catalogue import rpc
from tests.wire.answers import GrpcFailure, Platform
from tests.wire.files import HTTP_FILES


@attrs.frozen
class Asked:
    """One request as the recording writes it, and the metadata it came with."""

    rpc: str
    request: dict[str, Any]
    metadata: dict[str, str] = attrs.field(factory=dict)

    def as_recorded(self) -> dict[str, Any]:
        return {"rpc": self.rpc, "request": self.request}


class RecordingServer(grpc.GenericRpcHandler):
    """Answers as the platform of the current use does; `begin` starts a use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[Asked] = []
        self.platform: Platform
        self._grpc = grpc.server(ThreadPoolExecutor(16))
        self._grpc.add_generic_rpc_handlers((self,))
        self.host = f"127.0.0.1:{self._grpc.add_insecure_port('127.0.0.1:0')}"
        self._grpc.start()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self.http_host = f"127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def begin(self, platform: Platform) -> None:
        """Forget what was asked, and answer as `platform` does."""
        with self._lock:
            self._asked = []
            self.platform = platform

    @property
    def asked(self) -> list[Asked]:
        with self._lock:
            return list(self._asked)

    def remember(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)

    def service(self, details: Any) -> Any:
        name = details.method.rpartition("/")[2]
        method = rpc(name)

        def answer(request: Any, context: Any) -> Any:
            platform = self.platform
            if platform.parks(name):
                platform.park()
                context.abort(grpc.StatusCode.CANCELLED, "the test is over")
            shown = MessageToDict(request, preserving_proto_field_name=True)
            self.remember(Asked(name, shown, dict(context.invocation_metadata())))
            try:
                return platform.answer(name, request)
            except GrpcFailure as failure:
                context.abort(failure.code, "scripted")

        return grpc.unary_unary_rpc_method_handler(
            answer, method.request_class.FromString, method.response_class.SerializeToString
        )

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._grpc.stop(0).wait()


def _handler_of(server: RecordingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.remember(Asked("HTTP GET", {"path": self.path}, dict(self.headers)))
            content = HTTP_FILES.get(self.path.removeprefix("/files/"))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args: Any) -> None:
            """Say nothing: what was asked is remembered."""

    return Handler
