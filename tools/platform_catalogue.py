"""Write `docs/platform-catalogue.md`: templates, parameters and public models of the platform.

Read from the tables that the platform answers from. After a change:

    uv run python -m tools.platform_catalogue
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clarifai_local import _public_content, _public_models
from clarifai_local.engine._catalogue import sources
from clarifai_local.engine.model_types import OTHERS, TRAINABLE
from tools.wheels import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clarifai_local.engine._catalogue import Template
    from clarifai_local.engine._parameters import Parameter
    from clarifai_local.engine.model_types import ModelTypeRow

PAGE = ROOT / "docs" / "platform-catalogue.md"

_INTRODUCTION = """\
# What the embedded platform can train, and which public models it stands in for

Written by `python -m tools.platform_catalogue` from the platform's own tables; a test compares.

## Templates and parameters

Ids, parameters, defaults and ranges are those of the hosted service, so that programs that name
them run; what trains is small: linear models and networks on the platform's features, on one
processor. A template's own default stands for what suits those, and a value beside it for as many
times more or less: half the `per_item_lrate` is half the step. Parameters that nothing here depends
on are accepted, checked, kept and given back; they are *without effect* below, and their
descriptions in ListModelTypes say so. `custom_config` is read for `max_epochs` and never run.

Parameters that clients are not shown (`internal_only`) are in (brackets): `get_params` leaves them
out, a request may set them. On top of its own, every template takes (`batch_size`), (`num_epochs`),
(`learning_rate`) and (`seed`), those for images (`flip_image`): these are this platform's.

Where the facts come from:

"""

_MODELS = """\
## Public models

None is the hosted model whose name it answers to; the notes of each say so. `clarifai` has what is
listed here, with the versions that public programs pin; another version is answered with 21200.

| model of `clarifai` | type | versions | older ids | what answers |
|---|---|---|---|---|
"""

_OWNERS = """\

Of these users every model answers, whatever its id, in whatever app, with any version of 32
hexadecimal digits: by a stand-in of the type that its name says, else `text-to-text`. A listing has
only the models that are named here.

| user | listed models |
|---|---|
"""

_TYPES = """\

| type | what answers |
|---|---|
"""


def page() -> str:
    """Return the whole page."""
    said = "\n".join(f"* {name}: {text}" for name, text in sources().items())
    types = map(_type_section, TRAINABLE)
    sections = [_INTRODUCTION + said, *types, _others(), _models(), _owners()]
    return "\n".join(section.rstrip() + "\n" for section in sections)


def _type_section(kind: ModelTypeRow) -> str:
    lines = [f"### {kind.id}", "", kind.description, "", *_own(kind)]
    if kind.templates:
        lines += [
            "| template | what it is | parameters | without effect |",
            "|---|---|---|---|",
            *map(_template_line, kind.templates),
        ]
    return "\n".join(lines)


def _own(kind: ModelTypeRow) -> Iterator[str]:
    if kind.parameters:
        yield f"For the type: {', '.join(map(_shown, _effective(kind.parameters, effect=True)))}."
        idle = _effective(kind.parameters, effect=False)
        if idle:
            yield f"Without effect: {', '.join(map(_shown, idle))}."
        yield ""


def _template_line(template: Template) -> str:
    own = [one for one in template.parameters if "Of the embedded platform" not in one.description]
    cells = (
        f"`{template.id}`" + (" (internal)" if template.internal_only else ""),
        template.description,
        ", ".join(map(_shown, _effective(own, effect=True))),
        ", ".join(map(_shown, _effective(own, effect=False))),
    )
    return f"| {' | '.join(cells)} |"


def _effective(parameters: Iterable[Parameter], *, effect: bool) -> list[Parameter]:
    return [one for one in parameters if one.effect is effect]


def _shown(parameter: Parameter) -> str:
    name = f"`{parameter.name}`"
    if parameter.internal_only:
        return f"({name})"
    value = "" if parameter.name in _LONG else _value(parameter.default)
    return f"{name}{value}{_range(parameter)}"


_LONG = ("custom_config", "prompt_template")
"""Parameters whose default is many lines."""


def _value(default: Any) -> str:
    if default is None:
        return ""
    text = f"{default:g}" if isinstance(default, float) else json.dumps(default)
    return f" {text}".replace("|", "\\|")


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return f" ({', '.join(parameter.choices)})"
    if parameter.allowed:
        return f" ({', '.join(f'{one:g}' for one in parameter.allowed)})"
    if parameter.minimum is None or parameter.maximum is None or parameter.name == "seed":
        return ""
    return f" ({parameter.minimum:g} to {parameter.maximum:g})"


def _others() -> str:
    names = ", ".join(f"`{row.id}`" for row in OTHERS)
    prompters = [row for row in OTHERS if row.parameters]
    lines = [
        "### Types that are not trained",
        "",
        f"{names}. Versions of `image-crop`, `prompter` and `rag-prompter` answer by themselves, "
        "others by a runner.",
        "",
        *(
            f"`{row.id}` takes {', '.join(map(_shown, row.parameters))} in `output_info.params`."
            for row in prompters
        ),
        "`rag-prompter` looks for texts of its own app that are like the input's.",
    ]
    return "\n".join(lines)


def _models() -> str:
    own = [model for model in _public_models.MODELS if model.app[0] == "clarifai"]
    return _MODELS + "\n".join(map(_model_line, own))


def _model_line(model: _public_models.PublicModel) -> str:
    name = f"`{model.id}`" + (f" ({model.title})" if model.title else "")
    cells = (
        name if model.app == _public_content.MAIN else f"{name} of `{model.app[1]}`",
        model.type,
        _codes(model.versions),
        _codes(model.aliases),
        model.description,
    )
    return f"| {' | '.join(cells)} |"


def _codes(ids: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in ids)


def _owners() -> str:
    lines = [
        f"| `{user_id}` | {_codes(_listed(apps))} |"
        for user_id, apps in _public_content.OWNERS.items()
    ]
    answers = [
        f"| `{kind}` | {description} |"
        for kind, (_, description, _) in _public_models.STAND_INS.items()
    ]
    return _OWNERS + "\n".join(lines) + "\n" + _TYPES + "\n".join(answers)


def _listed(apps: Any) -> Sequence[str]:
    return [f"{app_id}/{model_id}" for app_id, models in apps.items() for model_id in models]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
