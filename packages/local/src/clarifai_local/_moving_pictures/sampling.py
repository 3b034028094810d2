"""Which moments of a moving picture are looked at: the middle of each step.

A step that the end cuts off before its middle has none. What is shorter than half a step has one,
its own middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.media import Rejected
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

DEFAULT_STEP_MS = 1000
MIN_STEP_MS, MAX_STEP_MS = 100, 60_000
MAX_SECONDS = 600
"""Length of a video."""

MAX_FRAMES = 100_000
"""Frames that are decoded of one."""


@attrs.frozen
class DecodedFrame(Generic[T]):
    """One frame as a decoder gives it."""

    start_ms: float
    """When it is shown first, from the beginning."""
    end_ms: float
    number: int
    """Its place among all frames."""
    frame: T


@attrs.frozen
class Moment(Generic[T]):
    """A frame that is looked at."""

    index: int
    """Which step it stands for."""
    time_ms: int
    number: int
    frame: T


def step_ms(asked: int, of_app: int = 0) -> int:
    """Return the step that a request means.

    Args:
        asked: `sample_ms` of the request; 0 means the app's.
        of_app: The app's `sample_ms`; 0 means a second.

    Raises:
        Refused: 11102, for one that is out of range.

    Example:
        >>> step_ms(0, 500), step_ms(2000, 500), step_ms(0)
        (500, 2000, 1000)
    """
    step = asked or of_app or DEFAULT_STEP_MS
    if MIN_STEP_MS <= step <= MAX_STEP_MS:
        return step
    raise invalid(
        f"sample_ms must be between {MIN_STEP_MS} and {MAX_STEP_MS:,} milliseconds, got {step}"
    )


def moments(frames: Iterable[DecodedFrame[T]], step: int) -> Iterator[Moment[T]]:
    """Yield the frame that is seen at each moment.

    Args:
        frames: All frames, or those that a decoder did not skip, in order of time.
        step: In milliseconds.

    Raises:
        Rejected: 30105, for more time or frames than a video may have.

    Example:
        >>> starts = [0, 400, 1600, 2600]
        >>> shown = [DecodedFrame(starts[n], starts[n + 1], n, "abc"[n]) for n in range(3)]
        >>> [(one.time_ms, one.frame) for one in moments(shown, 1000)]
        [(500, 'b'), (1500, 'b'), (2500, 'c')]
    """
    index = 0
    first = held = None
    for shown in frames:
        _check(shown)
        first = first or shown
        while held is not None and _middle(index, step) < shown.start_ms:
            yield Moment(index, _middle(index, step), held.number, held.frame)
            index += 1
        held = shown
    if first is None or held is None:
        return
    while _middle(index, step) < held.end_ms:
        yield Moment(index, _middle(index, step), held.number, held.frame)
        index += 1
    if not index:
        yield Moment(0, int(held.end_ms / 2), first.number, first.frame)


def next_moment_ms(after_ms: float, step: int) -> int:
    """Return the next moment that is looked at.

    Example:
        >>> next_moment_ms(500, 1000), next_moment_ms(501, 1000)
        (500, 1500)
    """
    return _middle(max(0, -int((step / 2 - after_ms) // step)), step)


def _middle(index: int, step: int) -> int:
    return index * step + step // 2


def _check(shown: DecodedFrame[T]) -> None:
    if shown.end_ms > MAX_SECONDS * 1000:
        raise Rejected(
            codes.INPUT_OVER_LIMIT, f"the video is longer than {MAX_SECONDS // 60} minutes"
        )
    if shown.number >= MAX_FRAMES:
        raise Rejected(codes.INPUT_OVER_LIMIT, f"the video has more than {MAX_FRAMES:,} frames")
