"""A platform's whole state as one file: `clarifai local export` and `clarifai local import`.

The file is a zip: `manifest.json`, `platform.sqlite3`, and the large blobs under their SHA-256. It
is a snapshot of one moment, also of a platform that is running. Keys are not in it: the imported
platform makes its own. Neither are `downloads`, the files that stand in for the internet.

Both directions write a draft first and rename it when it is complete. A file that is imported may
come from anywhere: `archive` reads it within limits, and `rebuilding` takes over its rows only.
"""

from __future__ import annotations

from clarifai_local._snapshots.contract import FORMAT, MANIFEST, SnapshotError, Summary
from clarifai_local._snapshots.exporting import export_state
from clarifai_local._snapshots.importing import import_state

__all__ = ["FORMAT", "MANIFEST", "SnapshotError", "Summary", "export_state", "import_state"]
