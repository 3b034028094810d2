"""Loggers as programs set them up through `clarifai.utils.logging`.

The library itself sets up none; these do because a program asks for it by name.
"""

from __future__ import annotations

import contextvars
import logging
import os
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.log_lines import FitFormatter
from clarifai_core.loggers import PARENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

__all__ = [
    "add_file_handler",
    "clear_logger_context",
    "display_concept_relations_tree",
    "get_logger",
    "get_logger_context",
    "get_req_id_from_context",
    "logger",
    "restore_logger_context",
    "set_logger_context",
    "table_from_dict",
]

_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Handler(logging.StreamHandler[Any]):
    """One that `get_logger` added: the next call takes it back."""


def get_logger(logger_level: int | str = logging.NOTSET, name: str | None = None) -> logging.Logger:
    """Return a logger that writes to stderr.

    Handlers that a program added itself stay; called again, the level is set anew.

    Args:
        logger_level: `"INFO"` and its like, or the number.
        name: Its name; None: the parent of all loggers of the SDK.

    Raises:
        UserError: There is no such level.

    Example:
        >>> get_logger("WARNING", "my-program").level
        30
    """
    found = logging.getLogger(PARENT if name is None else name)
    handler = _Handler()
    try:
        found.setLevel(logger_level)
    except (ValueError, TypeError) as error:
        raise UserError(f"logger_level must be such as 'INFO', got {logger_level!r}.") from error
    handler.setFormatter(FitFormatter(_FORM))
    for before in [one for one in found.handlers if isinstance(one, _Handler)]:
        found.removeHandler(before)
    found.addHandler(handler)
    return found


def add_file_handler(
    logger: logging.Logger, file_path: str | os.PathLike[str], log_level: str = "WARNING"
) -> None:
    """Have a logger write to a file, too.

    Args:
        logger: The logger.
        file_path: Where; what is there already stays in front.
        log_level: Lines below this level are left out of the file.
    """
    handler = logging.FileHandler(file_path, encoding="utf-8")
    handler.setLevel(log_level)
    handler.setFormatter(FitFormatter(_FORM))
    logger.addHandler(handler)


_context: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("context")


def get_logger_context() -> dict[str, Any]:
    """Return what `set_logger_context` set in this thread or task."""
    return dict(_context.get({}))


def set_logger_context(**kwargs: Any) -> None:
    """Keep values for this thread or task, such as `req_id`."""
    _context.set({**_context.get({}), **kwargs})


def clear_logger_context() -> None:
    """Forget what was set in this thread or task."""
    _context.set({})


def restore_logger_context(context: Mapping[str, Any]) -> None:
    """Put back what `get_logger_context` returned."""
    _context.set(dict(context))


def get_req_id_from_context() -> str:
    """Return the `req_id` that was set in this thread or task, or `""`."""
    return str(_context.get({}).get("req_id", ""))


def display_concept_relations_tree(relations_dict: Mapping[str, Sequence[str]]) -> None:
    """Print concepts with those below them.

    Args:
        relations_dict: Concept -> the concepts below it.

    Example:
        >>> display_concept_relations_tree({"animal": ["cat", "dog"]})
        animal
        |-- cat
        `-- dog
    """
    for parent, children in relations_dict.items():
        marks = ["|-- "] * (len(children) - 1) + ["`-- "]
        lines = (mark + child for mark, child in zip(marks, children, strict=False))
        print("\n".join([parent, *lines]))  # noqa: T201  why: it displays


def table_from_dict(
    data: Sequence[Mapping[str, Any]], column_names: Sequence[str], title: str = ""
) -> Table:
    """Return rows as a table of the library rich.

    Args:
        data: The rows.
        column_names: The keys to show, in order; what a row lacks stays empty.
        title: Stands above.

    Raises:
        ImportError: rich is not installed.
    """
    try:
        from rich.table import Table
    except ImportError as error:
        raise ImportError("Tables are those of the library rich: pip install rich") from error
    made = Table(*column_names, title=title, header_style="blue")
    for row in data:
        made.add_row(*(str(row.get(name, "")) for name in column_names))
    return made


logger = get_logger(os.environ.get("LOG_LEVEL", "INFO"), PARENT)
"""The parent of all loggers of the SDK; the environment variable LOG_LEVEL sets its level."""
