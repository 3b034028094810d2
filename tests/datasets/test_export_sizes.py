"""How much an export fetches: media by their kind, archives by what the platform says of them."""

from __future__ import annotations

from contextlib import closing

import pytest

from clarifai_core.errors import BadReply
from clarifai_datasets._export import source
from clarifai_datasets._export.report import ExportFailed
from clarifai_inputs import media_limits
from clarifai_inputs.media_limits import MEDIA_BYTES, UNSIZED_BYTES
from tests.core.hostile_site import HostileSite
from tests.datasets.archives import hosted, members, write_archive
from tests.datasets.fault_site import FaultSite, whole


@pytest.fixture
def filled(world, tmp_path):
    """A dataset of three texts on a platform."""
    rows = "".join(f"t{n},words {n}\n" for n in range(3))
    (tmp_path / "texts.csv").write_text(f"inputid,input\n{rows}")
    uploaded = world.dataset.upload_from_csv(tmp_path / "texts.csv", csv_type="raw", labels=False)
    uploaded.raise_for_failures()
    return world.dataset


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


def test_the_limits_are_those_of_the_platform():
    mib = media_limits.MIB
    assert {"image": 20 * mib, "text": 20 * mib, "audio": 20 * mib} | {
        "video": 300 * mib
    } == MEDIA_BYTES
    assert MEDIA_BYTES | {"video": 128 * mib} == UNSIZED_BYTES


@pytest.mark.parametrize("kind", MEDIA_BYTES)
def test_a_medium_that_says_it_is_too_large_is_not_fetched_and_the_others_are(site, dataset, kind):
    most = MEDIA_BYTES[kind]
    site.pages = {
        "/orig/large": [
            [f"HTTP/1.1 200 OK\r\nContent-Length: {most + 1}\r\n\r\n".encode(), "wait"]
        ],
        "/orig/small": [whole(b"small")],
    }
    archive = {"s": [hosted(name, site.url, kind=kind) for name in ("large", "small")]}
    write_archive("in.zip", archive)

    report = dataset.export("out.zip", local_archive_path="in.zip")

    [failed] = report.failed
    assert (failed.id, failed.may_heal) == ("large", False)
    assert f"larger than {most} bytes" in failed.reason
    assert site.times("/orig/large") == 1
    assert [body for name, body in members("out.zip").items() if "inputs" in name] == [b"small"]


@pytest.mark.parametrize("kind", MEDIA_BYTES)
def test_a_medium_without_end_is_left_at_its_limit_and_never_tried_again(
    dataset, kind, monkeypatch
):
    # The rule, at a thousandth of the size.
    monkeypatch.setitem(UNSIZED_BYTES, kind, UNSIZED_BYTES[kind] // 1000)

    def endless(visit):
        visit.say(b"HTTP/1.1 200 OK\r\n\r\n")
        visit.flood(b"x" * 65536)

    with closing(HostileSite(endless)) as site:
        write_archive("in.zip", {"s": [hosted("a", f"http://127.0.0.1:{site.port}", kind=kind)]})
        with pytest.raises(ExportFailed, match=f"larger than {UNSIZED_BYTES[kind]} bytes"):
            dataset.export("out.zip", local_archive_path="in.zip")
        assert len(site.asked) == 1
        assert site.sent < UNSIZED_BYTES[kind] + 10_000_000


@pytest.mark.parametrize("said", [1, 50])
def test_an_archive_is_no_larger_than_the_platform_says(filled, tmp_path, said, monkeypatch):
    of_platform = source.archive_of_version

    def exported(*arguments, **options):
        export = of_platform(*arguments, **options)
        export.size = said
        return export

    monkeypatch.setattr(source, "archive_of_version", exported)
    with pytest.raises(BadReply, match=f"larger than {said} bytes"):
        filled.export(tmp_path / "out.zip")


def test_an_archive_of_unknown_size_has_a_cap(filled, tmp_path, site, monkeypatch):
    of_platform = source.archive_of_version

    def exported(*arguments, **options):
        export = of_platform(*arguments, **options)
        export.size = 0
        return export

    monkeypatch.setattr(source, "archive_of_version", exported)
    assert filled.export(tmp_path / "out.zip").exported == 3

    head = f"HTTP/1.1 200 OK\r\nContent-Length: {source.MAX_ARCHIVE_BYTES + 1}\r\n\r\n".encode()
    site.pages["/archive"] = [[head, "wait"]]
    with pytest.raises(BadReply, match=f"larger than {source.MAX_ARCHIVE_BYTES} bytes"):
        filled.export(tmp_path / "other.zip", archive_url=f"{site.url}/archive")
