"""What the status of one item of a bulk request means for that item.

The platform answers PostInputs, PostAnnotations and PostDatasetInputs with one status for the whole
and one per item; ListInputs gives the status of each input, too. Codes are those of the platform's
`status_code.proto`; what a whole answer means stands in `clarifai_core.status`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from clarifai_core import status

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api.status.status_pb2 import Status

INPUT_READY = 30000
"""An input that is processed; also what one asks ListInputs for."""

INPUT_PENDING = 30001
"""An input that was accepted and waits to be processed."""


class Outcome(enum.Enum):
    """What became of an item."""

    ADDED = "the platform has it"
    PROCESSING = "the platform has it, and works on it"
    THERE = "the platform had it before, and left that as it is"
    NO_PLACE = "where it should go does not exist"
    BAD_CONTENT = "its content is not what the platform can read"
    BAD_ID = "its id is not known, or not one's own"
    BAD_URL = "its address is wrong, or does not answer"
    OVER_LIMIT = "it is larger than the platform takes"
    REFUSED = "the platform did not take it"


class RetryAdvice(enum.Enum):
    """Whether the same item, sent again, may be taken."""

    NEVER = "the same is refused again"
    ANEW = "what hindered it may be over when it is sent anew"
    SOON = "the platform failed for the moment"


@attrs.frozen
class ItemMeaning:
    """What a status means for its item."""

    outcome: Outcome
    again: RetryAdvice = RetryAdvice.NEVER

    @property
    def is_accepted(self) -> bool:
        """Return whether the platform has it now, by this request."""
        return self.outcome in (Outcome.ADDED, Outcome.PROCESSING)

    @property
    def is_there(self) -> bool:
        """Return whether the platform has it now, however it came there."""
        return self.is_accepted or self.outcome is Outcome.THERE


_ADDED = ItemMeaning(Outcome.ADDED)
_PROCESSING = ItemMeaning(Outcome.PROCESSING)
_THERE = ItemMeaning(Outcome.THERE)
_FAILED = ItemMeaning(Outcome.REFUSED, RetryAdvice.ANEW)
_FAILED_SOON = ItemMeaning(Outcome.REFUSED, RetryAdvice.SOON)

_MEANINGS = {
    0: _ADDED,  # no status of its own: that of the whole answer says it
    10000: _ADDED,  # SUCCESS
    11101: ItemMeaning(Outcome.NO_PLACE, RetryAdvice.ANEW),  # CONN_DOES_NOT_EXIST
    24150: _ADDED,  # ANNOTATION_SUCCESS
    24151: _ADDED,  # ANNOTATION_PENDING
    24157: _ADDED,  # ANNOTATION_AWAITING_REVIEW
    24159: _ADDED,  # ANNOTATION_AWAITING_CONSENSUS_REVIEW
    30000: _ADDED,  # INPUT_SUCCESS
    30001: _PROCESSING,  # INPUT_PENDING
    30002: ItemMeaning(Outcome.BAD_URL, RetryAdvice.ANEW),  # INPUT_FAILED: the download of it
    30003: _PROCESSING,  # INPUT_IN_PROGRESS
    30100: _THERE,  # INPUT_DUPLICATE
    30101: ItemMeaning(Outcome.BAD_CONTENT),  # INPUT_UNSUPPORTED_FORMAT
    30102: ItemMeaning(Outcome.BAD_ID, RetryAdvice.ANEW),  # INPUT_DOES_NOT_EXIST
    30103: ItemMeaning(Outcome.BAD_ID, RetryAdvice.ANEW),  # INPUT_PERMISSION_DENIED
    30104: ItemMeaning(Outcome.BAD_CONTENT),  # INPUT_INVALID_ARGUMENT
    30105: ItemMeaning(Outcome.OVER_LIMIT),  # INPUT_OVER_LIMIT
    30106: ItemMeaning(Outcome.BAD_URL),  # INPUT_INVALID_URL
    64100: _ADDED,  # DATASET_INPUT_SUCCESS
    64101: _THERE,  # DATASET_INPUT_DUPLICATE
}

_DUPLICATE_TEXTS = ("duplicate id", "already exists")
"""A refused duplicate has not always a code of its own."""


def meaning_of(said: Status) -> ItemMeaning:
    """Return what a status means for the item that has it.

    Args:
        said: The item's own status: its code, and for some duplicates its words.

    Example:
        >>> from clarifai_grpc.grpc.api.status import status_pb2
        >>> meaning_of(status_pb2.Status(code=30100)).outcome.name
        'THERE'
    """
    known = _MEANINGS.get(said.code)
    if known is not None and known.is_there:
        return known
    text = f"{said.description} {said.details}".lower()
    if any(one in text for one in _DUPLICATE_TEXTS):
        return _THERE
    if known is not None:
        return known
    passes = status.meaning_of(said.code).advice in _PASSING
    return _FAILED_SOON if passes else _FAILED


_PASSING = (status.Advice.PASSING, status.Advice.REFUSED_UNREAD)
