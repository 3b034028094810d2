"""Where a recording and what ours did differ, as lines of text.

The recorder cut long things short: `"... 9 in all"` ends a list, `...` a text. Such ends match
whatever goes on in the same way, and the number must be right.
"""

from __future__ import annotations

import math
import re
from typing import Any

_COUNT = re.compile(r"\.\.\. (\d+) in all\Z")


def differences(recorded: Any, ours: Any, path: str) -> list[str]:
    """Return a line for each place where two values of JSON differ."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return [
            line
            for key in sorted({*recorded, *ours})
            for line in _at(recorded, ours, key, f"{path}.{key}")
        ]
    if isinstance(recorded, list) and isinstance(ours, list):
        return _lists(recorded, ours, path)
    if _same(recorded, ours):
        return []
    return [f"{path}: recorded {_short(recorded)}, ours {_short(ours)}"]


def total_of(items: list[Any]) -> int | None:
    """Return how many items a list had that was cut short, or None when it is whole."""
    found = _COUNT.match(items[-1]) if items and isinstance(items[-1], str) else None
    return int(found[1]) if found else None


def _at(recorded: dict[str, Any], ours: dict[str, Any], key: str, path: str) -> list[str]:
    if key not in ours:
        return [f"{path}: recorded {_short(recorded[key])}, not in ours"]
    if key not in recorded:
        return [f"{path}: not recorded, ours {_short(ours[key])}"]
    return differences(recorded[key], ours[key], path)


def _lists(recorded: list[Any], ours: list[Any], path: str) -> list[str]:
    total = total_of(recorded)
    shown = recorded if total is None else recorded[:-1]
    wanted = len(recorded) if total is None else total
    lines = []
    if wanted != len(ours):
        lines.append(f"{path}: recorded {wanted} items, ours {len(ours)}")
    for index, (one, other) in enumerate(zip(shown, ours, strict=False)):
        lines += differences(one, other, f"{path}[{index}]")
    return lines + [
        f"{path}[{index}]: recorded {_short(one)}, not in ours"
        for index, one in enumerate(shown[len(ours) :], len(ours))
    ]


def _same(recorded: Any, ours: Any) -> bool:
    if isinstance(recorded, str) and isinstance(ours, str) and recorded.endswith("..."):
        return ours.startswith(recorded[:-3])
    if isinstance(recorded, float) and isinstance(ours, float):
        return math.isclose(recorded, ours, rel_tol=1e-6)
    return type(recorded) is type(ours) and bool(recorded == ours)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:157]}..."
