"""Where on earth an input is: `[longitude, latitude]` in degrees, east and north."""

from __future__ import annotations

MAX_LONGITUDE, MAX_LATITUDE = 180, 90


def check_place(longitude: float, latitude: float, *, shown: object) -> list[float]:
    """Return `[longitude, latitude]` where it is on earth.

    Args:
        longitude: Degrees east, -180..180.
        latitude: Degrees north, -90..90.
        shown: What the source says, for the error.

    Raises:
        ValueError: It is not; numbers that are none are nowhere.

    Example:
        >>> check_place(13.4, 52.5, shown="13.4,52.5")
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
