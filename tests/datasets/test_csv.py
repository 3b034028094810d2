"""Uploads from CSV files."""

from __future__ import annotations

import csv
import io
import os
import pickle
import random
import subprocess
import sys
import zipfile

import fsspec
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.loader import open_loader
from clarifai_datasets.upload.loaders._csv_blocks import BLOCK_BYTES, blocks
from clarifai_datasets.upload.loaders._files import file_at
from clarifai_datasets.upload.loaders.csv import CsvLoader
from clarifai_inputs.identity import DuplicateKeys
from clarifai_inputs.media_limits import UPLOAD_BYTES

HEADER = "inputid,input,concepts,metadata,geopoints\n"


def test_rows_become_inputs_with_labels_metadata_and_place(world, make_csv):
    path = make_csv(
        HEADER + 'c1,"hello, world",cat,"{""k"": ""it\'s""}","1.5,2.5"\nc2,bye,"cat,big dog",,\n'
    )
    report = world.dataset.upload_from_csv(path, csv_type="raw")
    assert (report.uploaded, report.failed, report.already_there) == (2, [], [])
    inputs = world.inputs()
    assert inputs.keys() == world.in_dataset() == {"c1", "c2"}
    one = inputs["c1"].data
    assert one.metadata["k"] == "it's"
    assert (one.geo.geo_point.longitude, one.geo.geo_point.latitude) == (1.5, 2.5)
    labels = [(c.id, c.name, c.value) for c in inputs["c2"].data.concepts]
    assert labels == [("id-cat", "cat", 1.0), ("id-bigdog", "big dog", 1.0)]


def test_a_row_without_labels_does_not_take_them_from_the_next(world, make_csv):
    path = make_csv("inputid,input,labels\na,x,\nb,y,cat\n")
    world.dataset.upload_from_csv(path, csv_type="raw").raise_for_failures()
    inputs = world.inputs()
    assert not inputs["a"].data.concepts
    assert inputs["b"].data.concepts[0].name == "cat"


def test_labels_can_be_left_out(world, make_csv):
    path = make_csv("input\none\ntwo\n")
    assert world.dataset.upload_from_csv(path, csv_type="raw", labels=False).uploaded == 2
    assert world.dataset.upload_from_csv(path, csv_type="raw", labels=False).uploaded == 0
    assert len(world.inputs()) == 2


def test_equal_rows_without_ids_are_all_uploaded_once(world, make_csv):
    path = make_csv("input,label\nsame,a\nsame,a\nother,b\n")
    assert world.dataset.upload_from_csv(path, csv_type="raw").uploaded == 3
    assert len(world.dataset.upload_from_csv(path, csv_type="raw").already_there) == 3


def test_byte_order_mark_blank_lines_and_line_breaks_in_cells(world, make_csv):
    path = make_csv(b'\xef\xbb\xbfinputid,input,concepts\r\na,"two\r\nlines",x\r\n\r\nb,last,y\r\n')
    assert world.dataset.upload_from_csv(path, csv_type="raw").uploaded == 2
    loader = CsvLoader(path)
    loader.load_data()
    assert [loader[0].text, loader[1].text] == ["two\r\nlines", "last"]
    assert [f.text for f in loader.stream()] == ["two\r\nlines", "last"]


def test_blank_lines_before_the_header_are_no_matter(make_csv):
    loader = CsvLoader(make_csv("\n\ninput,labels\nx,y\n"))
    assert [one.text for one in loader.stream()] == [loader[0].text] == ["x"]


def test_files_beside_the_csv_are_found_and_a_wrong_one_is_reported(
    world, make_csv, make_png, tmp_path
):
    (tmp_path / "a.png").write_bytes(make_png(9))
    (tmp_path / "b.png").write_text("no picture")
    path = make_csv("inputid,input,concepts\na,a.png,x\nb,b.png,x\n")
    with pytest.raises(UserError, match=r"row 3: input 'b\.png': no image"):
        world.dataset.upload_from_csv(path, "image", "file_path")
    assert not world.faults.calls
    loader = CsvLoader(path, "image", "file_path", strict=False)
    report = world.dataset.upload_dataset(loader)
    assert report.uploaded == 1
    assert [(f.id, f.attempts) for f in report.failed] == [("train-b", 0)]
    assert "no image" in report.failed[0].reason
    assert world.inputs().keys() == {"train-a"}


def test_files_are_found_from_the_working_directory_first(
    make_csv, make_png, tmp_path, monkeypatch
):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.png").write_bytes(make_png(1))
    (tmp_path / "a.png").write_bytes(make_png(2))
    (tmp_path / "b.png").write_bytes(make_png(3))
    path = make_csv("input,label\na.png,x\nb.png,x\n")
    monkeypatch.chdir(tmp_path / "here")
    loader = CsvLoader(path, "image", "file_path")
    assert [one.image_path for one in loader.stream()] == ["a.png", str(tmp_path / "b.png")]


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("text,cat\nx,y\n", {}, ["header: text, cat", "Expected", "input"]),
        ("", {}, ["header: nothing"]),
        (b"\xef\xbb\xbf", {}, ["header: nothing"]),
        ("input,concepts\n", {}, ["no rows"]),
        ("input\nx\n", {}, ["no column of labels", "labels=False"]),
        ("input,labels\nx,y\n", {"csv_type": ""}, ["csv_type", "raw, url, file_path", "''"]),
        ("input,labels\nx,y\n", {"input_type": "picture"}, ["input_type", "'picture'"]),
        ("input,labels\nx,y\n", {"batch_size": 0}, ["batch_size", "from 1 on", "0"]),
        ("input,labels\nx,y\n", {"csv_type": "url"}, ["row 2", "'x' is no URL"]),
        ("input,labels\n/no/x,y\n", {"csv_type": "file_path"}, ["row 2", "no such file"]),
        (f"input,labels\n{'n' * 999},y\n", {"csv_type": "file_path"}, ["row 2", "'nnn", "long"]),
        (b"input,labels\n\xff,y\n", {}, ["row 2", "UTF-8"]),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(world, make_csv, text, arguments, words):
    with pytest.raises(UserError) as caught:
        world.dataset.upload_from_csv(make_csv(text), **{"csv_type": "raw", **arguments})
    assert all(word in str(caught.value) for word in words)
    assert not world.faults.calls


def test_all_bad_rows_are_listed_at_once(world, make_csv):
    path = make_csv(
        HEADER
        + "a,,x,,\n"
        + "b,text,x,{oops,\n"
        + 'c,text,x,,"99,99"\n'
        + "d,text\n"
        + "e,good,x,,\n"
        + "e,again,x,,\n"
    )
    with pytest.raises(UserError) as caught:
        world.dataset.upload_from_csv(path, csv_type="raw")
    rows = [fault.partition(":")[0] for fault in caught.value.faults]
    assert rows == ["row 2", "row 3", "row 4", "row 5", "row 7"]
    assert "5 faults" in str(caught.value)
    assert not world.faults.calls


def test_missing_file_and_other_ending(world, tmp_path):
    with pytest.raises(UserError, match="no such file"):
        world.dataset.upload_from_csv(str(tmp_path / "none.csv"), csv_type="raw")
    with pytest.raises(UserError, match=r"\.csv file"):
        world.dataset.upload_from_csv("data.txt", csv_type="raw")


def test_loaders_open_by_ending_and_by_name(make_csv, tmp_path):
    path = make_csv("input,label\nx,y\n")
    assert isinstance(open_loader(path), CsvLoader)
    assert open_loader(str(tmp_path), input_type="text").task == "text_classification"
    (tmp_path / "data.xyz").write_text("?")
    with pytest.raises(UserError, match=r"name one by loader=: .*csv.*folder"):
        open_loader(str(tmp_path / "data.xyz"))
    with pytest.raises(UserError, match="'stone_tablets'"):
        open_loader(path, "stone_tablets")


def test_inputs_of_another_dataset_are_put_into_this_one_too(world, make_csv):
    path = make_csv("inputid,input\na,one\nb,two\nc,three\n")
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    world.call("PostDatasets", datasets=[resources_pb2.Dataset(id="other")])
    other = Dataset(
        dataset_id="other",
        user_id="me",
        app_id="demo",
        base_url=world.dataset.settings.base_url,
    )
    report = other.upload_from_csv(path, csv_type="raw", labels=False)
    assert (report.uploaded, sorted(report.already_there)) == (0, ["a", "b", "c"])
    assert report.failed == []
    assert world.in_dataset() == {"a", "b", "c"}
    listed = world.call("ListDatasetInputs", dataset_id="other", per_page=10).dataset_inputs
    assert {one.input.id for one in listed} == {"a", "b", "c"}


def test_inputs_that_cannot_be_put_into_the_dataset_are_reported(world, make_csv):
    path = make_csv("inputid,input\na,one\n")
    world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    world.faults.on_before["PostDatasetInputs"] = lambda: status_pb2.Status(code=10020)
    report = world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    assert (report.uploaded, list(report.already_there)) == (0, [])
    assert [one.id for one in report.failed] == ["a"]
    assert "in the app, but not in the dataset" in report.failed[0].reason


CELLS = st.text(st.sampled_from('a,"\n\r \u2028é[]\x1e'), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS, st.integers(0, 3)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=60)
def test_blocks_hold_the_rows_that_were_written(rows):
    text = io.StringIO(newline="")
    # Cells of half a block each: rows, and quoted cells, go beyond the ends of blocks.
    wide = [(a, b + "x\n" * (BLOCK_BYTES // 4) * big) for a, b, big in rows]
    csv.writer(text).writerows(wide)
    raw = text.getvalue().encode()
    found = list(blocks(io.BytesIO(raw)))
    told = [row for row in wide if any(map(str.strip, row))]  # what is blank says nothing
    assert [tuple(cells) for block in found for cells in block.rows] == told
    last = found[-1]
    again = next(blocks(io.BytesIO(raw), last.offset, last.line))
    assert (again.rows, again.lines()) == (last.rows, last.lines())


def test_rows_of_many_blocks_can_be_had_one_by_one(make_csv):
    rows = "".join(f'id{n},"text {n}\n{"x" * (n % 97)}",label{n % 3}\n' for n in range(5000))
    loader = CsvLoader(make_csv(f"inputid,input,labels\n{rows}"))
    loader.load_data()
    streamed = list(loader.stream())
    assert len(loader) == len(streamed) == 5000
    numbers = list(range(5000))
    random.Random(3).shuffle(numbers)
    assert all(loader[n] == streamed[n] for n in numbers[:500])
    assert [one.id for one in streamed] == [f"id{n}" for n in range(5000)]


def test_faults_of_many_blocks_are_all_named_with_their_rows(make_csv):
    rows = [f"id{n},text {n},a\n" for n in range(8000)]
    rows[10], rows[3000], rows[6000], rows[7999] = "short\n", "id3000,,a\n", "id5,x,a\n", "\xff\n"
    raw = "inputid,input,labels\n" + "".join(rows)
    loader = CsvLoader(make_csv(raw.encode("latin-1")))
    with pytest.raises(UserError) as caught:
        loader.load_data()
    for fault in (
        "row 12: 1 cells where the header has 3",
        "row 3002: input is empty",
        "row 6002: inputid 'id5' is there twice",
        "row 8001: not UTF-8",
    ):
        assert fault in str(caught.value)


def test_a_file_that_is_changed_meanwhile_is_noticed(make_csv):
    path = make_csv("inputid,input\n" + "".join(f"id{n},text {n}\n" for n in range(9000)))
    loader = CsvLoader(path, labels=False)
    loader.load_data()
    items = loader.stream()
    assert next(items).id == "id0"
    make_csv("inputid,input\nid0,text 0\n")
    with pytest.raises(UserError, match="changed while it was uploaded"):
        list(items)


@given(st.lists(st.integers(0, 400)))
def test_repeats_are_found(keys):
    repeats = DuplicateKeys()
    for start in range(0, len(keys), 7):
        repeats.add(str(key) for key in keys[start : start + 7])
    wanted = [row for row, key in enumerate(keys) if key in keys[:row]]
    assert repeats.found() == wanted


def test_repeats_among_very_many_rows_are_found():
    repeats = DuplicateKeys()
    for start in range(0, 100_000, 1000):
        repeats.add(f"row-{n}" for n in range(start, start + 1000))
    repeats.add(["row-77777", "new"])
    assert repeats.found() == [100_000]


# -- ids that the platform refuses -----------------------------------------------------------------

LONG = "x" * 201


def test_refused_ids_are_changed_the_same_way_however_rows_are_read(make_csv):
    rows = [f"id{n},text {n},a" for n in range(6000)]
    rows[7], rows[3000] = "a/b,seven,a", f"{LONG},long,a"
    path = make_csv("inputid,input,labels\n" + "\n".join(rows))
    loader, other = CsvLoader(path), CsvLoader(path, strict=False)
    streamed = list(loader.stream())
    assert loader.renamed.keys() == {"a/b", LONG}
    assert (streamed[7].id, streamed[3000].id) == (loader.renamed["a/b"], loader.renamed[LONG])
    assert streamed[7].id.startswith("a-b-")
    assert len(streamed[3000].id) == 200
    assert [one.id for one in streamed[8:3000]] == [f"id{n}" for n in range(8, 3000)]
    assert [loader[n] for n in (7, 8, 3000, 5999)] == [streamed[n] for n in (7, 8, 3000, 5999)]
    assert list(other.stream()) == streamed
    assert other.renamed == loader.renamed


def test_changed_ids_are_noted_and_found_there_again(world, make_csv):
    path = make_csv("inputid,input\na/b,one\nc,two\n")
    report = world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    ((_, new),) = loaded(path).renamed.items()
    assert world.inputs().keys() == {new, "c"}
    assert report.notes == [f"1 id was changed, as the platform refuses them: 'a/b' -> {new!r}"]
    again = world.dataset.upload_from_csv(path, csv_type="raw", labels=False, resume=False)
    assert sorted(again.already_there) == sorted([new, "c"])


def loaded(path, **options):
    loader = CsvLoader(path, labels=False, **options)
    loader.load_data()
    return loader


@pytest.mark.parametrize("order", [1, -1])
def test_ids_that_become_the_same_are_there_twice(make_csv, order):
    new = loaded(make_csv("inputid,input\na/b,x\n")).renamed["a/b"]
    own = ["a/b", new][::order]
    filler = "".join(f"id{n},text {n}\n" for n in range(5000))
    path = make_csv(f"inputid,input\n{own[0]},one\n{filler}{own[1]},two\n")
    with pytest.raises(UserError, match=f"row 5003: inputid {own[1]!r} is there twice"):
        loaded(path)


def test_an_input_is_no_id(make_csv):
    """A row without id may hold the text that is another row's id."""
    loader = loaded(make_csv("inputid,input\n,x\nx,y\n"))
    assert len({one.id for one in loader.stream()}) == 2


# -- texts over the limit --------------------------------------------------------------------------


def test_a_text_over_the_limit_is_a_fault_of_its_row(world, make_csv):
    most = UPLOAD_BYTES["text"]
    wide = "\u00e9" * (most // 2)  # two bytes each
    rows = f"a,{wide}\nb,{wide}x\nc,{'y' * (most + 5)}\nd,small\n"
    path = make_csv(f"inputid,input\n{rows}")
    with pytest.raises(UserError) as caught:
        world.dataset.upload_from_csv(path, csv_type="raw", labels=False)
    assert [fault[:9] for fault in caught.value.faults] == ["row 3: in", "row 4: in"]
    assert all("over the limit of 20 MiB per text" in fault for fault in caught.value.faults)
    assert not world.faults.calls
    loader = loaded(path, strict=False)
    found = [getattr(one, "id", "") for one in loader.stream()]
    assert found == ["a", "", "", "d"]


def test_long_cells_can_be_read_in_another_process(make_csv):
    """Python's limit for a cell is one for each process."""
    path = make_csv(f"inputid,input\na,{'x' * 200_000}\n")
    program = (
        "import pickle, sys; loader = pickle.load(sys.stdin.buffer); "
        "print(len(loader[0].text), loader[0].id, len(list(loader.stream())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(loaded(path)),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout.split(), done.stderr) == ([b"200000", b"a", b"1"], b"")


# -- sources that are no local file ----------------------------------------------------------------

TEXTS = "inputid,input,labels\n" + "".join(f"id{n},text {n},a\n" for n in range(6000))


@pytest.fixture
def sources(tmp_path):
    """The same file: here, in a folder, in a zip, and behind URLs."""
    folder = tmp_path / "only"
    folder.mkdir()
    (folder / "texts.csv").write_text(TEXTS)
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        archive.writestr("deep/texts.csv", TEXTS)
        archive.writestr("__MACOSX/deep/._texts.csv", b"\0")
    fsspec.filesystem("memory").pipe("/csvs/texts.csv", TEXTS.encode())
    return {
        "file": str(folder / "texts.csv"),
        "folder": str(folder),
        "zip": str(tmp_path / "texts.zip"),
        "url": "memory://csvs/texts.csv",
        "url of a folder": "memory://csvs",
        "url of a member": f"zip://deep/texts.csv::{tmp_path / 'texts.zip'}",
    }


@pytest.mark.parametrize("kind", ["folder", "zip", "url", "url of a folder", "url of a member"])
def test_a_source_elsewhere_is_as_good_as_a_local_file(kind, sources):
    here, there = CsvLoader(sources["file"]), CsvLoader(sources[kind])
    items = there.stream()
    first = next(items)
    assert there[5999].id == "id5999"  # a second reader, in the middle of the first one
    streamed = [first, *items]
    assert streamed == list(here.stream())
    again = pickle.loads(pickle.dumps(there))
    assert [again[n] for n in (0, 3000, 5999)] == [streamed[n] for n in (0, 3000, 5999)]
    assert list(again.stream()) == streamed


def test_a_source_may_be_opened_already(sources):
    opened = CsvLoader(file_at(sources["file"]))
    assert next(opened.stream()).id == "id0"


@pytest.mark.parametrize("place", ["zip", "url"])
def test_files_beside_a_csv_elsewhere_travel_with_their_content(place, world, make_png, tmp_path):
    files = {
        "set/data.csv": b"inputid,input,label\na,a.png,x\nb,../more/b.png,x\nc,./c.png,x\n",
        "set/a.png": make_png(1),
        "more/b.png": make_png(2),
        "set/c.png": b"",
    }
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    fsspec.filesystem("memory").pipe({f"/far/{name}": body for name, body in files.items()})
    source = {"zip": str(tmp_path / "set.zip"), "url": "memory://far"}[place]
    options = {"input_type": "image", "csv_type": "file_path"}
    with pytest.raises(UserError, match=r"row 4: input '\./c\.png': the file is empty"):
        world.dataset.upload_dataset(CsvLoader(source, **options))
    assert not world.faults.calls
    loader = CsvLoader(source, **options, strict=False)
    assert [len(one.image_bytes) for one in list(loader.stream())[:2]] == [
        len(files["set/a.png"]),
        len(files["more/b.png"]),
    ]
    report = world.dataset.upload_dataset(loader)
    assert (report.uploaded, [one.id for one in report.failed]) == (2, ["train-2"])
    names = {own: one.data.metadata["filename"] for own, one in world.inputs().items()}
    assert names == {"train-a": "a.png", "train-b": "b.png"}


def test_text_files_beside_a_csv_elsewhere(world):
    memory = fsspec.filesystem("memory")
    memory.pipe("/notes/data.csv", b"inputid,input,label\na,a.txt,x\n")
    memory.pipe("/notes/a.txt", "\ufeffh\u00e9llo".encode())
    world.dataset.upload_from_csv("memory://notes/data.csv", "text", "file_path")
    assert world.inputs()["a"].data.text.raw == "h\u00e9llo"


def test_texts_and_urls_of_a_zip(world, tmp_path):
    source = str(tmp_path / "set.zip")
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("data.csv", "inputid,input,label\na,https://example.com/a.txt,x\n")
    report = world.dataset.upload_from_csv(source, csv_type="raw")
    assert (report.uploaded, report.failed, list(world.inputs())) == (1, [], ["a"])
    (one,) = CsvLoader(source, csv_type="url").stream()
    assert (one.id, one.url, one.content) == ("a", "https://example.com/a.txt", None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", r"csv_path must name a \.csv file, got ''"),
        ("none.zip", "csv_path 'none.zip' does not exist"),
        ("memory://nowhere/none.csv", "csv_path 'memory://nowhere/none.csv': no such file"),
        ("memory://two", "name one .csv file in it; there is a.csv, b.csv"),
        ("memory://two/c.txt", r"csv_path must name a \.csv file, got 'memory://two/c.txt'"),
        ("no-such-system://x.csv", "'no-such-system://x.csv' cannot be opened: "),
    ],
)
def test_what_is_wrong_with_a_source_is_said(source, said, world):
    memory = fsspec.filesystem("memory")
    memory.pipe({f"/two/{name}": b"input\nx\n" for name in ("a.csv", "b.csv", "c.txt")})
    with pytest.raises(UserError, match=said):
        world.dataset.upload_from_csv(source, csv_type="raw", labels=False)
    assert not world.faults.calls


@pytest.mark.parametrize("kind", ["file", "zip", "url"])
def test_a_source_is_the_same_in_the_next_run(kind, sources, tmp_path, monkeypatch):
    made = CsvLoader(sources[kind])
    before = made.fingerprint()
    made.load_data()
    assert made.fingerprint() == before == CsvLoader(sources[kind], strict=False).fingerprint()
    if kind != "url":
        monkeypatch.chdir(tmp_path)
        assert CsvLoader(os.path.relpath(sources[kind])).fingerprint() == before
    others = [CsvLoader(source) for name, source in sources.items() if name != kind]
    others.append(CsvLoader(sources[kind], id_seed="other"))
    assert before not in {other.fingerprint() for other in others}


@pytest.mark.parametrize("kind", ["file", "zip", "url"])
def test_an_upload_that_stopped_goes_on_after_its_source_has_grown(kind, world, tmp_path):
    """What the first run sent is known from its journal, and not sent again."""
    source = {"file": "data.csv", "zip": "data.zip", "url": "memory://grows/data.csv"}[kind]
    source = source if kind == "url" else str(tmp_path / source)

    def write(rows):
        text = "inputid,input\n" + "".join(f"t{n},{value}\n" for n, value in enumerate(rows))
        if kind == "url":
            fsspec.filesystem("memory").pipe("/grows/data.csv", text.encode())
        elif kind == "zip":
            with zipfile.ZipFile(source, "w") as archive:
                archive.writestr("data.csv", text)
        else:
            (tmp_path / "data.csv").write_text(text)

    write(["one", "two", " "])
    options = {"labels": False, "strict": False}
    report = world.dataset.upload_dataset(CsvLoader(source, **options))
    assert (report.uploaded, len(report.failed)) == (2, 1)
    write(["one", "two", "three", "four"])
    report = world.dataset.upload_dataset(CsvLoader(source, **options))
    assert (report.uploaded, report.resumed, report.failed) == (2, 2, [])


def test_a_file_that_became_shorter_is_told_by_each_row(make_csv):
    path = make_csv(TEXTS)
    loader = CsvLoader(path)
    assert len(loader) == 6000
    make_csv("inputid,input,labels\nid0,text 0,a\n")
    assert loader[0].text == "text 0"
    assert "row 6001 is not there any more" in loader[5999].reason
