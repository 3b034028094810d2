"""Users, apps, inputs, models, workflows and modules: one handle class each."""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
