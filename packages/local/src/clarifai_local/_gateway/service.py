"""Answers requests of the JSON gateway, through the dispatcher that answers gRPC, too."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _ids
from clarifai_local._gateway import transcode
from clarifai_local._gateway.binding import Bindings
from clarifai_local._gateway.statuses import http_status, http_status_of_grpc
from clarifai_local._methods import Aborted
from clarifai_local._store import ClosedError
from clarifai_local.http_messages import HttpReply
from clarifai_local.statuses import Refused, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_grpc.grpc.api.status import status_pb2
    from google.protobuf.message import Message

    from clarifai_local._gateway.binding import Match
    from clarifai_local._methods import Method
    from clarifai_local.auth import Authenticator
    from clarifai_local.dispatch import Dispatcher
    from clarifai_local.http_messages import HttpRequest

PREFIX = "/v2/"
"""What all paths begin with."""

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
"""Media type of the answers of RPCs that stream: a message a line."""


class Gateway:
    """The RPCs of a platform as JSON over HTTP; a route of `Http`.

    Answers carry the status as on gRPC, and an HTTP status that goes with its code. A stream of
    requests is JSON documents behind each other in the body, all of them sent before the first
    answer; a stream of answers is newline-delimited JSON, sent as they come.

    Args:
        dispatcher: Answers the RPCs.
        authenticate: Tells the caller before a body is looked at.
    """

    def __init__(self, dispatcher: Dispatcher, authenticate: Authenticator) -> None:
        self._dispatcher = dispatcher
        self._authenticate = authenticate

    @cached_property
    def bindings(self) -> Bindings:
        """The paths of all RPCs, read at the first request."""
        return Bindings(self._dispatcher.methods.values())

    def handle(self, request: HttpRequest) -> HttpReply:
        """Answer a request whose caller was let in."""
        try:
            found = self._match(request)
            if found.binding.method.server_streaming:
                return self._stream(found, request)
            return self._unary(found, request)
        except Refused as refused:
            return refusal(refused.status, headers=self._allowed(request, refused))
        except Aborted as aborted:
            return _aborted(aborted)
        except ClosedError as error:
            return refusal(status(codes.INTERNAL_SERVER_ISSUE, str(error)), 503)

    def refuses(self, request: HttpRequest) -> HttpReply | None:
        """Return the refusal of a caller without a key, by the head of the request alone."""
        try:
            self._authenticate(request.headers, request.trusted)
        except Refused as refused:
            return refusal(refused.status)
        return None

    def _match(self, request: HttpRequest) -> Match:
        path = _path(request)
        streams = JSON_LINES in request.headers.get("accept", "")
        try:
            found = self.bindings.find(request.method, path, streams=streams)
        except UnicodeDecodeError as error:
            raise Refused(
                codes.CONN_BAD_REQUEST_FORMAT, f"the path {path} is not UTF-8 once decoded"
            ) from error
        if found is not None:
            return found
        verbs = self.bindings.verbs(path)
        if verbs:
            raise Refused(
                codes.CONN_METHOD_NOT_ALLOWED,
                f"{path} answers to {', '.join(sorted(verbs))}, not to {request.method}",
            )
        raise Refused(codes.RPC_UNKNOWN_METHOD, f"no RPC has the path {path}")

    def _allowed(self, request: HttpRequest, refused: Refused) -> dict[str, str]:
        if refused.status.code != codes.CONN_METHOD_NOT_ALLOWED:
            return {}
        return {"allow": ", ".join(sorted(self.bindings.verbs(_path(request))))}

    def _unary(self, found: Match, request: HttpRequest) -> HttpReply:
        method = found.binding.method
        message = _message(found, request.query, transcode.document(request.body))
        body = self._dispatcher.unary(
            method, message.SerializeToString(), request.headers, trusted=request.trusted
        )
        answer: Any = method.response_type.FromString(body)
        return HttpReply(
            _http_status(method, answer), transcode.written(answer, found.binding.names), JSON
        )

    def _stream(self, found: Match, request: HttpRequest) -> HttpReply:
        method = found.binding.method
        given = list(transcode.documents(request.body)) or [{}]
        messages = [_message(found, request.query, one) for one in given]
        answers = self._dispatcher.stream(
            method,
            (message.SerializeToString() for message in messages),
            request.headers,
            trusted=request.trusted,
        )
        # The first answer says with which HTTP status the others go.
        first = next(answers, None)
        if first is None:
            return HttpReply(200, b"", JSON_LINES)
        answer: Any = method.response_type.FromString(first)
        lines = _lines(method, answers)
        return HttpReply(_http_status(method, answer), _line(answer), JSON_LINES, chunks=lines)


def refusal(
    refused: status_pb2.Status, http: int | None = None, headers: dict[str, str] | None = None
) -> HttpReply:
    """Return the answer that holds nothing but a status.

    Args:
        refused: The status.
        http: The HTTP status, if not that of the code.
        headers: Of the answer.
    """
    shown = {
        "code": refused.code,
        "description": refused.description,
        "details": refused.details,
        "req_id": _ids.new_id(),
    }
    body = json.dumps({"status": shown}, ensure_ascii=False).encode()
    return HttpReply(http or http_status(refused.code), body, JSON, headers=headers or {})


def _message(found: Match, query: str, given: Any) -> Message:
    message = found.binding.method.request_type()
    transcode.read(message, given, found.binding.names)
    transcode.read_query(message, query)
    for path, value in found.variables.items():
        transcode.set_path(message, path, [value])
    return message


def _http_status(method: Method, answer: Any) -> int:
    known = "status" in method.response_type.DESCRIPTOR.fields_by_name
    code = getattr(answer.status, "code", 0) if known else 0
    return http_status(code) if code else 200


def _lines(method: Method, answers: Iterator[bytes]) -> Iterator[bytes]:
    try:
        for body in answers:
            yield _line(method.response_type.FromString(body))
    except Aborted as aborted:
        # The HTTP status has gone out already.
        yield _aborted(aborted).body + b"\n"


def _line(answer: Any) -> bytes:
    return transcode.written(answer) + b"\n"


def _aborted(aborted: Aborted) -> HttpReply:
    details = f"{aborted.code.name}: {aborted.details}"
    broken = status(codes.INTERNAL_SERVER_ISSUE, details)
    return refusal(broken, http_status_of_grpc(aborted.code))


def _path(request: HttpRequest) -> str:
    return request.raw_path or quote(PREFIX + request.path)
