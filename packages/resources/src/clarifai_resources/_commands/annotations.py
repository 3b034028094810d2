"""`clarifai annotation show | create | update | delete`: what is said of an input.

An annotation has an id within its input: at the prompt it is named `INPUT/ANNOTATION`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import APP, FILTER, Argument, Option, command, pairs_of
from clarifai_core.errors import ApiClientError, NotFound, UserError
from clarifai_core.safe_text import named, shown
from clarifai_resources._commands.given import chunks
from clarifai_resources._commands.inputs import CONCEPT, OF_DATASET, check_dataset, first_page
from clarifai_resources._kinds import ANNOTATION
from clarifai_resources.inputs import Inputs
from clarifai_resources.inputs._builders import concept
from clarifai_resources.inputs._listings import MAX_INPUT_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_core.command_context import CommandContext

ONE = Argument("name", "INPUT/ANNOTATION")
MANY = Argument("names", "INPUT/ANNOTATION", many=True)


@command(
    Option("--input-id", "Only those of this input; may be given several times.", "ID", many=True,
           name="input_ids"),
    OF_DATASET,
    FILTER,
    *APP,
)  # fmt: skip
def list_annotations(
    context: CommandContext,
    input_ids: tuple[str, ...],
    dataset_id: str,
    filter_by: tuple[str, ...],
    **where: str,
) -> None:
    """List the annotations of an app, of a dataset or of inputs; -o ids prints INPUT/ANNOTATION.

    Args:
        context: The command's.
        input_ids: Of which inputs.
        dataset_id: Of which dataset's inputs.
        filter_by: Fields of a ListAnnotations request.
        **where: The app.
    """
    inputs: Inputs = context.place(**where).child(Inputs)
    wanted = pairs_of(filter_by, "--filter")
    if dataset_id:
        check_dataset(context, dataset_id, where)
    given = list(context.words(input_ids))

    def found() -> Iterator[Any]:
        if not input_ids and not dataset_id:
            page: Any = first_page(context)
            yield from ops.pager(inputs, ANNOTATION, None, filter_by=wanted, **page)
            return
        for some in chunks(_inputs_of(inputs, given, dataset_id), MAX_INPUT_IDS):
            of_some = {**wanted, "input_ids": some}
            yield from ops.pager(inputs, ANNOTATION, None, filter_by=of_some)

    context.output.table(found(), empty="There are no annotations.", id_of=_id)


def _inputs_of(inputs: Inputs, given: list[str], dataset_id: str) -> Iterator[str]:
    """Yield the ids of the inputs of a dataset, or of those of them that are given."""
    if not dataset_id:
        yield from given
        return
    for one in inputs.list_inputs(dataset_id):
        if not given or one.id in given:
            yield one.id


@command(ONE, *APP)
def show(context: CommandContext, name: str, **where: str) -> None:
    """Show one annotation.

    Args:
        context: The command's.
        name: Which.
        **where: The app.
    """
    place = context.place(**where)
    context.output.record(_fetched(place, *_parted(name)))


@command(
    Argument("input_id", "INPUT"),
    CONCEPT,
    Option("--box", "Where: left, top, right, bottom as fractions, 0..1.", "X,Y,X,Y"),
    *APP,
)
def create(
    context: CommandContext, input_id: str, labels: tuple[str, ...], box: str, **where: str
) -> None:
    """Label an input, or a box in it.

    Args:
        context: The command's.
        input_id: The input.
        labels: What is there.
        box: Where.
        **where: The app.
    """
    from clarifai_core.heavy import resources_pb2

    if not labels:
        raise UserError("Nothing to say: give --concept LABEL.")
    inputs: Inputs = context.place(**where).child(Inputs)
    context.find("input", input_id, **where)
    if box:
        made = [Inputs.get_bbox_proto(input_id, label, _box(box)) for label in labels]
    else:
        one = resources_pb2.Annotation(input_id=input_id)
        one.data.concepts.extend(concept(label) for label in labels)
        made = [one]
    refused = inputs.upload_annotations(made, show_log=False, raise_on_failure=True)
    if refused:
        raise ApiClientError(f"The platform refused {len(refused)} annotations.")
    rows = [{"input_id": input_id, "concepts": list(labels), "box": box}]
    context.output.done(rows, f"Labelled the input {shown(input_id)}.")


@command(ONE, CONCEPT, *APP)
def update(context: CommandContext, name: str, labels: tuple[str, ...], **where: str) -> None:
    """Change the labels of an annotation: those that are given are put in the place of its own.

    Args:
        context: The command's.
        name: Which.
        labels: What is there.
        **where: The app.
    """
    if not labels:
        raise UserError(f"Nothing to change in {named(name)}: give --concept LABEL.")
    inputs: Inputs = context.place(**where).child(Inputs)
    there = _fetched(inputs, *_parted(name))
    change = type(there)(id=there.id, input_id=there.input_id)
    holder = change.data
    if there.data.regions:
        change.data.regions.add(id=there.data.regions[0].id).region_info.CopyFrom(
            there.data.regions[0].region_info
        )
        holder = change.data.regions[0].data
    holder.concepts.extend(concept(label) for label in labels)
    answer = inputs.patch_annotations([change], "overwrite", raise_on_failure=True)
    context.output.done(list(answer.annotations), f"Changed the annotation {shown(name)}.")


@command(MANY, *APP)
def delete(context: CommandContext, names: tuple[str, ...], **where: str) -> None:
    """Delete annotations; you are asked. - reads them from stdin.

    Args:
        context: The command's.
        names: Which.
        **where: The app.
    """
    inputs: Inputs = context.place(**where).child(Inputs)
    wanted = [_parted(one) for one in context.words(names)]
    if not wanted:
        context.output.remark("Nothing to delete: none was given.")
        return
    where_ = inputs.settings.endpoint.where
    count = f"{len(wanted)} annotation{'' if len(wanted) == 1 else 's'}"
    context.confirm(f"Delete {count}, on {where_}?")
    for input_id, annotation_id in wanted:
        _fetched(inputs, input_id, annotation_id)
    inputs.delete_annotations([one for one, _ in wanted], [one for _, one in wanted])
    rows = [{"id": f"{one}/{two}", "status": "deleted"} for one, two in wanted]
    context.output.done(rows, f"Deleted {count}.")


def _id(one: Any) -> str:
    return f"{one.input_id}/{one.id}"


def _parted(name: str) -> tuple[str, str]:
    input_id, slash, annotation_id = name.rpartition("/")
    if not (input_id and slash and annotation_id):
        raise UserError(
            f"An annotation is named INPUT/ANNOTATION, as `annotation list -o ids` prints it, "
            f"got {named(name)}."
        )
    return input_id, annotation_id


def _fetched(place: Any, input_id: str, annotation_id: str) -> Any:
    try:
        return ops.get(place, ANNOTATION, annotation_id, input_id=input_id)
    except NotFound as error:
        raise ApiClientError(
            f"There is no annotation {named(annotation_id)} of the input {shown(input_id)}: "
            f"`clarifai annotation list --input-id {input_id}` shows what there is."
        ) from error


def _box(text: str) -> list[float]:
    parts = text.split(",")
    try:
        found = [float(part) for part in parts]
    except ValueError:
        found = []
    if len(found) != 4:
        raise UserError(f"--box must be four numbers X,Y,X,Y, 0..1, got {named(text)}.")
    return found
