"""Ids that exist on the platform, as the fuzzer learns them from answers."""

from __future__ import annotations

import functools

from google.protobuf.message import Message

from clarifai_local._patching import is_repeated
from tests.local.fuzz.chooser import Chooser

KINDS = (
    "installed_module", "dataset_version", "workflow_version", "module_version", "model_version",
    "evaluation", "annotation", "workflow", "concept", "dataset", "module", "runner_item", "runner",
    "input", "model", "job", "app", "user", "type",
)  # fmt: skip
"""Kinds of ids, longer words first; found in the names of fields, messages and RPCs."""


class Ids:
    """Ids that exist, by kind; grows with what the platform answers."""

    PER_KIND = 40
    KEPT = 5
    """Of each kind the first ones stay: they are there from the start."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._next = 0

    def add(self, kind: str, value: str) -> None:
        """Remember an id, in the place of an older one when there are many."""
        known = self.known[kind]
        if not value or value in known:
            return
        if len(known) < self.PER_KIND:
            known.append(value)
        else:
            self._next += 1
            known[self.KEPT + self._next % (self.PER_KIND - self.KEPT)] = value

    def pick(self, kind: str | None, choose: Chooser) -> str:
        """Return an id of a kind, half the time one that was there from the start."""
        known = self.known.get(kind or "", [])
        if not known:
            return "none"
        return str(choose.of(known[: self.KEPT] if choose.chance(50) else known))

    def learn(self, response: Message) -> None:
        """Remember the ids of the resources in an answer."""
        for field, value in response.ListFields():
            if field.message_type is None or field.name == "status":
                continue
            for item in value if is_repeated(field) else (value,):
                kind = kind_of(field.message_type.name)
                if kind and hasattr(item, "id") and isinstance(item.id, str):
                    self.add(kind, item.id)
                if field.message_type.name == "Model":
                    self.add("model_version", item.model_version.id)
                if field.message_type.name == "Workflow":
                    self.add("workflow_version", item.version.id)


@functools.cache
def kind_of(name: str, about: str = "") -> str | None:
    """Return the kind that a name is about: "ModelVersion" -> "model_version".

    Args:
        name: Of a field or message.
        about: Of the message or RPC around it, which decides what a mere "version_id" is.
    """
    if name == "EvalMetrics":
        return "evaluation"
    plain, around = (text.replace("_", "").lower() for text in (name, about))
    for kind in KINDS:
        if kind.replace("_", "") in plain:
            return kind
    if "version" in plain:
        for owner in ("dataset", "workflow", "module", "model"):
            if owner in around:
                return f"{owner}_version"
        return "model_version"
    return None
