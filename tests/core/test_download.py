import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport.session import Session


class Site:
    """A loopback web site that answers as scripted and remembers what it was asked."""

    def __init__(self):
        self.asked, self.failures = [], []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.headers.get("Host"), self.path, self.headers))
                if site.failures:
                    self.send_error(site.failures.pop(0))
                elif self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", f"http://localhost:{site.port}/file")
                    self.end_headers()
                elif self.path == "/short":
                    self.send_response(200)
                    self.send_header("Content-Length", "100")
                    self.end_headers()
                    self.wfile.write(b"only this")
                elif self.path == "/file":
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"content")
                else:
                    self.send_error(404)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture
def downloads(site):
    session = Session(
        Settings.resolve(base_url=f"http://127.0.0.1:{site.port}", pat="the-key", timeout_seconds=5)
    )
    yield session.downloads
    session.close()


def key_of(headers):
    return headers.get("authorization")


def test_the_platforms_own_host_gets_the_key(site, downloads):
    assert downloads.read(f"http://127.0.0.1:{site.port}/file") == b"content"
    assert key_of(site.asked[0][2]) == "Key the-key"


def test_another_host_does_not_not_even_after_a_redirect(site, downloads):
    assert downloads.read(f"http://localhost:{site.port}/file") == b"content"
    assert downloads.read(f"http://127.0.0.1:{site.port}/moved") == b"content"

    keys = [key_of(headers) for _, _, headers in site.asked]
    assert keys == [None, "Key the-key", None]


def test_a_failing_server_is_asked_again(site, downloads):
    site.failures = [503, 500]

    assert downloads.read(f"http://127.0.0.1:{site.port}/file") == b"content"
    assert len(site.asked) == 3


def test_a_missing_page_is_an_error_and_no_data(site, downloads):
    with pytest.raises(errors.NotFound, match="HTTP 404") as raised:
        downloads.read(f"http://127.0.0.1:{site.port}/nothing?signature=secret")
    assert "secret" not in str(raised.value)


def test_a_file_is_written_whole_or_not_at_all(site, downloads, tmp_path):
    target = tmp_path / "out.bin"

    with pytest.raises(errors.Unreachable):
        downloads.save(f"http://127.0.0.1:{site.port}/short", target)
    assert list(tmp_path.iterdir()) == []

    downloads.save(f"http://127.0.0.1:{site.port}/file", target)
    assert target.read_bytes() == b"content"


def test_what_is_larger_than_allowed_is_refused(site, downloads):
    with pytest.raises(errors.BadReply, match="larger than 3 bytes"):
        downloads.read(f"http://127.0.0.1:{site.port}/file", max_bytes=3)


NO_URLS = ["", "file:///etc/passwd", "ftp://x/y", "http://[x", "http://x:99999/", "http://x/\0"]


@pytest.mark.parametrize("url", [*NO_URLS, 3])
def test_what_is_no_url_is_named(downloads, url):
    with pytest.raises(errors.UserError, match="Not an http or https URL"):
        downloads.read(url)
