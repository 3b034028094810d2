"""How things are shown is for plugins to say: here they are asked, and what stands in for them.

Without one a notebook has the `repr` of a handle or a listing, and `print` shows it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.errors import PluginError
from clarifai_core.loggers import logger_for
from clarifai_core.missing_plugins import why_not_there
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure

if TYPE_CHECKING:
    from clarifai_core.tables import Tabular


def html(item: object) -> str | None:
    """Return what a notebook shows of a thing; None: no plugin has it, or it fails."""
    return _shown("html", item)


def text(item: object) -> str | None:
    """Return what `print` shows of a listing; None: no plugin has it, or it fails."""
    return _shown("text", item)


def data_frame(item: Tabular) -> Any:
    """Return the rows of a thing as a data frame.

    Raises:
        PluginError: No plugin makes them, or what it needs is missing.
    """
    spec = plugins().find("views", "pandas")
    if spec is None:
        why = why_not_there("views", ["pandas"]) or "no plugin that is installed has it"
        raise PluginError(f"to_pandas() needs the view 'pandas': {why}.")
    return spec.load()(item)


def _shown(name: str, item: object) -> str | None:
    try:
        spec = plugins().find("views", name)
        found = None if spec is None else spec.load()(item)
    except Exception as error:  # noqa: BLE001  why: what shows a thing never stands in its way
        logger_for(__name__).warning("The view %r fails: %s", name, failure(error))
        return None
    return found if isinstance(found, str) else None
