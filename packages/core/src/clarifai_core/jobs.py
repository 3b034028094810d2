"""Jobs of the platform that one waits for: which of their statuses say that they are not over yet.

Codes are those of the platform's `status_code.proto`. Whatever is neither on its way nor done, has
failed: a code that a newer platform brings ends the wait, with what the platform says.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import attrs

from clarifai_core.polling import wait_until
from clarifai_core.progress import waiting
from clarifai_core.status import error_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api.status.status_pb2 import Status
    from google.protobuf.message import Message

    from clarifai_core.transport.session import Session


class HasStatus(Protocol):
    """A message with a status."""

    @property
    def status(self) -> Status:
        """Return it."""


T = TypeVar("T", bound=HasStatus)


class JobState(enum.Enum):
    """How far a job is."""

    PENDING = "it is waiting or being worked on"
    DONE = "it has succeeded"
    FAILED = "it will not succeed any more"


@attrs.frozen
class JobStatuses:
    """What the statuses of one kind of job mean.

    Example:
        >>> TRAINING.state_of(21101).name, TRAINING.state_of(21100).name
        ('PENDING', 'DONE')
    """

    name: str
    pending: frozenset[int]
    done: int

    def state_of(self, code: int) -> JobState:
        """Return how far a job with this status code is."""
        if code == self.done:
            return JobState.DONE
        return JobState.PENDING if code in self.pending else JobState.FAILED


TRAINING = JobStatuses("training", frozenset({21101, 21103, 21104, 21107}), 21100)
"""Training, queued, uploading and building; trained."""

EVALUATION = JobStatuses("evaluation", frozenset({21301, 21303}), 21300)
"""Evaluating and queued; evaluated."""

DATASET_VERSION = JobStatuses("dataset version", frozenset({64005, 64010}), 64015)
"""Pending and in progress; ready."""

DATASET_EXPORT = JobStatuses("dataset export", frozenset({64201, 64203}), 64200)
"""Pending and in progress; success."""

MODEL_EXPORT = JobStatuses("model export", frozenset({21501, 21503}), 21500)
"""Exporting and pending; exported."""

NOTHING_TO_LEARN = 21110
"""MODEL_TRAINING_NO_DATA: no input of a training's data has a label."""

JOBS = (TRAINING, EVALUATION, DATASET_VERSION, DATASET_EXPORT, MODEL_EXPORT)


def wait_for_job(
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

    def check() -> T | None:
        response = session.call(rpc, request)
        thing = thing_in(response)
        state = job.state_of(thing.status.code)
        if state is JobState.FAILED:
            raise error_within(response, thing.status, session.prepare(rpc, request))
        tell(thing.status.description, int(thing.status.percent_completed))
        return thing if state is JobState.DONE else None

    with waiting(what, progress) as tell:
        return wait_until(check, what=what, timeout_seconds=timeout_seconds)
