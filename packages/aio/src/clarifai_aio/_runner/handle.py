"""Runners as a platform has them; a process that works for one is `clarifai.client.runner`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_aio._core.handles import DEFAULT_BASE_URL, Handle
from clarifai_core.wire import ids
from clarifai_runner._fields import RunnerFields

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from clarifai_runner.arguments import RunnerArguments

__all__ = ["Runner"]


class Runner(Handle, RunnerFields):
    """A runner of a user: its fields, as `User.runner` and `User.list_runners` return them.

    Working for one is the matter of a process, not of an event loop: `clarifai.client.runner`.

    Args:
        runner_id: Its id.
        user_id: Who owns it.
        base_url: Address of the platform.
        pat: A personal access token.
        token: A session token.
        **kwargs: `context`, `root_certificates_path` and `timeout_seconds`, or fields of its
            message.

    Raises:
        UserError: There is no id, or an argument is wrong.
    """

    kind = "runner"

    def __init__(
        self,
        runner_id: str,
        user_id: str = "",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[RunnerArguments],
    ) -> None:
        super().__init__(
            ids.check_id("runner_id", runner_id),
            user_id=user_id,
            base_url=base_url,
            pat=pat,
            token=token,
            **kwargs,
        )

    @property
    def runner_id(self) -> str:
        """Return its id."""
        return self.id
