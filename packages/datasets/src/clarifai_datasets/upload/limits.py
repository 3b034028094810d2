"""How much a source may ask for: every limit of the loaders, each with its figure.

A file of a few bytes can claim to be gigabytes. So a size is believed only after it was held
against one of these figures; docs/datasets.md has the same table.
"""

from __future__ import annotations

import attrs

from clarifai_core.documents import MAX_DEPTH, MAX_YAML_BYTES, MAX_YAML_NODES
from clarifai_inputs.csv_cells import MAX_METADATA_CHARACTERS, MAX_METADATA_DEPTH
from clarifai_inputs.csv_dialect import MAX_CELL_CHARACTERS
from clarifai_inputs.json_text import MAX_BRACKETS
from clarifai_inputs.label_values import MAX_LITERAL_CHARACTERS
from clarifai_inputs.masks import MAX_MASK_PIXELS, MAX_MASK_RUNS, MAX_MASK_SIDE, MAX_MASK_WORK
from clarifai_inputs.media_limits import MAX_FILE_BYTES
from clarifai_inputs.polygons import MAX_POINTS

MIB, GIB = 1024**2, 1024**3

MAX_LABEL_BYTES = 8 * MIB
"""Of one file that holds the labels of one input: XML, YOLO's text, JSON of an export."""

MAX_LIST_BYTES = 64 * MIB
"""Of a list of names: classes, synsets, members of a split."""

MAX_RECORD_BYTES = 64 * MIB
"""Of a line of JSON Lines, of an element of a JSON file, of the rows of CSV up to the end of a row:
a text of 20 MiB takes up to 60 in the escapes of JSON."""

MAX_REGIONS = 100_000
"""Labels of one input, and regions of one input."""

MAX_DIRECTORY_BYTES = 256 * MIB
"""Of the list of members that a zip has at its end; in memory it takes ten times as much."""

MAX_EXPANSION = 200
"""How many times its own size a zip may unpack to ..."""

FREE_EXPANSION_BYTES = GIB
"""... and what it may unpack to in any case."""

MAX_COPY_BYTES = 64 * GIB
"""Of a file of a zip or a URL that is copied once to be read in pieces."""

MAX_FILES = 10_000_000
"""In a folder, with all below it."""

MAX_FOLDER_DEPTH = 64
"""Folders within each other, links counted in."""

MAX_LINKED_FOLDERS = 10_000
"""Folders that are come to by a link."""

MAX_PICKLE_BYTES = 256 * MIB
"""Of a batch of CIFAR, and of what it makes of its texts; the largest published one has 155 MB."""

MAX_PICKLE_STEPS = 5_000_000
"""Instructions of a pickle; CIFAR has 200,000."""

PARQUET_BATCH_BYTES = 256 * MIB
"""Rows of Parquet are read so many at once that they stay below it, if each had all the bytes of
its group: a value that is stored once may stand in each of them ..."""

MIN_PARQUET_ROWS = 8
"""... but at least this many."""

MAX_PARQUET_ROWS_PER_BYTE = 16
"""Of the file; rows that are all alike take next to no room."""

MAX_PARQUET_GROUP_BYTES = 4 * GIB
"""Of a group of rows of a Parquet file, unpacked."""


@attrs.frozen
class Limit:
    """A row of the table in docs/datasets.md."""

    what: str
    most: str


TABLE = (
    Limit("one file of media", f"{MAX_FILE_BYTES / 1e6:.0f} MB, and the platform's own limits"),
    Limit("one file of labels (XML, YOLO, an export's JSON)", f"{MAX_LABEL_BYTES // MIB} MiB"),
    Limit("a list of classes, synsets or a split", f"{MAX_LIST_BYTES // MIB} MiB"),
    Limit(
        "a line of JSON Lines, an element of a JSON file, a row of CSV",
        f"{MAX_RECORD_BYTES // MIB} MiB, {MAX_BRACKETS:,} lists and objects",
    ),
    Limit("a cell of CSV", f"{MAX_CELL_CHARACTERS // MIB} Mi characters"),
    Limit("a cell that is Python's literal, not JSON", f"{MAX_LITERAL_CHARACTERS:,} characters"),
    Limit(
        "YAML",
        f"{MAX_YAML_BYTES // MIB} MiB, {MAX_YAML_NODES:,} values with aliases counted out, "
        f"{MAX_DEPTH} levels",
    ),
    Limit(
        "metadata",
        f"{MAX_METADATA_DEPTH} levels, finite numbers; "
        f"in a cell of CSV {MAX_METADATA_CHARACTERS // MIB} Mi characters",
    ),
    Limit("labels of an input; regions of an input", f"{MAX_REGIONS:,} each"),
    Limit("points of a polygon, or of a mask's outlines", f"{MAX_POINTS:,}"),
    Limit(
        "a mask",
        f"its image's size, {MAX_MASK_PIXELS / 1e6:.0f} million pixels, "
        f"{MAX_MASK_SIDE:,} each way, {MAX_MASK_RUNS:,} runs, "
        f"holes x corners {MAX_MASK_WORK / 1e6:.0f} million",
    ),
    Limit(
        "a zip",
        f"{MAX_EXPANSION} times its size + {FREE_EXPANSION_BYTES // GIB} GiB unpacked, "
        f"{MAX_DIRECTORY_BYTES // MIB} MiB of directory, stored or deflated, no shared bytes",
    ),
    Limit(
        "a JSON, JSON Lines or CSV file in a zip or behind a URL", f"{MAX_COPY_BYTES // GIB} GiB"
    ),
    Limit(
        "a folder",
        f"{MAX_FILES:,} files, {MAX_FOLDER_DEPTH} levels, {MAX_LINKED_FOLDERS:,} folders by links, "
        "no circles",
    ),
    Limit(
        "a pickle of CIFAR",
        f"{MAX_PICKLE_BYTES // MIB} MiB, {MAX_PICKLE_STEPS:,} steps, nothing of it is run",
    ),
    Limit(
        "a group of rows of Parquet",
        f"{MAX_PARQUET_GROUP_BYTES // GIB} GiB, {MAX_PARQUET_ROWS_PER_BYTE} rows per byte of the "
        f"file; {PARQUET_BATCH_BYTES // MIB} MiB in memory, "
        f"or {MIN_PARQUET_ROWS} rows",
    ),
)
