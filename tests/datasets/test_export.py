"""Exports of datasets and of archives: what is in the file, and what the report says."""

from __future__ import annotations

import stat
import zipfile
from contextlib import closing

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2
from google.protobuf import json_format

from clarifai_core.errors import ApiError, NotFound, UserError
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.features import VisualDetectionFeatures
from clarifai_inputs.media import ending
from tests.datasets.archives import concept, hosted, members, region, text, write_archive
from tests.datasets.list_loader import ListLoader
from tests.datasets.media_site import MediaSite

JPEG = b"\xff\xd8\xff\xe0 not decoded, so any bytes do"


@pytest.fixture
def site():
    with closing(MediaSite()) as made:
        yield made


@pytest.fixture
def keyless(monkeypatch, tmp_path):
    """Work in an empty folder, without credentials."""
    for name in ("CLARIFAI_PAT", "CLARIFAI_SESSION_TOKEN", "CLARIFAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(tmp_path / "none.yaml"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def filled(world, tmp_path, make_png, make_csv):
    """The world with a picture, a picture with a box, and a text."""
    folder = tmp_path / "pictures" / "cat"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(make_png(1))
    world.dataset.upload_from_folder(str(folder.parent), "image", labels=True)
    boxed = VisualDetectionFeatures(
        "b", ["dog"], [[0.1, 0.2, 0.3, 0.4]], id="0", image_bytes=make_png(2)
    )
    world.dataset.upload_dataset(ListLoader("visual_detection", [boxed]))
    world.dataset.upload_from_csv(
        make_csv("inputid,input\nt,h\u00e9llo\n"), csv_type="raw", labels=False
    )
    world.faults.calls.clear()
    return world


def upload_texts(world, path):
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False).raise_for_failures()


def test_a_dataset_is_exported_as_it_is_now(filled, tmp_path, make_png):
    report = filled.dataset.export(str(tmp_path / "out.zip"))

    assert (report.exported, report.failed, report.annotations) == (3, [], 2)
    assert str(report).startswith(f"{tmp_path / 'out.zip'}: 3 exported (3 all), 0 failed, 2 with")
    found = members(tmp_path / "out.zip")
    assert found.pop("all/annotations/cat-a.json") == [
        {"id": "id-cat", "name": "cat", "value": 1.0, "appId": "demo"}
    ]
    [box] = found.pop("all/annotations/train-0.json")
    edges = box["regionInfo"]["boundingBox"]
    assert edges == pytest.approx(
        {"leftCol": 0.1, "topRow": 0.2, "rightCol": 0.3, "bottomRow": 0.4}
    )
    assert box["data"]["concepts"][0]["name"] == "dog"
    assert found == {
        "all/inputs/cat-a.png": make_png(1),
        "all/inputs/train-0.png": make_png(2),
        "all/inputs/t.txt": "h\u00e9llo".encode(),
    }


def test_the_version_made_for_an_export_goes_again(filled, tmp_path):
    filled.dataset.export(str(tmp_path / "out.zip"))
    assert list(filled.dataset.list_versions()) == []
    filled.faults.on_before["PutDatasetVersionExports"] = lambda: not_found()
    with pytest.raises(NotFound, match="PutDatasetVersionExports"):
        filled.dataset.export(str(tmp_path / "again.zip"))
    assert list(filled.dataset.list_versions()) == []
    assert not (tmp_path / "again.zip").exists()


def not_found():
    return status_pb2.Status(code=11101, description="Resource does not exist")


@pytest.mark.parametrize(
    ("kind", "statuses", "rpc"),
    [
        (
            "dataset_version",
            (codes.DATASET_VERSION_READY, codes.DATASET_VERSION_FAILURE),
            "GetDatasetVersion",
        ),
        (
            "dataset_export",
            (codes.DATASET_VERSION_EXPORT_SUCCESS, codes.DATASET_VERSION_EXPORT_FAILED),
            "PutDatasetVersionExports",
        ),
    ],
)
def test_what_the_platform_could_not_make_is_an_error(filled, tmp_path, kind, statuses, rpc):
    made, failed = statuses
    version = filled.dataset.create_version()
    version.export(tmp_path / "out.zip")
    with filled.platform.store.write() as db:
        [row] = filled.platform.store.resources.by_status(db, kind, [made])
        filled.platform.store.resources.set_status(db, row, failed)

    with pytest.raises(ApiError, match=rpc) as raised:
        version.export(tmp_path / "again.zip")
    assert raised.value.code == failed
    assert sorted(p.name for p in tmp_path.glob("*.zip*")) == ["out.zip"]


def test_a_handle_at_a_version_exports_that_one(filled, tmp_path, make_csv):
    version = filled.dataset.create_version()
    filled.dataset.upload_from_csv(
        make_csv("inputid,input\nlater,x\n"), csv_type="raw", labels=False
    )

    assert version.export(str(tmp_path / "old.zip")).exported == 3
    assert filled.dataset.export(str(tmp_path / "new.zip")).exported == 4

    assert "all/inputs/later.txt" not in members(tmp_path / "old.zip")
    assert [one.version.id for one in filled.dataset.list_versions()] == [version.version.id]


def test_the_platforms_archive_is_exported_by_its_address(filled, tmp_path):
    version = filled.dataset.create_version(id="v1")
    assert filled.platform.wait_idle()
    wanted = [resources_pb2.DatasetVersionExport(format=resources_pb2.CLARIFAI_DATA_PROTOBUF)]
    request = service_pb2.PutDatasetVersionExportsRequest(
        user_app_id=version.user_app_id,
        dataset_id="train",
        dataset_version_id="v1",
        exports=wanted,
    )
    version.session.call("PutDatasetVersionExports", request)
    assert filled.platform.wait_idle()
    url = version.session.call("PutDatasetVersionExports", request).exports[0].url

    report = version.export(tmp_path / "out.zip", archive_url=url, split="all", num_workers=1)

    assert report.raise_for_failures().exported == 3
    assert sorted(p.name for p in tmp_path.glob("*out.zip*")) == ["out.zip"]


def test_a_dataset_without_inputs_gives_an_empty_archive(world, tmp_path):
    report = world.dataset.export(str(tmp_path / "out.zip"))
    assert (report.exported, report.total, report.splits) == (0, 0, {})
    assert members(tmp_path / "out.zip") == {}
    assert "there was no input in it" in str(report)


def test_the_documented_example_needs_no_dataset_and_no_key(keyless):
    write_archive("clarifai-data-protobuf.zip", {"train": [text("a"), text("b"), text("c")]})

    for _ in range(2):
        report = Dataset().export(
            save_path="output.zip", local_archive_path="clarifai-data-protobuf.zip"
        )

    assert (report.exported, report.splits) == (3, {"train": 3})
    assert list(members("output.zip")) == [f"train/inputs/{name}.txt" for name in "abc"]
    assert sorted(p.name for p in keyless.iterdir()) == ["clarifai-data-protobuf.zip", "output.zip"]


@pytest.mark.parametrize("split", ["all", "", None])
def test_without_a_split_every_split_is_exported(keyless, split):
    write_archive("in.zip", {"train": [text("a"), text("b"), text("c")], "test": [text("a")]})

    report = Dataset().export("out.zip", local_archive_path="in.zip", split=split)

    assert report.splits == {"train": 3, "test": 1}
    assert list(members("out.zip"))[-1] == "test/inputs/a.txt"


def test_one_split_is_exported_alone(keyless):
    write_archive("in.zip", {"train": [text("a")], "train2": [text("b")], "test": [text("c")]})

    assert Dataset().export("out.zip", local_archive_path="in.zip", split="train").exported == 1
    assert list(members("out.zip")) == ["train/inputs/a.txt"]
    with pytest.raises(UserError, match=r"'vla' is not in .*'train', 'train2', 'test'"):
        Dataset().export("out.zip", local_archive_path="in.zip", split="vla")
    assert list(members("out.zip")) == ["train/inputs/a.txt"]


def test_all_kinds_of_labels_are_kept(keyless):
    frame = resources_pb2.Frame(data=resources_pb2.Data(concepts=[concept("run")]))
    frame.frame_info.time = 1000
    both = {"concepts": [concept("cat")], "regions": [region("dog", 0.0, 0.5, 1.0, 1.0)]}
    write_archive(
        "in.zip",
        {"s": [text("both", **both), text("video", frames=[frame]), text("none")]},
    )

    report = Dataset().export("out.zip", local_archive_path="in.zip")

    assert report.annotations == 2
    found = members("out.zip")
    first, second = found["s/annotations/both.json"]
    assert (first["name"], second["data"]["concepts"][0]["name"]) == ("cat", "dog")
    assert second["regionInfo"]["boundingBox"] == {"topRow": 0.5, "rightCol": 1.0, "bottomRow": 1.0}
    assert int(found["s/annotations/video.json"][0]["frameInfo"]["time"]) == 1000
    assert "s/annotations/none.json" not in found


def test_media_come_from_the_copy_of_the_platform_or_the_message_or_an_address(keyless, site):
    site.pages = {
        "/orig/held": JPEG,
        "/elsewhere.gif": b"GIF89a...",
        "/orig/film": b"\0\0\0\x18ftypmp42" + bytes(3_000_000),
        "/orig/sound": b"RIFF....WAVE",
    }
    held = hosted("held", site.url)
    held.data.image.url = f"{site.url}/not-asked"
    inside = resources_pb2.Input(id="inside")
    inside.data.image.base64 = b"BM inside"
    outside = resources_pb2.Input(id="outside")
    outside.data.image.url = f"{site.url}/elsewhere.gif"
    mixed = hosted("mixed", site.url, suffix="held")
    mixed.data.text.raw = "and a text"
    film, sound = (
        hosted("film", site.url, kind="video"),
        hosted("sound", site.url + "/", kind="audio"),
    )
    write_archive("in.zip", {"s": [held, inside, outside, mixed, film, sound]})

    report = Dataset().export("out.zip", local_archive_path="in.zip")

    assert report.raise_for_failures().exported == 6
    found = members("out.zip")
    assert found == {
        "s/inputs/held.jpg": JPEG,
        "s/inputs/inside.bmp": b"BM inside",
        "s/inputs/outside.gif": b"GIF89a...",
        "s/inputs/mixed.jpg": JPEG,
        "s/inputs/mixed.txt": b"and a text",
        "s/inputs/film.mp4": site.pages["/orig/film"],
        "s/inputs/sound.wav": site.pages["/orig/sound"],
    }
    assert report.bytes == sum(map(len, found.values()))


@pytest.mark.parametrize(
    ("kind", "head", "expected"),
    [
        ("image", b"\x89PNG\r\n\x1a\n", "png"),
        ("image", b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        ("image", b"II*\0", "tiff"),
        ("image", b"MM\0*", "tiff"),
        ("image", b"GIF87a", "gif"),
        ("image", b"who knows", "png"),
        ("image", b"", "png"),
        ("audio", b"ID3\x03", "mp3"),
        ("audio", b"\xff\xfb\x90", "mp3"),
        ("audio", b"fLaC", "flac"),
        ("audio", b"OggS", "ogg"),
        ("audio", b"\0\0\0\x18ftypM4A ", "m4a"),
        ("video", b"\0\0\0\x18ftypqt  ", "mov"),
        ("video", b"\0\0\0\x18ftypisom", "mp4"),
        ("video", b"\x1a\x45\xdf\xa3....matroska", "mkv"),
        ("video", b"\x1a\x45\xdf\xa3....webm", "webm"),
        ("video", b"RIFF\0\0\0\0AVI LIST", "avi"),
        ("video", b"?", "mp4"),
        ("text", b"BM is how this text begins", "txt"),
    ],
)
def test_endings_tell_what_the_bytes_are(kind, head, expected):
    assert ending(kind, head) == expected


def test_json_archives_are_read_too(keyless):
    batch = resources_pb2.InputBatch(inputs=[text("a", concepts=[concept("cat")])])
    with zipfile.ZipFile("in.zip", "w") as archive:
        archive.writestr("mimetype", "application/x.clarifai-data+json\n")
        archive.writestr("all/", "")
        archive.writestr("all/deep/batch0_n1", json_format.MessageToJson(batch))

    Dataset().export("out.zip", local_archive_path="in.zip")

    assert list(members("out.zip")) == ["all/inputs/a.txt", "all/annotations/a.json"]


def test_members_can_be_read_after_unpacking_and_exports_repeat_exactly(keyless):
    write_archive("in.zip", {"s": [text(f"t{n}", concepts=[concept("x")]) for n in range(50)]})
    Dataset().export("one.zip", local_archive_path="in.zip", num_workers=7)
    Dataset().export("two.zip", local_archive_path="in.zip", num_workers=1)

    assert (keyless / "one.zip").read_bytes() == (keyless / "two.zip").read_bytes()
    with zipfile.ZipFile("one.zip") as archive:
        modes = {info.external_attr >> 16 for info in archive.infolist()}
    assert modes == {0o644}
    assert stat.S_IMODE((keyless / "one.zip").stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "save_path must name"),
        ({"save_path": 3}, "save_path must be the path of a file, got 3"),
        ({"save_path": "no/such/out.zip"}, "there is no folder 'no/such'"),
        ({"save_path": "."}, "is a folder"),
        ({"save_path": "notes.txt"}, "exists and is no zip archive"),
        ({"save_path": "in.zip"}, "is the archive to read"),
        ({"local_archive_path": "nowhere.zip"}, "'nowhere.zip' does not exist"),
        ({"local_archive_path": "."}, "is a folder"),
        ({"local_archive_path": "notes.txt"}, "'notes.txt' is not a zip archive"),
        ({"local_archive_path": b"\0"}, "local_archive_path must be"),
        ({"archive_url": "http://x/y.zip"}, "not both"),
        ({"archive_url": "ftp://x/y.zip", "local_archive_path": ""}, "http or https URL"),
        ({"archive_url": 5}, "archive_url must be text, got 5"),
        ({"split": ["train"]}, "split must be text"),
        ({"num_workers": 0}, "num_workers must be a whole number from 1, got 0"),
        ({"num_workers": True}, "num_workers"),
        ({"num_workers": "4"}, "num_workers"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_happens(keyless, arguments, message):
    (keyless / "notes.txt").write_text("keep me")
    write_archive("in.zip", {"s": [text("a")]})
    given = {"local_archive_path": "in.zip", **arguments}
    if arguments:
        given.setdefault("save_path", "out.zip")

    with pytest.raises(UserError, match=message):
        Dataset().export(**given)

    assert sorted(p.name for p in keyless.iterdir()) == ["in.zip", "notes.txt"]
    assert (keyless / "notes.txt").read_text() == "keep me"


def test_without_an_archive_the_dataset_must_be_known(keyless):
    with pytest.raises(UserError, match=r"archive_url=, local_archive_path=, or a dataset"):
        Dataset().export("out.zip")
    with pytest.raises(UserError, match="app_id"):
        Dataset(dataset_id="d", user_id="me", base_url="local:").export("out.zip")
    with pytest.raises(UserError, match="No credentials"):
        Dataset(dataset_id="d", user_id="me", app_id="a").export("out.zip")
    assert list(keyless.iterdir()) == []


def test_a_dataset_that_is_missing_is_not_found(world, tmp_path):
    where = {"user_id": "me", "app_id": "demo", "base_url": world.dataset.settings.base_url}
    with pytest.raises(NotFound):
        Dataset(dataset_id="none", **where).export(tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
