"""Read our tables with the library `datasets`, and write what we read of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from datasets import Image, load_dataset

given, made, cache = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
SPLITS = ("train", "val", "test")
found: dict = {"read": {}}


def opened(kind: str, files: dict[str, str]):
    """Open a table."""
    return load_dataset(kind, data_files=files, cache_dir=cache)


data = opened("parquet", {one: str(given / f"parquet/{one}.parquet") for one in SPLITS})
boxes = found["read"]["parquet"] = {}
sizes = found["sizes"] = {}
for rows in data.values():
    for row in rows.cast_column("media", Image()):
        boxes[row["id"]] = [[one["labels"][0], *one["bbox"]] for one in json.loads(row["regions"])]
        sizes[row["id"]] = row["media"].size
lines = opened("json", {"lines": str(given / "jsonl/data.jsonl")})["lines"]
found["read"]["jsonl"] = {
    row["id"]: [[one["labels"][0], *one["bbox"]] for one in row["regions"]] for row in lines
}
tables = opened("csv", {one: str(given / f"csv/{one}-image.csv") for one in SPLITS})
found["labels"] = {str(row["inputid"]): row["concepts"] for rows in tables.values() for row in rows}
pictures = data["train"].cast_column("media", Image()).select_columns(["id", "media", "labels"])
pictures = pictures.rename_column("media", "image").map(
    lambda row: {"label": row["labels"][0] if row["labels"] else ""}, remove_columns=["labels"]
)
pictures = pictures.filter(lambda label: bool(label), input_columns=["label"])
pictures.save_to_disk(str(made / "saved"))
found["saved"] = pictures.num_rows
print(json.dumps(found))
