"""A key of a search filter."""

# --8<-- [start:clause]
from __future__ import annotations

import attrs
from google.protobuf.message import Message


@attrs.frozen
class Language:
    """`{"language": "de"}`: inputs whose metadata say so."""

    language: str = attrs.field(validator=attrs.validators.matches_re("[a-z]{2}"))

    def apply(self, target: Message) -> None:
        target.annotation.data.metadata.update({"language": self.language})  # type: ignore[attr-defined]


# --8<-- [end:clause]
