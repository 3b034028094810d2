"""Whom downloads and gRPC trust: files and folders that the settings or the environment name."""

from __future__ import annotations

import ssl
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport import trust
from clarifai_core.transport.session import Session
from clarifai_core.transport.trust import read_roots, ssl_context


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def secure(authority):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"found")

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            """Say nothing: clients that do not trust it are part of the tests."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def roots(authority, tmp_path):
    path = tmp_path / "roots.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def read(address, way="", **options):
    settings = Settings.resolve(base_url="https://x.test", pat="x", timeout_seconds=1.5, **options)
    with closing(Session(settings)) as made:
        return made.downloads.read(f"https://{way}{address}/a")


@pytest.mark.parametrize("way", ["", "user@"], ids=["plain", "httpx"])
def test_the_environment_names_a_file_or_a_folder(secure, roots, monkeypatch, way):
    with pytest.raises(errors.Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        read(secure, way)

    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    assert read(secure, way) == b"found"

    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(roots.parent))
    assert read(secure, way) == b"found"


@pytest.mark.parametrize("way", ["", "user@"], ids=["plain", "httpx"])
def test_what_the_settings_name_comes_first(secure, roots, monkeypatch, tmp_path, way):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with pytest.raises(errors.Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        read(secure, way)

    assert read(secure, way, root_certificates_path=str(roots)) == b"found"


def test_file_and_folder_count_together(authority, roots, monkeypatch, tmp_path):
    folder, other = tmp_path / "folder", trustme.CA()
    folder.mkdir()
    other.cert_pem.write_to_path(str(folder / "other.crt"))
    (folder / "notes.txt").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    monkeypatch.setenv("SSL_CERT_DIR", f"{folder}:{folder}")

    pem = read_roots()

    assert pem.count(b"BEGIN CERTIFICATE") == 2
    assert len(ssl_context().get_ca_certs()) == 2


def test_what_is_replaced_in_a_folder_counts_at_once(authority, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    first, second = authority.cert_pem.bytes(), trustme.CA().cert_pem.bytes()
    (tmp_path / "one.pem").write_bytes(first)
    assert [read_roots(), read_roots()] == [first, first]
    (tmp_path / "one.pem").write_bytes(second)
    assert read_roots() == second
    (tmp_path / "two.pem").write_bytes(first)
    assert read_roots() == second + first
    (tmp_path / "one.pem").unlink()
    assert read_roots() == first


def test_certificates_are_read_and_tried_once_for_many_sessions(authority, tmp_path, monkeypatch):
    """A system has hundreds, each in a file of its own."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "one.pem").write_bytes(trustme.CA().cert_pem.bytes())
    read, tried = [], []
    monkeypatch.setattr(trust, "_file", lambda path, what: read.append(path) or _FILE(path, what))
    monkeypatch.setattr(ssl, "SSLContext", lambda kind: tried.append(kind) or _CONTEXT(kind))
    assert len({read_roots() for _ in range(10)}) == 1
    assert (len(read), len(tried)) == (1, 1)


_FILE, _CONTEXT = trust._file, ssl.SSLContext


def test_nothing_named_means_the_defaults():
    assert read_roots() is None
    assert len(ssl_context().get_ca_certs()) > 50


def test_words_between_certificates_do_no_harm(roots):
    roots.write_text(f"# B\u00fccher & S\u00f6hne\n{roots.read_text()}\n# Ende \u2603\n", "utf-8")

    assert read_roots(str(roots)).isascii()
    assert len(ssl_context(str(roots)).get_ca_certs()) == 1


BROKEN = {
    "missing": None,
    "empty": b"",
    "no PEM": b"hello",
    "a key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "garbage": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "no base64": b"-----BEGIN CERTIFICATE-----\n\xff!\n-----END CERTIFICATE-----\n",
    "half of one": b"-----BEGIN CERTIFICATE-----\nMIIB\n",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_what_cannot_be_used_is_named_with_its_variable(
    secure, tmp_path, monkeypatch, variable, name
):
    place = tmp_path / "folder"
    file = place / "roots.pem"
    if BROKEN[name] is not None:
        place.mkdir()
        file.write_bytes(BROKEN[name])
    monkeypatch.setenv(variable, str(file if variable == "SSL_CERT_FILE" else place))

    for way in ("", "user@"):
        with pytest.raises(errors.UserError, match=f"{variable} '.*folder") as raised:
            read(secure, way)
        assert "\n" not in str(raised.value)


def test_a_folder_is_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    with pytest.raises(errors.UserError, match=r"SSL_CERT_FILE .* cannot be read"):
        read_roots()
