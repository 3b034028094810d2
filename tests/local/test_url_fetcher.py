"""Downloads by URL: what is refused, and what servers that mean no good can do."""

from __future__ import annotations

import contextlib
import gzip
import ipaddress
import itertools
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform, UrlFetcher
from clarifai_local._url_fetcher import FetchError, TooLarge, is_public

PUBLIC = "93.184.216.34"
"""An address of the internet; `World` leads it to a server of the test."""


class World:
    """A server on loopback that the name `public.example` leads to, by way of a public address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names = {"public.example": [PUBLIC]}
        self.looked_up: list[str] = []
        self.connected: list[str] = []
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[socket.socket, threading.Event], None]] = {}
        self._over = threading.Event()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.port = int(self._server.server_address[1])
        look_up, connect = socket.getaddrinfo, socket.create_connection

        def getaddrinfo(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
            self.looked_up.append(host)
            found = self.names.get(host)
            if found is None:
                return look_up(host, port, *args, **kwargs)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

        def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
            self.connected.append(address[0])
            return connect(("127.0.0.1", self.port), *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", create_connection)

    def serve(self, path: str, *parts: bytes) -> str:
        """Answer a path with these bytes; returns its URL."""
        return self.behave(path, lambda connection, _: connection.sendall(b"".join(parts)))

    def behave(self, path: str, answer: Callable[[socket.socket, threading.Event], None]) -> str:
        """Answer a path in some way; returns its URL."""
        self.answers[path] = answer
        return f"http://public.example{path}"

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        world = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = self.request.recv(4096)
                    if not part:  # why: who gave up before asking would be waited for at full speed
                        return
                    head += part
                path = head.split()[1].decode()
                world.asked.append(path)
                with contextlib.suppress(OSError):  # the client hangs up, as it should
                    world.answers[path](self.request, world._over)

        return Handler


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    world = World(monkeypatch)
    yield world
    world.close()


def fetcher(**changes: Any) -> UrlFetcher:
    return UrlFetcher(**{"allow_network": True, "timeout_seconds": 10.0, **changes})


OK = b"HTTP/1.1 200 OK\r\n"


def test_what_a_public_address_serves_is_returned(world):
    url = world.serve("/a", OK, b"content-length: 5\r\n\r\nhello")
    assert fetcher().fetch(url) == b"hello"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "0.0.0.0", "10.1.2.3", "172.16.0.1",
        "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]",
        "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]", "[fe80::1]",
        "[fc00::1]", "[fec0::1]", "[ff02::1]", "localhost", "8.8.8.8@127.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(world, host):
    with pytest.raises(FetchError, match="not a public address"):
        fetcher().fetch(f"http://{host}/latest/meta-data")
    assert world.connected == []


FORGED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1",
    "100.100.100.200", "100.127.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:100.64.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b::6440:1", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::1", "100::1",
    "2001::1", "2001:0:7f00:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::", "2002:c0a8:101::", "2002:a9fe:a9fe::",
    "2001:470::5efe:127.0.0.1", "2001:470::200:5efe:10.0.0.1", "3fff::1", "5f00::1", "4000::1",
    "e000::1", "fc00::1", "fd00:ec2::254", "fe80::1", "febf::1", "fec0::1", "ff02::1",
    "ff0e::1",
]  # fmt: skip
"""Addresses of this machine, of networks around it, and ways to write those."""

WRITTEN = [
    "0177.0.0.1", "0x7f.0.0.1", "0x7f.1", "127.0.1", "017700000001", "0xa9fea9fe", "2852039166",
    "0251.0376.0251.0376", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021",
    "\u2460\u2461\u2466.0.0.1", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[fe80::1%25lo]", "public.example:80@127.0.0.1", "public.example%40@127.0.0.1",
    "public.example\\@127.0.0.1", "%31%32%37.0.0.1", "127.0.0.1.", "localhost.", "LOCALHOST",
]  # fmt: skip
"""Hosts as forgers write them."""


@pytest.mark.parametrize("address", FORGED)
def test_no_forged_address_is_public(world, address):
    assert not is_public(ipaddress.ip_address(address))
    world.names["forged.example"] = [address]
    with pytest.raises(FetchError, match="not a public address"):
        fetcher().fetch("http://forged.example/latest/meta-data")
    assert world.connected == []


@pytest.mark.parametrize("host", WRITTEN)
def test_however_a_private_address_is_written_it_is_not_fetched(world, host):
    for url in (f"http://{host}/", world.serve("/go", _redirect(f"http://{host}/"))):
        with pytest.raises(FetchError, match=r"\w+ \w+"):
            fetcher(timeout_seconds=5.0).fetch(url)
    assert set(world.connected) <= {PUBLIC}
    assert set(world.asked) <= {"/go"}


def _redirect(target: str) -> bytes:
    head = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: "
    return head + target.encode() + b"\r\n\r\n"


def test_a_name_that_changes_its_address_between_look_ups_is_looked_up_anew_and_checked(world):
    """Each redirect is a look-up of its own; what was public before may not be any more."""
    world.behave(
        "/go",
        lambda connection, _: (
            world.names.update({"public.example": ["127.0.0.1"]}),
            connection.sendall(_redirect("http://public.example/secret")),
        )[0],
    )
    with pytest.raises(FetchError, match="not a public address"):
        fetcher().fetch("http://public.example/go")
    assert world.asked == ["/go"]


def test_a_name_server_that_does_not_answer_is_given_up(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60) and [])
    try:
        with pytest.raises(FetchError, match=r"took longer than 0\.2 s"):
            fetcher(timeout_seconds=0.2).fetch("http://slow.example/")
    finally:
        over.set()


def test_an_announced_size_is_refused_before_a_byte_is_read(world):
    url = world.serve("/big", OK, b"content-length: 9999999999999999999\r\n\r\n")
    with pytest.raises(TooLarge, match="more than 1,000 bytes"):
        fetcher().fetch(url, 1000)


@pytest.mark.parametrize(
    ("kind", "limit"), [("image", 20_971_520), ("text", 10_485_760), ("audio", 134_217_728)]
)
def test_each_kind_of_input_has_its_own_limit(world, connect, kind, limit):
    url = world.serve("/big", OK, f"content-length: {limit + 1}\r\n\r\n".encode())
    with Platform(url_fetcher=fetcher()) as platform:
        api = connect(platform.channel())
        scope = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
        api.PostApps(user_app_id=scope, apps=[resources_pb2.App(id="zoo")])
        data = resources_pb2.Data(**{kind: {"url": url}})
        api.PostInputs(user_app_id=scope, inputs=[resources_pb2.Input(id="a", data=data)])
        assert platform.wait_idle()
        (found,) = api.ListInputs(user_app_id=scope).inputs
    assert found.status.code == codes.INPUT_OVER_LIMIT
    assert f"more than {limit:,} bytes" in found.status.details


def test_a_file_of_the_cache_is_limited_too(tmp_path):
    (tmp_path / "a.example").mkdir()
    (tmp_path / "a.example" / "big").write_bytes(bytes(2000))
    with pytest.raises(TooLarge, match="more than 1,000 bytes"):
        UrlFetcher(cache=tmp_path).fetch("http://a.example/big", 1000)


def test_messages_quote_no_secret_of_an_address(world):
    secret = "hunter2"
    url = world.serve(f"/odd?signature={secret}", b"HTTP/1.1 404 No\r\n\r\n")
    for asked in (
        url.replace("//", f"//me:{secret}@"),
        f"http://me:{secret}@127.0.0.1/?k={secret}",
    ):
        with pytest.raises(FetchError) as raised:
            fetcher().fetch(asked)
        assert secret not in str(raised.value)
    with pytest.raises(FetchError) as raised:
        UrlFetcher().fetch(f"https://me:{secret}@public.example/a?k={secret}#{secret}")
    assert "'https://public.example/a'" in str(raised.value)
    assert secret not in str(raised.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://public.example/a", "gopher://public.example/", "data:,x", "",
        "//public.example/a", "http://", "http://[", "http://public.example:99999/", "\0",
        "http://pub\0lic.example/", f"http://{'a' * 300}.example/", "http://\u2100.example/",
        "http://public.example/\r\nx: y", "HTTP:/public.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(world, url):
    with pytest.raises(FetchError, match=r"\w+ \w+"):
        fetcher(timeout_seconds=5.0).fetch(url)


@pytest.mark.parametrize("addresses", [["10.0.0.7"], [PUBLIC, "10.0.0.7"]])
def test_a_name_that_also_leads_to_a_private_address_is_refused(world, addresses):
    world.names["inside.example"] = addresses
    with pytest.raises(FetchError, match=r"10\.0\.0\.7, which is not a public address"):
        fetcher().fetch("http://inside.example/")
    assert world.connected == []


def test_the_connection_goes_to_the_address_that_was_checked(world):
    url = world.serve("/a", OK, b"content-length: 2\r\n\r\nok")
    assert fetcher().fetch(url) == b"ok"
    assert world.connected == [PUBLIC]
    assert world.looked_up.count("public.example") == 1


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/secret", "http://inside.example/secret", "//10.0.0.7/secret"]
)
def test_a_redirect_to_a_private_address_is_refused(world, target):
    world.names["inside.example"] = ["192.168.7.7"]
    url = world.serve("/go", b"HTTP/1.1 302 Found\r\nlocation: ", target.encode(), b"\r\n\r\n")
    with pytest.raises(FetchError, match="not a public address"):
        fetcher().fetch(url)
    assert world.asked == ["/go"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://public.example/a", "http://["])
def test_a_redirect_to_another_scheme_is_refused(world, target):
    url = world.serve("/go", b"HTTP/1.1 302 Found\r\nlocation: ", target.encode(), b"\r\n\r\n")
    with pytest.raises(FetchError):
        fetcher().fetch(url)
    assert world.asked == ["/go"]


def test_redirects_in_a_circle_end(world):
    url = world.serve("/go", b"HTTP/1.1 302 Found\r\nlocation: /go\r\ncontent-length: 0\r\n\r\n")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetcher().fetch(url)


def _drip(*parts: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Send these parts, then a byte now and then, for five seconds."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"".join(parts))
        for _ in range(100):
            if over.wait(0.05):
                return
            connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    "sent",
    [
        (b"HTTP/1.1 200 O",),
        (OK, b"x-slow: "),
        (OK, b"content-length: 1000\r\n\r\n"),
        (OK, b"\r\n"),
    ],
    ids=["status line", "headers", "body", "body without length"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(world, sent):
    url = world.behave("/slow", _drip(*sent))
    with pytest.raises(FetchError, match=r"took longer than 0\.3 s"):
        fetcher(timeout_seconds=0.3).fetch(url)


def test_who_hangs_up_before_asking_leaves_no_thread_behind(world):
    """Of this file's server, which once spun for the rest of the run when a test was slow."""
    before = set(threading.enumerate())
    with socket.socket() as caller:
        caller.connect(("127.0.0.1", world.port))
    assert fetcher().fetch(world.serve("/a", OK, b"content-length: 0\r\n\r\n")) == b""
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def test_a_server_that_says_nothing_is_given_up(world):
    url = world.behave("/mute", lambda _, over: over.wait(60))
    with pytest.raises(FetchError, match=r"took longer than 0\.3 s"):
        fetcher(timeout_seconds=0.3).fetch(url)


def _without_end(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(OK + b"\r\n")
    for _ in itertools.takewhile(lambda _: not over.is_set(), range(10_000)):
        connection.sendall(bytes(65_536))


def test_a_body_over_the_limit_is_refused(world):
    with pytest.raises(FetchError, match="more than 1,000 bytes"):
        fetcher(max_bytes=1000).fetch(world.behave("/endless", _without_end))


def test_a_compressed_body_is_not_unpacked(world):
    packed = gzip.compress(bytes(50_000_000))
    head = f"content-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n".encode()
    with pytest.raises(FetchError, match="compressed"):
        fetcher().fetch(world.serve("/bomb", OK, head, packed))


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\x16\x03\x01garbage", b"HTTP/1.1 200", OK + b"content-length: 100\r\n\r\nshort",
        OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 404 No\r\n\r\n",
        OK + b"content-length: -1\r\n\r\n", b"HTTP/1.1 302 Found\r\n\r\n",
        OK + b"x: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(world, answer):
    with pytest.raises(FetchError, match=r"/odd"):
        fetcher(timeout_seconds=5.0).fetch(world.serve("/odd", answer))


def test_the_cache_gives_nothing_from_outside_its_directory(tmp_path):
    (tmp_path / "secret").write_text("s")
    (tmp_path / "cache" / "a.example").mkdir(parents=True)
    (tmp_path / "cache" / "link").symlink_to(tmp_path)
    for url in (
        "http://a.example/../../secret", "http://a.example/%2e%2e/%2e%2e/secret",
        "http://../secret", "http://link/secret", "http://a.example/%00", "http://a.example/",
        f"http://a.example/{'x' * 5000}", "http://a.example//etc/passwd",
    ):  # fmt: skip
        with pytest.raises(FetchError):
            UrlFetcher(cache=tmp_path / "cache").fetch(url)
