"""One platform for clients of every release of the wire contract.

Services see the messages of the installed `clarifai-grpc` only. What other releases do differently
is settled here: messages whose field numbers were reused (`runners`, read by shape with `wire`),
and RPCs that other releases have and the installed one has not (`others`; `module_messages`).
"""

from __future__ import annotations

from collections.abc import Callable

from clarifai_local._wire_versions.runners import TRANSLATIONS

Restore = Callable[[bytes], bytes]
"""Turns an answer of the installed contract into one of the caller's."""


def understand(rpc: str, payload: bytes) -> tuple[bytes, Restore | None]:
    """Return a request as the installed contract has it.

    Args:
        rpc: The name of the RPC.
        payload: The serialized request, of any generation.

    Returns:
        The request, and what its answer must go through; None when it can leave as it is.
    """
    translation = TRANSLATIONS.get(rpc)
    return (payload, None) if translation is None else translation.understand(payload)
