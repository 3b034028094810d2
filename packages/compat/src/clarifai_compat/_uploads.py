"""Sending inputs and waiting until the platform has processed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import DeadlineExceeded
from clarifai_core.heavy import service_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.polling import wait_until
from clarifai_inputs.item_statuses import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    from clarifai_grpc.grpc.api import resources_pb2

    Inputs: TypeAlias = Any
    """The handle of an app's inputs, of a room that this one does not know."""

logger = logger_for(__name__)

TIMEOUT_SECONDS = 1800.0
"""How long an upload may take to be processed."""

PER_REQUEST = 128
"""Ids of one ListInputs request."""


def upload_and_wait(
    inputs: Inputs, given: Iterable[resources_pb2.Input]
) -> list[resources_pb2.Input]:
    """Send inputs, wait until they are processed, and return those that failed.

    Args:
        inputs: The handle of the app's inputs.
        given: `Input` messages.
    """
    sent = list(given)
    job_id, response = inputs.upload_inputs(sent, show_log=False)
    wait(inputs, job_id)
    ids = [one.id for one in response.inputs if meaning_of(one.status).is_there]
    ready = {one.id for one in _listed(inputs, ids) if meaning_of(one.status).is_there}
    answers = zip(sent, response.inputs, strict=False)
    failed = [one for one, answer in answers if answer.id not in ready]
    if failed:
        logger.warning("%d of %d inputs failed.", len(failed), len(sent))
    return failed


def wait(inputs: Inputs, job_id: str) -> bool:
    """Wait until an upload is processed; return False when that takes too long."""
    request = service_pb2.GetInputsAddJobRequest(user_app_id=inputs.user_app_id, id=job_id)

    def check() -> bool | None:
        progress = inputs.session.call("GetInputsAddJob", request).inputs_add_job.progress
        return None if progress.in_progress_count or progress.pending_count else True

    try:
        return wait_until(check, what=f"upload {job_id}", timeout_seconds=TIMEOUT_SECONDS)
    except DeadlineExceeded:
        return False


def _listed(inputs: Inputs, ids: Sequence[str]) -> Iterator[resources_pb2.Input]:
    for start in range(0, len(ids), PER_REQUEST):
        some = ids[start : start + PER_REQUEST]
        request = service_pb2.ListInputsRequest(
            user_app_id=inputs.user_app_id, ids=some, per_page=len(some)
        )
        yield from inputs.session.call("ListInputs", request).inputs
