"""Getting datasets out: archive of the platform -> media and labels -> an archive of files."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
