"""Exports that are stopped half-way go on from there, and nothing is fetched twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import ApiError, UserError
from clarifai_datasets._export import index, zip_parts
from clarifai_datasets._export.formats.clarifai import ClarifaiExporter
from tests.datasets.archives import concept, hosted, members, region, text, write_archive
from tests.datasets.conftest import png
from tests.datasets.fault_site import FaultSite, whole

COUNT = 24
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000


@pytest.fixture
def site():
    with closing(FaultSite()) as made:
        yield made


def picture(number):
    return png(number, padding=number)


def pictures(site, count=COUNT):
    site.pages |= {f"/orig/p{n:02d}": [whole(picture(n))] for n in range(count)}
    labels = {"concepts": [concept("x")], "regions": [region("y", 0.0, 0.0, 0.5, 0.5)]}
    return [hosted(f"p{n:02d}", site.url, **labels) for n in range(count)]


def stopped(site, path, hanging="/orig/p18", sent=signal.SIGKILL, least=8, held=2, **options):
    """Export in a process until a page hangs and `least` inputs are written, and stop it.

    Every second input is handed over: so there is something to see after a few.

    Returns the ids of the inputs that were written.
    """
    answers, asked = site.pages[hanging], site.times(hanging)
    site.pages[hanging] = [["wait"]]
    options = {"local_archive_path": "in.zip", "num_workers": 2, **options}
    code = (
        "from clarifai_datasets.handle import Dataset\n"
        "from clarifai_datasets._export import index\n"
        f"index.MAX_HELD_INPUTS = {held}\n"
        f"Dataset(base_url={site.url!r}, pat='k').export({path!r}, **{options!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(written(path)) < least or site.times(hanging) == asked:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(sent)
    assert process.wait(60) != 0
    site.pages[hanging] = answers
    assert not Path(path).exists()
    return written(path)


def written(path):
    file = Path(f".{path}.partial/index")
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    return [json.loads(line)[1] for line in lines if line.endswith(b"\n")]


def content(path):
    """Return the bytes of a zip, or of all files in a folder."""
    path = Path(path)
    if path.is_file():
        return path.read_bytes()
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def left_over():
    return sorted(p.name for p in Path().iterdir())


FORMATS = [
    ("clarifai", "out.zip"),
    ("coco", "out.zip"),
    ("coco", "out"),
    ("yolo", "out"),
    ("voc", "out.zip"),
    ("csv", "out.zip"),
    ("jsonl", "out.zip"),
    ("parquet", "out.zip"),
]


@pytest.mark.parametrize(("format_name", "path"), FORMATS)
def test_a_killed_export_goes_on_and_gives_the_same_bytes(site, dataset, format_name, path):
    inputs = pictures(site)
    write_archive("in.zip", {"train": inputs[:7], "test": inputs[7:]}, batch=5)
    options = {"local_archive_path": "in.zip", "format": format_name}
    dataset.export(f"whole-{path}", **options).raise_for_failures()
    site.asked.clear()

    done = stopped(site, path, format=format_name)
    report = dataset.export(path, **options)

    assert (report.exported, report.failed) == (COUNT, [])
    assert content(path) == content(f"whole-{path}")
    assert len(done) >= 8
    assert {site.times(f"/orig/{name}") for name in done} == {1}
    assert left_over() == ["in.zip", path, f"whole-{path}"]


@pytest.mark.parametrize("path", ["out.zip", "out"])
def test_a_kill_costs_one_group_of_inputs_at_most(site, dataset, path):
    """Groups as they are: 32 inputs, or a mebibyte. Two workers fetch up to 8 inputs ahead."""
    inputs = pictures(site, 100)
    write_archive("in.zip", {"s": inputs}, batch=50)
    options = {"local_archive_path": "in.zip", "format": "jsonl"}
    dataset.export(f"whole-{path}", **options).raise_for_failures()
    site.asked.clear()

    held = index.MAX_HELD_INPUTS
    done = stopped(site, path, "/orig/p80", least=2 * held, held=held, format="jsonl")
    assert len(done) == 2 * held
    dataset.export(path, **options).raise_for_failures()

    assert content(path) == content(f"whole-{path}")
    again = [one.id for one in inputs if site.times(f"/orig/{one.id}") > 1]
    assert not set(again) & set(done)
    assert len(again) <= held + 8


@pytest.mark.parametrize("ended", [KeyboardInterrupt, OSError])
def test_whatever_ends_an_export_nothing_that_is_whole_is_lost(site, dataset, monkeypatch, ended):
    """Also what waits for others of its group, as long as the process is not killed."""
    write_archive("in.zip", {"s": pictures(site)})
    dataset.export("whole.zip", local_archive_path="in.zip")
    add, seen = ClarifaiExporter.add, []

    def until(exporter, split, message, media):
        if len(seen) == 17:
            raise ended("the end")
        seen.append(message.id)
        return add(exporter, split, message, media)

    monkeypatch.setattr(ClarifaiExporter, "add", until)
    with pytest.raises((KeyboardInterrupt, UserError)):
        dataset.export("out.zip", local_archive_path="in.zip")
    monkeypatch.setattr(ClarifaiExporter, "add", add)

    assert written("out.zip") == seen
    site.asked.clear()
    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT
    assert not {path for path, _ in site.asked} & {f"/orig/{one}" for one in seen}
    assert content("out.zip") == content("whole.zip")


def test_what_a_format_cannot_hold_is_taken_back_beside_what_waits(site, dataset, monkeypatch):
    """Of a group that is not handed over yet, the input that was refused half-way goes alone."""
    write_archive("in.zip", {"s": pictures(site)})
    add = ClarifaiExporter.add

    def refusing(exporter, split, message, media):
        written = add(exporter, split, message, media)
        if message.id in ("p03", "p04", "p20"):
            raise ValueError("no")
        return written

    monkeypatch.setattr(ClarifaiExporter, "add", refusing)
    report = dataset.export("out.zip", local_archive_path="in.zip")

    assert [one.id for one in report.failed] == ["p03", "p04", "p20"]
    names = [name for name in members("out.zip") if "/inputs/" in name]
    assert names == [f"s/inputs/p{n:02d}.png" for n in range(COUNT) if n not in (3, 4, 20)]


def test_large_media_and_texts_are_gone_on_with_too(site, dataset):
    films = [hosted(f"film{n}", site.url, kind="video") for n in range(4)]
    site.pages = {f"/orig/film{n}": [whole(FILM + bytes([n]))] for n in range(4)}
    texts = [text(f"t{n}", raw=f"text {n}") for n in range(9)]
    write_archive("in.zip", {"s": [*films[:2], *texts, *films[2:], *pictures(site)]})
    for path in ("whole.zip", "whole-folder"):
        dataset.export(path, local_archive_path="in.zip", format="jsonl")
    site.asked.clear()

    for number, path in enumerate(("out.zip", "out")):
        done = stopped(site, path, "/orig/p09", least=14, format="jsonl")
        dataset.export(path, local_archive_path="in.zip", format="jsonl").raise_for_failures()
        assert {"film0", "film3", "t8"} < set(done)
        assert site.times("/orig/film0") == site.times("/orig/film3") == number + 1

    assert content("out.zip") == content("whole.zip")
    assert content("out") == content("whole-folder")


def test_an_export_may_be_killed_again_and_again(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    dataset.export("whole.zip", local_archive_path="in.zip")
    before = {}
    for hanging, least in (("p09", 4), ("p16", 10), ("p22", 16)):
        done = stopped(site, "out.zip", f"/orig/{hanging}", least=least)
        assert all(site.times(f"/orig/{name}") == times for name, times in before.items())
        before = {name: site.times(f"/orig/{name}") for name in done}

    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT
    assert content("out.zip") == content("whole.zip")
    assert {name: site.times(f"/orig/{name}") for name in done} == before


def test_ctrl_c_does_not_wait_for_a_server_that_hangs(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})

    done = stopped(site, "out.zip", sent=signal.SIGINT)

    assert left_over() == [".out.zip.partial", "in.zip"]
    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT
    assert {site.times(f"/orig/{name}") for name in done} == {1}
    assert left_over() == ["in.zip", "out.zip"]


def test_the_archive_is_fetched_once_and_its_draft_is_not_for_another_one(site, dataset):
    content_of = Path(write_archive("in.zip", {"s": pictures(site)})).read_bytes()
    other = Path(write_archive("other.zip", {"s": pictures(site)[::-1]})).read_bytes()
    site.pages |= {"/a.zip": [whole(content_of)], "/b.zip": [whole(other)]}
    stopped(site, "out.zip", local_archive_path=None, archive_url=f"{site.url}/a.zip")

    assert dataset.export("out.zip", archive_url=f"{site.url}/a.zip").exported == COUNT
    assert site.times("/a.zip") == 1

    stopped(site, "new.zip", local_archive_path=None, archive_url=f"{site.url}/a.zip")
    site.asked.clear()
    assert dataset.export("new.zip", archive_url=f"{site.url}/b.zip").exported == COUNT
    assert next(iter(members("new.zip"))) == "s/inputs/p23.png"
    assert site.times("/orig/p00") == 1


@pytest.mark.parametrize("other", [{"split": "t"}, {"format": "jsonl"}])
def test_a_draft_of_something_else_is_not_gone_on_with(site, dataset, other):
    inputs = pictures(site)
    write_archive("in.zip", {"s": inputs[:20], "t": inputs[20:]})
    dataset.export("whole.zip", local_archive_path="in.zip", **other)
    stopped(site, "out.zip")

    dataset.export("out.zip", local_archive_path="in.zip", **other).raise_for_failures()

    assert content("out.zip") == content("whole.zip")


def changed(path, start):
    data = bytearray(path.read_bytes())
    data[start] ^= 1
    path.write_bytes(bytes(data))


DAMAGES = {
    "a byte of a picture": lambda folder: changed(folder / "draft", 60),
    "a byte of labels": lambda folder: changed(
        folder / "draft", (folder / "draft").read_bytes().index(b'"name"')
    ),
    "the end of the draft": lambda folder: (folder / "draft").write_bytes(
        (folder / "draft").read_bytes()[:-700]
    ),
    "no draft": lambda folder: (folder / "draft").unlink(),
    "half a line": lambda folder: (folder / "index").write_bytes(
        (folder / "index").read_bytes()[:-9]
    ),
    "a line of another kind": lambda folder: (folder / "index").write_bytes(b'{"a": 1}\n'),
    "an input that is not there": lambda folder: (folder / "index").write_bytes(
        b'["s", "none", []]\n' + (folder / "index").read_bytes()
    ),
    "an unreadable state": lambda folder: (folder / "state.json").write_bytes(b"{"),
    "an archive that is none": lambda folder: (folder / "archive.zip").write_bytes(b"no zip"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_draft_is_made_anew_from_there(site, dataset, damage):
    write_archive("in.zip", {"s": pictures(site)})
    dataset.export("whole.zip", local_archive_path="in.zip")
    stopped(site, "out.zip")
    DAMAGES[damage](Path(".out.zip.partial"))

    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT

    assert content("out.zip") == content("whole.zip")
    assert left_over() == ["in.zip", "out.zip", "whole.zip"]


def test_a_second_export_to_the_same_path_is_refused(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    refused = []

    def meanwhile(_):
        with pytest.raises(UserError, match=r"'out\.zip': another export to it is under way") as e:
            dataset.export("out.zip", local_archive_path="in.zip")
        refused.append(e.value)
        return whole(picture(3))

    class Page(list):
        """A page that exports as well before it answers."""

        def __getitem__(self, index):
            return meanwhile(index)

    site.pages["/orig/p03"] = Page([None])

    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT
    assert len(refused) == 1
    assert left_over() == ["in.zip", "out.zip"]


def test_failures_that_may_heal_are_all_that_a_second_export_asks_for(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    site.pages["/orig/p07"] = [whole(b"", status="503 Service Unavailable")]
    site.pages["/orig/p11"] = [whole(b"", status="404 Not Found")]
    first = dataset.export("out.zip", local_archive_path="in.zip")
    assert [(one.id, one.may_heal) for one in first.failed] == [("p07", True), ("p11", False)]
    assert len(members("out.zip")) == 2 * COUNT - 2  # labels of all
    site.asked.clear()
    site.pages["/orig/p07"] = [whole(picture(7))]

    second = dataset.export("out.zip", local_archive_path="in.zip")

    assert (second.exported, [one.id for one in second.failed]) == (COUNT - 1, ["p11"])
    assert {path for path, _ in site.asked} == {"/orig/p07", "/orig/p11"}
    found = members("out.zip")
    assert len(found) == 2 * COUNT - 1
    assert found["s/inputs/p07.png"] == picture(7)
    assert left_over() == ["in.zip", "out.zip"]


def test_what_heals_late_survives_a_kill(site, dataset):
    """Late ones are behind the others in the draft: it is read in its own order."""
    write_archive("in.zip", {"s": pictures(site)}, batch=7)
    busy = whole(b"", status="503 Service Unavailable")
    site.pages |= {"/orig/p01": [busy], "/orig/p02": [busy], "/orig/p20": [busy]}
    assert dataset.export("out.zip", local_archive_path="in.zip", format="coco").exported == 21
    site.pages |= {f"/orig/p{n:02d}": [whole(picture(n))] for n in (1, 2)}
    assert dataset.export("out.zip", local_archive_path="in.zip", format="coco").exported == 23
    site.asked.clear()
    site.pages["/orig/p20"] = [whole(picture(20))]

    report = dataset.export("out.zip", local_archive_path="in.zip", format="coco")

    assert (report.exported, report.ok) == (COUNT, True)
    assert [path for path, _ in site.asked] == ["/orig/p20"]
    with zipfile.ZipFile("out.zip") as archive:
        listed = json.loads(archive.read("annotations/instances_s.json"))
        names = [f"images/s/{image['file_name']}" for image in listed["images"]]
        assert sorted(names) == [f"images/s/p{n:02d}.png" for n in range(COUNT)]
        assert [name for name in archive.namelist() if "images" in name] == names
        assert archive.testzip() is None


def test_a_zip_that_was_changed_since_is_not_gone_on_with(site, dataset):
    write_archive("in.zip", {"s": pictures(site)})
    dataset.export("whole.zip", local_archive_path="in.zip")
    site.pages["/orig/p07"] = [whole(b"", status="503 Service Unavailable")]
    dataset.export("out.zip", local_archive_path="in.zip")
    with zipfile.ZipFile("out.zip", "a") as archive:
        archive.writestr("notes.txt", "mine")
    site.pages["/orig/p07"] = [whole(picture(7))]

    assert dataset.export("out.zip", local_archive_path="in.zip").exported == COUNT
    assert content("out.zip") == content("whole.zip")


@pytest.fixture
def filled(world, make_csv):
    path = make_csv("inputid,input\n" + "".join(f"t{n},text {n}\n" for n in range(5)))
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False).raise_for_failures()
    world.faults.calls.clear()
    return world


def down():
    return status_pb2.Status(code=10020, description="Failure")


def test_the_version_of_an_export_that_stopped_is_used_and_deleted(filled, tmp_path):
    broken = ("PutDatasetVersionExports", "DeleteDatasetVersions")
    filled.faults.on_before = dict.fromkeys(broken, down)
    with pytest.raises(ApiError, match="PutDatasetVersionExports"):
        filled.dataset.export(tmp_path / "out.zip")
    assert len(list(filled.dataset.list_versions())) == 1
    filled.faults.on_before = {}

    assert filled.dataset.export(tmp_path / "out.zip").exported == 5

    assert filled.faults.calls["PostDatasetVersions"] == 1
    assert list(filled.dataset.list_versions()) == []
    assert not (tmp_path / ".out.zip.partial").exists()


def test_a_moment_is_not_gone_on_with_a_day_later(filled, tmp_path, make_csv):
    broken = ("PutDatasetVersionExports", "DeleteDatasetVersions")
    filled.faults.on_before = dict.fromkeys(broken, down)
    with pytest.raises(ApiError):
        filled.dataset.export(tmp_path / "out.zip")
    filled.faults.on_before = {}
    state = tmp_path / ".out.zip.partial" / "state.json"
    noted = json.loads(state.read_text())
    state.write_text(json.dumps({**noted, "made": noted["made"] - 86_401}))
    later = make_csv("inputid,input\nlater,x\n")
    filled.dataset.upload_from_csv(later, csv_type="raw", labels=False).raise_for_failures()

    assert filled.dataset.export(tmp_path / "out.zip").exported == 6
    assert list(filled.dataset.list_versions()) == []


@pytest.mark.parametrize(("size", "count"), [(1, 0xFFFF), (200, 0xFFFF), (0xFFFF_FFFF, 3)])
def test_archives_of_zip64_are_read_by_others(dataset, monkeypatch, size, count):
    """From four gigabytes or 65,535 members on; here from far less."""
    monkeypatch.setattr(zip_parts, "ZIP64_BYTES", size)
    monkeypatch.setattr(zip_parts, "ZIP64_COUNT", count)
    write_archive("in.zip", {"s": [text(f"tä{n}", raw="x" * n * 9) for n in range(1, 40)]})

    assert dataset.export("out.zip", local_archive_path="in.zip").exported == 39

    found = members("out.zip")
    assert found == {f"s/inputs/tä{n}.txt": b"x" * n * 9 for n in range(1, 40)}
