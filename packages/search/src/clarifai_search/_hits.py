"""The hits of a search as one stream, as plain records, and as a table."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import PluginError
from clarifai_core.heavy import resources_pb2
from clarifai_core.paging import Pager
from clarifai_core.wire.messages import plain
from clarifai_search._schema import INPUT_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Hit = resources_pb2.Hit

PRESENT = 0.5
"""A concept is there when its value is over this."""


class Hits(Pager[Hit]):
    """Hits, best first, each with `score` (0..1), `input` and `annotation`; see `Search.hits`.

    Iterating yields hits, one stream however many pages, the next pages fetched while you use this
    one; `pages()` yields lists, `all()` returns one list, `first()` the best hit or None.
    """

    def to_records(self) -> list[dict[str, Any]]:
        """Return a dict for each hit, with the keys of `COLUMNS`."""
        return [{name: read(hit) for name, read in COLUMNS.items()} for hit in self]

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame` with a row for each hit, best first.

        Columns, always all of them: `score`, `input_id`, `annotation_id`, `type` (`"image"`,
        `"video"`, `"text"`, `"audio"` or `""`), `url`, `text` (when it is in the answer),
        `concepts` (a list of names, those with a value over 0.5, of the annotation or its regions,
        else of the input), `metadata` (a dict), `longitude` and `latitude` (NaN where there is no
        place), `dataset_ids` (a list), `status_code`, and
        `created_at` (UTC).

        Raises:
            PluginError: pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise PluginError(
                'to_pandas() needs pandas, which an extra brings: pip install "clarifai-search['
                'pandas]". to_records() does without.'
            ) from error
        return pandas.DataFrame(self.to_records(), columns=list(COLUMNS))


def _kind(hit: Hit) -> str:
    return next((name for name in INPUT_TYPES if hit.input.data.HasField(name)), "")


def _url(hit: Hit) -> str:
    kind = _kind(hit)
    return str(getattr(hit.input.data, kind).url) if kind else ""


def _concepts(hit: Hit) -> list[str]:
    annotation = hit.annotation.data
    said = [*annotation.concepts, *(c for one in annotation.regions for c in one.data.concepts)]
    found = (concept for concept in said or hit.input.data.concepts if concept.value > PRESENT)
    return list(dict.fromkeys(concept.name or concept.id for concept in found))


def _metadata(hit: Hit) -> dict[str, Any]:
    found = hit.input.data.metadata
    return plain(found if found.fields else hit.annotation.data.metadata)


def _degrees(hit: Hit, name: str) -> float | None:
    for data in (hit.annotation.data, hit.input.data):
        if data.geo.HasField("geo_point"):
            return float(getattr(data.geo.geo_point, name))
    return None


def _created_at(hit: Hit) -> datetime | None:
    if not hit.input.HasField("created_at"):
        return None
    from datetime import timezone

    created: datetime = hit.input.created_at.ToDatetime(timezone.utc)
    return created


COLUMNS: dict[str, Callable[[Hit], Any]] = {
    "score": lambda hit: hit.score,
    "input_id": lambda hit: hit.input.id,
    "annotation_id": lambda hit: hit.annotation.id,
    "type": _kind,
    "url": _url,
    "text": lambda hit: hit.input.data.text.raw,
    "concepts": _concepts,
    "metadata": _metadata,
    "longitude": lambda hit: _degrees(hit, "longitude"),
    "latitude": lambda hit: _degrees(hit, "latitude"),
    "dataset_ids": lambda hit: list(hit.input.dataset_ids),
    "status_code": lambda hit: hit.input.status.code,
    "created_at": _created_at,
}
"""Name of a column -> what a hit says."""
