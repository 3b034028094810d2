"""How the formats that come with the SDK are told apart: a function for each loader.

Each is given a listing of the source and says how surely its loader reads that, and why. Only names
are looked at, and the first bytes of a few files; of COCO's JSON up to `MAX_LOOK_BYTES`.
"""

from __future__ import annotations

import functools
import io
import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs

from clarifai_core.contracts import FormatMatch, SourcePart
from clarifai_datasets.upload.loaders._json_stream import elements
from clarifai_datasets.upload.loaders.cifar import SPLITS as CIFAR_SPLITS
from clarifai_datasets.upload.loaders.imagenet_classification import MAPPING
from clarifai_datasets.upload.loaders.voc_detection import ANNOTATIONS, SETS
from clarifai_datasets.upload.loaders.xview_detection import LABELS as XVIEW_LABELS
from clarifai_inputs import class_names, csv_dialect, texts
from clarifai_inputs.file_names import original
from clarifai_inputs.json_text import loads
from clarifai_inputs.media import ENDINGS, IMAGE_ENDINGS, kind_of_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clarifai_core.contracts import SourceListing

MAX_LOOK_BYTES = 32 * 1024 * 1024
"""How far into a JSON file detection reads."""

MAX_FILES = 50
"""Files of one kind that are looked into."""

SPLIT_FOLDERS = ("train", "training", "val", "valid", "validation", "test", "testing", "dev")
"""What folders of splits are called, in small letters."""

SURE, LIKELY, POSSIBLE = FormatMatch.SURE, FormatMatch.LIKELY, FormatMatch.POSSIBLE


def clarifai(listing: SourceListing) -> FormatMatch | None:
    """See `<split>/inputs` and `<split>/annotations`."""
    places = [name.split("/") for name in listing.names]
    splits = _ordered(p[0] for p in places if len(p) == 3 and p[1] == "inputs")
    if not splits:
        return None
    labels = any(
        len(p) == 3 and p[1:2] == ["annotations"] and p[2].endswith(".json") for p in places
    )
    reason = f"{splits[0]}/inputs{' and annotations/*.json' if labels else ''}"
    parts = tuple(SourcePart(original(one), {"split": original(one)}) for one in splits)
    return FormatMatch(SURE if labels else LIKELY, reason, parts=parts)


def coco_detection(listing: SourceListing) -> FormatMatch | None:
    """See COCO's JSON with boxes and no polygons."""
    return _coco(listing).of("boxes")


def coco_segmentation(listing: SourceListing) -> FormatMatch | None:
    """See COCO's JSON with polygons or masks."""
    return _coco(listing).of("polygons")


def coco_captions(listing: SourceListing) -> FormatMatch | None:
    """See COCO's JSON with captions."""
    return _coco(listing).of("captions")


def voc(listing: SourceListing) -> FormatMatch | None:
    """See Pascal VOC's XML files."""
    labels = [name for name in listing.names if name.lower().endswith(".xml")]
    own = [name for name in labels if PurePosixPath(name).parent.name == ANNOTATIONS]
    labels = own or labels
    if not any(b"<annotation" in listing.head(name) for name in labels[:3]):
        return None
    sets = [n for n in listing.names if n.startswith(f"{SETS}/") and n.endswith(".txt")]
    splits = [PurePosixPath(name).stem for name in sets if not _is_of_a_class(listing.head(name))]
    left_out = "trainval" in splits and {"train", "val"} <= set(splits)
    if left_out:
        splits.remove("trainval")
    parts = tuple(SourcePart(split, {"split": split}) for split in splits)
    return FormatMatch(SURE, f"{labels[0]} is an annotation of Pascal VOC", parts=parts)


def yolo(listing: SourceListing) -> FormatMatch | None:
    """See YOLO's text files beside images, and the names of its classes."""
    images = [name for name in listing.names if name.lower().endswith(IMAGE_ENDINGS)]
    lists = [n for n in listing.names if PurePosixPath(n).name in class_names.LISTS]
    lists += [n for n in listing.names if _names_classes(listing, n)]
    others = {n for n in listing.names if n.lower().endswith(".txt")}.difference(lists)
    labelled = next((t for image in images if (t := _label_of(image, others))), "")
    is_labels = bool(labelled) and _is_yolo(listing.head(labelled))
    if not images or not (lists or is_labels):
        return None
    parts = tuple(SourcePart(split, {"split": split}) for split in _image_splits(images))
    if lists and is_labels:
        return FormatMatch(
            SURE, f"{labelled} has rows of YOLO, {lists[0]} the classes", parts=parts
        )
    if lists:
        return FormatMatch(LIKELY, f"{lists[0]} names classes of YOLO", parts=parts)
    return FormatMatch(
        LIKELY, f"{labelled} has rows of YOLO, but no file names classes", parts=parts
    )


def imagenet(listing: SourceListing) -> FormatMatch | None:
    """See ImageNet's list of synsets."""
    if MAPPING not in listing.names:
        return None
    found = re.compile(r"(?:ILSVRC/Data/CLS-LOC/)?([^/]+)/[^/]+/[^/]+")
    images = (name for name in listing.names if name.lower().endswith(IMAGE_ENDINGS))
    splits = _ordered(match[1] for name in images if (match := found.fullmatch(name)))
    parts = tuple(SourcePart(split, {"split": split}) for split in splits)
    return FormatMatch(SURE, MAPPING, parts=parts, is_whole=False)


def xview(listing: SourceListing) -> FormatMatch | None:
    """See xView's GeoJSON."""
    found = [name for name in listing.names if name.lower() == XVIEW_LABELS]
    return FormatMatch(SURE, found[0]) if found else None


def cifar(listing: SourceListing) -> FormatMatch | None:
    """See batches of CIFAR, as Python wrote them."""
    batches = {
        PurePosixPath(name).name: name
        for name in listing.names
        if any(PurePosixPath(name).name in own for own in CIFAR_SPLITS.values())
        and listing.head(name, 1) == b"\x80"
    }
    if not batches:
        return None
    reason = f"{next(iter(batches.values()))} is a batch of CIFAR"
    if listing.file:
        return FormatMatch(SURE, reason)
    splits = [split for split, own in CIFAR_SPLITS.items() if not batches.keys().isdisjoint(own)]
    parts = tuple(SourcePart(split, {"split": split}) for split in splits)
    return FormatMatch(SURE, reason, parts=parts, is_whole=False)


def csv(listing: SourceListing) -> FormatMatch | None:
    """See CSV files, and by their first rows what they hold."""
    names = _ending(listing, ".csv")
    if not names:
        return None
    found = [(name, _csv_options(listing, name)) for name in names[:MAX_FILES]]
    is_ours = [options is not None for _, options in found]
    reason = f"{names[0]} is CSV" + (", with a column input" if all(is_ours) else "")
    confidence = 0.9 if listing.file else SURE if all(is_ours) else LIKELY
    if len(names) == 1 and not _csv_split(names[0]):
        return FormatMatch(confidence, reason, found[0][1] or {})
    if not all(is_ours):
        return FormatMatch(
            POSSIBLE, reason, hindrance="it has several .csv files: name one of them"
        )
    parts = tuple(
        SourcePart(
            _csv_split(name) or PurePosixPath(name).stem,
            options or {},
            "" if listing.file else name,
        )
        for name, options in found
    )
    return FormatMatch(confidence, reason, parts=parts, is_whole=False)


def jsonl(listing: SourceListing) -> FormatMatch | None:
    """See JSON Lines with the keys of an input."""
    names = _ending(listing, ".jsonl", ".ndjson")
    if not names:
        return None
    confidence, reason = (0.9 if listing.file else LIKELY), f"{names[0]} is JSON Lines"
    record = _record(listing.head(names[0], 65_536).partition(b"\n")[0])
    if record and not {"text", "file", "url"}.isdisjoint(record):
        confidence, reason = SURE, f"{reason} with inputs"
    if len(names) > 1:
        parts = tuple(SourcePart(PurePosixPath(n).stem, {}, n) for n in names)
        return FormatMatch(confidence, reason, parts=parts, is_whole=False)
    parts = tuple(SourcePart(one, {"split": one}) for one in _splits_of_lines(listing, names[0]))
    return FormatMatch(confidence, reason, parts=parts)


def parquet(listing: SourceListing) -> FormatMatch | None:
    """See Parquet files."""
    names = [name for name in _ending(listing, ".parquet") if listing.head(name, 4) == b"PAR1"]
    if not names:
        return None
    if listing.file:
        return FormatMatch(SURE, f"{names[0]} is Parquet")
    splits = _ordered(_shard.sub("", PurePosixPath(name).stem) for name in names)
    parts = tuple(SourcePart(split, {"split": split}) for split in splits)
    return FormatMatch(SURE, f"{names[0]} is Parquet", parts=parts)


_shard = re.compile(r"-\d+-of-\d+$")


def huggingface(listing: SourceListing) -> FormatMatch | None:
    """See what `save_to_disk` of the library `datasets` writes."""
    if "dataset_dict.json" in listing.names:
        found = _record(listing.head("dataset_dict.json", 65_536)) or {}
        splits = found.get("splits")
        names = [str(one) for one in splits] if isinstance(splits, list) else []
        parts = tuple(SourcePart(split, {"split": split}) for split in names)
        seen = FormatMatch(SURE, "dataset_dict.json", parts=parts, is_whole=False)
    elif {"dataset_info.json", "state.json"} <= set(listing.names):
        seen = FormatMatch(SURE, "dataset_info.json and state.json")
    else:
        return None
    packed = "" if listing.is_local else "its library reads folders only: unpack it first"
    return attrs.evolve(seen, hindrance=packed)


def folder(listing: SourceListing) -> FormatMatch | None:
    """See files of media: the most frequent kind of them."""
    if listing.file:
        return None
    depths = {name: name.count("/") for name in listing.names if kind_of_name(name)}
    near = [name for name, depth in depths.items() if depth < 2]
    if near:
        kind, count = _kind_of(near)
        mine = [name for name in near if name.lower().endswith(ENDINGS[kind])]
        labels = any("/" in name for name in mine)
        what = "in sub-folders" if labels else "without sub-folders, so without labels"
        options = {"input_type": kind, "labels": labels}
        return FormatMatch(POSSIBLE, f"{count:,} {kind} files {what}", options)
    splits = _ordered(name.partition("/")[0] for name in depths)
    if not splits or any(one.lower() not in SPLIT_FOLDERS for one in splits):
        return None
    if any(depth != 2 for depth in depths.values()):
        return None
    kind, count = _kind_of(list(depths))
    options = {"input_type": kind, "labels": True}
    parts = tuple(SourcePart(split, options, split) for split in splits)
    reason = f"{count:,} {kind} files in {splits[0]}/<label>"
    return FormatMatch(POSSIBLE, reason, parts=parts, is_whole=False)


@attrs.define
class _CocoFiles:
    """COCO's JSON files of a source, by what their annotations hold."""

    kinds: dict[str, list[str]] = attrs.field(factory=dict)
    """`"boxes"`, `"polygons"`, `"captions"` -> names."""
    empty: list[str] = attrs.field(factory=list)
    """Those without annotations."""

    def of(self, kind: str) -> FormatMatch | None:
        """Return what the loader of a kind sees."""
        names = self.kinds.get(kind, [])
        if not names and (self.kinds or kind != "boxes" or not self.empty):
            return None
        confidence = SURE if names else LIKELY
        holding = f"COCO's {kind}" if names else "COCO's list of images, without annotations"
        names = names or self.empty
        every = sorted({*names, *self.empty}) if kind != "captions" else names
        parts = _coco_parts(every)
        left = _without(self.empty, parts) if kind == "captions" else []
        return FormatMatch(
            confidence,
            f"{names[0]} holds {holding}",
            parts=parts,
            is_whole=len(every) < 2,
            remarks=tuple(f"left alone, lists images without captions: {name}" for name in left),
        )


def _coco(listing: SourceListing) -> _CocoFiles:
    """Return the COCO files of a listing; three loaders ask for them, one after the other."""
    key: Any = listing
    return _last_coco(key)


@functools.lru_cache(1)
def _last_coco(listing: SourceListing) -> _CocoFiles:
    found = _CocoFiles()
    for name in _ending(listing, ".json")[:MAX_FILES]:
        if texts.without_mark(listing.head(name, 64)).lstrip().startswith(b"{"):
            kind = _coco_kind(listing, name)
            if kind == "none":
                found.empty.append(name)
            elif kind:
                found.kinds.setdefault(kind, []).append(name)
    if {"boxes", "polygons"} <= found.kinds.keys():  # why: one loader reads both
        found.kinds["polygons"] = sorted(found.kinds["polygons"] + found.kinds.pop("boxes"))
    return found


def _coco_kind(listing: SourceListing, name: str) -> str:
    """Return what a JSON file holds by COCO; `""`: it is none, `"none"`: no annotations."""
    keys: set[str] = set()
    kind = "none"
    try:
        with listing.open(name) as file:
            for element in elements(_Beginning(file)):  # type: ignore[arg-type]
                keys.add(element.key)
                value = element.value
                if element.key == "images" and not (
                    isinstance(value, dict) and "file_name" in value
                ):
                    return ""
                if element.key == "annotations" and isinstance(value, dict):
                    kind = _annotation_kind(value) or kind
                    if kind in ("polygons", "captions"):
                        break
    except (ValueError, OSError):
        pass  # what is wrong with it the loader says
    return kind if {"images", "annotations"} & keys and "images" in keys | {kind} else ""


def _annotation_kind(value: Mapping[str, Any]) -> str:
    if value.get("segmentation"):
        return "polygons"
    if value.get("caption"):
        return "captions"
    return "boxes" if value.get("bbox") else ""


class _Beginning(io.RawIOBase):
    """The first `MAX_LOOK_BYTES` of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MAX_LOOK_BYTES

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        wanted = self._left if size < 0 else min(size, self._left)
        found = self._file.read(wanted)
        self._left -= len(found)
        return found


def _coco_parts(names: Sequence[str]) -> tuple[SourcePart, ...]:
    """Return the splits of annotation files, by the ends of their names or by their folders."""
    stems = [PurePosixPath(name).stem.partition("_")[2] for name in names]
    if all(stems) and len(set(stems)) == len(stems):
        return tuple(SourcePart(stem, {"split": stem}) for stem in stems)
    if len(names) == 1:
        return ()
    folders = [PurePosixPath(name).parent.name for name in names]
    if len(set(folders)) == len(folders) and all(folders):
        return tuple(SourcePart(f, {}, n) for f, n in zip(folders, names, strict=True))
    return tuple(SourcePart(PurePosixPath(name).stem, {}, name) for name in names)


def _without(names: Sequence[str], parts: Sequence[SourcePart]) -> list[str]:
    """Return the annotation files of splits that are not among these."""
    splits = {part.split for part in parts}
    return [n for n in names if PurePosixPath(n).stem.partition("_")[2] not in splits]


def _ending(listing: SourceListing, *endings: str) -> list[str]:
    return [name for name in listing.names if name.lower().endswith(endings)]


def _ordered(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _is_of_a_class(head: bytes) -> bool:
    """Return whether a list of VOC says for one class which images show it: `000012 -1`."""
    first = head.partition(b"\n")[0].split()
    return len(first) == 2 and first[1] in (b"-1", b"0", b"1")


def _names_classes(listing: SourceListing, name: str) -> bool:
    if not name.lower().endswith(class_names.YAML_ENDINGS) or name.count("/") > 1:
        return False
    return re.search(rb"^names\s*:", listing.head(name, 65_536), re.MULTILINE) is not None


def _label_of(image: str, names: set[str]) -> str:
    """Return the text file that belongs to an image of YOLO, or `""`."""
    path = PurePosixPath(image).with_suffix(".txt")
    parts = ["labels" if part == "images" else part for part in path.parts[:-1]]
    swapped = "/".join([*parts, path.name])
    return next((one for one in (swapped, str(path)) if one in names), "")


_ROW = re.compile(rb"\d+(\.0+)?(\s+[-+0-9.eE]+){4,}\s*")


def _is_yolo(head: bytes) -> bool:
    lines = [line for line in head.splitlines()[:3] if line.strip()]
    return all(_ROW.fullmatch(line.strip()) for line in lines)


def _image_splits(images: Sequence[str]) -> list[str]:
    """Return the splits of YOLO: folders below or above `images`; none when some are in none."""
    found: dict[str, None] = {}
    for name in images:
        parts = PurePosixPath(name).parts[:-1]
        others = [part for part in parts if part != "images"]
        if not others:
            return []
        found[others[0]] = None
    return (
        list(found)
        if any(one.lower() in SPLIT_FOLDERS for one in found) or _all_images(images)
        else []
    )


def _all_images(images: Sequence[str]) -> bool:
    return all(name.startswith("images/") for name in images)


_CSV_NAME = re.compile(r"(.+)-(text|image|video|audio)")


def _csv_split(name: str) -> str:
    """Return the split of a CSV file that an export wrote, `train-image.csv`; `""`: of others."""
    match = _CSV_NAME.fullmatch(PurePosixPath(name).stem)
    return original(match[1]) if match else ""


def _csv_options(listing: SourceListing, name: str) -> dict[str, str] | None:
    """Return what a CSV file holds, for its loader; None: it has no column of inputs."""
    try:
        lines = io.StringIO(texts.decode(_whole_lines(listing.head(name, 65_536))), newline="")
        rows = [cells for _, cells in csv_dialect.rows(lines)][:20]
    except ValueError:
        return None
    if not rows:
        return None
    headings = [csv_dialect.heading(cell) for cell in rows[0]]
    if "input" not in headings:
        return None
    at = headings.index("input")
    cells = [row[at].strip() for row in rows[1:] if len(row) > at and row[at].strip()]
    kind = _kind_of_all(cells)
    if cells and kind and all("://" in cell for cell in cells):
        return {"csv_type": "url", "input_type": kind}
    beside = PurePosixPath(name).parent
    if cells and kind and any(listing.head(str(beside / cell), 1) for cell in cells):
        return {"csv_type": "file_path", "input_type": kind}
    return {"csv_type": "raw", "input_type": "text"}


def _whole_lines(head: bytes) -> bytes:
    return head if len(head) < 65_536 else head[: head.rfind(b"\n") + 1]


def _kind_of_all(cells: Sequence[str]) -> str:
    """Return the kind of media that all cells name; `""`: they do not."""
    kinds = {kind_of_name(cell.partition("?")[0]) for cell in cells}
    return kinds.pop() if len(kinds) == 1 else ""


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        found = loads(texts.without_mark(line))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _splits_of_lines(listing: SourceListing, name: str) -> list[str]:
    """Return the splits that JSON Lines name, as far as detection reads."""
    found: dict[str, None] = {}
    try:
        with listing.open(name) as file:
            left = MAX_LOOK_BYTES
            while left > 0 and (line := file.readline(left)):
                left -= len(line)
                split = (_record(line) or {}).get("split")
                if isinstance(split, str) and split:
                    found[split] = None
    except OSError:
        pass  # what is wrong with it the loader says
    return list(found)


def _kind_of(names: Sequence[str]) -> tuple[str, int]:
    """Return the most frequent kind of media, and how many there are of it."""
    return Counter(kind_of_name(name) for name in names).most_common(1)[0]
