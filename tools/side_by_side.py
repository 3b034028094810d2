"""Writes docs/moving/names.md: the names of the official SDK, of two releases, beside ours.

    python -m tools.side_by_side            # write it
    python -m tools.side_by_side --check    # exit code 1 when it is not as it would be written

It reads what `tools.official_surface` recorded of the official classes, and the reasons for what
differs in `tests/sdk/official/<class>.txt`: names and parameters, no code.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tools.official_surface import CLASSES, INHERITED
from tools.wheels import ROOT

FACTS = ROOT / "tests" / "sdk" / "official"
PAGE = ROOT / "docs" / "moving" / "names.md"

_HEAD = """\
# Names side by side

Every public method of the official SDK's classes, in releases {releases}, and whether ours has it.
What differs of a method stands in the last column, with the reason; an empty cell: a program that
calls it by the official name and parameters notices nothing. Import paths have
[a table of their own](../import-paths.md), and so has
[what every class inherits](../inherited-names.md).
"""


def page() -> str:
    """Return the page as it should be."""
    members, releases = _members(), _releases()
    parts = [_HEAD.format(releases=" and ".join(releases))]
    for name in CLASSES:
        parts.append(f"\n## {name}\n\n| method | {' | '.join(releases)} | ours | what differs |\n")
        parts.append(f"|---|{'---|' * len(releases)}---|---|\n")
        parts.extend(_rows(name, members[name], releases))
    return "".join(parts)


def _rows(name: str, members: Mapping[str, set[str]], releases: list[str]) -> Iterator[str]:
    cls = getattr(importlib.import_module(CLASSES[name]), name)
    reasons = _reasons(name)
    for member, there in sorted(members.items()):
        marks = " | ".join("yes" if one in there else "-" for one in releases)
        ours = "yes" if hasattr(cls, member) else "-"
        yield f"| `{member}` | {marks} | {ours} | {'; '.join(reasons.get(member, ()))} |\n"


def _members() -> dict[str, dict[str, set[str]]]:
    """Return class -> member -> the releases that have it."""
    found: dict[str, dict[str, set[str]]] = {name: {} for name in CLASSES}
    for release, name, member in _facts():
        if member not in INHERITED:
            found[name].setdefault(member, set()).add(release)
    return found


def _releases() -> list[str]:
    return sorted({release for release, _, _ in _facts()})


def _facts() -> Iterator[tuple[str, str, str]]:
    for line in (FACTS / "surface.txt").read_text("utf-8").splitlines():
        release, _, rest = line.partition(" ")
        name, _, member = rest.partition(".")
        yield release, name, re.split(r"\W", member)[0]


def _reasons(name: str) -> dict[str, list[str]]:
    """Return member -> what differs of it, and why; the same of several releases once."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for line in (FACTS / f"{name}.txt").read_text("utf-8").splitlines():
        difference, _, reason = line.partition(" -- ")
        release, _, rest = difference.partition(" ")
        member, _, what = rest.removeprefix(f"{name}.").partition(": ")
        found[member].setdefault(f"{what} ({reason})".replace("|", "\\|"), []).append(release)
    return {
        member: [f"{', '.join(of)}: {what}" for what, of in told.items()]
        for member, told in found.items()
    }


def main() -> int:
    """Write the page, or say whether it is as it should be."""
    fresh = page()
    if "--check" in sys.argv:
        return int(PAGE.read_text("utf-8") != fresh)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
