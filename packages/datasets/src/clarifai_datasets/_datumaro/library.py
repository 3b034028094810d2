"""The library itself: what of it is used, imported when it is."""

from __future__ import annotations

import contextlib
import logging
from pathlib import PurePath
from typing import TYPE_CHECKING

from clarifai_core.errors import UserError
from clarifai_datasets._extras import optional

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from clarifai_inputs.remarks import Remarks

EXTRA = "datumaro"

PREFIX = "datumaro:"
"""Before the name that Datumaro has for a format."""

UNSAFE = {"cifar": "cifar", "brats_numpy": ""}
"""Formats whose files are pickles, which can run anything when they are read, and are not read by
this way -> the loader that reads them safely; empty: none does."""


def part(name: str) -> ModuleType:
    """Return a module of the library: `part("components.media")`.

    Raises:
        PluginError: It is not installed.
    """
    optional("datumaro", EXTRA)
    return optional(f"datumaro.{name}", EXTRA)


def check_known(kind: str, name: str) -> None:
    """Refuse a format that the installed version does not know.

    Args:
        kind: `"importers"` or `"exporters"`.
        name: The format, as Datumaro calls it.

    Raises:
        PluginError: The library is not installed.
        UserError: It has no such format, or the format is refused.
    """
    if kind == "importers" and name in UNSAFE:
        instead = f"; the loader {UNSAFE[name]!r} reads it" if UNSAFE[name] else ""
        raise UserError(
            f"Datumaro reads {name!r} by running a pickle, so it is not used here{instead}."
        )
    known = list(getattr(part("components.environment").DEFAULT_ENVIRONMENT, kind))
    if name not in known:
        version = part("version").__version__
        raise UserError(
            f"Datumaro {version} has no {kind.removesuffix('s')} {name!r}; it has "
            f"{', '.join(sorted(known))}."
        )


@contextlib.contextmanager
def warnings_of_library(remarks: Remarks) -> Iterator[None]:
    """Take what the library warns of as remarks: it logs to the root, and nobody would see it."""
    taken = _Warnings(remarks)
    root = logging.getLogger()
    root.addFilter(taken)
    try:
        yield
    finally:
        root.removeFilter(taken)


class _Warnings(logging.Filter):
    """Counts the warnings of the library, and keeps them from the terminal."""

    def __init__(self, remarks: Remarks) -> None:
        super().__init__()
        self._remarks = remarks

    def filter(self, record: logging.LogRecord) -> bool:
        """Count one of the library's; those of others pass."""
        if "datumaro" not in PurePath(record.pathname).parts:
            return True
        if record.levelno >= logging.WARNING:
            self._remarks.add("warnings of Datumaro", record.getMessage())
        return False
