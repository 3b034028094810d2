"""The points at which a test may make the platform misbehave.

The dispatcher calls `before` and `after` around every RPC. The default does nothing; a test puts an
object of its own in `Platform.faults`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api.status import status_pb2


class Faults:
    """No faults: the base for those that have some."""

    def before(self, rpc: str) -> status_pb2.Status | None:
        """Run before the handler; may sleep, or raise `dispatch.Aborted`.

        Returns:
            A status to answer with instead of calling the handler, or None.
        """

    def after(self, rpc: str) -> None:
        """Run when the handler took effect, before the answer leaves; may raise `Aborted`."""
