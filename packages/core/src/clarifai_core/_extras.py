"""Which extra brings what is missing, as installed distributions announce it.

The entry points of the group `clarifai.extras` are data, and nothing of them is imported:
`"resources.dataset" = "datasets"` of the distribution `clarifai` says that its extra `datasets`
brings the kind of resource `dataset`. A value with `clarifai_` in front is no extra, but the import
package of a distribution that is needed in any case. They are read when something is missing, never
before.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

__all__ = [
    "GROUP",
    "NAME",
    "OURS",
    "ExtraProvider",
    "bringer_of",
    "extra_of_package",
    "extra_of_spec",
    "requirement",
]

GROUP = "clarifai.extras"
"""The group of entry points that name extras."""

NAME = "clarifai"
"""The distribution of the doors, and of the official SDK's up to version 12."""

OURS = ">=13"
"""Its versions that are this SDK: without the bound, an index gives the official one."""


def requirement(extra: str, distribution: str = NAME) -> str:
    """Return what to install for an extra.

    Example:
        >>> requirement("search"), requirement("pandas", "clarifai-search")
        ('clarifai[search]>=13', 'clarifai-search[pandas]')
    """
    return f"{distribution}[{extra}]{OURS if distribution == NAME else ''}"


def extra_of_spec(what: str, name: str, points: Iterable[Any] | None = None) -> str:
    """Return what to install for a spec that no plugin gives: `'clarifai[datasets]>=13'`, or `""`.

    Args:
        what: The hook's name behind `clarifai_register_`: `"resources"`, `"endpoints"` ...
        name: The name of the spec: `"dataset"`.
        points: The entry points to read; those that are installed unless given.

    Example:
        >>> extra_of_spec("resources", "dataset")
        'clarifai[datasets]>=13'
        >>> extra_of_spec("resources", "unheard-of")
        ''
    """
    found = bringer_of(what, name, points)
    return found.install if found else ""


class ExtraProvider(NamedTuple):
    """What brings something that a plugin registers."""

    distribution: str
    """Its name: `"clarifai-datasets"`."""
    install: str
    """What to install for it: `"clarifai[datasets]>=13"`."""


def bringer_of(what: str, name: str, points: Iterable[Any] | None = None) -> ExtraProvider | None:
    """Return what brings a spec, installed or not; None when nobody announces that.

    Args:
        what: The hook's name behind `clarifai_register_`.
        name: The name of the spec.
        points: The entry points to read; those that are installed unless given.

    Example:
        >>> bringer_of("resources", "dataset").distribution
        'clarifai-datasets'
        >>> bringer_of("commands", "app").distribution
        'clarifai-resources'
    """
    wanted = f"{what}.{name}"
    for point in _installed() if points is None else points:
        if point.name != wanted or point.dist is None:
            continue
        needs = [one.replace(" ", "") for one in point.dist.requires or ()]
        if point.value.startswith(_PACKAGES):
            distribution = point.value.replace("_", "-")
            own = (one for one in needs if _name_in(one) == distribution)
            return ExtraProvider(distribution, next(own, distribution).partition(";")[0])
        mark = f"extra=={point.value!r}"
        of_extra = (_name_in(one) for one in needs if one.replace('"', "'").endswith(mark))
        install = requirement(point.value, point.dist.name)
        return ExtraProvider(next(of_extra, point.dist.name), install)
    return None


_PACKAGES = "clarifai_"


def _name_in(need: str) -> str:
    """Return the name of the distribution that a requirement begins with."""
    import re

    found = re.match(r"[A-Za-z0-9._-]+", need)
    return found[0].lower().replace("_", "-") if found else ""


def extra_of_package(package: str, distribution: str = NAME) -> str:
    """Return what to install for an import package that an extra brings, or `""`.

    Args:
        package: A top-level import package: `"clarifai_search"` is brought by the extra `search`.
        distribution: Whose extra.

    Example:
        >>> extra_of_package("clarifai_search"), extra_of_package("clarifai_core")
        ('clarifai[search]>=13', '')
    """
    from importlib import metadata

    extra = package.partition("_")[2]
    try:
        known = metadata.metadata(distribution).get_all("Provides-Extra") or ()
    except metadata.PackageNotFoundError:
        return ""
    return requirement(extra, distribution) if extra in known else ""


def _installed() -> Iterable[Any]:
    # All metadata there is takes 20 ms, and a loop over responses may ask for each.
    path = tuple(map(str, sys.path))
    return _read(path, tuple(map(_changed, path)), tuple(map(id, sys.meta_path)))


@functools.lru_cache(maxsize=1)
def _read(*_: tuple[object, ...]) -> Sequence[Any]:
    """Return the entry points, anew when the path or one of its folders has changed."""
    from importlib import metadata

    return tuple(metadata.entry_points(group=GROUP))


def _changed(folder: str) -> int:
    """Return when something was put into a folder or taken out, as installers do."""
    try:
        return os.stat(folder or ".").st_mtime_ns  # noqa: PTH116  why: pathlib takes its time
    except (OSError, ValueError):
        return 0
