"""`docs/platform-catalogue.md` is what the platform's tables say."""

from __future__ import annotations

from clarifai_local.engine.model_types import TRAINABLE
from tools.platform_catalogue import PAGE, page


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run: uv run python -m tools.platform_catalogue"


def test_every_template_is_listed_with_what_has_no_effect():
    text = page()
    for kind in TRAINABLE:
        for template in kind.templates:
            (line,) = (
                one
                for one in text.partition(f"### {kind.id}\n")[2].partition("\n### ")[0].splitlines()
                if one.startswith(f"| `{template.id}`")
            )
            honoured, _, idle = line.rpartition(" | ")
            for parameter in template.parameters:
                if not parameter.effect:
                    assert f"`{parameter.name}`" in idle
                elif "Of the embedded platform" not in parameter.description:
                    assert f"`{parameter.name}`" in honoured
