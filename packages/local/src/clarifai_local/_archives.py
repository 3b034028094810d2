"""The archive of a dataset version: a zip of input batches, as the platform's clients read it.

The first member, `mimetype`, says how the batches are serialized. Each further member is one
`InputBatch`, named `all/batch<i>_n<number of inputs>`. Inputs carry all their labels and regions.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf import json_format

from clarifai_local._store.inputs import SUCCESS, InputRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt
    from google.protobuf.message import Message

    from clarifai_local._store import AnnotatedInput
    from clarifai_local._views import InputViews

BATCH_INPUTS = 1000
"""Inputs in one member of the archive."""

SPLIT = "all"

MEDIA_TYPES: dict[int, str] = {
    resources_pb2.CLARIFAI_DATA_PROTOBUF: "application/x.clarifai-data+protobuf",
    resources_pb2.CLARIFAI_DATA_JSON: "application/x.clarifai-data+json",
}
"""Content of the member `mimetype`, by export format; other formats are not made."""


def build(
    examples: Iterable[AnnotatedInput],
    export_format: int,
    render: InputViews,
    vectors: Callable[[int], Sequence[npt.NDArray[np.float32]]] = lambda _: (),
) -> bytes:
    """Return the archive.

    Args:
        examples: The version's snapshot.
        export_format: A key of `MEDIA_TYPES`.
        render: Writes the addresses of media into the inputs.
        vectors: Returns the embeddings of an input, by its number.
    """
    serialize = _SERIALIZERS[export_format]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MEDIA_TYPES[export_format], zipfile.ZIP_STORED)
        for number, part in enumerate(_parts(examples)):
            batch = resources_pb2.InputBatch(
                inputs=[exported(e, render, vectors(e.input)) for e in part]
            )
            archive.writestr(f"{SPLIT}/batch{number}_n{len(part)}", serialize(batch))
    return out.getvalue()


def exported(
    example: AnnotatedInput,
    render: InputViews,
    vectors: Sequence[npt.NDArray[np.float32]] = (),
) -> resources_pb2.Input:
    """Return an input with all its annotations, and its embeddings, merged into its data."""
    message = render.input(_row(example))
    message.data.ClearField("concepts")
    seen: set[str] = set()
    for annotation in reversed(example.annotations):
        for concept in annotation.data.concepts:
            if concept.id not in seen:
                seen.add(concept.id)
                message.data.concepts.append(concept)
        message.data.regions.extend(annotation.data.regions)
        message.data.frames.extend(annotation.data.frames)
        message.data.time_segments.extend(annotation.data.time_segments)
    for vector in vectors:
        message.data.embeddings.add(vector=vector.tolist(), num_dimensions=len(vector))
    return message


def _row(example: AnnotatedInput) -> InputRow:
    return InputRow(
        seq=example.input,
        app=0,
        id=example.id,
        kinds=example.kinds,
        status=SUCCESS,
        details="",
        media=example.media,
        text_sha=example.text_sha,
        created_at=0,
        modified_at=0,
        wire=example.wire,
    )


def _parts(examples: Iterable[AnnotatedInput]) -> Iterator[list[AnnotatedInput]]:
    iterator = iter(examples)
    while part := list(itertools.islice(iterator, BATCH_INPUTS)):
        yield part


def _to_json(message: Message) -> bytes:
    return json_format.MessageToJson(message, preserving_proto_field_name=True).encode()


_SERIALIZERS: dict[int, Callable[[Message], bytes]] = {
    resources_pb2.CLARIFAI_DATA_PROTOBUF: lambda message: message.SerializeToString(),
    resources_pb2.CLARIFAI_DATA_JSON: _to_json,
}
