"""What an input of the platform is, once: every rule of the trade has its home here."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
