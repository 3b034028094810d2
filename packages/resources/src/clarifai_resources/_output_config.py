"""What predictions hold: the output configuration, as a dict or as the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.wire.messages import fill

OutputSettings: TypeAlias = "Mapping[str, Any] | resources_pb2.OutputConfig"
"""Fields of the message, or the message itself."""


def output_config_of(given: OutputSettings | None) -> resources_pb2.OutputConfig:
    """Return the `OutputConfig` message that is asked for.

    Args:
        given: Its fields, or the message; None: nothing is asked for.

    Raises:
        UserError: It is neither, or has keys or values that cannot be.

    Example:
        >>> output_config_of({"max_concepts": 3}).max_concepts
        3
    """
    if given is None:
        return resources_pb2.OutputConfig()
    if isinstance(given, resources_pb2.OutputConfig):
        config = given
    elif isinstance(given, Mapping):
        config = fill(resources_pb2.OutputConfig(), given, "output_config")
    else:
        raise UserError(f"output_config must be a dict or an OutputConfig, got {given!r}.")
    if not 0 <= config.min_value <= 1:
        raise UserError(f"output_config: min_value must be from 0 to 1, got {config.min_value:g}.")
    return config
