"""The operators that make prompts: with the text of the input, and with texts that are like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._models.retrieval import TextSearch
from clarifai_local.engine._parameters import InvalidParameterError
from clarifai_local.engine.model_types import HITS, ROWS, TEXT
from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPTERS = ("prompter", "rag-prompter")
"""The model types that these answer for."""

_PLACEHOLDERS = re.compile(f"{re.escape(TEXT)}|{re.escape(HITS)}")


@attrs.frozen
class Prompter:
    """Answers a text with a prompt that has it in it."""

    model_type: str
    app: tuple[str, str]
    """`(user_id, app_id)` of the model: a rag-prompter looks for texts there."""
    search: TextSearch
    per_region = False

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:
        """Return the prompt; see `contracts.Operator`."""
        asked = data.text.raw
        if not asked:
            raise Rejected(codes.INPUT_INVALID_ARGUMENT, "the input has no text for the prompt")
        try:
            settings = ROWS[self.model_type].answering(params)
        except InvalidParameterError as error:
            raise Rejected(codes.MODEL_INVALID_ARGUMENT, str(error)) from error
        put = {TEXT: asked}
        if self.model_type == "rag-prompter":
            put[HITS] = "\n".join(
                self.search.nearest(self.app, asked, settings["max_results"], settings["min_score"])
            )
        # In one go: what is put in may itself look like a placeholder.
        prompt = _PLACEHOLDERS.sub(
            lambda found: put.get(found[0], found[0]), settings["prompt_template"]
        )
        return resources_pb2.Data(text=resources_pb2.Text(raw=prompt))
