"""What each status code means: its error class, whether to try again, and what to do about it.

Codes and their names are those of the platform's `status_code.proto`. This is the only module that
makes an `ApiError`. What the status of a single item of a bulk request means for that item, stands
in `clarifai_inputs.item_statuses`; that of a job which one waits for, in `clarifai_core.jobs`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from clarifai_core import errors
from clarifai_core._grpc_errors import ended_by_grpc
from clarifai_core.heavy import grpc, status_code_pb2
from clarifai_core.safe_text import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_grpc.grpc.api.status.status_pb2 import Status

    from clarifai_core.transport.calls import Failure, RpcCall


class HasDescription(Protocol):
    """What has words: a `Status`, or an `ApiError`."""

    @property
    def description(self) -> str:
        """Return what is said in short."""

    @property
    def details(self) -> str:
        """Return what is said at length."""


class Advice(enum.Enum):
    """What a status says about sending the same request again."""

    FINAL = "the same request gets the same answer"
    REFUSED_UNREAD = "the platform did nothing: send it again, more slowly"
    PASSING = "the platform failed for the moment: send it again if it has no side effects"
    NOT_READY = "what is asked for is starting: ask again until the deadline"


@attrs.frozen
class StatusMeaning:
    """How the SDK understands one status code."""

    error: type[errors.ApiError] = errors.ApiError
    advice: Advice = Advice.FINAL
    hint: str = ""
    missing: str = ""
    """The kind of thing that does not exist, when the code says which kind it is."""
    tells_rate: bool = False
    """Whether it says that requests come faster than the platform takes them."""


_KEY = "Check the PAT: CLARIFAI_PAT, `pat=`, or `clarifai login`."
_IDS = "Check the ids, and that the credentials belong to that user."

_MEANINGS: dict[int, StatusMeaning] = {
    10010: StatusMeaning(
        errors.MixedStatus, hint="See the status of each item in `error.response`."
    ),
    10020: StatusMeaning(errors.InvalidArgument),
    10030: StatusMeaning(errors.ServerError, Advice.PASSING),
    10040: StatusMeaning(errors.NotSupported),
    11001: StatusMeaning(errors.PermissionDenied, hint=_KEY),
    11002: StatusMeaning(errors.PermissionDenied, hint=_KEY),
    11003: StatusMeaning(errors.Throttled, hint="The hourly limit is used up; run it again later."),
    11004: StatusMeaning(errors.Throttled, hint="The monthly limit is used up."),
    11005: StatusMeaning(
        errors.Throttled,
        Advice.REFUSED_UNREAD,
        "Send fewer requests at once.",
        tells_rate=True,
    ),
    11007: StatusMeaning(errors.PermissionDenied, hint="The PAT lacks a scope for this."),
    11008: StatusMeaning(errors.PermissionDenied, hint=_KEY),
    11009: StatusMeaning(errors.PermissionDenied, hint=_KEY),
    11100: StatusMeaning(errors.InvalidArgument),
    11101: StatusMeaning(errors.NotFound, hint=_IDS),
    11102: StatusMeaning(errors.InvalidArgument),
    11105: StatusMeaning(errors.InvalidArgument),
    21200: StatusMeaning(errors.NotFound, hint=_IDS, missing="model"),
    21201: StatusMeaning(errors.PermissionDenied),
    21351: StatusMeaning(
        errors.ServerError, Advice.NOT_READY, "The model is still being deployed."
    ),
    21354: StatusMeaning(errors.ServerError, Advice.REFUSED_UNREAD, "The model is busy."),
    21355: StatusMeaning(errors.ServerError, Advice.NOT_READY, "The model is still loading."),
    22100: StatusMeaning(errors.AlreadyExists, hint="Choose another workflow id."),
    22102: StatusMeaning(errors.NotFound, hint=_IDS, missing="workflow"),
    22103: StatusMeaning(errors.PermissionDenied),
    24155: StatusMeaning(errors.InvalidArgument),
    24156: StatusMeaning(errors.PermissionDenied),
    25300: StatusMeaning(errors.NotFound, hint=_IDS, missing="module"),
    25301: StatusMeaning(errors.PermissionDenied),
    25600: StatusMeaning(errors.NotFound, hint=_IDS, missing="runner"),
    25601: StatusMeaning(errors.PermissionDenied),
    30100: StatusMeaning(errors.AlreadyExists),
    30102: StatusMeaning(errors.NotFound, missing="input"),
    30103: StatusMeaning(errors.PermissionDenied),
    40010: StatusMeaning(errors.AlreadyExists),
    40030: StatusMeaning(errors.ServerError, Advice.REFUSED_UNREAD),
    40031: StatusMeaning(errors.ServerError, Advice.PASSING),
    40032: StatusMeaning(errors.ServerError, Advice.PASSING),
}

_RANGES: tuple[tuple[range, StatusMeaning], ...] = (
    (range(21202, 21300), StatusMeaning(errors.InvalidArgument)),
    (range(22001, 22108), StatusMeaning(errors.InvalidArgument)),
    (range(25302, 25304), StatusMeaning(errors.InvalidArgument)),
    (range(25602, 25604), StatusMeaning(errors.InvalidArgument)),
    (range(30101, 30200), StatusMeaning(errors.InvalidArgument)),
    (range(39999, 40005), StatusMeaning(errors.InvalidArgument)),
    (range(40011, 40030), StatusMeaning(errors.ServerError, Advice.PASSING)),
    (range(98000, 100000), StatusMeaning(errors.ServerError, Advice.PASSING)),
)

_DUPLICATE_TEXTS = ("already exists", "duplicate")

MAX_DETAILS = 400
"""Characters of gRPC's own words in an error of ours."""

SUCCESS = 10000
MIXED_STATUS = 10010
FAILURE = 10020
MODEL_PREDICTION_FAILED = 21313

DOES_NOT_EXIST = 11101
"""CONN_DOES_NOT_EXIST: of whatever is named."""

MODEL_NOT_READY = (21351, 21355, 21354)
"""MODEL_DEPLOYING, MODEL_LOADING and MODEL_BUSY_PLEASE_RETRY: a model may answer soon."""

OVER_LIMIT = (11005, 11003)
"""CONN_THROTTLED and CONN_EXCEED_HOURLY_LIMIT: more requests than are allowed."""

PARTIAL = (MIXED_STATUS, FAILURE)
"""Statuses of a bulk answer that has one status per item inside."""

NO_WORK = 25604
"""RUNNER_NEEDS_RETRY: the platform waited as long as it does, and there was no work."""

STREAM_END = 25606
"""RUNNER_STREAM_END: the platform ends a runner's stream that is fine."""

STREAM_START = 25605
"""RUNNER_STREAM_START: what a runner says when it has room for an item."""


def is_success(status: Status) -> bool:
    """Return whether a status says that all went well.

    Example:
        >>> from clarifai_grpc.grpc.api.status import status_pb2
        >>> is_success(status_pb2.Status(code=10000))
        True
    """
    code: int = status.code
    return code == SUCCESS


def ends_stream(status: Status) -> bool:
    """Return whether a status says that a runner's stream is over, and was fine."""
    return status.code in (NO_WORK, STREAM_END)


def is_failure(status: Status) -> bool:
    """Return whether a status says that nothing of a bulk request went well."""
    code: int = status.code
    return code == FAILURE


def words_of(said: HasDescription, otherwise: str = "") -> str:
    """Return what the platform says in a status, or in an error made of one.

    Args:
        said: Has a `description` and `details`.
        otherwise: What to return when it says nothing.

    Example:
        >>> from clarifai_grpc.grpc.api.status import status_pb2
        >>> words_of(status_pb2.Status(description="Invalid request", details="no id"))
        'Invalid request: no id'
    """
    return ": ".join(part for part in (said.description, said.details) if part) or otherwise


def meaning_of(code: int, details: str = "") -> StatusMeaning:
    """Return what the status code `code` means.

    Args:
        code: A status code of the platform.
        details: The status's own words: a refused duplicate has no code of its own.

    Example:
        >>> meaning_of(11101).error.__name__
        'NotFound'
    """
    known = _MEANINGS.get(code) or next((m for r, m in _RANGES if code in r), StatusMeaning())
    if known.error is errors.InvalidArgument and any(
        text in details.lower() for text in _DUPLICATE_TEXTS
    ):
        return StatusMeaning(
            errors.AlreadyExists, hint="Choose another id, or open the existing one."
        )
    return known


def status_name(code: int) -> str:
    """Return the name of a status code, or `""` when the installed wire does not know it."""
    value = status_code_pb2.StatusCode.DESCRIPTOR.values_by_number.get(code)
    return value.name if value else ""


def error_within(response: Any, part: Status, call: RpcCall) -> errors.ApiError:
    """Return the error for an answer that is a success, and says inside that the thing failed.

    Args:
        response: What was answered; the error's `response` is a copy of it with `part` on top.
        part: The status inside that says what failed: code, description, details and, if it has
            one, its own `req_id`; else it is that of the answer.
        call: What was asked.
    """
    answer = type(response)()
    answer.CopyFrom(response)
    answer.status.CopyFrom(part)
    answer.status.req_id = part.req_id or response.status.req_id
    return error_from(answer, call, 1)


def error_of_item(item: Any, rpc_name: str, asked: Mapping[str, object]) -> errors.ApiError:
    """Return the error for one of several things, by its own status.

    Args:
        item: The message that has the status.
        rpc_name: What was asked with.
        asked: What tells the thing, for the error.
    """
    said = item.status
    meaning = meaning_of(said.code, f"{said.description} {said.details}")
    name = status_name(said.code)
    return meaning.error(rpc_name, dict(asked), response=item, name=name, hint=meaning.hint)


def error_from(response: Any, call: RpcCall, attempts: int) -> errors.ApiError:
    """Return the error for an answer whose status is not a success."""
    status = response.status
    meaning = meaning_of(status.code, f"{status.description} {status.details}")
    return meaning.error(
        call.rpc.name,
        call.asked(),
        response=response,
        name=status_name(status.code),
        request_id=call.request_id,
        attempts=attempts,
        hint=meaning.hint,
    )


_GRPC_REFUSALS: dict[grpc.StatusCode, type[errors.ApiError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidArgument,
    grpc.StatusCode.NOT_FOUND: errors.NotFound,
    grpc.StatusCode.ALREADY_EXISTS: errors.AlreadyExists,
    grpc.StatusCode.PERMISSION_DENIED: errors.PermissionDenied,
    grpc.StatusCode.UNAUTHENTICATED: errors.PermissionDenied,
    grpc.StatusCode.UNIMPLEMENTED: errors.NotSupported,
}


def error_from_failure(failure: Failure, call: RpcCall, attempts: int) -> errors.ClarifaiError:
    """Return the error for a call that ended without an answer; it is a `grpc.RpcError` too."""
    told = attrs.evolve(failure, details=redacted(failure.details, MAX_DETAILS))
    return ended_by_grpc(_error_of(failure, call, attempts), told)


def _error_of(failure: Failure, call: RpcCall, attempts: int) -> errors.ClarifaiError:
    refusal = _GRPC_REFUSALS.get(failure.code)
    if refusal is not None:
        return refusal(
            call.rpc.name,
            call.asked(),
            description=redacted(failure.details, MAX_DETAILS),
            name=failure.code.name,
            request_id=call.request_id,
            attempts=attempts,
        )
    timed_out = failure.code is grpc.StatusCode.DEADLINE_EXCEEDED
    broken = failure.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS)
    cls = (
        errors.DeadlineExceeded if timed_out else errors.BadReply if broken else errors.Unreachable
    )
    tries = f" after {attempts} attempts" if attempts > 1 else ""
    return cls(
        f"{call.rpc.name}{tries}: {_explain(failure, call)} "
        f"[{failure.code.name}, request {call.request_id}]",
        rpc=call.rpc.name,
        request_id=call.request_id,
        attempts=attempts,
        maybe_applied=not failure.never_sent,
    )


def _explain(failure: Failure, call: RpcCall) -> str:
    if failure.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"no answer from {call.where} within {call.limits.total_seconds:g} seconds."
    text = redacted(failure.details.strip().rstrip("."), MAX_DETAILS) or "no reason given"
    if failure.other_name:
        return (
            f"no trusted connection to {call.where}: its certificate is for another name. Write "
            "that name in base_url."
        )
    if failure.untrusted:
        return (
            f"no trusted connection to {call.where}: {text}. For a certificate of your own, "
            "name its root in CLARIFAI_ROOT_CERTIFICATES_PATH."
        )
    if (other := failure.other_protocol) is not None:
        return other.told(call.where)
    if failure.code is grpc.StatusCode.UNAVAILABLE:
        return f"cannot reach {call.where}: {text}. Check base_url and the network."
    if failure.code is grpc.StatusCode.CANCELLED:
        return f"the call was given up: {text}."
    return f"{call.where} answered: {text}."
