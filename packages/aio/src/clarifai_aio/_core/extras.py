"""What extras bring: a sentence instead of a module that is missing."""

from __future__ import annotations

from importlib.util import find_spec


def need(package: str, extra: str) -> None:
    """Refuse to be imported without a package that an extra brings.

    Raises:
        ImportError: It is not installed.

    Example:
        >>> need("no_such_package", "datasets")
        Traceback (most recent call last):
        ...
        ImportError: no_such_package is not installed: pip install "clarifai-aio[datasets]"
    """
    if find_spec(package) is None:
        raise ImportError(
            f'{package} is not installed: pip install "clarifai-aio[{extra}]"', name=package
        )
