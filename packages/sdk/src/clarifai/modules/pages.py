"""Door to the pages of Streamlit modules."""

from __future__ import annotations

from clarifai_compat.streamlit_pages import ClarifaiModulePageManager

__all__ = ["ClarifaiModulePageManager"]
