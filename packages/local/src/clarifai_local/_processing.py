"""What happens to an input after it was accepted: download, check, embed.

The queue is the table of inputs itself: those in status 30001 wait, in order of arrival. So memory
does not grow with the backlog, and after a restart the work goes on where it stopped. Inputs are
taken in batches; a batch ends in one transaction.
"""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_local import media
from clarifai_local._clock import MICROSECONDS
from clarifai_local._moving_pictures import moving
from clarifai_local._store import ClosedError
from clarifai_local._store.directory_errors import passes, sentence
from clarifai_local._store.inputs import (
    AUDIO,
    IMAGE,
    IN_PROGRESS,
    MEDIA_FROM_URL,
    SUCCESS,
    TEXT,
    TEXT_FROM_URL,
    VIDEO,
    InputRow,
)
from clarifai_local._url_fetcher import FetchError, TooLarge
from clarifai_local._views import KIND_NAMES, set_hosted
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from clarifai_local._clock import Clock
    from clarifai_local._jobs import Job
    from clarifai_local._scope import AppScopes
    from clarifai_local._store import Store
    from clarifai_local._store.vector_memory import Floats
    from clarifai_local._url_fetcher import UrlFetcher
    from clarifai_local.engine.contracts import Embedder

BATCH_INPUTS = 128
"""Inputs in one batch."""

DOWNLOAD_THREADS = 8
MAX_DOWNLOADS_WAITING = 64

POSTED_SECONDS = 60.0
"""How long work in the background waits for inputs that were posted before it."""

_LOOK_SECONDS = 1.0
"""How often such work looks whether its inputs are there, when others come in without end."""

_PAUSE_SECONDS = 1.0
"""How long to wait after an error that may pass."""

_log = logger_for(__name__)


@attrs.define
class _InputJob:
    """One input on its way: what became of its bytes."""

    row: InputRow
    message: resources_pb2.Input
    blob: bytes | None = None
    """Bytes of its image, video or audio."""
    text: str | None = None
    media_type: str = ""
    media_sha: bytes | None = None
    text_sha: bytes | None = None
    """Hashes of what came from the network."""
    changed: bool = False
    """Whether `message` must be stored again."""
    code: int = SUCCESS
    details: str = ""

    def fail(self, code: int, details: str) -> None:
        self.code, self.details = code, details

    @property
    def good(self) -> bool:
        return self.code == SUCCESS


class InputProcessor:
    """Processes inputs in the background.

    Args:
        store: Where they are.
        scopes: To look up their apps.
        embedder: Makes their vectors.
        url_fetcher: Downloads those that were given by URL.
        clock: The platform's clock.
        delay_seconds: Returns how old, by that clock, inputs must be to be taken up.
    """

    def __init__(
        self,
        store: Store,
        scopes: AppScopes,
        embedder: Embedder,
        url_fetcher: UrlFetcher,
        clock: Clock,
        delay_seconds: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._delay_seconds = delay_seconds
        self._forget_clock = clock.on_advance(self.wake)
        self._store = store
        self._scopes = scopes
        self._embedder = embedder
        self._url_fetcher = url_fetcher
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._idle = threading.Condition()
        self._busy = 0
        self._unfinished: list[int] = []
        self._downloads: ThreadPoolExecutor | None = None
        self._slots = threading.Semaphore(MAX_DOWNLOADS_WAITING)
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()

    def resume(self) -> None:
        """Take up what an earlier process left unfinished."""
        with self._store.write() as db:
            self._store.inputs.reset_interrupted(db)
            waiting = bool(self._store.inputs.pending(db, 1))
        if waiting:
            self.wake()

    def wake(self) -> None:
        """Say that there are inputs to process."""
        self._wake.set()
        if self._thread is None:
            with self._start_lock:
                if self._thread is None and not self._closing.is_set():
                    thread = threading.Thread(
                        target=self._run, name="clarifai-local-inputs", daemon=True
                    )
                    thread.start()
                    self._thread = thread

    def wait_idle(self, timeout_seconds: float) -> bool:
        """Wait until no input is pending or in progress; returns whether that came true."""
        deadline = time.monotonic() + timeout_seconds
        while not self._is_idle():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self._idle:
                self._idle.wait(min(left, 0.05))
        return True

    def wait_posted(self, app: int, last: int, job: Job) -> None:
        """Let inputs that were posted before some work be processed: that work means them too.

        Returns when they are, when the work is cancelled, and after `POSTED_SECONDS`.

        Args:
            app: Number of the app that the work reads.
            last: Number of the last input that was there when the work was asked for.
            job: The work.
        """
        deadline = time.monotonic() + POSTED_SECONDS
        while not job.cancelled and time.monotonic() < deadline:
            with self._store.read() as db:
                if not self._store.inputs.unfinished(db, app, last):
                    return
            self.wait_idle(_LOOK_SECONDS)

    def close(self) -> None:
        """Finish the batch at hand and stop; what waits, waits for the next start."""
        self._forget_clock()
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._downloads is not None:
            self._downloads.shutdown(wait=True, cancel_futures=True)

    def embed(self, space: str, seqs: Sequence[int]) -> Floats:
        """Return the vectors of inputs in a space of the embedder; zeros for other inputs."""
        import numpy as np

        with self._store.read() as db:
            rows = self._store.inputs.rows(db, list(seqs))
        good = [work for work in map(self._load, rows) if work.good]
        found = self._embed(space, good)
        dim = next(iter(found.values())).shape[0] if found else self._dim(space)
        zeros = np.zeros(dim, np.float32)
        return np.stack([found.get(seq, zeros) for seq in seqs])

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._wake.clear()
                while not self._closing.is_set() and self._step():
                    pass
                with self._idle:
                    self._idle.notify_all()
                self._nap()
            except ClosedError:
                return
            except BaseException as error:  # noqa: BLE001 - logged; the thread lives on
                if trouble := sentence(error):
                    _log.warning("inputs wait: %s", trouble)
                else:
                    _log.exception("taking up inputs failed; going on in a second")
                self._wake.wait(_PAUSE_SECONDS)

    def _nap(self) -> None:
        """Wait to be woken, or for the moment at which the next delayed input is due."""
        seconds = None
        delay_seconds = self._delay_seconds()
        if delay_seconds and not self._wake.is_set():
            with self._store.read() as db:
                oldest_us = self._store.inputs.oldest_pending_us(db)
            if oldest_us is not None:
                due_us = oldest_us + round(delay_seconds * MICROSECONDS)
                seconds = self._clock.seconds_until(due_us)
        self._wake.wait(seconds)

    def _step(self) -> bool:
        delay_seconds = self._delay_seconds()
        until_us = None
        if delay_seconds:
            until_us = self._clock.now_us() - round(delay_seconds * MICROSECONDS)
        self._put_back()
        with self._store.read() as db:
            if not self._store.inputs.pending(db, 1, until_us):
                return False
        with self._store.write() as db:
            seqs = self._store.inputs.pending(db, BATCH_INPUTS, until_us)
            self._store.inputs.set_status(db, seqs, IN_PROGRESS)
            rows = self._store.inputs.rows(db, seqs)
        try:
            for row in filter(_wants_download, rows):
                self._submit(row)
        except BaseException:  # why: those not handed over must not be lost; raised again
            with self._idle:
                self._unfinished += [row.seq for row in rows]
            raise
        self._process([row for row in rows if not _wants_download(row)])
        return True

    def _put_back(self) -> None:
        """Let inputs that were given up for lack of space or descriptors wait again."""
        with self._idle:
            given_up = list(self._unfinished)
        if not given_up:
            return
        with self._store.write() as db:
            self._store.inputs.put_back(db, given_up)
        with self._idle:
            self._unfinished = [seq for seq in self._unfinished if seq not in set(given_up)]

    def _process(self, rows: list[InputRow]) -> None:
        """Bring inputs to their final status; keep them for later when something is lacking."""
        try:
            self._settle(rows)
        except Exception as error:  # why: raised again
            if passes(error):
                with self._idle:
                    self._unfinished += [row.seq for row in rows]
            raise

    def _settle(self, rows: list[InputRow]) -> None:
        """Bring inputs to their final status, each for itself when they fail together."""
        if not rows:
            return
        try:
            self._finish(
                [self._load_remote(r) if _wants_download(r) else self._load(r) for r in rows]
            )
        except ClosedError:
            raise
        except BaseException as error:
            if passes(error):
                raise
            if len(rows) > 1:
                for row in rows:
                    self._settle([row])
                return
            _log.exception("processing the input %s failed", rows[0].id)
            why = f"processing failed: {reason(error)}"
            with self._store.write() as db:
                self._store.inputs.set_status(db, [rows[0].seq], codes.INPUT_DOWNLOAD_FAILED, why)

    def _submit(self, row: InputRow) -> None:
        while not self._slots.acquire(timeout=0.2):
            if self._closing.is_set():
                return
        try:
            if self._downloads is None:
                self._downloads = ThreadPoolExecutor(DOWNLOAD_THREADS, "clarifai-local-download")
            with self._idle:
                self._busy += 1
            try:
                submitted = self._downloads.submit(self._process, [row])
            except BaseException:  # why: nobody would count it down; raised again
                with self._idle:
                    self._busy -= 1
                raise
        except BaseException:  # why: nobody would give the slot back; raised again
            self._slots.release()
            raise
        submitted.add_done_callback(self._downloaded)

    def _downloaded(self, done: Future[None]) -> None:
        self._slots.release()
        if not done.cancelled() and done.exception() is not None:
            self._wake.set()
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def _load_remote(self, row: InputRow) -> _InputJob:
        work = self._load(row)
        work.changed = True
        try:
            if row.kinds & MEDIA_FROM_URL:
                part = getattr(work.message.data, _media_name(row.kinds))
                most = media.MAX_BYTES[_media_name(row.kinds)]
                work.blob = self._url_fetcher.fetch(part.url, most)
            if row.kinds & TEXT_FROM_URL:
                data = self._url_fetcher.fetch(work.message.data.text.url, media.MAX_TEXT_BYTES)
                work.text = work.message.data.text.raw = media.check_text(data)
        except TooLarge as error:
            work.fail(codes.INPUT_OVER_LIMIT, str(error))
        except FetchError as error:
            work.fail(codes.INPUT_DOWNLOAD_FAILED, str(error))
        except Rejected as error:
            work.fail(error.code, error.reason)
        return work

    def _load(self, row: InputRow) -> _InputJob:
        work = _InputJob(row, resources_pb2.Input.FromString(row.wire))
        if row.media is not None:
            with self._store.read() as db:
                work.blob = self._store.blobs.get(db, row.media)
            if work.blob is None:
                work.fail(codes.INPUT_DOWNLOAD_FAILED, "the stored bytes are lost")
        if row.kinds & TEXT:
            work.text = work.message.data.text.raw
        return work

    def _finish(self, works: list[_InputJob]) -> None:
        for work in works:
            if work.good:
                _check(work)
        vectors = self._vectors(works)
        try:
            self._keep_downloads(works)
            with self._store.write() as db:
                self._store_results(db, works, vectors)
        finally:
            self._store.blobs.settle([w.media_sha for w in works if w.media_sha is not None])

    def _keep_downloads(self, works: list[_InputJob]) -> None:
        for work in works:
            kinds, data = work.row.kinds, work.message.data
            if work.good and kinds & MEDIA_FROM_URL and work.blob is not None:
                work.media_sha = self._store.blobs.prepare(work.blob)
                kind = kinds & (IMAGE | VIDEO | AUDIO)
                set_hosted(getattr(data, KIND_NAMES[kind]), kind, work.media_sha)
            if work.good and kinds & TEXT_FROM_URL and work.text is not None:
                work.text_sha = hashlib.sha256(work.text.encode()).digest()
                set_hosted(data.text, TEXT, work.text_sha)

    def _store_results(
        self,
        db: sqlite3.Connection,
        works: list[_InputJob],
        vectors: dict[tuple[int, str], dict[int, Floats]],
    ) -> None:
        import numpy as np

        inputs = self._store.inputs
        alive = inputs.alive(db, [work.row.seq for work in works])
        current = [work for work in works if work.row.seq in alive]
        stored = inputs.rows(db, [work.row.seq for work in current if work.changed])
        wires = {row.seq: row.wire for row in stored}
        for work in current:
            if work.media_sha is not None and work.blob is not None:
                self._store.blobs.put(db, work.media_sha, work.blob, work.media_type)
            elif work.media_type and work.row.media is not None:
                self._store.blobs.set_media_type(db, work.row.media, work.media_type)
            if work.media_sha is not None or work.text_sha is not None:
                media_sha = work.media_sha or work.row.media
                inputs.set_content(db, work.row.seq, media_sha, work.text_sha or work.row.text_sha)
            if work.changed:
                inputs.set_wire(db, work.row.seq, _with_content(wires[work.row.seq], work), None)
            if not work.good:
                inputs.set_status(db, [work.row.seq], work.code, work.details)
        inputs.set_status(db, [work.row.seq for work in current if work.good], SUCCESS)
        for (app, space), found in vectors.items():
            self._store.vectors.put(db, app, space, list(found), np.stack(list(found.values())))

    def _vectors(self, works: list[_InputJob]) -> dict[tuple[int, str], dict[int, Floats]]:
        by_app: dict[int, list[_InputJob]] = {}
        for work in works:
            if work.good:
                by_app.setdefault(work.row.app, []).append(work)
        found: dict[tuple[int, str], dict[int, Floats]] = {}
        for app, group in by_app.items():
            with self._store.read() as db:
                scope = self._scopes.by_number(db, app)
            if scope is None or not scope.searchable:
                continue
            for space in dict.fromkeys((self._embedder.image_space, self._embedder.text_space)):
                vectors = self._embed(space, group)
                if vectors:
                    found[app, space] = vectors
        return found

    def _embed(self, space: str, works: list[_InputJob]) -> dict[int, Floats]:
        found: dict[int, Floats] = {}
        if space == self._embedder.text_space:
            texts = [work for work in works if work.text is not None]
            if texts:
                rows = self._embedder.embed_texts([work.text or "" for work in texts])
                found.update(zip((work.row.seq for work in texts), rows, strict=True))
        if space == self._embedder.image_space:
            images = [w for w in works if w.row.kinds & IMAGE and w.blob is not None]
            if images:
                rows = self._embedder.embed_images([work.blob or b"" for work in images])
                found.update(zip((work.row.seq for work in images), rows, strict=True))
        return found

    def _dim(self, space: str) -> int:
        if space == self._embedder.text_space:
            return int(self._embedder.embed_texts([""]).shape[1])
        return int(self._embedder.embed_images([media.blank_image()]).shape[1])

    def _is_idle(self) -> bool:
        with self._store.read() as db:
            unfinished = db.execute(
                "SELECT 1 FROM inputs WHERE status IN (30001, 30003) LIMIT 1"
            ).fetchone()
        return unfinished is None and self._busy == 0


def _with_content(wire: bytes, work: _InputJob) -> bytes:
    """Return the body of an input as it is by now, with what was found out about its content."""
    if wire == work.row.wire:
        return work.message.SerializeToString()
    # Somebody patched its labels meanwhile.
    message = resources_pb2.Input.FromString(wire)
    for name in KIND_NAMES.values():
        if work.message.data.HasField(name):  # type: ignore[arg-type]
            getattr(message.data, name).CopyFrom(getattr(work.message.data, name))
    return message.SerializeToString()


def _wants_download(row: InputRow) -> bool:
    wants_media = row.kinds & MEDIA_FROM_URL and row.media is None
    return bool(wants_media or (row.kinds & TEXT_FROM_URL and row.text_sha is None))


def _media_name(kinds: int) -> str:
    return KIND_NAMES[kinds & (IMAGE | VIDEO | AUDIO)]


def _check(work: _InputJob) -> None:
    try:
        if work.row.kinds & IMAGE and work.blob is not None:
            facts = media.check_image(work.blob)
            work.media_type = facts.media_type
            info = work.message.data.image.image_info
            info.width, info.height, info.format = facts.width, facts.height, facts.format
            info.color_mode = facts.color_mode
            work.changed = True
        elif work.row.kinds & AUDIO and work.blob is not None:
            work.media_type = media.check_audio(work.blob)
        elif work.row.kinds & VIDEO and work.blob is not None:
            work.media_type = media.check_video(work.blob)
            _describe_video(work, work.blob)
    except Rejected as error:
        work.fail(error.code, error.reason)


def _describe_video(work: _InputJob, blob: bytes) -> None:
    """Keep what a video is, and offer a thumbnail, where it can be decoded here."""
    try:
        facts = moving.facts(blob)
    except Rejected as error:
        _log.info("the video %s is kept as it is: %s", work.row.id, error.reason)
        return
    video = work.message.data.video
    info = video.video_info
    info.width, info.height = facts.width, facts.height
    info.frame_count, info.duration_seconds = facts.frame_count, facts.seconds
    info.video_format = facts.format
    if facts.seconds:
        info.fps = facts.frame_count / facts.seconds
    if work.row.media is not None:
        set_hosted(video, VIDEO, work.row.media)
    work.changed = True
