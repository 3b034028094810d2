"""A way for a runner to get work."""

# --8<-- [start:poller]
from __future__ import annotations

import queue
import threading
import time

from google.protobuf.message import Message

ITEMS: queue.Queue[Message] = queue.Queue()
ANSWERS: queue.Queue[tuple[Message, Message]] = queue.Queue()


class MemoryPoller:
    """Hands out what is put into `ITEMS`, and puts the answers into `ANSWERS`."""

    def __init__(self, session: object, runner: object) -> None:
        self.stopping = threading.Event()

    def poll(self, timeout_seconds: float) -> list[Message]:
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline and not self.stopping.is_set():
            try:
                return [ITEMS.get(timeout=0.05)]
            except queue.Empty:
                continue
        return []

    def post(self, item: Message, outputs: Message) -> None:
        ANSWERS.put((item, outputs))

    def interrupt(self) -> None:
        self.stopping.set()

    def close(self) -> None:
        """Let go of connections and files; here there are none."""


# --8<-- [end:poller]
