"""What engines answer, held to the contract: predictions and evaluations both ask here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.safe_text import shown
from clarifai_local.engine.contracts import is_operator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_local.engine.contracts import ModelInputs, Operator, Predictor


def answers_of(
    predictor: Predictor, batch: ModelInputs, params: Mapping[str, Any]
) -> Sequence[resources_pb2.Data]:
    """Return what a model answers, one message per input.

    Args:
        predictor: The model; it may be anybody's.
        batch: The inputs.
        params: `output_info.params` of the request.

    Raises:
        TypeError: It answers with something else.
        ValueError: It answers for more or fewer inputs than it was asked about.
        BaseException: It fails, in any way.
    """
    found: object = predictor.predict(batch, params)
    if not isinstance(found, Iterable):
        raise TypeError(f"a model must answer with a list, got {shown(found)}")
    answers = [checked(data) for data in found]
    if len(answers) != len(batch):
        raise ValueError(
            f"a model must give one answer for each input, got {len(answers)} for {len(batch)}"
        )
    return answers


def checked(data: object) -> resources_pb2.Data:
    """Return one answer.

    Raises:
        TypeError: It is no `Data`.
    """
    if not isinstance(data, resources_pb2.Data):
        raise TypeError(f"a model must answer with resources_pb2.Data, got {shown(data)}")
    return data


_PREDICTOR_HAS = ("predict", "modalities", "concepts")
_OPERATOR_HAS = ("apply", "per_region")


def lacking(model: Predictor | Operator) -> str:
    """Return what is wrong with what an engine loaded, as a sentence; `""`: nothing."""
    wanted = _OPERATOR_HAS if is_operator(model) else _PREDICTOR_HAS
    missing = [name for name in wanted if not hasattr(model, name)]
    if not missing:
        return ""
    return (
        f"the engine loads a {type(model).__name__} without {missing[0]}: "
        f"it must have {', '.join(wanted)}"
    )
