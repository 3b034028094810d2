"""Which plugins belong to this SDK: read off what is installed, since core names none of them.

The distribution that owns the doors names its rooms in its requirements. Where the rooms stand
without those doors, or beside the doors of another SDK, they are known by how they name themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clarifai_core._dist_info import distributions
from clarifai_core._entry_points import normal
from clarifai_core.hookspecs import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_core._entry_points import AnnouncedPlugin

_NAME = re.compile(r"\s*([A-Za-z0-9._-]+)")


def doors_requirements(installed: Iterable[Any] | None = None) -> frozenset[str] | None:
    """Return what the doors' distribution names, extras included; None when there are no doors.

    Args:
        installed: Distributions that own the doors' name; looked up unless given.

    Only doors that stand on our core are ours: another SDK's distribution has the same name.

    Example:
        >>> "clarifai-datasets" in (doors_requirements() or ())
        True
    """
    for one in distributions(PROJECT) if installed is None else installed:
        found = (_NAME.match(need) for need in one.requires or ())
        names = frozenset(normal(match[1]) for match in found if match)
        if f"{PROJECT}-core" in names:
            return names
    return None


def is_family(one: AnnouncedPlugin, named: frozenset[str] | None) -> bool:
    """Return whether a plugin belongs to this SDK.

    Args:
        one: What its distribution announces.
        named: What `doors_requirements` returned.
    """
    distribution = normal(one.distribution)
    if named is not None:
        return distribution in named
    room = distribution.removeprefix(f"{PROJECT}-")
    module = f"{PROJECT}_{room.replace('-', '_')}.plugin"
    return room != distribution and normal(one.name) == room and one.target == module
