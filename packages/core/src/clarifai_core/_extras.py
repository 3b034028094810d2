"""Which extra brings what is missing, as installed distributions announce it.

The entry points of the group `clarifai.extras` are data, and nothing of them is imported:
`"resources.dataset" = "datasets"` of the distribution `clarifai` says that its extra `datasets`
brings the kind of resource `dataset`. They are read when something is missing, never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["GROUP", "extra_of_package", "extra_of_spec"]

GROUP = "clarifai.extras"
"""The group of entry points that name extras."""


def extra_of_spec(what: str, name: str, points: Iterable[Any] | None = None) -> str:
    """Return what to install for a spec that no plugin gives: `'clarifai[datasets]'`, or `""`.

    Args:
        what: The hook's name behind `clarifai_register_`: `"resources"`, `"endpoints"` ...
        name: The name of the spec: `"dataset"`.
        points: The entry points to read; those that are installed unless given.

    Example:
        >>> extra_of_spec("resources", "dataset")
        'clarifai[datasets]'
        >>> extra_of_spec("resources", "unheard-of")
        ''
    """
    wanted = f"{what}.{name}"
    for point in _installed() if points is None else points:
        if point.name == wanted and point.dist is not None:
            return f"{point.dist.name}[{point.value}]"
    return ""


def extra_of_package(package: str, distribution: str = "clarifai") -> str:
    """Return the extra of a distribution that brings an import package, or `""`.

    Args:
        package: A top-level import package: `"clarifai_search"` is brought by the extra `search`.
        distribution: Whose extra.

    Example:
        >>> extra_of_package("clarifai_search"), extra_of_package("clarifai_core")
        ('clarifai[search]', '')
    """
    from importlib import metadata

    extra = package.partition("_")[2]
    try:
        known = metadata.metadata(distribution).get_all("Provides-Extra") or ()
    except metadata.PackageNotFoundError:
        return ""
    return f"{distribution}[{extra}]" if extra in known else ""


def _installed() -> Iterable[Any]:
    from importlib import metadata

    return metadata.entry_points(group=GROUP)
