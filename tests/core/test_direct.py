"""Downloads over connections that are kept, and those that have to go another way."""

from __future__ import annotations

import gzip
import ssl
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport import _http_direct
from clarifai_core.transport.session import Session
from tests.datasets.fault_site import FaultSite, whole


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        made.pages = {"/a": [whole(b"a")], "/b": [whole(b"b" * 3_000_000)], "/empty": [whole(b"")]}
        yield made


@pytest.fixture
def downloads(site):
    with closing(session(base_url=site.url)) as made:
        yield made.downloads


def session(**options):
    return Session(Settings.resolve(pat="the-key", timeout_seconds=5, **options))


def test_one_connection_serves_many_downloads(site, downloads, tmp_path):
    for _ in range(3):
        assert downloads.read(f"{site.url}/a") == b"a"
        assert downloads.read(f"{site.url}/empty") == b""
        assert downloads.save(f"{site.url}/b", tmp_path / "b").read_bytes() == b"b" * 3_000_000
        with pytest.raises(errors.NotFound):
            downloads.read(f"{site.url}/none")
    assert site.connections == 1


FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"


@pytest.mark.parametrize("body", [b"", b"a", b"a" * 100_000])
@pytest.mark.parametrize("behind", [FORGED, b"x"])
def test_what_stands_behind_an_answer_is_never_another_one(site, downloads, body, behind):
    """An answer that says less than it sends: the rest lies in the reader, or in the socket."""
    site.pages |= {"/long": [[b"".join([*whole(body), behind])]], "/a": [whole(b"a")]}
    for _ in range(3):
        assert downloads.read(f"{site.url}/long") == body
        assert downloads.read(f"{site.url}/a") == b"a"
    assert site.connections == 4  # each time that something was left, another one


def test_threads_have_connections_of_their_own(site, downloads):
    together = threading.Barrier(4)
    found = []

    def get():
        together.wait()
        found.extend(len(downloads.read(f"{site.url}/b")) for _ in range(20))

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [3_000_000] * 80
    assert site.connections <= 4


@pytest.mark.parametrize("goodbye", ["fin", "rst"])
def test_a_connection_that_was_closed_meanwhile_is_no_failure(site, downloads, goodbye):
    site.pages["/a"] = [[*whole(b"a"), goodbye]]
    for _ in range(5):
        assert downloads.read(f"{site.url}/a") == b"a"
    assert len(site.asked) == 5


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (whole(b"a", "Connection: close"), 3),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"], 3),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\na"], 1),
        ([b"HTTP/1.1 200 OK\r\n\r\na", "fin"], 3),
        ([b"HTTP/1.1 200\r\ncontent-length:1\r\n\r\na"], 1),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", *whole(b"a")], 1),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n"], 1),
    ],
)
def test_all_ways_to_end_an_answer_are_understood(site, downloads, answer, connections):
    site.pages["/a"] = [answer]
    assert [downloads.read(f"{site.url}/a") for _ in range(3)] == [b"a"] * 3
    assert site.connections == connections


def test_no_more_connections_are_kept_than_allowed(site, downloads, monkeypatch):
    monkeypatch.setattr(_http_direct, "MAX_IDLE", 1)
    for _ in range(2):
        for url in (site.url, site.other_url):
            assert downloads.read(f"{url}/a") == b"a"
    assert site.connections == 4


def test_bytes_are_wanted_as_they_are_and_unpacked_where_they_come_packed(site, downloads):
    assert downloads.read(f"{site.url}/a") == b"a"
    site.pages["/a"] = [whole(gzip.compress(b"unpacked"), "Content-Encoding: gzip")]
    assert downloads.read(f"{site.url}/a") == b"unpacked"
    assert {fields["accept-encoding"] for _, fields in site.asked} == {"identity"}


def test_addresses_of_other_alphabets_are_encoded(site, downloads):
    site.pages["/caf%C3%A9%20x"] = [whole(b"latte")]
    assert downloads.read(f"{site.url}/caf\u00e9 x") == b"latte"
    site.pages["/moved"] = [whole(b"", "Location: /caf\u00e9%20x", status="301 Moved")]
    assert downloads.read(f"{site.url}/moved") == b"latte"


def test_redirects_without_end_are_given_up(site, downloads):
    site.pages["/a"] = [whole(b"", "Location: /a", status="307 Temporary Redirect")]
    with pytest.raises(errors.BadReply, match="more than 5 redirects"):
        downloads.read(f"{site.url}/a")


def test_what_is_too_large_is_not_read(site, downloads):
    site.pages["/b"] = [[b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", "wait"]]
    with pytest.raises(errors.BadReply, match="larger than 1000 bytes"):
        downloads.read(f"{site.url}/b", max_bytes=1000)


@pytest.mark.parametrize("head", [b"X: " + b"y" * 70_000, b"X: y\r\n" * 200, b"no colon"])
def test_a_head_that_makes_no_sense_is_refused(site, downloads, head, monkeypatch):
    site.pages["/a"] = [[b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", "fin"]]
    with pytest.raises(errors.Unreachable, match=r"/a failed: "):
        downloads.read(f"{site.url}/a")


def test_a_proxy_is_used_but_for_hosts_that_are_excepted(site, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, site.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "localhost")
    site.pages["http://data.example.test/x"] = [whole(b"by proxy")]
    with closing(session(base_url=site.url)) as made:
        assert made.downloads.read("http://data.example.test/x") == b"by proxy"
        assert made.downloads.read(f"{site.other_url}/a") == b"a"
    assert [path for path, _ in site.asked] == ["http://data.example.test/x", "/a"]


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.keys.append(self.headers["authorization"])
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            """Say nothing: clients that do not trust it are part of the tests."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    server.keys = []
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_root_certificates_of_ones_own_hold_for_downloads(secure, authority, tmp_path):
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    url = f"https://127.0.0.1:{secure.server_port}"

    with closing(session(base_url=url, root_certificates_path=str(root))) as made:
        assert [made.downloads.read(f"{url}/x") for _ in range(2)] == [b"secret"] * 2

    assert secure.keys == ["Key the-key"] * 2


def test_an_unknown_certificate_is_refused_and_the_key_stays_here(secure):
    url = f"https://127.0.0.1:{secure.server_port}"
    with (
        closing(session(base_url=url)) as made,
        pytest.raises(errors.Unreachable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        made.downloads.read(f"{url}/x")
    assert secure.keys == []
