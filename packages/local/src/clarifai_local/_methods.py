"""The RPCs of the service: their names, messages and paths, and how their answers are put together.

What an application refuses is a status in the answer, with gRPC status OK; only `Aborted` becomes a
gRPC error.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2
from google.protobuf import descriptor_pool, message_factory

from clarifai_local import _ids
from clarifai_local._wire_versions.wire import varint
from clarifai_local.statuses import status

if TYPE_CHECKING:
    from collections.abc import Iterable

    import grpc
    from google.protobuf.descriptor import MethodDescriptor
    from google.protobuf.message import Message

SERVICE = service_pb2.DESCRIPTOR.services_by_name["V2"]
"""The descriptor of the V2 service, the source of all names and message types."""

HTTP_RULE: Any = descriptor_pool.Default().FindExtensionByName("google.api.http")
"""The option of an RPC that names its paths over HTTP."""


class Aborted(Exception):
    """End the call with a gRPC error; for trouble of the transport, not of the application."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


@attrs.frozen
class RawResponse:
    """An answer that is serialized already, without its `status` field."""

    body: bytes
    status: status_pb2.Status | None = None
    """None means success."""


class Method:
    """One RPC of the service: its name, kind and message classes."""

    def __init__(self, descriptor: MethodDescriptor) -> None:
        self.name: str = descriptor.name
        self.http: Any = descriptor.GetOptions().Extensions[HTTP_RULE]
        """Its paths over HTTP, as a `google.api.HttpRule`."""
        # RPCs of other releases are described elsewhere, and called as those of the service.
        self.path = f"/{SERVICE.full_name}/{descriptor.name}"
        self.client_streaming = bool(getattr(descriptor, "client_streaming", False))
        self.server_streaming = bool(getattr(descriptor, "server_streaming", False))
        self.request_type = message_factory.GetMessageClass(descriptor.input_type)
        self.response_type = message_factory.GetMessageClass(descriptor.output_type)
        field = descriptor.output_type.fields_by_name.get("status")
        self._status_tag = b"" if field is None else _tag(field.number)

    def status_of(self, body: bytes) -> status_pb2.Status:
        """Return the status in an answer; an empty one when such answers have none."""
        if not self._status_tag or not body:
            return status_pb2.Status()
        # Most answers have it as field 1: then the rest, which may be large, is only skipped.
        plain = self._status_tag == _tag(1)
        answer: Any = (status_pb2.BaseResponse if plain else self.response_type).FromString(body)
        found = status_pb2.Status()
        found.CopyFrom(answer.status)
        return found

    def refusal(self, refused: status_pb2.Status) -> bytes:
        """Return an answer that holds nothing but a status."""
        return self._envelope(b"", refused)

    def finish(self, answer: Message | RawResponse) -> bytes:
        """Return the bytes of a handler's answer, with its status filled in."""
        if isinstance(answer, RawResponse):
            return self._envelope(answer.body, answer.status or status(codes.SUCCESS))
        envelope = getattr(answer, "status", None)
        if envelope is not None and self._status_tag:
            if not envelope.code:
                envelope.MergeFrom(status(codes.SUCCESS))
            envelope.req_id = _ids.new_id()
        return answer.SerializeToString()

    def _envelope(self, body: bytes, envelope: status_pb2.Status) -> bytes:
        if not self._status_tag:
            return body
        envelope.req_id = _ids.new_id()
        head = envelope.SerializeToString()
        return b"".join((self._status_tag, varint(len(head)), head, body))


@functools.cache
def method_of(descriptor: MethodDescriptor) -> Method:
    """Return the RPC that a descriptor describes: one for all platforms of a process."""
    return Method(descriptor)


def delimited(field_number: int, bodies: Iterable[bytes]) -> bytes:
    """Return serialized messages joined as one repeated field.

    Args:
        field_number: The number of the repeated field.
        bodies: One serialized message per item.
    """
    tag = _tag(field_number)
    parts: list[bytes] = []
    for body in bodies:
        parts += (tag, varint(len(body)), body)
    return b"".join(parts)


_LENGTH_DELIMITED = 2


def _tag(field_number: int) -> bytes:
    return varint(field_number << 3 | _LENGTH_DELIMITED)
