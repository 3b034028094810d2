"""What httpx logs about our requests, without the secrets of their URLs.

It logs each URL with its query, where signatures are, at the level INFO; httpcore logs the headers
of answers, with the addresses of redirects, at DEBUG. A filter changes the words of these records
and nothing else: levels and handlers are the program's.
"""

from __future__ import annotations

import logging

from clarifai_core.safe_text import fit

LOGGERS = (
    "httpx",
    *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
)


def quieten() -> None:
    """Have these loggers tell no secrets; once is enough."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_fit_record)  # adding it again changes nothing


def _fit_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = fit(record.getMessage()), ()
    return True
