"""The files of a source: alike from a folder, a zip and a URL, and none passed over in silence."""

from __future__ import annotations

import pickle
import socket
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

import fsspec
import pytest

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from clarifai_datasets.upload.loaders._files import open_files, within
from clarifai_datasets.upload.loaders._zips import GUESSED
from tests.datasets.conftest import png

HIDDEN = "left alone, hidden"

LEFTOVERS = {
    ".DS_Store": "Finder",
    ".ipynb_checkpoints/1-checkpoint.png": "Jupyter, open-mmlab/mmpretrain#507",
    "__MACOSX/cat/._1.png": "Archive Utility of macOS",
    "cat/._1.png": "AppleDouble, RFC 1740, as disks without forks have it",
    "cat/Thumbs.db": "Windows XP",
    "desktop.ini": "Windows",
    "cat/@eaDir/1.png": "Synology",
    "$RECYCLE.BIN/1.png": "a disk of Windows",
}
"""What no person put there, and the program that did."""


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(folder)


def zipped(path, files):
    """Return a zip with these members; a list of pairs may have a name twice."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return str(path)


def in_memory(name, files):
    memory = fsspec.filesystem("memory")
    memory.pipe({f"/{name}/{one}": content for one, content in files.items()})
    return f"memory://{name}"


@pytest.fixture(params=["folder", "zip", "url", "zip behind a URL"])
def source_of(request, tmp_path):
    """Lay files out, and return what names them."""

    def make(files):
        if request.param == "folder":
            return write(tmp_path / "pets", files)
        if request.param == "url":
            return in_memory(f"{tmp_path.name}/pets", files)
        path = zipped(tmp_path / "pets.zip", files)
        return path if request.param == "zip" else f"zip://::{path}"

    return make


def test_what_people_are_not_shown_is_left_alone_and_counted(source_of):
    files = dict.fromkeys(LEFTOVERS, png(1)) | {"cat/1.png": png(2), "...png": png(3)}
    loader = open_loader(source_of(files), "folder")
    assert [one.id for one in loader.stream()] == ["cat-1"]
    assert loader.remarks.counts() == {HIDDEN: len(LEFTOVERS) + 1}
    (line,) = loader.remarks.lines()
    assert "$RECYCLE.BIN/" in line


def test_a_hidden_folder_counts_once_and_is_not_gone_into(source_of):
    files = {f".git/objects/{number}.png": png(1) for number in range(3)} | {"a.png": png(2)}
    found = open_files(source_of(files))
    assert found.names() == ["a.png"]
    assert found.remarks.lines() == [f"{HIDDEN}: 1 (.git/)"]
    assert found.read(".git/objects/1.png") == png(1)  # whoever names it has it


def test_backslashes_of_windows_are_folders(tmp_path, source_of):
    """Zips of .NET before 4.6.1 and older PowerShell (IQSS/dataverse#9456), and keys of S3."""
    files = {"cat\\1.png": png(1), "dog\\2.png": png(2), "dog\\old\\": b"", "cat/3.png": png(3)}
    source = source_of({name: content for name, content in files.items() if content})
    found = {one.id: one.labels for one in open_loader(source, "folder").stream()}
    assert found == {"cat-1": ["cat"], "dog-2": ["dog"], "cat-3": ["cat"]}
    empty_folder = zipped(tmp_path / "more.zip", files)
    assert len(open_files(empty_folder).names()) == 3


@pytest.mark.parametrize("name", ["..\\..\\b.png", "C:\\b.png", "\\\\host\\b.png", "/b.png"])
def test_members_that_lead_out_fail_alone(name, tmp_path):
    path = zipped(tmp_path / "pets.zip", {"a.png": png(1), name: png(2)})
    found = list(open_loader(path, "folder").stream())
    (broken,) = [one for one in found if isinstance(one, BrokenItem)]
    assert ("leads out of" in broken.reason, len(found)) == (True, 2)


def test_a_member_that_is_there_twice(tmp_path, world):
    """`unzip` overwrites the first one; which one is meant nobody can know where they differ."""
    members = [("a.png", png(1)), ("b.png", png(2)), ("a.png", png(1)), ("b.png", png(3))]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "pets.zip", [*members, ("sub\\c.png", b"1"), ("sub/c.png", b"2")])
    report = world.dataset.upload_from_folder(path, "image")
    assert (report.uploaded, list(world.inputs())) == (1, ["a"])
    assert ["b.png: " in report.failed[0].reason, "c.png: " in report.failed[1].reason] == [
        True
    ] * 2
    assert all("several different files of this name" in one.reason for one in report.failed)
    assert report.notes == [
        "left alone, copies of files of the same name: 3 (a.png, b.png, sub/c.png)"
    ]


def raw_zip(name, flags=0, extra=b"", content=b"x"):
    """Return a zip of one stored member as APPNOTE 4.3.7 and 4.3.12 have it."""
    crc, size = zlib.crc32(content), len(content)
    common = struct.pack("<HHHHHIIIHH", 20, flags, 0, 0, 33, crc, size, size, len(name), len(extra))
    local = b"PK\3\4" + common + name + extra + content
    entry = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0)
    entry += name + extra
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)
    return local + entry + end


BEAR = "b\u00e4r.txt"
_SECOND = b"\1" + struct.pack("<I", zlib.crc32(b"b?r.txt\x84")) + BEAR.encode()


@pytest.mark.parametrize(
    ("name", "flags", "extra", "is_guessed"),
    [
        (BEAR.encode(), 0x800, b"", False),  # as the specification says
        (BEAR.encode(), 0, b"", False),  # Archive Utility of macOS, `ditto`
        (BEAR.encode("cp437"), 0, b"", True),  # DOS, Info-ZIP for it
        (b"b?r.txt\x84", 0, struct.pack("<HH", 0x7075, len(_SECOND)) + _SECOND, False),  # Info-ZIP
    ],
)
def test_names_of_members_in_any_encoding(name, flags, extra, is_guessed, tmp_path):
    (tmp_path / "x.zip").write_bytes(raw_zip(name, flags, extra))
    found = open_files(str(tmp_path / "x.zip"))
    assert found.names() == [BEAR]
    assert found.read(BEAR) == b"x"
    assert (GUESSED in found.remarks.counts()) == is_guessed


def test_an_encrypted_member_is_told(tmp_path):
    (tmp_path / "x.zip").write_bytes(raw_zip(b"a.png", flags=1))
    (item,) = open_loader(str(tmp_path / "x.zip"), "folder").stream()
    assert "a.png: it is encrypted; zip it without a password" in item.reason


def test_zips_in_a_source_are_counted(source_of, tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"b.png": png(1)})
    source = source_of({"a.png": png(1), "more.zip": Path(inner).read_bytes()})
    loader = open_loader(source, "folder")
    assert len(loader) == 1
    assert "more.zip" in loader.remarks.lines()[0]


def test_a_link_that_leads_back_is_told(tmp_path):
    """huggingface_hub#4205."""
    write(tmp_path / "pets", {"cat/a.png": png(1)})
    (tmp_path / "pets" / "cat" / "loop").symlink_to("..")
    found = open_files(str(tmp_path / "pets"))
    assert found.names() == ["cat/a.png"]
    ((what, count),) = found.remarks.counts().items()
    assert ("lead back" in what, count) == (True, 1)


def test_links_to_nothing_and_sockets_fail_alone(tmp_path, world, monkeypatch):
    write(tmp_path / "pets", {"a.png": png(1)})
    monkeypatch.chdir(tmp_path / "pets")
    (tmp_path / "pets" / "gone.png").symlink_to("nowhere.png")
    (tmp_path / "pets" / "gone").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.png")  # a relative name, as those of sockets may have 107 bytes
        report = world.dataset.upload_from_folder(str(tmp_path / "pets"), "image")
    assert (report.uploaded, [one.id for one in report.failed]) == (1, ["gone", "s"])
    assert "no such file" in report.failed[0].reason
    assert any("(gone)" in note for note in report.notes)


def test_part_of_the_files_and_pickled_ones_know_the_same(source_of):
    files = {"a/b\\1.png": png(1), "a/.x": b"", "a/2.png": png(2)}
    source = open_files(source_of(files))
    below = within(source, "a")
    names = below.names()
    assert names[0] == "2.png"
    assert below.remarks.counts() == {HIDDEN: 1}
    again = pickle.loads(pickle.dumps(source))
    assert again.read(f"a/{names[1]}") == png(1)


def test_a_mac_takes_letters_apart(tmp_path):
    """The label is written as everybody else writes it, so that it is one concept."""
    apart = unicodedata.normalize("NFD", "b\u00e4r")
    path = zipped(tmp_path / "x.zip", {f"{apart}/1.png": png(1), "cat/1.png": png(2)})
    labels = [one.labels for one in open_loader(path, "folder").stream()]
    assert ["b\u00e4r"] in labels


def test_an_empty_zip_says_what_it_holds(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.heic": b"", "__MACOSX/._a.heic": b""})
    with pytest.raises(UserError, match=r"holds no image files.*hidden: 1.*\.heic pict"):
        len(open_loader(path, "folder"))
