"""The rows of a YOLO label file: a class, and the box, polygon or pose that its numbers tell.

    class x y width height                       a box
    class x y x y x y ...                        a polygon; with four corners, a box that is turned
    class x y width height x y [v] x y [v] ...   a pose: a box, and key points with what is seen

Programs that predict add a confidence, and those that track a number, at the end. Boxes and
polygons are read; the rest is noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from clarifai_inputs import boxes, class_names, polygons, regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clarifai_inputs.coordinates import ClampedShape

Shape: TypeAlias = "boxes.Box | polygons.Polygon"

KEY_POINTS = "key points of poses left out, their boxes kept"
CONFIDENCES = "confidences left out"
TRACKS = "numbers of tracks left out"

BOX, TRIANGLE, CORNERS = 4, 6, 8
"""Numbers of a box, of the least polygon, and of a box that is turned."""

_SEEN = (0.0, 1.0, 2.0)
"""Of a key point: not there, hidden, seen."""

_MOST_KEY_NUMBERS = 400
"""Longer rows are polygons: crossings are looked for in time that grows with the square."""


@attrs.define
class LabelRows:
    """What a label file says of its image."""

    labels: list[str] = attrs.field(factory=list)
    shapes: list[Shape] = attrs.field(factory=list)
    fitting: regions.Fitting = attrs.field(factory=regions.Fitting)
    """Which rows are left out, and which are not used as they stand."""


@attrs.frozen
class Poses:
    """Which rows are poses."""

    key_numbers: int = 0
    """Numbers of the key points of each row, by `kpt_shape`; 0: it is not there."""
    length: int = 0
    """Rows of so many numbers are poses of points x y, as all of the set are; 0: none are."""


def read(lines: Iterable[str], where: str, classes: Mapping[int, str], poses: Poses) -> LabelRows:
    """Return what the rows of a file say; a row with a fault costs nothing but itself."""
    found = LabelRows()
    rows = [(number, line.split()) for number, line in enumerate(lines, 1) if line.strip()]
    are_tracks = _are_tracks(words for _, words in rows)
    for number, words in rows:
        place = f"{where}: line {number}"
        try:
            label = _label(words[0], classes)
            kind, fitted, noted = _shape(list(map(float, words[1:])), poses, are_tracks=are_tracks)
        except ValueError as error:
            found.fitting.leave_out(place, error)
            continue
        shape = found.fitting.take(fitted, place, kind)
        if shape is None:
            continue
        for what in noted:
            found.fitting.note(what, place)
        found.labels.append(label)
        found.shapes.append(shape)
    return found


def _label(word: str, classes: Mapping[int, str]) -> str:
    try:
        return classes[class_names.number_of(word)]
    except (KeyError, ValueError):
        most = max(classes, default=0)
        raise ValueError(f"class {word!r} is not in 0..{most}") from None


def _shape(
    numbers: list[float], poses: Poses, *, are_tracks: bool
) -> tuple[str, ClampedShape[Any], list[str]]:
    """Return what is in a row, in the plural, its shape, and what of it is left out.

    Raises:
        ValueError: It has no shape.
    """
    length, noted = _parts(numbers, poses, are_tracks=are_tracks)
    if length == BOX:
        return "boxes", boxes.from_yolo(numbers[:BOX]), noted
    return "polygons", polygons.from_yolo(numbers[:length]), noted


def _parts(numbers: Sequence[float], poses: Poses, *, are_tracks: bool) -> tuple[int, list[str]]:
    """Return how many of a row's numbers are its shape, and what the others are."""
    count = len(numbers)
    more = count - BOX
    if more < 0:
        raise ValueError(_neither(count, poses))
    if poses.key_numbers:
        after = more - poses.key_numbers
        if more in _EXTRAS:
            return BOX, _EXTRAS[more]
        if after in _EXTRAS:
            return BOX, [KEY_POINTS, *_EXTRAS[after]]
        raise ValueError(_neither(count, poses))
    if more <= 1:
        return BOX, _EXTRAS[more]
    if count == TRIANGLE and are_tracks:
        return BOX, _EXTRAS[more]
    if is_pose(numbers, poses.length):
        return BOX, [KEY_POINTS]
    if count % 2 == 0:
        return count, []
    # An odd count: pairs, and one number more.
    if 0 <= numbers[-1] <= 1 and count > TRIANGLE:
        return count - 1, [CONFIDENCES]
    raise ValueError(_neither(count, poses))


_EXTRAS: dict[int, list[str]] = {0: [], 1: [CONFIDENCES], 2: [CONFIDENCES, TRACKS]}
"""Numbers after the shape -> what they are."""


def _neither(count: int, poses: Poses) -> str:
    if poses.key_numbers:
        most = BOX + poses.key_numbers
        return f"{count} numbers are neither a box (4) nor one with key points ({most})"
    return f"{count} numbers are neither a box (4) nor a polygon (x y, three or more)"


def _are_tracks(rows: Iterable[Sequence[str]]) -> bool:
    """Return whether rows of six numbers are boxes with confidence and track: no x or y is 2."""
    for words in rows:
        if len(words) == 1 + TRIANGLE:
            try:
                last = float(words[-1])
            except ValueError:
                continue
            if last > 1 and last.is_integer():
                return True
    return False


def is_pose(numbers: Sequence[float], length: int = 0) -> bool:
    """Return whether a row, of which nothing says so, is a box with key points.

    Key points of three numbers show by the third, which is 0, 1 or 2: no polygon has a 2, and in
    none of an odd count do the others lie in the box.

    Args:
        numbers: The row, without its class.
        length: See `Poses`.
    """
    count = len(numbers)
    if count == length:
        return True
    if count <= TRIANGLE or count == CORNERS or (count - BOX) % 3:
        return False
    seen = numbers[BOX + 2 :: 3]
    if all(one in _SEEN for one in seen):
        return count % 2 == 1 or 2.0 in seen or _in_box(numbers, 3)
    return count % 2 == 1 and _in_box(numbers, 3)


def may_be_pose(numbers: Sequence[float]) -> bool:
    """Return whether a row of an even count could be a box with key points x y."""
    count = len(numbers)
    is_even = TRIANGLE < count <= _MOST_KEY_NUMBERS and count % 2 == 0 and count != CORNERS
    return is_even and _in_box(numbers, 2)


def crosses_itself(numbers: Sequence[float]) -> bool:
    """Return whether a row would be an outline that nobody draws: it crosses or touches itself.

    Example:
        >>> crosses_itself([0, 0, 1, 0, 1, 1, 0, 1]), crosses_itself([0, 0, 1, 1, 1, 0, 0, 1])
        (False, True)
    """
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    points = [
        one for one, before in zip(points, points[-1:] + points, strict=False) if one != before
    ]
    edges = list(zip(points, points[1:] + points[:1], strict=True))
    # Neighbours have a point in common anyhow, and the last edge is a neighbour of the first.
    return len(points) < polygons.MIN_POINTS or any(
        _meet(*one, *other)
        for number, one in enumerate(edges)
        for other in edges[number + 2 : len(edges) - (number == 0)]
    )


_ON_A_LINE = 1e-9
_POINT_MARGIN = 0.01


def _in_box(numbers: Sequence[float], width: int) -> bool:
    """Return whether the key points of a row, those that are there, lie in its box."""
    x, y, wide, high = numbers[:BOX]
    if not (wide > 0 and high > 0):
        return False
    points = [numbers[at : at + 2] for at in range(BOX, len(numbers), width)]
    # Key points that are not in the picture are written as 0 0.
    there = [point for point in points if tuple(point) != (0, 0)]
    return bool(there) and all(
        abs(one[0] - x) <= wide / 2 + _POINT_MARGIN and abs(one[1] - y) <= high / 2 + _POINT_MARGIN
        for one in there
    )


_Point: TypeAlias = "tuple[float, float]"


def _meet(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    """Return whether the lines a-b and c-d have a point in common."""
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    # The ends of each lie on both sides of the other: they cross. Else they can only touch.
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = ((c, a, b), (d, a, b), (a, c, d), (b, c, d))
    return any(
        abs(side) < _ON_A_LINE and _is_between(*end) for side, end in zip(sides, ends, strict=True)
    )


def _is_between(point: _Point, one: _Point, other: _Point) -> bool:
    return all(min(pair) <= at <= max(pair) for at, *pair in zip(point, one, other, strict=True))


def _side(a: _Point, b: _Point, c: _Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@attrs.define
class Survey:
    """Finds out what the rows of a set are, where nothing says so; it may end before the last.

    All rows of a set of poses have as many numbers, their points lie in their boxes, and as
    outlines they would cross themselves. Polygons are otherwise.
    """

    has_polygons: bool = False
    _length: int = 0
    _is_crossed: bool = False

    def add(self, lines: Iterable[str]) -> None:
        """Look at the rows of a file."""
        # A class and six numbers or more: shorter rows are boxes, in a set of poses or not.
        rows = [words for line in lines if len(words := line.split()) > TRIANGLE]
        if not rows or self.has_polygons:
            return
        are_tracks = _are_tracks(rows)
        for words in rows:
            try:
                numbers = list(map(float, words[1:]))
            except ValueError:
                continue
            if not (len(numbers) == TRIANGLE and are_tracks) and not is_pose(numbers):
                self._add(numbers)

    def _add(self, numbers: list[float]) -> None:
        count = len(numbers)
        if not may_be_pose(numbers) or self._length not in (0, count):
            self.has_polygons = True
            return
        self._length = count
        self._is_crossed = self._is_crossed or crosses_itself(numbers)

    def poses(self) -> Poses:
        """Return which rows are poses, once all were looked at."""
        if self.has_polygons or not self._is_crossed:
            self.has_polygons = self.has_polygons or bool(self._length)
            return Poses()
        return Poses(length=self._length)
