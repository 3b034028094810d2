"""One item of a loader -> the bytes that go over the wire, made once.

An input is serialised where it is read and from then on only joined to others, so that nothing is
built or copied twice.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.core.errors import UserError
from clarifai.core.wire.messages import struct
from clarifai.datasets.upload.features import (
    MediaFeatures,
    RegionFeatures,
    TextFeatures,
    VisualClassificationFeatures,
)
from clarifai.datasets.upload.loader import BrokenItem, describe
from clarifai.datasets.upload.media import is_image
from clarifai.datasets.upload.regions import box_info, polygon_info, region_info

MAX_REQUEST_BYTES = 128_000_000
"""The platform's limit for one request."""

ENVELOPE_BYTES = 4096
"""Reserved for what a request holds besides its inputs."""


@attrs.frozen
class ItemRules:
    """How the items of one upload become inputs."""

    dataset_id: str
    task: str
    id_prefix: str = ""
    """Goes before every id: `"<dataset>-"`."""
    default_metadata: bool = True
    """Whether images without metadata get their file name, as `upload_dataset` does."""


@attrs.frozen
class EncodedItem:
    """An input that is ready to be sent."""

    index: int
    id: str
    record: bytes = attrs.field(repr=False)
    """The input as an entry of `PostInputsRequest.inputs`, tag and length included."""
    annotations: tuple[bytes, ...] = attrs.field(default=(), repr=False)
    """Likewise, entries of `PostAnnotationsRequest.annotations`."""
    doubtful: bool = False
    """Whether an earlier run may have sent it: look before it is sent."""


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
        return ItemFault(index, f"{rules.id_prefix}{index}", features.reason)
    item_id = input_id(features, index, rules)
    try:
        return _encode(features, index, item_id, rules)
    except OSError as error:
        path = getattr(features, "image_path", "") or getattr(features, "path", "")
        return ItemFault(index, item_id, f"{path}: {describe(error)}")
    except (UserError, ValueError, TypeError) as error:
        return ItemFault(index, item_id, str(error))


def check_features(features: Any, index: int, task: str) -> None:
    """Refuse what is no item at all: that is a mistake in the loader, not in the data.

    Raises:
        UserError: It lacks what items of this task have.
    """
    if type(features) in _WHOLE.get(task, ()) or isinstance(features, (BrokenItem, MediaFeatures)):
        return
    missing = [name for name in _NEEDED[task] if not hasattr(features, name)]
    if missing:
        raise UserError(
            f"Item {index} of the dataloader is {features!r}, without {', '.join(missing)}, "
            f"which the task {task!r} needs: return features of clarifai.datasets.upload.features."
        )


def input_id(features: Any, index: int, rules: ItemRules) -> str:
    """Return the id of the input: the same whenever the same source is uploaded again."""
    own = getattr(features, "id", None)
    return f"{rules.id_prefix}{index if own is None or own == '' else own}"


def signature(annotations: Sequence[bytes]) -> bytes:
    """Return what tells these annotations of an input from others of it; `b""` for none."""
    return hashlib.blake2b(b"".join(annotations), digest_size=8).digest() if annotations else b""


def signature_of(features: Any, index: int, rules: ItemRules) -> bytes | None:
    """Return the signature of an item's annotations without reading its file; None: it is wrong."""
    shapes = _SHAPES.get("media" if isinstance(features, MediaFeatures) else rules.task)
    if shapes is None:
        return b""
    try:
        regions = shapes(features)
    except (UserError, ValueError, TypeError):
        return None  # encode() says what is wrong with it
    return signature(list(_annotations(input_id(features, index, rules), regions)))


def needs_reading(features: Any) -> bool:
    """Return whether the content of an item has to be read from a file."""
    if isinstance(features, TextFeatures):
        return False
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    given = (getattr(features, name, None) for name in ("image_bytes", "content"))
    return bool(path) and all(content is None for content in given)


def source_bytes(features: Any) -> int:
    """Return about how much memory an item takes when it is read."""
    if isinstance(features, TextFeatures):
        return len(features.text) if isinstance(features.text, str) else 0
    for name in ("image_bytes", "text", "content"):
        content = getattr(features, name, None)
        if content is not None:
            return len(content)
    path = getattr(features, "image_path", "") or getattr(features, "path", "")
    try:
        return Path(path).stat().st_size if path else 0
    except OSError:
        return 0  # encode() says what is wrong with it


def _encode(features: Any, index: int, item_id: str, rules: ItemRules) -> EncodedItem | ItemFault:
    made = resources_pb2.Input(id=item_id, dataset_ids=[rules.dataset_id])
    task = "media" if isinstance(features, MediaFeatures) else rules.task
    _ENCODERS[task](features, made.data, rules)
    shapes = _SHAPES.get(task)
    regions = shapes(features) if shapes else ()
    geo = getattr(features, "geo_info", None)
    if geo is not None:
        made.data.geo.CopyFrom(_geo(geo))
    record = entry(_INPUTS_TAG, made.SerializeToString())
    if len(record) > MAX_REQUEST_BYTES - ENVELOPE_BYTES:
        size = f"{len(record) / 1e6:.0f} MB"
        limit = f"{MAX_REQUEST_BYTES / 1e6:.0f} MB"
        return ItemFault(index, item_id, f"{size} are over the limit of {limit} per request")
    return EncodedItem(index, item_id, record, tuple(_annotations(item_id, regions)))


Regions = Sequence[resources_pb2.Region]


def _encode_text(features: Any, data: resources_pb2.Data, rules: ItemRules) -> None:
    if not isinstance(features.text, str) or not features.text.strip():
        raise ValueError(f"text must be a text that is not empty, got {features.text!r}")
    data.text.raw = features.text
    data.concepts.extend(_concepts(features.labels))
    _set_metadata(data, features, {} if rules.default_metadata else None)


def _encode_image(features: Any, data: resources_pb2.Data, rules: ItemRules) -> None:
    _set_image(features, data, rules)
    data.concepts.extend(_concepts(features.labels))


def _encode_media(features: MediaFeatures, data: resources_pb2.Data, _: ItemRules) -> None:
    part = getattr(data, features.input_type)
    if features.url:
        part.url = features.url
    elif features.input_type == "text":
        part.raw = _text_of(features)
    else:
        part.base64 = _content_of(features)
    data.concepts.extend(_concepts(features.labels))
    _set_metadata(data, features, None)


def _set_image(features: Any, data: resources_pb2.Data, rules: ItemRules) -> None:
    content = getattr(features, "image_bytes", None)
    if content is None:
        content = _read(str(features.image_path), "image")
    elif not is_image(content):
        raise ValueError("image_bytes is no image that the platform can read")
    data.image.base64 = bytes(content)
    name = Path(features.image_path).name if features.image_path else ""
    named = {"filename": name} if rules.default_metadata and name else None
    _set_metadata(data, features, named)


def _parts(features: MediaFeatures) -> Regions:
    return [_labelled(shape) for shape in features.regions]


def _labelled(shape: RegionFeatures) -> resources_pb2.Region:
    data = resources_pb2.Data(concepts=_concepts(shape.labels))
    return resources_pb2.Region(region_info=region_info(shape), data=data)


def _boxes(features: Any) -> Regions:
    labels = _one_each(features.labels, features.bboxes, "bboxes")
    pairs = zip(labels, features.bboxes, strict=True)
    return [_box(label, box) for label, box in pairs]


def _polygons(features: Any) -> Regions:
    labels = _one_each(features.labels, features.polygons, "polygons")
    pairs = zip(labels, features.polygons, strict=True)
    return [_polygon(label, points) for label, shape in pairs for points in _rings(shape)]


_Encoder = Callable[[Any, resources_pb2.Data, ItemRules], None]
_ENCODERS: dict[str, _Encoder] = {
    "text_classification": _encode_text,
    "visual_classification": _encode_image,
    "visual_captioning": _encode_image,
    "visual_detection": _set_image,
    "visual_segmentation": _set_image,
    "media_classification": _encode_media,
    "media": _encode_media,
}
_SHAPES: dict[str, Callable[[Any], Regions]] = {
    "visual_detection": _boxes,
    "visual_segmentation": _polygons,
    "media": _parts,
    "media_classification": _parts,
}
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


def _read(path: str, input_type: str) -> bytes:
    return _checked(Path(path).read_bytes(), path, input_type)


def _content_of(features: MediaFeatures) -> bytes:
    if features.content is None:
        return _read(features.path, features.input_type)
    return _checked(features.content, features.path or "content", features.input_type)


def _checked(content: bytes, path: str, input_type: str) -> bytes:
    if not content:
        raise ValueError(f"{path}: the file is empty")
    if input_type == "image" and not is_image(content):
        raise ValueError(f"{path}: no image that the platform can read")
    return content


def _text_of(features: MediaFeatures) -> str:
    path = features.path or "content"
    try:
        text = _content_of(features).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 at byte {error.start}") from error
    if not text.strip():
        raise ValueError(f"{path}: the file is empty")
    return text


def _set_metadata(data: resources_pb2.Data, features: Any, default: dict[str, Any] | None) -> None:
    metadata = getattr(features, "metadata", None)
    metadata = default if metadata is None else metadata
    if metadata is not None:
        data.metadata.CopyFrom(struct(metadata))


def _geo(geo_info: Sequence[float]) -> resources_pb2.Geo:
    longitude, latitude = (float(value) for value in geo_info)
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"geo_info must be [longitude, latitude] in degrees, got {geo_info!r}")
    point = resources_pb2.GeoPoint(longitude=longitude, latitude=latitude)
    return resources_pb2.Geo(geo_point=point)


def _labels(labels: Any) -> list[str]:
    if labels is None:
        return []
    found = [labels] if isinstance(labels, (str, int)) else list(labels)
    return [str(label) for label in found]


def _concepts(labels: Any) -> list[resources_pb2.Concept]:
    return [_concept(label) for label in _labels(labels)]


@functools.lru_cache(4096)
def _concept(label: str) -> resources_pb2.Concept:
    if not label.strip():
        raise ValueError("a label is empty")
    return resources_pb2.Concept(id=f"id-{''.join(label.split())}", name=label, value=1)


def _one_each(labels: Any, shapes: Any, name: str) -> list[str]:
    found = _labels(labels)
    if len(found) != len(shapes):
        raise ValueError(f"{len(found)} labels for {len(shapes)} {name}: give one each")
    return found


def _box(label: str, box: Sequence[float]) -> resources_pb2.Region:
    return _region(label, box_info(box))


def _rings(shape: Any) -> Iterator[Any]:
    """Yield the polygons of one label, which may have one or several."""
    if not len(shape):
        raise ValueError("a polygon has no points")
    if hasattr(shape[0][0], "__len__"):
        yield from shape
    else:
        yield shape


def _polygon(label: str, points: Any) -> resources_pb2.Region:
    return _region(label, polygon_info(points))


def _region(label: str, where: resources_pb2.RegionInfo) -> resources_pb2.Region:
    data = resources_pb2.Data(concepts=[_concept(label)])
    return resources_pb2.Region(region_info=where, data=data)


def _annotations(item_id: str, regions: Regions) -> Iterator[bytes]:
    """Yield one annotation per region, with ids that make sending them again harmless."""
    for number, region in enumerate(regions):
        seed = f"{item_id}\0{number}\0".encode() + region.SerializeToString()
        annotation = resources_pb2.Annotation(
            id=hashlib.blake2b(seed, digest_size=16).hexdigest(),
            input_id=item_id,
            data=resources_pb2.Data(regions=[region]),
        )
        yield entry(_ANNOTATIONS_TAG, annotation.SerializeToString())


def entry(tag: bytes, body: bytes) -> bytes:
    """Return a message as an entry of a repeated field: tag, length, bytes."""
    return b"".join((tag, _varint(len(body)), body))


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _tag(descriptor: Any, field: str) -> bytes:
    return _varint(descriptor.fields_by_name[field].number << 3 | 2)


_INPUTS_TAG = _tag(service_pb2.PostInputsRequest.DESCRIPTOR, "inputs")
_ANNOTATIONS_TAG = _tag(service_pb2.PostAnnotationsRequest.DESCRIPTOR, "annotations")
