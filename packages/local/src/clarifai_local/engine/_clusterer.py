"""The clusterer: k-means on the app's embeddings, a few inputs at a time.

Labels are not needed: every picture and text of the data is grouped, each modality for itself. A
trained clusterer takes embeddings, as those of a workflow's node before it, and answers with the
nearest cluster: its id, how many training inputs it has (`count`), how near it is (`score`, a
cosine as 0..1) and a place on a map of the training inputs (`projection`, their two principal
components).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.engine import _archives
from clarifai_local.engine._images import unit_rows
from clarifai_local.engine._threads import one_thread
from clarifai_local.engine.contracts import TrainingError
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local.engine.contracts import Samples, TrainingJob

_PASSES = 10
"""How often each input is seen."""

_STARTS = 4
"""Random starts that are tried; the one whose inputs are nearest to their centres is kept."""

_TRIED = 5_000
"""Inputs that the first centres are chosen from."""

Floats = npt.NDArray[np.float32]


@attrs.frozen
class Clusters:
    """The clusters of one modality."""

    centres: Floats
    """(clusters, dimensions), of length 1."""
    counts: npt.NDArray[np.int64]
    """Training inputs of each."""
    mean: Floats
    axes: Floats
    """(2, dimensions): the map."""

    def cluster(self, vector: Sequence[float]) -> resources_pb2.Cluster:
        """Return the cluster that a vector belongs to.

        Raises:
            Rejected: It has not the dimensions of the training's.
        """
        row = np.asarray(vector, np.float32)[None]
        if row.shape[1] != self.centres.shape[1]:
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"the clusterer learned from embeddings of {self.centres.shape[1]} numbers, "
                f"got {row.shape[1]}",
            )
        scores = (unit_rows(row) @ self.centres.T)[0]
        number = int(scores.argmax())
        return resources_pb2.Cluster(
            id=str(number),
            count=int(self.counts[number]),
            score=float(np.clip((1 + scores[number]) / 2, 0, 1)),
            projection=((unit_rows(row) - self.mean) @ self.axes.T)[0].tolist(),
        )


class Clusterer:
    """Groups the app's inputs; see the module for how."""

    def train(self, job: TrainingJob, /) -> bytes:
        """Fit and return the model; see `contracts.Engine`."""
        parts = [part for part in job.samples if len(part)]
        if not parts:
            raise TrainingError(codes.MODEL_TRAINING_NO_DATA, "there is no image and no text")
        arrays: dict[str, Any] = {}
        for number, part in enumerate(parts):
            low = number / len(parts)
            found = _clusters(job, part, low, 1 / len(parts))
            for name, array in attrs.asdict(found).items():
                arrays[f"{part.modality}.{name}"] = array
        return _archives.pack({"modalities": [part.modality for part in parts]}, arrays)

    def load(self, model: bytes, /) -> TrainedClusterer:
        """Return the operator of a stored model."""
        header, arrays = _archives.unpack(model)
        names = [field.name for field in attrs.fields(Clusters)]
        return TrainedClusterer(
            {
                modality: Clusters(**{name: arrays[f"{modality}.{name}"] for name in names})
                for modality in header["modalities"]
            }
        )


@attrs.frozen
class TrainedClusterer:
    """Says which cluster each embedding belongs to, those of regions too."""

    by_modality: Mapping[str, Clusters]
    per_region = False

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:
        """Return a cluster per embedding; see `contracts.Operator`."""
        del params
        clusters = self._of(data)
        answer = resources_pb2.Data(clusters=[clusters.cluster(e.vector) for e in data.embeddings])
        for region in data.regions:
            if region.data.embeddings:
                added = answer.regions.add(id=region.id, region_info=region.region_info)
                added.data.clusters.extend(
                    clusters.cluster(embedding.vector) for embedding in region.data.embeddings
                )
        if not (answer.clusters or answer.regions):
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                "the input has no embeddings: put the clusterer behind an embedder in a workflow, "
                "or send data.embeddings",
            )
        return answer

    def _of(self, data: resources_pb2.Data) -> Clusters:
        asked = "text" if data.HasField("text") and not data.HasField("image") else "image"
        return self.by_modality.get(asked) or next(iter(self.by_modality.values()))


def _clusters(job: TrainingJob, part: Samples, low: float, span: float) -> Clusters:
    wanted = int(job.params["coarse_clusters"])
    count = _different(part.vectors, wanted)
    job.report(f"{len(part)} {part.modality} inputs into {count} clusters", low)
    if count < wanted:
        job.report(f"{wanted} clusters are more than there are different inputs", low)
    best = min(
        (
            _moved_in_passes(job, part.vectors, count, start, low + span * start / _STARTS)
            for start in range(_STARTS)
        ),
        key=lambda found: found[0],
    )
    centres = best[1]
    mean = part.vectors.mean(axis=0)
    counts = np.bincount(_nearest(centres, part.vectors), minlength=count)
    return Clusters(unit_rows(centres), counts, mean, _axes(part.vectors - mean))


def _moved_in_passes(
    job: TrainingJob, vectors: Floats, count: int, start: int, share: float
) -> tuple[float, npt.NDArray[np.float64]]:
    """Return the mean distance to the nearest centre, and the centres, from one random start."""
    from sklearn.cluster import kmeans_plusplus

    batch = int(job.params["query_batch"])
    order = np.random.default_rng(start).permutation(len(vectors))
    tried = vectors[order[: max(_TRIED, count)]].astype(np.float64)
    first, _ = kmeans_plusplus(tried, count, random_state=start)
    centres, seen, spread = np.array(first, np.float64), np.ones(count), 0.0
    for number in range(_PASSES):
        with one_thread():
            for place in range(0, len(order), batch):
                job.check()
                _moved(centres, seen, vectors[order[place : place + batch]])
        near = unit_rows(centres)[_nearest(centres, vectors)]
        spread = float((1 - (vectors * near).sum(axis=1)).mean())
        job.report(
            f"start {start + 1}/{_STARTS}, pass {number + 1}/{_PASSES}: mean distance {spread:.5f}",
            share,
        )
    return spread, centres


def _axes(centred: Floats) -> Floats:
    """Return (2, dimensions): the principal axes, their largest number positive."""
    axes = np.linalg.eigh(centred.T @ centred)[1][:, -2:].T[::-1]
    largest = np.abs(axes).argmax(axis=1)
    signs = np.sign(axes[np.arange(len(axes)), largest])
    return np.asarray(axes * signs[:, None], np.float32)


def _different(vectors: Floats, most: int) -> int:
    """Return how many rows differ from each other, counted up to `most`."""
    seen: set[bytes] = set()
    for row in vectors:
        seen.add(row.tobytes())
        if len(seen) == most:
            break
    return len(seen)


def _moved(centres: npt.NDArray[np.float64], seen: npt.NDArray[np.float64], rows: Floats) -> None:
    """Move the centres towards rows, each the less the more it has seen (Sculley, 2010)."""
    nearest = _nearest(centres, rows)
    for number in np.unique(nearest):
        own = rows[nearest == number]
        seen[number] += len(own)
        centres[number] += (own.sum(axis=0) - len(own) * centres[number]) / seen[number]


def _nearest(centres: npt.NDArray[np.float64], rows: Floats) -> npt.NDArray[np.int64]:
    return np.asarray((rows @ unit_rows(centres).T).argmax(axis=1))
