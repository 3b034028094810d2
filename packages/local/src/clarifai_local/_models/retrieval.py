"""Finding the texts of an app that are most like a text."""

from __future__ import annotations

import attrs
import numpy as np

from clarifai_local._originals import Originals
from clarifai_local._scope import AppScopes
from clarifai_local._searching.scores import scores
from clarifai_local._store import Store
from clarifai_local.engine.contracts import Embedder


@attrs.frozen
class TextSearch:
    """Searches the texts of apps, as PostInputsSearches ranks them by cosine distance."""

    store: Store
    scopes: AppScopes
    embedder: Embedder
    originals: Originals

    def nearest(
        self, app: tuple[str, str], text: str, max_results: int, min_score: float
    ) -> list[str]:
        """Return texts of an app, the most like `text` first; none of an app that is not indexed.

        Args:
            app: `(user_id, app_id)`.
            text: What they are to be like.
            max_results: How many, at most.
            min_score: The least score, 0..1.
        """
        space = self.embedder.text_space
        with self.store.read() as db:
            scope = self.scopes.find(db, *app)
            if scope is None or not scope.searchable:
                return []
            vector = self.embedder.embed_texts([text])[0]
            seqs, distances = self.store.vectors.distances(scope.app, space, vector, "cosine")
            values = scores(distances, "cosine")
            order = np.lexsort((-seqs, -values))
            best = [int(seqs[place]) for place in order if values[place] >= min_score]
            rows = self.store.inputs.rows(db, best[: max_results * _MOST_OTHERS])
        # A space that pictures share with texts has both.
        texts = (self.originals.text(row) for row in rows)
        return [found for found in texts if found][:max_results]


_MOST_OTHERS = 8
"""Inputs that are read for each text that is wanted."""
