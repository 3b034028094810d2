# Made of clarifai_search._hits by a tool:
# change that, and run `python -m tools.asynchronous`.

"""The hits of a search as one stream, as plain records, and as a table."""

from __future__ import annotations

import importlib
from typing import Any

from clarifai_aio._core.paging import Pager
from clarifai_core.errors import PluginError
from clarifai_search._hits import COLUMNS, Hit


class Hits(Pager[Hit]):
    """Hits, best first, each with `score` (0..1), `input` and `annotation`; see `Search.hits`.

    Iterating yields hits, one stream however many pages, the next pages fetched while you use this
    one; `pages()` yields lists, `all()` returns one list, `first()` the best hit or None.
    """

    async def to_records(self) -> list[dict[str, Any]]:
        """Return a dict for each hit, with the keys of `COLUMNS`."""
        return [{name: read(hit) for name, read in COLUMNS.items()} async for hit in self]

    async def to_pandas(self) -> Any:
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
        return pandas.DataFrame(await self.to_records(), columns=list(COLUMNS))
