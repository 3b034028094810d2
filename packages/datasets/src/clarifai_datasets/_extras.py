"""Packages that only some formats need: imported when used, and asked for by their extra."""

from __future__ import annotations

import importlib
from typing import Any

from clarifai_core.errors import PluginError


def optional(module: str, extra: str) -> Any:
    """Import and return a module that an extra of this package brings.

    Args:
        module: Its dotted name.
        extra: The extra.

    Raises:
        PluginError: It is not installed.

    Example:
        >>> optional("no_such_module", "arrow")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        clarifai_core.errors.PluginError: ... pip install "clarifai-datasets[arrow]".
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise PluginError(
            f"This needs the package {package}, which an extra brings: "
            f'pip install "clarifai-datasets[{extra}]".'
        ) from error
