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

    The underscore of a private module is left out: names of loggers are for users.

    Args:
        module: Its `__name__`.

    Example:
        >>> logger_for("clarifai_core.transport._flow").name, logger_for("acme.loader").name
        ('clarifai.core.transport.flow', 'acme.loader')
    """
    package, underscore, rest = module.partition("_")
    if not underscore or package != PARENT:
        return logging.getLogger(module)
    return logging.getLogger(f"{PARENT}.{rest}".replace("._", "."))
