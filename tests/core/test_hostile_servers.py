"""Downloads from servers that mean harm: they end in time, with one of our errors, and small."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
import tracemalloc
import zlib
from contextlib import closing

import pytest
import trustme

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport import download
from clarifai_core.transport.session import Session
from tests.core.hostile_site import HostileSite

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SIZED = OK + b"Content-Length: 99999\r\n\r\n"
WHOLE = OK + b"Content-Length: 2\r\n\r\nhi"

EVERY_WAY = pytest.mark.parametrize("way", ["plain", "httpx", "proxy"], indirect=True)


@pytest.fixture(params=["plain", "httpx"])
def way(request, monkeypatch):
    """Open a site and return what downloads from it: over http.client, httpx, or by a proxy."""
    opened = []

    def get(behave, seconds=5, **limits):
        site = HostileSite(behave)
        opened.append(site)
        url = f"http://127.0.0.1:{site.port}/a"
        if request.param == "httpx":
            url = url.replace("//", "//user@")
        if request.param == "proxy":
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{site.port}")
            url = "http://data.example.test/a"
        settings = Settings.resolve(
            base_url="https://example.test", pat="x", timeout_seconds=seconds
        )
        with closing(Session(settings)) as session:
            return site, session.downloads.read(url, **limits)

    get.opened = opened
    yield get
    for site in opened:
        site.close()


@pytest.fixture
def once(monkeypatch):
    monkeypatch.setattr(download, "MAX_ATTEMPTS", 1)


def after(head, then):
    """Return a behaviour: say `head`, then do the method of `Visit` that `then` names."""

    def behave(visit):
        visit.say(head)
        name, *arguments = then
        getattr(visit, name)(*arguments)

    return behave


def redirects(visit):
    visit.wait(0.2)
    visit.say(
        b"HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


def busy(visit):
    visit.wait(0.3)
    visit.say(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


DRIPS = {
    "status line": after(b"HTTP/1.1 200 ", ("drip", b"O")),
    "header name": after(OK, ("drip", b"X")),
    "header value": after(OK + b"X: ", ("drip", b"y")),
    "headers": after(OK, ("drip", b"X: y\r\n")),
    "interim heads": after(b"", ("drip", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "early hints": after(b"", ("drip", b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "chunk size": after(CHUNKED, ("drip", b"0")),
    "chunk extension": after(CHUNKED + b"5;", ("drip", b"x")),
    "chunks": after(CHUNKED, ("drip", b"1\r\na\r\n")),
    "within a chunk": after(CHUNKED + b"fff\r\n", ("drip", b"a")),
    "trailers": after(CHUNKED + b"0\r\n", ("drip", b"X: y\r\n")),
    "within a trailer": after(CHUNKED + b"0\r\nX: ", ("drip", b"y")),
    "body with a length": after(SIZED, ("drip", b"a")),
    "body without a length": after(OK + b"\r\n", ("drip", b"a")),
    "silence": after(b"", ("wait",)),
    "silence in a head": after(OK, ("wait",)),
    "silence in a body": after(SIZED + b"abc", ("wait",)),
    "silence in a packed body": after(
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * 999)[:20], ("wait",)
    ),
}


@EVERY_WAY
@pytest.mark.parametrize("name", DRIPS)
def test_the_deadline_ends_a_download_wherever_the_server_is_slow(way, name):
    start = time.monotonic()

    with pytest.raises((errors.DeadlineExceeded, errors.Unreachable)) as raised:
        way(DRIPS[name], seconds=0.5)

    assert time.monotonic() - start < 10
    if name not in ("early hints",):  # of which 8 are enough
        assert isinstance(raised.value, errors.DeadlineExceeded)


@EVERY_WAY
@pytest.mark.parametrize("behave", [redirects, busy])
def test_the_deadline_is_for_redirects_and_attempts_together(way, behave):
    start = time.monotonic()

    with pytest.raises((errors.ApiClientError, errors.ServerError)):
        way(behave, seconds=0.6)

    assert time.monotonic() - start < 10


FLOODS = {
    "header": after(OK + b"X: ", ("flood", b"y" * 9999)),
    "headers": after(OK, ("flood", b"X: y\r\n" * 999)),
    "interim heads": after(b"", ("flood", b"HTTP/1.1 100 Continue\r\n\r\n" * 99)),
    "early hints": after(b"", ("flood", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99)),
    "headers of interim heads": after(b"HTTP/1.1 100 Continue\r\n", ("flood", b"X: y\r\n" * 999)),
    "chunk size": after(CHUNKED, ("flood", b"0" * 9999)),
    "chunk extension": after(CHUNKED + b"5;", ("flood", b"x" * 9999)),
    "trailers": after(CHUNKED + b"0\r\n", ("flood", b"X: y\r\n" * 999)),
    "trailer": after(CHUNKED + b"0\r\nX: ", ("flood", b"y" * 9999)),
    "status line": after(b"HTTP/1.1 200 ", ("flood", b"O" * 9999)),
    "no line at all": after(b"", ("flood", b"\0" * 9999)),
}


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.usefixtures("once")
def test_what_is_no_content_may_not_be_endless(way, name):
    with pytest.raises(errors.Unreachable, match="failed: "):
        way(FLOODS[name], seconds=30)

    assert way.opened[0].sent < 20_000_000  # most of it in the sockets' buffers


BODIES = {
    "with a length": OK + b"Content-Length: 999999999999\r\n\r\n",
    "without a length": OK + b"\r\n",
    "in chunks": CHUNKED + b"fffffffff\r\n",
}


@EVERY_WAY
@pytest.mark.parametrize("name", BODIES)
def test_no_more_than_the_limit_is_read_and_it_is_not_tried_again(way, name):
    with pytest.raises(errors.BadReply, match="larger than 3000000 bytes"):
        way(after(BODIES[name], ("flood", b"x" * 65536)), seconds=30, max_bytes=3_000_000)

    assert len(way.opened[0].asked) == 1
    assert way.opened[0].sent < 20_000_000


def test_without_a_length_another_limit_may_hold(way):
    unsized = after(OK + b"Connection: close\r\n\r\nhello", ("wait", 0))
    with pytest.raises(errors.BadReply, match="larger than 4 bytes"):
        way(unsized, max_bytes=99, max_unsized_bytes=4)

    sized = after(OK + b"Content-Length: 5\r\n\r\nhello", ("wait", 0))
    assert way(sized, max_bytes=99, max_unsized_bytes=4)[1] == b"hello"


CODED = b"Transfer-Encoding: chunked\r\n"
HI = b"\r\n2\r\nhi\r\n0\r\n\r\n"
SENSELESS = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 5\r\n\r\nhi",
    "two lengths in one": b"Content-Length: 2, 5\r\n\r\nhi",
    "a length with a sign": b"Content-Length: +2\r\n\r\nhi",
    "a negative length": b"Content-Length: -2\r\n\r\nhi",
    "a length as Python writes it": b"Content-Length: 0_2\r\n\r\nhi",
    "a hexadecimal length": b"Content-Length: 0x2\r\n\r\nhi",
    "an empty length": b"Content-Length:\r\n\r\nhi",
    "a length with a fraction": b"Content-Length: 2.0\r\n\r\nhi",
    "a length in other digits": "Content-Length: \u00b2\r\n\r\nhi".encode("latin-1"),
    "a length of a thousand digits": b"Content-Length: " + b"9" * 1000 + b"\r\n\r\nhi",
    "a length and chunks": b"Content-Length: 2\r\n" + CODED + HI,
    "identity and chunked": b"Transfer-Encoding: identity, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "chunked twice": CODED + CODED + HI,
    "identity": b"Transfer-Encoding: identity\r\n\r\nhi",
    "gzip as a transfer": b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "chunked with a parameter": b"Transfer-Encoding: chunked;q=1\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "a line without a colon": b"Content-Length 2\r\n\r\nhi",
    "a space before the colon": b"Content-Length : 2\r\n\r\nhi",
    "a head that is cut off": b"Content-Type: x\r\n",
    "a chunk with a sign": b"Transfer-Encoding: chunked\r\n\r\n+2\r\nhi\r\n0\r\n\r\n",
    "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n0\r\n\r\n",
    "a chunk as Python writes it": b"Transfer-Encoding: chunked\r\n\r\n0x2\r\nhi\r\n0\r\n\r\n",
    "a chunk with an underscore": b"Transfer-Encoding: chunked\r\n\r\n0_2\r\nhi\r\n0\r\n\r\n",
    "a chunk that ends elsewhere": b"Transfer-Encoding: chunked\r\n\r\n2\r\nhiXX0\r\n\r\n",
    "a chunk of 2 to the 80": b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\nhi",
    "no last chunk": b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    "an unknown packing": b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nhi",
    "two packings": b"Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\nhi",
    "a packing that is damaged": b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
    "a packing that is cut off": b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hi")[:-4],
}


@pytest.mark.parametrize("name", SENSELESS)
@pytest.mark.usefixtures("once")
def test_an_answer_whose_end_cannot_be_told_is_no_answer(way, name):
    with pytest.raises(errors.Unreachable, match="failed: "):
        way(after(OK + SENSELESS[name], ("wait", 0)))


STAGES = [b"", b"HTTP/1.1", OK, OK + b"X: y\r\n", SIZED, SIZED + b"a", CHUNKED, CHUNKED + b"5\r\na"]
STAGES += [CHUNKED + b"1\r\na\r\n", CHUNKED + b"0\r\nX: ", b"HTTP/1.1 100 Continue\r\n\r\n"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.usefixtures("once")
def test_a_connection_that_is_reset_at_any_stage_is_one_of_our_errors(way, stage):
    with pytest.raises(errors.Unreachable, match="failed: "):
        way(after(stage, ("reset",)))


@EVERY_WAY
@pytest.mark.parametrize("stage", [b"", OK, SIZED + b"a", CHUNKED + b"5\r\na"])
def test_what_was_reset_is_asked_for_again(way, stage, monkeypatch):
    monkeypatch.setattr(download.random, "uniform", lambda least, most: least)
    answers = [after(stage, ("reset",)), after(WHOLE, ("wait", 0))]

    assert way(lambda visit: answers.pop(0)(visit))[1] == b"hi"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.usefixtures("once")
def test_a_bomb_is_unpacked_to_the_limit_only_and_in_small_memory(way, coding):
    packer = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(60)) + packer.flush()
    head = f"Content-Encoding: {coding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    assert len(bomb) < 100_000

    tracemalloc.start()
    try:
        with pytest.raises(errors.BadReply, match="larger than 9000000 bytes"):
            way(after(OK + head + bomb, ("wait", 0)), seconds=60, max_bytes=9_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 30_000_000


def test_the_deadline_is_for_handshakes_too():
    """Over TLS: silence instead of a handshake, and records that never end."""
    hello = b"\x16\x03\x03\x40\x00"  # the head of a record of 16 KiB
    for behave in (after(b"", ("wait",)), after(hello, ("drip", b"\x02"))):
        for via in ("", "user@"):
            with closing(HostileSite(behave)) as site:
                start = time.monotonic()
                settings = Settings.resolve(base_url="https://x.test", pat="x", timeout_seconds=0.5)
                with (
                    closing(Session(settings)) as session,
                    pytest.raises(errors.DeadlineExceeded, match="no answer in time"),
                ):
                    session.downloads.read(f"https://{via}127.0.0.1:{site.port}/a")
                assert time.monotonic() - start < 10


def test_the_deadline_is_for_tls_within_the_tls_of_a_proxy(monkeypatch, tmp_path):
    """Each read of the inner connection takes several of the outer one."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "roots.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def behave(visit):
        visit.say(OK + b"\r\n")
        visit.say(b"\x16\x03\x03\x40\x00")  # the head of a record of 16 KiB
        visit.drip(b"\x02")

    with closing(HostileSite(behave, context)) as site:
        monkeypatch.setenv("https_proxy", f"https://127.0.0.1:{site.port}")
        settings = Settings.resolve(base_url="https://x.test", pat="x", timeout_seconds=3)
        start = time.monotonic()
        with closing(Session(settings)) as session, pytest.raises(errors.DeadlineExceeded):
            session.downloads.read("https://data.example.test/a")
        assert time.monotonic() - start < 10
        assert site.asked[0].startswith(b"CONNECT data.example.test:443")


@pytest.mark.parametrize("piece", [b"x", b"X: y\r\n"])
def test_the_deadline_is_for_what_a_proxy_says_too(monkeypatch, piece):
    with closing(HostileSite(after(OK, ("drip", piece)))) as site:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{site.port}")
        settings = Settings.resolve(base_url="https://x.test", pat="x", timeout_seconds=0.5)
        start = time.monotonic()
        with closing(Session(settings)) as session, pytest.raises(errors.DeadlineExceeded):
            session.downloads.read("https://data.example.test/a")
        assert time.monotonic() - start < 10


def test_no_thread_stays_behind(way):
    before = threading.active_count()
    with pytest.raises(errors.DeadlineExceeded):
        way(DRIPS["chunks"], seconds=0.5)
    way.opened[0].close()
    way.opened.clear()
    assert threading.active_count() <= before


def test_half_of_a_file_is_never_left(tmp_path):
    behave = after(OK + b"Content-Length: 9\r\n\r\nhalf", ("wait",))
    settings = Settings.resolve(base_url="https://x.test", pat="x", timeout_seconds=0.5)
    late = pytest.raises(errors.DeadlineExceeded)
    with closing(HostileSite(behave)) as site, closing(Session(settings)) as session, late:
        session.downloads.save(f"http://127.0.0.1:{site.port}/a", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
