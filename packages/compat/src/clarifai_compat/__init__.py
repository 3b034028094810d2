"""What programs for the official SDK use beyond its document: helpers, stubs, inherited names."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
