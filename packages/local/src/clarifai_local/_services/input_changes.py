"""What a patch of an input can change, and what it must leave as it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from clarifai_local._store.inputs import AUDIO, IMAGE, VIDEO
from clarifai_local._views import KIND_NAMES
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_local._store.inputs import InputRow

PATCHED = ("concepts", "metadata", "geo")
"""Fields of an input's data that can change."""

_MEDIA = tuple(KIND_NAMES[kind] for kind in (IMAGE, VIDEO, AUDIO))


def refuse_others(given: resources_pb2.Data, shown: resources_pb2.Data, row: InputRow) -> None:
    """Refuse to change the content of an input; said again as it is, it is fine.

    Args:
        given: The data of the patch.
        shown: The input's data as answers show it.
        row: The input as stored.

    Raises:
        Refused: 11102, naming the field.
    """
    for field, _ in given.ListFields():
        if field.name in PATCHED:
            continue
        if field.name in _MEDIA:
            same = _is_same_media(given, shown, row, field.name)
        elif field.name == "text":
            same = _is_same_text(given.text, shown.text)
        else:
            same = False
        if not same:
            raise invalid(
                f"data.{field.name} of input {row.id!r} cannot be patched: its content stays; "
                "regions, frames and the like are annotations"
            )


def _is_same_media(
    given: resources_pb2.Data, shown: resources_pb2.Data, row: InputRow, name: str
) -> bool:
    part, known = getattr(given, name), getattr(shown, name)
    if not shown.HasField(name) or part.url not in {"", known.url}:  # type: ignore[arg-type]
        return False
    return not part.base64 or hashlib.sha256(part.base64).digest() == row.media


def _is_same_text(given: resources_pb2.Text, known: resources_pb2.Text) -> bool:
    return given.raw in {"", known.raw} and given.url in {"", known.url}
