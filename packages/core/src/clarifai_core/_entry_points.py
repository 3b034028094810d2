"""What installed distributions announce as plugins, those with damaged metadata included.

`importlib.metadata.entry_points` gives up on all of them when one is damaged; so each distribution
is looked at on its own, and what is wrong with it is told where plugins are listed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from clarifai_core._dist_info import distributions
from clarifai_core.safe_text import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class AnnouncedPlugin(NamedTuple):
    """One entry point of one distribution, or why it cannot be read."""

    name: str
    """Name of the entry point; `""` when that cannot be read."""
    distribution: str
    version: str = ""
    point: Any = None
    target: str = ""
    """What the entry point names: `"acme.plugin"`."""
    fault: str = ""
    """What is wrong with it, in one sentence; `""`: nothing."""


def normal(name: str) -> str:
    """Return a name in the spelling in which names of distributions are compared (PEP 503).

    Example:
        >>> normal("Dotted.name"), normal("a-_-b")
        ('dotted-name', 'a-b')
    """
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def announced(group: str, installed: Iterable[Any] | None = None) -> Iterator[AnnouncedPlugin]:
    """Yield what the installed distributions announce in a group of entry points.

    Args:
        group: Its name.
        installed: The distributions; looked up unless given.

    Of several copies of a distribution on the path the first one counts.
    """
    places: dict[str, str] = {}
    for distribution in distributions() if installed is None else installed:
        for one in _of(distribution, group):
            place = str(getattr(distribution, "_path", id(distribution)))
            first = places.setdefault(normal(one.distribution), place)
            if first == place:
                yield one
            elif one.distribution:
                fault = f"another copy of {one.distribution} stands earlier on the path"
                yield one._replace(fault=one.fault or f"{fault}, and counts: remove one.")


def of_points(points: Iterable[Any]) -> Iterator[AnnouncedPlugin]:
    """Yield what entry points announce that were found by other means."""
    for point in points:
        yield _of_point(point, getattr(point, "dist", None))


def _of(distribution: Any, group: str) -> Iterator[AnnouncedPlugin]:
    try:
        text = distribution.read_text("entry_points.txt") or ""
        if group not in text:
            return
        points = [one for one in distribution.entry_points if one.group == group]
    except Exception as error:  # noqa: BLE001  why: finders and files of others fail in any way
        name, _, _ = _described(distribution)
        what = redacted(f"{type(error).__name__}: {error}")
        yield AnnouncedPlugin("", name, fault=f"its entry points cannot be read ({what}).")
        return
    for point in points:
        yield _of_point(point, distribution)


def _of_point(point: Any, distribution: Any) -> AnnouncedPlugin:
    target = str(getattr(point, "value", ""))
    if distribution is None:
        return AnnouncedPlugin(str(point.name), "", point=point, target=target)
    name, version, fault = _described(distribution)
    return AnnouncedPlugin(str(point.name), name, version, point, target, fault)


def _described(distribution: Any) -> tuple[str, str, str]:
    """Return name, version, and what is wrong with a distribution's metadata."""
    try:
        metadata = distribution.metadata
        name = metadata.get("Name")
    except Exception:  # noqa: BLE001  why: importlib.metadata raises what it meets, by version
        name = None
    if not isinstance(name, str) or not name.strip():
        return _folder(distribution), "", "its metadata has no name: install it again."
    try:
        version = distribution.version
    except Exception:  # noqa: BLE001  why: as above
        version = None
    return name.strip(), version if isinstance(version, str) else "", ""


def _folder(distribution: Any) -> str:
    """Return the name that a distribution's folder has, for want of a better one."""
    folder = getattr(getattr(distribution, "_path", None), "name", "")
    return str(folder).removesuffix(".dist-info").removesuffix(".egg-info")
