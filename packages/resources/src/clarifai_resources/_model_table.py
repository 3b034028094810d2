"""Models as rows of a table, as `User.list_models` gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPENAI = {"UNARY_UNARY": "openai_transport", "UNARY_STREAMING": "openai_stream_transport"}
"""Methods by which a model serves clients of OpenAI."""


def row(model: resources_pb2.Model) -> dict[str, Any]:
    """Return what the table says of a model.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> told = row(resources_pb2.Model(id="m", user_id="u", app_id="a", model_type_id="t"))
        >>> told["url"], told["UNARY_UNARY"]
        ('https://clarifai.com/u/a/models/m', ['predict'])
    """
    kinds = ("UNARY_UNARY", "UNARY_STREAMING", "STREAMING_STREAMING")
    names: dict[str, set[str]] = {kind: set() for kind in kinds}
    names["UNARY_UNARY"].add("predict")
    for one in model.model_version.method_signatures:
        kind = resources_pb2.RunnerMethodType.Name(one.method_type)
        names.setdefault(kind, set()).add(one.name)
    serves = all(name in names[kind] for kind, name in _OPENAI.items())
    if serves:
        for kind, name in _OPENAI.items():
            names[kind].discard(name)
    return {
        "user_id": model.user_id,
        "app_id": model.app_id,
        "id": model.id,
        "model_type": model.model_type_id,
        "url": f"https://clarifai.com/{model.user_id}/{model.app_id}/models/{model.id}",
        "supported_openai_client": serves,
        **{kind: sorted(names[kind]) or None for kind in kinds},
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as text, a line each, below their names.

    Example:
        >>> print(table([{"id": "m", "n": None}, {"id": "long", "n": ["a", "b"]}]))
        id    n
        m
        long  a, b
        <BLANKLINE>
    """
    if not rows:
        return ""
    lines = [list(rows[0]), *([_cell(value) for value in one.values()] for one in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return "" if value is None else plain(str(value))
