"""Run-length encoded masks, as COCO has them, and the polygons around what they cover."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from clarifai_inputs.coordinates import ClampedShape, Size
from clarifai_inputs.polygons import MAX_POINTS, Polygon

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_MASK_PIXELS = 85_000_000
"""Of a mask: what the platform takes of an image."""

MAX_MASK_SIDE = 65_535
"""Width and height of a mask, each."""

MAX_MASK_RUNS = 200_000
"""Of a run-length encoded mask."""

MAX_MASK_WORK = 20_000_000
"""Holes of a mask times the corners of its outlines: what joining them costs."""

Corner = tuple[int, int]
Ring = list[Corner]

_MAX_SHIFT = 60
"""Bits of a run in the compressed text."""


def from_coco(segmentation: dict[str, Any], size: Size) -> ClampedShape[list[Polygon]]:
    """Read a mask of COCO: polygons that cover exactly what it covers.

    Args:
        segmentation: As for `rings`.
        size: Width and height of the image.

    Example:
        >>> from_coco({"size": [2, 4], "counts": [4, 4]}, (4, 2)).whole()
        [[[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]]
    """
    if not {"size", "counts"} <= segmentation.keys():
        return ClampedShape(None, "segmentation has no size and counts")
    try:
        height, width = segmentation["size"]
        if (width, height) != size:
            shown = f"{width} x {height} pixels, for an image of {size[0]} x {size[1]}"
            return ClampedShape(None, f"a mask of {shown}")
        found = rings(segmentation)
    except (TypeError, ValueError, OverflowError) as error:
        return ClampedShape(None, str(error))
    if not found:
        return ClampedShape(None, "the mask covers nothing")
    return ClampedShape([[[x / width, y / height] for x, y in ring] for ring in found])


def rings(segmentation: dict[str, Any]) -> list[Ring]:
    """Return polygons, in pixels, that cover exactly what a mask covers.

    One polygon for each connected part; a hole in it is cut out along a line to it and back.

    Args:
        segmentation: `{"size": [height, width], "counts": ...}`; counts are lengths of runs, down
            one column after the other, in a list or in COCO's compressed text.

    Raises:
        ValueError: The runs do not fit the size, or it is over a limit.

    Example:
        >>> rings({"size": [3, 3], "counts": [4, 1, 4]})
        [[(1, 1), (2, 1), (2, 2), (1, 2)]]
    """
    height, width = (int(value) for value in segmentation["size"])
    if min(height, width) < 1:
        raise ValueError(f"a mask of {height} x {width} pixels")
    if max(height, width) > MAX_MASK_SIDE or height * width > MAX_MASK_PIXELS:
        raise ValueError(
            f"a mask of {height} x {width} pixels is over the limit of "
            f"{MAX_MASK_PIXELS / 1e6:.0f} million pixels, {MAX_MASK_SIDE:,} each way"
        )
    counts = segmentation["counts"]
    lengths = _uncompressed(counts) if isinstance(counts, str) else _listed(counts)
    if any(run < 0 for run in lengths) or sum(lengths) != height * width:
        raise ValueError(f"the runs of the mask do not add up to {height} x {width} pixels")
    found = _joined(_edges(_columns(lengths, height)))
    corners = sum(map(len, found))
    if corners > MAX_POINTS:
        raise ValueError(f"outlines of {corners:,} points are over the limit of {MAX_POINTS:,}")
    return _without_holes(found, corners)


def _listed(counts: Sequence[Any]) -> list[int]:
    if len(counts) > MAX_MASK_RUNS:
        raise _too_many_runs()
    return [int(run) for run in counts]


def _too_many_runs() -> ValueError:
    return ValueError(f"the mask has over {MAX_MASK_RUNS:,} runs, which is the limit")


def _uncompressed(text: str) -> list[int]:
    """Decode COCO's text: 5 bits a character, lowest first; each run less the one two before."""
    runs: list[int] = []
    at = 0
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            if at >= len(text):
                raise ValueError("the text of the mask ends within a run")
            bits = ord(text[at]) - 48
            if not 0 <= bits < 64:
                raise ValueError(f"the text of the mask holds {text[at]!r}")
            value |= (bits & 0x1F) << shift
            more = bool(bits & 0x20)
            at += 1
            shift += 5
            if shift > _MAX_SHIFT:
                raise ValueError("the text of the mask has a run that no image has")
            if not more and bits & 0x10:
                value |= -1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        if len(runs) > MAX_MASK_RUNS:
            raise _too_many_runs()
    return runs


def _columns(lengths: Sequence[int], height: int) -> dict[int, list[Corner]]:
    """Return the covered stretches of each column: top and bottom, from the top."""
    columns: dict[int, list[Corner]] = defaultdict(list)
    at = 0
    for number, run in enumerate(lengths):
        start, at = at, at + run
        while number % 2 and start < at:
            x, top = divmod(start, height)
            bottom = min(height, top + at - start)
            stretches = columns[x]
            if stretches and stretches[-1][1] == top:
                stretches[-1] = (stretches[-1][0], bottom)
            else:
                stretches.append((top, bottom))
            start += bottom - top
    return columns


def _edges(columns: dict[int, list[Corner]]) -> Iterator[tuple[Corner, Corner]]:
    """Yield the borders of what is covered, which lies to the right of each."""
    for x, stretches in columns.items():
        for top, bottom in stretches:
            yield (x, top), (x + 1, top)
            yield (x + 1, bottom), (x, bottom)
    for x in {*columns, *(x + 1 for x in columns)}:
        yield from _border(x, columns.get(x - 1, []), columns.get(x, []))


def _border(x: int, left: list[Corner], right: list[Corner]) -> Iterator[tuple[Corner, Corner]]:
    """Yield the vertical borders between two columns: where only one of them is covered."""
    turns: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for side, stretches in enumerate((left, right)):
        for top, bottom in stretches:
            turns[top][side] += 1
            turns[bottom][side] -= 1
    covered = [0, 0]
    before = 0
    for y in sorted(turns):
        if covered == [0, 1]:
            yield (x, y), (x, before)
        elif covered == [1, 0]:
            yield (x, before), (x, y)
        covered = [covered[0] + turns[y][0], covered[1] + turns[y][1]]
        before = y


def _joined(edges: Iterator[tuple[Corner, Corner]]) -> list[Ring]:
    """Join borders to closed lines."""
    onward: dict[Corner, list[Corner]] = defaultdict(list)
    for start, end in edges:
        onward[start].append(end)
    rings = []
    while onward:
        start = next(iter(onward))
        ring = [start]
        here = _step(onward, None, start)
        while here != start:
            ring.append(here)
            here = _step(onward, ring[-2], here)
        rings.append(_corners(ring))
    return rings


def _step(onward: dict[Corner, list[Corner]], before: Corner | None, here: Corner) -> Corner:
    """Go on along a border; where two meet, turn right: parts that only touch stay apart."""
    choices = onward[here]
    chosen = choices[0]
    if len(choices) > 1 and before is not None:
        ahead = (here[0] - before[0], here[1] - before[1])
        chosen = max(choices, key=lambda to: _cross(ahead, (to[0] - here[0], to[1] - here[1])))
    choices.remove(chosen)
    if not choices:
        del onward[here]
    return chosen


def _cross(one: Corner, other: Corner) -> int:
    return one[0] * other[1] - one[1] * other[0]


def _corners(ring: Ring) -> Ring:
    """Leave out points on a straight line."""
    kept = []
    for before, here, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True):
        if _cross(
            (here[0] - before[0], here[1] - before[1]), (after[0] - here[0], after[1] - here[1])
        ):
            kept.append(here)
    return kept


def _without_holes(rings: list[Ring], corners: int) -> list[Ring]:
    """Join each hole to the line around it."""
    areas = [(_area(ring), ring) for ring in rings]
    outer = sorted(((area, ring) for area, ring in areas if area > 0), key=lambda pair: pair[0])
    holes = [ring for area, ring in areas if area < 0]
    if len(holes) * corners > MAX_MASK_WORK:
        raise ValueError(f"the mask is too intricate: {len(holes):,} holes, {corners:,} corners")
    for hole in holes:
        around = next(ring for _, ring in outer if _holds(ring, hole[0], hole[1]))
        around += [around[0], *hole, hole[0]]
    return [ring for _, ring in outer]


def _area(ring: Ring) -> int:
    return sum(_cross(a, b) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))


def _holds(ring: Ring, start: Corner, end: Corner) -> bool:
    """Return whether the middle of a border lies within a ring, or on it."""
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    inside = False
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        if (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]:
            inside = not inside
    return inside
