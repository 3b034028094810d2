"""Places: within a distance of a point on the sphere, or within a box."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._searching.expressions import OfAnnotation
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    import sqlite3

    from clarifai_grpc.grpc.api import resources_pb2

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""

KM_PER_MILE = 1.609344

RADIANS_PER_UNIT = {
    "withinKilometers": 1 / EARTH_RADIUS_KM,
    "withinMiles": KM_PER_MILE / EARTH_RADIUS_KM,
    "withinDegrees": math.pi / 180,
    "withinRadians": 1.0,
}
"""Types of a geo limit, and what one unit of their value is as an angle at the earth's centre."""

_CORNERS = 2


def place(db: sqlite3.Connection, app: int, geo: resources_pb2.Geo) -> OfAnnotation | None:
    """Return the condition of a geo filter, None when it asks for nothing.

    Args:
        db: Where candidates are looked up.
        app: Number of the app.
        geo: A point with a limit, or a box of two corners.

    Raises:
        Refused: 40002 when a limit or a corner is missing, or the type is unknown.
    """
    if geo.geo_box:
        return _within_box(app, geo)
    if not geo.HasField("geo_point"):
        return None
    if not geo.HasField("geo_limit"):
        raise Refused(codes.SEARCH_INVALID_REQUEST, "geo_point needs a geo_limit")
    return _within_circle(db, app, geo)


def angles(
    latitude: float,
    longitude: float,
    latitudes: npt.NDArray[np.float64],
    longitudes: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the angles between a point and others, in radians (haversine formula).

    Args:
        latitude: Of the point, in degrees.
        longitude: Of the point, in degrees.
        latitudes: Of the others.
        longitudes: Of the others.
    """
    here, there = math.radians(latitude), np.radians(latitudes)
    half_down = np.sin((there - here) / 2) ** 2
    half_across = np.sin(np.radians(longitudes - longitude) / 2) ** 2
    share = half_down + math.cos(here) * np.cos(there) * half_across
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(share, 0, 1))))


def _within_circle(db: sqlite3.Connection, app: int, geo: resources_pb2.Geo) -> OfAnnotation:
    limit, point = geo.geo_limit, geo.geo_point
    unit = RADIANS_PER_UNIT.get(limit.type)
    if unit is None:
        raise Refused(
            codes.SEARCH_INVALID_REQUEST,
            f"geo_limit type {limit.type!r} is not one of: {', '.join(RADIANS_PER_UNIT)}",
        )
    if not (limit.value >= 0 and math.isfinite(limit.value)):
        raise Refused(codes.SEARCH_INVALID_REQUEST, f"geo_limit value {limit.value} is negative")
    reach = limit.value * unit
    degrees = math.degrees(reach) + 1e-6
    found = db.execute(
        "SELECT seq, lat, lon FROM annotations WHERE app = ? AND lat BETWEEN ? AND ?",
        (app, point.latitude - degrees, point.latitude + degrees),
    ).fetchall()
    if not found:
        return OfAnnotation("0")
    table = np.array(found, np.float64)
    near = angles(point.latitude, point.longitude, table[:, 1], table[:, 2]) <= reach
    return among([int(row[0]) for row, is_near in zip(found, near, strict=True) if is_near])


def among(annotations: list[int]) -> OfAnnotation:
    """Return the condition "one of these annotations"."""
    if not annotations:
        return OfAnnotation("0")
    return OfAnnotation("a.seq IN (SELECT value FROM json_each(?))", [json.dumps(annotations)])


def _within_box(app: int, geo: resources_pb2.Geo) -> OfAnnotation:
    corners = [corner.geo_point for corner in geo.geo_box]
    if len(corners) != _CORNERS:
        raise Refused(
            codes.SEARCH_INVALID_REQUEST, f"geo_box needs two corners, got {len(corners)}"
        )
    latitudes = sorted(corner.latitude for corner in corners)
    longitudes = sorted(corner.longitude for corner in corners)
    return OfAnnotation(
        "a.app = ? AND a.lat BETWEEN ? AND ? AND a.lon BETWEEN ? AND ?",
        [app, *latitudes, *longitudes],
    )
