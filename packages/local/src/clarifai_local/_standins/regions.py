"""Stand-ins that answer with regions: coloured blobs, found and cut out."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import _upright
from clarifai_local.engine.concepts import concept_id
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt
    from PIL import Image

    from clarifai_local.engine.contracts import Content, ModelInputs

GRID = 64
"""Pictures are looked at as that many cells a side."""

MAX_REGIONS = 32


@attrs.frozen
class Blob:
    """Cells that hang together."""

    top: int
    left: int
    bottom: int
    right: int
    cells: int

    @property
    def filling(self) -> float:
        """Share of the surrounding box that the cells fill: pi/4 for an ellipse."""
        return self.cells / ((self.bottom - self.top) * (self.right - self.left))

    @property
    def slimness(self) -> float:
        """Height of the box over its width."""
        return (self.bottom - self.top) / (self.right - self.left)


class BlobDetector:
    """Finds blobs that a rule accepts, largest first.

    Args:
        name: Name of the concept that regions get.
        marks: Says which cells of a picture (64, 64, 3), 0..255, may belong to a blob.
        slimness: Least and greatest height over width.
        min_share: Least share of the picture.
    """

    modalities = frozenset({"image"})

    def __init__(
        self,
        name: str,
        marks: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.bool_]],
        slimness: tuple[float, float],
        min_share: float,
    ) -> None:
        self.concepts = (concept_id(name),)
        self._marks = marks
        self._slimness = slimness
        self._min_cells = min_share * GRID * GRID

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return regions per picture; see `contracts.Predictor`."""
        return [self._detect(content) for content in batch]

    def _detect(self, content: Content) -> resources_pb2.Data:
        with _open(content, draft=True) as image:
            # The cells of a wide picture are wide: slimness is measured in pixels.
            stretch = image.height / image.width
            small = image.resize((GRID, GRID), reducing_gap=2.0)
        cells = np.asarray(small.convert("RGB"), np.float64)
        found = [blob for blob in _blobs(self._marks(cells)) if self._accepts(blob, stretch)]
        found.sort(key=lambda blob: (-blob.cells, blob.top, blob.left))
        data = resources_pb2.Data()
        for number, blob in enumerate(found[:MAX_REGIONS]):
            value = min(1.0, blob.filling)
            region = data.regions.add(id=f"region-{number}", value=value)
            box = region.region_info.bounding_box
            box.top_row, box.left_col = blob.top / GRID, blob.left / GRID
            box.bottom_row, box.right_col = blob.bottom / GRID, blob.right / GRID
            region.data.concepts.add(id=self.concepts[0], value=value)
        return data

    def _accepts(self, blob: Blob, stretch: float) -> bool:
        low, high = self._slimness
        return (
            blob.cells >= self._min_cells
            and blob.filling >= _MIN_FILLING
            and low <= blob.slimness * stretch <= high
        )


class ImageCrop:
    """Cuts regions out of a picture, `margin` times as large as their boxes, within the picture."""

    per_region = True

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:
        """Return the regions, each with its picture; see `contracts.Operator`."""
        margin = _margin(params)
        if not data.image.base64:
            raise Rejected(codes.INPUT_INVALID_ARGUMENT, "the input has no image to crop")
        answer = resources_pb2.Data()
        with _open(data.image.base64) as image:
            for region in data.regions:
                if not region.region_info.HasField("bounding_box"):
                    raise Rejected(
                        codes.INPUT_INVALID_ARGUMENT,
                        f"region {region.id!r} has no bounding box to crop",
                    )
                _check_edges(region.id, region.region_info.bounding_box)
                box = grown(region.region_info.bounding_box, margin)
                cut = answer.regions.add(id=region.id, value=region.value)
                cut.region_info.bounding_box.CopyFrom(box)
                cut.data.image.base64 = _cut(image, box)
        return answer


def grown(box: resources_pb2.BoundingBox, margin: float) -> resources_pb2.BoundingBox:
    """Return a box with the same centre, `margin` times as large, within the picture.

    Example:
        >>> box = {"top_row": 0.4, "left_col": 0.4, "bottom_row": 0.6, "right_col": 0.6}
        >>> round(grown(resources_pb2.BoundingBox(**box), 2).left_col, 3)
        0.3
    """
    down = (margin - 1) / 2 * (box.bottom_row - box.top_row)
    across = (margin - 1) / 2 * (box.right_col - box.left_col)
    return resources_pb2.BoundingBox(
        top_row=_within(box.top_row - down),
        left_col=_within(box.left_col - across),
        bottom_row=_within(box.bottom_row + down),
        right_col=_within(box.right_col + across),
    )


def _within(edge: float) -> float:
    return min(max(edge, 0.0), 1.0)


def _check_edges(region_id: str, box: resources_pb2.BoundingBox) -> None:
    for edge in (box.top_row, box.left_col, box.bottom_row, box.right_col):
        if not math.isfinite(edge):
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"region {region_id!r} has a box with an edge at {edge}, which is not a number",
            )


def faces() -> BlobDetector:
    """Return what answers for face-detection: upright blobs in the colours of skin."""
    return BlobDetector("face", _skin, (0.7, 2.2), 0.006)


def things() -> BlobDetector:
    """Return what answers for general-image-detection: what differs from the picture's border."""
    return BlobDetector("object", _foreground, (0.1, 10.0), 0.01)


class SubjectSegmenter:
    """Marks what differs from the colour of the picture's border, as one mask."""

    modalities = frozenset({"image"})

    def __init__(self) -> None:
        self.concepts = (concept_id("subject"),)

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return one region per picture that shows something; see `contracts.Predictor`."""
        return [self._segment(content) for content in batch]

    def _segment(self, content: Content) -> resources_pb2.Data:
        from PIL import Image

        with _open(content, draft=True) as image:
            small = image.convert("RGB").resize((GRID, GRID), reducing_gap=2.0)
        inside = _foreground(np.asarray(small, np.float64))
        data = resources_pb2.Data()
        if not inside.any():
            return data
        mask = Image.fromarray(inside.astype(np.uint8) * np.uint8(255))
        out = io.BytesIO()
        mask.save(out, "PNG")
        share = float(inside.mean())
        region = data.regions.add(id="region-0", value=1 - share)
        region.region_info.mask.image.base64 = out.getvalue()
        region.data.concepts.add(id=self.concepts[0], value=1 - share)
        return data


def subject() -> SubjectSegmenter:
    """Return what answers for the segmenters."""
    return SubjectSegmenter()


_MIN_FILLING = 0.45


def _skin(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Mark the colours of skin, light to dark: a window of chroma (Chai and Ngan, 1999)."""
    red, green, blue = cells[..., 0], cells[..., 1], cells[..., 2]
    blueness = 128 - 0.168736 * red - 0.331264 * green + 0.5 * blue
    redness = 128 + 0.5 * red - 0.418688 * green - 0.081312 * blue
    return np.asarray(
        (blueness >= 77) & (blueness <= 127) & (redness >= 133) & (redness <= 173) & (red > 40)
    )


def _foreground(cells: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    border = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    distance = np.abs(cells - np.median(border, axis=0)).max(axis=2)
    return np.asarray(distance > 48)


def _blobs(marked: npt.NDArray[np.bool_]) -> Iterator[Blob]:
    """Yield what hangs together, over edges or corners."""
    waiting = set(zip(*(axis.tolist() for axis in np.nonzero(marked)), strict=True))
    while waiting:
        edge = [waiting.pop()]
        rows: list[int] = []
        columns: list[int] = []
        while edge:
            row, column = edge.pop()
            rows.append(row)
            columns.append(column)
            near = {(row + down, column + across) for down in _STEPS for across in _STEPS}
            near &= waiting
            waiting -= near
            edge += near
        yield Blob(min(rows), min(columns), max(rows) + 1, max(columns) + 1, len(rows))


_STEPS = (-1, 0, 1)


def _margin(params: Mapping[str, Any]) -> float:
    margin = params.get("margin", 1.0)
    if isinstance(margin, bool) or not isinstance(margin, (int, float)) or not 0 < margin <= 10:
        raise Rejected(
            codes.MODEL_INVALID_ARGUMENT, f"margin must be over 0 and up to 10, got {margin!r}"
        )
    return float(margin)


def _cut(image: Image.Image, box: resources_pb2.BoundingBox) -> bytes:
    left = min(int(box.left_col * image.width), image.width - 1)
    top = min(int(box.top_row * image.height), image.height - 1)
    right = max(round(box.right_col * image.width), left + 1)
    bottom = max(round(box.bottom_row * image.height), top + 1)
    out = io.BytesIO()
    image.crop((left, top, right, bottom)).save(out, "PNG")
    return out.getvalue()


def _open(content: Content, *, draft: bool = False) -> Image.Image:
    """Return a picture, upright; as a draft a large JPEG is decoded smaller."""
    from PIL import Image

    data = content.encode() if isinstance(content, str) else content
    with Image.open(io.BytesIO(data)) as image:
        return _upright.as_seen(image, draft_side=4 * GRID if draft else 0)
