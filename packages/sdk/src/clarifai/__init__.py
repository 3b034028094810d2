"""The Clarifai SDK: documented import paths, each of which leads to one of its packages.

`from clarifai.client import User` is the usual way in. What stands behind the doors has import
packages of its own (`clarifai_core`, `clarifai_resources` ...), which work without this one, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    from clarifai_core.doors import door, signposts
    from clarifai_core.installation import warn_of_others
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"clarifai is not whole: {missing}. It was installed without what it needs, or that was "
        'removed: pip install --force-reinstall "clarifai>=13" (with --find-links DIRECTORY of its '
        "wheels where no index has them).",
        name=missing.name,
    ) from None

if TYPE_CHECKING:
    from clarifai_core.records import records as to_records
    from clarifai_core.tracebacks import shorten_tracebacks
    from clarifai_resources.model.evaluation_tables import Evaluation
    from clarifai_views.frames import to_pandas
    from clarifai_views.views import show
else:
    __getattr__, __dir__ = door(
        __name__,
        Evaluation="clarifai_resources.model.evaluation_tables:Evaluation",
        shorten_tracebacks="clarifai_core.tracebacks:shorten_tracebacks",
        show="clarifai_views.views:show",
        to_pandas="clarifai_views.frames:to_pandas",
        to_records="clarifai_core.records:records",
    )

__all__ = ["Evaluation", "__version__", "shorten_tracebacks", "show", "to_pandas", "to_records"]

__version__ = "13.0.0"

warn_of_others(__file__, __version__)
signposts(__name__, "clarifai_compat.not_here:NOT_HERE")
