"""The HTTP status of an answer, by the status code inside.

The hosted service documents no such table, and clients of the wire contract read the code in the
body. Ours is for everybody else (curl, `raise_for_status`): it says who has to do something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

if TYPE_CHECKING:
    import grpc

HTTP_STATUSES: dict[int, int] = {
    codes.SUCCESS: 200,
    codes.MIXED_STATUS: 207,
    codes.FAILURE: 400,
    codes.TRY_AGAIN: 503,
    codes.NOT_IMPLEMENTED: 501,
    codes.ACCEPTED: 202,
    # Credentials.
    codes.CONN_TOKEN_INVALID: 401,
    codes.CONN_CREDENTIALS_INVALID: 401,
    codes.CONN_KEY_INVALID: 401,
    codes.CONN_KEY_NOT_FOUND: 401,
    codes.CONN_INSUFFICIENT_SCOPES: 403,
    # Limits.
    codes.CONN_EXCEED_HOURLY_LIMIT: 429,
    codes.CONN_EXCEED_MONTHLY_LIMIT: 429,
    codes.CONN_THROTTLED: 429,
    codes.CONN_EXCEEDS_LIMITS: 429,
    # Addresses.
    codes.CONN_DOES_NOT_EXIST: 404,
    codes.CONN_METHOD_NOT_ALLOWED: 405,
    codes.RPC_UNKNOWN_METHOD: 404,
    # A later attempt may go well.
    codes.MODEL_DEPLOYING: 503,
    # A poll that found no work is as good as any.
    codes.RUNNER_NEEDS_RETRY: 200,
}
"""What the ranges below do not say."""

BAD_REQUEST = 400
SERVER_ERROR = 500

_FIRST_INTERNAL = 98_000
_DOES_NOT_EXIST = frozenset(
    number for name, number in codes.StatusCode.items() if name.endswith("_DOES_NOT_EXIST")
)
_GRPC = {
    "CANCELLED": 499,
    "DEADLINE_EXCEEDED": 504,
    "INTERNAL": 500,
    "INVALID_ARGUMENT": 400,
    "NOT_FOUND": 404,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "UNAUTHENTICATED": 401,
    "UNAVAILABLE": 503,
    "UNIMPLEMENTED": 501,
}


def http_status(code: int) -> int:
    """Return the HTTP status of a status code: 404 for what is not there, 400 for other errors.

    Example:
        >>> http_status(codes.MODEL_DOES_NOT_EXIST), http_status(codes.CONN_INVALID_REQUEST)
        (404, 400)
    """
    if code in HTTP_STATUSES:
        return HTTP_STATUSES[code]
    if code in _DOES_NOT_EXIST:
        return 404
    return SERVER_ERROR if code >= _FIRST_INTERNAL else BAD_REQUEST


def http_status_of_grpc(code: grpc.StatusCode) -> int:
    """Return the HTTP status of a gRPC error."""
    return _GRPC.get(code.name, SERVER_ERROR)
