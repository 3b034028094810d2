"""Sends bytes to the HTTP side of a served platform: requests of every path, right and wrong.

What must hold: every request that is one gets an answer, in time, that is no server error; without
the key nothing is given away; nothing is logged as an error; at the end the server answers.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from google.protobuf import json_format

from clarifai_local import Platform
from clarifai_local._gateway.binding import Binding, Bindings
from clarifai_local._server import Server
from tests.local.fuzz.chooser import Chooser
from tests.local.fuzz.figures import Figures, Watch
from tests.local.fuzz.ids import Ids
from tests.local.fuzz.strategies import drawn
from tests.local.fuzz.world import furnish, open_platform

ANSWER_SECONDS = 20.0
"""An answer that takes longer is a hang."""

FURNISH_EVERY = 500

_WORDS = (
    "", "a", "\u0663", "\u00b2", "1_000", "+5", " 5", "-0", "-1", "1e3", "1e400", "NaN", "Infinity",
    "9" * 30, "9" * 5000, "0x10", "null", "true", "\0", "..", "../..", "a/b", "%", "%zz", "\ufffd",
    "\U0001f415", "x" * 3000, "'; DROP TABLE inputs; --", "{}", "[]", "*", "*a" * 300,
)  # fmt: skip
_ENCODED = (
    "%FF",
    "%ED%A0%80",
    "%C0%AF",
    "%00",
    "%2e%2e%2f",
    "%25%32%66",
    "%",
    "%u0000",
    "+",
    ";",
    "&",
)
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**31, 2**63, 2**64, -(2**63), 10**30, "", [], {}, [None],
    [[]], {"": {}}, {"a": {"a": {}}}, *_WORDS,
)  # fmt: skip
_RAW = (
    b"",
    b"{",
    b"}",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"{}{}",
    b"[" * 100_000,
    b'{"a":' * 2_000,
    b'{"\\ud800": 1}',
    b'{"inputs": [{"id": "\\udfff"}]}',
    b"\0",
    b"1e400",
    b"9" * 5_000,
    b'{"page": "\xd9\xa3"}',
    b'{"inputs": [NaN, Infinity, -Infinity]}',
    b"\x1f\x8b\x08",
    b'{"inputs": [' + b"{}," * 20_000 + b"{}]}",
    b'{"user_app_id": {"user_id": "\\ud83d\\ude00"}}',
)
_HEADERS = (
    "Origin: http://evil.example",
    "Origin: null",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity, chunked",
    "Content-Length: 5",
    "Content-Length: -1",
    "Content-Length: 99999999999999",
    "Connection: upgrade",
    "Upgrade: h2c",
    "Upgrade: websocket",
    "Host: evil.example",
    "Accept: application/x-ndjson",
    "X: " + "a" * 70_000,
    "Authorization: Key",
    "Authorization: Basic eA==",
    "X-Clarifai-Session-Token: x",
    "X:\x00y",
    " x",
    "Content-Type: text/html; charset=utf-7",
    "Range: bytes=0-,0-,0-",
    "X-Forwarded-Host: evil.example",
)
_HOSTS = (
    "evil.example",
    "localhost",
    "",
    "localhost:PORT@evil.example",
    "[::1]:PORT",
    "[",
    "a" * 300,
    "127.0.0.1:99999",
    "localhost:\u0663",
)
_PLACES = (
    "/media/orig/image/{}",
    "/media/{}",
    "/masks/{}/a/b/c",
    "/masks/{}",
    "/exports/{}",
    "/train-logs/{}",
    "/dataset-exports/{}",
    "/{}",
    "//{}",
    "/v2/{}",
    "/v2",
    "/v2//{}",
    "*",
    "http://localhost:PORT/v2/{}",
    "http://evil.example/v2/{}",
    "/v2/users/me/apps/../../{}",
)


class GatewayFuzzer:
    """One run against one server.

    Args:
        seed_number: Where the choices come from.
    """

    def __init__(self, seed_number: int) -> None:
        self.figures = Figures()
        self._choose = Chooser(Random(seed_number))
        self._ids = Ids()
        self._binding: Binding | None = None

    def run(self, requests: int, seconds: float | None = None) -> Figures:
        """Send requests until they are enough, or the time is over; returns what came of it."""
        until = None if seconds is None else time.monotonic() + seconds
        with Watch(self.figures) as watch, open_platform() as platform, platform.serve() as server:
            bindings = _weighted(Bindings(platform.dispatcher.methods.values()).all, platform)
            for number in range(requests):
                if until is not None and time.monotonic() > until:
                    break
                if number % FURNISH_EVERY == 0:
                    furnish(platform, self._ids)
                self._one(server, bindings, watch)
            last = _asked(server, _plain(server))
            if b" 200 " not in last:
                self.figures.fail("the server does not answer any more", repr(last))
        return self.figures

    def _one(self, server: Server, bindings: list[Binding], watch: Watch) -> None:
        self._binding = self._choose.of(bindings)
        has_key = self._choose.chance(75)
        request, whole = self._request(server, has_key)
        watch.last = repr(request[:600])
        self.figures.requests += 1
        started = time.monotonic()
        try:
            answer = _asked(server, request)
        except TimeoutError:
            self.figures.fail("no answer in time", watch.last)
            return
        self.figures.took(time.monotonic() - started, watch.last)
        self._check(answer, watch.last, whole=whole, has_key=has_key)

    def _check(self, answer: bytes, request: str, *, whole: bool, has_key: bool) -> None:
        for head in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer) or [b"none"]:
            self.figures.statuses[head.decode()] += 1
            if head in {b"500", b"502", b"504"}:
                self.figures.fail(f"HTTP {head.decode()}", request + repr(answer[:500]))
            if head[:1] == b"2" and not has_key:
                self.figures.fail("an answer without a key", request + repr(answer[:300]))
        if not answer and whole:
            self.figures.fail("no answer at all", request)
        code = re.search(rb'"status": ?\{"code": ?(9[89][0-9]{3})\b', answer)
        if code:
            self.figures.fail(f"status {code[1].decode()}", request + repr(answer[:500]))

    def _request(self, server: Server, has_key: bool) -> tuple[bytes, bool]:
        """Return the bytes of a request, and whether they surely are one."""
        binding = self._binding
        assert binding is not None
        verb = binding.verb.upper() if self._choose.chance(95) else self._choose.of(_VERBS)
        host = "localhost:PORT" if self._choose.chance(94) else self._choose.of(_HOSTS)
        body = self._body(binding) if verb not in {"GET", "HEAD"} or self._choose.chance(5) else b""
        lines = [f"{verb} {self._target(binding)} HTTP/1.1", f"Host: {host}"]
        if has_key:
            lines.append(f"Authorization: Key {server.pat}")
        elif self._choose.chance(50):
            lines.append(f"Authorization: Key {self._choose.of(('wrong', 'x' * 5000, '-'))}")
        lines += ["Connection: close", f"Content-Length: {len(body)}"]
        plain = self._choose.chance(88)
        if not plain:
            lines.insert(1 + self._choose.below(len(lines)), self._choose.of(_HEADERS))
        text = "\r\n".join(lines).replace("PORT", str(server.port))
        request = text.encode("utf-8", "replace") + b"\r\n\r\n" + body
        if self._choose.chance(92):
            return request, plain and "\u0663" not in host
        return _damaged(request, self._choose), False

    def _target(self, binding: Binding) -> str:
        if self._choose.chance(8):
            return str(self._choose.of(_PLACES)).format(self._segment())
        path = re.sub(r"\{[^}]+\}", lambda found: self._variable(found[0]), binding.template)
        pairs = [self._pair(binding) for _ in range(self._choose.of((0, 0, 0, 1, 1, 2, 5)))]
        return f"{path}?{'&'.join(pairs)}" if pairs else path

    def _variable(self, name: str) -> str:
        if "user_id" in name and self._choose.chance(90):
            return "fuzz"
        if "app_id" in name and self._choose.chance(90):
            return "one"
        if self._choose.chance(85):
            kind = next((k for k in self._ids.known if k in name), None)
            return quote(self._ids.pick(kind, self._choose), safe="") or "x"
        return self._segment()

    def _segment(self) -> str:
        if self._choose.chance(30):
            return str(self._choose.of(_ENCODED)) + "x"
        return quote(str(self._choose.of(_WORDS)), safe="") or "x"

    def _pair(self, binding: Binding) -> str:
        fields: Any = binding.method.request_type.DESCRIPTOR.fields
        name = self._choose.of(fields).name if fields and self._choose.chance(85) else "no.such"
        if self._choose.chance(20):
            name += "." + self._choose.of(("id", "user_id", "value", "", "page", "data.text.raw"))
        value = self._segment() if self._choose.chance(80) else str(self._choose.of(_ENCODED))
        return f"{name}={value}"

    def _body(self, binding: Binding) -> bytes:
        if self._choose.chance(12):
            return bytes(self._choose.of(_RAW))
        message = drawn(self._choose, self._ids, binding.method)
        try:
            given = json_format.MessageToDict(message, preserving_proto_field_name=True)
        except (ValueError, json_format.Error):
            return b"{}"  # a date of the year 300,000: JSON has no words for it
        given.pop("user_app_id", None)
        if self._choose.chance(50):
            _disturb(given, self._choose)
        return json.dumps(given).encode("utf-8", "surrogatepass")


def _weighted(bindings: list[Binding], platform: Platform) -> list[Binding]:
    """Return every path, those of RPCs that are implemented several times."""
    implemented = platform.dispatcher.implemented()
    return [b for b in bindings for _ in range(8 if b.method.name in implemented else 1)]


_VERBS = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "BREW",
    "get",
)


def _disturb(given: Any, choose: Chooser) -> None:
    """Change something in a JSON document, here or further in."""
    keys = list(given) if isinstance(given, dict) else list(range(len(given)))
    if not keys:
        return
    key = choose.of(keys)
    if isinstance(given[key], (dict, list)) and given[key] and choose.chance(70):
        _disturb(given[key], choose)
    elif isinstance(given, dict) and choose.chance(20):
        given[choose.of(("x", "", "\ud800", "id", "userAppId", *_WORDS))] = given.pop(key)
    elif choose.chance(15):
        given[key] = "".join((choose.text(), choose.of(("\ud800", "\udfff", "\ud83d\ude00"))))
    else:
        given[key] = choose.of(_VALUES)


def _damaged(request: bytes, choose: Chooser) -> bytes:
    at = choose.below(min(len(request), 400))
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: request[:at],
        lambda: request[:at] + choose.data() + request[at:],
        lambda: request[:at] + bytes((choose.below(256),)) + request[at + 1 :],
        lambda: request * 3,
        lambda: request.replace(b"\r\n", b"\n"),
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + choose.data() + request[:at],
        choose.data,
    )
    return bytes(choose.of(ways)())


def _plain(server: Server) -> bytes:
    return (
        f"GET /v2/status_codes HTTP/1.1\r\nHost: localhost:{server.port}\r\nConnection: close\r\n"
        f"Content-Length: 0\r\nAuthorization: Key {server.pat}\r\n\r\n"
    ).encode()


def _asked(server: Server, request: bytes) -> bytes:
    """Return all that comes back for some bytes.

    Raises:
        TimeoutError: The server neither answers nor hangs up.
    """
    parts: list[bytes] = []
    address = ("127.0.0.1", server.port)
    with socket.create_connection(address, timeout=ANSWER_SECONDS) as connection:
        # A refusal may come, and the connection end, before all is sent.
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        if not _is_complete(request):
            _say_no_more(connection)
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(1 << 16):
                if not parts:
                    _say_no_more(connection)  # the server need not wait for another request
                parts.append(part)
    return b"".join(parts)


def _say_no_more(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the server was quicker
        connection.shutdown(socket.SHUT_WR)


def _is_complete(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.findall(rb"\r\nContent-Length: ([0-9]+)", head)
    return bool(end) and length == [str(len(body)).encode()] and b"Transfer-" not in head


def fuzz(requests: int, seed_number: int, seconds: float | None = None) -> Figures:
    """Run the fuzzer on a platform of its own."""
    return GatewayFuzzer(seed_number).run(requests, seconds)
