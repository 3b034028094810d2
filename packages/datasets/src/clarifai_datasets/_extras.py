"""Packages that only some formats need: imported when used, and asked for by their extra."""

from __future__ import annotations

from clarifai_core.optional import optional_of

optional = optional_of("clarifai-datasets")
"""`clarifai_core.optional.optional` for the extras of this package."""
