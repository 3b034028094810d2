"""The loader does what the SDK demands of one: pip install clarifai-testing, then pytest."""

from __future__ import annotations

import shutil
from pathlib import Path

from clarifai_testing import LoaderContract

BIRDS = Path(__file__).parents[1] / "birds.notes"


class TestFieldNotes(LoaderContract):
    """The loader of this distribution, with the notes that lie beside it."""

    plugin = "field_notes.plugin"
    name = "field_notes"

    def source(self, folder: Path) -> Path:
        """Return a copy of the notes."""
        return Path(shutil.copy(BIRDS, folder))
