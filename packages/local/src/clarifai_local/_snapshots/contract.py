"""What a snapshot is: the layout of the file, its limits, and what is said about one."""

from __future__ import annotations

import re

import attrs

from clarifai_local._store.directory import BLOBS_DIRECTORY

FORMAT = 1
"""Version of the file's own layout; the database inside has one of its own."""

MANIFEST = "manifest.json"

MAX_MANIFEST_BYTES = 64 * 1024

MAX_MEMBERS = 250_000
"""Large blobs in a file, the manifest and the database included."""

MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
"""Size of the zip's own table of contents; one of ours has about 150 bytes per member."""

MAX_EXPANSION = 200
"""How many times larger than the file its content may be; databases reach about 20."""

SMALL_BYTES = 64 * 1024 * 1024
"""Content up to this size may be packed as tightly as it likes."""

MAX_VALUE_BYTES = 256 * 1024 * 1024
"""One value of one row."""

CHUNK_BYTES = 1024 * 1024

BLOB_NAME = re.compile(rf"{BLOBS_DIRECTORY}/([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})")

KEPT_META = frozenset({"public"})
"""Facts about a platform that belong to its content. Keys and their salt do not."""

KEY_KIND = "key"
"""The kind of the resources that are keys: they stay where they are good."""


class SnapshotError(Exception):
    """The state cannot be exported or imported; the message says why."""


@attrs.frozen
class Summary:
    """What a snapshot holds."""

    version: int
    """Format version of the database."""
    inputs: int
    blobs: int
    """Large blobs, each a member of the file."""
    missing: int
    """Large blobs that the directory has lost."""
