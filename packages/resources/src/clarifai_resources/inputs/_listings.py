"""Listing the inputs and annotations of an app."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from clarifai_core import ops, records
from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.paging import Page, Pager
from clarifai_core.wire.ids import check_id
from clarifai_resources._kinds import ANNOTATION, INPUT
from clarifai_resources.inputs._builders import check_media_type
from clarifai_resources.inputs._given import ids_of
from clarifai_views import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai_core.handles import Handle

MAX_INPUT_IDS = 1000
"""Inputs whose annotations one request asks for."""

MAX_ANNOTATIONS_SHOWN = 500
"""Of the inputs that a notebook shows."""


def list_inputs(
    handle: Handle,
    dataset_id: str | None,
    page_no: int | None,
    per_page: int | None,
    input_type: str | None,
) -> Pager[resources_pb2.Input]:
    """Return the inputs of an app or dataset; see `Inputs.list_inputs`."""
    scope = ops.scope_of(handle, INPUT, "list").message()
    request: Any
    if dataset_id:
        request = service_pb2.ListDatasetInputsRequest(
            user_app_id=scope, dataset_id=check_id("dataset_id", dataset_id)
        )
        name, field = "ListDatasetInputs", "dataset_inputs"
    else:
        request = service_pb2.ListInputsRequest(user_app_id=scope)
        name, field = "ListInputs", "inputs"
    convert = (lambda item: item.input) if dataset_id else None
    media: Any = check_media_type(input_type) if input_type else ""
    found: Pager[resources_pb2.Input] = ops.list_pages(
        handle, name, request, field, convert, page_no, per_page, partial(_InputPager, handle)
    )
    return found.where(lambda one: one.data.HasField(media)) if media else found


def list_annotations(
    handle: Handle, batch_input: object, page_no: int | None, per_page: int | None
) -> Pager[resources_pb2.Annotation]:
    """Return the annotations of inputs; see `Inputs.list_annotations`."""
    scope = ops.scope_of(handle, ANNOTATION, "list").message()
    ids = [] if batch_input is None else ids_of(batch_input, "batch_input")
    if batch_input is not None and not ids:
        return Pager.of_pages([])
    if len(ids) > MAX_INPUT_IDS and (page_no is not None or per_page is not None):
        raise UserError(
            f"batch_input names {len(ids)} inputs; with page_no or per_page at most "
            f"{MAX_INPUT_IDS} are possible."
        )
    groups = [ids[start : start + MAX_INPUT_IDS] for start in range(0, len(ids), MAX_INPUT_IDS)]
    pagers: list[Pager[resources_pb2.Annotation]] = [
        ops.list_pages(
            handle,
            "ListAnnotations",
            service_pb2.ListAnnotationsRequest(user_app_id=scope, input_ids=group),
            "annotations",
            None,
            page_no,
            per_page,
        )
        for group in groups or [[]]
    ]
    return pagers[0] if len(pagers) == 1 else _Chained(pagers)


def inputs_there(
    handle: Handle, scope: resources_pb2.UserAppIDSet, ids: Iterable[str]
) -> set[object]:
    """Return which of some inputs the app has.

    Args:
        handle: Whom to ask.
        scope: User and app.
        ids: At most 1000 different ones.
    """
    wanted = list(dict.fromkeys(ids))
    request = service_pb2.ListInputsRequest(user_app_id=scope, ids=wanted, per_page=len(wanted))
    return {one.id for one in handle.session.call("ListInputs", request).inputs}


class _InputPager(Pager[resources_pb2.Input]):
    """A listing of inputs; a notebook shows the first ones with their boxes, polygons and masks."""

    def __init__(self, handle: Handle, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._handle = handle

    def _view(self) -> views.Html:
        first = partial(self.peek, views.SHOWN_ITEMS + 1)
        return views.of_listing(repr(self), first, self._annotations)

    def _columns(self) -> Sequence[str]:
        return [name for name, _ in records.columns_of_type("Input")]

    def _annotations(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """Return what is said of pictures, one page of it."""
        ids = [one.id for one in inputs if one.data.HasField("image")]
        return list_annotations(self._handle, ids, 1, MAX_ANNOTATIONS_SHOWN).all() if ids else []


class _Chained(Pager[Any]):
    """Several listings, one after the other."""

    def __init__(self, pagers: list[Pager[Any]]) -> None:
        super().__init__(lambda *_: Page([], is_last=True))
        self._pagers = pagers

    def _walk(self, *, ahead: bool) -> Iterator[Sequence[Any]]:
        for pager in self._pagers:
            yield from pager._walk(ahead=ahead)
