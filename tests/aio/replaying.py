"""Runs the recorded uses through `clarifai.aio`, as `tests.wire.calls` does by blocking doors."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import AsyncIterable, Coroutine
from pathlib import Path
from typing import Any

import clarifai.aio
from tests.wire import calls, results
from tests.wire.answers import Platform
from tests.wire.files import write_files
from tests.wire.recording import RecordingServer
from tests.wire.test_replay import USES, Seen

_DOORS: dict[str, type[Any]] = {
    name: getattr(clarifai.aio, name)
    for name in (
        "App",
        "Dataset",
        "Inputs",
        "Model",
        "Module",
        "Runner",
        "Search",
        "User",
        "Workflow",
    )
}

NOT_REPLAYED = {
    **dict.fromkeys(
        (use for use in USES if use.startswith("runner.")),
        "a runner is a process that works, not a handle that asks: clarifai.client.runner",
    ),
}
"""Use -> why it has no counterpart on an event loop."""


def replay(use: str, server: RecordingServer, folder: Path) -> Seen:
    """Run one use on a loop of its own."""
    recorded = USES[use]
    write_files(folder)
    server.begin(Platform(use, recorded, f"http://{server.http_host}"))
    addresses = calls.Addresses(server.host, server.http_host)
    try:
        made = asyncio.run(_run(use, recorded["calls"], addresses))
        result = results.returned(use, made, recorded.get("result"), server, folder)
    except Exception as error:  # noqa: BLE001  why: whatever it raises is the result to compare
        result = results.raised(error)
    return Seen(server.asked, _as_blocking(result))


async def _run(use: str, texts: list[str], addresses: calls.Addresses) -> list[Any]:
    made = _Made(use)
    return [await made.call_here(addresses.fill_in(one)) for one in calls.program_of(use, texts)]


def _as_blocking(result: Any) -> Any:
    """Return a description with the kind of a lazy listing as a blocking program has it."""
    if isinstance(result, list) and result and result[0] == "async_generator":
        return ["generator", *result[1:]]
    return result


class _Made(calls._Made):
    """What the calls so far made; those that are awaited are, and listings are lists."""

    async def call_here(self, text: str) -> Any:
        for pattern, name in calls._PRINTED:
            text = pattern.sub(name, text)
        text = re.sub(r"^Wire(?=Runner)", "", text)
        node = ast.parse(text, mode="eval").body
        assert isinstance(node, ast.Call), text
        arguments = {str(word.arg): self._value(word.value) for word in node.keywords}
        result = self._door(node.func)(**arguments)
        if isinstance(result, Coroutine):
            result = await result
        name = type(result).__name__
        if name in _DOORS:
            self._latest[name] = result
        elif isinstance(result, AsyncIterable) and self._use != "search.lazy":
            result = [one async for one in result]
        return self._remember(node.func, result)

    def _door(self, func: ast.expr) -> Any:
        if isinstance(func, ast.Name):
            return _DOORS.get(func.id) or getattr(clarifai.aio.Inputs, func.id)
        return self._function(func)
