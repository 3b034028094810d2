# Made of clarifai_datasets._members by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What is in a dataset: listing its inputs, and putting those of another one into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from clarifai_aio._core import ops
from clarifai_aio._datasets import _versions
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.status import PARTIAL, error_within
from clarifai_core.wire.ids import check_id
from clarifai_datasets._kinds import DATASET
from clarifai_datasets._members import _log
from clarifai_inputs.item_statuses import meaning_of

if TYPE_CHECKING:
    from clarifai_aio._core.handles import Handle
    from clarifai_aio._core.paging import Pager


def listed(
    dataset: Handle, page_no: int | None, per_page: int | None, input_type: str | None
) -> Pager[resources_pb2.Input]:
    """Return the inputs of a dataset, lazily; see `Dataset.list_inputs`."""
    inputs: Any = dataset.child("inputs")
    found = inputs.list_inputs(_versions.checked_id(dataset), page_no, per_page, input_type)
    return cast("Pager[resources_pb2.Input]", found)


async def merge(dataset: Handle, other_id: object) -> None:
    """Put the inputs of another dataset of the app into this one, by one request.

    Raises:
        UserError: An id is missing, or it is the same dataset; nothing was sent.
        NotFound: There is no such dataset.
        ApiError: The platform refuses the request, or one of the inputs.
    """
    own = _versions.checked_id(dataset)
    other = check_id("merge_dataset_id", other_id)
    if other == own:
        raise UserError(f"merge_dataset_id {other!r} is this dataset itself.")
    found = resources_pb2.Filter(input=resources_pb2.Input(dataset_ids=[other]))
    request = service_pb2.PostDatasetInputsRequest(
        user_app_id=ops.scope_of(dataset, DATASET, "get").message(),
        dataset_id=own,
        search=resources_pb2.Search(query=resources_pb2.Query(filters=[found])),
    )
    call = dataset.session.prepare("PostDatasetInputs", request, PARTIAL)
    answer: Any = await dataset.session.run(call)
    for one in answer.dataset_inputs:
        if not meaning_of(one.input.status).is_there:
            raise error_within(answer, one.input.status, call)
    if answer.status.code in PARTIAL and not answer.dataset_inputs:
        raise error_within(answer, answer.status, call)
    if not answer.dataset_inputs:
        await ops.get(dataset, DATASET, other)  # why: a search finds nothing in what there is not
    _log.info("dataset %r merged into %r", other, own)
