import pytest

from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import UserError
from clarifai_core.scope import ResourceUrl
from clarifai_core.transport.channel import GrpcConnection


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.clarifai.com", "https://api.clarifai.com:443"),
        ("https://API.clarifai.com/", "https://api.clarifai.com:443"),
        ("api.clarifai.com", "https://api.clarifai.com:443"),
        ("my-host:8443", "https://my-host:8443"),
        ("10.0.0.7:18080", "https://10.0.0.7:18080"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("http://my-host", "http://my-host:80"),
        ("local:", "local:"),
        ("local:./some/dir", "local:./some/dir"),
    ],
)
def test_what_a_base_url_means(base_url, url):
    assert Endpoint.parse(base_url).url == url


@pytest.mark.parametrize(
    "base_url",
    ["", "  ", None, "https://", "ftp://host", "https://host/path", "https://u@h"],
)
def test_what_is_no_base_url(base_url):
    with pytest.raises(UserError, match="base_url"):
        Endpoint.parse(base_url)


def test_a_clarifai_url_is_read_with_and_without_a_slash_at_the_end():
    url = "https://clarifai.com/me/app/models/m/versions/v"

    assert ResourceUrl.parse(url, "model") == ResourceUrl.parse(url + "/", "model")
    assert ResourceUrl.parse(url, "model").version_id == "v"
    assert ResourceUrl.parse("https://clarifai.com/me/app", "app").app_id == "app"


@pytest.mark.parametrize("start", ["", "http://", "https://", "  https://"])
@pytest.mark.parametrize("end", ["", "/", "?tab=api", "/?tab=api#top"])
@pytest.mark.parametrize("kind", ["model", "workflow", "dataset", "module"])
@pytest.mark.parametrize(
    "word", ["versions", "version", "{}_version", "{}_versions", "{}_version_id"]
)
def test_a_clarifai_url_as_programs_write_it(start: str, end: str, kind: str, word: str):
    """The official SDK takes any word there, and needs no `https://`."""
    base = f"{start}clarifai.com/me/app/{kind}s/my%20one"
    found = ResourceUrl.parse(f"{base}/{word.format(kind)}/v7{end}", kind)
    assert found == ResourceUrl(kind, "me", "app", "my one", "v7")
    assert ResourceUrl.parse(base + end, kind) == ResourceUrl(kind, "me", "app", "my one")
    assert ResourceUrl.parse(f"{start}clarifai.com/me/app{end}", "app").app_id == "app"


@pytest.mark.parametrize(
    "url",
    [
        *("me/app/models/m", "https:/me/app/models/m", "http://[x/me/app/models/m"),
        "clarifai.com/me/app/models/m/dataset_version/v",
    ],
)
def test_what_only_looks_like_a_clarifai_url(url: str):
    with pytest.raises(UserError, match="not of the form"):
        ResourceUrl.parse(url, "model")


@pytest.mark.parametrize(
    "url",
    ["", "me/app", "https://clarifai.com/me", "https://clarifai.com/me/app/models", "x://a/b/c"],
)
def test_what_is_no_clarifai_url(url):
    with pytest.raises(UserError, match="not of the form"):
        ResourceUrl.parse(url, "model")


def test_a_url_of_another_kind_is_refused():
    with pytest.raises(UserError, match="names a dataset, not a model"):
        ResourceUrl.parse("https://clarifai.com/me/app/datasets/d", "model")


def test_the_media_of_the_hosted_platform_lie_on_a_host_of_its_own():
    opened = GrpcConnection(Endpoint.parse("https://api.clarifai.com"))
    assert opened.media_origins == ("https://api.clarifai.com:443", "https://data.clarifai.com:443")
    other = GrpcConnection(Endpoint.parse("https://api.clarifai.com:8443"))
    assert other.media_origins == ("https://api.clarifai.com:8443",)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://me:hunter2@api.clarifai.com",
        "https://:hunter2@api.clarifai.com",
        "https://hunter2@api.clarifai.com",
        "https://me:hunter2@[broken",
        "https://me:hunter2@host:port",
        "https://me:hunter2@host/path",
        "https://host?key=hunter2",
        "https://host#hunter2",
        "//me:hunter2@",
        "ftp://me:hunter2@host",
    ],
)
def test_an_address_with_more_than_a_host_is_refused_and_its_secrets_are_not_shown(base_url):
    with pytest.raises(UserError, match="base_url") as raised:
        Endpoint.parse(base_url)
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("host", ["a b", "a\\b", "a%2eb", "a\x1b[2Jb", "a|b", "host:0", "a\tb\\"])
def test_a_host_is_a_name(host):
    with pytest.raises(UserError, match="base_url") as raised:
        Endpoint.parse(f"https://{host}")
    assert str(raised.value).isprintable()


def test_an_origin_is_scheme_host_and_port():
    same = ["https://h", "https://H:443", "https://h:443/", "h"]
    assert {Endpoint.parse(one).origin for one in same} == {"https://h:443"}
    others = ["http://h", "http://h:443", "https://h:444", "https://h.", "https://x.h"]
    assert len({Endpoint.parse(one).origin for one in [*others, "h"]}) == 6
