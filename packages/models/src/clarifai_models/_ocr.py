"""Text in pictures, by the library RapidOCR with the networks that its package brings.

The library would fetch networks that it lacks: it gets the paths of those that are there, so there
is nothing to fetch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local.engine.pictures import seen_within
from clarifai_models._catalogue import PPOCR
from clarifai_models._onnx import THREADS, give_back, once
from clarifai_models._regions import add_region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rapidocr import RapidOCR

    from clarifai_local.engine.contracts import Content, Embedder, ModelInputs

LONGER_SIDE = 2000
"""Pixels that pictures are made smaller to."""

SHORTER_SIDE = 320
"""Pixels that smaller pictures are made larger to."""

_LINES = 2
"""Read at once: each more takes some 30 MB."""

READ, CERTAIN = 0.5, 0.9
"""How sure a line must be to be told, and from where on it cannot be upside down."""

Pixels: TypeAlias = npt.NDArray[np.uint8]

_SMALLEST = 8
"""Pixels a side below which nothing can be read."""


@attrs.frozen(eq=False)
class TextLine:
    """A line of text."""

    corners: npt.NDArray[np.float32]
    """(4, 2): x and y in pixels."""
    text: str
    sure: float
    """0..1."""


class TextReader:
    """Reads lines of text: a region per line, from top to bottom, and all of it as text."""

    modalities = frozenset({"image"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return text and regions per picture; see `contracts.Predictor`."""
        return [self._read(content) for content in batch]

    def _read(self, content: Content) -> resources_pb2.Data:
        picture = seen_within(content, LONGER_SIDE)
        data = resources_pb2.Data(text=resources_pb2.Text(raw=""))
        if min(picture.size) < _SMALLEST:
            return data
        # The library counts channels as OpenCV does: blue first.
        for line in _lines(np.asarray(picture)[:, :, ::-1]):
            if line.sure < READ or not line.text.strip():
                continue
            edges = [*line.corners.min(axis=0).tolist(), *line.corners.max(axis=0).tolist()]
            region = add_region(data, edges, picture.size, line.sure)
            if region is not None:
                region.data.text.raw = line.text
                region.data.text.text_info.encoding = "UTF8"
        data.text.raw = "\n".join(region.data.text.raw for region in data.regions)
        return data


def _lines(pixels: Pixels) -> list[TextLine]:
    """Return the lines; a picture that can hardly be read is read upside down, too.

    The library has a network for that, which turns long lines that stand upright.
    """
    lines = _read_lines(pixels)
    if all(line.sure >= CERTAIN for line in lines):
        return lines
    turned = _read_lines(pixels[::-1, ::-1])
    if _certainty(turned) <= _certainty(lines):
        return lines
    size = np.array(pixels.shape[1::-1])
    return [attrs.evolve(line, corners=size - line.corners) for line in turned]


def _certainty(lines: list[TextLine]) -> float:
    return sum(line.sure * len(line.text) for line in lines)


def _read_lines(pixels: Pixels) -> list[TextLine]:
    found: Any = _library()(np.ascontiguousarray(pixels))
    give_back()
    if found.boxes is None:
        return []
    return list(map(TextLine, found.boxes, found.txts, map(float, found.scores)))


@once
def _library() -> RapidOCR:
    from rapidocr import RapidOCR

    detects, recognizes = (str(one.checked_path()) for one in PPOCR.weights)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Det.model_path": detects,
            "Rec.model_path": recognizes,
            "Det.limit_side_len": SHORTER_SIDE,
            "Rec.rec_batch_num": _LINES,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def reader(_: Embedder) -> TextReader:
    """Return what answers for the public models that read text in pictures."""
    return TextReader()
