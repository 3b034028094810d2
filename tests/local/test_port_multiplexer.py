"""What callers without a key can ask of a server: little, for a short time, and under its name."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform, _asgi, _port_multiplexer, _uvicorn_server
from clarifai_local._host_names import HostNames

ME = resources_pb2.UserAppIDSet(user_id="me")


@pytest.fixture
def server() -> Iterator[object]:
    with Platform() as platform, platform.serve() as server:
        yield server


def connected(server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes, or resets, the connection."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def said(server, request: str) -> tuple[int, str]:
    """Status and details of the answer to a request as it is on the wire."""
    with connected(server) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR) if "Connection: close" not in request else None
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body)["status"].get("details", "") if body[
        :1
    ] == b"{" else body.decode()


def get(server, host: str, *more: str, target: str = "/v2/users/me", verb: str = "GET") -> str:
    lines = [f"{verb} {target} HTTP/1.1", f"Host: {host.replace('PORT', str(server.port))}"]
    lines += [f"Authorization: Key {server.pat}", "Connection: close", *more]
    return "\n".join(lines) + "\n\n"


# The name in the Host header


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "localhost.:PORT", "[::1]:PORT",
        "127.0.0.2:PORT", "localhost", "localhost:1", "127.0.0.1:8080",
    ],
)  # fmt: skip
def test_loopback_names_are_answered_whichever_port_is_forwarded(server, host):
    assert said(server, get(server, host))[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:PORT",
        "evil.example",
        "127.0.0.1:PORT.evil.example",
        "127.0.0.1.evil.example:PORT",
        "127.0.0.1.:PORT",
        "localhost..:PORT",
        "localhost.evil.example:PORT",
        "me@localhost:PORT",
        "localhost:PORT@evil.example",
        "localhost:PORT, evil.example",
        "10.0.0.1:PORT",
        "[::2]:PORT",
        "[127.0.0.1]:PORT",
        "::1:PORT",
        "0.0.0.0:PORT",
        "2130706433:PORT",
        "127.1:PORT",
        "localhost:+PORT",
        "localhost:0PORT0",
        "localhost:PORT/x",
    ],
)
def test_foreign_names_are_refused_with_or_without_a_key(server, host):
    for request in (get(server, host), get(server, host, target="/media/orig/image/x")):
        status, details = said(server, request)
        assert status == 421
        assert f"localhost:{server.port}" in details
        assert "host_names" in details


def test_a_request_without_a_name_is_a_bad_request(server):
    assert said(server, "GET /v2/users/me HTTP/1.0\n\n")[0] == 400
    assert said(server, get(server, ""))[0] == 400
    assert said(server, "GET / HTTP/1.1\n\n")[0] == 400
    twice = get(server, "localhost:PORT", f"Host: localhost:{server.port}")
    assert said(server, twice)[0] == 400


def test_the_name_in_an_absolute_target_counts_too(server):
    own = f"http://localhost:{server.port}/v2/users/me"
    foreign = f"http://evil.example:{server.port}/v2/users/me"
    assert said(server, get(server, "localhost:PORT", target=own))[0] == 200
    assert said(server, get(server, "localhost:PORT", target=foreign))[0] == 421
    assert said(server, get(server, "evil.example", target=own))[0] == 421
    for odd in (
        f"http://me@localhost:{server.port}/v2/users/me",
        "http:///v2/users/me",
        "http://",
        f"https://localhost:{server.port}/v2/users/me",
        "*",
        "evil.example:80",
        "v2/users",
    ):
        assert said(server, get(server, "localhost:PORT", target=odd))[0] in {400, 421}, odd


def test_names_that_were_given_are_answered(tmp_path):
    names = ("box.example", "proxy.example:443")
    with Platform() as platform, platform.serve(host_names=names) as server:
        port = server.port
        for host in (
            "box.example",
            "box.example:1",
            f"Box.Example:{port}",
            "proxy.example:443",
            f"localhost:{port}",
        ):
            assert said(server, get(server, host))[0] == 200, host
        for host in ("proxy.example", f"proxy.example:{port}", "other.example"):
            assert said(server, get(server, host))[0] == 421, host


@pytest.mark.parametrize("name", ["a b", "http://box", "me@box", "box:x", "", "box/", "[box]"])
def test_names_that_are_none_are_named(name):
    with Platform() as platform, pytest.raises(ValueError, match="no name of a host"):
        platform.serve(host_names=[name])


def test_who_listens_everywhere_answers_to_addresses_but_not_to_names():
    hosts = HostNames.of("0.0.0.0", 18080)
    assert hosts.accepts("192.168.1.5:18080")
    assert hosts.accepts("[2001:db8::1]:18080")
    assert hosts.accepts("192.168.1.5")
    assert not hosts.accepts("evil.example:18080")
    assert HostNames.of("192.168.1.5", 18080).accepts("192.168.1.5:18080")
    assert not HostNames.of("192.168.1.5", 18080).accepts("192.168.1.6:18080")
    assert HostNames.of("127.0.0.1", 80).accepts("localhost")


# Pages of other sites


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1", "x", ""])
def test_pages_of_other_sites_change_nothing(server, origin):
    for verb in ("POST", "PATCH", "DELETE", "OPTIONS"):
        request = get(server, "localhost:PORT", f"Origin: {origin}", "Content-Length: 0", verb=verb)
        status, details = said(server, request)
        assert status == 403
        assert "may not change" in details


def test_no_answer_lets_pages_of_other_sites_read(server):
    with httpx.Client(base_url=server.base_url) as client:
        for headers in ({}, {"Authorization": f"Key {server.pat}"}):
            for origin in ("http://evil.example", f"http://localhost:{server.port}"):
                reply = client.get("/v2/users/me", headers={**headers, "Origin": origin})
                assert not [name for name in reply.headers if name.startswith("access-control-")]
    own = f"Origin: http://localhost:{server.port}"
    request = get(server, "localhost:PORT", own, "Content-Length: 0", target="/v2/x", verb="POST")
    assert said(server, request)[0] == 404


# Before the key


def test_a_body_without_a_key_is_not_read(server):
    size = 200 * 1024 * 1024
    with connected(server) as connection:
        connection.sendall(
            f"POST /v2/users/me/apps HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            f"Content-Length: {size}\r\n\r\n".encode()
        )
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("key", ["", "Authorization: Key wrong\n"])
def test_a_small_body_without_a_key_keeps_the_connection(server, key):
    one = (
        f"POST /v2/users/me/apps HTTP/1.1\nHost: localhost:{server.port}\n{key}"
        "Content-Length: 2\n\n{}"
    )
    with connected(server) as connection:
        connection.sendall((one * 2).replace("\n", "\r\n").encode())
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection).count(b"HTTP/1.1 401") >= 1


def test_chunks_without_end_and_without_a_key_end_at_once(server):
    with connected(server) as connection:
        connection.sendall(
            f"POST /v2/users/me/apps HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n".encode()
        )
        assert everything(connection).startswith(b"HTTP/1.1 401")


def test_chunks_without_end_and_with_a_key_end_at_the_limit(server, monkeypatch):
    monkeypatch.setattr(_asgi, "MAX_BODY_BYTES", 100_000)
    with connected(server) as connection:
        connection.sendall(
            f"POST /v2/users/me/apps HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            f"Authorization: Key {server.pat}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        with contextlib.suppress(OSError):
            for _ in range(10_000):
                connection.sendall(b"4000\r\n" + bytes(0x4000) + b"\r\n")
        with contextlib.suppress(OSError):
            assert everything(connection)[:12] in (b"HTTP/1.1 413", b"")
    assert httpx.get(f"{server.base_url}/v2/users/me").status_code == 401


@pytest.mark.parametrize("packed", ["gzip", "deflate", "br", "x-bomb"])
def test_packed_bodies_are_not_unpacked(server, packed):
    request = get(
        server, "localhost:PORT", f"Content-Encoding: {packed}", "Content-Length: 0", verb="POST"
    )
    status, details = said(server, request)
    assert status == 415
    assert packed in details


def test_a_head_that_has_no_end_is_refused(server):
    with connected(server) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 10_000_000)
        assert everything(connection)[:12] in (b"HTTP/1.1 400", b"")


def test_a_head_that_drips_ends(server, monkeypatch):
    monkeypatch.setattr(_uvicorn_server, "HEAD_SECONDS", 0.5)
    with connected(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert dripped(connection, b"X: 1\r\n")


def test_a_body_that_pauses_ends(server, monkeypatch):
    monkeypatch.setattr(_uvicorn_server, "BODY_SECONDS", 0.3)
    with connected(server) as connection:
        connection.sendall(
            f"POST /v2/users/me/apps HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            f"Authorization: Key {server.pat}\r\nContent-Length: 1000\r\n\r\n1".encode()
        )
        assert everything(connection) == b""


def test_a_body_that_drips_without_a_key_ends(monkeypatch):
    monkeypatch.setattr(_port_multiplexer, "KEY_SECONDS", 0.5)
    with Platform() as platform, platform.serve() as server, connected(server) as connection:
        connection.sendall(
            f"POST /v2/users/me/apps HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Content-Length: 1000\r\n\r\n1".encode()
        )
        assert dripped(connection, b"1")


@pytest.mark.parametrize(
    "first", [b"", b"P", _port_multiplexer.PREFACE[:-1], _port_multiplexer.PREFACE]
)
def test_who_shows_no_key_has_to_go(monkeypatch, first):
    monkeypatch.setattr(_port_multiplexer, "KEY_SECONDS", 0.3)
    with Platform() as platform, platform.serve() as server, connected(server) as connection:
        connection.sendall(first)
        everything(connection)
        assert not len(server._http._multiplexer.guests)


def dripped(connection: socket.socket, drop: bytes) -> bool:
    """Whether the server ends a connection on which something comes now and then."""
    connection.settimeout(0.05)
    for _ in range(200):
        try:
            connection.sendall(drop)
            if connection.recv(4096) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_the_oldest_without_a_key_goes_when_there_are_too_many(monkeypatch, connect):
    monkeypatch.setattr(_port_multiplexer, "MAX_GUESTS", 10)
    with Platform() as platform, platform.serve() as server, contextlib.ExitStack() as stack:
        channel = stack.enter_context(grpc.insecure_channel(server.address))
        api = connect(channel, (("authorization", f"Key {server.pat}"),))
        assert api.GetUser(user_app_id=ME).status.code == codes.SUCCESS
        with httpx.Client(base_url=server.base_url, headers=key(server)) as client:
            client.get("/v2/users/me").raise_for_status()
            idle = [stack.enter_context(connected(server)) for _ in range(40)]
            assert [everything(one) for one in idle[:30]] == [b""] * 30
            assert len(server._http._multiplexer.guests) <= 10
            # Who has shown a key stays.
            client.get("/v2/users/me").raise_for_status()
            assert api.GetUser(user_app_id=ME).status.code == codes.SUCCESS
            assert len(server._http._multiplexer._callers) == 1


def test_a_caller_with_a_key_outstays_the_time_for_guests(monkeypatch, connect):
    monkeypatch.setattr(_port_multiplexer, "KEY_SECONDS", 0.3)
    with (
        Platform() as platform,
        platform.serve() as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        api = connect(channel, (("authorization", f"Key {server.pat}"),))
        api.GetUser(user_app_id=ME)
        callers = dict(server._http._multiplexer._callers)
        with connected(server) as guest:
            assert everything(guest) == b""
        assert api.GetUser(user_app_id=ME).status.code == codes.SUCCESS
        assert dict(server._http._multiplexer._callers) == callers


def key(server) -> dict[str, str]:
    return {"Authorization": f"Key {server.pat}"}


def test_a_message_without_a_key_is_not_read(server):
    """The caller hears of its key before it has sent what it wanted to."""
    taken = []

    def pieces():
        for _ in range(1000):
            taken.append(1)
            yield bytes(1024 * 1024)

    with grpc.insecure_channel(server.address) as channel:
        call = channel.stream_unary("/clarifai.api.V2/PostInputs")
        answer = service_pb2.MultiInputResponse.FromString(call(pieces(), timeout=60))
    assert answer.status.code == codes.CONN_KEY_INVALID
    assert len(taken) < 100


def test_pings_without_end_end_the_connection(server):
    with connected(server) as connection:
        connection.sendall(_port_multiplexer.PREFACE + frame(4) + frame(6, bytes(8)) * 1000)
        answer = b""
        while b"too_many_pings" not in answer:
            part = connection.recv(65536)
            assert part
            answer += part


def test_a_client_that_pings_each_second_is_not_sent_away(server, connect):
    options = [
        ("grpc.keepalive_time_ms", 1_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    ]
    assert dict(server_options())["grpc.http2.min_ping_interval_without_data_ms"] <= 1_000
    with grpc.insecure_channel(server.address, options=options) as channel:
        api = connect(channel, (("authorization", f"Key {server.pat}"),))
        assert api.GetUser(user_app_id=ME).status.code == codes.SUCCESS


def server_options():
    from clarifai_local import _server

    return _server._OPTIONS


def frame(kind: int, payload: bytes = b"", flags: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + bytes(4) + payload


# Descriptors

_WITHOUT_DESCRIPTORS = """
import resource, socket, sys, httpx
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
from clarifai_local import Platform
with Platform(sys.argv[1]) as platform, platform.serve() as server:
    key = {"Authorization": "Key " + server.pat}
    httpx.get(server.base_url + "/v2/users/me", headers=key).raise_for_status()
    held = []
    try:
        while True:
            held.append(socket.create_connection(("127.0.0.1", server.port), timeout=60))
    except OSError as error:
        print(len(held), error)
    for one in held:
        one.close()
    for _ in range(50):
        try:
            reply = httpx.get(server.base_url + "/v2/users/me", headers=key, timeout=2)
            print("answered", reply.status_code)
            break
        except httpx.HTTPError as error:
            print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit of descriptors")
def test_a_server_without_free_descriptors_answers_again_when_there_are(tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DESCRIPTORS, str(tmp_path / "state")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "Too many open files" in process.stdout
    assert "answered 200" in process.stdout, process.stdout + process.stderr


# Messages that unpack


@pytest.mark.parametrize("packed", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_packed_messages_are_not_unpacked(server, packed):
    request = service_pb2.GetUserRequest(user_app_id=ME).SerializeToString()
    with grpc.insecure_channel(server.address) as channel:
        call = channel.unary_unary("/clarifai.api.V2/GetUser")
        metadata = (("authorization", f"Key {server.pat}"),)
        with pytest.raises(grpc.RpcError) as caught:
            call(request, metadata=metadata, compression=packed, timeout=60)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert "disabled" in caught.value.details()
        assert call(request, metadata=metadata, timeout=60)
