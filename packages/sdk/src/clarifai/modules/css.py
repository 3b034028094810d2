"""Door to the look of Streamlit modules."""

from __future__ import annotations

from clarifai_compat.streamlit_pages import ClarifaiStreamlitCSS

__all__ = ["ClarifaiStreamlitCSS"]
