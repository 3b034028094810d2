"""Libraries that only some work needs: imported when used, and named by the extra that has them.

What is missing is named with the line that installs it; nothing else of the SDK waits for it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from clarifai_core import _extras
from clarifai_core.errors import PluginError
from clarifai_core.lazy import import_module

if TYPE_CHECKING:
    from types import ModuleType


def optional(
    module: str, extra: str, distribution: str = _extras.NAME, what: str = "This"
) -> ModuleType:
    """Import and return a module that an extra brings.

    Args:
        module: Its dotted name: `"pandas"`.
        extra: The extra that brings it.
        distribution: Whose extra.
        what: What needs it, to begin the sentence with: `"to_pandas()"`.

    Raises:
        PluginError: It is not installed; nothing was sent.

    Example:
        >>> optional("no_such_module", "arrow", "clarifai-datasets")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        clarifai_core.errors.PluginError: This needs ...: pip install "clarifai-datasets[arrow]"
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise PluginError(
            f"{what} needs {package}, which an extra brings: "
            f'pip install "{_extras.requirement(extra, distribution)}"'
        ) from error


def optional_of(distribution: str) -> functools.partial[ModuleType]:
    """Return `optional` for the extras of one distribution."""
    return functools.partial(optional, distribution=distribution)
