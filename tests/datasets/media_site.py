"""A loopback web site with media and archives, which remembers what it was asked."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MediaSite:
    """`pages`: path -> bytes, a status number, or a function that returns one of these."""

    def __init__(self):
        self.pages, self.asked = {}, []
        self.busy = self.most_busy = 0
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                with site.counted(self):
                    page = site.pages.get(self.path.partition("?")[0], 404)
                    page = page() if callable(page) else page
                if isinstance(page, int):
                    self.send_error(page)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args):
                """Say nothing: a killed client is part of a test."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.other_url = f"http://localhost:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    def counted(self, request):
        return _Counted(self, request)

    def keys(self):
        """Return the `authorization` header of each request, by host name."""
        return {(host.partition(":")[0], key) for host, _, key in self.asked}

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Counted:
    def __init__(self, site, request):
        self._site, self._request = site, request

    def __enter__(self):
        site, headers = self._site, self._request.headers
        with site._lock:
            site.asked.append((headers["Host"], self._request.path, headers.get("authorization")))
            site.busy += 1
            site.most_busy = max(site.most_busy, site.busy)

    def __exit__(self, *failure):
        with self._site._lock:
            self._site.busy -= 1
