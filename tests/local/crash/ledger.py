"""What a platform must hold: the effects of all writes that it acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from google.protobuf.message import Message

Effects = Mapping[str, Any]
"""What is there afterwards by key, such as "input/cat-1"; None for what is gone."""


@attrs.frozen
class Write:
    """A request with what it changes."""

    rpc: str
    request: Message
    effects: Effects
    touches: frozenset[str] = frozenset()
    """Keys that must stay as they are while it is answered."""
    may_be_refused: bool = False
    """Whether the platform may say that it is too early."""

    @property
    def keys(self) -> frozenset[str]:
        """All keys that no other write may change meanwhile."""
        return self.touches | self.effects.keys()


class Ledger:
    """Acknowledged state, and the writes in flight."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.in_flight: dict[int, Write] = {}
        self.acknowledged = 0
        self.locked: set[str] = set()

    def free(self, prefix: str) -> list[str]:
        """Return the keys of a kind that are there and not in use."""
        return [key for key in self.state if key.startswith(prefix) and key not in self.locked]

    def begin(self, number: int, write: Write) -> None:
        """Note a write that is being sent."""
        self.in_flight[number] = write
        self.locked |= write.keys

    def acknowledge(self, number: int) -> None:
        """Note a write that was answered with success."""
        write = self.in_flight.pop(number)
        self.locked -= write.keys
        self.acknowledged += 1
        self._apply(write)

    def settle(self, found: Mapping[str, Any]) -> list[str]:
        """Compare with what is there after a crash, and go on from that.

        A write that was in flight may have happened or not, but as a whole.

        Returns:
            What is wrong, [] when all is well.
        """
        problems = []
        for write in self.in_flight.values():
            there = {key: found.get(key) for key in write.effects}
            if there == dict(write.effects):
                self._apply(write)
            elif there != {key: self.state.get(key) for key in write.effects}:
                problems.append(f"{write.rpc} happened in part: {_short(there)}")
        self.in_flight.clear()
        self.locked.clear()
        problems += [
            f"{key}: acknowledged {_short(self.state.get(key))}, found {_short(found.get(key))}"
            for key in sorted(self.state.keys() | found.keys())
            if self.state.get(key) != found.get(key)
        ]
        self.state = dict(found)
        return problems

    def _apply(self, write: Write) -> None:
        for key, value in write.effects.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."
