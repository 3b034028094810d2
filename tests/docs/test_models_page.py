"""`docs/models.md` tells of every engine of clarifai-models, whose it is, and how good it is."""

from __future__ import annotations

import re

import pytest

from clarifai_models._catalogue import MADE_OF
from clarifai_models.plugin import clarifai_register_engines
from tools.models_measures import FIVE_SHOT, MEASURES, Side, image_vectors
from tools.models_table import PAGE, engine_rows

TEXT = PAGE.read_text("utf-8")
ENGINES = [spec.name for spec in clarifai_register_engines()]


def cells(*parts: str) -> list[str]:
    """The cells of the one row that has all parts."""
    (row,) = (
        line
        for line in TEXT.splitlines()
        if line.startswith("|") and all(part in line for part in parts)
    )
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_has_a_row_with_its_packages_and_licences(engine: str):
    short = engine.rpartition("/")[2]
    (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{short}` | `"))
    *_, packages, licences = (cell.strip() for cell in row.strip("|").split("|"))
    weights = [one for model in MADE_OF[engine] for one in model.weights]
    assert set(packages.split("; ")) == {f"`{one.distribution} {one.version}`" for one in weights}
    assert set(licences.split("; ")) == {model.licence for model in MADE_OF[engine]}


def test_the_rows_of_engines_are_as_the_tool_writes_them():
    assert "\n".join(engine_rows()) in TEXT, "run: uv run python -m tools.models_table"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_is_measured(engine: str):
    assert engine in {measure.engine for measure in MEASURES.values()}


def test_every_measure_has_its_time_and_memory():
    section = TEXT.partition("## Time and memory")[2].partition("\n## ")[0]
    names, *rows = re.findall(r"^\| .+ \|$", section, re.MULTILINE)
    assert names.startswith("| public model | item |")
    assert len(rows) == len(MEASURES) + len(["all together"])


def test_vectors_of_images_are_as_good_as_the_page_says():
    *_, told = cells("general-image-embedding", FIVE_SHOT)
    right, asked = map(int, told.split(" of "))
    measured, of = map(int, image_vectors(Side(is_pretrained=True))[FIVE_SHOT].split(" of "))
    assert of == asked
    assert measured >= right
