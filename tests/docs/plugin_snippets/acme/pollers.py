"""A way for a runner to get work."""

from __future__ import annotations

# --8<-- [start:poller]
import queue
import threading
import time

from google.protobuf.message import Message


class MemoryPoller:
    """Hands out what is put into `items` and keeps the answers in `answers`."""

    def __init__(self, session: object = None, runner: object = None) -> None:
        self.items: queue.Queue[Message] = queue.Queue()
        self.answers: list[tuple[Message, Message]] = []
        self.stopping = threading.Event()

    def poll(self, timeout_seconds: float) -> list[Message]:
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline and not self.stopping.is_set():
            try:
                return [self.items.get(timeout=0.05)]
            except queue.Empty:
                continue
        return []

    def post(self, item: Message, outputs: Message) -> None:
        self.answers.append((item, outputs))

    def interrupt(self) -> None:
        self.stopping.set()

    def close(self) -> None:
        """Let go of connections and files; here there are none."""


# --8<-- [end:poller]
