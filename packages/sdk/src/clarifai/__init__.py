"""The Clarifai SDK: documented import paths, each of which leads to one of its packages.

`from clarifai.client import User` is the usual way in. What stands behind the doors has import
packages of its own (`clarifai_core`, `clarifai_resources` ...), which work without this one, too.
"""

from __future__ import annotations

from clarifai_core.doors import signposts
from clarifai_core.installation import warn_of_others

__all__ = ["__version__"]

__version__ = "13.0.0"

warn_of_others(__file__, __version__)
signposts(__name__, "clarifai_compat.not_here:NOT_HERE")
