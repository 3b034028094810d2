"""`clarifai input list | upload | update | download`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import (
    APP,
    FILTER,
    IDS,
    Argument,
    Option,
    command,
    json_object,
    pairs_of,
)
from clarifai_core.errors import ApiClientError, FileError, PluginError, UserError
from clarifai_core.safe_text import named, shown
from clarifai_core.wire.messages import fill
from clarifai_inputs import identity, media
from clarifai_inputs.file_names import is_safe
from clarifai_resources._commands.given import SOURCES, TEXT, TYPE, chunks, is_url, sources_of
from clarifai_resources._kinds import INPUT
from clarifai_resources.inputs import Inputs
from clarifai_resources.inputs._builders import concept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_grpc.grpc.api import resources_pb2
    from google.protobuf import struct_pb2

    from clarifai_core.command_context import CommandContext
    from clarifai_core.ops import PatchAction
    from clarifai_core.paging import Pager

BATCH = 128
MOST_OF_A_PAGE = 1000
MOST_NAMED = 10

CONCEPT = Option(
    "--concept", "A label; may be given several times.", "LABEL", many=True, name="labels"
)
METADATA = Option("--metadata", "What you want to keep with each, as a JSON object.", "JSON")
OF_DATASET = Option("--dataset-id", "Only those of this dataset.", "ID")


@command(
    OF_DATASET,
    Option("--type", "Only these.", choices=media.KINDS, name="input_type"),
    FILTER,
    *APP,
)
def list_inputs(
    context: CommandContext,
    dataset_id: str,
    input_type: Any,
    filter_by: tuple[str, ...],
    **where: str,
) -> None:
    """List the inputs of an app, or of one of its datasets, the newest first.

    Args:
        context: The command's.
        dataset_id: Of which dataset.
        input_type: Only image, text, video or audio.
        filter_by: Fields of a ListInputs request.
        **where: The app.
    """
    inputs: Inputs = context.place(**where).child(Inputs)
    wanted = pairs_of(filter_by, "--filter")
    page: Any = {} if input_type or (dataset_id and wanted) else first_page(context)
    found: Pager[Any] = ops.pager(inputs, INPUT, None, filter_by=wanted, **page)
    if dataset_id:
        check_dataset(context, dataset_id, where)
        found = _passing(inputs.list_inputs(dataset_id, **page), wanted)
    if input_type:
        found = found.where(lambda one: bool(one.data.HasField(input_type)))
    there = f"in the dataset {shown(dataset_id)}" if dataset_id else "in the app"
    context.output.table(found, empty=f"There are no such inputs {there}.")


def first_page(context: CommandContext) -> dict[str, Any]:
    """Return which page a listing asks for: with a small `--limit` no more than is shown.

    Args:
        context: The command's.
    """
    most = context.limit
    return {"page_no": 1, "per_page": most} if most and most <= MOST_OF_A_PAGE else {}


def check_dataset(context: CommandContext, dataset_id: str, where: dict[str, str]) -> None:
    """Have a dataset that there is not be told with the nearest that is.

    Args:
        context: The command's.
        dataset_id: Which.
        where: The app.
    """
    with suppress(PluginError):  # where data sets are not installed, the platform says it
        context.find("dataset", dataset_id, **where)


def _passing(found: Pager[Any], wanted: dict[str, Any]) -> Pager[Any]:
    """Return those of a dataset's inputs that a ListInputs request would ask for.

    The request for a dataset's inputs has no such fields, so that they are held against the
    answers here.
    """
    asked: Any = fill(INPUT.rpc("list").request_class(), wanted, "--filter")
    ids, code = frozenset(asked.ids), asked.status.code
    if ids:
        found = found.where(lambda one: one.id in ids)
    return found.where(lambda one: one.status.code == code) if code else found


@command(
    SOURCES,
    TEXT,
    Option("--id", "Its id, if it is one; else its name or content tells.", "ID", name="input_id"),
    TYPE,
    Option("--dataset-id", "A dataset to put them into.", "ID"),
    CONCEPT,
    METADATA,
    *APP,
)
def upload(
    context: CommandContext,
    sources: tuple[str, ...],
    texts: tuple[str, ...],
    input_id: str,
    input_type: str | None,
    dataset_id: str,
    labels: tuple[str, ...],
    metadata: str,
    **where: str,
) -> int:
    """Upload files, addresses or texts; - reads paths or URLs from stdin, one a line.

    For whole folders, tables and data sets with their labels: `clarifai dataset upload`.
    Exit code 1: some were refused, each is named.

    Args:
        context: The command's.
        sources: Paths and addresses.
        texts: Texts.
        input_id: For one only.
        input_type: What they are.
        dataset_id: Where to put them.
        labels: What they show.
        metadata: A JSON object.
        **where: The app.
    """
    if input_id and len(sources) + len(texts) != 1:
        raise UserError(f"--id {named(input_id)} is for one input, and several are given.")
    more: dict[str, Any] = {"metadata": _struct(metadata)} if metadata else {}
    inputs: Inputs = context.place(**where).child(Inputs)

    def made() -> Iterator[Any]:
        for text in texts:
            own = input_id or identity.content_id(text.encode())
            yield Inputs.get_text_input(own, text, dataset_id or None, **more)
        for word in sources_of(context, sources, texts):
            yield _input(word, input_id, input_type, dataset_id, more)

    def labelled() -> Iterator[Any]:
        for one in made():
            one.data.concepts.extend(concept(label) for label in labels)
            yield one

    refused: list[str] = []
    if dataset_id:
        check_dataset(context, dataset_id, where)

    def taken() -> Iterator[Any]:
        for some in chunks(labelled(), BATCH):
            _, answer = inputs.upload_inputs(some, show_log=False)
            refused.extend(_why(one) for one in answer.inputs if _is_refused(one))
            yield from (one for one in answer.inputs if not _is_refused(one))

    with context.progress("uploading") as advance:
        count = context.output.streamed(taken(), advance)
    if count or not refused:
        context.output.remark(f"Uploaded {count} input{'' if count == 1 else 's'}.")
    for why in refused[1:MOST_NAMED]:
        context.output.remark(why)
    if refused:
        raise ApiClientError(f"The platform refused {len(refused)}: {refused[0]}")
    return 0


def _is_refused(one: Any) -> bool:
    from clarifai_inputs.item_statuses import meaning_of

    return not meaning_of(one.status).is_accepted


def _why(one: Any) -> str:
    return f"input {shown(one.id)}: {one.status.description} [{one.status.code}]"


def _input(
    word: str, input_id: str, input_type: str | None, dataset_id: str, more: dict[str, Any]
) -> resources_pb2.Input:
    kind = (
        input_type
        or media.kind_of_name(word.partition("?")[0])
        or ("image" if is_url(word) else "")
    )
    if not kind:
        raise UserError(f"{named(word)}: its ending does not tell what it is: give --type.")
    own = input_id or _id_of(word)
    if is_url(word):
        address: dict[str, Any] = {f"{kind}_url": word, **more}
        return Inputs.get_input_from_url(own, dataset_id=dataset_id or None, **address)
    file: dict[str, Any] = {f"{kind}_file": str(Path(word).expanduser()), **more}
    return Inputs.get_input_from_file(own, dataset_id=dataset_id or None, **file)


def _id_of(word: str) -> str:
    """Return the id that a name gives, or what stands for one that cannot be an id."""
    name = identity.stem_of(word.partition("?")[0].rstrip("/").rpartition("/")[2])
    return name if identity.are_ids([name]) else identity.content_id(word.encode())


def _struct(text: str) -> struct_pb2.Struct:
    from clarifai_core.heavy import struct_pb2

    made = struct_pb2.Struct()
    made.update(json_object("--metadata", text))
    return made


@command(
    IDS,
    CONCEPT,
    Option("--without-concept", "A label that is wrong.", "LABEL", many=True, name="wrong"),
    METADATA,
    Option(
        "--action",
        "What becomes of what is given: added, put in the place of what was there, taken away.",
        choices=("merge", "overwrite", "remove"),
        default="merge",
    ),
    *APP,
)
def update(
    context: CommandContext,
    ids: tuple[str, ...],
    labels: tuple[str, ...],
    wrong: tuple[str, ...],
    metadata: str,
    action: PatchAction,
    **where: str,
) -> None:
    """Change the labels or the metadata of inputs.

    Args:
        context: The command's.
        ids: Which.
        labels: What they show.
        wrong: What they do not show.
        metadata: A JSON object.
        action: What becomes of it.
        **where: The app.
    """
    from clarifai_core.heavy import resources_pb2

    if not (labels or wrong or metadata):
        raise UserError("Nothing to change: give --concept, --without-concept or --metadata.")
    inputs: Inputs = context.place(**where).child(Inputs)

    def changed() -> Iterator[Any]:
        for one in context.words(ids):
            context.find("input", one, **where)
            change = resources_pb2.Input(id=one)
            change.data.concepts.extend(_judged(labels, wrong))
            if metadata:
                change.data.metadata.CopyFrom(_struct(metadata))
            yield change

    done: list[Any] = []
    for some in chunks(changed(), BATCH):
        done += inputs.patch_inputs(some, action, raise_on_failure=True).inputs
    context.output.done(done, f"Changed {len(done)} input{'' if len(done) == 1 else 's'}.")


def _judged(labels: Iterable[str], wrong: Iterable[str]) -> Iterator[Any]:
    for value, said in ((1, labels), (0, wrong)):
        for label in said:
            made = concept(label)
            made.value = value
            yield made


@command(
    Argument("ids", "ID", many=True),
    Option("--to", "The folder to write to; it is made if it is missing.", "FOLDER", default=".",
           name="folder"),
    *APP,
)  # fmt: skip
def download(context: CommandContext, ids: tuple[str, ...], folder: str, **where: str) -> None:
    """Write the media of inputs to a folder, a file each: the id, and the ending of what it is.

    Args:
        context: The command's.
        ids: Which; `-` reads them from stdin.
        folder: Where to.
        **where: The app.
    """
    inputs: Inputs = context.place(**where).child(Inputs)
    target = Path(folder).expanduser()

    def rows() -> Iterator[dict[str, object]]:
        for some in chunks(context.words(ids), 16):
            found = [context.find("input", one, **where) for one in some]
            for one, content in zip(found, inputs.download_inputs(found), strict=True):
                path = _path(target, one, content)
                yield {"id": one.id, "path": str(path), "bytes": len(content)}

    try:
        target.mkdir(parents=True, exist_ok=True)
        context.output.table(rows())
    except OSError as error:
        text = f"--to {named(folder)} cannot be written: {error.strerror or error}."
        raise FileError.of(text, error) from error


def _path(folder: Path, one: Any, content: bytes) -> Path:
    from clarifai_core.wire.data import kind_of

    name = one.id if is_safe(one.id) else identity.content_id(one.id.encode())
    path = folder / f"{name}.{media.ending(kind_of(one.data) or 'text', content[:64])}"
    path.write_bytes(content)
    return path
