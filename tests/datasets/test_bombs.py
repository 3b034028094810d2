"""Small hostile sources end in a fault soon, and take little memory: measured, not believed."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import struct
import subprocess
import sys
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clarifai_datasets.upload import limits
from tests.datasets.conftest import png
from tools import snippets

MIB, SECONDS = 2048, 60
"""Address space and time for each: libraries take half of the one, this machine of the other."""

PEAK_MIB = 1100
"""Most memory that any of them may take; it is the largest so far that is measured."""


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def yolo(folder, yaml, label="0 .5 .5 .1 .1\n"):
    write(folder, {"images/a.png": png(1), "labels/a.txt": label, "data.yaml": yaml})
    return folder, "yolo"


def coco(folder, segmentation, width=4, height=4, **image):
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": width, "height": height, **image}],
        "categories": [{"id": 1, "name": "c"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": segmentation}],
    }
    write(folder, {"a.png": png(1), "instances_a.json": json.dumps(content)})
    return folder, "coco_segmentation"


def many_runs(folder):
    source, loader = coco(folder, {"size": [4000, 4000], "counts": []}, 4000, 4000)
    path = folder / "instances_a.json"
    runs = ", ".join(["1"] * 16_000_000)
    path.write_text(path.read_text().replace('"counts": []', f'"counts": [{runs}]'))
    return source, loader


def voc(folder, xml):
    write(folder, {"JPEGImages/a.png": png(1), "Annotations/a.xml": xml})
    return folder, "voc_detection"


def jsonl(folder, text):
    write(folder, {"x.jsonl": text})
    return folder / "x.jsonl", "jsonl"


def cifar(folder, content):
    write(folder, {"data_batch_1": content})
    return folder, "cifar"


class Repeated:
    """Deflates a piece once, however often it comes: gigabytes are made in a moment."""

    def __init__(self):
        self.packed = {}

    def compress(self, piece):
        if piece not in self.packed:
            packer = zlib.compressobj(wbits=-15)
            self.packed[piece] = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
        return self.packed[piece]

    def flush(self):
        return zlib.compressobj(wbits=-15).flush()


def zipped(folder, members, method=zipfile.ZIP_DEFLATED):
    """Write a zip; members are name -> (piece, number of times)."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "x.zip", "w", method) as archive:
        for name, (piece, times) in members.items():
            with archive.open(name, "w", force_zip64=True) as file:
                if method == zipfile.ZIP_DEFLATED:
                    file._compressor = Repeated()
                for _ in range(times):
                    file.write(piece)
    return folder / "x.zip"


def aliases(folder):
    rows = [f"a{n}: &a{n} [{','.join(['lol' if not n else f'*a{n - 1}'] * 9)}]" for n in range(9)]
    return yolo(folder, "\n".join([*rows, "names: [*a8]"]))


def circles(folder):
    write(folder, {"images/a.png": png(1), "classes.txt": "c\n"})
    for name in ("l1", "l2", "images/l3"):
        (folder / name).symlink_to(".." if "/" in name else ".")
    return folder, "yolo"


def chain(folder):
    """Thirty folders, each with two links to the next: a billion ways through."""
    for number in range(30):
        place = folder / f"d{number}"
        place.mkdir(parents=True)
        for name in ("l1", "l2"):
            (place / name).symlink_to(f"../d{number + 1}")
    write(folder, {"d30/a.png": png(1), "classes.txt": "c\n"})
    return folder, "yolo"


def deep_folders(folder):
    place = folder
    for _ in range(200):
        place = place / "d"
    write(place, {"a.png": png(1)})
    return folder, "folder"


def lying_size(folder):
    """A member that claims a kilobyte, and unpacks to a gigabyte."""
    path = zipped(folder, {"x.jsonl": (b" " * (1 << 20), 900)})
    raw = path.read_bytes()
    claimed = struct.pack("<I", 1024)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("x.jsonl")
    real = struct.pack("<I", info.file_size)
    path.write_bytes(raw.replace(real, claimed))
    return path, "jsonl"


def shared_bytes(folder):
    """A thousand members that are one and the same bytes."""
    path = zipped(folder, {"a.txt": (b"\0" * (1 << 20), 1)})
    raw = path.read_bytes()
    at = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entries = [raw[at:end].replace(b"a.txt", b"%05d" % n) for n in range(1000)]
    directory = b"".join(entries)
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1000, 1000, len(directory), at, 0)
    path.write_bytes(raw[:at] + directory + tail)
    return path, "folder", {"input_type": "text"}


def long_directory(folder):
    path = zipped(folder, {"a.txt": (b"x", 1)})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x05\x06")
    struct.pack_into("<I", raw, at + 12, 0xFFFFFF00)
    path.write_bytes(bytes(raw))
    return path, "folder", {"input_type": "text"}


def same_value(folder):
    """A Parquet file in which one text of 16 MiB stands in ten thousand rows."""
    folder.mkdir(parents=True)
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), ["x" * (16 << 20)])
    pq.write_table(pa.table({"text": one}), folder / "x.parquet", compression="zstd")
    return folder / "x.parquet", "parquet"


def many_rows(folder):
    folder.mkdir(parents=True)
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int8()), ["x"])
    pq.write_table(
        pa.table({"text": texts}),
        folder / "x.parquet",
        row_group_size=3_000_000,
        compression="zstd",
    )
    return folder / "x.parquet", "parquet"


def tuples():
    """A key of a dict whose hash is put together from itself forty times over."""
    steps = b"".join(b"h%ch%c\x86q%c" % (n, n, n + 1) for n in range(40))
    return b"\x80\x02}K\x01K\x01\x86q\x00" + steps + b"K\x01s."


def hidden_tuples():
    """The same, with an instruction that does nothing before each gets its number."""
    steps = b"".join(b"h%ch%c\x86Nbq%c" % (n, n, n + 1) for n in range(40))
    return b"\x80\x02}K\x01K\x01\x86q\x00" + steps + b"K\x01s."


def lists():
    """A name of a file that is a list of lists of itself."""
    steps = b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(60))
    body = b"U\x06labels](K\x01e" + b"U\x09filenames](]q\x00" + steps + b"e"
    return b"\x80\x02}(" + body + b"u."


def encodings():
    """One text of a megabyte, that is made into bytes a thousand times."""
    text = b"X" + struct.pack("<I", 1 << 20) + b"x" * (1 << 20) + b"q\x00"
    call = b"c_codecs\nencode\nq\x01h\x00X\x06\0\0\0latin1q\x02\x86R"
    more = b"h\x01h\x00h\x02\x86R"
    return b"\x80\x02}K\x01](" + text + call + more * 1000 + b"es."


def grid(side):
    """Runs of a mask that covers all but each second pixel of each second column."""
    pixels = "".join(
        ("1" + "01" * (side // 2)) if column % 2 else "1" * side for column in range(side)
    )
    runs = [0]
    for covered, group in itertools.groupby(pixels):
        del covered
        runs.append(len(list(group)))
    return runs


def png_header(width, height):
    header = b"IHDR" + struct.pack(">II", width, height) + png(1)[24:29]
    return png(1)[:12] + header + struct.pack(">I", zlib.crc32(header)) + png(1)[33:]


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
DTD = f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><annotation>&l9;</annotation>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><annotation>&e;</annotation>'
CASES = {
    "parquet of one value": (same_value, "item"),
    "parquet of many rows": (many_rows, "UserError"),
    "yaml aliases": (aliases, "UserError"),
    "yaml depth": (lambda f: yolo(f, "names: " + "[" * 900 + "]" * 900), "UserError"),
    "yaml size": (lambda f: yolo(f, "names: [" + "a, " * 3_000_000 + "]"), "UserError"),
    "yolo names": (lambda f: yolo(f, "names: {" + "9" * 5000 + ": a}"), "UserError"),
    "yolo lines": (lambda f: yolo(f, "names: [a]", "0 .5 .5 .1 .1\n" * 700_000), "BrokenItem"),
    "yolo points": (lambda f: yolo(f, "names: [a]", "0" + " .5 .5" * 200_000), "region"),
    "links in circles": (circles, "item"),
    "links in chains": (chain, "UserError"),
    "folders in folders": (deep_folders, "UserError"),
    "mask of another size": (
        lambda f: coco(f, {"size": [1, 1 << 30], "counts": [0, 1 << 30]}),
        "region",
    ),
    "mask of a line": (
        lambda f: coco(f, {"size": [1, 85_000_000], "counts": [0, 85_000_000]}, 85_000_000, 1),
        "region",
    ),
    "mask of a wide image": (
        lambda f: coco(f, {"size": [1000, 60_000], "counts": [0, 60_000_000]}, 60_000, 1000),
        "item",
    ),
    "mask of many runs": (many_runs, "region"),
    "mask of many holes": (
        lambda f: coco(f, {"size": [399, 399], "counts": grid(399)}, 399, 399),
        "region",
    ),
    "mask in one long run": (
        lambda f: coco(f, {"size": [4, 4], "counts": "o" * 5_000_000 + "0"}),
        "region",
    ),
    "mask of huge numbers": (
        lambda f: coco(f, {"size": [10**400, 1], "counts": [10**400]}),
        "region",
    ),
    "polygon of many points": (lambda f: coco(f, [[0, 0] * 1_000_000]), "region"),
    "jsonl depth": (lambda f: jsonl(f, '{"text":' + "[" * 1_000_000), "BrokenItem"),
    "jsonl depth with split": (
        lambda f: (*jsonl(f, '{"a":' * 100_000 + "1" + "}" * 100_000), {"split": "x"}),
        "BrokenItem",
    ),
    "jsonl brackets": (lambda f: jsonl(f, "[" + "{}," * 5_000_000 + "{}]"), "BrokenItem"),
    "jsonl numbers": (lambda f: jsonl(f, '{"text":' + "9" * 10_000_000 + "}"), "BrokenItem"),
    "jsonl line": (lambda f: jsonl(f, '{"text":"' + "x" * (70 << 20) + '"}'), "BrokenItem"),
    "coco element": (
        lambda f: coco(f, [], file_name="a" * (70 << 20)),
        "UserError",
    ),
    "zip of a line": (
        lambda f: (zipped(f, {"x.jsonl": (b" " * (1 << 20), 2500)}), "jsonl"),
        "UserError",
    ),
    "zip of a shorter line": (
        lambda f: (zipped(f, {"x.jsonl": (b" " * (1 << 20), 500)}), "jsonl"),
        "BrokenItem",
    ),
    "zip of a csv line": (
        lambda f: (zipped(f, {"x.csv": (b'input\n"' + b"x" * (1 << 20), 300)}), "csv"),
        "UserError",
    ),
    "zip in bzip2": (
        lambda f: (zipped(f, {"a.png": (b"\0" * (1 << 20), 500)}, zipfile.ZIP_BZIP2), "folder"),
        "BrokenItem",
    ),
    "zip that lies": (lying_size, "FileError"),
    "zip of shared bytes": (shared_bytes, "UserError"),
    "zip with a long directory": (long_directory, "UserError"),
    "zip of a large image": (
        lambda f: (zipped(f, {"a.png": (png(1) + b"\0" * (1 << 20), 130)}), "folder"),
        "BrokenItem",
    ),
    "xml laughs": (lambda f: voc(f, DTD), "BrokenItem"),
    "xml from elsewhere": (lambda f: voc(f, EXTERNAL), "BrokenItem"),
    "xml laughs in another encoding": (
        lambda f: voc(f, b'<?xml version="1.0" encoding="cp037"?>' + DTD.encode("cp037")),
        "BrokenItem",
    ),
    "xml depth": (lambda f: voc(f, "<a>" * 1_000_000 + "</a>" * 1_000_000), "BrokenItem"),
    "xml size": (lambda f: voc(f, "<annotation>" + "<a/>" * 3_000_000), "BrokenItem"),
    "pickle of tuples": (lambda f: cifar(f, tuples()), "UserError"),
    "pickle of hidden tuples": (lambda f: cifar(f, hidden_tuples()), "UserError"),
    "pickle of lists": (lambda f: cifar(f, lists()), "UserError"),
    "pickle of encodings": (lambda f: cifar(f, encodings()), "UserError"),
    "pickle with a memo": (lambda f: cifar(f, b"\x80\x02Nr\xff\xff\xff\x0f."), "UserError"),
    "pickle with bytes": (
        lambda f: cifar(f, b"\x80\x04\x8e" + b"\xff" * 7 + b"\x0f."),
        "UserError",
    ),
    "pickle with a number": (lambda f: cifar(f, b"\x80\x02\x8b\xff\xff\xff\x7f."), "UserError"),
    "pickle of depth": (lambda f: cifar(f, b"\x80\x02" + b"]" * 1_000_000 + b"."), "UserError"),
    "pickle that runs": (lambda f: cifar(f, pickle.dumps({b"data": os.system})), "UserError"),
    "image of many pixels": (
        lambda f: (write(f, {"a.png": png_header(1 << 30, 1 << 30)}), "folder"),
        "fault",
    ),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Look at all of them in one process under limits; name -> what came of it, and the memory."""
    root = tmp_path_factory.mktemp("bombs")
    lines = []
    for number, (name, (make, _)) in enumerate(CASES.items()):
        source, loader, *options = make(root / f"{number}")
        lines.append(json.dumps([name, str(source), loader, *(options or [{}])]))
    done = subprocess.run(
        [sys.executable, "-m", "tests.datasets.bombs", str(MIB), str(SECONDS)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        cwd=snippets.ROOT,
        timeout=900,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (items, peak) for name, items, peak in found}, done.stderr


@pytest.mark.parametrize("name", CASES)
def test_a_bomb_is_a_fault(name, outcomes):
    found, said = outcomes
    assert name in found, f"it did not end in {SECONDS} s, or took all memory: {said[-500:]}"
    items, peak = found[name]
    assert items, name
    kinds = {one.partition(":")[0] for one in items}
    assert kinds == {CASES[name][1]}, items[0][:300]
    assert peak < PEAK_MIB


def test_the_guide_has_every_limit():
    page = (snippets.ROOT / "docs" / "datasets.md").read_text("utf-8")
    section = page.partition("## Limits")[2].partition("\n## ")[0]
    rows = [f"| {one.what} | {one.most} |" for one in limits.TABLE]
    assert [row for row in rows if row not in section] == []
    assert section.count("\n| ") == len(rows) + 1
