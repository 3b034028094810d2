"""One item of a loader -> the bytes that go over the wire, made once.

An input is serialised where it is read and from then on only joined to others. What is the same in
many, such as concepts, is serialised once; content is not copied before it is joined to a request.
"""

from __future__ import annotations

import functools
import hashlib
import math
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from clarifai_core.documents import DocumentError, check_depth
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2, struct_pb2
from clarifai_core.safe_text import plain, redacted
from clarifai_core.wire.framing import framed, tag, varint
from clarifai_core.wire.messages import struct
from clarifai_datasets.upload._broken import BrokenItem, describe
from clarifai_datasets.upload._plain_files import open_plain
from clarifai_datasets.upload.features import (
    MediaFeatures,
    TextFeatures,
    VisualClassificationFeatures,
)
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_inputs import boxes, polygons, regions, same_input, texts
from clarifai_inputs.batching import ENVELOPE_BYTES, MAX_REQUEST_BYTES
from clarifai_inputs.concepts import (
    MAX_ID_CHARACTERS,
    concept_id,
    concept_name,
    has_control_characters,
    label_fault,
)
from clarifai_inputs.csv_cells import MAX_METADATA_DEPTH
from clarifai_inputs.geo_points import geo_point_in
from clarifai_inputs.identity import content_id, with_prefix
from clarifai_inputs.media import KINDS, content_fault, size_fault


@attrs.frozen
class ItemRules:
    """How the items of one upload become inputs."""

    dataset_id: str
    task: str
    id_prefix: str = ""
    """Goes before every id: `"<dataset>-"`."""
    source: str = ""
    """What tells its source from others: the labels of each are its own."""
    on_conflict: str = "fail"
    """One of `conflicts.CONFLICTS`: what to do where the app has other content under an id."""
    default_metadata: bool = True
    """Whether images without metadata get their file name, as `upload_dataset` does."""


@attrs.define
class EncodedItem:
    """An input that is ready to be sent."""

    index: int
    id: str
    head: bytes = attrs.field(repr=False)
    """The input as an entry of `PostInputsRequest.inputs`, but for ..."""
    content: bytes = attrs.field(default=b"", repr=False)
    """... the bytes of its media, which stand at the end of the entry."""
    annotations: tuple[bytes, ...] = attrs.field(default=(), repr=False)
    """Entries of `PostAnnotationsRequest.annotations`."""
    size_bytes: int = 0
    """Of the whole entry, also when that was let go."""
    labels: bytes = attrs.field(default=b"", repr=False)
    """The concepts of the whole input, as fields of its data."""
    mark: int = 0
    """What tells its content from what it may be later: see `signature`."""
    fitting: regions.Fitting = attrs.field(factory=regions.Fitting, repr=False, eq=False)
    """What of its regions is not sent as it was given."""
    doubtful: bool = False
    """Whether an earlier run may have sent it: look before it is sent."""
    there: bool = False
    """Whether the app had it before."""
    instead: bool = False
    """Whether it is sent because the app had another under its id."""
    mine: same_input.Content | None = attrs.field(default=None, repr=False)
    """What its content is, when an input was found under its id: to be compared with ..."""
    stored: resources_pb2.Input | None = attrs.field(default=None, repr=False)
    """... what the app has."""

    @property
    def record(self) -> bytes:
        """Return the whole entry."""
        return self.head + self.content

    @property
    def message(self) -> resources_pb2.Input:
        """Return the input, as long as its content was not let go."""
        made: resources_pb2.Input = service_pb2.PostInputsRequest.FromString(self.record).inputs[0]
        return made

    @property
    def labelled(self) -> bool:
        """Return whether the input as a whole, or a region of it, has a label."""
        return bool(self.labels) or any(map(_names_concepts, self.annotations))

    @property
    def concepts(self) -> dict[str, str]:
        """Return ids and names of the concepts of the whole input."""
        found = resources_pb2.Data.FromString(self.labels).concepts
        return {one.id: one.name for one in found}


@attrs.frozen
class ItemFault:
    """An item that cannot be sent, and why."""

    index: int
    id: str
    reason: str


@attrs.frozen
class Finished:
    """An item that an earlier run has done."""

    index: int
    id: str


def encode(features: Any, index: int, rules: ItemRules) -> EncodedItem | ItemFault:
    """Return the wire form of an item, or why there is none.

    Args:
        features: What the loader gave.
        index: The item's number.
        rules: How this upload does it.
    """
    if isinstance(features, BrokenItem):
        return ItemFault(index, input_id(features, index, rules), features.reason)
    item_id = ""
    try:
        item_id = input_id(features, index, rules)
        return _encode(features, index, item_id, rules)
    except (UserError, ValueError, TypeError) as error:
        reason = plain(error, _FAULT_CHARACTERS)
    except OSError as error:
        path = getattr(features, "image_path", "") or getattr(features, "path", "")
        reason = plain(f"{path}: {describe(error)}", _FAULT_CHARACTERS)
    except RecursionError:
        reason = "its values are nested too deeply"
    except Exception as error:  # noqa: BLE001  why: one item's fault, whatever it is
        reason = f"{type(error).__name__}: {redacted(error)}"
    return ItemFault(index, item_id or f"{rules.id_prefix}{index}", reason)


def check_features(features: Any, index: int, task: str) -> type | None:
    """Refuse what is no item at all: that is a mistake in the loader, not in the data.

    Returns:
        Its class, when all of that class have what the task needs.

    Raises:
        UserError: It lacks what items of this task have.
    """
    kind = type(features)
    if kind in _WHOLE.get(task, ()) or isinstance(features, (BrokenItem, MediaFeatures)):
        return kind
    missing = [name for name in _NEEDED[task] if not hasattr(features, name)]
    if missing:
        raise UserError(
            f"Item {index} of the dataloader is {features!r}, without {', '.join(missing)}, "
            f"which the task {task!r} needs: return features of clarifai_datasets.upload.features."
        )
    return None


def input_id(features: Any, index: int, rules: ItemRules) -> str:
    """Return the id of the input: the same whenever the same source is uploaded again."""
    return with_prefix(rules.id_prefix, getattr(features, "id", None), index)


def made_id(features: Any, task: str) -> str | None:
    """Return the id of an item that its source gives none: what its content tells.

    Returns:
        32 characters, the same for the same content; None: it cannot be read, as `encode` says.
    """
    try:
        if isinstance(features, MediaFeatures):
            kind = "url" if features.url else features.input_type
            content = features.url.encode() if features.url else _content_of(features)[0]
        elif task == "text_classification":
            kind, content = "text", _encode_text(features, _PLAIN)[2]
        else:
            kind, given = "image", getattr(features, "image_bytes", None)
            content = given if given is not None else _read(str(features.image_path), kind)[0]
        return content_id(b"%b\0%b" % (kind.encode(), content))
    except Exception:  # noqa: BLE001  why: encode() says what is wrong with it
        return None


def labels_of(features: Any) -> Iterator[str]:
    """Yield the labels of an item and of its regions, as texts; nothing where they are wrong."""
    parts = getattr(features, "regions", ()) if isinstance(features, MediaFeatures) else ()
    for part in (features, *parts):
        labels = getattr(part, "labels", None)
        if isinstance(labels, (str, int)):
            yield str(labels)
        elif isinstance(labels, (list, tuple)):
            yield from map(str, labels)


def owner(source: str, item_id: str) -> str:
    """Return how the ids of the annotations begin that a source makes on an input: 16 characters.

    So they are known as its own in any later run, whatever was lost meanwhile.
    """
    return hashlib.blake2b(f"{source}\0{item_id}".encode(), digest_size=8).hexdigest()


def _names_concepts(annotation: bytes) -> bool:
    """Return whether an entry of `PostAnnotationsRequest.annotations` has a concept."""
    made = service_pb2.PostAnnotationsRequest.FromString(annotation).annotations[0].data
    return bool(made.concepts) or any(one.data.concepts for one in made.regions)


def signature(mark: int, annotations: Sequence[bytes], labels: bytes) -> bytes:
    """Return what tells the content of an input, its labels and its parts from others.

    Args:
        mark: Of the content: the checksum of what is given, the size and the time of a file.
        annotations: Of its parts.
        labels: Of the whole.
    """
    said = labels if not annotations else b"".join((labels, *annotations))
    return mark.to_bytes(4, "big") + (_signature(said) if said else b"")


@functools.lru_cache(4096)
def _signature(labels: bytes) -> bytes:
    return hashlib.blake2b(labels, digest_size=8).digest()


def signature_of(features: Any, index: int, rules: ItemRules) -> bytes | None:
    """Return the signature of an item without reading its file; None: something in it is wrong."""
    task = "media" if isinstance(features, MediaFeatures) else rules.task
    shapes = _SHAPES.get(task)
    try:
        found = shapes(features, regions.Fitting()) if shapes else []
        labels = b"" if task in _OF_PARTS_ONLY else _concepts(features.labels)
        mark = _mark_of_file(features)
        if mark is None:
            mark = _ENCODERS[task](features, rules)[3]
    except Exception:  # noqa: BLE001  why: encode() says what is wrong with it
        return None
    own = input_id(features, index, rules)
    return signature(mark, list(_annotations(own, found, rules.source)), labels)


def _mark_of_file(features: Any) -> int | None:
    """Return what tells a file from what it may be later; None: its content is given."""
    if not needs_reading(features):
        return None
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    return _file_mark(os.stat(path))  # noqa: PTH116 - there are many of them


def _file_mark(found: os.stat_result) -> int:
    return zlib.crc32(b"%d:%d" % (found.st_size, found.st_mtime_ns))


def needs_reading(features: Any) -> bool:
    """Return whether the content of an item has to be read from a file."""
    if isinstance(features, TextFeatures):
        return False
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    given = (getattr(features, name, None) for name in ("image_bytes", "content"))
    return bool(path) and all(content is None for content in given)


def source_bytes(features: Any, files: bool) -> int:
    """Return about how much memory an item takes.

    Args:
        features: The item.
        files: Whether to count the file that it names, too.
    """
    if isinstance(features, TextFeatures):
        return len(features.text) if isinstance(features.text, str) else 0
    for name in ("image_bytes", "text", "content"):
        content = getattr(features, name, None)
        if content is not None:
            return len(content) if isinstance(content, _SIZED) else 0
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    try:
        return Path(path).stat().st_size if files and path else 0
    except (OSError, ValueError, TypeError):
        return 0  # encode() says what is wrong with it


_NO_REGIONS = regions.Fitting()
"""Of all items that have none: they are many."""

Encoded: TypeAlias = "tuple[bytes, tuple[bytes, bytes], bytes, int]"
"""The whole of an item, but for its labels: fields of the data, the tags that the content stands
behind, the content, and its mark (see `signature`)."""


def _encode(features: Any, index: int, item_id: str, rules: ItemRules) -> EncodedItem | ItemFault:
    task = "media" if isinstance(features, MediaFeatures) else rules.task
    data, tags, content, mark = _ENCODERS[task](features, rules)
    labels = b"" if task in _OF_PARTS_ONLY else _concepts(features.labels)
    data = labels + data
    geo = getattr(features, "geo_info", None)
    if geo is not None:
        data += framed(_GEO, _geo(geo).SerializeToString())
    annotations: tuple[bytes, ...] = ()
    fitting = _NO_REGIONS
    if shapes := _SHAPES.get(task):
        fitting = regions.Fitting()
        found = shapes(features, fitting)
        annotations = tuple(_annotations(item_id, found, rules.source))
    if len(item_id) > MAX_ID_CHARACTERS or has_control_characters(item_id):
        raise ValueError(
            f"the id '{plain(item_id, _SHOWN)}' must have up to {MAX_ID_CHARACTERS} characters, "
            "none of them a control character"
        )
    name, length = item_id.encode(), len(content)
    before_content = _before_content(tags, length)
    before_id, after_id = _around_id(
        len(name), rules.dataset_id, len(data) + len(before_content) + length
    )
    small = content if length < _SMALL_BYTES else b""
    head = b"".join((before_id, name, after_id, data, before_content, small))
    is_whole = bool(small) and len(head) < _LARGE_BYTES
    apart = b"" if is_whole or small else content
    size_bytes = len(head) + len(apart)
    if not is_whole and size_bytes > MAX_REQUEST_BYTES - ENVELOPE_BYTES:
        return ItemFault(index, item_id, _too_large(size_bytes))
    return EncodedItem(index, item_id, head, apart, annotations, size_bytes, labels, mark, fitting)


@functools.lru_cache(4096)
def _before_content(tags: tuple[bytes, bytes], length: int) -> bytes:
    """Return what stands between the other fields of the data and content of a length."""
    outer, inner = tags
    inner += varint(length)
    return b"".join((outer, varint(len(inner) + length), inner))


@functools.lru_cache(4096)
def _around_id(id_length: int, dataset_id: str, data_length: int) -> tuple[bytes, bytes]:
    """Return what stands before an input's id, and between its id and its data."""
    before = _ID + varint(id_length)
    after = b"".join((_dataset_field(dataset_id), _DATA, varint(data_length)))
    length = len(before) + id_length + len(after) + data_length
    return b"".join((_INPUTS, varint(length), before)), after


def _too_large(size_bytes: int) -> str:
    limit = f"{MAX_REQUEST_BYTES / 1e6:.0f} MB"
    return f"{size_bytes / 1e6:.0f} MB are over the limit of {limit} per request"


@functools.lru_cache(16)
def _dataset_field(dataset_id: str) -> bytes:
    return resources_pb2.Input(dataset_ids=[dataset_id]).SerializeToString()


def _encode_text(features: Any, rules: ItemRules) -> Encoded:
    text = features.text
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text must be a text that is not empty, got {text!r}")
    data = b""
    if rules.default_metadata or features.metadata is not None:
        data = _metadata(features, _NO_METADATA if rules.default_metadata else b"")
    content = text.encode()
    if fault := size_fault("text", len(content)):
        raise ValueError(fault)
    return data, _CONTENT["text"], content, zlib.crc32(content)


def _encode_image(features: Any, rules: ItemRules) -> Encoded:
    content = getattr(features, "image_bytes", None)
    if content is None:
        content, mark = _read(str(features.image_path), "image")
    else:
        content = _checked(_bytes(content, "image_bytes"), "image_bytes", "image")
        mark = zlib.crc32(content)
    path = features.image_path
    named = rules.default_metadata and path
    data = _metadata(features, _filename(os.path.basename(path)) if named else b"")  # noqa: PTH119
    return data, _CONTENT["image"], content, mark


def _encode_media(features: MediaFeatures, _: ItemRules) -> Encoded:
    kind = features.input_type
    if kind not in KINDS:
        raise ValueError(f"input_type must be one of {', '.join(KINDS)}, got {kind!r}")
    data = _metadata(features, b"")
    if features.url:
        content = features.url.encode()
        return data, _URL[kind], content, zlib.crc32(content)
    content, mark = _content_of(features)
    if kind == "text":
        content = texts.utf8(content)  # without byte order mark
    return data, _CONTENT[kind], content, mark


def _parts(features: MediaFeatures, fitting: regions.Fitting) -> list[bytes]:
    if len(features.regions) > MAX_REGIONS:
        raise ValueError(f"{len(features.regions):,} regions are over the limit of {MAX_REGIONS:,}")
    made = []
    for number, shape in enumerate(features.regions, 1):
        where = f"region {number}"
        found = fitting.take(regions.fit(shape), where, regions.plural(shape))
        made.append(_labelled(found, shape.labels, where, fitting))
    return list(filter(None, made))


def _boxes(features: Any, fitting: regions.Fitting) -> list[bytes]:
    labels = _one_each(features.labels, features.bboxes, "bboxes")
    made = []
    for number, (label, bbox) in enumerate(zip(labels, features.bboxes, strict=True), 1):
        fitted = boxes.from_fractions(bbox)
        found = fitting.take(fitted, f"box {number}") if fitted.fault else fitted.shape
        if found is None:
            continue
        try:
            made.append(_region(boxes.to_message(found), _concept(label)))
        except ValueError as error:
            fitting.leave_out(f"box {number}", error)
    return made


def _polygons(features: Any, fitting: regions.Fitting) -> list[bytes]:
    labels = _one_each(features.labels, features.polygons, "polygons")
    made = []
    for number, (label, shape) in enumerate(zip(labels, features.polygons, strict=True), 1):
        where = f"polygon {number}"
        try:
            outlines = polygons.outlines(shape)
        except (ValueError, TypeError, LookupError) as error:
            fitting.leave_out(where, error)
            continue
        for one in outlines:
            found = fitting.take(polygons.from_fractions(one), where, "polygons")
            info = None if found is None else polygons.to_message(found)
            made.append(_labelled(info, [label], where, fitting))
    return list(filter(None, made))


def _labelled(
    info: resources_pb2.RegionInfo | None, labels: Any, where: str, fitting: regions.Fitting
) -> bytes:
    """Return a labelled region as a field of the data; `b""`: it is left out."""
    if info is None:
        return b""
    try:
        return _region(info, _concepts(labels))
    except ValueError as error:
        fitting.leave_out(where, error)
        return b""


_Encoder = Callable[[Any, ItemRules], Encoded]
_ENCODERS: dict[str, _Encoder] = {
    "text_classification": _encode_text,
    "visual_classification": _encode_image,
    "visual_captioning": _encode_image,
    "visual_detection": _encode_image,
    "visual_segmentation": _encode_image,
    "media_classification": _encode_media,
    "media": _encode_media,
}
_SHAPES: dict[str, Callable[[Any, regions.Fitting], list[bytes]]] = {
    "visual_detection": _boxes,
    "visual_segmentation": _polygons,
    "media": _parts,
    "media_classification": _parts,
}
_OF_PARTS_ONLY = ("visual_detection", "visual_segmentation")
"""Tasks whose labels belong to regions, none of them to the whole."""

_PLAIN = ItemRules("", "text_classification", default_metadata=False)

_WHOLE: dict[str, tuple[type, ...]] = {
    "text_classification": (TextFeatures,),
    "visual_classification": (VisualClassificationFeatures,),
}
"""Classes of ours that have all that a task needs."""
_NEEDED = {
    "text_classification": ("text", "labels"),
    "visual_classification": ("image_path", "labels"),
    "visual_captioning": ("image_path", "labels"),
    "visual_detection": ("image_path", "labels", "bboxes"),
    "visual_segmentation": ("image_path", "labels", "polygons"),
    "media_classification": ("input_type", "labels", "path", "url"),
}


def _read(path: str, input_type: str) -> tuple[bytes, int]:
    """Return the content of a file and its mark, in as few system calls as that takes."""
    handle, found = open_plain(path)
    try:
        size = found.st_size
        if size and (fault := size_fault(input_type, size)):
            raise ValueError(f"{path}: {fault}")
        content = os.read(handle, size + 1)  # one byte more than there is shows the end
        if len(content) != size:  # it grows or shrinks meanwhile, or is no plain file
            with open(handle, "rb", closefd=False) as file:
                content += file.read(MAX_REQUEST_BYTES)
    finally:
        os.close(handle)
    # The mark is from before it was read: if it changes meanwhile, it is read again.
    return _checked(content, path, input_type), _file_mark(found)


def _content_of(features: MediaFeatures) -> tuple[bytes, int]:
    if features.content is None:
        return _read(features.path, features.input_type)
    content = _bytes(features.content, "content")
    content = _checked(content, features.path or "content", features.input_type)
    return content, zlib.crc32(content)


def _bytes(content: Any, name: str) -> bytes:
    if not isinstance(content, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, got {type(content).__name__}")
    return bytes(content)


def _checked(content: bytes, path: str, input_type: str) -> bytes:
    fault = size_fault(input_type, len(content)) or content_fault(input_type, content)
    if fault:
        raise ValueError(f"{path}: {fault}")
    return content


def _metadata(features: Any, default: bytes) -> bytes:
    metadata = getattr(features, "metadata", None)
    if metadata is None:
        return default
    if isinstance(metadata, dict):
        _check_metadata(metadata)
    return framed(_METADATA, struct(metadata).SerializeToString())


def _check_metadata(metadata: dict[Any, Any]) -> None:
    """Refuse what the platform refuses a whole request for."""
    inner = False
    for name, value in metadata.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"metadata holds finite numbers only, got {plain(name)!r}: {value}")
        inner = inner or isinstance(value, (dict, list, tuple))
    if not inner:
        return
    try:
        check_depth(metadata, MAX_METADATA_DEPTH)
    except DocumentError as error:
        raise ValueError(f"metadata: {error}") from None
    for value in metadata.values():
        _check_numbers(value)


def _check_numbers(value: Any) -> None:
    """Refuse numbers that are none; the depth was looked at."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"metadata holds finite numbers only, got {value}")
    elif isinstance(value, dict):
        for one in value.values():
            _check_numbers(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _check_numbers(one)


def _filename(name: str) -> bytes:
    """Return the metadata `{"filename": name}`; a name that is not in UTF-8 is shown with `?`."""
    value = framed(_VALUE, framed(_STRING_VALUE, name.encode("utf-8", "replace")))
    return framed(_METADATA, framed(_FIELDS, _FILENAME + value))


def _geo(geo_info: Any) -> resources_pb2.Geo:
    longitude, latitude = geo_point_in(geo_info)
    point = resources_pb2.GeoPoint(longitude=longitude, latitude=latitude)
    return resources_pb2.Geo(geo_point=point)


def _labels(labels: Any) -> list[str]:
    if labels is None:
        return []
    found = [labels] if isinstance(labels, (str, int)) else list(labels)
    if len(found) > MAX_REGIONS:
        raise ValueError(f"{len(found):,} labels are over the limit of {MAX_REGIONS:,}")
    return [str(label) for label in found]


def _concepts(labels: Any) -> bytes:
    if type(labels) is list and len(labels) == 1:
        return _concept(str(labels[0]))
    return b"".join(map(_concept, _labels(labels)))


@functools.lru_cache(4096)
def _concept(label: str) -> bytes:
    """Return a label as a field of the data."""
    if fault := label_fault(label):
        raise ValueError(fault)
    made = resources_pb2.Concept(id=concept_id(label), name=concept_name(label), value=1)
    return framed(_CONCEPTS, made.SerializeToString())


def _one_each(labels: Any, shapes: Any, name: str) -> list[str]:
    found = _labels(labels)
    if len(found) != len(shapes):
        raise ValueError(f"{len(found)} labels for {len(shapes)} {name}: give one each")
    return found


def _region(where: resources_pb2.RegionInfo, concepts: bytes) -> bytes:
    """Return a labelled region as a field of the data."""
    info = framed(_REGION_INFO, where.SerializeToString())
    return framed(_REGIONS, info + framed(_REGION_DATA, concepts))


def _annotations(item_id: str, regions: Sequence[bytes], source: str) -> Iterator[bytes]:
    """Yield one annotation per region, with ids that make sending them again harmless.

    An id tells whose it is, and what: equal regions are numbered, and their order is of no account.
    """
    if not regions:
        return
    name, mark = item_id.encode(), owner(source, item_id)
    of_input = framed(_ANNOTATION_INPUT, name)
    times: dict[bytes, int] = {}
    for region in regions:
        number = times[region] = times.get(region, -1) + 1
        seed = b"%d\0%b" % (number, region)
        own_id = f"{mark}{hashlib.blake2b(seed, digest_size=8).hexdigest()}".encode()
        data = framed(_ANNOTATION_DATA, region)
        made = b"".join((_ANNOTATION_ID, varint(len(own_id)), own_id, of_input, data))
        yield framed(_ANNOTATIONS, made)


_SMALL_BYTES = 2048
"""Content of fewer bytes is joined to what stands before it at once."""

_LARGE_BYTES = 1024 * 1024
"""Of what stands before the content: from there on it is held against the limit."""

_SHOWN, _FAULT_CHARACTERS = 60, 1000
_SIZED = (str, bytes, bytearray, memoryview)

_INPUTS = tag(service_pb2.PostInputsRequest.DESCRIPTOR, "inputs")
_ID, _DATA = (tag(resources_pb2.Input.DESCRIPTOR, name) for name in ("id", "data"))
_CONCEPTS, _METADATA, _GEO, _REGIONS = (
    tag(resources_pb2.Data.DESCRIPTOR, name) for name in ("concepts", "metadata", "geo", "regions")
)
_KINDS: dict[str, tuple[Any, str]] = {
    "text": (resources_pb2.Text, "raw"),
    "image": (resources_pb2.Image, "base64"),
    "video": (resources_pb2.Video, "base64"),
    "audio": (resources_pb2.Audio, "base64"),
}
_CONTENT, _URL = (
    {
        kind: (tag(resources_pb2.Data.DESCRIPTOR, kind), tag(cls.DESCRIPTOR, own or "url"))
        for kind, (cls, own) in kinds.items()
    }
    for kinds in (_KINDS, {kind: (cls, "") for kind, (cls, _) in _KINDS.items()})
)
"""Kind of input -> the tags that its content, or its address, stands behind."""

_REGION_INFO, _REGION_DATA = (
    tag(resources_pb2.Region.DESCRIPTOR, name) for name in ("region_info", "data")
)
_ANNOTATIONS = tag(service_pb2.PostAnnotationsRequest.DESCRIPTOR, "annotations")
_ANNOTATION_ID, _ANNOTATION_INPUT, _ANNOTATION_DATA = (
    tag(resources_pb2.Annotation.DESCRIPTOR, name) for name in ("id", "input_id", "data")
)
_FIELDS = tag(struct_pb2.Struct.DESCRIPTOR, "fields")
_FILENAME, _VALUE = b"\x0a\x08filename", b"\x12"
"""Key and value of an entry of a map: its fields 1 and 2."""

_STRING_VALUE = tag(struct_pb2.Value.DESCRIPTOR, "string_value")
_NO_METADATA = framed(_METADATA, b"")
