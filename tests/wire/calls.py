"""Runs the recorded calls through the documented doors.

A call is text such as `App.model(model_id='mod-1')`: Python, but for what the recorder printed
instead of naming it (messages, loaders, addresses). Those become names first; then the text is
parsed, and called on the object that the calls before it made.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf import struct_pb2

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.model import Model
from clarifai.client.module import Module
from clarifai.client.runner import Runner
from clarifai.client.search import Search
from clarifai.client.user import User
from clarifai.client.workflow import Workflow
from clarifai_core.paging import Pager
from tests.wire import loaders, special

_DOORS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (App, Dataset, Inputs, Model, Module, Runner, Search, User, Workflow)
} | {"WireRunner": special.WireRunner}

_PRINTED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Struct (\{.*?\})"), r"Struct(\1)"),
    (re.compile(r"<scenarios\.loader\.<locals>\.WireLoader object>"), "LOADER"),
    (re.compile(r"inputs=\[id: .*\)\Z", re.DOTALL), "inputs=BUILT)"),
    (re.compile(r"inputs=Input \{.*\}\)\Z"), "inputs=BUILT[0])"),
    (re.compile(r'\[name: "cat"\n\]'), "[Concept(name='cat')]"),
)
"""What the recorder printed -> the name that stands for it."""

_TRACED = re.compile(r"list_all_pages_generator\(")
"""The official SDK's own call inside of a documented one; no program makes it."""


@attrs.frozen
class Addresses:
    """Where the recording servers are."""

    host: str
    http_host: str

    def fill_in(self, text: str) -> str:
        """Return a call with the recorder's placeholders replaced."""
        known = {
            "BASE_URL": f"http://{self.host}",
            "HTTP_URL": f"http://{self.http_host}",
            "{HOST}": self.host,
        }
        for placeholder, address in known.items():
            text = text.replace(placeholder, address)
        return text


def program_of(use: str, calls: list[str]) -> list[str]:
    """Return the calls that a program makes, without those that happened inside of them."""
    return special.CALLS.get(use) or [text for text in calls if not _TRACED.search(text)]


def run(use: str, calls: list[str], addresses: Addresses) -> list[Any]:
    """Make the calls and return what each one returned, listings as lists."""
    made = _Made(use)
    results = [made.call(addresses.fill_in(text)) for text in program_of(use, calls)]
    finish = special.FINISH.get(use)
    return [*results, finish(results)] if finish else results


class _Made:
    """What the calls so far made: the latest object of each class, and inputs."""

    def __init__(self, use: str) -> None:
        self._latest: dict[str, Any] = {}
        self._built: list[Any] = []
        self._use = use

    def call(self, text: str) -> Any:
        for pattern, name in _PRINTED:
            text = pattern.sub(name, text)
        node = ast.parse(text, mode="eval").body
        assert isinstance(node, ast.Call), text
        assert not node.args, text
        arguments = {str(word.arg): self._value(word.value) for word in node.keywords}
        result = self._function(node.func)(**arguments)
        return self._remember(node.func, result)

    def _function(self, func: ast.expr) -> Callable[..., Any]:
        if isinstance(func, ast.Name):
            door = _DOORS.get(func.id)
            built: Callable[..., Any] = door or getattr(Inputs, func.id)
            return built
        assert isinstance(func, ast.Attribute)
        assert isinstance(func.value, ast.Name)
        method: Callable[..., Any] = getattr(self._latest[func.value.id], func.attr)
        return method

    def _value(self, node: ast.expr) -> Any:
        names = {
            "BUILT": self._built,
            "LOADER": loaders.LOADERS.get(self._use),
            "Struct": _struct,
            "Concept": resources_pb2.Concept,
            **special.NAMES,
        }
        code = compile(ast.Expression(node), "<recorded>", "eval")
        return eval(code, {"__builtins__": {}}, names)

    def _remember(self, func: ast.expr, result: Any) -> Any:
        """Keep what later calls may refer to; fetch what is only fetched when it is asked for."""
        name = type(result).__name__
        if name in _DOORS:
            self._latest[name] = result
        if isinstance(result, Pager) or (name == "generator" and self._use != "search.lazy"):
            result = list(result)
        if isinstance(func, ast.Name) and isinstance(result, resources_pb2.Input):
            self._built.append(result)
        elif isinstance(func, ast.Attribute) and func.attr == "list_inputs":
            self._built = result
        return result


def _struct(fields: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(fields)
    return made
