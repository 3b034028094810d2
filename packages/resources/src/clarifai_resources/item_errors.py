"""The error for an answer that is a success as a whole and says inside that the thing failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.status import error_from

if TYPE_CHECKING:
    from clarifai_core.errors import ApiError
    from clarifai_core.handles import Handle


def refusal(handle: Handle, rpc_name: str, request: Any, response: Any, status: Any) -> ApiError:
    """Return the error for a status inside an answer.

    Args:
        handle: What asked.
        rpc_name: Such as `"GetModelVersion"`.
        request: What was sent.
        response: What was answered; the error's `response` is a copy of it with `status` on top.
        status: The status that says what failed.
    """
    answer = type(response)()
    answer.CopyFrom(response)
    answer.status.CopyFrom(status)
    if not answer.status.req_id:
        answer.status.req_id = response.status.req_id
    return error_from(answer, handle.session.prepare(rpc_name, request), 1)
