"""The stand-ins for models that hear and speak: a notice for every sound, a tone for every text."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_local.engine.contracts import ModelInputs

UNHEARD = "[embedded stand-in, recognizes no words]"

_RATE = 8000
_HERTZ = 440
_SECONDS_PER_WORD = 0.3
_MAX_WORDS = 200


class Unheard:
    """Answers a sound with the notice: it recognizes no words."""

    per_region = False

    def apply(self, data: resources_pb2.Data, params: Mapping[str, Any], /) -> resources_pb2.Data:  # noqa: ARG002
        """Return the same text for every sound; see `contracts.Operator`."""
        if not (data.audio.base64 or data.audio.url or data.video.base64 or data.video.url):
            raise Rejected(codes.INPUT_INVALID_ARGUMENT, "the input has no audio to listen to")
        return resources_pb2.Data(text=resources_pb2.Text(raw=UNHEARD))


class Tone:
    """Answers a text with a tone, a third of a second for each of its words."""

    modalities = frozenset({"text"})
    concepts = ()

    def predict(self, batch: ModelInputs, params: Mapping[str, Any], /) -> list[resources_pb2.Data]:  # noqa: ARG002
        """Return one sound (WAV) per text; see `contracts.Predictor`."""
        return [
            resources_pb2.Data(audio=resources_pb2.Audio(base64=_tone(len(str(text).split()))))
            for text in batch
        ]


def _tone(words: int) -> bytes:
    count = int(_RATE * _SECONDS_PER_WORD * min(max(words, 1), _MAX_WORDS))
    samples = 0.3 * np.sin(2 * np.pi * _HERTZ * np.arange(count) / _RATE)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return out.getvalue()
