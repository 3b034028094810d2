# Made of clarifai_resources.inputs._changes by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Getting, changing and deleting inputs and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_aio._core import ops
from clarifai_aio._inputs.bulk import BulkCall
from clarifai_aio._resources.inputs._listings import inputs_there
from clarifai_aio._resources.inputs._series import MessageKind, in_turn
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_resources._kinds import ANNOTATION, INPUT
from clarifai_resources.inputs._changes import _DONE, ACTIONS, _blames, _never, check_action
from clarifai_resources.inputs._given import ids_of, messages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clarifai_aio._core.handles import Handle
    from clarifai_resources.inputs._series import Log, OutgoingMessage


async def get_input(handle: Handle, input_id: str) -> resources_pb2.Input:
    """Return one input; see `Inputs.get_input`."""
    found: Any = await ops.get(handle, INPUT, input_id)
    made: resources_pb2.Input = found
    return made


async def patch_inputs(
    handle: Handle, inputs: object, action: ops.PatchAction, log: Log, *, raise_on_failure: bool
) -> service_pb2.MultiInputResponse:
    """Change inputs; see `Inputs.patch_inputs`."""
    check_action(action, ACTIONS)
    given = messages_of(inputs, resources_pb2.Input, "inputs")
    for index, one in enumerate(given):
        if not one.id:
            raise UserError(f"inputs[{index}] has no id; a patch names the input by its id.")
    scope = ops.scope_of(handle, INPUT, "patch").message()

    def request(
        items: Sequence[OutgoingMessage[resources_pb2.Input]],
    ) -> service_pb2.PatchInputsRequest:
        return service_pb2.PatchInputsRequest(
            user_app_id=scope, inputs=[one.message for one in items], action=action
        )

    async def known(some: Sequence[resources_pb2.Input]) -> set[object]:
        return await inputs_there(handle, scope, [one.id for one in some])

    series = MessageKind[resources_pb2.Input](
        handle,
        patch_call("PatchInputs", "inputs", request),
        lambda one: f"input {one.id!r}",
        lambda one: one.id,
        known,
    )
    sent = await series.send(given, log, "inputs were changed")
    return sent.response(
        service_pb2.MultiInputResponse(),
        lambda one: resources_pb2.Input(id=one.id, status=_DONE),
        raise_on_failure=raise_on_failure,
    )


async def patch_annotations(
    handle: Handle,
    batch_annot: object,
    action: ops.PatchAction,
    log: Log,
    *,
    raise_on_failure: bool,
) -> service_pb2.MultiAnnotationResponse:
    """Change annotations; see `Inputs.patch_annotations`."""
    check_action(action, ACTIONS)
    given = messages_of(batch_annot, resources_pb2.Annotation, "batch_annot")
    for index, one in enumerate(given):
        if not (one.id and one.input_id):
            missing = "id" if one.input_id else "input_id"
            raise UserError(
                f"batch_annot[{index}] has no {missing}; a patch names the annotation by its id "
                "and that of its input."
            )
    scope = ops.scope_of(handle, ANNOTATION, "patch").message()

    def request(
        items: Sequence[OutgoingMessage[resources_pb2.Annotation]],
    ) -> service_pb2.PatchAnnotationsRequest:
        return service_pb2.PatchAnnotationsRequest(
            user_app_id=scope, annotations=[one.message for one in items], action=action
        )

    async def known(some: Sequence[resources_pb2.Annotation]) -> set[object]:
        asked = service_pb2.ListAnnotationsRequest(
            user_app_id=scope,
            input_ids=[one.input_id for one in some],
            ids=[one.id for one in some],  # in pairs with their inputs
            list_all_annotations=True,
            per_page=len(some),
        )
        found = (await handle.session.call("ListAnnotations", asked)).annotations
        return {(one.input_id, one.id) for one in found}

    series = MessageKind[resources_pb2.Annotation](
        handle,
        patch_call("PatchAnnotations", "annotations", request),
        lambda one: f"annotation {one.id!r} of input {one.input_id!r}",
        lambda one: (one.input_id, one.id),
        known,
    )
    sent = await series.send(given, log, "annotations were changed")
    return sent.response(
        service_pb2.MultiAnnotationResponse(),
        lambda one: resources_pb2.Annotation(id=one.id, input_id=one.input_id, status=_DONE),
        raise_on_failure=raise_on_failure,
    )


async def delete_inputs(handle: Handle, inputs: object, log: Log) -> None:
    """Delete inputs; see `Inputs.delete_inputs`."""
    ids = list(dict.fromkeys(ids_of(inputs, "inputs")))
    scope = ops.scope_of(handle, INPUT, "delete").message()

    async def delete(batch: Sequence[str]) -> None:
        request = service_pb2.DeleteInputsRequest(user_app_id=scope, ids=batch)
        await handle.session.call("DeleteInputs", request)

    await in_turn(ids, delete, log, "inputs", "deleted")


async def delete_annotations(
    handle: Handle, input_ids: object, annotation_ids: object, log: Log
) -> None:
    """Delete annotations; see `Inputs.delete_annotations`."""
    inputs = ids_of(input_ids, "input_ids")
    own = ids_of(annotation_ids or [], "annotation_ids", "Annotation")
    if own and len(own) != len(inputs):
        raise UserError(
            "annotation_ids must name an annotation for each of input_ids, in the same order: "
            f"{len(own)} for {len(inputs)}."
        )
    scope = ops.scope_of(handle, ANNOTATION, "delete").message()

    async def delete(pairs: Sequence[tuple[str, str]]) -> None:
        request = service_pb2.DeleteAnnotationsRequest(
            user_app_id=scope,
            input_ids=[one for one, _ in pairs],
            ids=[one for _, one in pairs if one],
        )
        await handle.session.call("DeleteAnnotations", request)

    named = zip(inputs, own or [""] * len(inputs), strict=True)
    what = "annotations" if own else "inputs"
    done = "deleted" if own else "rid of their annotations"
    await in_turn(list(dict.fromkeys(named)), delete, log, what, done)


def patch_call(
    rpc: str, field: str, request: Callable[[Sequence[OutgoingMessage[Any]]], Any], **how: Any
) -> BulkCall[OutgoingMessage[Any]]:
    """Return how patches are sent: a request without an answer may have worked, so only once.

    Args:
        rpc: Such as `"PatchInputs"`.
        field: The list of the answer.
        request: Returns the request for some.
        **how: Further fields of `BulkCall`.
    """
    return BulkCall(rpc, field, request, may_repeat=_never, blames=_blames, **how)
