"""Scores of searches: how near is how good."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]


def scores(distances: npt.NDArray[np.float32], metric: str) -> Scores:
    """Return scores in 0..1 for distances: 1 at distance 0, 0.5 at a right angle of unit vectors.

    Args:
        distances: Cosine distances (0..2), or Euclidean ones.
        metric: "cosine" or "euclidean".
    """
    values = np.asarray(distances, np.float64)
    return 1 - values / 2 if metric == "cosine" else 1 / (1 + values**2 / 2)
