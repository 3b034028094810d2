"""Which engine trains which model type, which predictor is behind which public model.

Plugins join through `clarifai_register_engines`. The name of a spec says what it is for:

| name | target |
|---|---|
| `embedder` | a callable without arguments that returns an `engine.Embedder` |
| `<model type id>` | an `engine.Engine`, or a callable that returns one; replaces a built-in one |
| `<user>/<app>/<model>` | a callable `(embedder) -> engine.Predictor`, behind that public model |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.lazy import load_target
from clarifai_core.plugins import plugins
from clarifai_local.engine.embed import default_embedder
from clarifai_local.engine.model_types import ROWS, ModelTypeRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarifai_core.contracts import Spec
    from clarifai_local.engine.contracts import Embedder, Engine, Predictor

EMBEDDER = "embedder"

_EMBEDDER_HAS = ("image_space", "text_space", "embed_images", "embed_texts")


class Engines:
    """The engines of one platform.

    Args:
        specs: Those of plugins; by default of all that are installed.
    """

    def __init__(self, specs: Iterable[Spec] | None = None) -> None:
        found = plugins().specs("engines") if specs is None else specs
        self._specs = {spec.name: spec for spec in found}
        self._engines: dict[str, Engine] = {}

    def embedder(self) -> Embedder:
        """Return the embedder: a plugin's, else the built-in one."""
        spec = self._specs.get(EMBEDDER)
        embedder: Embedder = spec.make(having=_EMBEDDER_HAS) if spec else default_embedder()
        return embedder

    def model_types(self) -> Mapping[str, ModelTypeRow]:
        """Return every model type by id, with plugins' engines in place."""
        return {**ROWS, **{name: self._plugged(name) for name in self._specs if _is_type(name)}}

    def engine(self, model_type_id: str) -> Engine | None:
        """Return what trains a model type, or None when nothing does."""
        if model_type_id not in self._engines:
            row = self.model_types().get(model_type_id)
            if row is None or not row.engine:
                return None
            target: Any = load_target(row.engine)
            self._engines[model_type_id] = (
                target if hasattr(target, "load") and not isinstance(target, type) else target()
            )
        return self._engines[model_type_id]

    def public_predictor(self, name: str, embedder: Embedder) -> Predictor | None:
        """Return what a plugin puts behind the public model `<user>/<app>/<model>`, or None."""
        spec = self._specs.get(name)
        predictor: Predictor | None = spec.make(embedder, having=("predict",)) if spec else None
        return predictor

    def _plugged(self, name: str) -> ModelTypeRow:
        spec = self._specs[name]
        row = ROWS.get(name)
        if row is not None:
            return attrs.evolve(row, engine=spec.target)
        declared: ModelTypeRow | None = getattr(spec.load(), "model_type", None)
        plain = ModelTypeRow(name, name, spec.help, ("any",), ("any",))
        return attrs.evolve(declared or plain, id=name, engine=spec.target)


def _is_type(name: str) -> bool:
    return name != EMBEDDER and "/" not in name
