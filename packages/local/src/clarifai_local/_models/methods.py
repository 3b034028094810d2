"""Methods of models, as clients of 12.x call them: `predict(prompt="...")`, named in the input.

A version tells its methods by signatures; those of the platform's own models follow from what their
type takes and gives. A call names its method in the input's metadata and brings each argument as a
part. The answer is the plain one, with a text also as a string and a vector as an array. Models of
runners get calls as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local.media import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_local.engine.model_types import ModelTypeRow

METHOD = "_method_name"
"""Key of an input's metadata that names the method."""

ASKED_FOR_SIGNATURES = "_GET_SIGNATURES"
"""What clients call to learn the methods of a model whose version tells none."""

PREDICT, GENERATE = "predict", "generate"
RETURNED = "return"

_Type = resources_pb2.ModelTypeField.DataType


def _argument(name: str, kind: Any) -> resources_pb2.ModelTypeField:
    return resources_pb2.ModelTypeField(name=name, type=kind)


_IMAGE = resources_pb2.ModelTypeField(name="image", type=_Type.IMAGE, description="A picture.")
_TEXT = resources_pb2.ModelTypeField(name="text", type=_Type.STR, description="A text.")
_PROMPT = resources_pb2.ModelTypeField(
    name="prompt", type=_Type.STR, description="What the model is asked."
)
_AUDIO = resources_pb2.ModelTypeField(name="audio", type=_Type.AUDIO, description="A sound.")
_TAKEN: dict[str, Sequence[resources_pb2.ModelTypeField]] = {
    "image": [_IMAGE],
    "text": [_TEXT],
    "audio": [_AUDIO],
    "any": [_TEXT, _IMAGE],
    "embeddings": [_TEXT, _IMAGE],
    "image,text": [_PROMPT, _IMAGE],
}
"""Arguments by the input field of a model type; of several, each may be left out."""

_GIVEN: dict[str, resources_pb2.ModelTypeField] = {
    "concepts": resources_pb2.ModelTypeField(
        name=RETURNED,
        type=_Type.LIST,
        type_args=[_argument("concept", _Type.CONCEPT)],
    ),
    "regions": resources_pb2.ModelTypeField(
        name=RETURNED,
        type=_Type.LIST,
        type_args=[_argument("region", _Type.REGION)],
    ),
    "text": resources_pb2.ModelTypeField(name=RETURNED, type=_Type.STR),
    "image": resources_pb2.ModelTypeField(name=RETURNED, type=_Type.IMAGE),
    "audio": resources_pb2.ModelTypeField(name=RETURNED, type=_Type.AUDIO),
    "embeddings": resources_pb2.ModelTypeField(name=RETURNED, type=_Type.NDARRAY),
}
"""What comes back, by the output field of a model type."""

_SETTINGS = (
    ("max_tokens", _Type.INT, "512"),
    ("temperature", _Type.FLOAT, "0.7"),
    ("top_p", _Type.FLOAT, "0.8"),
)
"""Parameters that every method which gives a text takes: name, type, and what is usual."""

_HISTORY = resources_pb2.ModelTypeField(
    name="chat_history",
    type=_Type.LIST,
    type_args=[_argument("message", _Type.JSON_DATA)],
    description="What was said before, as messages with role and content.",
)

_VALUES = {
    _Type.INT: "int_value",
    _Type.FLOAT: "float_value",
    _Type.BOOL: "bool_value",
    _Type.STR: "string_value",
}


@attrs.frozen
class MethodCall:
    """One call, as the model is asked."""

    data: resources_pb2.Data
    params: dict[str, Any]
    """Parameters that the call gives."""


def signatures(kind: ModelTypeRow | None) -> list[resources_pb2.MethodSignature]:
    """Return the methods of a model of a type; none where its answers have no type of their own.

    Example:
        >>> from clarifai_local.engine.model_types import ROWS
        >>> [method.name for method in signatures(ROWS["text-to-text"])]
        ['predict', 'generate']
    """
    if kind is None or len(kind.input_fields) != 1 or len(kind.output_fields) != 1:
        return []
    taken, given = kind.input_fields[0], _GIVEN.get(kind.output_fields[0])
    if taken not in _TAKEN or given is None:
        return []
    gives_text = given.type == _Type.STR
    arguments = _arguments(_TAKEN[taken], asks=gives_text)
    predict = resources_pb2.MethodSignature(
        name=PREDICT,
        method_type=resources_pb2.RunnerMethodType.UNARY_UNARY,
        description="Ask the model once.",
        input_fields=[*arguments, *(_more() if gives_text else ())],
        output_fields=[given],
    )
    if not gives_text:
        return [predict]
    generate = resources_pb2.MethodSignature()
    generate.CopyFrom(predict)
    generate.name, generate.method_type = GENERATE, resources_pb2.RunnerMethodType.UNARY_STREAMING
    generate.description = "Ask the model, and get the answer in parts."
    generate.output_fields[0].iterator = True
    return [predict, generate]


def method_of(data: resources_pb2.Data) -> str:
    """Return the name of the method that an input calls, "" when it calls none."""
    return data.metadata.fields[METHOD].string_value if METHOD in data.metadata.fields else ""


def called(data: resources_pb2.Data, kind: ModelTypeRow | None) -> MethodCall:
    """Return what a call asks a model of this platform.

    Raises:
        Rejected: 30101, for the methods of a model, which its version tells if it has any, and for
            a method that it has not; 30104, for an argument that the method does not take.
    """
    name, known = method_of(data), {one.name: one for one in signatures(kind)}
    if name == ASKED_FOR_SIGNATURES:
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, "methods are told by GetModelVersion, not by a call"
        )
    method = known.get(name)
    if method is None:
        there = ", ".join(known) or "none"
        raise Rejected(
            codes.INPUT_UNSUPPORTED_FORMAT, f"the model has no method {name!r}; there are: {there}"
        )
    return _called(data, method)


def add_typed(data: resources_pb2.Data) -> None:
    """Add to an answer what a caller of a method reads of it."""
    if data.text.raw:
        data.string_value = data.text.raw
    if len(data.embeddings) == 1:
        vector = np.asarray(data.embeddings[0].vector, np.float32)
        data.ndarray.buffer = vector.tobytes()
        data.ndarray.shape.append(len(vector))
        data.ndarray.dtype = str(vector.dtype)
    for frame in data.frames:
        add_typed(frame.data)


def _called(data: resources_pb2.Data, method: resources_pb2.MethodSignature) -> MethodCall:
    fields = {field.name: field for field in method.input_fields}
    asked, params, said = resources_pb2.Data(), dict[str, Any](), list[str]()
    first = method.input_fields[0]
    if not data.parts:
        _put(asked, first, data)
    for part in data.parts:
        field = fields.get(part.id)
        if field is None:
            raise Rejected(
                codes.INPUT_INVALID_ARGUMENT,
                f"{method.name} takes no argument {part.id!r}, but {', '.join(fields)}",
            )
        if field.name == _HISTORY.name:
            said += _contents(part.data)
        elif field.is_param:
            params[field.name] = getattr(part.data, _VALUES[field.type])
        else:
            _put(asked, field, part.data)
    if said:
        asked.text.raw = "\n".join([*said, asked.text.raw])
    return MethodCall(asked, params)


def _contents(history: resources_pb2.Data) -> list[str]:
    """Return what the messages of a history say; their pictures are not looked at."""
    found = []
    for part in history.parts:
        content = part.data.struct_value.fields["content"]
        items = content.list_value.values if content.HasField("list_value") else [content]
        for item in items:
            text = item.struct_value.fields["text"] if item.HasField("struct_value") else item
            found.append(text.string_value)
    return [text for text in found if text]


def _put(
    asked: resources_pb2.Data, field: resources_pb2.ModelTypeField, given: resources_pb2.Data
) -> None:
    if field.type == _Type.STR:
        text = given.string_value or given.text.raw
        if text:
            asked.text.raw = text
    elif field.type == _Type.IMAGE and given.HasField("image"):
        asked.image.CopyFrom(given.image)
    elif field.type == _Type.AUDIO and given.HasField("audio"):
        asked.audio.CopyFrom(given.audio)


def _arguments(
    taken: Sequence[resources_pb2.ModelTypeField], *, asks: bool
) -> list[resources_pb2.ModelTypeField]:
    made = []
    for field in taken:
        argument = resources_pb2.ModelTypeField()
        argument.CopyFrom(_PROMPT if asks and field is _TEXT else field)
        argument.required = len(taken) == 1 or field is _PROMPT
        made.append(argument)
    return made


def _more() -> list[resources_pb2.ModelTypeField]:
    return [_HISTORY, *(_setting(*one) for one in _SETTINGS)]


def _setting(name: str, kind: Any, usual: str) -> resources_pb2.ModelTypeField:
    return resources_pb2.ModelTypeField(name=name, type=kind, default=usual, is_param=True)
