"""Which downloads go through a proxy, and what it gets to see."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from clarifai_core import errors
from clarifai_core.endpoint import is_loopback
from clarifai_core.settings import Settings
from clarifai_core.transport.proxies import Proxies
from clarifai_core.transport.session import Session
from tests.datasets.fault_site import FaultSite, whole

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


def session(base_url="https://example.test", **options):
    return Session(Settings.resolve(base_url=base_url, pat="the-key", timeout_seconds=5, **options))


LOOPBACK = ["127.0.0.1", "127.8.9.10", "localhost", "LocalHost", "x.localhost", "localhost."]
LOOPBACK += ["::1", "[::1]", "::ffff:127.0.0.1", "127.0.0.1."]
ELSEWHERE = ["128.0.0.1", "localhost.example.com", "notlocalhost", "::2", "10.0.0.1", "1", ""]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_known_by_all_its_names(host):
    assert is_loopback(host)
    assert Proxies.read({"all": "http://proxy:1"}).url("https", host.strip("[]"), 443) == ""


@pytest.mark.parametrize("host", ELSEWHERE)
def test_other_machines_are_not_this_one(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("name", [*NAMES[:3], *(name.upper() for name in NAMES[:3])])
def test_a_proxy_is_never_asked_for_loopback(site, monkeypatch, name):
    with closing(FaultSite()) as proxy:
        monkeypatch.setenv(name, proxy.url)
        site.pages["/a"] = [whole(b"found")]
        with closing(session(site.url)) as made:
            for url in (site.url, site.other_url, site.url.replace("//", "//user@")):
                assert made.downloads.read(f"{url}/a") == b"found"
        assert proxy.asked == []


def test_a_redirect_to_loopback_is_not_for_the_proxy(site, monkeypatch):
    monkeypatch.setenv("http_proxy", site.url)
    site.pages = {
        "http://data.example.test/a": [whole(b"", f"Location: {site.url}/b", status="302 Found")],
        "/b": [whole(b"found")],
    }
    with closing(session()) as made:
        assert made.downloads.read("http://data.example.test/a") == b"found"
    assert [path for path, _ in site.asked] == ["http://data.example.test/a", "/b"]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_found_by_any_of_its_variables(site, monkeypatch, name, scheme):
    monkeypatch.setenv(name, f"{scheme}127.0.0.1:{site.port}")
    site.pages["http://data.example.test/a"] = [whole(b"found")]
    with closing(session()) as made:
        assert made.downloads.read("http://data.example.test/a") == b"found"


def test_the_variable_in_lower_case_wins(site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", site.url)
    site.pages["http://data.example.test/a"] = [whole(b"found")]
    with closing(session()) as made:
        assert made.downloads.read("http://data.example.test/a") == b"found"


@pytest.mark.parametrize(
    ("exceptions", "host", "port", "direct"),
    [
        ("example.com", "example.com", 80, True),
        ("example.com", "data.example.com", 80, True),
        (".example.com", "data.example.com", 80, True),
        ("*.example.com", "data.example.com", 80, True),
        ("EXAMPLE.com", "example.com", 80, True),
        ("example.com", "notexample.com", 80, False),
        ("example.com", "example.com.evil.test", 80, False),
        ("a.test, b.test", "b.test", 80, True),
        ("a.test,,", "b.test", 80, False),
        ("*", "anything.test", 80, True),
        ("10.0.0.0/8", "10.20.30.40", 80, True),
        ("10.0.0.0/8", "11.0.0.1", 80, False),
        ("10.0.0.0/8", "ten.example.com", 80, False),
        ("192.168.1.7/24", "192.168.1.200", 80, True),
        ("10.1.2.3", "10.1.2.3", 80, True),
        ("0.1.2.3", "10.1.2.3", 80, False),
        ("fd00::/8", "fd12::1", 80, True),
        ("[fd12::1]", "fd12::1", 80, True),
        ("fd12::1", "fd12::1", 80, True),
        ("[fd12::1]:8080", "fd12::1", 80, False),
        ("example.com:8080", "example.com", 8080, True),
        ("example.com:8080", "example.com", 80, False),
        ("http://example.com", "example.com", 80, True),
        ("https://example.com", "example.com", 80, False),
        ("all://example.com", "example.com", 80, True),
        ("10.0.0.0/99", "10.0.0.1", 80, False),
        (":", "example.com", 80, False),
        ("", "example.com", 80, False),
    ],
)
def test_exceptions_are_names_addresses_and_networks(exceptions, host, port, direct):
    proxies = Proxies.read({"http": "http://proxy:3128", "no": exceptions})

    assert (proxies.url("http", host, port) == "") is direct


def test_a_proxy_of_one_scheme_is_not_for_the_other():
    proxies = Proxies.read({"https": "http://proxy:3128"})

    assert proxies.url("http", "example.com", 80) == ""
    assert proxies.url("https", "example.com", 443) == "http://proxy:3128"


def test_the_key_for_an_encrypted_platform_is_not_for_the_proxys_eyes(site, monkeypatch):
    monkeypatch.setenv("https_proxy", site.url)
    site.pages["data.example.test:443"] = [whole(b"", status="407 Proxy Authentication Required")]
    encrypted = session("https://data.example.test")
    with closing(encrypted) as made, pytest.raises(errors.Unreachable, match="407"):
        made.downloads.read("https://data.example.test/a")
    assert site.asked
    assert not any("the-key" in str(fields) for _, fields in site.asked)


@pytest.fixture
def closed_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # held, so that nobody else gets it; nobody listens
        yield held.getsockname()[1]


@pytest.mark.parametrize("url", ["http://data.example.test/a", "https://data.example.test/a"])
def test_a_proxys_password_is_in_no_error(site, monkeypatch, url, closed_port):
    answers = {"refused": closed_port, "wants another": site.port}
    site.pages["data.example.test:443"] = [whole(b"", status="407 No")]
    site.pages["http://data.example.test/a"] = [whole(b"", status="407 No")]
    for port in answers.values():
        for name in NAMES[:2]:
            monkeypatch.setenv(name, f"http://me:hunter2@127.0.0.1:{port}")
        failure = pytest.raises((errors.ApiClientError, errors.ApiError))
        with closing(session()) as made, failure as raised:
            made.downloads.read(url)
        chain = [raised.value, raised.value.__cause__]
        assert not any("hunter2" in str(one) for one in chain)
    assert all("basic" in fields["proxy-authorization"].lower() for _, fields in site.asked)


@pytest.mark.parametrize("proxy", ["gopher://me:hunter2@h:1", "http://me:hunter2@[h", "http://h:x"])
def test_a_proxy_that_is_none_is_named(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with closing(session()) as made, pytest.raises(errors.UserError, match="The proxy ") as raised:
        made.downloads.read("http://data.example.test/a")
    assert "hunter2" not in str(raised.value)


def test_one_connection_to_a_proxy_serves_many_downloads(site, monkeypatch):
    monkeypatch.setenv("http_proxy", site.url)
    site.pages["http://data.example.test/a"] = [whole(b"found")]
    with closing(session()) as made:
        for _ in range(5):
            assert made.downloads.read("http://data.example.test/a") == b"found"
    assert site.connections == 1
