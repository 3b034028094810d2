"""What the demo takes as data, and what it says about data that it cannot use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from clarifai_cli._demo import bundled
from clarifai_cli._demo.folders import read_folder
from clarifai_cli._demo.staging import stage
from clarifai_cli._demo.tables import read_table
from clarifai_core.errors import UserError
from clarifai_inputs.png import png

PICTURE = png([b"\x00\xff", b"\xff\x00"])


@pytest.fixture
def shell(shell_here):
    return shell_here


def folder_of(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def pictures(*labels: str, count: int = 4, ending: str = "png") -> dict[str, bytes]:
    return {f"{label}/{n}.{ending}": PICTURE for label in labels for n in range(count)}


def table(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


ROWS = "".join(f"text {n},{label}\n" for label in ("sun", "rain") for n in range(4))


def test_a_folder_of_labelled_folders_is_read(tmp_path: Path):
    files = {**pictures("cat", "big dog"), ".hidden/x.png": b"", "cat/notes.md": b"", "x.png": b""}
    data = read_folder(folder_of(tmp_path / "pets", files))
    assert (data.title, data.kind, data.layout, data.ignored) == ("pets", "image", "folder", 1)
    assert data.labels == ("big dog", "cat")
    assert len(data.samples) == 8


def test_texts_in_folders_are_read(tmp_path: Path):
    files = {f"{label}/{n}.txt": b"hello" for label in "ab" for n in range(4)}
    data = read_folder(folder_of(tmp_path, files))
    assert (data.kind, data.samples[0].read()) == ("text", b"hello")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "is empty: make one folder per label"),
        ({"a.png": PICTURE}, "holds no folders: make one folder per label"),
        ({"a/x.md": b"", "b/y.md": b""}, "holds no images and no .txt files"),
        (pictures("a"), "has only the label 'a': give at least two"),
        (pictures("a", "b", count=3), "has too few samples of 'a' (3), 'b' (3): give at least 4"),
        ({**pictures("a"), "b/x.md": b""}, "has too few samples of 'b' (0)"),
        ({**pictures("a"), "b/1.txt": b"x"}, "mixes images and texts: give one kind at a time"),
        ({**pictures("a", "b"), "a/no.png": b"hello"}, "a/no.png: is not an image; remove or"),
        ({**pictures("a", "b"), "a/n.png": b"", "b/n.png": b""}, "has 2 unusable files"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, files, sentence):
    with pytest.raises(UserError) as refused:
        read_folder(folder_of(tmp_path / "data", files) if files else _empty(tmp_path / "data"))
    assert sentence in str(refused.value)
    assert str(tmp_path / "data") in str(refused.value)


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"  \n"])
def test_a_text_file_that_holds_no_text_is_refused(tmp_path: Path, content: bytes):
    files = {f"{label}/{n}.txt": b"hello" for label in "ab" for n in range(4)}
    with pytest.raises(UserError, match=r"a/0\.txt: is (not UTF-8|an empty) text"):
        read_folder(folder_of(tmp_path, {**files, "a/0.txt": content}))


@pytest.mark.parametrize("header", ["input,labels", "\ufeffinput,label", "Input, Concepts"])
def test_a_table_of_texts_is_read(tmp_path: Path, header: str):
    data = read_table(table(tmp_path / "weather.csv", f"{header}\n{ROWS}\n"))
    assert (data.title, data.kind, data.layout) == ("weather.csv", "text", "raw")
    assert Counter(sample.label for sample in data.samples) == {"sun": 4, "rain": 4}


def test_a_table_of_paths_is_read_from_its_own_folder(tmp_path: Path):
    folder_of(tmp_path / "in", pictures("a", "b"))
    rows = "".join(f"{name},{name[0]}\n" for name in pictures("a", "b"))
    data = read_table(table(tmp_path / "in" / "list.csv", f"input,labels\n{rows}"))
    assert (data.kind, data.layout, data.samples[0].read()) == ("image", "file_path", PICTURE)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty: the first line must be: input,labels"),
        ("text,topic\n", "has the columns text,topic: the first line must be: input,labels"),
        ("input\nx\n", "has the columns input: the first line must be"),
        ("input,labels\n", "has no rows below its column names"),
        ("input,labels\nx\n", "line 2: 1 cells for 2 columns"),
        (f"input,labels\n{ROWS},sun\nx,\n", "line 10: the input is empty\n  line 11: the label"),
        ('input,labels\nx,"a,b"\n', "'a,b' are several labels"),
        ("input,labels\nhttps://x.org/a.png,a\n", "'https://x.org/a.png' is a URL"),
        ("input,labels\nx,a\ny,a\n", "has only the label 'a'"),
        ("input,labels\n" + ROWS.replace("text ", "no").replace(",", ".png,"), "no file 'no0.png'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, sentence: str):
    path = table(tmp_path / "x.csv", text)
    with pytest.raises(UserError) as refused:
        read_table(path)
    assert sentence in str(refused.value)
    assert str(path) in str(refused.value)


def test_the_split_keeps_the_shares_and_shares_nothing():
    data = bundled.texts()
    train, held_out = data.split()
    assert not set(train) & set(held_out)
    assert set(train) | set(held_out) == set(data.samples)
    assert set(Counter(sample.label for sample in held_out).values()) == {8}
    assert data.split() == (train, held_out)


def test_the_bundled_digits_are_pictures_in_labelled_folders(tmp_path: Path):
    from PIL import Image

    data = bundled.digits(tmp_path)
    assert len(data.samples) == 1797
    assert data.labels == tuple("0123456789")
    with Image.open(data.samples[0].content) as image:
        assert (image.size, image.mode, image.getextrema()) == ((8, 8), "L", (0, 239))


def test_staged_names_differ_where_file_names_are_equal(tmp_path: Path):
    data = read_folder(folder_of(tmp_path / "in", pictures("a", "b")))
    upload = stage(data.samples, data.kind, data.layout, "train", _empty(tmp_path / "out"))
    names = [path.name for path in upload.path.rglob("*.png")]
    assert len(set(names)) == 8
    assert (upload.path / "a" / "train-00000-0.png").read_bytes() == PICTURE


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data", "gone"], "--data 'gone' does not exist: give a folder or a .csv file"),
        (["--data", "notes.md"], "--data must be a folder or a .csv file, got 'notes.md'"),
        (["--data", "x.csv"], "has the columns text,topic: the first line must be: input,labels"),
        (["--hosted"], "Whose app on api.clarifai.com? Set CLARIFAI_USER_ID"),
        (["--hosted", "--path", "p"], "--path is for the embedded platform"),
        (["--path", "notes.md"], "is a file: give a directory"),
    ],
)
def test_the_demo_refuses_before_it_makes_anything(shell, tmp_path, arguments, sentence):
    (tmp_path / "notes.md").write_text("hello")
    (tmp_path / "x.csv").write_text("text,topic\na,b\n")
    done = shell().run("demo", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.md", "x.csv"]


def test_a_missing_pat_and_an_unreachable_host_are_said_in_one_sentence(shell, tmp_path):
    place = {"CLARIFAI_USER_ID": "ann", "CLARIFAI_TIMEOUT_SECONDS": "2"}
    data = ("--data", table(tmp_path / "weather.csv", f"input,labels\n{ROWS}"))
    nobody = shell(**place).run("demo", "--base-url", "https://localhost:9", *data)
    assert nobody.returncode == 2
    assert "No credentials for localhost:9; nothing was sent." in nobody.stderr
    alone = shell(**place, CLARIFAI_PAT="k3y").run("demo", "--base-url", "localhost:9", *data)
    assert alone.returncode == 1
    assert "Error: PostApps" in alone.stderr
    assert "localhost:9" in alone.stderr
    assert "Traceback" not in alone.stderr
