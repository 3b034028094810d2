"""Where something is in an image: fractions of width and height, from the left and the top edge.

Every shape of every source comes through here, so there is one tolerance, one clamp, and one idea
of what a number is. A shape comes out as `ClampedShape`: what of it lies in the image, and what is
wrong with it as it was given. A shape over the border is cut there, as all tools of the field do;
one of which nothing lies in the image is left out. Who reads it says so: `regions.Fitting`.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

Size: TypeAlias = "tuple[float, float]"
"""Width and height in pixels."""

ROUNDING = 0.01
"""How far beyond an edge a coordinate may lie, of the image's width or height: programs that label
round to whole pixels, or to few decimals. It is the hundredth that Ultralytics' check of YOLO files
allows, and a pixel of a picture that is 100 pixels wide. Where a source counts in pixels, one of
them is a rounding in smaller pictures, too."""

FARTHEST = 1.0
"""How far beyond an edge a coordinate in fractions may lie: what lies farther out was never divided
by the image's width or height, and to cut it would make up a region."""


@attrs.frozen
class ClampedShape(Generic[T]):
    """A shape as far as it lies in its image, and what is wrong with it as it was given."""

    shape: T | None
    """What lies within 0..1; None: nothing does, or it is no shape at all."""
    fault: str = ""
    """Empty where the shape was in the image already, but for rounding."""

    def whole(self) -> T:
        """Return the shape, for a caller to whom a part of it is none.

        Raises:
            ValueError: Something is wrong with it.

        Example:
            >>> ClampedShape([0.0, 1.0]).whole()
            [0.0, 1.0]
        """
        if self.fault or self.shape is None:
            raise ValueError(self.fault)
        return self.shape

    def visible(self) -> T:
        """Return what of the shape lies in the image.

        Raises:
            ValueError: Nothing does, or it is no shape.

        Example:
            >>> ClampedShape([0.5, 1.0], "it goes over the border").visible()
            [0.5, 1.0]
        """
        if self.shape is None:
            raise ValueError(self.fault)
        return self.shape

    @property
    def is_cut(self) -> bool:
        """Whether a part of it lies in the image, and a part beyond."""
        return bool(self.fault) and self.shape is not None


def number(value: Any) -> float:
    """Return a coordinate as a float: any number is one, also as a text; true and false are none.

    Raises:
        TypeError: It is none.
        ValueError: It is none.

    Example:
        >>> number(1), number("0.5")
        (1.0, 0.5)
    """
    if value is True or value is False:
        raise TypeError(f"{value} is no number")
    return float(value)


def is_near(fraction: float, rounding: float = ROUNDING) -> bool:
    """Return whether a coordinate lies in the image, but for rounding.

    Example:
        >>> is_near(1.001), is_near(-0.5), is_near(math.nan)
        (True, False, False)
    """
    return -rounding <= fraction <= 1 + rounding


def rounding_of(pixels: float) -> float:
    """Return the rounding of what is counted in pixels, as a fraction of so many of them.

    Example:
        >>> rounding_of(40), rounding_of(4000)
        (0.025, 0.01)
    """
    return max(ROUNDING, 1 / pixels)


def are_fractions(numbers: Iterable[float]) -> bool:
    """Return whether all of these may be fractions, in the image or over its border.

    Example:
        >>> are_fractions([0.5, 1.2]), are_fractions([120, 80])
        (True, False)
    """
    return all(is_near(one, FARTHEST) for one in numbers)


def clamped(fraction: float) -> float:
    """Return the nearest coordinate in the image.

    Example:
        >>> clamped(1.001), clamped(-2), clamped(0.5)
        (1.0, 0.0, 0.5)
    """
    return min(1.0, max(0.0, fraction))


def are_finite(numbers: Iterable[float]) -> bool:
    """Return whether all of these are somewhere."""
    return all(map(math.isfinite, numbers))


def outside(shown: str, pixels: float) -> str:
    """Return what to say of a shape that leaves its image.

    Args:
        shown: The shape as its source has it.
        pixels: Width or height of the image, where it leaves it.

    Example:
        >>> outside("bbox [0, 0, 9, 2]", 4)
        'bbox [0, 0, 9, 2] is outside of the image, which has 4 pixels there'
    """
    return f"{shown} is outside of the image, which has {pixels:g} pixels there"


def short(value: float) -> float:
    """Return the shortest number that is the same one in single precision, as messages have it.

    Example:
        >>> short(0.10000000149011612)
        0.1
    """
    packed = struct.pack("f", value)
    for digits in (6, 7, 8):
        made = float(f"{value:.{digits}g}")
        if struct.pack("f", made) == packed:
            return made
    return float(f"{value:.9g}")
