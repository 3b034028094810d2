"""Messages as what can be pickled.

The classes of clarifai-grpc name modules that do not exist, so pickle cannot find them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from clarifai_core.heavy import message_factory, service_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

Frozen: TypeAlias = tuple[str, bytes]
"""The full name of a message's type, and its bytes."""


def freeze(message: Message) -> Frozen:
    """Return a message as what can be pickled.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> thaw(freeze(resources_pb2.Input(id="a"))).id
        'a'
    """
    return message.DESCRIPTOR.full_name, message.SerializeToString()


def thaw(frozen: Frozen) -> Message:
    """Return the message that `freeze` took apart."""
    full_name, content = frozen
    found = service_pb2.DESCRIPTOR.pool.FindMessageTypeByName(full_name)
    return message_factory.GetMessageClass(found).FromString(content)
