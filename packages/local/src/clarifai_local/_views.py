"""Stored inputs as they leave the platform: with status, and addresses of this moment's server.

What is stored of an input is a serialized message without them. Protobuf merges a message that
comes in pieces, so that the answer is the stored bytes plus a short tail: listing parses nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local._methods import delimited
from clarifai_local._store.inputs import (
    AUDIO,
    IMAGE,
    MEDIA_FROM_URL,
    TEXT,
    TEXT_FROM_URL,
    VIDEO,
    InputRow,
)
from clarifai_local.media import IMAGE_SIZES, VIDEO_SIZES
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.message import Message

KIND_NAMES = {IMAGE: "image", VIDEO: "video", TEXT: "text", AUDIO: "audio"}
"""Field of `Data`, and part of the address, by kind."""

MEDIA_PATH = "/media"
"""Where the media of inputs are served."""


class InputViews:
    """Makes answers from stored inputs.

    Args:
        base_url: Returns the address that media are served at, such as `http://127.0.0.1:8081`.
    """

    def __init__(self, base_url: Callable[[], str]) -> None:
        self._base_url = base_url

    def at(self, base_url: str) -> InputViews:
        """Return a renderer for background work, where no call tells the base of addresses."""
        return InputViews(lambda: base_url)

    def input(self, row: InputRow) -> resources_pb2.Input:
        """Return an input as a message."""
        return resources_pb2.Input.FromString(self.wire(row))

    def wire(self, row: InputRow) -> bytes:
        """Return an input serialized, to be spliced into an answer."""
        return next(iter(self.wires([row])))

    def wires(self, rows: Iterable[InputRow]) -> Iterable[bytes]:
        """Return inputs serialized, in order."""
        base = self._base_url() + MEDIA_PATH
        for row in rows:
            parts = [row.wire, _status_tail(row.status, row.details)]
            if row.media is not None:
                kind = row.kinds & (IMAGE | VIDEO | AUDIO)
                own = not row.kinds & MEDIA_FROM_URL
                parts.append(_address_tail(base, kind, row.media if own else None))
            if row.text_sha is not None:
                own = not row.kinds & TEXT_FROM_URL
                parts.append(_address_tail(base, TEXT, row.text_sha if own else None))
            yield b"".join(parts)

    def url(self, kind: int, sha: bytes, size: str = "orig") -> str:
        """Return the address of a rendition of an input's media."""
        return f"{self._base_url()}{MEDIA_PATH}/{size}/{suffix(kind, sha)}"


def suffix(kind: int, sha: bytes) -> str:
    """Return `hosted.suffix` of an input's media."""
    return f"{KIND_NAMES[kind]}/{sha.hex()}"


def set_hosted(
    part: resources_pb2.Image | resources_pb2.Video | resources_pb2.Text | resources_pb2.Audio,
    kind: int,
    sha: bytes,
) -> None:
    """Write into a part of an input's data where its bytes can be fetched, but for the host."""
    part.hosted.suffix = suffix(kind, sha)
    del part.hosted.sizes[:]
    part.hosted.sizes.extend(_sizes(part, kind))


def _sizes(part: Message, kind: int) -> tuple[str, ...]:
    if kind == IMAGE:
        return IMAGE_SIZES
    # What has been described can be decoded here.
    return VIDEO_SIZES if kind == VIDEO and part.HasField("video_info") else ("orig",)


_DATA_FIELD = resources_pb2.Input.DESCRIPTOR.fields_by_name["data"].number
_STATUS_FIELD = resources_pb2.Input.DESCRIPTOR.fields_by_name["status"].number
_HOSTED_PREFIX_FIELD = resources_pb2.HostedURL.DESCRIPTOR.fields_by_name["prefix"].number


def _numbers(kind: int) -> tuple[int, int, int]:
    field = resources_pb2.Data.DESCRIPTOR.fields_by_name[KIND_NAMES[kind]]
    if field.message_type is None:
        raise TypeError(f"Data.{field.name} is not a message")
    inner = field.message_type.fields_by_name
    return field.number, inner["url"].number, inner["hosted"].number


_FIELDS = {kind: _numbers(kind) for kind in KIND_NAMES}


@lru_cache(maxsize=256)
def _status_tail(code: int, details: str) -> bytes:
    return delimited(_STATUS_FIELD, [status(code, details).SerializeToString()])


@lru_cache(maxsize=64)
def _hosted(base: str, kind: int) -> bytes:
    prefix = delimited(_HOSTED_PREFIX_FIELD, [base.encode()])
    return delimited(_FIELDS[kind][2], [prefix])


def _address_tail(base: str, kind: int, own: bytes | None) -> bytes:
    data_field, url_field, _ = _FIELDS[kind]
    inner = _hosted(base, kind)
    if own is not None:
        url = f"{base}/orig/{KIND_NAMES[kind]}/{own.hex()}"
        inner += delimited(url_field, [url.encode()])
    return delimited(_DATA_FIELD, [delimited(data_field, [inner])])
