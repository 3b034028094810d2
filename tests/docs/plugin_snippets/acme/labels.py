"""What inputs of apps get from this plugin."""

# --8<-- [start:labels]
from __future__ import annotations

from collections import Counter
from typing import Any


class CountsLabels:
    """What `Inputs` would have if it was derived from this: `self` is the handle."""

    def label_counts(self: Any) -> Counter[str]:
        """Return how often each label was given to inputs of the app."""
        found = self.list_annotations()
        return Counter(concept.name for one in found for concept in one.data.concepts)

    @property
    def most_frequent_label(self) -> str:
        """The label that was given most often."""
        return str(self.label_counts().most_common(1)[0][0])


# --8<-- [end:labels]
