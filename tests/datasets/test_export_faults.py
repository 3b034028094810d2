"""Servers, archives and processes fail in the middle of an export: nothing is lost in silence."""

from __future__ import annotations

import itertools
import logging
import signal
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from clarifai_core.errors import BadReply, NotFound, PermissionDenied, UserError
from clarifai_core.transport.session import session_for
from clarifai_datasets._export import download
from clarifai_datasets._export.report import ExportFailed
from clarifai_datasets.handle import Dataset
from tests.datasets.archives import PROTOBUF, concept, hosted, members, text, write_archive
from tests.datasets.media_site import MediaSite

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def site():
    with closing(MediaSite()) as made:
        yield made


def answers(*pages):
    """Return a page that answers these in turn, and the last one from then on."""
    counter = itertools.count()
    return lambda: pages[min(next(counter), len(pages) - 1)]


def pictures(site, count):
    site.pages |= {f"/orig/p{n}": PNG + bytes([n]) for n in range(count)}
    return [hosted(f"p{n}", site.url, concepts=[concept("x")]) for n in range(count)]


def left_over():
    return sorted(p.name for p in Path().iterdir())


def test_an_address_that_is_none_is_reported(site, dataset):
    inputs = [hosted("a", "http://[broken"), hosted("b", "nonsense"), *pictures(site, 1)]
    write_archive("in.zip", {"s": inputs})

    report = dataset.export("out.zip", local_archive_path="in.zip")

    assert [(one.id, one.reason[:27]) for one in report.failed] == [
        ("a", "Not an http or https URL: '"),
        ("b", "Not an http or https URL: '"),
    ]


def test_a_missing_picture_is_reported_and_the_others_are_exported(site, dataset, caplog):
    inputs = pictures(site, 30)
    site.pages["/orig/p7"] = 404
    site.pages["/orig/p9"] = 410
    inputs[7].data.image.hosted.suffix = "p7?signature=secret"
    write_archive("in.zip", {"train": inputs})

    with caplog.at_level(logging.WARNING):
        report = dataset.export("out.zip", local_archive_path="in.zip")

    assert (report.exported, report.annotations, report.total) == (28, 30, 30)
    assert [(one.id, one.split, one.url) for one in report.failed] == [
        ("p7", "train", f"{site.url}/orig/p7"),
        ("p9", "train", f"{site.url}/orig/p9"),
    ]
    assert "HTTP 404" in report.failed[0].reason
    assert "train/p7: GET" in str(report)
    assert [one.message for one in caplog.records] == [
        "out.zip lacks 2 of 30 inputs: the report says why"
    ]
    assert "secret" not in caplog.text + str(report) + repr(report)
    found = members("out.zip")
    assert list(found)[:2] == ["train/inputs/p0.png", "train/annotations/p0.json"]
    assert len(found) == 58
    assert [name for name in found if "p7" in name] == ["train/annotations/p7.json"]
    with pytest.raises(ExportFailed, match="2 of 30 failed") as raised:
        report.raise_for_failures()
    assert raised.value.report is report


def test_a_server_that_stumbles_is_asked_again(site, dataset):
    inputs = pictures(site, 3)
    site.pages["/orig/p1"] = answers(503, 500, PNG + b"\1")
    write_archive("in.zip", {"s": inputs})

    assert dataset.export("out.zip", local_archive_path="in.zip").raise_for_failures().ok
    assert members("out.zip")["s/inputs/p1.png"] == PNG + b"\1"


def test_the_key_goes_to_the_platforms_host_only(site, dataset):
    inputs = pictures(site, 2)
    inputs[1].data.image.hosted.prefix = site.other_url
    site.pages["/a.zip"] = read(write_archive("in.zip", {"s": inputs}))

    assert dataset.export("out.zip", archive_url=f"{site.other_url}/a.zip").exported == 2
    assert site.keys() == {("127.0.0.1", "Key the-key"), ("localhost", None)}
    assert dataset.export("out.zip", archive_url=f"{site.url}/a.zip").exported == 2
    assert left_over() == ["in.zip", "out.zip"]


def test_media_of_the_platform_need_a_key(site, dataset, monkeypatch, tmp_path):
    monkeypatch.delenv("CLARIFAI_PAT", raising=False)
    monkeypatch.delenv("CLARIFAI_SESSION_TOKEN", raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "none.yaml"))
    write_archive("in.zip", {"s": pictures(site, 2)})

    with pytest.raises(UserError, match=r"127\.0\.0\.1:\d+ wants credentials .* Give pat="):
        Dataset(base_url=site.url).export("out.zip", local_archive_path="in.zip")
    with pytest.raises(UserError, match="wants credentials"):
        Dataset(base_url=site.url).export("out.zip", archive_url=f"{site.url}/a.zip")
    assert (site.asked, left_over()) == ([], ["in.zip"])


def test_downloads_run_side_by_side_and_no_more_than_asked_for(site, dataset):
    inputs = pictures(site, 12)
    together = threading.Barrier(3, timeout=60)

    def page(number):
        def answer():
            together.wait()
            return PNG + bytes([number])

        return answer

    site.pages = {f"/orig/p{n}": page(n) for n in range(12)}
    write_archive("in.zip", {"s": inputs})

    report = dataset.export("out.zip", local_archive_path="in.zip", num_workers=3)

    assert (report.exported, site.most_busy) == (12, 3)
    pictures_in_order = [name for name in members("out.zip") if "inputs" in name]
    assert pictures_in_order == [f"s/inputs/p{n}.png" for n in range(12)]


def test_a_slow_first_picture_does_not_change_the_order(site, dataset):
    inputs = pictures(site, 3)
    others = threading.Event()

    def slow():
        assert others.wait(60)
        return PNG

    def last():
        others.set()
        return PNG

    site.pages |= {"/orig/p0": slow, "/orig/p2": last}
    write_archive("in.zip", {"s": inputs})

    dataset.export("out.zip", local_archive_path="in.zip", num_workers=2)

    assert [n for n in members("out.zip") if "inputs" in n] == [
        f"s/inputs/p{n}.png" for n in range(3)
    ]


def test_when_nothing_comes_an_earlier_export_stays(site, dataset):
    write_archive("in.zip", {"s": pictures(site, 3)})
    dataset.export("out.zip", local_archive_path="in.zip")
    before = read("out.zip")
    site.pages = {}

    with pytest.raises(ExportFailed, match="Nothing was exported") as raised:
        dataset.export("out.zip", local_archive_path="in.zip")

    assert [one.id for one in raised.value.report.failed] == ["p0", "p1", "p2"]
    assert read("out.zip") == before
    assert left_over() == ["in.zip", "out.zip"]


def test_a_dead_host_is_not_asked_for_ever(site, dataset, monkeypatch):
    monkeypatch.setattr(download, "SILENT_REQUESTS", 2)
    with closing(MediaSite()) as other:
        dead = other.url
    inputs = [hosted(f"dead{n}", dead) for n in range(9)] + pictures(site, 3)
    write_archive("in.zip", {"s": inputs})
    hurried = Dataset(base_url=site.url, pat="the-key", timeout_seconds=0.2)

    report = hurried.export("out.zip", local_archive_path="in.zip", num_workers=1)

    session_for(hurried.settings).close()
    assert (report.exported, len(report.failed)) == (3, 9)
    assert "not asked for" not in report.failed[1].reason
    assert "2 requests in a row got no answer from 127.0.0.1" in report.failed[2].reason


def test_ids_that_would_leave_the_folder_or_meet_are_reported(dataset):
    inputs = [
        text("../../evil"),
        text("a/b"),
        text("c\\d"),
        text("nul\0"),
        text(""),
        text("twice", raw="first"),
        text("twice", raw="second"),
        text("empty", raw=""),
    ]
    write_archive("in.zip", {"s": inputs, "t": [text("twice", raw="third")]})

    report = dataset.export("out.zip", local_archive_path="in.zip")

    assert members("out.zip") == {"s/inputs/twice.txt": b"first", "t/inputs/twice.txt": b"third"}
    reasons = [one.reason for one in report.failed]
    assert reasons == [
        *["its id cannot be the name of a file"] * 5,
        "the split has another input with this id",
        "it has neither an address nor content",
    ]
    assert report.total == 9


def damaged(path):
    """Change a byte of the batch, which is stored as it is."""
    content = bytearray(read(path))
    content[content.index(b"hello") + 1] ^= 1
    write(path, bytes(content))


def truncated(path):
    write(path, read(path)[:-30])


def miscounted(path):
    with zipfile.ZipFile(path) as archive:
        batch = archive.read("s/batch_0_n1")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", PROTOBUF)
        archive.writestr("s/batch_0_n2", batch)


def unparsable(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", PROTOBUF)
        archive.writestr("s/batch_0_n2", b"\xff\xff\xff")


def without_mimetype(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("s/batch_0_n2", b"")


def of_another_kind(path):
    write_archive(path, {"s": []}, mimetype="application/epub+zip")


def climbing(path):
    write_archive(path, {"..": [text("a")]})


def unnamed(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", PROTOBUF)
        archive.writestr("s/readme", b"")


FAULTS = {
    damaged: "'s/batch_0_n1': .*CRC",
    truncated: "not a zip archive",
    miscounted: "it holds 1 inputs instead of 2",
    unparsable: "'s/batch_0_n2': ",
    without_mimetype: "no archive of Clarifai data",
    of_another_kind: "'application/epub.zip'; should be",
    climbing: r"'\.\./batch_0_n1': batches are named",
    unnamed: "'s/readme': batches are named",
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_a_broken_archive_leaves_nothing_behind(site, dataset, spoil):
    path = write_archive("in.zip", {"s": [text("a")]}, compression=zipfile.ZIP_STORED)
    spoil(path)
    site.pages["/a.zip"] = read(path)

    with pytest.raises(UserError, match=FAULTS[spoil]):
        dataset.export("out.zip", local_archive_path=path)
    with pytest.raises(BadReply, match=FAULTS[spoil]):
        dataset.export("out.zip", archive_url=f"{site.url}/a.zip?signature=secret")
    assert left_over() == ["in.zip"]


@pytest.mark.parametrize(
    ("page", "error", "message"),
    [
        (404, NotFound, "HTTP 404"),
        (403, PermissionDenied, "HTTP 403"),
        (b'{"status": "no"}', BadReply, "not a zip archive"),
    ],
)
def test_an_address_without_an_archive_leaves_nothing_behind(site, dataset, page, error, message):
    site.pages["/a.zip"] = page
    with pytest.raises(error, match=message):
        dataset.export("out.zip", archive_url=f"{site.url}/a.zip", split="train")
    assert left_over() == []


def test_an_export_that_is_killed_leaves_no_half_archive(site, dataset):
    inputs = pictures(site, 30)
    reached, over = threading.Event(), threading.Event()

    def hang():
        reached.set()
        over.wait(60)
        return PNG

    site.pages["/orig/p20"] = hang
    write_archive("in.zip", {"s": inputs})
    code = (
        "from clarifai_datasets.handle import Dataset\n"
        f"Dataset(base_url={site.url!r}, pat='k').export('out.zip', local_archive_path='in.zip')"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        assert reached.wait(60)
    finally:
        process.kill()
        over.set()
    assert process.wait() == -signal.SIGKILL
    assert "out.zip" not in left_over()

    site.pages["/orig/p20"] = PNG
    assert dataset.export("out.zip", local_archive_path="in.zip").exported == 30
    assert len(members("out.zip")) == 60


def read(path):
    return Path(path).read_bytes()


def write(path, content):
    Path(path).write_bytes(content)


def test_the_prompt_shows_the_summary_once(site, dataset):
    inputs = pictures(site, 3)
    site.pages["/orig/p1"] = 404
    write_archive("in.zip", {"train": inputs})

    where = ("--base-url", "local:", "--user-id", "me", "--app-id", "demo", "--dataset-id", "d")
    command = [sys.executable, "-m", "clarifai_cli", "dataset", "export", "out.zip", *where]
    done = subprocess.run(
        [*command, "--archive", "in.zip"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("2 exported") == 1
    assert done.stdout.startswith("out.zip: 2 exported (2 train), 1 failed, ")
