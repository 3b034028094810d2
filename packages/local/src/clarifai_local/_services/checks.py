"""Rules for the data of inputs and annotations that hold wherever they come in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from clarifai_local._store.annotations import concepts_in
from clarifai_local.media import Rejected, check_mask
from clarifai_local.statuses import Refused, invalid

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

MAX_LATITUDE = 90.0
MAX_LONGITUDE = 180.0


def check_data(data: resources_pb2.Data) -> None:
    """Refuse labels and places that mean nothing.

    Raises:
        Refused: 11102, for a concept without id and name, a value or coordinate that is no number,
            or a point that is not on earth; 30105 for a mask of too many pixels.
    """
    for _, concept in concepts_in(data):
        if not (concept.id or concept.name):
            raise invalid("a concept has neither id nor name")
        if not math.isfinite(concept.value):
            raise invalid(f"the value {concept.value} of concept {concept.id!r} is not a number")
    for region in data.regions:
        _check_place(region.region_info)
    if data.geo.HasField("geo_point"):
        point = data.geo.geo_point
        if not (abs(point.latitude) <= MAX_LATITUDE and abs(point.longitude) <= MAX_LONGITUDE):
            raise invalid(
                f"the point at latitude {point.latitude:g}, longitude {point.longitude:g} "
                f"is not within {MAX_LATITUDE:g} and {MAX_LONGITUDE:g} degrees"
            )


def _check_place(place: resources_pb2.RegionInfo) -> None:
    if place.mask.image.base64:
        try:
            check_mask(place.mask.image.base64)
        except Rejected as error:
            raise Refused(error.code, error.reason) from error
    box = place.bounding_box
    numbers = [box.top_row, box.left_col, box.bottom_row, box.right_col]
    for point in (*place.polygon.points, place.point):
        numbers += (point.row, point.col)
    for number in numbers:
        if not math.isfinite(number):
            raise invalid(f"a region lies at {number}, which is not a number")
