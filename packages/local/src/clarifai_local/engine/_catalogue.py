"""The training templates of the hosted service, as `templates.json` describes them.

The file says where each fact comes from. What our engines take beside a template's own parameters
is here: clients are not shown it, a request may set it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import attrs

from clarifai_local.engine._parameters import TRAIN, FieldType, Parameter, described, number
from clarifai_local.engine._settings import SETTINGS, settings

_OURS = "Of the embedded platform, beside the template's parameters: "

_IMAGES = ("visual-classifier", "visual-detector", "visual-segmenter", "visual-embedder")

_EXTRA: tuple[Parameter, ...] = (
    number(
        "batch_size",
        None,
        f"{_OURS}inputs per step of the training.",
        (1, 4096),
        whole=True,
        internal_only=True,
    ),
    number(
        "num_epochs",
        None,
        f"{_OURS}passes over the data.",
        (1, 10_000),
        whole=True,
        internal_only=True,
    ),
    number(
        "learning_rate",
        None,
        f"{_OURS}size of a step; goes over all others.",
        (1e-8, 10),
        internal_only=True,
    ),
    number(
        "seed",
        None,
        f"{_OURS}start of the random numbers.",
        (-1, 2**32 - 1),
        whole=True,
        internal_only=True,
    ),
)

_FLIP = Parameter(
    TRAIN + "flip_image",
    FieldType.BOOLEAN,
    None,
    f"{_OURS}whether mirrored copies of pictures are learned too.",
    internal_only=True,
)


@attrs.frozen
class Template:
    """One way to train a model type, with parameters of its own."""

    id: str
    description: str
    parameters: Sequence[Parameter]
    engine_options: Mapping[str, Any] = attrs.field(factory=dict)
    """What the engine does differently for this template."""
    aliases: Sequence[str] = ()
    """Other ids that a training may name it by; they are not listed."""
    internal_only: bool = False
    recommended: bool = False

    def options(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a training job gets beside the checked values of the parameters.

        Raises:
            InvalidParameterError: The values mean nothing together.
        """
        del values
        return self.engine_options


@attrs.frozen
class HostedTemplate(Template):
    """A template of the hosted service, on one of our engines."""

    own: Mapping[str, Any] = attrs.field(factory=dict)
    """Defaults of the parameters that are the template's own."""
    passes: int = 1
    hidden_units: tuple[int, ...] = ()

    def options(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the settings of our engines; see `Template.options`."""
        return {SETTINGS: settings(values, self.own, self.passes, self.hidden_units)}


@cache
def described_parameters() -> Mapping[str, Mapping[str, Any]]:
    """Return what `templates.json` says of each parameter where a template says nothing else."""
    found: Mapping[str, Mapping[str, Any]] = _document()["parameters"]
    return found


def sources() -> Mapping[str, str]:
    """Return where the facts about the templates of each model type come from."""
    found: Mapping[str, str] = _document()["sources"]
    return found


def templates(type_id: str) -> tuple[Template, ...]:
    """Return the training templates of a model type, in the order of the hosted service.

    Example:
        >>> [template.id for template in templates("visual-segmenter")]
        ['MMSegmentation', 'MMSegmentation_AdvancedConfig', 'MMSegmentation_SegFormer']
    """
    return tuple(_template(type_id, entry) for entry in _document()["templates"][type_id])


def _template(type_id: str, entry: Mapping[str, Any]) -> HostedTemplate:
    parameters = [
        described(name, {**described_parameters()[name], **changed})
        for name, changed in entry["parameters"].items()
    ]
    if "config" in entry:
        text = _file(f"custom_configs/{entry['config']}.txt")
        parameters = [
            attrs.evolve(one, default=text) if one.name == "custom_config" else one
            for one in parameters
        ]
    own = {one.name: one.default for one in parameters}
    extra = (*_EXTRA, _FLIP) if type_id in _IMAGES else _EXTRA
    return HostedTemplate(
        entry["id"],
        entry["description"],
        (*parameters, *(one for one in extra if one.name not in own)),
        aliases=entry.get("aliases", ()),
        internal_only=entry.get("internal_only", False),
        recommended=entry.get("recommended", False),
        own=own,
        passes=entry.get("passes", 1),
        hidden_units=tuple(entry.get("hidden_units", ())),
    )


@cache
def _document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_file("templates.json"))
    return found


def _file(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")
