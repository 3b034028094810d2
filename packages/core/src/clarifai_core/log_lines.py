"""Log lines of programs of ours: fit for a terminal, whatever the records quote.

A library sets up no logging; `clarifai` and `clarifai runner` do, with these.
"""

from __future__ import annotations

import logging

from clarifai_core.safe_text import fit

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class FitFormatter(logging.Formatter):
    r"""Formats as `logging.Formatter` does: no secrets of URLs, control characters escaped.

    Example:
        >>> record = logging.makeLogRecord({"msg": "GET https://host/a?signed ok" + chr(27)})
        >>> FitFormatter().format(record)
        'GET https://host/a ok\\x1b'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and those of a traceback."""
        return fit(super().format(record))


def warn_fitly() -> None:
    """Have warnings for which no logging is set up escaped as everything else is."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(FitFormatter())
