"""What libraries read of our exports and our loaders of their files, beside what there is.

python -m tests.interop.comparing     writes the table of docs/interop-formats.md anew
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from clarifai_datasets.upload.loader import open_loader
from tests.interop.readers import READERS, Reader
from tests.interop.reading import BOXES, EXPORTS, HEIGHT, WIDTH, expected

DOCUMENT = Path(__file__).parents[2] / "docs/interop-formats.md"
START, END = "<!-- table: tests/interop/comparing.py -->", "<!-- end of the table -->"

Boxes = dict[str, list[tuple[Any, ...]]]
"""Name of a picture -> label and edges of each box, in fractions."""

_FROM_ONE = ("datumaro", "globox")
"""They take the pixels of VOC as if they were counted from 0."""


@attrs.frozen
class Compared:
    """What one side made of what the other wrote."""

    reader: str
    format: str
    way: str
    """`"read"`: the library read our export; `"written"`: our loader read its file."""
    found: Boxes
    wanted: Boxes
    tolerance: float
    """In pixels."""

    @property
    def counts(self) -> str:
        """Pictures, boxes and labels that arrived."""
        rows = [row for rows in self.found.values() for row in rows]
        return f"{len(self.found)} / {len(rows)} / {len({row[0] for row in rows})}"

    def check(self) -> None:
        """Compare names, labels and numbers.

        Raises:
            AssertionError: They differ.
        """
        assert sorted(self.found) == sorted(self.wanted)
        for name, rows in self.wanted.items():
            found, wanted = _ordered(self.found[name]), _ordered(rows)
            assert [one[0] for one in found] == [one[0] for one in wanted], name
            for one, other in zip(found, wanted, strict=True):
                for number, (x, y) in enumerate(zip(one[1:], other[1:], strict=True)):
                    pixels = abs(x - y) * (HEIGHT if number % 2 else WIDTH)
                    assert pixels <= self.tolerance, (name, one, other)


def of_exports(reader: Reader, facts: Any) -> Iterable[Compared]:
    """Return what a library read of each of our exports."""
    for name in reader.reads:
        if name == "csv":
            labels = {key: json.loads(cell) for key, cell in facts["labels"].items()}
            found: Boxes = {key: [(one,) for one in cell] for key, cell in labels.items()}
            wanted: Boxes = {
                key: [(one,) for one in dict.fromkeys(row[0] for row in rows)]
                for key, rows in expected(name).items()
            }
            yield Compared(reader.name, name, "read", found, wanted, 0)
            continue
        pixels = name not in ("parquet", "jsonl")
        found = {key: [_fractions(row, pixels) for row in rows] for key, rows in
                 facts["read"].get(name, {}).items()}  # fmt: skip
        tolerance = 1.01 if name == "voc" and reader.name in _FROM_ONE else 0.01
        yield Compared(reader.name, name, "read", found, dict(expected(name)), tolerance)


def of_files(reader: Reader, given: Path, made: Path) -> dict[str, Callable[[], Compared]]:
    """Return how our loaders read what a library wrote, by format."""
    return {
        name: partial(_of_file, reader.name, name, given, made / name) for name in reader.writes
    }


def _of_file(reader: str, name: str, given: Path, folder: Path) -> Compared:
    found, wanted = _loaded(reader, name, given, folder)
    return Compared(reader, name, "written", found, wanted, 1.01 if name == "voc" else 0.01)


def _loaded(reader: str, name: str, given: Path, folder: Path) -> tuple[Boxes, Boxes]:
    wanted: Boxes = dict(expected(name))
    loader: Any
    if name == "saved":
        loader = open_loader(str(folder), "huggingface", id_column="id", strict=True)
        labelled = {key: [(rows[0][0],)] for key, rows in BOXES["train"].items() if rows}
        return {one.id: [(label,) for label in one.labels] for one in loader.stream()}, labelled
    if name == "csv":
        loader = open_loader(str(folder / "texts.csv"), "csv", csv_type="raw", strict=True)
        texts: Boxes = {
            "plain": [("cat",)],
            'with "quotes", and a comma': [("cat",), ("big dog",)],
            "two\nlines": [],
        }
        return {one.text: [(label,) for label in one.labels] for one in loader.stream()}, texts
    if name == "jsonl":
        loader = open_loader(str(folder / "data.jsonl"), "jsonl", strict=True)
        lines: Boxes = {"plain": [("cat",)], "é\n": []}
        return {_text(one): [(label,) for label in one.labels] for one in loader.stream()}, lines
    if name == "parquet":
        loader = open_loader(str(folder), "parquet", strict=True)
        return {
            one.id: [(region.labels[0], *region.bbox) for region in one.regions]
            for one in loader.stream()
        }, wanted
    if (reader, name) == ("datumaro", "voc"):
        wanted = {key: rows for key, rows in wanted.items() if rows}  # it writes no file for others
    found: Boxes = {}
    for loader in _pictures(reader, name, given, folder):
        for one in loader.stream():
            rows = zip(one.labels, one.bboxes, strict=True)
            found[Path(one.image_path).stem] = [(label, *box) for label, box in rows]
    return found, wanted


def _pictures(reader: str, name: str, given: Path, folder: Path) -> Iterable[Any]:
    """Return the loaders of pictures with boxes that a library wrote."""
    if name == "coco" and reader == "supervision":
        return [open_loader(str(folder / split), "coco_detection", strict=True) for split in BOXES]
    if name == "coco" and reader == "globox":  # labels alone
        return [
            open_loader(
                str(folder / f"instances_{split}.json"),
                "coco_detection",
                images_dir=str(given / f"coco/images/{split}"),
                strict=True,
            )
            for split in BOXES
        ]
    if name == "coco":
        return [
            open_loader(str(folder), "coco_detection", split=split, strict=True) for split in BOXES
        ]
    if reader == "globox":  # labels alone
        media, other = ("images", "data.yaml") if name == "yolo" else ("JPEGImages", None)
        shutil.copytree(given / name / media, folder / media, dirs_exist_ok=True)
        if other:
            shutil.copy(given / name / other, folder / other)
    if name == "voc":  # not strict: lists of labels, and pictures without a file, are remarks
        return [open_loader(str(folder), "voc_detection")]
    return [open_loader(str(folder), "yolo", strict=True)]


def _text(one: Any) -> str:
    content = one.content if hasattr(one, "content") else one.text
    return content.decode() if isinstance(content, bytes) else content


def _fractions(row: list[Any], pixels: bool) -> tuple[Any, ...]:
    sides = (WIDTH, HEIGHT, WIDTH, HEIGHT) if pixels else (1, 1, 1, 1)
    return (row[0], *(value / side for value, side in zip(row[1:], sides, strict=True)))


def _ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: (row[0], *(round(value, 1) for value in row[1:])))


def table(compared: Iterable[Compared]) -> str:
    """Return the table: a row for each format, a column for each library."""
    cells = {(one.format, one.reader, one.way): one.counts for one in compared}
    formats = list(dict.fromkeys(name for name, _, _ in cells))
    lines = [f"| | {' | '.join(READERS)} |", f"|---|{'---|' * len(READERS)}"]
    for name in sorted(formats, key=[*EXPORTS, "saved"].index):
        row = []
        for reader in READERS:
            ways = [
                f"{way} {cells[name, reader, way]}"
                for way in ("read", "written")
                if (name, reader, way) in cells
            ]
            row.append(", ".join(ways) or "-")
        lines.append(f"| {name} | {' | '.join(row)} |")
    return "\n".join(lines)


def documented() -> str:
    """Return the table that the document has."""
    return DOCUMENT.read_text("utf-8").partition(START)[2].partition(END)[0].strip()


def main() -> None:
    """Write the table into the document."""
    from tests.interop.reading import lay_out

    folder = Path(tempfile.mkdtemp())
    lay_out(folder / "given")
    compared: list[Compared] = []
    for reader in READERS.values():
        facts = reader.run(folder / "given", folder / reader.name)
        compared += of_exports(reader, facts)
        for name, read in of_files(reader, folder / "given", folder / reader.name).items():
            try:
                compared.append(read())
            except Exception as error:  # noqa: BLE001  why: the test says what is wrong
                print(f"{reader.name} {name}: {error}", file=sys.stderr)  # noqa: T201
    for one in compared:
        try:
            one.check()
        except AssertionError as error:
            print(f"{one.reader} {one.format} {one.way}: {error}", file=sys.stderr)  # noqa: T201
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{START}\n{table(compared)}\n{END}{after}", "utf-8")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
