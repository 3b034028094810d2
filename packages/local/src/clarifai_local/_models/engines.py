"""Which engine trains which model type, which predictor is behind which public model.

Plugins join through `clarifai_register_engines`. The name of a spec says what it is for:

| name | target |
|---|---|
| `embedder` | a callable without arguments that returns an `engine.Embedder` |
| `<model type id>` | an `engine.Engine`, or a callable that returns one; replaces a built-in one |
| `<user>/<app>/<model>` | a callable `(embedder) -> engine.Predictor`, behind that public model |

A spec whose facts say that it lacks something is left out: the platform's own goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.contracts import EngineFacts, EngineSpec
from clarifai_core.lazy import load_target
from clarifai_core.loggers import logger_for
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure, plain, reason
from clarifai_local.engine._embed import default_embedder
from clarifai_local.engine.model_types import ROWS, ModelTypeRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarifai_core.contracts import Spec
    from clarifai_local.engine.contracts import Embedder, Engine, Predictor

EMBEDDER = "embedder"

_log = logger_for(__name__)
_ENGINE_HAS = ("train", "load")
_EMBEDDER_HAS = ("image_space", "text_space", "embed_images", "embed_texts")


@attrs.frozen
class StandInReplacement:
    """What a plugin puts in the place of a stand-in."""

    says: str
    """What it does, in a sentence."""
    owner: str
    """The plugin."""
    concepts: Sequence[str] = ()
    """Names of the concepts that it knows, when it says so."""


class Engines:
    """The engines of one platform.

    Args:
        specs: Those of plugins; by default of all that are installed.
    """

    def __init__(self, specs: Iterable[Spec] | None = None) -> None:
        found = plugins().specs("engines") if specs is None else specs
        told = [(spec, _facts(spec)) for spec in found]
        self._specs = {spec.name: spec for spec, facts in told if _usable(spec, facts)}
        self._facts = {spec.name: facts for spec, facts in told}
        self._engines: dict[str, Engine] = {}

    def answers(self) -> Mapping[str, StandInReplacement]:
        """Return what plugins put behind the embedder and public models, by their names."""
        return {
            name: StandInReplacement(
                spec.help,
                plugins().owner("engines", name) or self._specs[name].target,
                tuple(self._facts[name].concepts),
            )
            for name, spec in self._specs.items()
            if not _is_type(name)
        }

    def notices(self) -> list[str]:
        """Return what those that are used hold of others, each once."""
        return list(dict.fromkeys(n for name in self._specs for n in self._facts[name].notices))

    def lacking(self) -> Mapping[str, str]:
        """Return what those that are left out lack, by the name of the spec."""
        return {name: facts.lacking for name, facts in self._facts.items() if facts.lacking}

    def embedder(self) -> Embedder:
        """Return the embedder: a plugin's, else the built-in one."""
        spec = self._specs.get(EMBEDDER)
        embedder: Embedder | None = _made(spec, having=_EMBEDDER_HAS) if spec else None
        if embedder is None:
            self._specs.pop(EMBEDDER, None)
        return embedder or default_embedder()

    def model_types(self) -> Mapping[str, ModelTypeRow]:
        """Return every model type by id, with plugins' engines in place."""
        plugged = {name: self._plugged(name) for name in self._specs if _is_type(name)}
        return {**ROWS, **{name: row for name, row in plugged.items() if row is not None}}

    def engine(self, model_type_id: str) -> Engine | None:
        """Return what trains a model type, or None when nothing does."""
        if model_type_id not in self._engines:
            row = self.model_types().get(model_type_id)
            if row is None or not row.engine:
                return None
            spec = self._specs.get(model_type_id) or EngineSpec(model_type_id, row.engine)
            target: Any = spec.load()
            is_made = hasattr(target, "load") and not isinstance(target, type)
            self._engines[model_type_id] = target if is_made else spec.make(having=_ENGINE_HAS)
        return self._engines[model_type_id]

    def public_predictor(self, names: Iterable[str], embedder: Embedder) -> Predictor | None:
        """Return what a plugin puts behind a public model, or None.

        Args:
            names: `<user>/<app>/<model>`: the model's, and those of models that do the same.
            embedder: The platform's.
        """
        spec = next((self._specs[name] for name in names if name in self._specs), None)
        made: Predictor | None = _made(spec, embedder, having=("predict",)) if spec else None
        return made

    def _plugged(self, name: str) -> ModelTypeRow | None:
        """Return the row of a type that a plugin brings; None for one that cannot be imported.

        That is told in the log, once, and other types go on.
        """
        spec = self._specs[name]
        row = ROWS.get(name)
        if row is not None:
            return attrs.evolve(row, engine=spec.target)
        try:
            declared = _declared(spec)
        except Exception as error:  # noqa: BLE001  why: code of others, which was named
            if (name, str(error)) not in _SAID:
                _SAID.add((name, str(error)))
                _log.warning("There is no model type %s: %s", plain(name), error)
            return None
        bare = ModelTypeRow(name, name, spec.help, ("any",), ("any",))
        return attrs.evolve(declared or bare, id=name, engine=spec.target)


def _declared(spec: Spec) -> ModelTypeRow | None:
    """Return what an engine says of its model type, if it does.

    Raises:
        PluginError: It cannot be imported, is none, or says something else.
    """
    target = spec.load()
    found = getattr(target, "model_type", None)
    wrong = ""
    if not callable(target) and not all(hasattr(target, name) for name in _ENGINE_HAS):
        wrong = f"is a {type(target).__name__}, which has no train and load"
    elif found is not None and not isinstance(found, ModelTypeRow):
        wrong = f"has a {type(found).__name__} for model_type, which must be a ModelTypeRow"
    if wrong:
        raise spec.fault(wrong)
    row: ModelTypeRow | None = found
    return row


def _made(spec: Spec, *arguments: object, having: Sequence[str]) -> Any:
    """Return what a spec makes; None for a default that fails at it."""
    try:
        return spec.make(*arguments, having=having)
    except Exception as error:  # why: code of others; raised again unless it is a default
        if not _is_default(spec):
            raise
        _log.warning("The stand-in answers for %s: %s", spec.name, reason(error))
        return None


def _is_default(spec: Spec) -> bool:
    return isinstance(spec, EngineSpec) and spec.is_default


def _facts(spec: Spec) -> EngineFacts:
    """Return what a spec tells of itself; what fails at it lacks something."""
    target = spec.facts if isinstance(spec, EngineSpec) else ""
    if not target:
        return EngineFacts()
    try:
        tell: Any = load_target(target)
        found = tell(spec.name)
    except Exception as error:  # noqa: BLE001  why: code of others; the sentence is said below
        return EngineFacts(lacking=f"{target} fails: {failure(error)}.")
    if isinstance(found, EngineFacts):
        return found
    return EngineFacts(lacking=f"{target} must return EngineFacts, not a {type(found).__name__}.")


_SAID: set[tuple[str, str]] = set()


def _usable(spec: Spec, facts: EngineFacts) -> bool:
    """Return whether a spec lacks nothing, and say once a process what it lacks."""
    if facts.lacking and (spec.name, facts.lacking) not in _SAID:
        _SAID.add((spec.name, facts.lacking))
        _log.warning("The stand-in answers for %s: %s", plain(spec.name), facts.lacking)
    return not facts.lacking


def _is_type(name: str) -> bool:
    return name != EMBEDDER and "/" not in name
