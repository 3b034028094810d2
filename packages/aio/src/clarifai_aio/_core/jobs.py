# Made of clarifai_core.jobs by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Jobs of the platform that one waits for: which of their statuses say that they are not over yet.

Codes are those of the platform's `status_code.proto`. Whatever is neither on its way nor done, has
failed: a code that a newer platform brings ends the wait, with what the platform says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._core.polling import wait_until
from clarifai_core.jobs import DATASET_EXPORT as DATASET_EXPORT
from clarifai_core.jobs import DATASET_VERSION as DATASET_VERSION
from clarifai_core.jobs import EVALUATION as EVALUATION
from clarifai_core.jobs import MODEL_EXPORT as MODEL_EXPORT
from clarifai_core.jobs import NOTHING_TO_LEARN as NOTHING_TO_LEARN
from clarifai_core.jobs import TRAINING as TRAINING
from clarifai_core.jobs import JobState as JobState
from clarifai_core.jobs import JobStatuses, T
from clarifai_core.progress import waiting
from clarifai_core.status import error_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message

    from clarifai_aio._core.session import Session


async def wait_for_job(
    session: Session,
    job: JobStatuses,
    rpc: str,
    request: Message,
    thing_in: Callable[[Any], T],
    *,
    what: str,
    timeout_seconds: float,
    progress: bool | None = None,
) -> T:
    """Ask for a job's thing until it is done, and return it.

    Args:
        session: The way to the platform.
        job: What kind of job it is.
        rpc: What to ask with, such as `"GetModelVersion"`.
        request: What to ask.
        thing_in: Takes the thing out of an answer.
        what: What is waited for, for the error message.
        timeout_seconds: When to give up.
        progress: Whether to show how far it is; None: on a terminal or in a notebook.

    Raises:
        ApiError: The job has failed; code, description and details are those of the thing's status.
        DeadlineExceeded: It was not done in time; it goes on without us.
    """

    async def check() -> T | None:
        response = await session.call(rpc, request)
        thing = thing_in(response)
        state = job.state_of(thing.status.code)
        if state is JobState.FAILED:
            raise error_within(response, thing.status, session.prepare(rpc, request))
        tell(thing.status.description, int(thing.status.percent_completed))
        return thing if state is JobState.DONE else None

    with waiting(what, progress) as tell:
        return await wait_until(check, what=what, timeout_seconds=timeout_seconds)
