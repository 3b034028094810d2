"""Where a key goes: to the platform's origins, whatever redirects and addresses are made to say."""

from __future__ import annotations

import ssl
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport.address import Address
from clarifai_core.transport.download import origins
from clarifai_core.transport.session import Session
from tests.datasets.fault_site import FaultSite, whole


@pytest.fixture
def platform():
    with closing(FaultSite()) as made:
        yield made


@pytest.fixture
def foreign():
    with closing(FaultSite()) as made:
        yield made


def session(site_url, **options):
    options = {"timeout_seconds": 5, "pat": "the-key", **options}
    return Session(Settings.resolve(base_url=site_url, **options))


def moved(location, status="302 Found"):
    return [whole(b"", f"Location: {location}", status=status)]


# {p}: the platform's port, {q}: that of another site on the same machine.
FOREIGN = [
    "http://127.0.0.1:{q}/x",
    "http://127.0.0.1:{q}",
    "http://127.0.0.1:{q}?x",
    "http://127.0.0.1:{q}#x",
    "HTTP://127.0.0.1:{q}/x",
    "//127.0.0.1:{q}/x",
    "///127.0.0.1:{q}/x",
    "http:////127.0.0.1:{q}/x",
    "http://127.0.0.1:{p}@127.0.0.1:{q}/x",
    "http://127.0.0.1:{p}%40127.0.0.1:{q}/x",
    "http://user:secret@127.0.0.1:{q}/x",
    "//user:secret@127.0.0.1:{q}/x",
    "http://127.0.0.1:{p}\\@127.0.0.1:{q}/x",
    "http://127.0.0.1:{q}\\@127.0.0.1:{p}/x",
    "\\\\127.0.0.1:{q}\\x",
    "/\\127.0.0.1:{q}/x",
    "http:\\\\127.0.0.1:{q}/x",
    "http://127.0.0.1:{q}/x?http://127.0.0.1:{p}/",
    "http://127.0.0.1:{q}/@127.0.0.1:{p}/",
    "http://127.0.0.1:{q}#@127.0.0.1:{p}/",
    "http://127.0.0.1:{q}?@127.0.0.1:{p}/",
    "http://localhost:{p}/x",
    "http://LOCALHOST:{p}/x",
    "http://localhost:{q}/x",
    "http://localhost.:{p}/x",
    "http://127.0.0.1.:{p}/x",
    "http://127.1:{p}/x",
    "http://2130706433:{p}/x",
    "http://0x7f000001:{p}/x",
    "http://0.0.0.0:{p}/x",
    "http://127.0.0.2:{p}/x",
    "http://[::ffff:127.0.0.1]:{p}/x",
    "http://127\u30020\u30020\u30021:{q}/x",
    "http://\uff11\uff12\uff17.0.0.1:{q}/x",
    "https://127.0.0.1:{p}/x",
    "https://127.0.0.1:{q}/x",
    "http://127.0.0.1:0{q}/x",
    "http://127.0.0.1:99999/x",
    "http://127.0.0.1:-1/x",
    "http://127.0.0.1:{q}:{p}/x",
    "http://[127.0.0.1]:{q}/x",
    "http://127.0.0.1 :{q}/x",
    "http://127.0.0.1\t:{q}/x",
    "http://[::1/x",
    "data:text/plain,x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{q}/x",
    "gopher://127.0.0.1:{q}/x",
    "http:",
    "http://",
    "http:///x",
    "http://:{q}/x",
    "http://?x",
    "://127.0.0.1:{q}/x",
]


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
@pytest.mark.parametrize("location", FOREIGN)
def test_a_redirect_takes_no_key_to_another_origin(platform, foreign, location, status):
    location = location.format(p=platform.port, q=foreign.port)
    platform.pages["/a"] = moved(location.encode().decode("latin-1"), status)
    with closing(session(platform.url, timeout_seconds=1)) as made:
        for url in (f"{platform.url}/a", f"http://user:pw@127.0.0.1:{platform.port}/a"):
            with pytest.raises((errors.ApiError, errors.ApiClientError)):
                made.downloads.read(url)

    own = f"127.0.0.1:{platform.port}"
    assert platform.asked[0][1]["authorization"] == "Key the-key"
    for _, fields in platform.asked + foreign.asked:
        assert "authorization" not in fields or fields["host"] == own
    assert not any("authorization" in fields for _, fields in foreign.asked)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/b", "/b"),
        ("b", "/b"),
        ("?b", "/a"),
        ("./x/../b", "/b"),
        ("http://127.0.0.1:{p}/b", "/b"),
        ("HTTP://127.0.0.1:{p}/b#there", "/b"),
        ("//127.0.0.1:{p}/b", "/b"),
        ("http://127.0.0.1:0{p}/b", "/b"),
        ("http://other@127.0.0.1:{p}/b", "/b"),
    ],
)
def test_within_the_platforms_origin_the_key_stays(platform, location, path):
    platform.pages["/a"] = [*moved(location.format(p=platform.port)), whole(b"found")]
    platform.pages["/b"] = [whole(b"found")]
    with closing(session(platform.url)) as made:
        assert made.downloads.read(f"{platform.url}/a") == b"found"

    assert [one for one, _ in platform.asked] == ["/a", path]
    assert {fields["authorization"] for _, fields in platform.asked} == {"Key the-key"}


def test_what_comes_back_to_the_platform_has_its_key_again(platform, foreign):
    platform.pages = {"/a": moved(f"{foreign.url}/b"), "/c": [whole(b"found")]}
    foreign.pages["/b"] = moved(f"{platform.url}/c")
    with closing(session(platform.url)) as made:
        assert made.downloads.read(f"{platform.url}/a") == b"found"
    assert "authorization" not in foreign.asked[0][1]


def test_a_session_token_is_kept_like_a_key(platform, foreign):
    platform.pages["/a"] = moved(f"{foreign.url}/b")
    foreign.pages["/b"] = [whole(b"found")]
    with closing(session(platform.url, pat="", token="the-token")) as made:
        assert made.downloads.read(f"{platform.url}/a") == b"found"
    assert platform.asked[0][1]["x-clarifai-session-token"] == "the-token"
    assert "x-clarifai-session-token" not in foreign.asked[0][1]


def test_user_and_password_of_a_url_go_to_its_own_origin_only(platform, foreign):
    foreign.pages["/a"] = [*moved("/b"), whole(b"")]
    foreign.pages["/b"] = moved(f"http://x:y@127.0.0.1:{platform.port}/c")
    platform.pages["/c"] = [whole(b"found")]
    with closing(session("https://example.test")) as made:
        url = f"http://me:pass%20word@127.0.0.1:{foreign.port}/a"
        assert made.downloads.read(url) == b"found"

    basic = "Basic bWU6cGFzcyB3b3Jk"
    assert [fields["authorization"] for _, fields in foreign.asked] == [basic] * 2
    assert "authorization" not in platform.asked[0][1]


@pytest.fixture
def secure():
    """An https site that sends everybody to `target`, with what it takes to trust it."""
    authority = trustme.CA()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.keys.append(self.headers["authorization"])
            self.send_response(302)
            self.send_header("Location", self.server.target)
            self.end_headers()

        def log_message(self, *args):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.keys, server.authority = True, [], authority
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_platform_over_tls_leads_nobody_into_the_clear(secure, platform, tmp_path):
    roots = tmp_path / "roots.pem"
    secure.authority.cert_pem.write_to_path(str(roots))
    url = f"https://127.0.0.1:{secure.server_port}"
    secure.target = f"{platform.url}/a"
    platform.pages["/a"] = [whole(b"found")]

    with (
        closing(session(url, root_certificates_path=str(roots))) as made,
        pytest.raises(errors.BadReply, match="redirected from https to http"),
    ):
        made.downloads.read(f"{url}/x")

    assert secure.keys == ["Key the-key"]
    assert platform.asked == []


def test_where_the_platform_is_in_the_clear_others_may_lead_there_without_the_key(
    secure, platform, foreign, tmp_path
):
    roots = tmp_path / "roots.pem"
    secure.authority.cert_pem.write_to_path(str(roots))
    secure.target = f"{foreign.url}/a"
    foreign.pages["/a"] = [whole(b"found")]
    with closing(session(platform.url, root_certificates_path=str(roots))) as made:
        assert made.downloads.read(f"https://127.0.0.1:{secure.server_port}/x") == b"found"
    assert secure.keys == [None]
    assert "authorization" not in foreign.asked[0][1]


def test_an_error_shows_neither_the_users_password_nor_a_signature(platform):
    url = f"http://me:pass@127.0.0.1:{platform.port}/none?signature=secret"
    with closing(session(platform.url)) as made, pytest.raises(errors.NotFound) as raised:
        made.downloads.read(url)
    assert "pass" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://me:pass@[x/?s=secret", "ftp://me:pass@h/a?s=secret"])
def test_what_is_no_url_is_named_without_its_secrets(platform, url):
    with closing(session(platform.url)) as made, pytest.raises(errors.UserError) as raised:
        made.downloads.read(url)
    assert "Not an http or https URL" in str(raised.value)
    assert "pass" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://API.clarifai.com/x", ("https", "api.clarifai.com", 443)),
        ("http://api.clarifai.com:443/x", ("http", "api.clarifai.com", 443)),
        ("https://api.clarifai.com.:443/x", ("https", "api.clarifai.com.", 443)),
        ("https://me@api.clarifai.com@evil.test/", ("https", "evil.test", 443)),
        ("https://[::1]:8443/x", ("https", "::1", 8443)),
        ("https://b\u00fccher.test/x", ("https", "xn--bcher-kva.test", 443)),
    ],
)
def test_an_address_is_taken_apart_once(url, origin):
    assert Address.parse(url).parts.origin == origin


@pytest.mark.parametrize("origin", ["data.example.com", "data.example.com:443", "unix:/x", ""])
def test_a_plugins_media_origin_without_a_scheme_is_named(origin):
    with pytest.raises(errors.PluginError, match="media_origins must be like 'https://host"):
        origins([origin])


def test_names_that_no_host_can_have_are_unreachable(platform):
    with closing(session(platform.url, timeout_seconds=0.5)) as made:
        for host in ("a" * 70, "a..b", f"{'a' * 63}.{'b' * 64}"):
            with pytest.raises(errors.Unreachable, match="failed: "):
                made.downloads.read(f"http://{host}/x")
