"""Words of which a parameter takes one, as types."""

from __future__ import annotations

from typing import Literal, TypeAlias

MediaKind: TypeAlias = Literal["image", "video", "text", "audio"]
"""What an input is: a field of its data."""

CsvType: TypeAlias = Literal["raw", "url", "file_path"]
"""What the column `input` of a CSV file holds: texts, addresses, or names of files."""

OnConflict: TypeAlias = Literal["fail", "skip", "replace", "suffix"]
"""What an upload does where the app has another input under an id."""
