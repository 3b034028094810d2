"""What the recorded runners were given to do, poll by poll; afterwards polls wait for the end."""

from __future__ import annotations

from typing import Any

import grpc


def _item(item_id: str, *texts: str) -> dict[str, Any]:
    inputs = [{"data": {"text": {"raw": text}}} for text in texts]
    return {"id": item_id, "post_model_outputs_request": {"inputs": inputs}}


def _items(*items: dict[str, Any]) -> dict[str, Any]:
    return {"runner_items": list(items)}


_NOTHING: dict[str, Any] = {}
_RETRY = {"status": {"code": "RUNNER_NEEDS_RETRY", "description": "Needs retry"}}
_ONE = _items(_item("item-1", "a"))

WORK: dict[str, list[Any]] = {
    "runner.start.empty_request": [_items(_item("item-1"))],
    "runner.start.needs_retry": [_RETRY, _RETRY, _ONE],
    "runner.start.no_items": [_NOTHING, _ONE],
    "runner.start.parallel": [_items(_item(f"item-{n}", f"t{n}")) for n in range(6)],
    "runner.start.parallel_default": [],
    "runner.start.poll_unavailable": [grpc.StatusCode.UNAVAILABLE, _ONE],
}
"""Use -> the answers to its polls."""
