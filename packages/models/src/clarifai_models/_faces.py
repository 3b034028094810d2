"""Faces in pictures, by the three networks of MTCNN: one proposes, one refines, one decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import lz4.frame
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image

from clarifai_local.engine.concepts import concept_id
from clarifai_local.engine.pictures import seen_within
from clarifai_local.engine.regions import suppress
from clarifai_models._catalogue import MTCNN
from clarifai_models._onnx import Floats, Graph, converted, give_back, once
from clarifai_models._regions import add_region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clarifai_local.engine.contracts import Content, Embedder, ModelInputs

LONGER_SIDE = 640
"""Pixels that pictures are made smaller to."""

SMALLEST_FACE = 20
"""Side in pixels, after that, of the smallest face that is looked for."""

PROPOSED, REFINED, DECIDED = 0.6, 0.7, 0.9
"""How sure each network must be. The last is higher than the paper's: at 0.8 a number on a
motorcycle is a face."""

_FIELD, _STEP = 12, 2
"""Pixels that the first network sees at once, and how far its answers are apart."""

_PYRAMID = 0.709
"""Each size that is looked at over the one before: half the area."""

_ON_ONE_SIZE, _ACROSS, _INSIDE = 0.5, 0.7, 0.4
"""Overlap from which on two boxes are one face."""

_MOST_PROPOSALS = 2000

Boxes = npt.NDArray[np.float64]
"""(n, 5): left, top, right, bottom in pixels, and how sure."""


@attrs.frozen(eq=False)
class _Networks:
    propose: Graph
    refine: Graph
    decide: Graph


class FaceDetector:
    """Finds faces, the surest first."""

    modalities = frozenset({"image"})
    concepts = (concept_id("face"),)

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return regions per picture; see `contracts.Predictor`."""
        found = [self._detect(content) for content in batch]
        give_back()
        return found

    def _detect(self, content: Content) -> resources_pb2.Data:
        picture = seen_within(content, LONGER_SIDE)
        data = resources_pb2.Data()
        for *edges, sure in find_faces(picture).tolist():
            region = add_region(data, edges, picture.size, sure)
            if region is not None:
                region.data.concepts.add(id=self.concepts[0], value=sure)
        return data


def find_faces(picture: Image.Image) -> Boxes:
    """Return the faces of a picture, the surest first.

    Args:
        picture: RGB, upright; costs grow with its area.

    Returns:
        Boxes in pixels of the picture; they may reach beyond its border.
    """
    networks = _networks()
    boxes = _proposals(networks.propose, picture)
    for network, side, sure in ((networks.refine, 24, REFINED), (networks.decide, 48, DECIDED)):
        if not len(boxes):
            return boxes
        shifts, shares = network(("boxes", "faces"), x=_cut(picture, _squared(boxes), side))
        boxes = _squared(boxes)
        kept = shares[:, 1] > sure
        boxes = np.column_stack([boxes[kept, :4], shares[kept, 1]])
        boxes = _shifted(boxes, shifts[kept])
        boxes = boxes[_distinct(boxes, _ACROSS)]
    # Half of a face inside another's box is the same face, too.
    return boxes[_distinct(boxes, _INSIDE)]


def _proposals(network: Graph, picture: Image.Image) -> Boxes:
    found = [np.zeros((0, 9))]
    scale = _FIELD / SMALLEST_FACE
    while min(picture.size) * scale >= _FIELD:
        size = (int(np.ceil(picture.width * scale)), int(np.ceil(picture.height * scale)))
        small = picture.resize(size, Image.Resampling.BILINEAR)
        shifts, shares = network(("boxes", "faces"), x=_scaled(np.asarray(small))[None])
        rows, columns = np.nonzero(shares[0, 1] >= PROPOSED)
        left, top = columns * _STEP / scale, rows * _STEP / scale
        side = _FIELD / scale
        boxes = np.column_stack(
            [left, top, left + side, top + side, shares[0, 1, rows, columns],
             shifts[0][:, rows, columns].T]
        )  # fmt: skip
        boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")[:_MOST_PROPOSALS]]
        found.append(boxes[_distinct(boxes, _ON_ONE_SIZE)])
        scale *= _PYRAMID
    proposed = np.concatenate(found)
    proposed = proposed[_distinct(proposed, _ACROSS)]
    return _shifted(proposed[:, :5], proposed[:, 5:])


def _shifted(boxes: Boxes, shifts: npt.NDArray[Any]) -> Boxes:
    """Move the corners by shares of the boxes' own width and height."""
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    sides = np.column_stack([widths, heights, widths, heights])
    return np.column_stack([boxes[:, :4] + shifts * sides, boxes[:, 4]])


def _squared(boxes: Boxes) -> Boxes:
    """Return squares around the same middles, as long as the longer sides."""
    middles = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.column_stack([middles - half, middles + half, boxes[:, 4]])


def _distinct(boxes: npt.NDArray[Any], overlap: float) -> npt.NDArray[np.int64]:
    """Return which boxes are left, the surest first, when of overlapping ones the surest stays."""
    return np.array(suppress(boxes[:, :4], boxes[:, 4], overlap), np.int64)


def _cut(picture: Image.Image, boxes: Boxes, side: int) -> Floats:
    """Return (n, 3, side, side): what is in the boxes, black beyond the border."""
    cut = [picture.crop(tuple(np.rint(box[:4]).astype(int).tolist())) for box in boxes]
    whole = [one if min(one.size) else Image.new("RGB", (1, 1)) for one in cut]
    pixels = [np.asarray(one.resize((side, side), Image.Resampling.BILINEAR)) for one in whole]
    return np.stack([_scaled(one) for one in pixels])


def _scaled(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Return (3, height, width) from -1 to 1, as the networks were trained."""
    levels = (pixels.astype(np.float32) - np.float32(127.5)) / np.float32(128)
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


@once
def _networks() -> _Networks:
    graphs: list[Graph] = []
    for name, weights in zip(("pnet", "rnet", "onet"), MTCNN.weights, strict=True):
        content = weights.read()
        graphs.append(Graph(converted(f"mtcnn-{name}.onnx", weights.sha256, _maker(name, content))))
    return _Networks(*graphs)


def _maker(name: str, content: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        from clarifai_models._onnx_graphs import mtcnn
        from clarifai_models._unpickling import read_arrays

        return mtcnn(name, read_arrays(lz4.frame.decompress(content)))

    return make


def detector(_: Embedder) -> FaceDetector:
    """Return what answers for face-detection."""
    return FaceDetector()


__all__: Sequence[str] = ("FaceDetector", "detector", "find_faces")
