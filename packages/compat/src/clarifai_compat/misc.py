"""Small tools that programs import from `clarifai.utils`."""

from __future__ import annotations

import os
import re
import uuid
from typing import TYPE_CHECKING, Any

from clarifai_core import status
from clarifai_core.errors import UserError
from clarifai_core.heavy import protobuf_message
from clarifai_core.loggers import logger_for
from clarifai_core.settings import ENVIRONMENT, Settings
from clarifai_core.wire.messages import fill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.protobuf.message import Message

logger = logger_for(__name__)

RETRYABLE_CODES = list(status.MODEL_NOT_READY)
"""Status codes of a model that may answer the same request soon."""

LONGEST_PAUSE_SECONDS = 10.24


class BackoffIterator:
    """Pauses in seconds, without end: each is 1.3 times the one before, up to 10.24.

    Args:
        count: How many pauses to leave out at the beginning.

    Example:
        >>> pauses = BackoffIterator()
        >>> [round(next(pauses), 3) for _ in range(3)]
        [0.13, 0.169, 0.22]
    """

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def __iter__(self) -> Iterator[float]:
        return self

    def __next__(self) -> float:
        self.count += 1
        return float(min(0.1 * 1.3 ** min(self.count, 100), LONGEST_PAUSE_SECONDS))


def status_is_retryable(status_code: int) -> bool:
    """Return whether a model that answered so may answer soon.

    Example:
        >>> status_is_retryable(21351), status_is_retryable(10000)
        (True, False)
    """
    return status_code in RETRYABLE_CODES


def format_bytes(size: float) -> str:
    """Return a size in bytes for people, in steps of 1024.

    Example:
        >>> format_bytes(0), format_bytes(1536)
        ('0 B', '1.5 KB')
    """
    if size == 0:
        return "0 B"
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    step = 0
    while size >= 1024 and step < len(units) - 1:
        size, step = size / 1024, step + 1
    return f"{size:.1f} {units[step]}"


def get_uuid(val: int) -> str:
    """Return so many random hexadecimal digits, at most 32."""
    return uuid.uuid4().hex[:val]


def clean_input_id(input_id: str) -> str:
    """Return a text as an id of inputs can be: small letters, digits, single `-` and `_`.

    Example:
        >>> clean_input_id("My photos/cat 1.jpg")
        'my_photos_cat_1_jpg'
    """
    joined = re.sub("-+", "-", re.sub("[., /_]+", "_", input_id)).lower().strip("_-")
    return re.sub("[^a-z0-9_-]+", "", joined)


def get_from_env(key: str, env_key: str) -> str:
    """Return what an environment variable holds.

    Args:
        key: What it is, for the error.
        env_key: The variable.

    Raises:
        UserError: It is not set, or empty.
    """
    found = os.environ.get(env_key)
    if not found:
        raise UserError(f"{key} is given nowhere: give it as an argument, or set {env_key}.")
    return found


def get_from_dict_or_env(key: str, env_key: str, **data: Any) -> Any:
    """Return an argument, or else what an environment variable holds.

    Args:
        key: Name of the argument.
        env_key: The variable.
        **data: The arguments there are.

    Raises:
        UserError: It is in neither.
    """
    return data.get(key) or get_from_env(key, env_key)


def get_from_dict_env_or_config(key: str, env_key: str, **data: Any) -> Any:
    """Return an argument, else an environment variable, else a value of the current context.

    Args:
        key: Name of the argument.
        env_key: The variable; those of `clarifai_core.settings` have a value in contexts, too.
        **data: The arguments there are.

    Raises:
        UserError: It is nowhere.
    """
    setting = next((name for name, variable in ENVIRONMENT.items() if variable == env_key), "")
    found = data.get(key) or os.environ.get(env_key) or (_setting(setting) if setting else "")
    return found or get_from_env(key, env_key)


def _setting(name: str) -> str:
    settings = Settings.resolve()
    if not any(origin.name == name and origin.source != "default" for origin in settings.origins):
        return ""
    if name in ("pat", "token"):
        held = settings.credentials
        return held.secret.reveal() if held is not None and held.kind == name else ""
    return str(getattr(settings, name))


def concept_relations_accumulation(
    relations_dict: dict[str, Any], subject_concept: str, object_concept: str, predicate: str
) -> dict[str, Any]:
    """Add one relation to a dict of concepts with those below them, and return it.

    Args:
        relations_dict: Concept -> the concepts below it.
        subject_concept: Of the relation.
        object_concept: Of the relation.
        predicate: `"hyponym"`: the subject is below the object; `"hypernym"`: above; others:
            neither.

    Example:
        >>> concept_relations_accumulation({}, "dog", "animal", "hyponym")
        {'animal': ['dog']}
    """
    pair = {
        "hyponym": (object_concept, subject_concept),
        "hypernym": (subject_concept, object_concept),
    }.get(predicate)
    if pair is None:
        relations_dict.update({object_concept: [], subject_concept: []})
    else:
        relations_dict.setdefault(pair[0], []).append(pair[1])
    return relations_dict


def dict_to_protobuf(pb_obj: Message, data: Mapping[str, Any]) -> None:
    """Write nested dicts into a message; names that it has no field for are logged.

    Args:
        pb_obj: The message.
        data: Field name -> scalar, enum name, dict, list or message.

    Raises:
        UserError: A value does not fit its field; the message is as it was.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> model = resources_pb2.Model()
        >>> dict_to_protobuf(model, {"id": "m", "model_version": {"id": "v"}})
        >>> model.model_version.id
        'v'
    """
    made = fill(type(pb_obj)(), _known(pb_obj.DESCRIPTOR, data), pb_obj.DESCRIPTOR.name)
    pb_obj.MergeFrom(made)


def _known(descriptor: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        field = descriptor.fields_by_name.get(name)
        if field is None:
            logger.warning("%s has no field %r: it is left out.", descriptor.name, name)
        elif _is_nested(field):
            found[name] = _nested(field, value)
        else:
            found[name] = value
    return found


def _is_nested(field: Any) -> bool:
    kind = field.message_type
    return kind is not None and not (
        kind.file.package == "google.protobuf" or kind.GetOptions().map_entry
    )


def _nested(field: Any, value: Any) -> object:
    if isinstance(value, (list, tuple)):
        return [_nested(field, item) for item in value]
    if value is None or isinstance(value, protobuf_message.Message) or not hasattr(value, "items"):
        return value
    return _known(field.message_type, value)
