"""A source of items -> batches that are ready to be sent.

What an earlier run has done by the journal is not read again. Files are read where they are asked
for, and by threads ahead of that as soon as reading turns out to be slow: threads that only wait
for each other cost more than they bring.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.errors import UserError
from clarifai_core.transport.workers import Workers
from clarifai_datasets.upload._broken import BrokenItem
from clarifai_datasets.upload._sources import with_id
from clarifai_datasets.upload.encode import (
    EncodedItem,
    Finished,
    ItemFault,
    ItemRules,
    check_features,
    encode,
    input_id,
    needs_reading,
    signature_of,
    source_bytes,
)
from clarifai_inputs.batching import (
    BATCH_BYTES,
    ENVELOPE_BYTES,
    MAX_BATCH_ITEMS,
    MAX_REQUEST_BYTES,
)
from clarifai_inputs.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from clarifai_datasets.upload._journal import Ledger
    from clarifai_datasets.upload._sources import ItemSource

SLOW_READ_SECONDS = 0.002
"""Files that take longer each are read by threads."""

Made = EncodedItem | ItemFault | Finished


@attrs.frozen
class ReadLimits:
    """What a batch may hold, and what is read ahead."""

    batch_inputs: int = MAX_BATCH_ITEMS
    """Inputs in one request; more than 128 count as 128."""
    batch_bytes: int = BATCH_BYTES
    """Bytes in one request; a larger input goes alone."""
    chunk_items: int = 64
    """Items that are asked for, looked up in the journal and read in one go."""
    chunk_bytes: int = 8_000_000
    chunks_ahead: int = 4
    readers: int = 4
    """Threads that read files."""

    def __attrs_post_init__(self) -> None:
        size = self.batch_inputs
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise UserError(f"batch_size must be a whole number from 1 on, got {size!r}.")
        object.__setattr__(self, "batch_inputs", min(size, MAX_BATCH_ITEMS))


@attrs.define
class Batch:
    """What fits one request, and what was come across on the way."""

    items: list[EncodedItem] = attrs.field(factory=list)
    bytes: int = 0
    faults: list[ItemFault] = attrs.field(factory=list)
    finished: list[Finished] = attrs.field(factory=list)

    def filled(self, items: list[EncodedItem], size_bytes: int) -> Batch:
        """Return the batch with what is to be sent."""
        self.items, self.bytes = items, size_bytes
        return self


class BatchReader:
    """Reads a source once, from its first item to its last."""

    def __init__(
        self, source: ItemSource, rules: ItemRules, limits: ReadLimits, ledger: Ledger
    ) -> None:
        self._source, self._rules, self._limits, self._ledger = source, rules, limits, ledger
        self._lock = threading.Lock()
        """Held while the source is asked: users' loaders need not be thread-safe."""
        self._slow = False
        self.remarks = Remarks()
        """Regions that are not sent as the source gave them."""

    def batches(self) -> Iterator[Batch]:
        """Yield the items in groups that fit one request.

        Raises:
            UserError: The source returns something that is no item.
        """
        most_items = self._limits.batch_inputs
        most_bytes = min(self._limits.batch_bytes, MAX_REQUEST_BYTES) - ENVELOPE_BYTES
        batch, items, total = Batch(), list[EncodedItem](), 0
        for made in self._made():
            for one in made:
                if isinstance(one, EncodedItem):
                    if one.fitting.noted or one.fitting.left_out:
                        self._remark(one)
                    size = one.size_bytes
                    if items and total + size > most_bytes:
                        yield batch.filled(items, total)
                        batch, items, total = Batch(), [], 0
                    items.append(one)
                    total += size
                    if len(items) == most_items:
                        yield batch.filled(items, total)
                        batch, items, total = Batch(), [], 0
                elif isinstance(one, ItemFault):
                    batch.faults.append(one)
                else:
                    batch.finished.append(one)
            if len(batch.finished) >= most_items:  # nothing to send yet, but to say
                yield batch.filled(items, total)
                batch, items, total = Batch(), [], 0
        yield batch.filled(items, total)

    def _remark(self, item: EncodedItem) -> None:
        fitting = item.fitting
        fitting.remark(self.remarks, item.index, f"{item.id}: ")
        if left_out := fitting.left_out:
            example = f"{item.id}: {left_out[0]}"
            self.remarks.add("regions left out", example, count=len(left_out), item=item.index)

    def again(self, index: int, mark: str = "") -> EncodedItem | None:
        """Encode an item once more; None when that fails now. Any thread may call it.

        Args:
            index: The item's number.
            mark: What its id is to end in, if it is to get another one.
        """
        with self._lock:
            features = self._source.item(index)
        if mark:
            features = with_id(features, f"{input_id(features, index, self._rules)}-{mark}")
        made = encode(features, index, self._rules)
        return made if isinstance(made, EncodedItem) else None

    def _made(self) -> Iterator[Iterable[Made]]:
        """Yield items in order; when reading is slow, the next ones are being read meanwhile."""
        ahead: deque[Future[list[Made]]] = deque()
        with Workers(self._limits.readers, "clarifai-read") as readers:
            for chunk in self._chunks():
                if not ahead and not self._slow:
                    reads = needs_reading(chunk[0][1])
                    yield self._timed(chunk) if reads else self._listed(chunk)
                    continue
                ahead.append(readers.submit(self._listed, chunk))
                if len(ahead) > self._limits.chunks_ahead:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _chunks(self) -> Iterator[list[tuple[int, Any]]]:
        items = self._source.items()
        while chunk := self._chunk(items):
            yield chunk

    def _chunk(self, items: Iterator[tuple[int, Any]]) -> list[tuple[int, Any]]:
        """Return the next items; none at the end."""
        limits, task, slow = self._limits, self._rules.task, self._slow
        chunk: list[tuple[int, Any]] = []
        size, whole = 0, None
        with self._lock:
            for numbered in items:
                features = numbered[1]
                if type(features) is not whole:
                    whole = check_features(features, numbered[0], task)
                chunk.append(numbered)
                size += source_bytes(features, files=slow)
                if len(chunk) >= limits.chunk_items or size >= limits.chunk_bytes:
                    break
        return chunk

    def _timed(self, chunk: list[tuple[int, Any]]) -> Iterator[Made]:
        """Yield the items of a chunk, reading each when it is asked for."""
        spent, clock = 0.0, time.perf_counter
        encoded = self._encoded(chunk)
        for _ in chunk:
            started = clock()
            made = next(encoded)
            spent += clock() - started
            yield made
        self._slow = spent > SLOW_READ_SECONDS * len(chunk)

    def _listed(self, chunk: list[tuple[int, Any]]) -> list[Made]:
        if self._ledger.resumed:
            return list(self._encoded(chunk))
        rules = self._rules
        return [encode(features, index, rules) for index, features in chunk]

    def _encoded(self, chunk: list[tuple[int, Any]]) -> Iterator[Made]:
        rules = self._rules
        if not self._ledger.resumed:
            return (encode(features, index, rules) for index, features in chunk)
        known = self._ledger.find([input_id(features, index, rules) for index, features in chunk])
        return (self._resumed(features, index, known) for index, features in chunk)

    def _resumed(self, features: Any, index: int, known: dict[str, bytes | None]) -> Made:
        """Encode an item of which an earlier run may have left word."""
        item_id = input_id(features, index, self._rules)
        if item_id not in known or isinstance(features, BrokenItem):
            return encode(features, index, self._rules)
        before = known[item_id]
        if before is not None and before == signature_of(features, index, self._rules):
            return Finished(index, item_id)
        made = encode(features, index, self._rules)
        if isinstance(made, EncodedItem):
            made.doubtful = True
        return made
