"""A way for a runner to get work."""

from __future__ import annotations

# --8<-- [start:poller]
import queue

from google.protobuf.message import Message


class MemoryPoller:
    """Hands out what is put into `items` and keeps the answers in `answers`."""

    def __init__(self, session: object = None, runner: object = None) -> None:
        self.items: queue.Queue[Message] = queue.Queue()
        self.answers: list[tuple[Message, Message]] = []

    def poll(self, timeout_seconds: float) -> list[Message]:
        try:
            return [self.items.get(timeout=timeout_seconds)]
        except queue.Empty:
            return []

    def post(self, item: Message, outputs: Message) -> None:
        self.answers.append((item, outputs))


# --8<-- [end:poller]
