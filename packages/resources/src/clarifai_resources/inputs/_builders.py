"""`Input` messages from bytes, files, URLs and texts; arguments are checked, nothing is sent."""

from __future__ import annotations

import os
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from clarifai_core.errors import FileError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import shown
from clarifai_core.wire.messages import nearest, struct
from clarifai_inputs import texts
from clarifai_inputs.concepts import concept_id, concept_name
from clarifai_inputs.contents import ContentBytes, bytes_in
from clarifai_inputs.geo_points import geo_point_in
from clarifai_inputs.media import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from google.protobuf.struct_pb2 import Struct

FilePath: TypeAlias = "str | os.PathLike[str]"


class InputOptions(TypedDict, total=False):
    """What every builder takes besides the content."""

    labels: Sequence[str] | None
    """Concepts of the whole input."""
    label_ids: Sequence[str] | None
    """Their ids, one for each; else they are made of the labels."""
    geo_info: Sequence[float] | None
    """[longitude, latitude] in degrees."""
    metadata: Mapping[str, Any] | Struct | None
    """Anything that JSON can hold."""


def from_bytes(
    input_id: str,
    contents: Mapping[str, ContentBytes | None],
    dataset_id: str | None,
    options: InputOptions,
) -> resources_pb2.Input:
    """Return an input that carries its content.

    Args:
        input_id: Its id; empty lets the platform choose one.
        contents: Media type -> bytes, or what `bytes_in` takes; texts are UTF-8.
        dataset_id: The dataset it goes to.
        options: Labels, place and metadata.
    """
    given = _given(contents, "bytes")
    made = _input(input_id, dataset_id, options)
    for media, content in given.items():
        name = f"{media}_bytes"
        _put_bytes(made, media, _bytes(content, name), name)
    return made


def from_files(
    input_id: str,
    files: Mapping[str, FilePath | None],
    dataset_id: str | None,
    options: InputOptions,
) -> resources_pb2.Input:
    """Return an input with the content of files; see `from_bytes`."""
    given = _given(files, "file")
    made = _input(input_id, dataset_id, options)
    for media, path in given.items():
        _put_file(made, media, read_file(path, f"{media}_file"), f"{media}_file {str(path)!r}")
    return made


def from_urls(
    input_id: str,
    urls: Mapping[str, str | None],
    dataset_id: str | None,
    options: InputOptions,
) -> resources_pb2.Input:
    """Return an input whose content the platform gets from URLs; see `from_bytes`."""
    given = _given(urls, "url")
    made = _input(input_id, dataset_id, options)
    for media, url in given.items():
        getattr(made.data, media).url = text(url, f"{media}_url")
    return made


def from_text(
    input_id: str, raw_text: str, dataset_id: str | None, options: InputOptions
) -> resources_pb2.Input:
    """Return a text input; see `from_bytes`."""
    made = _input(input_id, dataset_id, options)
    made.data.text.raw = text(raw_text, "raw_text")
    return made


def multimodal(
    input_id: str,
    texts: Mapping[str, Any],
    images: Mapping[str, Any],
    dataset_id: str | None,
    options: InputOptions,
) -> resources_pb2.Input:
    """Return an input with one text and one image.

    Args:
        input_id: Its id; empty lets the platform choose one.
        texts: `raw_text` and `text_bytes`; exactly one is given.
        images: `image_url` and `image_bytes`; exactly one is given.
        dataset_id: The dataset it goes to.
        options: Labels, place and metadata.
    """
    _exactly_one(texts)
    _exactly_one(images)
    made = _input(input_id, dataset_id, options)
    if texts["raw_text"]:
        made.data.text.raw = text(texts["raw_text"], "raw_text")
    else:
        _put_bytes(made, "text", _bytes(texts["text_bytes"], "text_bytes"), "text_bytes")
    if images["image_url"]:
        made.data.image.url = text(images["image_url"], "image_url")
    else:
        made.data.image.base64 = _bytes(images["image_bytes"], "image_bytes")
    return made


def concept(label: str, label_id: str | None = None) -> resources_pb2.Concept:
    """Return the concept of a label, as a positive one.

    Args:
        label: Its name.
        label_id: Its id; else one is made of the name.

    Example:
        >>> concept("big dog").id, concept("big dog", "dog-2").id
        ('id-bigdog', 'dog-2')
    """
    name = concept_name(text(label, "label"))
    own = text(label_id, "label_id") if label_id else concept_id(name)
    return resources_pb2.Concept(id=own, name=name, value=1.0)


def read_file(path: FilePath, what: str) -> bytes:
    """Return the content of a file.

    Args:
        path: The file.
        what: What it is, for the error: `"image_file"`.

    Raises:
        UserError: It is missing, empty or cannot be read.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise UserError(f"{what} must be the path of a file, got {path!r}.")
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        text = f"{what} {shown(str(path))} cannot be read: {error.strerror}."
        raise FileError.of(text, error) from error
    except ValueError as error:
        raise UserError(f"{what} {shown(str(path))} is no path: {error}.") from error
    if not content:
        raise UserError(f"{what} {shown(str(path))} is empty.")
    return content


def text(value: object, name: str) -> str:
    """Return `value` when it is a text that is not empty.

    Raises:
        UserError: It is not.
    """
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{name} must be a text that is not empty, got {value!r:.80}.")
    return value


def content_only(media: str, content: bytes, name: str) -> resources_pb2.Input:
    """Return an input without id or description, for a prediction.

    Args:
        media: One of `KINDS`.
        content: Its content; texts are UTF-8.
        name: The caller's name of the content, for errors.
    """
    made = resources_pb2.Input()
    _put_bytes(made, media, content, name)
    return made


def check_media_type(input_type: object) -> str:
    """Return `input_type` when it is one of `KINDS`.

    Raises:
        UserError: It is not; the message lists them.
    """
    if input_type not in KINDS:
        expected = ", ".join(KINDS)
        raise UserError(f"Got input type {input_type!r} but expected one of {expected}.")
    return str(input_type)


def place(geo_info: object) -> resources_pb2.Geo:
    """Return the place of [longitude, latitude] in degrees.

    Raises:
        UserError: It is no such pair, or not on earth.
    """
    try:
        longitude, latitude = geo_point_in(geo_info)
    except ValueError as error:
        raise UserError(f"{error}.") from None
    return resources_pb2.Geo(
        geo_point=resources_pb2.GeoPoint(longitude=longitude, latitude=latitude)
    )


def _input(input_id: str, dataset_id: str | None, options: InputOptions) -> resources_pb2.Input:
    unknown = [name for name in options if name not in InputOptions.__annotations__]
    if unknown:
        known = list(InputOptions.__annotations__)
        raise UserError.listing(
            "Unknown arguments of an input",
            [f"{name}: unknown{nearest(name, known)}" for name in unknown],
        )
    for name, value in (("input_id", input_id), ("dataset_id", dataset_id)):
        if value is not None and not isinstance(value, str):
            raise UserError(f"{name} must be text, got {value!r}.")
    made = resources_pb2.Input(id=input_id or "")
    if dataset_id:
        made.dataset_ids.append(dataset_id)
    _describe(made.data, options)
    return made


def _describe(data: resources_pb2.Data, options: InputOptions) -> None:
    labels, geo_info = options.get("labels"), options.get("geo_info")
    metadata = options.get("metadata")
    data.concepts.extend(_concepts(labels, options.get("label_ids")))
    if geo_info is not None:
        data.geo.CopyFrom(place(geo_info))
    if metadata is not None:
        data.metadata.CopyFrom(struct(metadata))


def _concepts(labels: object, label_ids: object) -> list[resources_pb2.Concept]:
    for name, value in (("labels", labels), ("label_ids", label_ids)):
        if value is not None and not isinstance(value, (list, tuple)):
            raise UserError(f"{name} must be a list of texts, got {value!r}.")
    names, own = list(labels or ()), list(label_ids or ())  # type: ignore[call-overload]
    if own and len(own) != len(names):
        raise UserError(
            f"label_ids must name an id for each of labels: {len(own)} for {len(names)}."
        )
    return list(map(concept, names, own or repeat(None)))


def _given(values: Mapping[str, Any], form: str) -> dict[str, Any]:
    given = {media: value for media, value in values.items() if _is_given(value)}
    if not given:
        names = ", ".join(f"{media}_{form}" for media in values)
        raise UserError(f"At least one of {names} must be provided.")
    return given


def _exactly_one(values: Mapping[str, Any]) -> None:
    if sum(map(_is_given, values.values())) != 1:
        raise UserError(f"Give exactly one of {' and '.join(values)}.")


def _is_given(value: object) -> bool:
    """Return whether an argument says something; arrays have no truth of their own."""
    return bool(value) if isinstance(value, (str, bytes, bytearray)) else value is not None


def _bytes(content: object, name: str) -> bytes:
    try:
        found = bytes_in(content, name)
    except (TypeError, ValueError, OSError) as error:
        raise UserError(f"{error}.") from error
    if not found:
        raise UserError(f"{name} is empty.")
    return found


def _put_bytes(made: resources_pb2.Input, media: str, content: bytes, name: str) -> None:
    if media != "text":
        getattr(made.data, media).base64 = content
        return
    try:
        made.data.text.raw = texts.without_mark(content).decode()
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name} must be UTF-8 text: byte {error.object[error.start]:#04x} at position "
            f"{error.start} is not."
        ) from error


def _put_file(made: resources_pb2.Input, media: str, content: bytes, name: str) -> None:
    """Put the content of a file, which of a text may be in UTF-16."""
    if media != "text" or not texts.is_wide(content[: texts.MARK_BYTES]):
        _put_bytes(made, media, content, name)
        return
    try:
        made.data.text.raw = texts.decode(content)
    except UnicodeDecodeError as error:
        raise UserError(f"{name} must be UTF-8 text: {texts.fault_of(error)}.") from error
