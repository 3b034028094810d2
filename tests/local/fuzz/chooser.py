"""Where the fuzzer's choices come from."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any


class Chooser:
    """What to put where, from one source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def below(self, count: int) -> int:
        return int(self._random.random() * count)

    def chance(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def of(self, values: Sequence[Any]) -> Any:
        return values[self.below(len(values))]

    def text(self) -> str:
        return "".join(self.of(_ALPHABETS[self.below(4)]) for _ in range(self.below(20)))

    def data(self) -> bytes:
        return bytes(self.below(256) for _ in range(self.below(40)))


_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz0123456789-_",
    "".join(map(chr, range(128))),
    "".join(map(chr, range(0x80, 0x3000, 7))),
    "\0\ufeff\u202e\uffff\U0001f415\U0010ffff\u0301",
)
