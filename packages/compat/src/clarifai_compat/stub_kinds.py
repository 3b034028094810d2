"""The stubs of `clarifai.client.auth.stub` by the names of their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.auth_helper import create_stub
from clarifai_compat.stub import V2Stub
from clarifai_core import status
from clarifai_core.heavy import grpc

if TYPE_CHECKING:
    from clarifai_compat.auth_helper import ClarifaiAuthHelper

throttle_status_codes = set(status.OVER_LIMIT)
"""Status codes that say that more requests came than are allowed."""

retry_codes_grpc = {grpc.StatusCode.UNAVAILABLE}
"""What gRPC says where the same request may succeed soon."""


class AuthorizedStub(V2Stub):
    """The RPCs of the platform that a helper names; `create_stub` makes the same.

    Args:
        auth_helper: Address and credentials; None: those of the environment.
        is_async: As for `create_stub`.
    """

    def __init__(
        self, auth_helper: ClarifaiAuthHelper | None = None, is_async: bool = False
    ) -> None:
        super().__init__(create_stub(auth_helper, is_async=is_async).session)


class RetryStub(V2Stub):
    """A stub that tries again what may succeed then; every stub of ours does.

    Args:
        stub: The stub.
        max_attempts: Kept for programs that give it: the session says how often.
        backoff_time: Kept for programs that give it: the session says how long to wait.
    """

    def __init__(self, stub: V2Stub, max_attempts: int = 10, backoff_time: float = 5) -> None:
        del max_attempts, backoff_time
        super().__init__(stub.session)
