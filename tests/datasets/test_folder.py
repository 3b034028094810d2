"""Uploads from folders."""

from __future__ import annotations

import contextlib
import shutil
import zipfile

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders.folder import FolderLoader
from clarifai_datasets.upload.report import UploadReport
from clarifai_inputs.file_names import alike, hidden_in


@pytest.fixture
def pictures(tmp_path, make_png):
    for label in ("cat", "big dog"):
        folder = tmp_path / "pictures" / label
        folder.mkdir(parents=True)
        for number in range(3):
            (folder / f"{number}.png").write_bytes(make_png(10 * number))
    return tmp_path / "pictures"


def test_sub_folders_are_labels(world, pictures):
    report = world.dataset.upload_from_folder(str(pictures), "image", labels=True)
    assert (report.uploaded, report.failed) == (6, [])
    inputs = world.inputs()
    assert inputs["cat-0"].data.concepts[0].name == "cat"
    assert inputs["big dog-2"].data.concepts[0].id == "id-bigdog"
    assert report.bytes > 6 * 60


def test_flat_folder_takes_ids_from_file_names(world, pictures):
    folder = pictures / "cat"
    (folder / "notes.txt").write_text("left alone")
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert report.uploaded == 3
    inputs = world.inputs()
    assert inputs.keys() == {"0", "1", "2"}
    assert not inputs["0"].data.concepts
    assert not inputs["0"].data.metadata.fields


def test_flat_folder_with_labels_is_labelled_with_its_own_name(world, tmp_path):
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("alpha")
    (folder / "b.v2.TXT").write_bytes(b"\xef\xbb\xbfbeta")
    world.dataset.upload_from_folder(str(folder), "text", labels=True).raise_for_failures()
    inputs = world.inputs()
    assert {one.data.concepts[0].name for one in inputs.values()} == {"texts"}
    assert inputs["b"].data.text.text_info.char_count == 4


def test_same_names_with_other_endings_are_both_uploaded(world, tmp_path, make_png):
    folder = tmp_path / "same"
    folder.mkdir()
    (folder / "a.png").write_bytes(make_png(1))
    (folder / "a.jpeg").write_bytes(make_png(2))
    assert world.dataset.upload_from_folder(str(folder), "image").uploaded == 2
    assert world.inputs().keys() == {"a-png", "a-jpeg"}


def test_what_is_no_image_is_reported_and_the_others_go_on(world, pictures, make_png):
    (pictures / "cat" / "broken.png").write_text("not a picture")
    (pictures / "cat" / "empty.jpg").touch()
    # begins like a PNG: only the platform finds out
    (pictures / "cat" / "cut.png").write_bytes(make_png(1)[:40])
    report = world.dataset.upload_from_folder(str(pictures), "image", labels=True)
    assert report.uploaded == 6
    reasons = {f.id: f for f in report.failed}
    assert reasons.keys() == {"cat-broken", "cat-empty", "cat-cut"}
    assert "no image" in reasons["cat-broken"].reason
    assert "empty" in reasons["cat-empty"].reason
    assert reasons["cat-cut"].code
    assert report.total == 9


def test_missing_empty_and_wrong_folders(world, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "file").touch()
    cases = {
        str(tmp_path / "nowhere"): "does not exist",
        str(tmp_path / "file"): "is a file",
    }
    for path, words in cases.items():
        with pytest.raises(UserError, match=words) as caught:
            world.dataset.upload_from_folder(path, "image")
        assert path in str(caught.value)
    with pytest.raises(UserError, match="input_type"):
        world.dataset.upload_from_folder(str(empty), "images")
    (empty / "notes.md").touch()
    with pytest.raises(UserError, match="holds no image files"):  # asked for the wrong thing?
        world.dataset.upload_from_folder(str(empty), "image")
    assert not world.faults.calls


def test_a_folder_without_any_file_is_an_empty_report(world, tmp_path):
    """As programs for the official SDK rely on: there, nothing is sent, and nothing raised."""
    (tmp_path / "empty" / "cat").mkdir(parents=True)
    path = str(tmp_path / "empty")
    for report in (
        world.dataset.upload_from_folder(path, "image", labels=True),
        world.dataset.upload_dataset(FolderLoader(path)),
    ):
        assert (report.total, report.ok, report.dataset_id) == (0, True, "train")
        assert any("holds no image files" in note for note in report.notes)
    assert not world.faults.calls


def test_a_zip_and_a_url_are_as_good_as_a_folder(world, pictures, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "pets"), "zip", pictures)
    memory = fsspec.filesystem("memory")
    memory.pipe("/pets/1.png", (pictures / "cat" / "1.png").read_bytes())
    memory.pipe("/pets/cat/0.png", (pictures / "cat" / "0.png").read_bytes())
    report = world.dataset.upload_from_folder(archive, "image", labels=True)
    assert (report.uploaded, report.failed) == (6, [])
    report = world.dataset.upload_from_folder("memory://pets", "image", labels=True)
    assert (report.uploaded, list(report.already_there)) == (1, ["cat-0"])
    inputs = world.inputs()
    assert inputs["1"].data.concepts[0].name == "pets"
    assert inputs["big dog-1"].data.concepts[0].name == "big dog"


def test_failures_of_a_url_are_retried_from_a_saved_report(world, tmp_path, make_png):
    memory = fsspec.filesystem("memory")
    memory.pipe({"/later/a.png": make_png(1), "/later/b.png": b""})
    report = world.dataset.upload_from_folder("memory://later", "image")
    assert (report.uploaded, [one.reason.rpartition(": ")[2] for one in report.failed]) == (
        1,
        ["the file is empty"],
    )
    report.save(tmp_path / "report.jsonl")
    memory.pipe("/later/b.png", make_png(2))
    again = world.dataset.retry_failed(UploadReport.load(tmp_path / "report.jsonl"))
    assert (again.uploaded, again.failed, len(world.inputs())) == (1, [], 2)


@pytest.mark.parametrize("slow_seconds", [-1.0, 1000.0], ids=["by threads", "one by one"])
def test_files_are_read_in_order_however_long_that_takes(
    world, tmp_path, make_png, monkeypatch, slow_seconds
):
    monkeypatch.setattr("clarifai_datasets.upload._batching.SLOW_READ_SECONDS", slow_seconds)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03d}.png").write_bytes(make_png(number % 250) + bytes(number))
    (folder / "200.png").write_bytes(b"no image")
    report = world.dataset.upload_from_folder(str(folder), "image")
    assert (report.uploaded, [one.id for one in report.failed]) == (399, ["200"])
    inputs = world.inputs()
    assert set(inputs) == {f"{n:03d}" for n in range(400)} - {"200"}
    number = 317
    url = inputs[f"{number}"].data.image.url
    content = world.dataset.session.downloads.read(url)
    assert content == make_png(number % 250) + bytes(number)


# -- what of a folder is used, and what is counted -------------------------------------------------

OTHERS = "left alone, no images by their endings"
DEEPER = "left alone, in folders within those that give labels"


def labelled(source, **options):
    """Return id -> labels of what a folder gives, and the lines of what it leaves alone."""
    loader = open_loader(str(source), "folder", **options)
    found = {one.id: one.labels for one in loader.stream()}
    return found, loader.remarks.counts()


def write(folder, *names, content=b"\xff\xd8\xff"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_other_endings_and_deeper_folders_are_counted(tmp_path):
    """roboflow-python#8, immich#17224; `.jfif` is what Windows calls some JPEG."""
    names = ("cat/1.JFIF", "cat/2.heic", "dog/3.avif", "dog/4.AVIF", "dog/puppies/5.png", "a.md")
    found, counts = labelled(write(tmp_path / "pets", *names))
    assert found == {"cat-1": ["cat"]}
    assert counts == {
        "left alone, .heic pictures, which the platform does not take": 1,
        "left alone, .avif pictures, which the platform does not take": 2,
        OTHERS: 1,
        DEEPER: 1,
    }


def test_strict_refuses_what_would_be_left_alone(tmp_path):
    write(tmp_path / "pets", "cat/1.jpg", "cat/2.heic")
    with pytest.raises(UserError) as caught:
        len(open_loader(str(tmp_path / "pets"), "folder", strict=True))
    assert ["heic" in fault for fault in caught.value.faults] == [True]


def test_folders_of_splits_as_imagenet_has_them(tmp_path):
    """`torchvision.datasets.ImageFolder` and trainers read `train/<class>` and `val/<class>`."""
    found, counts = labelled(write(tmp_path / "pets", "train/cat/1.png", "Val/dog/1.png"))
    assert found == {"Val-dog-1": ["dog"], "train-cat-1": ["cat"]}
    assert not counts


def test_splits_beside_labels_are_no_splits(tmp_path):
    found, counts = labelled(write(tmp_path / "pets", "train/cat/1.png", "val/2.png"))
    assert (found, counts) == ({"val-2": ["val"]}, {DEEPER: 1})


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["pets/cat/1.png", "pets/dog/2.png"], {"cat-1": ["cat"], "dog-2": ["dog"]}),
        (["pets/cat/1.png"], {"cat-1": ["cat"]}),
        (["a/pets/cat/1.png", "a/pets/dog/1.png"], {"cat-1": ["cat"], "dog-1": ["dog"]}),
        (["pets/1.png", "pets/2.png"], {"pets-1": ["pets"], "pets-2": ["pets"]}),
        (["cat/1.png", "2.png"], {"2": ["source"], "cat-1": ["cat"]}),
    ],
)
def test_a_folder_around_all(names, labels, as_zip, tmp_path):
    """Zips of a folder have it around all; the labels are those of the folder itself."""
    write(tmp_path / "source", *names)
    source = tmp_path / "source"
    if as_zip:
        source = shutil.make_archive(str(source), "zip", source)
    assert labelled(source) == (labels, {})


def test_a_windows_zip_that_was_unpacked_badly(tmp_path):
    """Unpackers of Linux that take a backslash for a letter leave `cat\\1.png` in one folder."""
    found, _ = labelled(write(tmp_path / "pets", "cat\\1.png", "cat/2.png"))
    assert found == {"cat-1": ["cat"], "cat-2": ["cat"]}


def test_ids_of_deep_files_never_meet(tmp_path):
    names = ("train/a-b/1.png", "train/a/b-1.png", "val/a/b-1.png", "val/a/b-1.jpg")
    found, _ = labelled(write(tmp_path / "pets", *names))
    assert len(found) == 4


PARTS = st.sampled_from(
    ["cat", "dog", "train", "val", ".git", "__MACOSX", "a", "b\\c", "b\u00e4r", "ba\u0308r", "D"]
)
ENDINGS = st.sampled_from([".png", ".JPG", ".heic", ".txt", ".jfif", "", ".zip"])
FOLDERS = st.lists(
    st.tuples(st.lists(PARTS, max_size=4), PARTS, ENDINGS).map(
        lambda found: "/".join([*found[0], found[1] + found[2]])
    ),
    unique_by=alike,
    max_size=12,
)


def without_folders(names):
    """Return names of which none is a folder of another."""
    return [n for n in names if not any(m.startswith(f"{n}/") for m in names)]


@pytest.mark.parametrize("as_zip", [False, True])
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(names=FOLDERS.map(without_folders), labels=st.booleans())
def test_files_in_are_inputs_failures_and_remarks(as_zip, names, labels, tmp_path_factory):
    """A file is an item, good or not, or it is counted; a hidden folder counts once."""
    folder = tmp_path_factory.mktemp("any")
    if as_zip:
        source = folder / "x.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for name in names:
                archive.writestr(name, b"\xff\xd8\xff")
    else:
        source = write(folder / "x", *names)
        source.mkdir(exist_ok=True)
    loader = open_loader(str(source), "folder", labels=labels)
    items = []
    with contextlib.suppress(UserError):  # of a folder without any image
        items = list(loader.stream())
    hidden = [top for top in map(hidden_in, names) if top]
    counted = len(names) - len(hidden) + len(set(hidden))
    assert len(items) + sum(loader.remarks.counts().values()) == counted
    ids = [one.id for one in items if not isinstance(one, BrokenItem)]
    assert len(set(ids)) == len(ids)
