"""What people see of the SDK's things: pages for notebooks, tables of text, data frames.

Core hands out rows and names no form of showing them; this package is the plugin that brings three:
what notebooks show, what `print` of a listing shows, and `to_pandas()`.
"""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
