# Made of clarifai_search._hits by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The hits of a search as one stream, as plain records, and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_aio._core.paging import Pager
from clarifai_core import records
from clarifai_search._hits import Hit

if TYPE_CHECKING:
    from collections.abc import Sequence


class Hits(Pager[Hit]):
    """Hits, best first, each with `score` (0..1), `input` and `annotation`; see `Search.hits`.

    Iterating yields hits, one stream however many pages, the next pages fetched while you use this
    one; `pages()` yields lists, `all()` returns one list, `first()` the best hit or None.

    `to_records()` and `to_pandas()` have a row for each, with always the same columns: `score`,
    `input_id`, `annotation_id`, `type` (`"image"`, `"video"`, `"text"`, `"audio"` or `""`), `url`,
    `text` (when it is in the answer), `concepts` (a list of names, those with a value over 0.5, of
    the annotation or its regions, else of the input), `metadata` (a dict), `longitude` and
    `latitude` (NaN in a data frame where there is no place), `dataset_ids` (a list), `status_code`,
    and `created_at` (UTC).
    """

    def _columns(self) -> Sequence[str]:
        return [name for name, _ in records.columns_of(Hit())]
