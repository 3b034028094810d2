"""A port where something else is spoken is named in one sentence, with the right base_url."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading

import grpc
import pytest
import trustme
from clarifai_grpc.grpc.api import service_pb2

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport._other_protocols import other_protocol
from clarifai_core.transport.session import Session
from tests.core.conftest import ScriptedServer

NOT_HERE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def roots(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("roots") / "root.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def port_of():
    """Return a function that listens at a port, and does with each connection what it is given."""
    listening = []

    def listen(answer):
        listener = socket.create_server(("127.0.0.1", 0))
        listening.append(listener)
        threading.Thread(target=_accept, args=(listener, answer), daemon=True).start()
        return listener.getsockname()[1]

    yield listen
    for one in listening:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def _accept(listener, answer):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with contextlib.suppress(OSError), connection:
            connection.settimeout(5)
            answer(connection)


def says(answer):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(answer)

    return talk


def with_tls(authority, *protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if protocols:
        context.set_alpn_protocols(protocols)

    def talk(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)

    return talk


def told(base_url, **settings):
    session = Session(Settings.resolve(base_url=base_url, pat="p", timeout_seconds=1.5, **settings))
    try:
        with pytest.raises(errors.Unreachable) as failed:
            session.call("ListApps", service_pb2.ListAppsRequest())
    finally:
        session.close()
    text = re.sub(r" \[UNAVAILABLE, request \w+\]$", "", str(failed.value))
    return failed.value.attempts, text.removeprefix("ListApps").partition(": ")[2]


def test_http_1_in_the_clear(port_of):
    port = port_of(says(NOT_HERE))
    assert told(f"http://127.0.0.1:{port}") == (
        1,
        f"127.0.0.1:{port} speaks HTTP/1 at that port, not gRPC: base_url must name the port of "
        "gRPC, as 'https://api.clarifai.com' does.",
    )


def test_tls_where_the_port_is_in_the_clear(port_of):
    port = port_of(says(NOT_HERE))
    assert told(f"https://127.0.0.1:{port}") == (
        1,
        f"127.0.0.1:{port} does not speak TLS at that port: write http:// in base_url, as in "
        f"'http://127.0.0.1:{port}', if it is meant to be in the clear.",
    )


def test_the_clear_where_the_port_wants_tls(port_of, authority):
    port = port_of(with_tls(authority, "h2"))
    _, text = told(f"http://127.0.0.1:{port}")
    assert text == (
        f"cannot reach 127.0.0.1:{port}: it hangs up before gRPC begins; write "
        f"base_url='https://127.0.0.1:{port}' if it expects TLS, else look whether it is up."
    )


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_tls_without_http_2(port_of, authority, roots, protocols):
    port = port_of(with_tls(authority, *protocols))
    attempts, text = told(f"https://127.0.0.1:{port}", root_certificates_path=roots)
    assert attempts == 1
    assert "speaks TLS at that port, but not HTTP/2, and so no gRPC" in text
    assert "CLARIFAI_ROOT_CERTIFICATES_PATH" not in text


def test_something_else(port_of):
    port = port_of(says(b"SSH-2.0-OpenSSH_9.9\r\n"))
    _, text = told(f"http://127.0.0.1:{port}")
    assert "hangs up before gRPC begins" in text or "something else than gRPC" in text
    assert "ertificate" not in text


def test_a_certificate_of_another_host_is_no_matter_of_roots(authority, roots):
    leaf = authority.issue_cert("other.example")
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    server = ScriptedServer(grpc.ssl_server_credentials([(leaf.private_key_pem.bytes(), chain)]))
    try:
        attempts, text = told(f"https://127.0.0.1:{server.port}", root_certificates_path=roots)
    finally:
        server.stop()
    assert (attempts, text) == (
        1,
        f"no trusted connection to 127.0.0.1:{server.port}: its certificate is for another name. "
        "Write that name in base_url.",
    )


def test_a_proxy_that_cannot_reach_the_platform_for_now_is_asked_again():
    found = other_protocol(
        "Failed parsing HTTP/2 (Expected SETTINGS frame) (Trying to connect an http1.x server "
        "(HTTP status 503))"
    )
    assert found is not None
    assert not found.lasts


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("host", "'http://host:443'"),
        ("host:8080", "'http://host:8080'"),
        ("[::1]:8080", "'http://[::1]:8080'"),
    ],
)
def test_the_address_to_write_has_the_port_that_was_meant(where, shown):
    found = other_protocol("WRONG_VERSION_NUMBER")
    assert found is not None
    assert shown in found.told(where)
