"""What answers of plugins cost at first: the time until it came, and the memory that stays."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_local._store import Store
    from clarifai_local.engine.contracts import Embedder, ModelInputs, Predictor, VectorScores

ANSWERING_META = "answering"
"""Key of what plugins answer for, as of a platform's last start: a JSON object, name to plugin."""

META = "first answers"
"""Key of what is noted: a JSON object, from the name of an engine to `[seconds, bytes]`."""

_STATM = Path("/proc/self/statm")
_log = logger_for(__name__)


class FirstAnswers:
    """Times the first answer of each engine of a platform, and notes it there.

    Args:
        store: Where it is noted, for `clarifai local status`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begun: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long the block takes, and how much the process grows, the first time."""
        with self._lock:
            is_first = name not in self._begun
            self._begun.add(name)
        if not is_first:
            yield
            return
        resident, began = _resident_bytes(), time.perf_counter()
        yield
        seconds, growth = time.perf_counter() - began, _resident_bytes() - resident
        try:
            with self._lock:
                noted = json.loads(self._store.meta(META) or "{}")
                noted[name] = [round(seconds, 3), max(growth, 0)]
                self._store.set_meta(META, json.dumps(noted))
        except Exception as error:  # noqa: BLE001  why: an answer is worth more than this note
            _log.info("what %s cost at first is not noted: %s", name, reason(error))


def told(meta: str) -> Iterator[str]:
    """Yield a line per engine out of what is at `META`."""
    for name, (seconds, growth) in json.loads(meta or "{}").items():
        memory = f", {growth / 2**20:.0f} MiB of memory" if growth else ""
        yield f"{name}: first answer after {seconds:.2f} s{memory}"


class TimedPredictor:
    """A predictor whose first answer is timed.

    Args:
        model: Answers.
        name: What the note is about.
        first_answers: Notes it.
    """

    def __init__(self, model: Predictor, name: str, first_answers: FirstAnswers) -> None:
        self.modalities, self.concepts = model.modalities, model.concepts
        self._model, self._name, self._first_answers = model, name, first_answers

    def predict(
        self, batch: ModelInputs, params: Mapping[str, Any], /
    ) -> Sequence[resources_pb2.Data]:
        """Return what the model does."""
        with self._first_answers.timed(self._name):
            return self._model.predict(batch, params)

    def scores_of(self, concept_id: str, embedder: Embedder, /) -> VectorScores | None:
        """Return what scores vectors by a concept, when the model can tell."""
        scores_of = getattr(self._model, "scores_of", None)
        return None if scores_of is None else scores_of(concept_id, embedder)


def _resident_bytes() -> int:
    """Return how much memory the process has, 0 where the system does not say it so."""
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
