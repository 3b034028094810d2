"""One input that a model is asked about, on its way to an answer."""

from __future__ import annotations

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._content import LoadedContent


@attrs.define
class PredictionInput:
    """One input of a request, on its way to an answer."""

    given: resources_pb2.Data
    """What it consists of."""
    loaded: LoadedContent | None = None
    """What was read of it already: a picture where there is one."""
    data: resources_pb2.Data | None = None
    """The answer."""
    code: int = codes.SUCCESS
    details: str = ""
    id: str = ""
    """The input's id, for models that answer elsewhere."""
    tokens: tuple[int, int] = (0, 0)
    """Of the prompt and of the answer, as models that answer elsewhere count them."""
    is_call: bool = False
    """Whether it calls one of the model's methods."""

    @property
    def failed(self) -> bool:
        """Whether there is no answer, for the reason in `code` and `details`."""
        return self.code != codes.SUCCESS

    def fail(self, code: int, details: str) -> None:
        """Say why there is no answer."""
        self.code, self.details = code, details
