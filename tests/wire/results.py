"""What a use returned or raised, described as the recorder described it.

A handle or message is described by the attributes that the recording lists, so a description needs
the recording beside it; programs of a few uses looked at something else than the last result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from clarifai_core.errors import ApiError
from clarifai_core.handles import Handle
from clarifai_datasets.upload.report import UploadReport
from tests.wire.recording import RecordingServer
from tests.wire.rules import NOTHING
from tests.wire.special import Running


def raised(error: BaseException) -> dict[str, Any]:
    """Describe an exception."""
    classes = [cls.__name__ for cls in type(error).__mro__ if cls is not object]
    shown: dict[str, Any] = {"raises": type(error).__name__, "mro": classes}
    if isinstance(error, ApiError):
        shown["status"] = {
            "code": error.name,
            "description": error.description,
            "details": error.details,
            "req_id": error.req_id,
        }
    return shown


def returned(
    use: str, results: Sequence[Any], recorded: Any, server: RecordingServer, folder: Path
) -> Any:
    """Describe what the calls of a use returned."""
    if use in _LOOKS:
        return _LOOKS[use](results)
    last = results[-1]
    if isinstance(last, Running):
        return _running(last, server, recorded)
    if isinstance(recorded, dict) and "params" in recorded and "yaml" in recorded:
        return _parameters(last, folder)
    described = described_like(last, recorded)
    return _without_host(described, server.http_host)


def described_like(value: Any, recorded: Any) -> Any:
    """Describe a value in the form of a recorded description."""
    kind = type(value).__name__
    if value is None:
        return NOTHING
    if isinstance(recorded, dict) and "class" in recorded:
        special = _MESSAGES.get(kind)
        return special(value) if special else _attributes(value, recorded)
    if isinstance(value, UploadReport):
        return "<UploadReport>"
    if isinstance(value, Message):
        return _MESSAGES[kind](value) if kind in _MESSAGES else _json(value)
    if isinstance(value, bytes):
        return {"$bytes": len(value), "head": value[:24].decode("latin-1")}
    if isinstance(value, tuple) and isinstance(recorded, dict) and "parts" in recorded:
        return {"type": "tuple", "parts": [_part(one) for one in value]}
    if isinstance(value, (list, tuple)):
        forms = recorded if isinstance(recorded, list) else []
        padded = [*forms, *[None] * len(value)]
        return [described_like(one, form) for one, form in zip(value, padded, strict=False)]
    if isinstance(value, dict):
        return dict(value)
    return value


def _attributes(value: Any, recorded: dict[str, Any]) -> dict[str, Any]:
    """Return the listed attributes of a handle or message."""
    shown: dict[str, Any] = {"class": type(value).__name__}
    for name in recorded:
        if name != "class":
            shown[name] = _attribute(value, name)
    return shown


def _attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        if not hasattr(value, name):
            return "<missing>"
        value = getattr(value, name)
    if isinstance(value, (str, int, float)):
        return value
    return list(value) if not isinstance(value, Message) else _json(value)


def _json(message: Message) -> dict[str, Any]:
    shown: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, use_integers_for_enums=True
    )
    return shown


def _part(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value):
        return "<job id>"
    return type(value).__name__


def _without_host(described: Any, http_host: str) -> Any:
    if isinstance(described, dict):
        return {key: _without_host(value, http_host) for key, value in described.items()}
    if isinstance(described, list):
        return [_without_host(value, http_host) for value in described]
    if isinstance(described, str):
        return described.replace(http_host, "{HTTP}")
    return described


# -- messages that the recorder describes in its own way -------------------------------------------


def _outputs(response: Any) -> dict[str, Any]:
    outputs = [
        {
            "input": one.input.id,
            "concepts": [[c.name, round(c.value, 6)] for c in one.data.concepts],
            "text": one.data.text.raw,
        }
        for one in response.outputs
    ]
    return {
        "class": type(response).__name__,
        "outputs": outputs,
        "status": response.status.code,
    }


def _results(response: Any) -> dict[str, Any]:
    results = [
        [[round(c.value, 6) for c in output.data.concepts] for output in one.outputs]
        for one in response.results
    ]
    return {
        "class": type(response).__name__,
        "results": results,
        "status": response.status.code,
    }


def _hits(response: Any) -> list[Any]:
    ids = [hit.input.id for hit in response.hits]
    return [type(response).__name__, len(ids), ids[0], ids[-1]]


_MESSAGES: dict[str, Callable[[Any], Any]] = {
    "MultiOutputResponse": _outputs,
    "PostWorkflowResultsResponse": _results,
    "MultiSearchResponse": _hits,
}


# -- uses whose program looked at something of its own ---------------------------------------------


def _running(running: Running, server: RecordingServer, recorded: dict[str, Any]) -> Any:
    """Wait until the runner has posted everything and its polls wait, then describe and end it."""
    polls = running.runner.num_parallel_polls
    waiting = sum(server.platform.parked.acquire(timeout=60) for _ in range(polls))
    shown = {
        "all_posted": waiting == polls and not server.platform.work,
        "loop_alive": running.thread.is_alive(),
    }
    running.end(server.platform)
    return {**shown, "parked": waiting} if "parked" in recorded else shown


def _parameters(params: dict[str, Any], folder: Path) -> dict[str, Any]:
    lines = (folder / "params.yaml").read_text("utf-8").splitlines()
    return {
        "params": params,
        "python_files": sorted(path.name for path in folder.glob("*.py")),
        "yaml": lines,
        "yaml_deep": [line for line in lines if line.startswith("    ")],
    }


def _default_file(results: Sequence[Any]) -> list[bool]:
    path = Path("params.yaml")
    return [path.exists(), yaml.safe_load(path.read_text("utf-8")) == results[-1]]


def _handles(results: Sequence[Any]) -> list[dict[str, Any]]:
    form = dict.fromkeys(("app_id", "class", "id", "user_id"))
    opened = [one for one in results if isinstance(one, Handle)]
    return [_attributes(one, form) for one in (opened[2], opened[5])]


_LOOKS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "auth.base_url_no_scheme": lambda results: {
        "returned": {"id": results[-1].id, "user_id": results[-1].user_id}
    },
    "auth.children_inherit": _handles,
    "app.create_workflow.generate_new_id": lambda results: len(results[-1].id),
    "dataset.upload_dataset.log_warnings": lambda results: [
        described_like(results[-1], None),
        len(list(Path.cwd().glob("*.log"))),
    ],
    "inputs.download_inputs.listed": lambda results: len(results[-1]),
    "inputs.get_inputs_from_csv.no_ids": lambda results: [len(one.id) for one in results[-1]],
    "inputs.init": lambda results: [
        type(results[-1]).__name__,
        results[-1].user_id,
        results[-1].app_id,
    ],
    "inputs.init.logger_level": lambda results: type(results[-1]).__name__,
    "lister.list_pages_generator.page": lambda results: [one["id"] for one in results[-1]],
    "model.get_params.default_file": _default_file,
    "model.predict.full_128": lambda results: len(results[-1].outputs),
    "search.lazy": lambda results: [type(results[-1]).__name__, {}],
    "workflow.predict.full_32": lambda results: len(results[-1].results),
}
"""Use -> what its program looked at, given what each call returned."""
