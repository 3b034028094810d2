"""One input on its way into the store: checks, its stored form and its annotations."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import _ids, media
from clarifai_local._clock import timestamp
from clarifai_local._services.checks import check_data
from clarifai_local._store.inputs import (
    AUDIO,
    IMAGE,
    MEDIA_FROM_URL,
    TEXT,
    TEXT_FROM_URL,
    VIDEO,
    NewInput,
)
from clarifai_local._views import KIND_NAMES, set_hosted
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


DUPLICATE_DETAILS = "Input has a duplicate ID."
"""Clients match this text."""

_SUFFIXES = range(1, 10)
_MEDIA = (IMAGE, VIDEO, AUDIO)


@attrs.define
class PostedInput:
    """An input of a request; `refusal` says why it is not accepted, if so."""

    message: resources_pb2.Input
    """The request's own message, stripped step by step to what is stored."""
    dataset_ids: tuple[str, ...]
    kinds: int = 0
    blob: bytes | None = None
    """Bytes of its image, video or audio, when they came along."""
    media: bytes | None = None
    """Their SHA-256, once prepared."""
    refusal: status_pb2.Status | None = None

    def refuse(self, why: status_pb2.Status) -> None:
        """Do not accept the input; the first reason counts."""
        self.refusal = self.refusal or why

    def refused(self, why: status_pb2.Status) -> bytes:
        """Return how a refused input is answered: its id, and why."""
        return resources_pb2.Input(id=self.message.id, status=why).SerializeToString()

    def stored(self, now_us: int) -> NewInput:
        """Return what is stored of the input; call it after `annotations`."""
        message, text_sha = self.message, None
        if self.media is not None:
            kind = self.kinds & (IMAGE | VIDEO | AUDIO)
            set_hosted(getattr(message.data, KIND_NAMES[kind]), kind, self.media)
        if self.kinds & TEXT and not self.kinds & TEXT_FROM_URL:
            raw = message.data.text.raw
            text_sha = hashlib.sha256(raw.encode()).digest()
            set_hosted(message.data.text, TEXT, text_sha)
            message.data.text.text_info.char_count = len(raw)
            message.data.text.text_info.encoding = "utf-8"
        when = timestamp(now_us)
        message.created_at.CopyFrom(when)
        message.modified_at.CopyFrom(when)
        return NewInput(message.id, self.kinds, self.media, text_sha, message.SerializeToString())

    def annotations(self, user_id: str, now_us: int) -> Iterator[resources_pb2.Annotation]:
        """Yield the input-level annotation, and one per region that came along.

        Regions are taken out of the input: they are annotations from then on.
        """
        when = timestamp(now_us)
        data = self.message.data
        level = resources_pb2.Data(concepts=data.concepts)
        if data.HasField("metadata"):
            level.metadata.CopyFrom(data.metadata)
        if data.HasField("geo"):
            level.geo.CopyFrom(data.geo)
        parts = [(level, True)]
        for region in data.regions:
            region.id = region.id or _ids.new_id()
            parts.append((resources_pb2.Data(regions=[region]), False))
        data.ClearField("regions")
        for part, input_level in parts:
            yield resources_pb2.Annotation(
                id=_ids.new_id(),
                input_id=self.message.id,
                data=part,
                user_id=user_id,
                status=_ANNOTATED,
                created_at=when,
                modified_at=when,
                trusted=True,
                input_level=input_level,
            )


def prepare(message: resources_pb2.Input) -> PostedInput:
    """Check one input of a request and take its bytes out.

    Args:
        message: Changed in place.
    """
    upload = PostedInput(message, tuple(dict.fromkeys(message.dataset_ids)))
    for name in ("dataset_ids", "status", "created_at", "modified_at"):
        message.ClearField(name)
    try:
        message.id = _ids.check_input(message.id or _ids.new_id())
        _take_content(upload)
        check_data(message.data)
    except Refused as refused:
        upload.refuse(refused.status)
    return upload


def candidates(uploads: Sequence[PostedInput], resolution: int) -> list[str]:
    """Return every id that the uploads may get, to look up which of them are taken."""
    wanted = [upload.message.id for upload in uploads if upload.refusal is None]
    if resolution != resources_pb2.SUFFIX:
        return wanted
    return [*wanted, *(f"{input_id}-{n}" for input_id in wanted for n in _SUFFIXES)]


def free_ids(uploads: Sequence[PostedInput], taken: set[str], resolution: int) -> None:
    """Refuse, or rename when the request wants that, inputs whose id is taken.

    Args:
        uploads: In the order of the request: the first one with an id gets it.
        taken: Ids that are stored already; grows.
        resolution: A number of the proto enum InputIDConflictResolution.
    """
    for upload in uploads:
        if upload.refusal is not None:
            continue
        if upload.message.id in taken and resolution == resources_pb2.SUFFIX:
            upload.message.id = _suffixed(upload.message.id, taken)
        if upload.message.id in taken:
            upload.refuse(status(codes.INPUT_DUPLICATE, DUPLICATE_DETAILS))
        taken.add(upload.message.id)


_OWN_FIELDS: tuple[Any, ...] = (
    "decoded_bytes", "hosted", "hosted_thumbnail", "thumbnail_url", "hosted_image",
    "image_info", "video_info", "audio_info", "text_info",
)  # fmt: skip
"""Fields of media that the platform sets: what a request says of them is not taken."""

_ANNOTATED = status(codes.ANNOTATION_SUCCESS)
_KEPT = frozenset({"image", "video", "audio", "text", "concepts", "metadata", "geo", "regions"})


def _take_content(upload: PostedInput) -> None:
    data = upload.message.data
    for field, _ in data.ListFields():
        if field.name not in _KEPT:
            raise _refusal(f"data.{field.name} cannot be uploaded: use PostAnnotations")
    given = [kind for kind in _MEDIA if data.HasField(KIND_NAMES[kind])]  # type: ignore[arg-type]
    if len(given) > 1:
        names = " and ".join(KIND_NAMES[kind] for kind in given)
        raise _refusal(f"an input holds one of image, video and audio, not {names}")
    for kind in given:
        _take_media(upload, kind)
    if data.HasField("text"):
        _take_text(upload)
    if not upload.kinds:
        raise _refusal("the input has no data: give it an image, a video, audio or a text")


def _take_media(upload: PostedInput, kind: int) -> None:
    part = getattr(upload.message.data, KIND_NAMES[kind])
    if part.base64:
        upload.blob = part.base64
        part.ClearField("base64")
        part.ClearField("url")
        upload.kinds |= kind
    elif part.url:
        upload.kinds |= kind | MEDIA_FROM_URL
    else:
        raise _refusal(f"data.{KIND_NAMES[kind]} has neither url nor base64")
    for name in _OWN_FIELDS:
        if name in part.DESCRIPTOR.fields_by_name:
            part.ClearField(name)


def _take_text(upload: PostedInput) -> None:
    text = upload.message.data.text
    if text.raw:
        if len(text.raw) > media.MAX_TEXT_BYTES:
            raise Refused(
                codes.INPUT_OVER_LIMIT,
                f"the text has {len(text.raw):,} characters, more than {media.MAX_TEXT_BYTES:,}",
            )
        text.ClearField("url")
        upload.kinds |= TEXT
    elif text.url:
        upload.kinds |= TEXT | TEXT_FROM_URL
    else:
        raise _refusal("data.text has neither raw text nor url")
    for name in _OWN_FIELDS:
        if name in text.DESCRIPTOR.fields_by_name:
            text.ClearField(name)


def _refusal(details: str) -> Refused:
    return Refused(codes.INPUT_INVALID_ARGUMENT, details)


def _suffixed(input_id: str, taken: set[str]) -> str:
    for number in _SUFFIXES:
        if (candidate := f"{input_id}-{number}") not in taken:
            return candidate
    return f"{input_id}-{secrets.token_hex(4)}"
