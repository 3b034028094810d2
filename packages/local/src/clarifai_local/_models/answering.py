"""What answers for the public models, as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local._public_content import MAIN
from clarifai_local._public_models import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_local._models.engines import Engines

STAND_IN = "stand-in"


def told(engines: Engines) -> Iterator[str]:
    """Yield a line per public model of clarifai/main: what answers for it, and what that does.

    Those that plugins answer for come first; what a plugin lacks comes last.
    """
    answers = engines.answers()
    rows = []
    for model in MODELS:
        if model.app == MAIN:
            answer = model.answered(answers)
            who, says = (answer.owner, answer.says) if answer else (STAND_IN, model.description)
            rows.append((model.title or model.id, who, says))
    rows.sort(key=lambda row: row[1] == STAND_IN)
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, who, says in rows:
        yield f"{name:<{widths[0]}}  {who:<{widths[1]}}  {says}"
    for name, lacking in engines.lacking().items():
        yield f"{name} is answered by its stand-in: {lacking}"
