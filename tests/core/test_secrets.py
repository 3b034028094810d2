"""No text quotes a key, a password of a URL or what is signed: a table of secrets and places."""

from __future__ import annotations

import logging
import traceback

import grpc
import pytest

from clarifai.client.user import User
from clarifai_core.contexts import Contexts
from clarifai_core.credentials import Credentials
from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import (
    ApiError,
    ClarifaiError,
    PluginError,
    Unreachable,
    UserError,
)
from clarifai_core.log_lines import FitFormatter
from clarifai_core.safe_text import fit, masked, may_be_key, named
from clarifai_core.settings import Settings
from clarifai_core.status import error_from_failure
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import Failure, RpcCall, Send
from clarifai_core.transport.catalogue import CallLimits
from clarifai_core.transport.session import session_for

KEYS = ("SECRETPAT0123456789abcdef", "0123abcd4567ef890123abcd4567ef89", "k3y0f7h3t3st5")


def words_of(error):
    """Return all that a program may show of an error, with what its frames in contexts.py hold."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    read = [f.locals for f in shown.stack if f.filename.endswith("contexts.py") and f.name != "get"]
    lines = traceback.format_exception(error)
    return "".join(lines), repr(error), repr(read)


LAYOUTS = [
    "contexts:\n  work:\n    pat: '{}\n",
    "contexts:\n  work:\n    pat: {}: x\n",
    "contexts:\n  work:\n    pat: @{}\n",
    "contexts:\n  work:\n    pat: *{}\n",
    "contexts:\n  work:\n    pat: !{} x\n",
    "contexts:\n  work:\n    pat: !!python/name:{} x\n",
    "contexts:\n  work:\n    pat: &{} [\n",
    "contexts:\n  work:\n    base_url: x\n    pat:{}\n    user_id: me\n",
    "contexts:\n  work:\n    {}: \n",
    "contexts:\n  work: {}\n",
    "contexts:\n  {}: 3\n",
    "contexts:\n  {}: {{pat: x, nonsense: y}}\n",
    "contexts:\n  work: {{pat: [{}]}}\n",
    "contexts:\n  work: {{pat: {{{}: 1}}}}\n",
    "contexts: {}\n",
    "{}\n",
    "- {}\n",
    "contexts:\n  work: {{pat: x}}\n  work: {{? [{}] : y}}\n",
    "current_context: {}\ncontexts:\n  work: {{pat: x}}\n",
    "current_context: [{}]\n",
    "current_context: gone\ncontexts:\n  {}: {{pat: x}}\n",
    "current_context: work\ncontexts:\n  work: {{base_url: {}}}\n",
    "current_context: work\ncontexts:\n  work: {{base_url: 'https://{}@host'}}\n",
    "current_context: work\ncontexts:\n  work: {{base_url: 'https://host/{}'}}\n",
    "current_context: work\ncontexts:\n  work: {{base_url: 'x pat:{}'}}\n",
    "current_context: work\ncontexts:\n  work: {{timeout_seconds: {}}}\n",
    "current_context: work\ncontexts:\n  work: {{root_certificates_path: {}}}\n",
]


@pytest.mark.parametrize("key", KEYS[:2])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_error_about_a_contexts_file_quotes_a_key(tmp_path, monkeypatch, layout, key):
    file = tmp_path / "contexts.yaml"
    file.write_text(layout.replace("{}", key).replace("{{", "{").replace("}}", "}"))
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(file))
    for name in ("CLARIFAI_API_BASE", "CLARIFAI_PAT", "CLARIFAI_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    try:
        Settings.resolve()
    except UserError as error:
        for words in words_of(error):
            assert key.lower() not in words.lower()


@pytest.mark.parametrize(
    "raw", [b"contexts: {w: {pat: \xff%s}}", b"contexts: {w: {pat: '%s\x00'}}"]
)
def test_bytes_that_are_no_text_are_not_quoted(tmp_path, raw):
    file = tmp_path / "contexts.yaml"
    file.write_bytes(raw % KEYS[0].encode())
    with pytest.raises(UserError) as caught:
        Contexts.read(file)
    assert KEYS[0] not in "".join(words_of(caught.value))


@pytest.mark.parametrize("key", KEYS[:2])
@pytest.mark.parametrize(
    "address",
    [
        "{}",
        "{}:443",
        "https://{}",
        "https://{}@host",
        "https://me:{}@host",
        "https://host/{}",
        "https://host?{}",
        "https://host#{}",
        "https://host:{}",
        "host/{}",
        "{}@host",
        "ftp://{}",
        "{}://host",
        "https://[{}",
        "https://a b {}",
        "pat {}",
        " {} x",
    ],
)
def test_no_refusal_of_an_address_quotes_it(monkeypatch, address, key):
    monkeypatch.setenv("CLARIFAI_API_BASE", address.format(key))
    with pytest.raises(UserError) as caught:
        Settings.resolve(pat="abc")
    for words in words_of(caught.value)[:2]:
        assert key.lower() not in words.lower()


def test_a_scheme_that_no_plugin_opens_is_not_followed_by_what_stands_behind_it():
    with pytest.raises(PluginError) as caught:
        session_for(Settings.resolve(base_url=f"key:{KEYS[0]}", pat="abc"))
    assert "no plugin opens 'key:'" in str(caught.value)
    assert KEYS[0] not in "".join(words_of(caught.value)[:2])


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("kind", ["pat", "token"])
def test_nothing_prints_its_credentials(key, kind):
    settings = Settings.resolve(base_url="http://127.0.0.1:1", **{kind: key})
    user = User("me", base_url="http://127.0.0.1:1", **{kind: key})
    session = session_for(settings)
    metadata = (("authorization", f"Key {key}"), ("x-other", key))
    call = RpcCall(catalogue.rpc("ListApps"), b"", CallLimits(1, 1), metadata=metadata)
    objects = (
        *(settings, settings.credentials, settings.explain(), user, session),
        *(call, Send(call, 1, 1.0), settings.session_key),
        *(Credentials("pat", key), Contexts(key and __file__, {"work": {"pat": key}}, "work")),
    )
    for one in objects:
        assert key not in repr(one)
        assert key not in str(one)
    session.close()


@pytest.mark.parametrize(
    "pair",
    [
        ("bad name", KEYS[0]),
        ("x", f"{KEYS[0]}\n"),
        ("x", f"{KEYS[0]}é"),
        ("x", KEYS[0].encode()),
        KEYS,
    ],
)
def test_metadata_that_grpc_refuses_is_refused_before_and_not_quoted(pair):
    session = session_for(Settings.resolve(base_url="http://127.0.0.1:1", pat=KEYS[1]))
    with pytest.raises(UserError, match="metadata: pair 1 cannot be sent") as caught:
        session.call("ListApps", b"", metadata=[pair])
    assert not any(key in str(caught.value) for key in KEYS)
    session.close()


SECRET_URLS = [
    "https://me:{}@proxy.example.com:3128/",
    "https://{}@host/a",
    "https://data.example.com/orig/a?signature={}",
    "https://data.example.com/orig/a#{}",
    "s3://{}:x@bucket/a",
    "http://me:{}'@host/a",
]


@pytest.mark.parametrize("url", SECRET_URLS)
def test_no_error_of_ours_holds_the_secrets_of_a_url(url):
    url = url.format(KEYS[0])
    call = RpcCall(catalogue.rpc("ListApps"), b"", CallLimits(1, 1), where="host")
    failures = [Failure(code, f"proxy {url} failed") for code in grpc.StatusCode]
    errors = [
        *(error_from_failure(failure, call, 1) for failure in failures),
        *(ClarifaiError(url), UserError(f"cannot open {url!r}"), Unreachable(url)),
        ApiError("GetApp", {"url": url}, description=f"no download from {url}", details=url),
        UserError.listing("Faults", [f"row 1: {url}"]),
    ]
    for error in errors:
        assert KEYS[0] not in str(error)
    assert KEYS[0] not in "".join(errors[-1].faults)


def test_control_characters_of_names_are_shown_in_errors():
    wild = "a\x1b[2J\x9b31m\u202eb\ud800\r\x00"
    error = ApiError("GetApp", {}, description=wild, details=wild)
    for text in (str(error), str(UserError(wild)), fit(wild)):
        assert text.replace("\n", "").isprintable()
        text.encode("utf-8")
    assert str(UserError.listing("Faults", ["row 1"])) == "Faults:\n  row 1"


def test_log_lines_hold_neither_secrets_of_urls_nor_control_characters():
    record = logging.makeLogRecord(
        {"msg": 'HTTP Request: GET %s "HTTP/1.1 200 OK"\x1b', "args": (SECRET_URLS[2].format("k"),)}
    )
    line = FitFormatter().format(record)
    assert line == 'HTTP Request: GET https://data.example.com/orig/a "HTTP/1.1 200 OK"\\x1b'


def test_httpx_logs_no_query_of_ours(caplog):
    """httpcore writes down the heads of answers, and in them where they lead."""
    import socket
    import ssl
    import threading
    import time

    from clarifai_core.transport._http_proxied import Proxied

    location = SECRET_URLS[2].format(KEYS[0])
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as caller:
                caller.recv(65536)
                head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
                caller.sendall(head.encode())

        thread = threading.Thread(target=answer)
        thread.start()
        client = Proxied(ssl.create_default_context)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/?signature={KEYS[0]}"
        found = client.get(url, {}, time.monotonic() + 60)
        assert found.header("location") == location
        found.close()
        client.close()
        thread.join(60)
    assert "https://data.example.com/orig/a" in caplog.text
    assert KEYS[0] not in caplog.text


@pytest.mark.parametrize("key", KEYS)
def test_what_may_be_a_key_is_masked(key):
    assert may_be_key(key)
    assert named(key) == "***"
    assert masked(f"Got unexpected extra argument ({key})") == "Got unexpected extra argument (***)"


@pytest.mark.parametrize("name", ["work", "production-2024-eu", "staging", "team42", "eu_west_1"])
def test_names_are_told(name):
    assert named(name) == repr(name)


@pytest.mark.parametrize("host", ["f3b2c1d4e5a6:8080", "api2.example.com", "10.0.0.1", "[::1]:80"])
def test_hosts_are_taken_for_hosts(host):
    assert Endpoint.parse(host).host


@pytest.mark.parametrize(
    ("kind", "secret", "said"),
    [
        ("paat", "k3y", 'kind of credentials must be "pat" or "token"'),
        ("k3y", "pat", 'kind of credentials must be "pat" or "token"'),  # the two exchanged
        (None, "k3y", 'kind of credentials must be "pat" or "token"'),
        ("pat", b"k3y", "is a text, got a bytes"),
        ("pat", None, "is a text, got a NoneType"),
        ("pat", "k 3y", "is empty or has characters that no key has"),
    ],
)
def test_credentials_that_are_none_are_refused_and_not_quoted(kind, secret, said):
    """As a provider of a plugin may make them: a kind that is unknown was sent as a PAT."""
    with pytest.raises(UserError, match=said) as caught:
        Credentials(kind, secret)
    assert "k3y" not in str(caught.value)
