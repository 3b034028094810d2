"""A place that a network found in a picture, as the platform tells it: a region with its box."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_grpc.grpc.api import resources_pb2


def add_region(
    data: resources_pb2.Data, edges: Sequence[float], size: tuple[int, int], sure: float
) -> resources_pb2.Region | None:
    """Add what is within the picture of a place; None: nothing is.

    Args:
        data: What is said of the picture.
        edges: Left, top, right and bottom in pixels; they may lie beyond the picture.
        size: Width and height of the picture in pixels.
        sure: How sure the network is, 0..1.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> data = resources_pb2.Data()
        >>> region = add_region(data, (-5, 10, 50, 30), (100, 40), 0.75)
        >>> region.id, region.region_info.bounding_box.left_col, len(data.regions)
        ('region-0', 0.0, 1)
        >>> add_region(data, (100, 10, 120, 30), (100, 40), 0.75) is None
        True
    """
    left, top, right, bottom = (
        min(max(edge / side, 0.0), 1.0) for edge, side in zip(edges, (*size, *size), strict=True)
    )
    if not (left < right and top < bottom):
        return None
    region = data.regions.add(id=f"region-{len(data.regions)}", value=sure)
    box = region.region_info.bounding_box
    box.left_col, box.top_row, box.right_col, box.bottom_row = left, top, right, bottom
    return region
