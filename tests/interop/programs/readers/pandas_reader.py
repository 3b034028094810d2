"""Read our tables with pandas, and write what we read of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

given, made = Path(sys.argv[1]), Path(sys.argv[2])
SPLITS = ("train", "val", "test")
found: dict = {"read": {}}


def rows(table: pd.DataFrame) -> dict:
    """Return the boxes of each row; fractions."""
    return {
        row["id"]: [
            [one["labels"][0], *one["bbox"]]
            for one in (
                json.loads(row["regions"]) if isinstance(row["regions"], str) else row["regions"]
            )
        ]
        for _, row in table.iterrows()
    }


parquet = pd.concat([pd.read_parquet(given / f"parquet/{one}.parquet") for one in SPLITS])
found["read"]["parquet"] = rows(parquet)
lines = pd.read_json(given / "jsonl/data.jsonl", lines=True, dtype={"id": str}, convert_dates=False)
found["read"]["jsonl"] = rows(lines)
tables = pd.concat([pd.read_csv(given / f"csv/{one}-image.csv", dtype=str) for one in SPLITS])
found["labels"] = dict(zip(tables["inputid"], tables["concepts"], strict=True))
(made / "parquet").mkdir(parents=True)
parquet.to_parquet(made / "parquet/data.parquet")
(made / "csv").mkdir()
texts = pd.DataFrame(
    {
        "inputid": ["one", "two", "three"],
        "input": ["plain", 'with "quotes", and a comma', "two\nlines"],
        "concepts": ["cat", "cat,big dog", None],
    }
)
texts.to_csv(made / "csv/texts.csv", index=False)
(made / "jsonl").mkdir()
pd.DataFrame({"id": ["one", "two"], "text": ["plain", "é\n"], "labels": [["cat"], []]}).to_json(
    made / "jsonl/data.jsonl", orient="records", lines=True
)
print(json.dumps(found))
