"""Figures and health over HTTP, for Prometheus and whoever restarts what is not healthy.

/metrics   the counters, as Prometheus reads them
/healthz   200 "ok", or 503 with the reason
"""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_runner import _exposition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_runner._metrics import Metrics

MAX_WAIT_SECONDS = 10
"""How long a client may take with its request."""


@contextlib.contextmanager
def serving(metrics: Metrics, runner_id: str, host: str, port: int | None) -> Iterator[None]:
    """Serve the figures of a runner while the block runs; not at all when `port` is None.

    Args:
        metrics: The figures; their `address` is set to `"host:port"` meanwhile.
        runner_id: The label of every figure.
        host: Address to listen at.
        port: Port to listen at; 0 for any free one.

    Raises:
        UserError: The port cannot be used.
        PluginError: The extra `metrics` is not installed.
    """
    if port is None:
        yield
        return
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise UserError(f"metrics_port must be a whole number from 0 to 65535, got {port!r}.")
    _exposition.library()  # said at the start, not to who scrapes
    try:
        server = _Server((host, port), _Handler)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"metrics_port {port} of {host} cannot be used: {reason}.") from error
    server.pages = {
        "/metrics": lambda: (200, _exposition.CONTENT_TYPE, metrics.text(runner_id)),
        "/healthz": lambda: _health(metrics),
    }
    threading.Thread(
        target=server.serve_forever, name="clarifai-runner-metrics", daemon=True
    ).start()
    metrics.address = f"{host}:{server.server_address[1]}"
    try:
        yield
    finally:
        metrics.address = ""
        server.shutdown()
        server.server_close()


def _health(metrics: Metrics) -> tuple[int, str, str]:
    problem = metrics.problem
    return (503 if problem else 200), "text/plain; charset=utf-8", f"{problem or 'ok'}\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pages: Any = None


class _Handler(BaseHTTPRequestHandler):
    timeout = MAX_WAIT_SECONDS

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])  # type: ignore[attr-defined]
        if page is None:
            self.send_error(404)
            return
        code, content_type, text = page()
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: scrapes come every few seconds."""
