"""Where on earth an input is: `[longitude, latitude]` in degrees, east and north.

Every reader and builder asks here: cells of CSV, keys of records, arguments, features.
"""

from __future__ import annotations

import math
from typing import Any

from clarifai_inputs.label_values import plain_value

MAX_LONGITUDE, MAX_LATITUDE = 180, 90
_SHOWN = 80


def geo_point_in(value: Any, name: str = "geo_info") -> list[float]:
    """Return a place, given as a pair of numbers.

    Args:
        value: `[longitude, latitude]` in degrees; a list, a tuple, or as numpy has it.
        name: What it is called, for errors.

    Raises:
        ValueError: It is no such pair, or not on earth.

    Example:
        >>> geo_point_in((13.4, 52.5))
        [13.4, 52.5]
        >>> geo_point_in("13.4,52.5", "geo")
        Traceback (most recent call last):
          ...
        ValueError: geo must be [longitude, latitude] in degrees, got '13.4,52.5'
    """
    pair = plain_value(value)
    if isinstance(pair, (list, tuple)) and len(pair) == 2:
        longitude, latitude = map(plain_value, pair)
        if _is_number(longitude) and _is_number(latitude):
            if is_on_earth(longitude, latitude):
                return [longitude, latitude]
            raise ValueError(
                f"{name} is [longitude, latitude], within {MAX_LONGITUDE} and {MAX_LATITUDE} "
                f"degrees; got {value!r:.{_SHOWN}}"
            )
    raise ValueError(f"{name} must be [longitude, latitude] in degrees, got {value!r:.{_SHOWN}}")


def check_geo_point(longitude: float, latitude: float, *, shown: object) -> list[float]:
    """Return `[longitude, latitude]` where it is on earth.

    Args:
        longitude: Degrees east, -180..180.
        latitude: Degrees north, -90..90.
        shown: What the source says, for the error.

    Raises:
        ValueError: It is not; numbers that are none are nowhere.

    Example:
        >>> check_geo_point(13.4, 52.5, shown="13.4,52.5")
        [13.4, 52.5]
    """
    if not is_on_earth(longitude, latitude):
        raise ValueError(
            f"must be longitude,latitude, within {MAX_LONGITUDE} and {MAX_LATITUDE} degrees, "
            f"got {shown!r}"
        )
    return [longitude, latitude]


def is_on_earth(longitude: float, latitude: float) -> bool:
    """Return whether there is such a place.

    Example:
        >>> is_on_earth(-180, 90), is_on_earth(52.5, 134), is_on_earth(float("nan"), 0)
        (True, False, False)
    """
    return abs(longitude) <= MAX_LONGITUDE and abs(latitude) <= MAX_LATITUDE


def _is_number(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]  # mypy loses the first half
