"""The loggers of all our packages: children of one, whatever a package is called.

`logging.getLogger("clarifai")` is the parent of `clarifai.core.transport.flow`,
`clarifai.datasets.upload.journal` and so on: a program sets its level or handlers once. A library
sets none itself.
"""

from __future__ import annotations

import logging

PARENT = "clarifai"
"""The logger above all of ours."""


def logger_for(module: str) -> logging.Logger:
    """Return the logger of a module of ours.

    Args:
        module: Its `__name__`.

    Example:
        >>> logger_for("clarifai_core.transport.flow").name, logger_for("acme.loader").name
        ('clarifai.core.transport.flow', 'acme.loader')
    """
    package, underscore, rest = module.partition("_")
    return logging.getLogger(f"{PARENT}.{rest}" if underscore and package == PARENT else module)
